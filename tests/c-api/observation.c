/* SPDX-License-Identifier: Apache-2.0 */
/* What observers are told, as an application sees it: attributes that a server writes, several
 * paths in one observation with an event for each, what lwm2m_path_is_observed() and
 * lwm2m_notify_observer() say of them, and how they end.
 */

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_observation.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define MEMORY_FREE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 10)

static int32_t memory_free = 100;
static atomic_uint added, removed, wrong;

/* Every path is told of once when it begins and once when it ends. */
static void observe_event(enum lwm2m_observe_event event, struct lwm2m_obj_path *path,
			  void *user_data)
{
	if (event == LWM2M_OBSERVE_EVENT_OBSERVER_ADDED) {
		added++;
		wrong += user_data != &client;
	} else if (event == LWM2M_OBSERVE_EVENT_OBSERVER_REMOVED) {
		removed++;
		wrong += user_data != NULL;
	}
	wrong += path == NULL || path->obj_id != LWM2M_OBJECT_DEVICE_ID;
}

static void wait_for(atomic_uint *counter, unsigned int count)
{
	for (int i = 0; i < 200 && *counter < count; i++) {
		k_sleep(K_MSEC(50));
	}
	CHECK_EQUAL(*counter, count);
}

/* How many notifications have come. */
static unsigned int notified;

/* Sets the value, which makes so many notifications. */
static void set(int32_t value, unsigned int notifications)
{
	CHECK_EQUAL(lwm2m_set_s32(MEMORY_FREE, value), 0);
	notified += notifications;
	server_wait_exactly(SERVER_NOTIFIED, notified);
}

static uint8_t attributes(const char *path)
{
	return server_request(PUT, path, NO_FORMAT, NULL).code;
}

/* gt, lt and st of the resource, as lwm2m_observation.h shows them; none of its instance. */
static void check_shown_attributes(void)
{
	struct lwm2m_attr *attr = NULL;
	unsigned int count = 0;
	double sum = 0;
	void *ref = NULL;

	lwm2m_registry_lock();
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, MEMORY_FREE, &ref), 0);
	while ((attr = lwm2m_engine_get_next_attr(ref, attr)) != NULL) {
		CHECK(attr->ref == ref);
		CHECK(lwm2m_engine_get_attr_name(attr) == lwm2m_attr_to_str(attr->type));
		sum += attr->type * attr->float_val;
		count++;
	}
	CHECK_EQUAL(count, 3);
	CHECK(sum == 2 * 1000.0 - 3 * 1000.0 + 4 * 50.0);
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(3, 0), &ref), 0);
	CHECK(lwm2m_engine_get_next_attr(ref, NULL) == NULL);
	CHECK(lwm2m_engine_get_next_attr(NULL, NULL) == NULL);
	lwm2m_registry_unlock();
}

static void check_attributes(void)
{
	CHECK_EQUAL(attributes("3/0/10?gt=1000&lt=-1000&st=50"), CODE(2, 4));
	check_shown_attributes();
	CHECK_EQUAL(attributes("3/0/10?gt=1000&x=1"), CODE(4, 0));
	CHECK_EQUAL(attributes("3/0/10?lt=1000"), CODE(4, 0));
	CHECK_EQUAL(attributes("3/0/0?gt=1"), CODE(4, 0));
	CHECK_EQUAL(attributes("3/0?gt=1"), CODE(4, 0));
	CHECK_EQUAL(attributes("3/0/4?pmin=1"), CODE(4, 5));
	CHECK_EQUAL(attributes("3/0/6/9?pmin=1"), CODE(4, 4));
	CHECK_EQUAL(attributes("4711?pmin=1"), CODE(4, 4));
	CHECK_EQUAL(attributes("0/0?pmin=1"), CODE(4, 1));

	CHECK_EQUAL(server_observe(GET, "3/0/10", SENML_CBOR, NULL, 0, 0).code, CODE(2, 5));
	wait_for(&added, 1);
	set(149, 0);
	set(150, 1);
	set(101, 0);
	CHECK_EQUAL(attributes("3/0/10?gt&lt&st"), CODE(2, 4));
	CHECK_EQUAL(server_observe(GET, "3/0/10", SENML_CBOR, NULL, 0, 0).code, CODE(2, 5));
	/* Without attributes the last value may count. */
	server_catch_up();
	notified = server_count(SERVER_NOTIFIED);
	set(102, 1);
	CHECK_EQUAL(engine_remove_observer_by_token(&client, (const uint8_t *)"nobody", 6),
		    -ENOENT);
	engine_remove_observer_by_id(LWM2M_OBJECT_DEVICE_ID, 0);
	wait_for(&removed, 1);
	CHECK_EQUAL(added, 1);
}

