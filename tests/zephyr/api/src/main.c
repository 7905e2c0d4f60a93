/* SPDX-License-Identifier: Apache-2.0 */
/* Values: one object with a resource of every type, its resource ids being the types. */
#include <errno.h>
#include <float.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>
#include <zephyr/ztest.h>

#include <lwm2m_engine.h>

enum { OBJECT = 30001, TYPES = LWM2M_RES_TYPE_OBJLNK, EXECUTABLE = 20, MISSING = 99 };
enum { RESOURCES = TYPES + 1, ROOM = 16 };

#define AT(type) LWM2M_OBJ(OBJECT, 0, LWM2M_RES_TYPE_##type)

static struct lwm2m_engine_obj object;
static struct lwm2m_engine_obj_field fields[] = {
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_OPAQUE, RW, OPAQUE),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_STRING, RW, STRING),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_U32, RW, U32),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_U16, RW, U16),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_U8, RW, U8),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_S64, RW, S64),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_S32, RW, S32),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_S16, RW, S16),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_S8, RW, S8),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_BOOL, RW, BOOL),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_TIME, RW, TIME),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_FLOAT, RW, FLOAT),
	OBJ_FIELD_DATA(LWM2M_RES_TYPE_OBJLNK, RW, OBJLNK),
	OBJ_FIELD_EXECUTE(EXECUTABLE),
};
static struct lwm2m_engine_obj_inst instance;
static struct lwm2m_engine_res resources[RESOURCES];
static struct lwm2m_engine_res_inst resource_instances[TYPES];

static uint8_t opaque[ROOM];
static char text[ROOM];
static uint32_t u32;
static uint16_t u16;
static uint8_t u8;
static int64_t s64;
static int32_t s32;
static int16_t s16;
static int8_t s8;
static bool boolean;
static time_t when;
static double number;
static struct lwm2m_objlnk object_link;

static struct lwm2m_engine_obj_inst *create(uint16_t id)
{
	int r = 0;
	int ri = 0;

	if (id != 0) {
		return NULL;
	}
	init_res_instance(resource_instances, ARRAY_SIZE(resource_instances));
	INIT_OBJ_RES_DATA_LEN(LWM2M_RES_TYPE_OPAQUE, resources, r, resource_instances, ri, opaque,
			      sizeof(opaque), 0);
	INIT_OBJ_RES_DATA_LEN(LWM2M_RES_TYPE_STRING, resources, r, resource_instances, ri, text,
			      sizeof(text), 0);
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_U32, resources, r, resource_instances, ri, &u32,
			  sizeof(u32));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_U16, resources, r, resource_instances, ri, &u16,
			  sizeof(u16));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_U8, resources, r, resource_instances, ri, &u8, sizeof(u8));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_S64, resources, r, resource_instances, ri, &s64,
			  sizeof(s64));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_S32, resources, r, resource_instances, ri, &s32,
			  sizeof(s32));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_S16, resources, r, resource_instances, ri, &s16,
			  sizeof(s16));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_S8, resources, r, resource_instances, ri, &s8, sizeof(s8));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_BOOL, resources, r, resource_instances, ri, &boolean,
			  sizeof(boolean));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_TIME, resources, r, resource_instances, ri, &when,
			  sizeof(when));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_FLOAT, resources, r, resource_instances, ri, &number,
			  sizeof(number));
	INIT_OBJ_RES_DATA(LWM2M_RES_TYPE_OBJLNK, resources, r, resource_instances, ri, &object_link,
			  sizeof(object_link));
	INIT_OBJ_RES_EXECUTE(EXECUTABLE, resources, r, NULL);
	instance.resources = resources;
	instance.resource_count = r;
	return &instance;
}

static void *set_up(void)
{
	object.obj_id = OBJECT;
	object.fields = fields;
	object.field_count = ARRAY_SIZE(fields);
	object.max_instance_count = 1;
	object.create_cb = create;
	lwm2m_register_obj(&object);
	return NULL;
}

