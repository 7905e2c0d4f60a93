/* SPDX-License-Identifier: Apache-2.0 */
/* Send from an application thread, with the values of the moment, and from a read callback;
 * acknowledging inside a write callback.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_object.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define MEMORY_FREE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 10)
#define TIMEZONE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 15)
#define UTC_OFFSET &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 14)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static unsigned int statuses[LWM2M_SEND_STATUS_TIMEOUT + 1];

static char zone[16] = "UTC";
static char utc_offset[16] = "+00:00";
static int32_t memory_free;
static atomic_bool send_when_read;

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

/* Whether the last Send contained the text. */
static bool sent(const char *text)
{
	uint8_t payload[SERVER_MAX_PAYLOAD];
	size_t length = server_last_payload(SERVER_SEND, payload, sizeof(payload));

	for (size_t at = 0; at + strlen(text) <= length; at++) {
		if (memcmp(&payload[at], text, strlen(text)) == 0) {
			return true;
		}
	}
	return false;
}

static void *application(void *unused)
{
	ARG_UNUSED(unused);
	/* What is sent is A, whatever comes after. */
	CHECK_EQUAL(lwm2m_set_string(UTC_OFFSET, "A-value"), 0);
	CHECK_EQUAL(lwm2m_send_cb(&client, UTC_OFFSET, 1, send_ended), 0);
	CHECK_EQUAL(lwm2m_set_string(UTC_OFFSET, "B-value"), 0);
	return NULL;
}

static void *read_memory(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			 size_t *data_len)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	if (send_when_read) {
		send_when_read = false;
		CHECK_EQUAL(lwm2m_send_cb(&client, UTC_OFFSET, 1, send_ended), 0);
	}
	*data_len = sizeof(memory_free);
	return &memory_free;
}

static atomic_bool acknowledge_when_written;

static int zone_written(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, uint8_t *data,
			uint16_t data_len, bool last_block, size_t total_size, size_t offset)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	ARG_UNUSED(data);
	ARG_UNUSED(data_len);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	ARG_UNUSED(offset);
	if (acknowledge_when_written) {
		const struct lwm2m_message *request = client.processed_req;

		CHECK(!request->acknowledged);
		lwm2m_acknowledge(&client);
		CHECK(request->acknowledged);
		lwm2m_acknowledge(&client);
		/* The server has the acknowledgement and no answer. */
		k_sleep(K_MSEC(200));
	}
	return 0;
}

int main(void)
{
	struct lwm2m_obj_path both[] = {LWM2M_OBJ(3, 0, 14), LWM2M_OBJ(3, 0, 15)};
	struct answer answer;
	pthread_t thread;

	CHECK_EQUAL(lwm2m_set_res_buf(TIMEZONE, zone, sizeof(zone), sizeof("UTC"), 0), 0);
	CHECK_EQUAL(lwm2m_set_res_buf(UTC_OFFSET, utc_offset, sizeof(utc_offset),
				      sizeof("+00:00"), 0),
		    0);
	CHECK_EQUAL(lwm2m_register_read_callback(MEMORY_FREE, read_memory), 0);
	CHECK_EQUAL(lwm2m_register_post_write_callback(TIMEZONE, zone_written), 0);
	client_register();

	CHECK_EQUAL(pthread_create(&thread, NULL, application, NULL), 0);
	CHECK_EQUAL(pthread_join(thread, NULL), 0);
	wait_for(LWM2M_SEND_STATUS_SUCCESS, 1);
	CHECK(sent("A-value"));
	CHECK(!sent("B-value"));

	send_when_read = true;
	answer = server_request(GET, "3/0/10", TEXT_PLAIN, NULL);
	CHECK_EQUAL(answer.code, CODE(2, 5));
	wait_for(LWM2M_SEND_STATUS_SUCCESS, 2);
	CHECK(sent("B-value"));

	/* Several paths; nobody listens; a server that refuses. */
	CHECK_EQUAL(lwm2m_send_cb(&client, both, 2, NULL), 0);
	server_wait(SERVER_SEND, 3);
	CHECK(sent("UTC"));
	server_answer(SERVER_SEND, CODE(4, 4));
	CHECK_EQUAL(lwm2m_send_cb(&client, both, 2, send_ended), 0);
	wait_for(LWM2M_SEND_STATUS_FAILURE, 1);
	server_answer(SERVER_SEND, CODE(2, 4));

	/* What cannot be sent. */
	CHECK_EQUAL(lwm2m_send_cb(&client, both, 0, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 4711), 1, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(4711), 1, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(0, 0), 1, NULL), -EPERM);

	/* The server has muted Send. */
	CHECK_EQUAL(lwm2m_set_bool(&LWM2M_OBJ(1, 0, 23), true), 0);
	CHECK_EQUAL(lwm2m_send_cb(&client, both, 2, NULL), -EPERM);
	CHECK_EQUAL(lwm2m_set_bool(&LWM2M_OBJ(1, 0, 23), false), 0);

	/* With the registry locked nothing is sent, and afterwards it is. */
	lwm2m_registry_lock();
	CHECK_EQUAL(lwm2m_send_cb(&client, both, 2, send_ended), 0);
	k_sleep(K_MSEC(100));
	CHECK_EQUAL(server_count(SERVER_SEND), 4);
	lwm2m_registry_unlock();
	wait_for(LWM2M_SEND_STATUS_SUCCESS, 3);

	/* More than there is room for at once: an error, then room again. */
	lwm2m_registry_lock();
	for (int i = 0; i <= CONFIG_LWM2M_ENGINE_MAX_PENDING; i++) {
		int result = lwm2m_send_cb(&client, UTC_OFFSET, 1, send_ended);

		CHECK_EQUAL(result, i < CONFIG_LWM2M_ENGINE_MAX_PENDING ? 0 : -ENOMEM);
	}
	lwm2m_registry_unlock();
	wait_for(LWM2M_SEND_STATUS_SUCCESS, 3 + CONFIG_LWM2M_ENGINE_MAX_PENDING);
	CHECK_EQUAL(lwm2m_send_cb(&client, UTC_OFFSET, 1, send_ended), 0);
	wait_for(LWM2M_SEND_STATUS_SUCCESS, 4 + CONFIG_LWM2M_ENGINE_MAX_PENDING);

	answer = server_request(PUT, "3/0/15", TEXT_PLAIN, "EET");
	CHECK_EQUAL(answer.code, CODE(2, 4));
	CHECK(!answer.separate);
	acknowledge_when_written = true;
	answer = server_request(PUT, "3/0/15", TEXT_PLAIN, "CET");
	CHECK_EQUAL(answer.code, CODE(2, 4));
	CHECK(answer.separate);
	CHECK(client_has_text(TIMEZONE, "CET"));

	/* One that is under way when the client stops fails. */
	server_answer(SERVER_SEND, 0);
	CHECK_EQUAL(lwm2m_send_cb(&client, UTC_OFFSET, 1, send_ended), 0);
	client_stop();
	wait_for(LWM2M_SEND_STATUS_FAILURE, 2);
	CHECK_EQUAL(lwm2m_send_cb(&client, UTC_OFFSET, 1, send_ended), -EPERM);
	return CHECK_RESULT();
}
