/* SPDX-License-Identifier: Apache-2.0 */
/* The registry functions on built-in objects: values, buffers, errors. */

#include <errno.h>
#include <math.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "support/check.h"

#define URI &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 0)
#define MODE &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 2)
#define KEY &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 5)
#define SHORT_ID &LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 0)
#define LIFETIME &LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 1)
#define STORING &LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 6)
#define MANUFACTURER &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 0)
#define TIMEZONE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 15)
#define POWER_SOURCE(id) &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 6, id)
#define EXT_DEV_INFO(id) &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 22, id)
#define MEMORY_FREE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 10)
#define SENSOR &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0)
#define SENSOR_VALUE &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0, 5700)
#define NOWHERE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 4711)
#define TOO_SHORT &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0)

static void scalars(void)
{
	uint8_t u8 = 0;
	uint16_t u16 = 0;
	uint32_t u32 = 0;
	int32_t s32 = 0;
	bool flag = false;
	double value = 0;
	time_t now = 0;

	CHECK_EQUAL(lwm2m_set_u8(MODE, 3), 0);
	CHECK_EQUAL(lwm2m_get_u8(MODE, &u8), 0);
	CHECK_EQUAL(u8, 3);
	CHECK_EQUAL(lwm2m_set_u16(SHORT_ID, 65534), 0);
	CHECK_EQUAL(lwm2m_get_u16(SHORT_ID, &u16), 0);
	CHECK_EQUAL(u16, 65534);
	CHECK_EQUAL(lwm2m_set_u32(LIFETIME, 4294967295U), 0);
	CHECK_EQUAL(lwm2m_get_u32(LIFETIME, &u32), 0);
	CHECK_EQUAL(u32, 4294967295U);
	CHECK_EQUAL(lwm2m_set_u32(LIFETIME, 60), 0);
	CHECK_EQUAL(lwm2m_set_bool(STORING, true), 0);
	CHECK_EQUAL(lwm2m_get_bool(STORING, &flag), 0);
	CHECK(flag);
	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR), 0);
	CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE, -273.15), 0);
	CHECK_EQUAL(lwm2m_get_f64(SENSOR_VALUE, &value), 0);
	CHECK(fabs(value + 273.15) < 1e-12);
	CHECK_EQUAL(lwm2m_set_time(&LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 13), 1000000), 0);
	CHECK_EQUAL(lwm2m_get_time(&LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 13), &now), 0);
	CHECK(now >= 1000000 && now < 1000060);

	/* A value of another size, before and after it has a buffer of the application's. */
	CHECK_EQUAL(lwm2m_get_u16(MODE, &u16), -EINVAL);
	CHECK_EQUAL(lwm2m_set_u16(MODE, 3), -EINVAL);
	CHECK_EQUAL(lwm2m_set_s32(MEMORY_FREE, 1), -EINVAL);
	CHECK_EQUAL(lwm2m_get_s32(MEMORY_FREE, &s32), 0);
	CHECK_EQUAL(s32, 0);
	s32 = -7;
	CHECK_EQUAL(lwm2m_set_res_buf(MEMORY_FREE, &s32, sizeof(s32), sizeof(s32), 0), 0);
	CHECK_EQUAL(lwm2m_set_s32(MEMORY_FREE, INT32_MIN), 0);
	CHECK_EQUAL(s32, INT32_MIN);
}

static void strings_and_opaques(void)
{
	char text[64];
	char key[4] = {1, 2, 0, 4};
	uint8_t bytes[8] = {0};

	CHECK_EQUAL(lwm2m_set_string(URI, "coap://127.0.0.1"), 0);
	CHECK_EQUAL(lwm2m_get_string(URI, text, sizeof(text)), 0);
	CHECK(strcmp(text, "coap://127.0.0.1") == 0);
	CHECK_EQUAL(lwm2m_get_string(URI, text, strlen("coap://127.0.0.1") + 1), 0);
	CHECK_EQUAL(lwm2m_get_string(URI, text, strlen("coap://127.0.0.1")), -ENOMEM);
	CHECK_EQUAL(lwm2m_set_string(URI, ""), 0);
	CHECK_EQUAL(lwm2m_get_string(URI, text, sizeof(text)), 0);
	CHECK_EQUAL(text[0], 0);

	CHECK_EQUAL(lwm2m_set_opaque(KEY, key, sizeof(key)), 0);
	CHECK_EQUAL(lwm2m_get_opaque(KEY, bytes, sizeof(bytes)), 0);
	CHECK(memcmp(bytes, key, sizeof(key)) == 0);
	CHECK_EQUAL(lwm2m_get_opaque(KEY, bytes, 3), -ENOMEM);
	CHECK_EQUAL(lwm2m_set_opaque(KEY, NULL, 0), 0);
	memset(text, 'x', sizeof(text));
	CHECK_EQUAL(lwm2m_set_string(KEY, "key"), 0);
	CHECK_EQUAL(lwm2m_get_string(KEY, text, sizeof(text)), 0);
	CHECK(strcmp(text, "key") == 0);
	memset(text, 'x', sizeof(text));
	CHECK_EQUAL(lwm2m_set_opaque(KEY, text, 33), -ENOMEM);
}

