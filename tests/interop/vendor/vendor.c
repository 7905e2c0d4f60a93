/* SPDX-License-Identifier: Apache-2.0 */
/* Two objects as a vendor writes them, for a server to read, write, create and delete.
 *
 * 31000 is registered by an init hook; its instances are places in static arrays, and its resource 2
 * has resource instances that come and go.
 * 31001 is registered while the client runs; its instances are allocated, freed in the delete
 * callback, and resource 3 gives an instance a longer array of resource instances.
 */

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/lwm2m.h>

#include "lwm2m_engine.h"
#include "lwm2m_object.h"

enum { STATIC_OBJECT = 31000, HEAP_OBJECT = 31001 };
enum { NAME, COUNTER, READINGS, ACTION, RESOURCES };
enum { STATIC_INSTANCES = 3, STATIC_READINGS = 4, HEAP_INSTANCES = 4, HEAP_READINGS = 2 };
enum { MORE_READINGS = 8 };

static struct lwm2m_engine_obj_field fields[] = {
	OBJ_FIELD_DATA(NAME, RW, STRING),
	OBJ_FIELD_DATA(COUNTER, RW, S32),
	OBJ_FIELD_DATA(READINGS, RW_OPT, U16),
	OBJ_FIELD_EXECUTE_OPT(ACTION),
};

/* --- 31000 --------------------------------------------------------------------------------- */

static struct lwm2m_engine_obj static_object;
static struct lwm2m_engine_obj_inst instances[STATIC_INSTANCES];
static struct lwm2m_engine_res resources[STATIC_INSTANCES][RESOURCES];
static struct lwm2m_engine_res_inst resource_instances[STATIC_INSTANCES][2 + STATIC_READINGS];
static char names[STATIC_INSTANCES][24];
static int32_t counters[STATIC_INSTANCES];
static uint16_t readings[STATIC_INSTANCES][STATIC_READINGS];

static int count(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	int32_t value = 0;
	int result = lwm2m_get_s32(&LWM2M_OBJ(STATIC_OBJECT, obj_inst_id, COUNTER), &value);

	ARG_UNUSED(args);
	if (result < 0) {
		return result;
	}
	return lwm2m_set_s32(&LWM2M_OBJ(STATIC_OBJECT, obj_inst_id, COUNTER),
			     value + (args_len > 0 ? args_len : 1));
}

static struct lwm2m_engine_obj_inst *create_static(uint16_t obj_inst_id)
{
	int place = -1;
	int r = 0;
	int ri = 0;

	for (int i = 0; i < STATIC_INSTANCES; i++) {
		if (instances[i].obj != NULL && instances[i].obj_inst_id == obj_inst_id) {
			return NULL;
		}
		if (instances[i].obj == NULL && place < 0) {
			place = i;
		}
	}
	if (place < 0) {
		return NULL;
	}
	memset(names[place], 0, sizeof(names[place]));
	counters[place] = 0;
	memset(resources[place], 0, sizeof(resources[place]));
	init_res_instance(resource_instances[place], ARRAY_SIZE(resource_instances[place]));
	INIT_OBJ_RES_DATA_LEN(NAME, resources[place], r, resource_instances[place], ri,
			      names[place], sizeof(names[place]), 0);
	INIT_OBJ_RES_DATA(COUNTER, resources[place], r, resource_instances[place], ri,
			  &counters[place], sizeof(counters[place]));
	INIT_OBJ_RES_MULTI_DATA(READINGS, resources[place], r, resource_instances[place], ri,
				STATIC_READINGS, false, readings[place],
				sizeof(readings[place][0]));
	INIT_OBJ_RES_EXECUTE(ACTION, resources[place], r, count);
	instances[place].resources = resources[place];
	instances[place].resource_count = (uint16_t)r;
	return &instances[place];
}

static int static_init(void)
{
	struct lwm2m_engine_obj_inst *instance = NULL;

	static_object.obj_id = STATIC_OBJECT;
	static_object.version_major = 1;
	static_object.fields = fields;
	static_object.field_count = ARRAY_SIZE(fields);
	static_object.max_instance_count = STATIC_INSTANCES;
	static_object.create_cb = create_static;
	lwm2m_register_obj(&static_object);
	return lwm2m_create_obj_inst(STATIC_OBJECT, 0, &instance);
}

LWM2M_OBJ_INIT(static_init);

/* --- 31001 --------------------------------------------------------------------------------- */

struct heap_instance {
	struct lwm2m_engine_obj_inst instance;
	struct lwm2m_engine_res resources[RESOURCES];
	struct lwm2m_engine_res_inst resource_instances[2 + HEAP_READINGS];
	struct lwm2m_engine_res_inst more[MORE_READINGS];
	char name[24];
	int32_t counter;
	uint16_t readings[MORE_READINGS];
};

static struct lwm2m_engine_obj heap_object;
static struct heap_instance *heap[HEAP_INSTANCES];

