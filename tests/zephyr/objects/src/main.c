/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as vendors author them: one with every macro of lwm2m_object.h, registered by an init hook,
 * one registered at run time whose resource instances are grown while it lives.
 */
#include <errno.h>
#include <string.h>

#include <zephyr/init.h>
#include <zephyr/net/lwm2m.h>
#include <zephyr/ztest.h>

#include <lwm2m_engine.h>
#include <lwm2m_object.h>
#include <lwm2m_resource_ids.h>

/* The object with every macro. */

enum { HOOKED = 30020, INSTANCES = 3, TAGS = 3, READINGS = 2 };
enum {
	NAME,
	LEVEL,
	MODE,
	TAG,
	READING,
	NOTE,
	EXTRA,
	RESET,
	SELF_TEST,
	FIELDS,
};
enum { RESOURCE_INSTANCES = 1 + 1 + 1 + TAGS + READINGS + 1 + TAGS };

static struct lwm2m_engine_obj hooked;
static struct lwm2m_engine_obj_field hooked_fields[] = {
	OBJ_FIELD(NAME, RW, STRING),
	OBJ_FIELD_DATA(LEVEL, R, S16),
	OBJ_FIELD_DATA(MODE, RW, U8),
	OBJ_FIELD_DATA(TAG, RW_OPT, STRING),
	OBJ_FIELD_DATA(READING, R_OPT, FLOAT),
	OBJ_FIELD_DATA(NOTE, RW_OPT, STRING),
	OBJ_FIELD_DATA(EXTRA, RW_OPT, OPAQUE),
	OBJ_FIELD_EXECUTE(RESET),
	OBJ_FIELD_EXECUTE_OPT(SELF_TEST),
};

struct hooked_instance {
	char name[12];
	int16_t level;
	uint8_t mode;
	char tags[TAGS][8];
	double readings[READINGS];
};

static struct hooked_instance data[INSTANCES];
static struct lwm2m_engine_obj_inst inst[INSTANCES];
static struct lwm2m_engine_res res[INSTANCES][FIELDS];
static struct lwm2m_engine_res_inst res_inst[INSTANCES][RESOURCE_INSTANCES];
static int resets;
static int validated;

static int reset(uint16_t id, uint8_t *arguments, uint16_t length)
{
	ARG_UNUSED(arguments);
	ARG_UNUSED(length);
	resets++;
	/* From inside its own callback, through the API. */
	return lwm2m_set_string(&LWM2M_OBJ(HOOKED, id, NAME), "reset");
}

static int validate_mode(uint16_t id, uint16_t resource, uint16_t resource_instance, uint8_t *value,
			 uint16_t length, bool last_block, size_t total_size, size_t offset)
{
	ARG_UNUSED(id);
	ARG_UNUSED(resource);
	ARG_UNUSED(resource_instance);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	ARG_UNUSED(offset);
	validated++;
	return length == 1 && value[0] < 4 ? 0 : -EINVAL;
}

static struct lwm2m_engine_obj_inst *create_hooked(uint16_t id)
{
	int index = -1;
	int r = 0;
	int ri = 0;

	for (int i = 0; i < INSTANCES; i++) {
		if (inst[i].obj != NULL && inst[i].obj_inst_id == id) {
			return NULL;
		}
		if (inst[i].obj == NULL && index < 0) {
			index = i;
		}
	}
	if (index < 0) {
		return NULL;
	}
	memset(&data[index], 0, sizeof(data[index]));
	memset(res[index], 0, sizeof(res[index]));
	init_res_instance(res_inst[index], ARRAY_SIZE(res_inst[index]));
	strcpy(data[index].name, "new");
	data[index].level = -3;