static void buffers(void)
{
	static char maker[] = "Someone";
	char room[8] = "UTC";
	void *pointer = NULL;
	uint16_t length = 0;
	uint16_t used = 0;
	uint8_t flags = 0;
	char text[16];

	CHECK_EQUAL(lwm2m_set_res_buf(MANUFACTURER, maker, sizeof(maker), sizeof(maker),
				      LWM2M_RES_DATA_FLAG_RO),
		    0);
	CHECK_EQUAL(lwm2m_set_string(MANUFACTURER, "Other"), -EACCES);
	CHECK_EQUAL(lwm2m_get_string(MANUFACTURER, text, sizeof(text)), 0);
	CHECK(strcmp(text, "Someone") == 0);
	CHECK_EQUAL(lwm2m_get_res_buf(MANUFACTURER, &pointer, &length, &used, &flags), 0);
	CHECK(pointer == maker);
	CHECK_EQUAL(length, sizeof(maker));
	CHECK_EQUAL(used, sizeof(maker));
	CHECK_EQUAL(flags, LWM2M_RES_DATA_FLAG_RO);

	/* The form that Zephyr's documentation still shows. */
	CHECK_EQUAL(lwm2m_set_res_data(MANUFACTURER, maker, sizeof(maker), 0), 0);
	CHECK_EQUAL(lwm2m_set_string(MANUFACTURER, "Other"), 0);
	CHECK(strcmp(maker, "Other") == 0);

	CHECK_EQUAL(lwm2m_set_res_buf(TIMEZONE, room, sizeof(room), 4, 0), 0);
	CHECK_EQUAL(lwm2m_set_string(TIMEZONE, "1234567"), 0);
	CHECK_EQUAL(lwm2m_set_string(TIMEZONE, "12345678"), -ENOMEM);
	CHECK(strcmp(room, "1234567") == 0);
	CHECK_EQUAL(lwm2m_set_res_data_len(TIMEZONE, 4), 0);
	CHECK_EQUAL(lwm2m_get_string(TIMEZONE, text, sizeof(text)), 0);
	CHECK(strcmp(text, "123") == 0);
	CHECK_EQUAL(lwm2m_set_res_buf(TIMEZONE, NULL, 0, 0, 0), 0);
	CHECK_EQUAL(lwm2m_set_string(TIMEZONE, "UTC"), -EINVAL);
	CHECK_EQUAL(lwm2m_get_string(TIMEZONE, text, sizeof(text)), 0);
	CHECK_EQUAL(text[0], 0);
}

