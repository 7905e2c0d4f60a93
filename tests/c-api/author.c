/* SPDX-License-Identifier: Apache-2.0 */
/* What authors of objects call besides the registry: each function with good, boundary and NULL
 * arguments. Every header of the author tier is included here, in alphabetical order, so that none
 * depends on another that it does not include itself.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "buf_util.h"
#include "ipso_filling_sensor.h"
#include "lwm2m_engine.h"
#include "lwm2m_message_handling.h"
#include "lwm2m_obj_access_control.h"
#include "lwm2m_obj_binaryappdata.h"
#include "lwm2m_obj_event_log.h"
#include "lwm2m_obj_gateway.h"
#include "lwm2m_obj_server.h"
#include "lwm2m_object.h"
#include "lwm2m_observation.h"
#include "lwm2m_pull_context.h"
#include "lwm2m_rd_client.h"
#include "lwm2m_registry.h"
#include "lwm2m_resource_ids.h"
#include "lwm2m_util.h"
#include "ucifi_battery.h"
#include "ucifi_lpwan.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

static bool float_is(double actual, double expected)
{
	return memcmp(&actual, &expected, sizeof(actual)) == 0;
}

static void numbers(void)
{
	uint8_t bytes[8];
	double value = -21.5;
	double back = 0;
	char text[32];
	uint16_t digits = 9;

	CHECK_EQUAL(lwm2m_float_to_b32(&value, bytes, 4), 0);
	CHECK(memcmp(bytes, "\xc1\xac\x00\x00", 4) == 0);
	CHECK_EQUAL(lwm2m_b32_to_float(bytes, 4, &back), 0);
	CHECK(float_is(back, value));
	CHECK_EQUAL(lwm2m_float_to_b64(&value, bytes, 8), 0);
	CHECK(memcmp(bytes, "\xc0\x35\x80\x00\x00\x00\x00\x00", 8) == 0);
	back = 0;
	CHECK_EQUAL(lwm2m_b64_to_float(bytes, 8, &back), 0);
	CHECK(float_is(back, value));
	CHECK_EQUAL(lwm2m_float_to_b32(&value, bytes, 8), -EINVAL);
	CHECK_EQUAL(lwm2m_float_to_b64(&value, bytes, 4), -EINVAL);
	CHECK_EQUAL(lwm2m_b32_to_float(bytes, 3, &back), -EINVAL);
	CHECK_EQUAL(lwm2m_b64_to_float(bytes, 7, &back), -EINVAL);
	CHECK_EQUAL(lwm2m_float_to_b32(NULL, bytes, 4), -EINVAL);
	CHECK_EQUAL(lwm2m_float_to_b32(&value, NULL, 4), -EINVAL);
	CHECK_EQUAL(lwm2m_float_to_b64(NULL, bytes, 8), -EINVAL);
	CHECK_EQUAL(lwm2m_b32_to_float(NULL, 4, &back), -EINVAL);
	CHECK_EQUAL(lwm2m_b64_to_float(bytes, 8, NULL), -EINVAL);

	CHECK_EQUAL(lwm2m_ftoa(&value, text, sizeof(text), 4), strlen("-21.5"));
	CHECK(strcmp(text, "-21.5") == 0);
	CHECK_EQUAL(lwm2m_ftoa(&value, text, 4, 4), strlen("-21.5"));
	CHECK(strcmp(text, "-21") == 0);
	CHECK_EQUAL(lwm2m_ftoa(&value, NULL, 0, 4), strlen("-21.5"));
	CHECK_EQUAL(lwm2m_ftoa(NULL, text, sizeof(text), 4), -EINVAL);
	CHECK_EQUAL(lwm2m_ftoa(&value, NULL, 1, 4), -EINVAL);
	CHECK_EQUAL(lwm2m_atof("-21.5", &back), 0);
	CHECK(float_is(back, value));
	CHECK_EQUAL(lwm2m_atof("warm", &back), -EINVAL);
	CHECK_EQUAL(lwm2m_atof(NULL, &back), -EINVAL);
	CHECK_EQUAL(lwm2m_atof("1", NULL), -EINVAL);

	CHECK_EQUAL(lwm2m_atou16((const uint8_t *)"3303/0", 6, &digits), 3303);
	CHECK_EQUAL(digits, 4);
	CHECK_EQUAL(lwm2m_atou16((const uint8_t *)"3303", 2, &digits), 33);
	CHECK_EQUAL(lwm2m_atou16((const uint8_t *)"65537", 5, NULL), 1);
	CHECK_EQUAL(lwm2m_atou16(NULL, 5, &digits), 0);
	CHECK_EQUAL(digits, 0);

	CHECK(strcmp(sprint_token((const uint8_t *)"\x00\x9f\xa0", 3), "009fa0") == 0);
	CHECK(strcmp(sprint_token((const uint8_t *)"\x01", 0), "[no-token]") == 0);
	CHECK(strcmp(sprint_token(NULL, 8), "[no-token]") == 0);
}

static void paths(void)
{
	struct lwm2m_obj_path path;

	CHECK_EQUAL(lwm2m_string_to_path("3303/1/5700", &path, '/'), 0);
	CHECK(lwm2m_obj_path_equal(&path, &LWM2M_OBJ(3303, 1, 5700)));
	CHECK(!lwm2m_obj_path_equal(&path, &LWM2M_OBJ(3303, 1)));
	CHECK(!lwm2m_obj_path_equal(&path, &LWM2M_OBJ(3303, 1, 5701)));
	CHECK(!lwm2m_obj_path_equal(&path, NULL));
	CHECK(!lwm2m_obj_path_equal(NULL, NULL));
	/* What lies beyond the level does not count. */
	path.res_inst_id = 7;
	CHECK(lwm2m_obj_path_equal(&path, &LWM2M_OBJ(3303, 1, 5700)));
	CHECK_EQUAL(lwm2m_string_to_path("1/2/3/4/5", &path, '/'), -EINVAL);
	CHECK_EQUAL(lwm2m_string_to_path(NULL, &path, '/'), -EINVAL);
	CHECK_EQUAL(lwm2m_string_to_path("3", NULL, '/'), -EINVAL);
}