	INIT_OBJ_RES_DATA_LEN(NAME, res[index], r, res_inst[index], ri, data[index].name,
			      sizeof(data[index].name), 4);
	INIT_OBJ_RES_DATA(LEVEL, res[index], r, res_inst[index], ri, &data[index].level,
			  sizeof(data[index].level));
	INIT_OBJ_RES(MODE, res[index], r, res_inst[index], ri, 1U, false, true, &data[index].mode,
		     sizeof(data[index].mode), NULL, NULL, validate_mode, NULL, NULL);
	INIT_OBJ_RES_MULTI_DATA_LEN(TAG, res[index], r, res_inst[index], ri, TAGS, false,
				    data[index].tags, sizeof(data[index].tags[0]), 0);
	INIT_OBJ_RES_MULTI_DATA(READING, res[index], r, res_inst[index], ri, READINGS, true,
				data[index].readings, sizeof(data[index].readings[0]));
	INIT_OBJ_RES_OPTDATA(NOTE, res[index], r, res_inst[index], ri);
	INIT_OBJ_RES_MULTI_OPTDATA(EXTRA, res[index], r, res_inst[index], ri, TAGS, false);
	INIT_OBJ_RES_EXECUTE(RESET, res[index], r, reset);
	INIT_OBJ_RES_EXECUTE(SELF_TEST, res[index], r, NULL);
	__ASSERT_NO_MSG(r == FIELDS && ri == RESOURCE_INSTANCES);

	inst[index].resources = res[index];
	inst[index].resource_count = r;
	return &inst[index];
}

static int init_hooked(void)
{
	struct lwm2m_engine_obj_inst *created = NULL;

	hooked.obj_id = HOOKED;
	hooked.version_major = 1;
	hooked.version_minor = 2;
	hooked.is_core = false;
	hooked.fields = hooked_fields;
	hooked.field_count = ARRAY_SIZE(hooked_fields);
	hooked.max_instance_count = INSTANCES;
	hooked.create_cb = create_hooked;
	lwm2m_register_obj(&hooked);
	return lwm2m_create_obj_inst(HOOKED, 0, &created);
}

LWM2M_APP_INIT(init_hooked);

/* In the order that the section gives: core, then objects, then the application's. */
static int core_was_there = -1;

static int init_object(void)
{
	core_was_there = get_engine_obj(LWM2M_OBJECT_DEVICE_ID) != NULL &&
			 get_engine_obj(HOOKED) == NULL;
	return 0;
}

LWM2M_OBJ_INIT(init_object);

static void after(void *fixture)
{
	ARG_UNUSED(fixture);
	for (uint16_t id = 1; id < 10; id++) {
		(void)lwm2m_delete_obj_inst(HOOKED, id);
	}
}

ZTEST_SUITE(objects, NULL, NULL, NULL, after, NULL);

ZTEST(objects, test_hooks_run_in_their_order_before_main)
{
	zassert_equal(core_was_there, 1);
	zassert_equal_ptr(get_engine_obj(HOOKED), &hooked);
	zassert_equal_ptr(get_engine_obj_inst(HOOKED, 0), &inst[0]);
	zassert_equal_ptr(inst[0].obj, &hooked);
	zassert_equal(hooked.instance_count, 1);
}

ZTEST(objects, test_what_the_macros_set_up_is_served)
{
	char text[12];
	int16_t level = 0;
	double reading = 1.0;
	void *buffer;
	uint16_t room;

	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(HOOKED, 1)));
	zassert_ok(lwm2m_get_string(&LWM2M_OBJ(HOOKED, 1, NAME), text, sizeof(text)));
	zassert_str_equal(text, "new");
	zassert_ok(lwm2m_get_s16(&LWM2M_OBJ(HOOKED, 1, LEVEL), &level));
	zassert_equal(level, -3);
	/* Created with the object, each with its part of the array. */
	for (uint16_t i = 0; i < READINGS; i++) {
		zassert_ok(lwm2m_set_f64(&LWM2M_OBJ(HOOKED, 1, READING, i), 2.5 + i));
		zassert_ok(lwm2m_get_f64(&LWM2M_OBJ(HOOKED, 1, READING, i), &reading));
		zassert_equal(reading, 2.5 + i);
		zassert_equal(data[1].readings[i], 2.5 + i);
	}
	zassert_is_null(lwm2m_engine_get_res_inst(&LWM2M_OBJ(HOOKED, 1, TAG, 0)));
	/* Without a buffer until the application gives one. */
	zassert_ok(lwm2m_get_res_buf(&LWM2M_OBJ(HOOKED, 1, NOTE), &buffer, &room, NULL, NULL));
	zassert_is_null(buffer);
	zassert_equal(room, 0);
	zassert_equal(lwm2m_set_string(&LWM2M_OBJ(HOOKED, 1, NOTE), "x"), -EINVAL);
}

