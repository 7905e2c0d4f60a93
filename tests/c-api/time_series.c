/* SPDX-License-Identifier: Apache-2.0 */
/* Cached samples on their way to a server: they go out as a series and leave when it has them. */

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_registry.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define SENSOR &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0)
#define VALUE LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0, 5700)

enum { ROOM = 8 };

static struct lwm2m_time_series_elem samples[ROOM];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static unsigned int statuses[LWM2M_SEND_STATUS_TIMEOUT + 1];

static void send_ended(enum lwm2m_send_status status)
{
	pthread_mutex_lock(&mutex);
	statuses[status]++;
	pthread_cond_broadcast(&ended);
	pthread_mutex_unlock(&mutex);
}

static void wait_for(enum lwm2m_send_status status, unsigned int count)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 10;
	pthread_mutex_lock(&mutex);
	while (statuses[status] < count && pthread_cond_timedwait(&ended, &mutex, &end) == 0) {
	}
	CHECK_EQUAL(statuses[status], count);
	pthread_mutex_unlock(&mutex);
}

static size_t left(void)
{
	return lwm2m_cache_size(lwm2m_cache_entry_get_by_object(&VALUE));
}

/* How many records the payload of the last Send or Notification has. */
static unsigned int records(enum server_event event)
{
	uint8_t payload[SERVER_MAX_PAYLOAD];
	const size_t length = server_last_payload(event, payload, sizeof(payload));

	CHECK(length > 0);
	return payload[0] & 0x1f;
}

static void sends(void)
{
	const struct lwm2m_obj_path path = VALUE;

	CHECK_EQUAL(lwm2m_set_f64(&VALUE, 20), 0);
	CHECK_EQUAL(lwm2m_set_f64(&VALUE, 21), 0);
	CHECK_EQUAL(left(), 2);
	server_answer(SERVER_SEND, CODE(4, 00));
	CHECK_EQUAL(lwm2m_send_cb(&client, &path, 1, send_ended), 0);
	wait_for(LWM2M_SEND_STATUS_FAILURE, 1);
	CHECK_EQUAL(records(SERVER_SEND), 2);
	CHECK_EQUAL(left(), 2);

	server_answer(SERVER_SEND, CODE(2, 04));
	CHECK_EQUAL(lwm2m_set_f64(&VALUE, 22), 0);
	CHECK_EQUAL(lwm2m_send_cb(&client, &path, 1, send_ended), 0);
	wait_for(LWM2M_SEND_STATUS_SUCCESS, 1);
	CHECK_EQUAL(records(SERVER_SEND), 3);
	CHECK_EQUAL(left(), 0);

	/* Without samples the present value goes. */
	CHECK_EQUAL(lwm2m_send_cb(&client, &path, 1, send_ended), 0);
	wait_for(LWM2M_SEND_STATUS_SUCCESS, 2);
	CHECK_EQUAL(records(SERVER_SEND), 1);
}

static void reads_and_notifications(void)
{
	struct answer reply;
	int tries;

	CHECK_EQUAL(lwm2m_set_f64(&VALUE, 23), 0);
	CHECK_EQUAL(lwm2m_set_f64(&VALUE, 24), 0);
	reply = server_request(GET, "3303/0/5700", SENML_CBOR, NULL);
	CHECK_EQUAL(reply.code, CODE(2, 05));
	CHECK_EQUAL(reply.payload[0], 0x82);
	reply = server_request(GET, "3303/0/5700", TEXT_PLAIN, NULL);
	CHECK(strcmp((const char *)reply.payload, "24") == 0);
	CHECK_EQUAL(left(), 2);

	reply = server_observe(GET, "3303/0/5700", SENML_CBOR, NULL, 0, 0);
	CHECK_EQUAL(reply.code, CODE(2, 05));
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, &VALUE, 0), 0);
	CHECK_EQUAL(lwm2m_set_f64(&VALUE, 25), 0);
	server_wait(SERVER_NOTIFIED, 1);
	CHECK_EQUAL(records(SERVER_NOTIFIED), 3);
	/* The acknowledgement is on its way. */
	for (tries = 0; left() > 0 && tries < 200; tries++) {
		(void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	}
	CHECK_EQUAL(left(), 0);
}

int main(void)
{
	const uint16_t port = server_start();

	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR), 0);
	CHECK_EQUAL(lwm2m_enable_cache(&VALUE, samples, ROOM), 0);
	client_account(port);
	CHECK_EQUAL(lwm2m_rd_client_start(&client, "series", 0, client_event, NULL), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 1);
	sends();
	reads_and_notifications();
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_DISCONNECT, 1);
	return CHECK_RESULT();
}