static size_t length(sys_slist_t *list)
{
	sys_snode_t *node;
	size_t count = 0;

	SYS_SLIST_FOR_EACH_NODE(list, node) {
		count++;
	}
	return count;
}

static void path_lists(void)
{
	struct lwm2m_obj_path_list nodes[5];
	sys_slist_t list;
	sys_slist_t unused;
	struct lwm2m_obj_path_list *entry;
	const struct lwm2m_obj_path sorted[] = {
		LWM2M_OBJ(3),
		LWM2M_OBJ(3, 0, 1),
		LWM2M_OBJ(3303, 0),
		LWM2M_OBJ(3303, 0, 5700, 1),
		LWM2M_OBJ(3303, 1),
	};
	const struct lwm2m_obj_path root = {.level = LWM2M_PATH_LEVEL_NONE};
	size_t index = 0;

	lwm2m_engine_path_list_init(&list, &unused, nodes, ARRAY_SIZE(nodes));
	CHECK_EQUAL(length(&list), 0);
	CHECK_EQUAL(length(&unused), 5);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &sorted[3]), 0);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &sorted[0]), 0);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &sorted[4]), 0);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &sorted[2]), 0);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &sorted[2]), 0);
	CHECK_EQUAL(length(&list), 4);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &sorted[1]), 0);
	SYS_SLIST_FOR_EACH_CONTAINER(&list, entry, node) {
		CHECK(lwm2m_obj_path_equal(&entry->path, &sorted[index]));
		index++;
	}
	CHECK_EQUAL(index, 5);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &LWM2M_OBJ(5)), -1);
	lwm2m_engine_clear_duplicate_path(&list, &unused);
	CHECK_EQUAL(length(&list), 3);
	CHECK_EQUAL(length(&unused), 2);
	/* The tail is right: what comes last is appended there. */
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &LWM2M_OBJ(9999)), 0);
	CHECK_EQUAL(length(&list), 4);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &root), 0);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &sorted[0]), 0);
	CHECK_EQUAL(length(&list), 1);
	CHECK_EQUAL(length(&unused), 4);

	lwm2m_engine_path_list_init(NULL, &unused, nodes, 5);
	lwm2m_engine_path_list_init(&list, NULL, nodes, 5);
	lwm2m_engine_path_list_init(&list, &unused, NULL, 5);
	CHECK_EQUAL(length(&unused), 0);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, &sorted[0]), -1);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(NULL, &unused, &sorted[0]), -EINVAL);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, NULL, &sorted[0]), -EINVAL);
	CHECK_EQUAL(lwm2m_engine_add_path_to_list(&list, &unused, NULL), -EINVAL);
	lwm2m_engine_clear_duplicate_path(NULL, &unused);
	lwm2m_engine_clear_duplicate_path(&list, NULL);
}

