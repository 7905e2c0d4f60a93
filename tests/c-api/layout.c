/* SPDX-License-Identifier: Apache-2.0 */
/* The structs that applications author, as this project's headers lay them out: each field where
 * Zephyr's headers put it. Proved when it compiles; the macros are looked at when it runs.
 */

#include <stddef.h>
#include <string.h>

#include "lwm2m_engine.h"
#include "lwm2m_resource_ids.h"

#include "layout_table.h"
#include "support/check.h"

int main(void)
{
	struct lwm2m_obj_path path = LWM2M_OBJ(3303, 1, 5700, 2);
	struct lwm2m_obj_path object = LWM2M_OBJ(3);
	struct lwm2m_engine_obj_field field = OBJ_FIELD_DATA(5700, RW_OPT, FLOAT);
	struct lwm2m_engine_obj_field execute = OBJ_FIELD_EXECUTE(4);
	struct lwm2m_engine_res_inst value = {.data_flags = LWM2M_RES_DATA_FLAG_RO};

	CHECK(strcmp(LWM2M_PATH(3), "3") == 0);
	CHECK(strcmp(LWM2M_PATH(3, 0), "3/0") == 0);
	CHECK(strcmp(LWM2M_PATH(3, 0, 11), "3/0/11") == 0);
	CHECK(strcmp(LWM2M_PATH(3, 0, 11, 0), "3/0/11/0") == 0);
	CHECK_EQUAL(path.obj_id, IPSO_OBJECT_TEMP_SENSOR_ID);
	CHECK_EQUAL(path.obj_inst_id, 1);
	CHECK_EQUAL(path.res_id, SENSOR_VALUE_RID);
	CHECK_EQUAL(path.res_inst_id, 2);
	CHECK_EQUAL(path.level, 4);
	CHECK_EQUAL(object.level, 1);
	CHECK_EQUAL(object.obj_inst_id, 0);
	CHECK_EQUAL(field.permissions, 135);
	CHECK_EQUAL(field.data_type, 12);
	CHECK(LWM2M_HAS_PERM(&field, LWM2M_PERM_W));
	CHECK_EQUAL(execute.permissions, 16);
	CHECK(LWM2M_HAS_RES_FLAG(&value, LWM2M_RES_DATA_FLAG_RO));
	CHECK_EQUAL(LWM2M_MAX_PATH_STR_SIZE, 25);
	CHECK_EQUAL(LWM2M_OBJLNK_MAX_ID, 65535);
	CHECK(strcmp(LWM2M_PROTOCOL_VERSION_STRING, "1.1") == 0);
	return CHECK_RESULT();
}
