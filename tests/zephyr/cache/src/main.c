/* SPDX-License-Identifier: Apache-2.0 */
/* The data cache: what can be cached, what enters, which samples a full cache drops, and that they
 * lie in the ring buffer that Zephyr's own functions know.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <zephyr/net/lwm2m.h>
#include <zephyr/sys/clock.h>
#include <zephyr/sys/ring_buffer.h>
#include <zephyr/ztest.h>

#include <lwm2m_engine.h>
#include <lwm2m_registry.h>

enum { OBJECT = 30020, TYPES = 10, TEXT = 10, LINK = 11, MULTIPLE = 12, RESOURCES = 13 };
enum { ROOM = 3, INSTANCES_OF_MULTIPLE = 2 };

static uint8_t u8;
static uint16_t u16;
static uint32_t u32;
static int8_t s8;
static int16_t s16;
static int32_t s32;
static int64_t s64;
static bool flag;
static time_t when;
static double number;
static char text[8];
static struct lwm2m_objlnk link;
static uint16_t multiple[INSTANCES_OF_MULTIPLE];

static struct lwm2m_engine_obj_field fields[] = {
	OBJ_FIELD_DATA(0, RW, U8),    OBJ_FIELD_DATA(1, RW, U16),      OBJ_FIELD_DATA(2, RW, U32),
	OBJ_FIELD_DATA(3, RW, S8),    OBJ_FIELD_DATA(4, RW, S16),      OBJ_FIELD_DATA(5, RW, S32),
	OBJ_FIELD_DATA(6, RW, S64),   OBJ_FIELD_DATA(7, RW, BOOL),     OBJ_FIELD_DATA(8, RW, TIME),
	OBJ_FIELD_DATA(9, RW, FLOAT), OBJ_FIELD_DATA(TEXT, RW, STRING),
	OBJ_FIELD_DATA(LINK, RW, OBJLNK), OBJ_FIELD_DATA(MULTIPLE, RW, U16),
};

static struct lwm2m_engine_obj object;
static struct lwm2m_engine_obj_inst instance;
static struct lwm2m_engine_res resources[RESOURCES];
static struct lwm2m_engine_res_inst resource_instances[RESOURCES - 1 + INSTANCES_OF_MULTIPLE];

static struct lwm2m_engine_obj_inst *create(uint16_t id)
{
	int r = 0;
	int ri = 0;

	init_res_instance(resource_instances, ARRAY_SIZE(resource_instances));
#define ONE(id, variable)                                                                          \
	INIT_OBJ_RES_DATA(id, resources, r, resource_instances, ri, &variable, sizeof(variable))
	ONE(0, u8);
	ONE(1, u16);
	ONE(2, u32);
	ONE(3, s8);
	ONE(4, s16);
	ONE(5, s32);
	ONE(6, s64);
	ONE(7, flag);
	ONE(8, when);
	ONE(9, number);
	INIT_OBJ_RES_DATA(TEXT, resources, r, resource_instances, ri, text, sizeof(text));
	ONE(LINK, link);
	INIT_OBJ_RES_MULTI_DATA(MULTIPLE, resources, r, resource_instances, ri,
				INSTANCES_OF_MULTIPLE, false, multiple, sizeof(multiple[0]));
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
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(OBJECT, 0)));
	zassert_ok(lwm2m_create_res_inst(&LWM2M_OBJ(OBJECT, 0, MULTIPLE, 1)));
	return NULL;
}

/* Zephyr's tests begin with the clock at 0 each. */
static void set_clock(void *fixture)
{
	const struct timespec now = {.tv_sec = 1700000000};

	ARG_UNUSED(fixture);
	/* On a simulated board the host's clock counts. */
	if (!IS_ENABLED(CONFIG_ARCH_POSIX)) {
		zassert_ok(sys_clock_settime(SYS_CLOCK_REALTIME, &now));
	}
}

/* A cache cannot be taken back, so the tests share the entries; each takes its samples out. */
static void empty(struct lwm2m_time_series_resource *entry)
{
	struct lwm2m_time_series_elem sample;

	while (entry != NULL && lwm2m_cache_read(entry, &sample)) {
	}
}

static struct lwm2m_time_series_elem samples[ROOM];

static struct lwm2m_time_series_resource *cached_number(void)
{
	const struct lwm2m_obj_path path = LWM2M_OBJ(OBJECT, 0, 9);