static void references(void)
{
	const struct lwm2m_obj_path root = {.level = LWM2M_PATH_LEVEL_NONE};
	void *ref = NULL;

	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(3), &ref), 0);
	CHECK(ref == get_engine_obj(3));
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(get_engine_obj(3), &LWM2M_OBJ(3, 0), &ref), 0);
	CHECK(ref == get_engine_obj_inst(3, 0));
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(3, 0, 1), &ref), 0);
	CHECK(ref == lwm2m_engine_get_res(&LWM2M_OBJ(3, 0, 1)));
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(3, 0, 1, 0), &ref), 0);
	CHECK(ref == lwm2m_engine_get_res_inst(&LWM2M_OBJ(3, 0, 1, 0)));
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(4711), &ref), -ENOENT);
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(3, 9), &ref), -ENOENT);
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(3, 0, 4711), &ref), -ENOENT);
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(3, 0, 1, 9), &ref), -ENOENT);
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(get_engine_obj(3), &root, &ref), -EEXIST);
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, NULL, &ref), -EINVAL);
	CHECK_EQUAL(lwm2m_get_path_reference_ptr(NULL, &LWM2M_OBJ(3), NULL), -EINVAL);
	CHECK(strcmp(lwm2m_attr_to_str(LWM2M_ATTR_PMIN), "pmin") == 0);
	CHECK(strcmp(lwm2m_attr_to_str(LWM2M_ATTR_STEP), "st") == 0);
	CHECK(lwm2m_attr_to_str(NR_LWM2M_ATTR) == NULL);
}