ZTEST(objects, test_a_created_resource_instance_takes_a_free_place_and_its_buffer)
{
	char text[8];

	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(HOOKED, 1)));
	zassert_ok(lwm2m_create_res_inst(&LWM2M_OBJ(HOOKED, 1, TAG, 40)));
	zassert_ok(lwm2m_set_string(&LWM2M_OBJ(HOOKED, 1, TAG, 40), "forty"));
	zassert_str_equal(data[1].tags[0], "forty");
	zassert_ok(lwm2m_create_res_inst(&LWM2M_OBJ(HOOKED, 1, TAG, 2)));
	zassert_ok(lwm2m_set_string(&LWM2M_OBJ(HOOKED, 1, TAG, 2), "two"));
	zassert_str_equal(data[1].tags[1], "two");
	zassert_equal(lwm2m_set_string(&LWM2M_OBJ(HOOKED, 1, TAG, 2), "too long"), -ENOMEM);
	zassert_ok(lwm2m_get_string(&LWM2M_OBJ(HOOKED, 1, TAG, 40), text, sizeof(text)));
	zassert_str_equal(text, "forty");
	/* An optional one is created without a buffer. */
	zassert_ok(lwm2m_create_res_inst(&LWM2M_OBJ(HOOKED, 1, EXTRA, 0)));
	zassert_equal(lwm2m_set_opaque(&LWM2M_OBJ(HOOKED, 1, EXTRA, 0), "x", 1), -EINVAL);
	zassert_ok(lwm2m_set_res_buf(&LWM2M_OBJ(HOOKED, 1, EXTRA, 0), text, sizeof(text), 0, 0));
	zassert_ok(lwm2m_set_opaque(&LWM2M_OBJ(HOOKED, 1, EXTRA, 0), "x", 1));
	zassert_equal(text[0], 'x');
}

ZTEST(objects, test_a_deleted_instance_frees_its_place)
{
	for (uint16_t id = 1; id < INSTANCES; id++) {
		zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(HOOKED, id)));
	}
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(HOOKED, 9)), -ENOMEM);
	zassert_ok(lwm2m_delete_object_inst(&LWM2M_OBJ(HOOKED, 1)));
	zassert_is_null(inst[1].obj);
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(HOOKED, 9)));
	zassert_equal_ptr(get_engine_obj_inst(HOOKED, 9), &inst[1]);
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(HOOKED, 9)), -ENOMEM);
}

ZTEST(objects, test_callbacks_of_the_macros_are_called)
{
	struct lwm2m_engine_res *resource;
	int before = validated;

	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(HOOKED, 1)));
	zassert_ok(lwm2m_set_u8(&LWM2M_OBJ(HOOKED, 1, MODE), 3));
	zassert_equal(lwm2m_set_u8(&LWM2M_OBJ(HOOKED, 1, MODE), 4), -EINVAL);
	zassert_equal(data[1].mode, 3);
	zassert_equal(validated, before + 2);
	resource = lwm2m_engine_get_res(&LWM2M_OBJ(HOOKED, 1, RESET));
	zassert_not_null(resource);
	zassert_ok(resource->execute_cb(1, NULL, 0));
	zassert_equal(resets, 1);
	zassert_str_equal(data[1].name, "reset");
}