	zassert_ok(lwm2m_enable_cache(&path, samples, ROOM));
	zassert_ok(lwm2m_set_cache_filter(&path, NULL));
	return lwm2m_cache_entry_get_by_object(&path);
}

ZTEST(lwm2m_rs_cache, test_what_can_be_cached)
{
	struct lwm2m_time_series_elem sample;

	zassert_equal(lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 1, 9), &sample, 1), -ENOENT);
	zassert_equal(lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 0, 99), &sample, 1), -ENOENT);
	zassert_equal(lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 0, MULTIPLE, 0), &sample, 1), -ENOENT);
	zassert_equal(lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 0, TEXT), &sample, 1), -ENODATA);
	zassert_equal(lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 0, LINK), &sample, 1), -ENODATA);
	zassert_equal(lwm2m_set_cache_filter(NULL, NULL), -EINVAL);
	zassert_equal(lwm2m_set_cache_filter(&LWM2M_OBJ(OBJECT, 0, 99), NULL), -ENOENT);
	zassert_is_null(lwm2m_cache_entry_get_by_object(&LWM2M_OBJ(OBJECT, 0)));
	zassert_is_null(lwm2m_cache_entry_get_by_object(&LWM2M_OBJ(OBJECT, 0, TEXT)));
}

ZTEST(lwm2m_rs_cache, test_values_enter_with_their_time)
{
	struct lwm2m_time_series_resource *entry = cached_number();
	struct lwm2m_time_series_elem sample;
	const time_t before = time(NULL);

	zassert_not_null(entry);
	zassert_equal(lwm2m_cache_size(entry), 0);
	zassert_ok(lwm2m_set_f64(&LWM2M_OBJ(OBJECT, 0, 9), 1.5));
	zassert_ok(lwm2m_set_f64(&LWM2M_OBJ(OBJECT, 0, 9), 1.5));
	zassert_equal(lwm2m_cache_size(entry), 2);
	zassert_true(lwm2m_cache_read(entry, &sample));
	zassert_true(sample.f == 1.5);
	zassert_true(sample.t >= before && sample.t <= time(NULL));
	zassert_true(lwm2m_cache_read(entry, &sample));
	zassert_false(lwm2m_cache_read(entry, &sample));
}

#define TYPE(id, setter, member, value)                                                            \
	do {                                                                                       \
		const struct lwm2m_obj_path path = LWM2M_OBJ(OBJECT, 0, id);                       \
		struct lwm2m_time_series_elem taken;                                               \
		struct lwm2m_time_series_resource *entry;                                          \
                                                                                                   \
		one_path->path.res_id = id;                                                        \
		entry = lwm2m_cache_entry_get_by_object(&path);                                    \
		zassert_equal_ptr(entry, one_path);                                                \
		zassert_ok(setter(&path, value));                                                  \
		zassert_true(lwm2m_cache_read(entry, &taken), #member);                            \
		zassert_true(taken.member == (value), #member);                                    \
	} while (0)

ZTEST(lwm2m_rs_cache, test_every_type)
{
	static struct lwm2m_time_series_elem room[1];
	struct lwm2m_time_series_resource *one_path;

	/* One entry, which is shown one resource after the other. */
	zassert_ok(lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 0, 0), room, 1));
	one_path = lwm2m_cache_entry_get_by_object(&LWM2M_OBJ(OBJECT, 0, 0));
	TYPE(0, lwm2m_set_u8, u8, UINT8_MAX);
	TYPE(1, lwm2m_set_u16, u16, UINT16_MAX);
	TYPE(2, lwm2m_set_u32, u32, UINT32_MAX);
	TYPE(3, lwm2m_set_s8, i8, INT8_MIN);
	TYPE(4, lwm2m_set_s16, i16, INT16_MIN);
	TYPE(5, lwm2m_set_s32, i32, INT32_MIN);
	TYPE(6, lwm2m_set_s64, i64, INT64_MIN);
	TYPE(7, lwm2m_set_bool, b, true);
	TYPE(8, lwm2m_set_time, time, 1700000001);
	one_path->path.res_id = 0;
}

static bool is_positive(const struct lwm2m_obj_path *path,
			const struct lwm2m_time_series_elem *element)
{
	zassert_equal(path->res_id, 9);
	return element->f > 0;
}

static int not_seven(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, uint8_t *data,
		     uint16_t data_len, bool last_block, size_t total_size, size_t offset)
{
	double value;

	memcpy(&value, data, sizeof(value));
	return value == 7 ? -EINVAL : 0;
}

