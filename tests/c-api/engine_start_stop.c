/* SPDX-License-Identifier: Apache-2.0 */
/* Closing the client's connection and opening it again. */

#include <errno.h>

#include <zephyr/net/lwm2m.h>

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

static struct lwm2m_ctx other;

static void wait_for_socket(bool open)
{
	for (int i = 0; i < 200 && (client_socket() >= 0) != open; i++) {
		k_sleep(K_MSEC(50));
	}
	CHECK_EQUAL(client_socket() >= 0, open);
}

int main(void)
{
	CHECK_EQUAL(lwm2m_engine_start(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_engine_stop(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_engine_start(&client), -EPERM);
	CHECK_EQUAL(lwm2m_engine_stop(&client), -EPERM);
	client_register();
	CHECK_EQUAL(lwm2m_engine_start(&other), -EPERM);
	CHECK_EQUAL(lwm2m_engine_stop(&other), -EPERM);

	/* What is open stays so. */
	CHECK_EQUAL(lwm2m_engine_start(&client), 0);
	k_sleep(K_MSEC(200));
	server_catch_up();
	CHECK_EQUAL(server_count(SERVER_REGISTERED), 1);

	CHECK_EQUAL(server_observe(GET, "3/0/0", SENML_CBOR, NULL, 0, 0).code, CODE(2, 5));
	CHECK_EQUAL(lwm2m_engine_stop(&client), 0);
	CHECK_EQUAL(lwm2m_engine_stop(&client), 0);
	wait_for_socket(false);
	CHECK(!lwm2m_path_is_observed(&LWM2M_OBJ(3, 0, 0)));
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 0), 1, NULL), -EPERM);
	CHECK_EQUAL(server_count(SERVER_DEREGISTERED), 0);
	CHECK_EQUAL(client_count(LWM2M_RD_CLIENT_EVENT_DISCONNECT), 0);

	CHECK_EQUAL(lwm2m_engine_start(&client), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 2);
	CHECK(client_socket() >= 0);
	CHECK_EQUAL(server_request(GET, "3/0/0", TEXT_PLAIN, NULL).code, CODE(2, 5));

	/* Without a pause between the two. */
	CHECK_EQUAL(lwm2m_engine_stop(&client), 0);
	CHECK_EQUAL(lwm2m_engine_start(&client), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 3);
	CHECK_EQUAL(server_request(GET, "3/0/0", TEXT_PLAIN, NULL).code, CODE(2, 5));
	client_stop();
	return CHECK_RESULT();
}