static void security_and_server(void)
{
	char text[3] = "??";
	uint16_t instance = 99;

	CHECK_EQUAL(lwm2m_security_inst_id_to_index(0), 0);
	CHECK_EQUAL(lwm2m_security_inst_id_to_index(7), -ENOENT);
	CHECK_EQUAL(lwm2m_security_index_to_inst_id(0), 0);
	CHECK_EQUAL(lwm2m_security_index_to_inst_id(-1), -EINVAL);
	CHECK_EQUAL(lwm2m_security_index_to_inst_id(CONFIG_LWM2M_SECURITY_INSTANCE_COUNT),
		    -EINVAL);
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(0, 0, 10), 101), 0);
	CHECK_EQUAL(lwm2m_security_short_id_to_inst(101), 0);
	CHECK_EQUAL(lwm2m_security_short_id_to_inst(102), -ENOENT);

	CHECK_EQUAL(lwm2m_server_get_pmin(0), CONFIG_LWM2M_SERVER_DEFAULT_PMIN);
	CHECK_EQUAL(lwm2m_server_get_pmax(9), CONFIG_LWM2M_SERVER_DEFAULT_PMAX);
	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(1, 0, SERVER_DEFAULT_MIN_PERIOD_ID), 5), 0);
	CHECK_EQUAL(lwm2m_server_get_pmin(0), 5);
	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(1, 0, SERVER_DEFAULT_MIN_PERIOD_ID), 0), 0);
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(1, 0, SERVER_SHORT_SERVER_ID), 101), 0);
	CHECK_EQUAL(lwm2m_server_get_ssid(0), 101);
	CHECK_EQUAL(lwm2m_server_get_ssid(9), -ENOENT);
	CHECK_EQUAL(lwm2m_server_short_id_to_inst(101), 0);
	CHECK_EQUAL(lwm2m_server_short_id_to_inst(102), -ENOENT);
	CHECK_EQUAL(lwm2m_server_get_prio(9), UINT8_MAX);
	CHECK(!lwm2m_server_get_mute_send(0));

	CHECK(lwm2m_server_is_enabled(0));
	CHECK(!lwm2m_server_is_enabled(9));
	CHECK(lwm2m_server_select(&instance));
	CHECK_EQUAL(instance, 0);
	CHECK(lwm2m_server_select(NULL));
	CHECK_EQUAL(lwm2m_server_disable(0, K_FOREVER), 0);
	CHECK(!lwm2m_server_is_enabled(0));
	CHECK(!sys_timepoint_expired(lwm2m_server_get_disabled_time(0)));
	CHECK_EQUAL(lwm2m_server_get_disabled_time(0).tick, UINT64_MAX);
	instance = 99;
	CHECK(!lwm2m_server_select(&instance));
	CHECK_EQUAL(instance, 99);
	CHECK_EQUAL(lwm2m_server_disable(0, K_SECONDS(60)), 0);
	CHECK(!lwm2m_server_is_enabled(0));
	CHECK(lwm2m_server_get_disabled_time(0).tick <= sys_timepoint_calc(K_SECONDS(60)).tick);
	CHECK(lwm2m_server_get_disabled_time(0).tick > sys_timepoint_calc(K_SECONDS(50)).tick);
	CHECK_EQUAL(lwm2m_server_disable(0, K_NO_WAIT), 0);
	CHECK(lwm2m_server_is_enabled(0));
	CHECK(sys_timepoint_expired(lwm2m_server_get_disabled_time(0)));
	CHECK_EQUAL(lwm2m_server_disable(0, K_MSEC(20)), 0);
	k_sleep(K_MSEC(50));
	CHECK(lwm2m_server_is_enabled(0));
	CHECK_EQUAL(lwm2m_server_disable(0, K_FOREVER), 0);
	lwm2m_server_reset_timestamps();
	CHECK(lwm2m_server_is_enabled(0));
	CHECK_EQUAL(lwm2m_server_disable(9, K_FOREVER), -ENOENT);
	CHECK_EQUAL(lwm2m_server_get_disabled_time(9).tick, UINT64_MAX);

	lwm2m_engine_get_binding(text);
	CHECK(strcmp(text, "U") == 0);
	lwm2m_engine_get_queue_mode(text);
	CHECK(strcmp(text, "") == 0);
	lwm2m_engine_get_binding(NULL);
	lwm2m_engine_get_queue_mode(NULL);
}

static void firmware(void)
{
	uint8_t value = 99;

	CHECK_EQUAL(lwm2m_firmware_get_update_state(), STATE_IDLE);
	lwm2m_firmware_set_update_state(STATE_DOWNLOADING);
	CHECK_EQUAL(lwm2m_firmware_get_update_state_inst(0), STATE_DOWNLOADING);
	lwm2m_firmware_set_update_state_inst(0, 77);
	CHECK_EQUAL(lwm2m_get_u8(&LWM2M_OBJ(5, 0, 3), &value), 0);
	CHECK_EQUAL(value, STATE_DOWNLOADING);
	lwm2m_firmware_set_update_result_inst(0, RESULT_NO_STORAGE);
	CHECK_EQUAL(lwm2m_firmware_get_update_state(), STATE_IDLE);
	CHECK_EQUAL(lwm2m_firmware_get_update_result(), RESULT_NO_STORAGE);
	lwm2m_firmware_set_update_result(77);
	CHECK_EQUAL(lwm2m_firmware_get_update_result_inst(0), RESULT_NO_STORAGE);
	lwm2m_firmware_set_update_result(RESULT_DEFAULT);
	CHECK_EQUAL(lwm2m_firmware_get_update_result(), RESULT_DEFAULT);
	lwm2m_firmware_set_update_state_inst(9, STATE_IDLE);
	CHECK_EQUAL(lwm2m_firmware_get_update_state_inst(9), 0);
	CHECK_EQUAL(lwm2m_firmware_get_update_result_inst(9), 0);
}

