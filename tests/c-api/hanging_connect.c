/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that is not made before the test says so: meanwhile every function returns. The
 * application's socket-option callback, which runs in the middle of it, is what takes so long. One that
 * waited for it would see it give up.
 */

#include <errno.h>
#include <stdatomic.h>

#include <zephyr/net/lwm2m.h>

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

enum { GIVE_UP_MS = 10000 };

static atomic_bool hanging;
static atomic_bool released;
static atomic_int calls;

static int hang(struct lwm2m_ctx *ctx)
{
	CHECK(ctx == &client);
	CHECK(ctx->sock_fd >= 0);
	calls++;
	atomic_store(&hanging, true);
	for (int i = 0; i < GIVE_UP_MS / 5 && !atomic_load(&released); i++) {
		k_sleep(K_MSEC(5));
	}
	atomic_store(&hanging, false);
	return 0;
}

static int refuse(struct lwm2m_ctx *ctx)
{
	ARG_UNUSED(ctx);
	calls++;
	return -EPERM;
}

static void wait_until_hanging(void)
{
	for (int i = 0; i < 2000 && !atomic_load(&hanging); i++) {
		k_sleep(K_MSEC(5));
	}
	CHECK(atomic_load(&hanging));
}

int main(void)
{
	uint16_t port = server_start();
	uint32_t lifetime = 0;

	client_account(port);
	client.set_socketoptions = hang;
	CHECK_EQUAL(lwm2m_rd_client_start(&client, "hanging", 0, client_event, NULL), 0);
	wait_until_hanging();

	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 1), 120), 0);
	CHECK_EQUAL(lwm2m_get_u32(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 1), &lifetime), 0);
	CHECK_EQUAL(lifetime, 120);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0)), 0);
	lwm2m_registry_lock();
	lwm2m_registry_unlock();
	lwm2m_rd_client_update();
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3), 1, NULL), -EPERM);
	CHECK_EQUAL(lwm2m_engine_pause(), 0);
	CHECK_EQUAL(lwm2m_engine_resume(), 0);
	CHECK(atomic_load(&hanging));

	atomic_store(&released, true);
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 1);
	CHECK_EQUAL(calls, 1);
	client_stop();

	/* Stopped in the middle of it, and the client does not register afterwards. */
	atomic_store(&released, false);
	while (lwm2m_rd_client_start(&client, "hanging", 0, client_event, NULL) == -EINPROGRESS) {
		k_sleep(K_MSEC(10));
	}
	wait_until_hanging();
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
	CHECK(atomic_load(&hanging));
	atomic_store(&released, true);
	client_wait(LWM2M_RD_CLIENT_EVENT_DISCONNECT, 2);
	while (atomic_load(&hanging)) {
		k_sleep(K_MSEC(10));
	}
	k_sleep(K_MSEC(300));
	CHECK_EQUAL(server_count(SERVER_REGISTERED), 1);
	CHECK_EQUAL(calls, 2);

	/* Socket options that cannot be set: there is no connection. */
	client.set_socketoptions = refuse;
	while (lwm2m_rd_client_start(&client, "hanging", 0, client_event, NULL) == -EINPROGRESS) {
		k_sleep(K_MSEC(10));
	}
	for (int i = 0; i < 2000 && calls < 3; i++) {
		k_sleep(K_MSEC(5));
	}
	k_sleep(K_MSEC(200));
	CHECK_EQUAL(server_count(SERVER_REGISTERED), 1);
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, NULL, false), 0);
	return CHECK_RESULT();
}
