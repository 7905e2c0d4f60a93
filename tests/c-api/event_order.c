/* SPDX-License-Identifier: Apache-2.0 */
/* What a command tells comes before what follows from the command, however long the application takes
 * to hear it.
 */

#include <stdatomic.h>

#include <zephyr/kernel.h>
#include <zephyr/net/lwm2m.h>

#include "support/check.h"
#include "support/client.h"

enum { LONG_MS = 300 };

static atomic_bool deregister_heard;
static atomic_bool in_order;

static void slow(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	if (event == LWM2M_RD_CLIENT_EVENT_DEREGISTER) {
		k_sleep(K_MSEC(LONG_MS));
		atomic_store(&deregister_heard, true);
	} else if (event == LWM2M_RD_CLIENT_EVENT_DISCONNECT) {
		atomic_store(&in_order, atomic_load(&deregister_heard));
	}
	client_event(ctx, event);
}

int main(void)
{
	client_register();
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, slow, true), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_DISCONNECT, 1);
	CHECK(atomic_load(&in_order));
	CHECK_EQUAL(client_count(LWM2M_RD_CLIENT_EVENT_DEREGISTER), 1);
	return CHECK_RESULT();
}