static atomic_uint often;
static atomic_uint once;

static void wait_for(atomic_uint *counter, unsigned int count)
{
	for (int i = 0; i < 1000 && *counter < count; i++) {
		k_sleep(K_MSEC(10));
	}
	CHECK(*counter >= count);
}

static void often_service(struct k_work *work)
{
	CHECK(work == NULL);
	often++;
}

static void once_service(struct k_work *work)
{
	CHECK(work == NULL);
	once++;
	/* May be asked for again from inside. */
	if (once == 1) {
		CHECK_EQUAL(lwm2m_engine_call_at(once_service, k_uptime_get() + 20), 0);
	}
}

#define FILLER(n)                                                                                  \
	static void filler##n(struct k_work *work)                                                 \
	{                                                                                          \
		ARG_UNUSED(work);                                                                  \
		often += n;                                                                        \
	}
FILLER(100)
FILLER(101)
FILLER(102)
FILLER(103)
FILLER(104)
FILLER(105)
FILLER(106)
FILLER(107)
FILLER(108)
FILLER(109)
FILLER(110)

static void services(void)
{
	static const k_work_handler_t fillers[] = {filler100, filler101, filler102, filler103,
						   filler104, filler105, filler106, filler107,
						   filler108, filler109};
	unsigned int seen;

	CHECK_EQUAL(lwm2m_engine_add_service(NULL, 10), -EINVAL);
	CHECK_EQUAL(lwm2m_engine_call_now(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_engine_call_at(NULL, 0), -EINVAL);
	CHECK_EQUAL(lwm2m_engine_update_service_period(NULL, 10), -ENOENT);
	CHECK_EQUAL(lwm2m_engine_update_service_period(often_service, 10), -ENOENT);

	CHECK_EQUAL(lwm2m_engine_add_service(often_service, 10), 0);
	CHECK_EQUAL(lwm2m_engine_call_now(once_service), 0);
	wait_for(&often, 3);
	wait_for(&once, 2);
	CHECK_EQUAL(once, 2);
	CHECK_EQUAL(lwm2m_engine_update_service_period(often_service, 0), 1);
	/* One that was running is over when another has run. */
	CHECK_EQUAL(lwm2m_engine_call_now(once_service), 0);
	wait_for(&once, 3);
	seen = often;
	k_sleep(K_MSEC(100));
	CHECK_EQUAL(often, seen);
	CHECK_EQUAL(lwm2m_engine_update_service_period(often_service, 0), -ENOENT);

	/* As many as there can be, and no more. */
	for (size_t i = 0; i < ARRAY_SIZE(fillers); i++) {
		CHECK_EQUAL(lwm2m_engine_add_service(fillers[i], 3600000), 0);
	}
	CHECK_EQUAL(lwm2m_engine_add_service(filler110, 3600000), -ENOMEM);
	CHECK_EQUAL(lwm2m_engine_add_service(fillers[0], 7200000), 0);
	CHECK_EQUAL(lwm2m_engine_update_service_period(fillers[0], 3600000), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fillers); i++) {
		CHECK_EQUAL(lwm2m_engine_update_service_period(fillers[i], 0), 1);
	}
	lwm2m_engine_wake_up();
}

static void *read_locked(void *set)
{
	int32_t value = 0;

	CHECK_EQUAL(lwm2m_get_s32(&LWM2M_OBJ(3, 0, 10), &value), 0);
	atomic_store((atomic_bool *)set, true);
	return NULL;
}