/* Swaps the array of resource instances for a longer one and makes the last of them exist. */
static int grow(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	struct heap_instance *one = heap[obj_inst_id];
	struct lwm2m_engine_res *res = &one->resources[READINGS];

	ARG_UNUSED(args);
	ARG_UNUSED(args_len);
	memcpy(one->more, res->res_instances, HEAP_READINGS * sizeof(one->more[0]));
	for (int i = HEAP_READINGS; i < MORE_READINGS; i++) {
		one->more[i] = (struct lwm2m_engine_res_inst){
			.data_ptr = &one->readings[i],
			.max_data_len = sizeof(one->readings[i]),
			.data_len = sizeof(one->readings[i]),
			.res_inst_id = RES_INSTANCE_NOT_CREATED,
		};
	}
	one->readings[MORE_READINGS - 1] = 700;
	one->more[MORE_READINGS - 1].res_inst_id = MORE_READINGS - 1;
	res->res_instances = one->more;
	res->res_inst_count = MORE_READINGS;
	return 0;
}

static struct lwm2m_engine_obj_inst *create_on_heap(uint16_t obj_inst_id)
{
	struct heap_instance *one;
	int r = 0;
	int ri = 0;

	if (obj_inst_id >= HEAP_INSTANCES || heap[obj_inst_id] != NULL) {
		return NULL;
	}
	one = calloc(1, sizeof(*one));
	if (one == NULL) {
		return NULL;
	}
	init_res_instance(one->resource_instances, ARRAY_SIZE(one->resource_instances));
	INIT_OBJ_RES_DATA_LEN(NAME, one->resources, r, one->resource_instances, ri, one->name,
			      sizeof(one->name), 0);
	INIT_OBJ_RES_DATA(COUNTER, one->resources, r, one->resource_instances, ri, &one->counter,
			  sizeof(one->counter));
	INIT_OBJ_RES_MULTI_DATA(READINGS, one->resources, r, one->resource_instances, ri,
				HEAP_READINGS, false, one->readings, sizeof(one->readings[0]));
	INIT_OBJ_RES_EXECUTE(ACTION, one->resources, r, grow);
	one->instance.resources = one->resources;
	one->instance.resource_count = (uint16_t)r;
	heap[obj_inst_id] = one;
	return &one->instance;
}

static int delete_from_heap(uint16_t obj_inst_id)
{
	free(heap[obj_inst_id]);
	heap[obj_inst_id] = NULL;
	return 0;
}

static int register_heap_object(void)
{
	heap_object.obj_id = HEAP_OBJECT;
	heap_object.version_major = 1;
	heap_object.fields = fields;
	heap_object.field_count = ARRAY_SIZE(fields);
	heap_object.max_instance_count = HEAP_INSTANCES;
	heap_object.create_cb = create_on_heap;
	heap_object.delete_cb = delete_from_heap;
	lwm2m_register_obj(&heap_object);
	return lwm2m_create_object_inst(&LWM2M_OBJ(HEAP_OBJECT, 0));
}

/* --- The client ------------------------------------------------------------------------------ */

static struct lwm2m_ctx client;
static volatile sig_atomic_t stop_requested;
static volatile bool registered;
static volatile bool disconnected;

static void event(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event what)
{
	ARG_UNUSED(ctx);
	if (what == LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE) {
		registered = true;
	}
	if (what == LWM2M_RD_CLIENT_EVENT_DISCONNECT) {
		disconnected = true;
	}
}

static void signalled(int number)
{
	ARG_UNUSED(number);
	stop_requested = 1;
}

int main(int argc, char **argv)
{
	bool has_heap_object = false;

	if (argc != 5) {
		return 2;
	}
	(void)signal(SIGTERM, signalled);
	if (lwm2m_set_string(&LWM2M_OBJ(0, 0, 0), argv[2]) < 0 ||
	    lwm2m_set_u8(&LWM2M_OBJ(0, 0, 2), LWM2M_SECURITY_NOSEC) < 0 ||
	    lwm2m_set_u16(&LWM2M_OBJ(0, 0, 10), CONFIG_LWM2M_SERVER_DEFAULT_SSID) < 0 ||
	    lwm2m_set_u16(&LWM2M_OBJ(1, 0, 0), CONFIG_LWM2M_SERVER_DEFAULT_SSID) < 0 ||
	    lwm2m_rd_client_start(&client, argv[4], 0, event, NULL) < 0) {
		return 1;
	}
	while (!stop_requested) {
		k_sleep(K_MSEC(50));
		if (registered && !has_heap_object) {
			has_heap_object = true;
			if (register_heap_object() < 0) {
				return 1;
			}
		}
	}
	lwm2m_rd_client_stop(&client, event, true);
	for (int waited = 0; !disconnected && waited < 10000; waited += 50) {
		k_sleep(K_MSEC(50));
	}
	return disconnected ? 0 : 1;
}