static void resource_instances(void)
{
	uint8_t sources[2] = {LWM2M_DEVICE_PWR_SRC_TYPE_BAT_INT, LWM2M_DEVICE_PWR_SRC_TYPE_USB};
	struct lwm2m_objlnk link = {.obj_id = 3303, .obj_inst = 0};
	struct lwm2m_objlnk room = {0};
	uint8_t source = 0;

	CHECK_EQUAL(lwm2m_set_u8(POWER_SOURCE(0), 1), -ENOENT);
	CHECK_EQUAL(lwm2m_create_res_inst(POWER_SOURCE(0)), 0);
	CHECK_EQUAL(lwm2m_create_res_inst(POWER_SOURCE(0)), -EINVAL);
	CHECK_EQUAL(lwm2m_create_res_inst(POWER_SOURCE(1)), 0);
	CHECK_EQUAL(lwm2m_set_res_buf(POWER_SOURCE(1), &sources[1], 1, 1, 0), 0);
	CHECK_EQUAL(lwm2m_get_u8(POWER_SOURCE(1), &source), 0);
	CHECK_EQUAL(source, LWM2M_DEVICE_PWR_SRC_TYPE_USB);
	for (uint16_t id = 2; id < CONFIG_LWM2M_DEVICE_PWRSRC_MAX; id++) {
		CHECK_EQUAL(lwm2m_create_res_inst(POWER_SOURCE(id)), 0);
	}
	CHECK_EQUAL(lwm2m_create_res_inst(POWER_SOURCE(100)), -ENOMEM);
	CHECK_EQUAL(lwm2m_delete_res_inst(POWER_SOURCE(0)), 0);
	CHECK_EQUAL(lwm2m_delete_res_inst(POWER_SOURCE(0)), -ENOENT);
	CHECK_EQUAL(lwm2m_create_res_inst(POWER_SOURCE(100)), 0);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(3, 0, 6)), -EINVAL);
	CHECK_EQUAL(lwm2m_delete_res_inst(&LWM2M_OBJ(3, 0, 6)), -EINVAL);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(3, 0, 4711, 0)), -ENOENT);

	CHECK_EQUAL(lwm2m_create_res_inst(EXT_DEV_INFO(0)), 0);
	CHECK_EQUAL(lwm2m_set_res_buf(EXT_DEV_INFO(0), &room, sizeof(room), sizeof(room), 0), 0);
	CHECK_EQUAL(lwm2m_set_objlnk(EXT_DEV_INFO(0), &link), 0);
	CHECK_EQUAL(room.obj_id, 3303);
	memset(&link, 0xff, sizeof(link));
	CHECK_EQUAL(lwm2m_get_objlnk(EXT_DEV_INFO(0), &link), 0);
	CHECK_EQUAL(link.obj_id, 3303);
	CHECK_EQUAL(link.obj_inst, 0);
}

static void bulk(void)
{
	uint16_t id = 7;
	uint32_t lifetime = 600;
	uint8_t wrong = 0;
	struct lwm2m_res_item items[] = {
		{.path = SHORT_ID, .value = &id, .size = sizeof(id)},
		{.path = LIFETIME, .value = &lifetime, .size = sizeof(lifetime)},
		{.path = NOWHERE, .value = &wrong, .size = sizeof(wrong)},
	};

	CHECK_EQUAL(lwm2m_set_bulk(items, 2), 0);
	CHECK_EQUAL(lwm2m_get_u16(SHORT_ID, &id), 0);
	CHECK_EQUAL(id, 7);
	id = 8;
	CHECK_EQUAL(lwm2m_set_bulk(items, 3), -ENOENT);
	CHECK_EQUAL(lwm2m_get_u16(SHORT_ID, &id), 0);
	CHECK_EQUAL(id, 8);
	CHECK_EQUAL(lwm2m_set_bulk(items, 0), 0);
	items[0].path = NULL;
	CHECK_EQUAL(lwm2m_set_bulk(items, 1), -EINVAL);
}

static int refuse(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, uint8_t *data,
		  uint16_t data_len, bool last_block, size_t total_size, size_t offset)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	ARG_UNUSED(data_len);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	ARG_UNUSED(offset);
	return data[0] == 42 ? -EPERM : 0;
}

static uint8_t elsewhere;

static void *give(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, size_t *data_len)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	*data_len = sizeof(elsewhere);
	return &elsewhere;
}