/* All locks are the one lock. */
static void locks(void)
{
	static int32_t memory_free;
	atomic_bool done = false;
	pthread_t thread;

	CHECK_EQUAL(lwm2m_set_res_buf(&LWM2M_OBJ(3, 0, 10), &memory_free, sizeof(memory_free),
				      sizeof(memory_free), 0),
		    0);
	lwm2m_engine_lock();
	lwm2m_client_lock(NULL);
	lwm2m_registry_lock();
	CHECK_EQUAL(pthread_create(&thread, NULL, read_locked, &done), 0);
	k_sleep(K_MSEC(50));
	CHECK(!atomic_load(&done));
	lwm2m_registry_unlock();
	lwm2m_client_unlock(NULL);
	k_sleep(K_MSEC(50));
	CHECK(!atomic_load(&done));
	lwm2m_engine_unlock();
	CHECK_EQUAL(pthread_join(thread, NULL), 0);
	CHECK(atomic_load(&done));
}

static void buffers(void)
{
	uint8_t buffer[8] = "abc";
	uint8_t three[] = {1, 2, 3};
	uint16_t used = 3;
	uint16_t at = 0;
	uint8_t u8 = 0;
	uint16_t u16 = 0;
	uint32_t u32 = 0;

	CHECK_EQUAL(buf_append(buffer, &used, sizeof(buffer), three, 3), 0);
	CHECK_EQUAL(buf_append(buffer, &used, sizeof(buffer), three, 3), -ENOMEM);
	CHECK_EQUAL(buf_append(NULL, &used, sizeof(buffer), three, 3), -EINVAL);
	CHECK_EQUAL(buf_append(buffer, &used, sizeof(buffer), NULL, 3), -EINVAL);
	CHECK_EQUAL(buf_insert(buffer, &used, sizeof(buffer), 1, three, 2), 0);
	CHECK(memcmp(buffer, "a\1\2bc\1\2\3", 8) == 0);
	CHECK_EQUAL(used, 8);
	CHECK_EQUAL(buf_insert(buffer, &used, sizeof(buffer), 0, three, 1), -ENOMEM);
	CHECK_EQUAL(buf_insert(buffer, &used, sizeof(buffer), 9, three, 0), -EINVAL);
	CHECK_EQUAL(buf_insert(NULL, &used, sizeof(buffer), 0, three, 1), -EINVAL);
	CHECK_EQUAL(buf_read_u8(&u8, buffer, used, &at), 0);
	CHECK_EQUAL(u8, 'a');
	CHECK_EQUAL(buf_read_be16(&u16, buffer, used, &at), 0);
	CHECK_EQUAL(u16, 0x0102);
	CHECK_EQUAL(buf_skip(1, buffer, used, &at), 0);
	CHECK_EQUAL(buf_read_be32(&u32, buffer, used, &at), 0);
	CHECK_EQUAL(u32, 0x63010203);
	CHECK_EQUAL(buf_read_u8(&u8, buffer, used, &at), -ENODATA);
	CHECK_EQUAL(buf_read_be32(&u32, buffer, used, &at), -ENODATA);
	CHECK_EQUAL(u32, 0x63010203);
	at = 0;
	CHECK_EQUAL(buf_read_u16(&u16, buffer, used, &at), 0);
	CHECK(memcmp(&u16, buffer, 2) == 0);
	CHECK_EQUAL(buf_read_u32(&u32, buffer, used, &at), 0);
	CHECK(memcmp(&u32, &buffer[2], 4) == 0);
	CHECK_EQUAL(buf_read(NULL, 1, NULL, 8, &at), -EINVAL);
}

static int16_t put;

static int put_s16(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, int16_t value)
{
	CHECK(engine_get_out_user_data(out) == &put);
	CHECK_EQUAL(path->obj_id, 3);
	put = value;
	return 7;
}

static int get_s32(struct lwm2m_input_context *in, int32_t *value)
{
	*value = (int32_t)ICTX_BUF_R_LEFT_SZ(in);
	return 0;
}

