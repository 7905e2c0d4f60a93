/* SPDX-License-Identifier: Apache-2.0 */
/* Queue mode: the client sleeps, and wakes when there is something to say. What it says waits until the
 * server knows that it is awake.
 */

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_object.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

enum {
	REGISTERED = LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE,
	UPDATE = LWM2M_RD_CLIENT_EVENT_REG_UPDATE,
	UPDATED = LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE,
	RX_OFF = LWM2M_RD_CLIENT_EVENT_QUEUE_MODE_RX_OFF,
	SUSPENDED = LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED,
	DEREGISTER = LWM2M_RD_CLIENT_EVENT_DEREGISTER,
	DISCONNECT = LWM2M_RD_CLIENT_EVENT_DISCONNECT,
};

#define UTC_OFFSET &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 14)

static char utc_offset[16] = "+00:00";

/* What the modem was told: how often, and what came last. */
static atomic_uint states[LWM2M_SOCKET_STATE_NO_DATA + 1];
static atomic_int first_state = -1;

static void socket_state(int fd, enum lwm2m_socket_states state)
{
	int none = -1;

	CHECK(fd >= 0);
	(void)atomic_compare_exchange_strong(&first_state, &none, (int)state);
	atomic_fetch_add(&states[state], 1);
	/* No lock is held that another thread would wait for. */
	CHECK(lwm2m_rd_client_ctx() == &client);
}

static void wait_until_closed(void)
{
	for (int i = 0; i < 1000 && client_socket() >= 0; i++) {
		k_sleep(K_MSEC(10));
	}
	CHECK_EQUAL(client_socket(), -1);
}

int main(void)
{
	char queries[128];

	CHECK_EQUAL(lwm2m_set_res_buf(UTC_OFFSET, utc_offset, sizeof(utc_offset), 7, 0), 0);
	client_account(server_start());
	client.set_socket_state = socket_state;
	CHECK_EQUAL(lwm2m_rd_client_start(&client, "queue", 0, client_event, NULL), 0);
	CLIENT_HEARS(REGISTERED);
	server_last_queries(SERVER_REGISTERED, queries, sizeof(queries));
	CHECK(strstr(queries, "&Q&") != NULL);
	/* A Register, to which there is one answer, and then nothing. */
	CHECK_EQUAL(atomic_load(&first_state), LWM2M_SOCKET_STATE_ONE_RESPONSE);

	CLIENT_HEARS(RX_OFF);
	CHECK_EQUAL(atomic_load(&states[LWM2M_SOCKET_STATE_NO_DATA]), 1);
	wait_until_closed();
	CHECK(*(volatile bool *)&client.connection_suspended);

	/* A Send waits for the Update to be answered. */
	server_answer(SERVER_UPDATED, 0);
	CHECK_EQUAL(lwm2m_send_cb(&client, UTC_OFFSET, 1, NULL), 0);
	server_wait(SERVER_UPDATED, 1);
	CHECK_EQUAL(server_count(SERVER_SEND), 0);
	CHECK(atomic_load(&states[LWM2M_SOCKET_STATE_ONGOING]) > 0);
	server_answer(SERVER_UPDATED, CODE(2, 4));
	CLIENT_HEARS(UPDATE, UPDATED);
	server_wait(SERVER_SEND, 1);
	CLIENT_HEARS(RX_OFF);

	/* The application may ask for the Update. A server that has waited for it asks for something. */
	lwm2m_rd_client_update();
	CLIENT_HEARS(UPDATE, UPDATED);
	CHECK_EQUAL(server_observe(GET, "3/0/14", SENML_CBOR, NULL, 0, 0).code, CODE(2, 5));
	CHECK(atomic_load(&states[LWM2M_SOCKET_STATE_LAST]) > 0);
	CLIENT_HEARS(RX_OFF);
	CHECK(lwm2m_path_is_observed(UTC_OFFSET));

	/* So does a notification. */
	CHECK_EQUAL(lwm2m_set_string(UTC_OFFSET, "+02:00"), 0);
	CLIENT_HEARS(UPDATE, UPDATED);
	server_wait(SERVER_NOTIFIED, 1);
	CLIENT_HEARS(RX_OFF);
	CHECK_EQUAL(server_count(SERVER_UPDATED), 3);

	CHECK_EQUAL(lwm2m_engine_pause(), 0);
	CLIENT_HEARS(SUSPENDED);
	CHECK_EQUAL(lwm2m_set_string(UTC_OFFSET, "+03:00"), 0);
	CHECK_EQUAL(lwm2m_send_cb(&client, UTC_OFFSET, 1, NULL), -EPERM);
	CHECK_EQUAL(lwm2m_engine_resume(), 0);
	CLIENT_HEARS(UPDATE, UPDATED);
	server_wait(SERVER_NOTIFIED, 2);
	CLIENT_HEARS(RX_OFF);

	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
	CLIENT_HEARS(DEREGISTER, DISCONNECT);
	server_wait(SERVER_DEREGISTERED, 1);
	CHECK_EQUAL(server_count(SERVER_REGISTERED), 1);
	return CHECK_RESULT();
}
