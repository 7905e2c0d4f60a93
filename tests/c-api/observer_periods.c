/* SPDX-License-Identifier: Apache-2.0 */
/* Minimum and Maximum Period set by the application: for observations there are and to come, and
 * every error; the default socket options.
 */

#include <errno.h>

#include <zephyr/net/lwm2m.h>

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define MEMORY_FREE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 10)

static int32_t memory_free;

/* How many notifications have come. */
static unsigned int told;

static void set_and_told_at_once(int32_t value)
{
	CHECK_EQUAL(lwm2m_set_s32(MEMORY_FREE, value), 0);
	server_wait_exactly(SERVER_NOTIFIED, ++told);
}

/* What a period of so many seconds holds back: told when it is over, not before. */
static void set_and_told_later(int32_t value, int64_t last_told, int64_t period)
{
	CHECK_EQUAL(lwm2m_set_s32(MEMORY_FREE, value), 0);
	k_sleep(K_MSEC(500));
	server_catch_up();
	/* On a machine that stalls the period may be over by now. */
	CHECK(server_count(SERVER_NOTIFIED) == told || k_uptime_get() - last_told >= 1000 * period);
	server_wait_exactly(SERVER_NOTIFIED, ++told);
	CHECK(k_uptime_get() - last_told >= 1000 * period);
}

/* From now on nothing is told by itself. */
static void told_no_more(void)
{
	server_catch_up();
	told = server_count(SERVER_NOTIFIED);
	k_sleep(K_MSEC(1500));
	server_catch_up();
	CHECK_EQUAL(server_count(SERVER_NOTIFIED), told);
}

int main(void)
{
	static const uint16_t readable[] = {0, 1, 2, 3, 6, 7, 8, 9, 11, 13, 14, 15, 16, 17, 18, 19};
	const struct lwm2m_obj_path root = {.level = 0};
	int64_t last_told;

	CHECK_EQUAL(lwm2m_set_res_buf(MEMORY_FREE, &memory_free, sizeof(memory_free),
				      sizeof(memory_free), 0),
		    0);
	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(1, 0, 2), 0), 0);
	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(1, 0, 3), 0), 0);
	CHECK_EQUAL(lwm2m_set_default_sockopt(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_set_default_sockopt(&client), 0);
	client.use_dtls = true;
	CHECK_EQUAL(lwm2m_set_default_sockopt(&client), -EOPNOTSUPP);
	client.use_dtls = false;
	client.set_socketoptions = lwm2m_set_default_sockopt;
	client_register();

	CHECK_EQUAL(lwm2m_update_observer_min_period(NULL, MEMORY_FREE, 1), -EINVAL);
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, NULL, 1), -EINVAL);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, &root, 1), -EEXIST);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, &LWM2M_OBJ(4711), 1), -ENOENT);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, &LWM2M_OBJ(3, 9), 1), -ENOENT);
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, &LWM2M_OBJ(3, 0, 4711), 1), -ENOENT);
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, &LWM2M_OBJ(3, 0, 10, 5), 1),
		    -ENOENT);
	/* Reboot is executed, not read. */
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, &LWM2M_OBJ(3, 0, 4), 1), -EPERM);

	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, MEMORY_FREE, 10), 0);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, MEMORY_FREE, 11), -EEXIST);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, MEMORY_FREE, 10), 0);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, MEMORY_FREE, 10), 0);
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, MEMORY_FREE, 9), -EEXIST);
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, MEMORY_FREE, 0), 0);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, MEMORY_FREE, UINT32_MAX), 0);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, MEMORY_FREE, 0), 0);

	/* Without periods a change is told at once. */
	CHECK_EQUAL(server_observe(GET, "3/0/10", SENML_CBOR, NULL, 0, 0).code, CODE(2, 5));
	set_and_told_at_once(1);
	/* A period of what is above holds unless there is one of its own. */
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, &LWM2M_OBJ(3), 60), 0);
	last_told = k_uptime_get();
	set_and_told_at_once(2);
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, MEMORY_FREE, 2), 0);
	set_and_told_later(3, last_told, 2);
	/* The Maximum Period tells without a change. */
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, MEMORY_FREE, 0), 0);
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, MEMORY_FREE, 1), 0);
	server_wait(SERVER_NOTIFIED, told + 2);
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, MEMORY_FREE, 0), 0);
	told_no_more();
	/* An observation that begins later has what was set before. */
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, &LWM2M_OBJ(1, 0), 1), 0);
	CHECK_EQUAL(server_observe(GET, "1/0/1", SENML_CBOR, NULL, 0, 0).code, CODE(2, 5));
	server_wait(SERVER_NOTIFIED, told + 1);

	/* As many attributes as there is room for: two of 3/0/10, one of 3 and one of 1/0 are set. */
	for (int i = 4; i < CONFIG_LWM2M_NUM_ATTR; i++) {
		const struct lwm2m_obj_path path = LWM2M_OBJ(3, 0, readable[i - 4]);

		CHECK_EQUAL(lwm2m_update_observer_min_period(&client, &path, 7), 0);
	}
	CHECK_EQUAL(lwm2m_update_observer_min_period(&client, &LWM2M_OBJ(5), 7), -ENOMEM);
	CHECK_EQUAL(lwm2m_update_observer_max_period(&client, &LWM2M_OBJ(1, 0), 9), 0);

	client_stop();
	return CHECK_RESULT();
}
