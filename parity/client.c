/* SPDX-License-Identifier: Apache-2.0 */
/* The client that `cargo xtask parity` asks: every object with an instance, every resource with a
 * value. Without arguments it says what it has, a fact a line; with --server and --endpoint it
 * registers and stays until it is ended.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/lwm2m.h>

#include "lwm2m_object.h"
#include "lwm2m_registry.h"

/* Room for a value whose buffer the object leaves to the application. */
#define ROOM 16

static struct lwm2m_ctx client;

static void describe_object(const struct lwm2m_engine_obj *obj)
{
	printf("object %u %u.%u %c %u\n", obj->obj_id, obj->version_major, obj->version_minor,
	       obj->is_core ? 'y' : 'n', obj->max_instance_count);
	for (int i = 0; i < obj->field_count; i++) {
		printf("field %u/%u %u %u\n", obj->obj_id, obj->fields[i].res_id,
		       obj->fields[i].permissions, obj->fields[i].data_type);
	}
}

static void describe_instance(const struct lwm2m_engine_obj_inst *instance)
{
	for (int i = 0; i < instance->resource_count; i++) {
		const struct lwm2m_engine_res *res = &instance->resources[i];

		printf("resource %u/%u %s %u\n", instance->obj->obj_id, res->res_id,
		       res->multi_res_inst ? "multiple" : "single", res->res_inst_count);
	}
}

/* Has the first instance of a resource exist and hold something. */
static void fill(const struct lwm2m_engine_res *res)
{
	struct lwm2m_engine_res_inst *value = res->res_instances;

	if (res->res_inst_count == 0 || value == NULL) {
		return;
	}
	if (value->res_inst_id == RES_INSTANCE_NOT_CREATED) {
		value->res_inst_id = 0;
	}
	if (value->data_ptr == NULL) {
		value->data_ptr = calloc(1, ROOM);
		value->max_data_len = ROOM;
		value->data_len = sizeof(double);
	}
}

static void set_up(void)
{
	struct lwm2m_engine_obj *obj;
	struct lwm2m_engine_obj_inst *instance;

	lwm2m_registry_lock();
	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_list(), obj, node) {
		if (get_engine_obj_inst(obj->obj_id, 0) == NULL &&
		    lwm2m_create_object_inst(&LWM2M_OBJ(obj->obj_id, 0)) < 0) {
			printf("refused %u\n", obj->obj_id);
		}
	}
	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_inst_list(), instance, node) {
		for (int i = 0; instance->obj_inst_id == 0 && i < instance->resource_count; i++) {
			fill(&instance->resources[i]);
		}
	}
	lwm2m_registry_unlock();
}

static void describe(void)
{
	struct lwm2m_engine_obj *obj;
	struct lwm2m_engine_obj_inst *instance;

	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_list(), obj, node) {
		describe_object(obj);
	}
	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_inst_list(), instance, node) {
		if (instance->obj_inst_id == 0) {
			describe_instance(instance);
		}
	}
}

static int start(const char *server, const char *endpoint)
{
	int failures = 0;

	failures += lwm2m_set_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 0), server) != 0;
	failures += lwm2m_set_bool(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 1), false) != 0;
	failures += lwm2m_set_u8(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 2),
				 LWM2M_SECURITY_NOSEC) != 0;
	failures += lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 10),
				  CONFIG_LWM2M_SERVER_DEFAULT_SSID) != 0;
	failures += lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 0),
				  CONFIG_LWM2M_SERVER_DEFAULT_SSID) != 0;
	failures += lwm2m_set_u32(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 1), 3600) != 0;
	failures += lwm2m_rd_client_start(&client, endpoint, 0, NULL, NULL) != 0;
	return failures;
}

int main(int argc, char **argv)
{
	set_up();
	if (argc == 1) {
		describe();
		return 0;
	}
	if (argc != 5 || strcmp(argv[1], "--server") != 0 || strcmp(argv[3], "--endpoint") != 0) {
		fprintf(stderr, "%s [--server URI --endpoint NAME]\n", argv[0]);
		return 2;
	}
	if (start(argv[2], argv[4]) != 0) {
		fprintf(stderr, "the client does not start\n");
		return 1;
	}
	k_sleep(K_FOREVER);
	return 0;
}