/* Writers and readers that an author brings along. */
static void writers(void)
{
	const struct lwm2m_writer writer = {.put_s16 = put_s16};
	const struct lwm2m_reader reader = {.get_s32 = get_s32};
	uint8_t data[10];
	struct coap_packet packet = {.data = data, .offset = 2, .max_len = sizeof(data)};
	struct lwm2m_output_context out = {.writer = &writer, .out_cpkt = &packet};
	struct lwm2m_input_context in = {.reader = &reader, .in_cpkt = &packet, .offset = 4};
	struct lwm2m_obj_path path = LWM2M_OBJ(3, 0, 9);
	int32_t value = 0;
	time_t time = 0;

	engine_set_out_user_data(&out, &put);
	CHECK_EQUAL(engine_put_s16(&out, &path, -5), 7);
	CHECK_EQUAL(put, -5);
	CHECK_EQUAL(engine_put_begin(&out, &path), 0);
	CHECK_EQUAL(engine_put_end_ri(&out, &path), 0);
	CHECK_EQUAL(engine_put_s8(&out, &path, 1), -ENOTSUP);
	CHECK_EQUAL(engine_put_timestamp(&out, 1), -ENOTSUP);
	engine_clear_out_user_data(&out);
	CHECK(engine_get_out_user_data(&out) == NULL);
	engine_set_in_user_data(&in, &value);
	CHECK(engine_get_in_user_data(&in) == &value);
	engine_clear_in_user_data(&in);
	CHECK(in.user_data == NULL);
	CHECK_EQUAL(engine_get_s32(&in, &value), 0);
	CHECK_EQUAL(value, 6);
	CHECK_EQUAL(engine_get_time(&in, &time), -ENOTSUP);
	CHECK(CPKT_BUF_W_PTR(&packet) == &data[2]);
	CHECK_EQUAL(CPKT_BUF_W_SIZE(&packet), 8);
	CHECK(ICTX_BUF_R_PTR(&in) == &data[4]);
	out.writer = NULL;
	CHECK_EQUAL(engine_put_s16(&out, &path, -5), -ENOTSUP);
}

static struct lwm2m_ctx other;

static void client_states(void)
{
	CHECK_EQUAL(lwm2m_rd_client_pause(), -EPERM);
	CHECK_EQUAL(lwm2m_rd_client_resume(), -EPERM);
	CHECK(!lwm2m_rd_client_is_registred(NULL));
	CHECK(!lwm2m_rd_client_is_suspended(&client));
	engine_trigger_update(true);
	lwm2m_rd_client_set_ctx(NULL);
	CHECK(lwm2m_rd_client_ctx() == NULL);
	lwm2m_rd_client_set_ctx(&other);
	CHECK(lwm2m_rd_client_ctx() == &other);

	client_register();
	CHECK(lwm2m_rd_client_ctx() == &client);
	CHECK(lwm2m_rd_client_is_registred(&client));
	CHECK(!lwm2m_rd_client_is_registred(&other));
	engine_trigger_update(true);
	client_wait(LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE, 1);

	CHECK_EQUAL(lwm2m_rd_client_pause(), 0);
	CHECK_EQUAL(lwm2m_rd_client_pause(), 0);
	CHECK_EQUAL(client_count(LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED), 1);
	CHECK(lwm2m_rd_client_is_suspended(&client));
	CHECK(!lwm2m_rd_client_is_suspended(&other));
	CHECK(!lwm2m_rd_client_is_registred(&client));
	CHECK_EQUAL(lwm2m_rd_client_resume(), 0);
	CHECK_EQUAL(lwm2m_rd_client_resume(), -EPERM);
	CHECK(lwm2m_rd_client_is_registred(&client));
}

static atomic_uint removed;

static void observed(enum lwm2m_observe_event event, struct lwm2m_obj_path *path, void *user_data)
{
	ARG_UNUSED(path);
	ARG_UNUSED(user_data);
	if (event == LWM2M_OBSERVE_EVENT_OBSERVER_REMOVED) {
		removed++;
	}
}