static void check_composite(void)
{
	/* [{0: "/3/0/10"}, {0: "/3/0/0"}, {0: "/3/0/99"}]: the last of them is not there. */
	static const char paths[] = "\x83\xa1\x00\x67/3/0/10\xa1\x00\x66/3/0/0\xa1\x00\x67/3/0/99";
	static const char security[] = "\x81\xa1\x00\x66/0/0/0";
	/* [{0: "/1/0/1", 2: 256}, {0: "/3/0/10", 2: 7}]: free memory is not written. */
	static const char refused[] = "\x82\xa2\x00\x66/1/0/1\x02\x19\x01\x00"
				      "\xa2\x00\x67/3/0/10\x02\x07";
	static const char written[] = "\x81\xa2\x00\x66/1/0/1\x02\x19\x01\x00";
	uint32_t lifetime = 0;
	struct answer answer;

	answer = server_observe(FETCH, "", SENML_CBOR, security, sizeof(security) - 1, 0);
	CHECK_EQUAL(answer.code, CODE(4, 1));
	answer = server_observe(FETCH, "", SENML_CBOR, paths, sizeof(paths) - 1, 0);
	CHECK_EQUAL(answer.code, CODE(2, 5));
	CHECK_EQUAL(answer.payload[0], 0x82);
	wait_for(&added, 4);
	CHECK(lwm2m_path_is_observed(MEMORY_FREE));
	CHECK(lwm2m_path_is_observed(&LWM2M_OBJ(3, 0, 0)));
	CHECK(!lwm2m_path_is_observed(&LWM2M_OBJ(3, 0, 1)));
	CHECK_EQUAL(lwm2m_notify_observer(3, 0, 1), 0);
	set(200, 1);
	CHECK_EQUAL(lwm2m_notify_observer(3, 0, 0), 1);
	server_wait_exactly(SERVER_NOTIFIED, ++notified);

	answer = server_observe(IPATCH, "", SENML_CBOR, refused, sizeof(refused) - 1, -1);
	CHECK_EQUAL(answer.code, CODE(4, 5));
	CHECK_EQUAL(lwm2m_get_u32(&LWM2M_OBJ(1, 0, 1), &lifetime), 0);
	CHECK(lifetime != 256);
	answer = server_observe(IPATCH, "", SENML_CBOR, written, sizeof(written) - 1, -1);
	CHECK_EQUAL(answer.code, CODE(2, 4));
	CHECK_EQUAL(lwm2m_get_u32(&LWM2M_OBJ(1, 0, 1), &lifetime), 0);
	CHECK_EQUAL(lifetime, 256);
}

int main(void)
{
	CHECK_EQUAL(lwm2m_set_res_buf(MEMORY_FREE, &memory_free, sizeof(memory_free),
				      sizeof(memory_free), 0),
		    0);
	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(1, 0, 2), 0), 0);
	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(1, 0, 3), 0), 0);
	client_observe_events(observe_event);
	client_register();
	check_attributes();
	check_composite();
	client_stop();
	/* What was still observed ends with the connection. */
	wait_for(&removed, 4);
	CHECK_EQUAL(wrong, 0);
	return CHECK_RESULT();
}
