/* SPDX-License-Identifier: Apache-2.0 */
/* The data cache: what is cached, what enters, what leaves, every error number. */

#include <errno.h>
#include <string.h>
#include <time.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_registry.h"
#include "lwm2m_util.h"

#include "support/check.h"

#define SENSOR(id) &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, id)
#define SENSOR_VALUE(id) &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, id, 5700)
#define UNITS(id) &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, id, 5701)
#define NOWHERE &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0, 4711)
#define POWER_SOURCE(id) &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 6, id)
#define LIFETIME &LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 1)

enum { ROOM = 3 };

static struct lwm2m_time_series_elem room[ROOM];
static struct lwm2m_time_series_elem more_room[ROOM];

static unsigned int filtered;

static bool not_below_zero(const struct lwm2m_obj_path *path,
			   const struct lwm2m_time_series_elem *element)
{
	CHECK(lwm2m_obj_path_equal(path, SENSOR_VALUE(0)));
	CHECK(element->t > 1500000000);
	filtered++;
	/* A filter may look at what is there. */
	CHECK(lwm2m_cache_size(lwm2m_cache_entry_get_by_object(path)) <= ROOM);
	return element->f >= 0;
}

static void enabling(void)
{
	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR(0)), 0);
	CHECK(lwm2m_cache_entry_get_by_object(SENSOR_VALUE(0)) == NULL);
	CHECK_EQUAL(lwm2m_set_cache_filter(SENSOR_VALUE(0), not_below_zero), -ENOENT);

	CHECK_EQUAL(lwm2m_enable_cache(NULL, room, ROOM), -EINVAL);
	CHECK_EQUAL(lwm2m_enable_cache(SENSOR_VALUE(0), NULL, ROOM), -EINVAL);
	CHECK_EQUAL(lwm2m_enable_cache(SENSOR_VALUE(1), room, ROOM), -ENOENT);
	CHECK_EQUAL(lwm2m_enable_cache(NOWHERE, room, ROOM), -ENOENT);
	CHECK_EQUAL(lwm2m_enable_cache(POWER_SOURCE(9), room, ROOM), -ENOENT);
	CHECK_EQUAL(lwm2m_enable_cache(UNITS(0), room, ROOM), -ENODATA);
	CHECK_EQUAL(lwm2m_set_cache_filter(NULL, not_below_zero), -EINVAL);

	CHECK_EQUAL(lwm2m_enable_cache(SENSOR_VALUE(0), room, ROOM), 0);
	CHECK(lwm2m_cache_entry_get_by_object(SENSOR_VALUE(0)) != NULL);
	CHECK(lwm2m_cache_entry_get_by_object(SENSOR(0)) == NULL);
	CHECK(lwm2m_cache_entry_get_by_object(NULL) == NULL);
	CHECK_EQUAL(lwm2m_set_cache_filter(SENSOR_VALUE(0), not_below_zero), 0);
}

static void values(void)
{
	struct lwm2m_time_series_resource *entry = lwm2m_cache_entry_get_by_object(SENSOR_VALUE(0));
	struct lwm2m_time_series_elem sample;
	const time_t before = time(NULL);
	int value;

	for (value = -1; value <= 4; value++) {
		CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE(0), value), 0);
	}
	CHECK_EQUAL(filtered, 6);
	CHECK_EQUAL(lwm2m_cache_size(entry), ROOM);
	/* -1 was filtered; of 0 to 4 the configuration keeps the latest. */
	for (value = 2; value <= 4; value++) {
		CHECK(lwm2m_cache_read(entry, &sample));
		CHECK_EQUAL(sample.f, value);
		CHECK(sample.t >= before && sample.t <= time(NULL));
	}
	CHECK(!lwm2m_cache_read(entry, &sample));
	CHECK_EQUAL(lwm2m_cache_size(entry), 0);
	/* What was set twice was sampled twice. */
	CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE(0), 4), 0);
	CHECK_EQUAL(lwm2m_cache_size(entry), 1);
	CHECK_EQUAL(lwm2m_set_cache_filter(SENSOR_VALUE(0), NULL), 0);
	CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE(0), -1), 0);
	CHECK_EQUAL(lwm2m_cache_size(entry), 2);
	/* Another buffer: the samples are gone, the entry stays. */
	CHECK_EQUAL(lwm2m_enable_cache(SENSOR_VALUE(0), more_room, ROOM), 0);
	CHECK(lwm2m_cache_entry_get_by_object(SENSOR_VALUE(0)) == entry);
	CHECK_EQUAL(lwm2m_cache_size(entry), 0);
}

static void entries(void)
{
	struct lwm2m_time_series_resource *entry = lwm2m_cache_entry_get_by_object(SENSOR_VALUE(0));
	struct lwm2m_time_series_elem sample = {.t = 1, .f = 0.5};
	static struct lwm2m_time_series_elem others[CONFIG_LWM2M_MAX_CACHED_RESOURCES];
	struct lwm2m_obj_path path = *SENSOR_VALUE(0);
	int value;

	CHECK(lwm2m_cache_write(entry, &sample));
	CHECK_EQUAL(lwm2m_cache_size(entry), 1);
	/* The samples lie in the application's buffer, as Zephyr's ring buffers have them. */
	CHECK(memcmp(&more_room[0], &sample, sizeof(sample)) == 0);
	CHECK(entry->rb.buffer == (uint8_t *)more_room);
	CHECK_EQUAL(entry->rb.size, sizeof(more_room));
	CHECK_EQUAL(entry->rb.put.tail - entry->rb.get.tail, sizeof(sample));
	for (value = 2; value <= 5; value++) {
		sample.t = value;
		CHECK(lwm2m_cache_write(entry, &sample));
	}
	CHECK(lwm2m_cache_read(entry, &sample));
	CHECK_EQUAL(sample.t, 3);

	CHECK(!lwm2m_cache_write(NULL, &sample));
	CHECK(!lwm2m_cache_write(entry, NULL));
	CHECK(!lwm2m_cache_read(NULL, &sample));
	CHECK(!lwm2m_cache_read(entry, NULL));
	CHECK_EQUAL(lwm2m_cache_size(entry), 2);
	CHECK_EQUAL(lwm2m_cache_size(NULL), 0);

	/* As many as configured, and no more. */
	path.res_id = 5601;
	CHECK_EQUAL(lwm2m_enable_cache(&path, &others[1], 1), 0);
	path.res_id = 5602;
	CHECK_EQUAL(lwm2m_enable_cache(&path, &others[2], 1), 0);
	CHECK_EQUAL(lwm2m_enable_cache(LIFETIME, &others[3], 1), 0);
	CHECK_EQUAL(lwm2m_enable_cache(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 6), room, 1),
		    -ENODATA);
	CHECK_EQUAL(lwm2m_set_u32(LIFETIME, 86400), 0);
	CHECK_EQUAL(others[3].u32, 86400);
}

int main(void)
{
	enabling();
	values();
	entries();
	return CHECK_RESULT();
}