static void callbacks(void)
{
	uint8_t mode = 0;

	CHECK_EQUAL(lwm2m_register_validate_callback(MODE, refuse), 0);
	CHECK_EQUAL(lwm2m_set_u8(MODE, 42), -EINVAL);
	CHECK_EQUAL(lwm2m_set_u8(MODE, 3), 0);
	CHECK_EQUAL(lwm2m_get_u8(MODE, &mode), 0);
	CHECK_EQUAL(mode, 3);
	CHECK_EQUAL(lwm2m_register_validate_callback(MODE, NULL), 0);
	CHECK_EQUAL(lwm2m_register_post_write_callback(MODE, refuse), 0);
	CHECK_EQUAL(lwm2m_set_u8(MODE, 42), -EPERM);
	CHECK_EQUAL(lwm2m_get_u8(MODE, &mode), 0);
	CHECK_EQUAL(mode, 42);
	CHECK_EQUAL(lwm2m_register_post_write_callback(MODE, NULL), 0);

	CHECK_EQUAL(lwm2m_register_read_callback(MODE, give), 0);
	elsewhere = 5;
	CHECK_EQUAL(lwm2m_get_u8(MODE, &mode), 0);
	CHECK_EQUAL(mode, 5);
	CHECK_EQUAL(lwm2m_register_pre_write_callback(MODE, give), 0);
	CHECK_EQUAL(lwm2m_set_u8(MODE, 6), 0);
	CHECK_EQUAL(elsewhere, 6);
	CHECK_EQUAL(lwm2m_register_read_callback(MODE, NULL), 0);
	CHECK_EQUAL(lwm2m_register_pre_write_callback(MODE, NULL), 0);

	CHECK_EQUAL(lwm2m_register_read_callback(NOWHERE, give), -ENOENT);
	CHECK_EQUAL(lwm2m_register_read_callback(TOO_SHORT, give), -EINVAL);
	CHECK_EQUAL(lwm2m_register_exec_callback(NOWHERE, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_register_create_callback(4711, NULL), -ENOENT);
	CHECK_EQUAL(lwm2m_register_delete_callback(4711, NULL), -ENOENT);
}

static int no(uint16_t obj_inst_id)
{
	ARG_UNUSED(obj_inst_id);
	return -EPERM;
}

static void object_instances(void)
{
	uint8_t mode;

	/* `scalars` has created the one instance that the configuration allows. */
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 1)), -ENOMEM);
	CHECK_EQUAL(lwm2m_delete_object_inst(SENSOR), 0);
	CHECK_EQUAL(lwm2m_delete_object_inst(SENSOR), -ENOENT);
	CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE, 1), -ENOENT);
	CHECK_EQUAL(lwm2m_register_create_callback(IPSO_OBJECT_TEMP_SENSOR_ID, no), 0);
	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR), -EPERM);
	CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE, 1), -ENOENT);
	CHECK_EQUAL(lwm2m_register_create_callback(IPSO_OBJECT_TEMP_SENSOR_ID, NULL), 0);
	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR), 0);
	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR), -ENOMEM);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(4711, 0)), -ENOENT);
	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR_VALUE), -EINVAL);
	CHECK_EQUAL(lwm2m_delete_object_inst(SENSOR_VALUE), -EINVAL);
	CHECK_EQUAL(lwm2m_get_u8(NOWHERE, &mode), -ENOENT);
	CHECK_EQUAL(lwm2m_get_u8(TOO_SHORT, &mode), -EINVAL);
	CHECK_EQUAL(lwm2m_set_u8(TOO_SHORT, 1), -EINVAL);
}

static void client_without_start(void)
{
	static struct lwm2m_ctx unused;

	CHECK(lwm2m_rd_client_ctx() == NULL);
	CHECK_EQUAL(lwm2m_rd_client_stop(&unused, NULL, true), -EPERM);
	CHECK_EQUAL(lwm2m_engine_pause(), 0);
	CHECK_EQUAL(lwm2m_engine_resume(), -EPERM);
	CHECK_EQUAL(lwm2m_send_cb(&unused, SENSOR, 1, NULL), -EPERM);
	CHECK_EQUAL(lwm2m_send_cb(&unused, SENSOR, 200, NULL), -E2BIG);
	CHECK(!lwm2m_path_is_observed(SENSOR));
	lwm2m_rd_client_update();
	lwm2m_acknowledge(&unused);
	lwm2m_registry_unlock();
	lwm2m_registry_lock();
	lwm2m_registry_lock();
	lwm2m_registry_unlock();
	lwm2m_registry_unlock();
	CHECK_EQUAL(lwm2m_set_u8(MODE, LWM2M_SECURITY_NOSEC), 0);
	CHECK_EQUAL(lwm2m_security_mode(&unused), LWM2M_SECURITY_NOSEC);
	unused.sec_obj_inst = 4711;
	CHECK_EQUAL(lwm2m_security_mode(&unused), -ENOENT);
	unused.sec_obj_inst = -1;
	CHECK_EQUAL(lwm2m_security_mode(&unused), -ENOENT);
	CHECK_EQUAL(lwm2m_rd_client_start(&unused, "x", LWM2M_RD_CLIENT_FLAG_BOOTSTRAP, NULL, NULL),
		    -ENOTSUP);
}

int main(void)
{
	scalars();
	strings_and_opaques();
	buffers();
	resource_instances();
	bulk();
	callbacks();
	object_instances();
	client_without_start();
	return CHECK_RESULT();
}