ZTEST(lwm2m_rs_cache, test_filter_and_validate_callback)
{
	struct lwm2m_time_series_resource *entry = cached_number();
	const struct lwm2m_obj_path path = LWM2M_OBJ(OBJECT, 0, 9);

	zassert_ok(lwm2m_set_cache_filter(&path, is_positive));
	zassert_ok(lwm2m_register_validate_callback(&path, not_seven));
	zassert_ok(lwm2m_set_f64(&path, -1));
	zassert_equal(lwm2m_set_f64(&path, 7), -EINVAL);
	zassert_equal(lwm2m_cache_size(entry), 0);
	zassert_ok(lwm2m_set_f64(&path, 8));
	zassert_equal(lwm2m_cache_size(entry), 1);
	zassert_ok(lwm2m_register_validate_callback(&path, NULL));
	empty(entry);
}

ZTEST(lwm2m_rs_cache, test_full_cache)
{
	struct lwm2m_time_series_resource *entry = cached_number();
	const int first = IS_ENABLED(CONFIG_LWM2M_CACHE_DROP_LATEST) ? 1 : 3;
	struct lwm2m_time_series_elem sample = {.t = 5};

	for (int value = 1; value <= ROOM + 2; value++) {
		zassert_ok(lwm2m_set_f64(&LWM2M_OBJ(OBJECT, 0, 9), value));
	}
	zassert_equal(lwm2m_cache_size(entry), ROOM);
	zassert_equal(lwm2m_cache_write(entry, &sample),
		      !IS_ENABLED(CONFIG_LWM2M_CACHE_DROP_LATEST));
	for (int value = first; value < first + 2; value++) {
		zassert_true(lwm2m_cache_read(entry, &sample));
		zassert_true(sample.f == value + !IS_ENABLED(CONFIG_LWM2M_CACHE_DROP_LATEST));
	}
	empty(entry);
}

ZTEST(lwm2m_rs_cache, test_ring_buffer_is_zephyr_s)
{
	struct lwm2m_time_series_resource *entry = cached_number();
	struct lwm2m_time_series_elem sample = {.t = 1};
	uint8_t *bytes;

	/* Round and round, with the library's functions and Zephyr's in turn. */
	for (int round = 1; round <= 3 * ROOM + 1; round++) {
		sample.t = round;
		zassert_true(lwm2m_cache_write(entry, &sample));
		zassert_equal(ring_buf_size_get(&entry->rb), sizeof(sample));
		if (round % 2 == 0) {
			zassert_equal(ring_buf_get_claim(&entry->rb, &bytes, sizeof(sample)),
				      sizeof(sample));
			memcpy(&sample, bytes, sizeof(sample));
			zassert_ok(ring_buf_get_finish(&entry->rb, sizeof(sample)));
		} else {
			zassert_true(lwm2m_cache_read(entry, &sample));
		}
		zassert_equal(sample.t, round);
		zassert_true(ring_buf_is_empty(&entry->rb));
		zassert_equal(ring_buf_put(&entry->rb, (uint8_t *)&sample, sizeof(sample)),
			      sizeof(sample));
		zassert_equal(lwm2m_cache_size(entry), 1);
		zassert_true(lwm2m_cache_read(entry, &sample));
	}
}

ZTEST(lwm2m_rs_cache, test_resource_instances_and_limit)
{
	static struct lwm2m_time_series_elem room[CONFIG_LWM2M_MAX_CACHED_RESOURCES];
	const struct lwm2m_obj_path path = LWM2M_OBJ(OBJECT, 0, MULTIPLE, 1);
	struct lwm2m_time_series_resource *entry;

	zassert_ok(lwm2m_enable_cache(&path, &room[0], 1));
	entry = lwm2m_cache_entry_get_by_object(&path);
	zassert_not_null(entry);
	zassert_ok(lwm2m_set_u16(&path, 77));
	zassert_equal(lwm2m_cache_size(entry), 1);
	empty(entry);
	/* The entries of all tests together are as many as there are. */
	(void)cached_number();
	(void)lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 0, 0), &room[1], 1);
	(void)lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 0, 1), &room[2], 1);
	zassert_equal(lwm2m_enable_cache(&LWM2M_OBJ(OBJECT, 0, 2), &room[3], 1), -ENODATA);
	zassert_ok(lwm2m_enable_cache(&path, &room[0], 1));
}

ZTEST_SUITE(lwm2m_rs_cache, NULL, set_up, set_clock, NULL, NULL);