ZTEST(objects, test_a_version_other_than_1_0_is_reported)
{
	zassert_true(lwm2m_engine_shall_report_obj_version(&hooked));
	hooked.version_minor = 0;
	zassert_false(lwm2m_engine_shall_report_obj_version(&hooked));
	hooked.version_minor = 2;
}

/* The object registered at run time. */

enum { LATE = 30021, ENTRY = 7, GROWN = 6 };

static struct lwm2m_engine_obj late;
static struct lwm2m_engine_obj_field late_fields[] = {OBJ_FIELD_DATA(ENTRY, RW, U32)};
static struct lwm2m_engine_obj_inst late_instance;
static struct lwm2m_engine_res late_resources[1];
static struct lwm2m_engine_res_inst small[2];
static struct lwm2m_engine_res_inst large[GROWN];
static uint32_t entries[GROWN];
static int deleted;

static struct lwm2m_engine_obj_inst *create_late(uint16_t id)
{
	int r = 0;
	int ri = 0;

	if (id > 0) {
		return NULL;
	}
	init_res_instance(small, ARRAY_SIZE(small));
	INIT_OBJ_RES_MULTI_DATA(ENTRY, late_resources, r, small, ri, ARRAY_SIZE(small), true,
				entries, sizeof(entries[0]));
	late_instance.resources = late_resources;
	late_instance.resource_count = r;
	return &late_instance;
}

static int delete_late(uint16_t id)
{
	ARG_UNUSED(id);
	deleted++;
	return 0;
}

/* As an object does whose number of entries is known at run time only. */
static void grow(void)
{
	struct lwm2m_engine_res *resource;

	lwm2m_registry_lock();
	resource = lwm2m_engine_get_res(&LWM2M_OBJ(LATE, 0, ENTRY));
	init_res_instance(large, ARRAY_SIZE(large));
	memcpy(large, resource->res_instances, sizeof(small));
	for (int i = ARRAY_SIZE(small); i < GROWN; i++) {
		large[i].data_ptr = &entries[i];
		large[i].max_data_len = sizeof(entries[i]);
		large[i].data_len = sizeof(entries[i]);
		large[i].res_inst_id = i;
	}
	resource->res_instances = large;
	resource->res_inst_count = GROWN;
	lwm2m_registry_unlock();
}

ZTEST(objects, test_an_object_is_registered_at_run_time_and_its_resource_instances_grow)
{
	uint32_t value = 0;

	late.obj_id = LATE;
	late.fields = late_fields;
	late.field_count = ARRAY_SIZE(late_fields);
	late.max_instance_count = 1;
	late.create_cb = create_late;
	late.delete_cb = delete_late;
	lwm2m_register_obj(&late);
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(LATE, 0)));
	zassert_ok(lwm2m_set_u32(&LWM2M_OBJ(LATE, 0, ENTRY, 1), 11));
	zassert_equal(lwm2m_set_u32(&LWM2M_OBJ(LATE, 0, ENTRY, 2), 12), -ENOENT);

	grow();
	for (uint16_t id = 2; id < GROWN; id++) {
		zassert_ok(lwm2m_set_u32(&LWM2M_OBJ(LATE, 0, ENTRY, id), 10 + id));
	}
	for (uint16_t id = 1; id < GROWN; id++) {
		zassert_ok(lwm2m_get_u32(&LWM2M_OBJ(LATE, 0, ENTRY, id), &value));
		zassert_equal(value, 10 + id);
	}
	zassert_ok(lwm2m_delete_object_inst(&LWM2M_OBJ(LATE, 0)));
	zassert_equal(deleted, 1);
	zassert_is_null(late_instance.obj);
	lwm2m_unregister_obj(&late);
	zassert_is_null(get_engine_obj(LATE));
}

ZTEST(objects, test_an_object_without_a_create_callback_makes_no_instances)
{
	late.obj_id = LATE;
	late.create_cb = NULL;
	late.max_instance_count = 1;
	lwm2m_register_obj(&late);
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(LATE, 0)), -EINVAL);
	lwm2m_unregister_obj(&late);
}
