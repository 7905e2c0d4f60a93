/* SPDX-License-Identifier: Apache-2.0 */
/* Every function with NULL in the place of every pointer: an error, never a crash. */

#include <errno.h>
#include <string.h>

#include "lwm2m_engine.h"

#include "support/check.h"

#define PATH &LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 1)

#define SET(type, value) CHECK_EQUAL(lwm2m_set_##type(NULL, value), -EINVAL)
#define GET_FROM_NULL(type, room) CHECK_EQUAL(lwm2m_get_##type(NULL, room), -EINVAL)
#define GET_INTO_NULL(type) CHECK_EQUAL(lwm2m_get_##type(PATH, NULL), -EINVAL)

int main(void)
{
	static struct lwm2m_ctx ctx;
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		int8_t s8;
		int16_t s16;
		int32_t s32;
		int64_t s64;
		bool flag;
		double f64;
		time_t time;
		struct lwm2m_objlnk link;
	} room;
	struct lwm2m_obj_path path = LWM2M_OBJ(3, 0, 1);
	struct lwm2m_engine_obj_inst *instance;
	char text[LWM2M_MAX_PATH_STR_SIZE];
	uint32_t lifetime = 0;

	SET(u8, 0);
	SET(u16, 0);
	SET(u32, 0);
	SET(s8, 0);
	SET(s16, 0);
	SET(s32, 0);
	SET(s64, 0);
	SET(bool, false);
	SET(f64, 0);
	SET(time, 0);
	SET(objlnk, &room.link);
	SET(string, "");
	CHECK_EQUAL(lwm2m_set_opaque(NULL, "", 0), -EINVAL);
	CHECK_EQUAL(lwm2m_set_objlnk(PATH, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_set_string(PATH, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_set_opaque(PATH, NULL, 1), -EINVAL);
	CHECK_EQUAL(lwm2m_set_bulk(NULL, 1), -EINVAL);

	GET_FROM_NULL(u8, &room.u8);
	GET_FROM_NULL(u16, &room.u16);
	GET_FROM_NULL(u32, &room.u32);
	GET_FROM_NULL(s8, &room.s8);
	GET_FROM_NULL(s16, &room.s16);
	GET_FROM_NULL(s32, &room.s32);
	GET_FROM_NULL(s64, &room.s64);
	GET_FROM_NULL(bool, &room.flag);
	GET_FROM_NULL(f64, &room.f64);
	GET_FROM_NULL(time, &room.time);
	GET_FROM_NULL(objlnk, &room.link);
	CHECK_EQUAL(lwm2m_get_string(NULL, text, sizeof(text)), -EINVAL);
	CHECK_EQUAL(lwm2m_get_opaque(NULL, text, sizeof(text)), -EINVAL);
	GET_INTO_NULL(u8);
	GET_INTO_NULL(u16);
	GET_INTO_NULL(u32);
	GET_INTO_NULL(s8);
	GET_INTO_NULL(s16);
	GET_INTO_NULL(s32);
	GET_INTO_NULL(s64);
	GET_INTO_NULL(bool);
	GET_INTO_NULL(f64);
	GET_INTO_NULL(time);
	GET_INTO_NULL(objlnk);
	CHECK_EQUAL(lwm2m_get_string(PATH, NULL, 1), -EINVAL);
	CHECK_EQUAL(lwm2m_get_string(PATH, text, 0), -EINVAL);
	CHECK_EQUAL(lwm2m_get_opaque(PATH, NULL, 1), -EINVAL);

	CHECK_EQUAL(lwm2m_register_read_callback(NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_register_pre_write_callback(NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_register_validate_callback(NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_register_post_write_callback(NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_register_exec_callback(NULL, NULL), -EINVAL);

	CHECK_EQUAL(lwm2m_set_res_buf(NULL, &lifetime, sizeof(lifetime), 0, 0), -EINVAL);
	CHECK_EQUAL(lwm2m_set_res_data(NULL, &lifetime, sizeof(lifetime), 0), -EINVAL);
	CHECK_EQUAL(lwm2m_set_res_data_len(NULL, 0), -EINVAL);
	CHECK_EQUAL(lwm2m_get_res_buf(NULL, NULL, NULL, NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_get_res_buf(PATH, NULL, NULL, NULL, NULL), 0);
	CHECK_EQUAL(lwm2m_create_res_inst(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_delete_res_inst(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_create_object_inst(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_delete_object_inst(NULL), -EINVAL);

	CHECK_EQUAL(lwm2m_rd_client_start(NULL, "x", 0, NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_rd_client_start(&ctx, NULL, 0, NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_rd_client_stop(NULL, NULL, true), -EPERM);
	CHECK_EQUAL(lwm2m_send_cb(NULL, &path, 1, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_send_cb(&ctx, NULL, 1, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_security_mode(NULL), -EINVAL);
	CHECK(!lwm2m_path_is_observed(NULL));
	lwm2m_acknowledge(NULL);
	CHECK(lwm2m_path_log_buf(NULL, &path) == NULL);
	CHECK(strcmp(lwm2m_path_log_buf(text, NULL), "/") == 0);
	CHECK(strcmp(lwm2m_path_log_buf(text, &path), "3/0/1") == 0);

	lwm2m_register_obj(NULL);
	lwm2m_unregister_obj(NULL);
	CHECK_EQUAL(lwm2m_create_obj_inst(LWM2M_OBJECT_DEVICE_ID, 1, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_create_obj_inst(4711, 1, &instance), -ENOENT);
	CHECK(instance == NULL);
	CHECK_EQUAL(lwm2m_delete_obj_inst(4711, 1), -ENOENT);
	CHECK_EQUAL(lwm2m_notify_observer_path(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_notify_observer(3, 0, 1), 0);
	CHECK(lwm2m_engine_get_obj(NULL) == NULL);
	CHECK(lwm2m_engine_get_obj_inst(NULL) == NULL);
	CHECK(lwm2m_engine_get_res(NULL) == NULL);
	CHECK(lwm2m_engine_get_res_inst(NULL) == NULL);
	CHECK(lwm2m_get_engine_obj_field(NULL, 0) == NULL);
	CHECK(!lwm2m_engine_shall_report_obj_version(NULL));
	CHECK_EQUAL(path_to_objs(NULL, NULL, NULL, NULL, NULL), -EINVAL);
	CHECK_EQUAL(path_to_objs(PATH, NULL, NULL, NULL, NULL), 0);
	CHECK_EQUAL(lwm2m_get_resource(NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_get_resource(PATH, NULL), 0);
	CHECK_EQUAL(lwm2m_engine_get_create_res_inst(NULL, NULL, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_engine_get_create_res_inst(PATH, NULL, NULL), 0);
	CHECK(lwm2m_engine_obj_list() != NULL);
	CHECK(lwm2m_engine_obj_inst_list() != NULL);
	return CHECK_RESULT();
}