static void observers(void)
{
	const uint8_t token[9] = {0xff};

	client.observe_cb = observed;
	CHECK_EQUAL(server_observe(GET, "3/0/10", SENML_CBOR, NULL, 0, 0).code, CODE(2, 5));
	CHECK_EQUAL(server_observe(GET, "1", SENML_CBOR, NULL, 0, 0).code, CODE(2, 5));
	CHECK(lwm2m_path_is_observed(&LWM2M_OBJ(3, 0, 10)));
	CHECK(!lwm2m_path_is_observed(&LWM2M_OBJ(3, 65535)));
	CHECK_EQUAL(lwm2m_notify_observer(3, 0, 65535), 0);
	engine_remove_observer_by_id(3, 1);
	CHECK(lwm2m_path_is_observed(&LWM2M_OBJ(3, 0, 10)));
	engine_remove_observer_by_id(3, 0);
	CHECK(!lwm2m_path_is_observed(&LWM2M_OBJ(3, 0, 10)));
	CHECK(lwm2m_path_is_observed(&LWM2M_OBJ(1)));
	wait_for(&removed, 1);
	engine_remove_observer_by_id(1, -1);
	CHECK(!lwm2m_path_is_observed(&LWM2M_OBJ(1)));
	wait_for(&removed, 2);
	CHECK_EQUAL(removed, 2);

	CHECK_EQUAL(engine_remove_observer_by_token(&client, token, 4), -ENOENT);
	CHECK_EQUAL(engine_remove_observer_by_token(&client, token, 0), -EINVAL);
	CHECK_EQUAL(engine_remove_observer_by_token(&client, token, 9), -EINVAL);
	CHECK_EQUAL(engine_remove_observer_by_token(&client, NULL, 4), -EINVAL);
	CHECK_EQUAL(engine_remove_observer_by_token(NULL, token, 4), -EINVAL);
}

/* Objects that this configuration does not have, and a cache that it does not have. */
static void absent(void)
{
#if !defined(CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT)
	struct lwm2m_time_series_elem sample;

	CHECK_EQUAL(lwm2m_enable_cache(&LWM2M_OBJ(3, 0, 10), &sample, 1), -ENOTSUP);
	CHECK_EQUAL(lwm2m_enable_cache(NULL, NULL, 0), -ENOTSUP);
	CHECK_EQUAL(lwm2m_set_cache_filter(&LWM2M_OBJ(3, 0, 10), NULL), -ENOTSUP);
	CHECK(lwm2m_cache_entry_get_by_object(&LWM2M_OBJ(3, 0, 10)) == NULL);
	CHECK(!lwm2m_cache_write(NULL, NULL));
	CHECK(!lwm2m_cache_read(NULL, NULL));
	CHECK_EQUAL(lwm2m_cache_size(NULL), 0);
#endif
#if !defined(CONFIG_LWM2M_ACCESS_CONTROL_ENABLE)
	access_control_add(3, 0, 0);
	access_control_add_obj(3, -1);
	CHECK_EQUAL(access_control_check_access(3, 0, 0, LWM2M_OP_WRITE, false), 0);
	CHECK_EQUAL(access_control_check_access(3, UINT16_MAX, 9, 99, false), 0);
	access_control_remove(3, 0);
	access_control_remove_obj(3);
#endif
#if !defined(CONFIG_LWM2M_SWMGMT_OBJ_SUPPORT)
	CHECK_EQUAL(lwm2m_swmgmt_set_activate_cb(0, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_swmgmt_set_deactivate_cb(0, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_swmgmt_set_install_package_cb(0, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_swmgmt_set_delete_package_cb(0, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_swmgmt_set_read_package_version_cb(0, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_swmgmt_set_write_package_cb(0, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_swmgmt_install_completed(0, 0), -EINVAL);
#endif
	lwm2m_event_log_set_read_log_data_cb(NULL);
}

int main(void)
{
	absent();
	numbers();
	paths();
	path_lists();
	references();
	security_and_server();
	firmware();
	services();
	locks();
	buffers();
	writers();
	client_states();
	observers();
	client_stop();
	CHECK(!lwm2m_rd_client_is_registred(&client));
	return CHECK_RESULT();
}
