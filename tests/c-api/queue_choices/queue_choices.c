/* SPDX-License-Identifier: Apache-2.0 */
/* Queue mode with a connection that stays open and messages that do not wait for an Update. */

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
	DEREGISTER = LWM2M_RD_CLIENT_EVENT_DEREGISTER,
	DISCONNECT = LWM2M_RD_CLIENT_EVENT_DISCONNECT,
};

static bool shows_suspension(void)
{
	return *(volatile bool *)&client.connection_suspended;
}

int main(void)
{
	int socket;

	client_account(server_start());
	CHECK_EQUAL(lwm2m_rd_client_start(&client, "queue", 0, client_event, NULL), 0);
	CLIENT_HEARS(REGISTERED);
	socket = client_socket();
	CLIENT_HEARS(RX_OFF);
	for (int i = 0; i < 1000 && !shows_suspension(); i++) {
		k_sleep(K_MSEC(10));
	}
	CHECK(shows_suspension());
	CHECK_EQUAL(client_socket(), socket);

	/* The Send goes out at once, over the same socket. */
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 0), 1, NULL), 0);
	server_wait(SERVER_SEND, 1);
	CLIENT_HEARS(RX_OFF);
	CHECK_EQUAL(server_count(SERVER_UPDATED), 0);
	CHECK_EQUAL(client_socket(), socket);

	lwm2m_rd_client_update();
	CLIENT_HEARS(UPDATE, UPDATED, RX_OFF);
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
	CLIENT_HEARS(DEREGISTER, DISCONNECT);
	server_wait(SERVER_DEREGISTERED, 1);
	CHECK_EQUAL(server_count(SERVER_REGISTERED), 1);
	return CHECK_RESULT();
}