/* Every test has an instance of its own, without callbacks. */
static void before(void *fixture)
{
	ARG_UNUSED(fixture);
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(OBJECT, 0)));
}

static void after(void *fixture)
{
	ARG_UNUSED(fixture);
	zassert_ok(lwm2m_delete_object_inst(&LWM2M_OBJ(OBJECT, 0)));
}

ZTEST_SUITE(api, NULL, set_up, before, after, NULL);

/* What is set is stored in the application's variable and read again. */
#define SET_AND_GET(name, TYPE, c_type, variable, value)                                           \
	do {                                                                                       \
		c_type read = 0;                                                                   \
												   \
		zassert_ok(lwm2m_set_##name(&AT(TYPE), value));                                    \
		zassert_equal(variable, value);                                                    \
		zassert_ok(lwm2m_get_##name(&AT(TYPE), &read));                                    \
		zassert_equal(read, value);                                                        \
	} while (false)

ZTEST(api, test_numbers_are_got_as_they_were_set)
{
	SET_AND_GET(u8, U8, uint8_t, u8, UINT8_MAX);
	SET_AND_GET(u16, U16, uint16_t, u16, UINT16_MAX);
	SET_AND_GET(u32, U32, uint32_t, u32, UINT32_MAX);
	SET_AND_GET(s8, S8, int8_t, s8, INT8_MIN);
	SET_AND_GET(s8, S8, int8_t, s8, INT8_MAX);
	SET_AND_GET(s16, S16, int16_t, s16, INT16_MIN);
	SET_AND_GET(s32, S32, int32_t, s32, INT32_MIN);
	SET_AND_GET(s64, S64, int64_t, s64, INT64_MIN);
	SET_AND_GET(s64, S64, int64_t, s64, INT64_MAX);
	SET_AND_GET(bool, BOOL, bool, boolean, true);
	SET_AND_GET(bool, BOOL, bool, boolean, false);
	SET_AND_GET(time, TIME, time_t, when, 1700000000);
	SET_AND_GET(f64, FLOAT, double, number, -DBL_MAX);
	SET_AND_GET(f64, FLOAT, double, number, DBL_MIN);
	SET_AND_GET(f64, FLOAT, double, number, 0.1);
}

ZTEST(api, test_an_object_link_is_got_as_it_was_set)
{
	struct lwm2m_objlnk set = {.obj_id = 3303, .obj_inst = UINT16_MAX};
	struct lwm2m_objlnk got = {0};

	zassert_ok(lwm2m_set_objlnk(&AT(OBJLNK), &set));
	zassert_mem_equal(&object_link, &set, sizeof(set));
	zassert_ok(lwm2m_get_objlnk(&AT(OBJLNK), &got));
	zassert_mem_equal(&got, &set, sizeof(set));
}

ZTEST(api, test_a_variable_the_application_changes_is_what_is_read)
{
	int32_t got = 0;

	s32 = -7;
	zassert_ok(lwm2m_get_s32(&AT(S32), &got));
	zassert_equal(got, -7);
}

ZTEST(api, test_a_string_is_stored_with_its_terminator)
{
	char got[ROOM];
	uint16_t length = 0;

	memset(text, '?', sizeof(text));
	zassert_ok(lwm2m_set_string(&AT(STRING), "hello"));
	zassert_mem_equal(text, "hello\0?", 7);
	zassert_ok(lwm2m_get_res_buf(&AT(STRING), NULL, NULL, &length, NULL));
	zassert_equal(length, 6);
	zassert_ok(lwm2m_get_string(&AT(STRING), got, sizeof(got)));
	zassert_str_equal(got, "hello");
}

ZTEST(api, test_a_string_must_fit)
{
	char got[6] = "!";

	zassert_ok(lwm2m_set_string(&AT(STRING), "fifteen letters"));
	zassert_equal(lwm2m_set_string(&AT(STRING), "sixteen letters!"), -ENOMEM);
	zassert_str_equal(text, "fifteen letters");
	zassert_ok(lwm2m_set_string(&AT(STRING), "hello"));
	zassert_ok(lwm2m_get_string(&AT(STRING), got, 6));
	zassert_str_equal(got, "hello");
	zassert_equal(lwm2m_get_string(&AT(STRING), got, 5), -ENOMEM);
}

ZTEST(api, test_a_string_may_be_empty)
{
	char got[2] = "!";
	uint16_t length = 9;

	zassert_ok(lwm2m_set_string(&AT(STRING), "x"));
	zassert_ok(lwm2m_set_string(&AT(STRING), ""));
	zassert_ok(lwm2m_get_res_buf(&AT(STRING), NULL, NULL, &length, NULL));
	zassert_equal(length, 1);
	zassert_ok(lwm2m_get_string(&AT(STRING), got, sizeof(got)));
	zassert_str_equal(got, "");
	zassert_ok(lwm2m_set_res_data_len(&AT(STRING), 0));
	got[0] = '!';
	zassert_ok(lwm2m_get_string(&AT(STRING), got, sizeof(got)));
	zassert_str_equal(got, "");
}

ZTEST(api, test_an_opaque_keeps_its_length)
{
	static const uint8_t bytes[ROOM] = {0, 1, 2, 3, 0, 255};
	uint8_t got[ROOM];
	uint16_t length = 0;

	memset(got, '?', sizeof(got));
	zassert_ok(lwm2m_set_opaque(&AT(OPAQUE), (const char *)bytes, 6));
	zassert_ok(lwm2m_get_res_buf(&AT(OPAQUE), NULL, NULL, &length, NULL));
	zassert_equal(length, 6);
	zassert_ok(lwm2m_get_opaque(&AT(OPAQUE), got, sizeof(got)));
	zassert_mem_equal(got, bytes, 6);
	zassert_equal(got[6], '?');
	zassert_equal(lwm2m_get_opaque(&AT(OPAQUE), got, 5), -ENOMEM);
	zassert_ok(lwm2m_set_opaque(&AT(OPAQUE), (const char *)bytes, ROOM));
	zassert_equal(lwm2m_set_opaque(&AT(OPAQUE), (const char *)bytes, ROOM + 1), -ENOMEM);
	zassert_ok(lwm2m_set_opaque(&AT(OPAQUE), NULL, 0));
	zassert_ok(lwm2m_get_res_buf(&AT(OPAQUE), NULL, NULL, &length, NULL));
	zassert_equal(length, 0);
	zassert_equal(lwm2m_set_opaque(&AT(OPAQUE), NULL, 1), -EINVAL);
}

ZTEST(api, test_a_string_in_an_opaque_has_no_terminator)
{
	char got[ROOM];
	uint16_t length = 0;

	zassert_ok(lwm2m_set_string(&AT(OPAQUE), "sixteen letters!"));
	zassert_ok(lwm2m_get_res_buf(&AT(OPAQUE), NULL, NULL, &length, NULL));
	zassert_equal(length, ROOM);
	zassert_equal(lwm2m_get_string(&AT(OPAQUE), got, sizeof(got)), -ENOMEM);
	zassert_ok(lwm2m_set_string(&AT(OPAQUE), "hello"));
	zassert_ok(lwm2m_get_string(&AT(OPAQUE), got, 6));
	zassert_str_equal(got, "hello");
}

ZTEST(api, test_a_path_must_lead_to_a_resource)
{
	uint8_t got;

	zassert_equal(lwm2m_set_u8(&LWM2M_OBJ(OBJECT), 1), -EINVAL);
	zassert_equal(lwm2m_set_u8(&LWM2M_OBJ(OBJECT, 0), 1), -EINVAL);
	zassert_equal(lwm2m_set_u8(&LWM2M_OBJ(OBJECT, 0, MISSING), 1), -ENOENT);
	zassert_equal(lwm2m_set_u8(&LWM2M_OBJ(OBJECT, 1, LWM2M_RES_TYPE_U8), 1), -ENOENT);
	zassert_equal(lwm2m_set_u8(&LWM2M_OBJ(OBJECT + 1, 0, LWM2M_RES_TYPE_U8), 1), -ENOENT);
	zassert_equal(lwm2m_set_u8(&LWM2M_OBJ(OBJECT, 0, LWM2M_RES_TYPE_U8, 1), 1), -ENOENT);
	zassert_equal(lwm2m_set_u8(&LWM2M_OBJ(OBJECT, 0, EXECUTABLE), 1), -ENOENT);
	zassert_equal(lwm2m_get_u8(&LWM2M_OBJ(OBJECT, 0), &got), -EINVAL);
	zassert_equal(lwm2m_get_u8(&LWM2M_OBJ(OBJECT, 0, MISSING), &got), -ENOENT);
	zassert_equal(lwm2m_get_u8(&LWM2M_OBJ(OBJECT, 1, LWM2M_RES_TYPE_U8), &got), -ENOENT);
	zassert_equal(lwm2m_get_u8(&LWM2M_OBJ(OBJECT, 0, EXECUTABLE), &got), -ENOENT);
	zassert_ok(lwm2m_set_u8(&LWM2M_OBJ(OBJECT, 0, LWM2M_RES_TYPE_U8, 0), 8));
	zassert_ok(lwm2m_get_u8(&LWM2M_OBJ(OBJECT, 0, LWM2M_RES_TYPE_U8, 0), &got));
	zassert_equal(got, 8);
}

ZTEST(api, test_a_buffer_is_swapped_and_described)
{
	static uint32_t other = 5;
	void *buffer = NULL;
	uint16_t room = 0;
	uint16_t length = 0;
	uint8_t flags = 0xff;
	uint32_t got = 0;

	zassert_ok(lwm2m_get_res_buf(&AT(U32), &buffer, &room, &length, &flags));
	zassert_equal_ptr(buffer, &u32);
	zassert_equal(room, sizeof(u32));
	zassert_equal(length, sizeof(u32));
	zassert_equal(flags, 0);
	zassert_ok(lwm2m_set_res_buf(&AT(U32), &other, sizeof(other), sizeof(other), 0));
	zassert_ok(lwm2m_get_u32(&AT(U32), &got));
	zassert_equal(got, 5);
	u32 = 1;
	zassert_ok(lwm2m_set_u32(&AT(U32), 6));
	zassert_equal(other, 6);
	zassert_equal(u32, 1);
	zassert_equal(lwm2m_set_res_buf(&LWM2M_OBJ(OBJECT, 0), &other, 4, 4, 0), -EINVAL);
	zassert_equal(lwm2m_set_res_buf(&LWM2M_OBJ(OBJECT, 0, MISSING), &other, 4, 4, 0), -ENOENT);
	zassert_equal(lwm2m_get_res_buf(&LWM2M_OBJ(OBJECT, 0, MISSING), NULL, NULL, NULL, NULL),
		      -ENOENT);
	zassert_equal(lwm2m_set_res_data_len(&LWM2M_OBJ(OBJECT, 0, MISSING), 1), -ENOENT);
	zassert_equal(lwm2m_set_res_data_len(&LWM2M_OBJ(OBJECT, 0), 1), -EINVAL);
}

ZTEST(api, test_a_resource_without_a_buffer_is_not_set)
{
	zassert_ok(lwm2m_set_res_buf(&AT(U16), NULL, 0, 0, 0));
	zassert_equal(lwm2m_set_u16(&AT(U16), 1), -EINVAL);
	zassert_ok(lwm2m_set_res_buf(&AT(STRING), NULL, 0, 0, 0));
	zassert_equal(lwm2m_set_string(&AT(STRING), "x"), -EINVAL);
}

ZTEST(api, test_read_only_data_is_not_set)
{
	static char constant[] = "constant";
	uint8_t flags = 0;
	char got[ROOM];

	zassert_ok(lwm2m_set_res_buf(&AT(STRING), constant, sizeof(constant), sizeof(constant),
				     LWM2M_RES_DATA_FLAG_RO));
	zassert_equal(lwm2m_set_string(&AT(STRING), "other"), -EACCES);
	zassert_ok(lwm2m_get_res_buf(&AT(STRING), NULL, NULL, NULL, &flags));
	zassert_equal(flags, LWM2M_RES_DATA_FLAG_RO);
	zassert_ok(lwm2m_get_string(&AT(STRING), got, sizeof(got)));
	zassert_str_equal(got, "constant");
}

ZTEST(api, test_many_are_set_at_once_in_their_order)
{
	uint8_t first = 1;
	uint16_t second = 2;
	struct lwm2m_res_item items[] = {
		{&AT(U8), &first, sizeof(first)},
		{&LWM2M_OBJ(OBJECT, 0, MISSING), &first, sizeof(first)},
		{&AT(U16), &second, sizeof(second)},
	};

	u8 = 0;
	u16 = 0;
	zassert_equal(lwm2m_set_bulk(items, ARRAY_SIZE(items)), -ENOENT);
	zassert_equal(u8, 1);
	zassert_equal(u16, 0);
	items[1] = items[2];
	zassert_ok(lwm2m_set_bulk(items, 2));
	zassert_equal(u16, 2);
	zassert_ok(lwm2m_set_bulk(items, 0));
}

/* Callbacks. */

static char calls[16];
static uint8_t elsewhere[4];
static int answer;

static void called(char name)
{
	size_t count = strlen(calls);

	if (count < sizeof(calls) - 1) {
		calls[count] = name;
		calls[count + 1] = '\0';
	}
}

static void *read_elsewhere(uint16_t id, uint16_t resource, uint16_t resource_instance,
			    size_t *length)
{
	zassert_equal(id, 0);
	zassert_equal(resource, LWM2M_RES_TYPE_U32);
	zassert_equal(resource_instance, 0);
	called('r');
	*length = sizeof(elsewhere);
	return elsewhere;
}

static void *give_elsewhere(uint16_t id, uint16_t resource, uint16_t resource_instance,
			    size_t *length)
{
	ARG_UNUSED(id);
	ARG_UNUSED(resource);
	ARG_UNUSED(resource_instance);
	called('b');
	*length = sizeof(elsewhere);
	return elsewhere;
}

static int validate(uint16_t id, uint16_t resource, uint16_t resource_instance, uint8_t *data,
		    uint16_t length, bool last_block, size_t total_size, size_t offset)
{
	ARG_UNUSED(id);
	ARG_UNUSED(resource);
	ARG_UNUSED(resource_instance);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	called('v');
	zassert_equal(length, 4);
	zassert_equal(offset, 0);
	return data[0] == 13 ? -EPERM : 0;
}

static int written(uint16_t id, uint16_t resource, uint16_t resource_instance, uint8_t *data,
		   uint16_t length, bool last_block, size_t total_size, size_t offset)
{
	ARG_UNUSED(id);
	ARG_UNUSED(resource);
	ARG_UNUSED(resource_instance);
	ARG_UNUSED(data);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	called('w');
	zassert_equal(length, 4);
	zassert_equal(offset, 0);
	return answer;
}

ZTEST(api, test_a_read_callback_gives_the_value)
{
	uint32_t got = 0;

	calls[0] = '\0';
	memset(elsewhere, 0x11, sizeof(elsewhere));
	zassert_ok(lwm2m_register_read_callback(&AT(U32), read_elsewhere));
	zassert_ok(lwm2m_get_u32(&AT(U32), &got));
	zassert_equal(got, 0x11111111);
	zassert_str_equal(calls, "r");
}

ZTEST(api, test_a_pre_write_callback_gives_the_buffer)
{
	u32 = 1;
	calls[0] = '\0';
	zassert_ok(lwm2m_register_pre_write_callback(&AT(U32), give_elsewhere));
	zassert_ok(lwm2m_set_u32(&AT(U32), 0x22222222));
	zassert_equal(u32, 1);
	zassert_equal(elsewhere[0], 0x22);
	zassert_str_equal(calls, "b");
}

ZTEST(api, test_a_refused_value_is_not_stored)
{
	u32 = 1;
	calls[0] = '\0';
	answer = 0;
	zassert_ok(lwm2m_register_validate_callback(&AT(U32), validate));
	zassert_ok(lwm2m_register_post_write_callback(&AT(U32), written));
	zassert_equal(lwm2m_set_u32(&AT(U32), sys_cpu_to_le32(13)), -EINVAL);
	zassert_equal(u32, 1);
	zassert_str_equal(calls, "v");
	zassert_ok(lwm2m_set_u32(&AT(U32), 14));
	zassert_equal(u32, 14);
	zassert_str_equal(calls, "vvw");
}

ZTEST(api, test_the_answer_of_a_post_write_callback_is_returned)
{
	calls[0] = '\0';
	answer = -EBUSY;
	zassert_ok(lwm2m_register_post_write_callback(&AT(U32), written));
	zassert_equal(lwm2m_set_u32(&AT(U32), 77), -EBUSY);
	zassert_equal(u32, 77);
	answer = 0;
	/* Also for a value that was there already. */
	zassert_ok(lwm2m_set_u32(&AT(U32), 77));
	zassert_str_equal(calls, "ww");
}

static int execute(uint16_t id, uint8_t *arguments, uint16_t length)
{
	ARG_UNUSED(id);
	ARG_UNUSED(arguments);
	called('x');
	return length;
}

ZTEST(api, test_an_execute_callback_is_found_in_the_resource)
{
	struct lwm2m_engine_res *resource;

	calls[0] = '\0';
	zassert_ok(lwm2m_register_exec_callback(&LWM2M_OBJ(OBJECT, 0, EXECUTABLE), execute));
	resource = lwm2m_engine_get_res(&LWM2M_OBJ(OBJECT, 0, EXECUTABLE));
	zassert_not_null(resource);
	zassert_equal(resource->execute_cb(0, NULL, 3), 3);
	zassert_str_equal(calls, "x");
}

ZTEST(api, test_callbacks_need_a_resource)
{
	const struct lwm2m_obj_path *paths[] = {&LWM2M_OBJ(OBJECT, 0, MISSING),
						&LWM2M_OBJ(OBJECT, 1, 3), &LWM2M_OBJ(OBJECT + 1, 0, 3)};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		zassert_equal(lwm2m_register_read_callback(paths[i], read_elsewhere), -ENOENT);
		zassert_equal(lwm2m_register_pre_write_callback(paths[i], read_elsewhere), -ENOENT);
		zassert_equal(lwm2m_register_validate_callback(paths[i], validate), -ENOENT);
		zassert_equal(lwm2m_register_post_write_callback(paths[i], written), -ENOENT);
		zassert_equal(lwm2m_register_exec_callback(paths[i], execute), -ENOENT);
	}
	zassert_equal(lwm2m_register_create_callback(OBJECT + 1, NULL), -ENOENT);
	zassert_equal(lwm2m_register_delete_callback(OBJECT + 1, NULL), -ENOENT);
}

ZTEST(api, test_a_path_is_written_as_text)
{
	char buffer[LWM2M_MAX_PATH_STR_SIZE];

	zassert_str_equal(lwm2m_path_log_buf(buffer, &LWM2M_OBJ(3303, 0, 5700)), "3303/0/5700");
	zassert_str_equal(lwm2m_path_log_buf(buffer, &LWM2M_OBJ(65535, 65535, 65535, 65535)),
			  "65535/65535/65535/65535");
}

ZTEST(api, test_without_a_client_nothing_is_observed_and_nothing_resumed)
{
	zassert_false(lwm2m_path_is_observed(&AT(U8)));
	zassert_equal(lwm2m_notify_observer_path(&AT(U8)), 0);
	zassert_is_null(lwm2m_rd_client_ctx());
	lwm2m_rd_client_update();
}
