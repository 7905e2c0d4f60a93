/* SPDX-License-Identifier: Apache-2.0 */
/* An object authored in C: registered by an init hook, its instances malloc'ed one by one and freed
 * in the delete callback, also while one of them is being read.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lwm2m_engine.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

enum { VENDOR = 30000, NAME = 0, LEVEL = 1, POKE = 2, TAGS = 3, RESOURCES = 4, TAG_COUNT = 2 };
enum { MAX_INSTANCES = 4 };

struct vendor {
	struct lwm2m_engine_obj_inst instance;
	struct lwm2m_engine_res resources[RESOURCES];
	struct lwm2m_engine_res_inst resource_instances[2 + TAG_COUNT];
	char name[16];
	uint32_t level;
	char tags[TAG_COUNT][8];
};

static struct lwm2m_engine_obj vendor_object;
static struct lwm2m_engine_obj_field fields[] = {
	OBJ_FIELD_DATA(NAME, RW, STRING),
	OBJ_FIELD_DATA(LEVEL, RW, U32),
	OBJ_FIELD_EXECUTE_OPT(POKE),
	OBJ_FIELD_DATA(TAGS, RW_OPT, STRING),
};

/* Memory by instance id; NULL: there is no such instance. Guarded by the registry's lock, which every
 * callback holds.
 */
static struct vendor *instances[MAX_INSTANCES];
static atomic_int created;
static atomic_int deleted;
static atomic_int freed;

/* The instance that is deleted when its name is read, -1 for none. */
static atomic_int delete_when_read = -1;

static void *read_name(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
		       size_t *data_len)
{
	static char last_words[] = "gone";

	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	if (obj_inst_id == delete_when_read) {
		delete_when_read = -1;
		CHECK_EQUAL(lwm2m_delete_object_inst(&LWM2M_OBJ(VENDOR, obj_inst_id)), 0);
		*data_len = sizeof(last_words);
		return last_words;
	}
	*data_len = strlen(instances[obj_inst_id]->name) + 1;
	return instances[obj_inst_id]->name;
}

static int poke(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	ARG_UNUSED(args);
	ARG_UNUSED(args_len);
	/* The instance that is executed goes, too. */
	return lwm2m_delete_object_inst(&LWM2M_OBJ(VENDOR, obj_inst_id));
}

static struct lwm2m_engine_obj_inst *create(uint16_t obj_inst_id)
{
	struct vendor *vendor;
	int r = 0;
	int ri = 0;

	if (obj_inst_id >= MAX_INSTANCES || instances[obj_inst_id] != NULL) {
		return NULL;
	}
	vendor = calloc(1, sizeof(*vendor));
	if (vendor == NULL) {
		return NULL;
	}
	strcpy(vendor->name, "vendor");
	vendor->level = 7;
	init_res_instance(vendor->resource_instances, ARRAY_SIZE(vendor->resource_instances));
	INIT_OBJ_RES_LEN(NAME, vendor->resources, r, vendor->resource_instances, ri, 1U, false,
			 true, vendor->name, sizeof(vendor->name), sizeof("vendor"), read_name,
			 NULL, NULL, NULL, NULL);
	INIT_OBJ_RES_DATA(LEVEL, vendor->resources, r, vendor->resource_instances, ri,
			  &vendor->level, sizeof(vendor->level));
	INIT_OBJ_RES_EXECUTE(POKE, vendor->resources, r, poke);
	INIT_OBJ_RES_MULTI_DATA_LEN(TAGS, vendor->resources, r, vendor->resource_instances, ri,
				    TAG_COUNT, false, vendor->tags, sizeof(vendor->tags[0]), 0);
	vendor->instance.resources = vendor->resources;
	vendor->instance.resource_count = (uint16_t)r;
	CHECK_EQUAL(r, RESOURCES);
	CHECK_EQUAL(ri, ARRAY_SIZE(vendor->resource_instances));
	instances[obj_inst_id] = vendor;
	return &vendor->instance;
}

static int delete(uint16_t obj_inst_id)
{
	freed++;
	free(instances[obj_inst_id]);
	instances[obj_inst_id] = NULL;
	return 0;
}

static int on_create(uint16_t obj_inst_id)
{
	ARG_UNUSED(obj_inst_id);
	created++;
	return 0;
}

static int on_delete(uint16_t obj_inst_id)
{
	ARG_UNUSED(obj_inst_id);
	deleted++;
	return 0;
}

static int vendor_init(void)
{
	vendor_object.obj_id = VENDOR;
	vendor_object.version_major = 1;
	vendor_object.version_minor = 0;
	vendor_object.fields = fields;
	vendor_object.field_count = ARRAY_SIZE(fields);
	vendor_object.max_instance_count = MAX_INSTANCES;
	vendor_object.create_cb = create;
	vendor_object.delete_cb = delete;
	lwm2m_register_obj(&vendor_object);
	return 0;
}

LWM2M_OBJ_INIT(vendor_init);

static void locally(void)
{
	struct lwm2m_engine_obj_inst *instance = NULL;
	struct lwm2m_engine_obj_inst *walked;
	char text[16];
	uint32_t level = 0;
	int listed = 0;

	/* The init hook has run before main. */
	CHECK(get_engine_obj(VENDOR) == &vendor_object);
	CHECK_EQUAL(lwm2m_register_create_callback(VENDOR, on_create), 0);
	CHECK_EQUAL(lwm2m_register_delete_callback(VENDOR, on_delete), 0);
	CHECK_EQUAL(lwm2m_create_obj_inst(VENDOR, 0, &instance), 0);
	CHECK(instance == &instances[0]->instance);
	CHECK_EQUAL(vendor_object.instance_count, 1);
	CHECK_EQUAL(lwm2m_create_obj_inst(VENDOR, 0, &instance), -EEXIST);
	CHECK(instance == NULL);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(VENDOR, 3)), 0);
	CHECK_EQUAL(created, 2);
	CHECK(next_engine_obj_inst(VENDOR, -1) == &instances[0]->instance);
	CHECK(next_engine_obj_inst(VENDOR, 0) == &instances[3]->instance);
	CHECK(next_engine_obj_inst(VENDOR, 3) == NULL);
	CHECK(lwm2m_engine_get_obj(&LWM2M_OBJ(VENDOR)) == &vendor_object);
	CHECK(lwm2m_engine_get_obj_inst(&LWM2M_OBJ(VENDOR, 3)) == &instances[3]->instance);
	CHECK(lwm2m_engine_get_obj_inst(&LWM2M_OBJ(VENDOR)) == NULL);
	CHECK(lwm2m_engine_get_res(&LWM2M_OBJ(VENDOR, 3, LEVEL)) ==
	      &instances[3]->resources[LEVEL]);
	CHECK(lwm2m_engine_get_res_inst(&LWM2M_OBJ(VENDOR, 3, LEVEL, 0)) ==
	      &instances[3]->resource_instances[1]);
	CHECK(lwm2m_get_engine_obj_field(&vendor_object, TAGS) == &fields[TAGS]);
	CHECK_EQUAL(path_to_objs(&LWM2M_OBJ(VENDOR, 3, LEVEL), &instance, NULL, NULL, NULL), 0);
	CHECK(instance == &instances[3]->instance);
	CHECK(!lwm2m_engine_shall_report_obj_version(&vendor_object));
	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_inst_list(), walked, node) {
		listed += walked->obj == &vendor_object ? 1 : 0;
	}
	CHECK_EQUAL(listed, 2);

	CHECK_EQUAL(lwm2m_get_string(&LWM2M_OBJ(VENDOR, 3, NAME), text, sizeof(text)), 0);
	CHECK(strcmp(text, "vendor") == 0);
	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(VENDOR, 3, LEVEL), 9), 0);
	CHECK_EQUAL(instances[3]->level, 9);
	instances[3]->level = 10;
	CHECK_EQUAL(lwm2m_get_u32(&LWM2M_OBJ(VENDOR, 3, LEVEL), &level), 0);
	CHECK_EQUAL(level, 10);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(VENDOR, 3, TAGS, 5)), 0);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(VENDOR, 3, TAGS, 5), "five"), 0);

	delete_when_read = 0;
	CHECK_EQUAL(lwm2m_get_string(&LWM2M_OBJ(VENDOR, 0, NAME), text, sizeof(text)), 0);
	CHECK(strcmp(text, "gone") == 0);
	CHECK_EQUAL(freed, 1);
	CHECK_EQUAL(deleted, 1);
	CHECK(get_engine_obj_inst(VENDOR, 0) == NULL);
	CHECK(get_engine_obj_inst(VENDOR, 3) == &instances[3]->instance);
	CHECK_EQUAL(lwm2m_get_u32(&LWM2M_OBJ(VENDOR, 0, LEVEL), &level), -ENOENT);
}

static void from_a_server(void)
{
	struct answer answer;

	client_register();
	answer = server_request(GET, "30000/3/1", TEXT_PLAIN, NULL);
	CHECK_EQUAL(answer.code, CODE(2, 5));
	CHECK(strcmp((char *)answer.payload, "10") == 0);
	answer = server_request(PUT, "30000/3/0", TEXT_PLAIN, "renamed");
	CHECK_EQUAL(answer.code, CODE(2, 4));
	lwm2m_registry_lock();
	CHECK(strcmp(instances[3]->name, "renamed") == 0);
	lwm2m_registry_unlock();
	answer = server_request(GET, "30000/3/0", TEXT_PLAIN, NULL);
	CHECK(strcmp((char *)answer.payload, "renamed") == 0);

	/* The read of one resource, and of the whole instance, takes the instance away. */
	delete_when_read = 3;
	answer = server_request(GET, "30000/3/0", TEXT_PLAIN, NULL);
	CHECK(answer.code == CODE(2, 5) || answer.code == CODE(4, 4));
	CHECK_EQUAL(freed, 2);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(VENDOR, 1)), 0);
	delete_when_read = 1;
	answer = server_request(GET, "30000/1", TLV, NULL);
	CHECK(answer.code == CODE(2, 5) || answer.code == CODE(4, 4));
	CHECK_EQUAL(freed, 3);
	answer = server_request(GET, "30000/1", TLV, NULL);
	CHECK_EQUAL(answer.code, CODE(4, 4));

	/* So does the read of the object, which has more than one. */
	for (uint16_t id = 0; id < MAX_INSTANCES; id++) {
		CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(VENDOR, id)), 0);
	}
	delete_when_read = 2;
	answer = server_request(GET, "30000", TLV, NULL);
	CHECK(answer.code == CODE(2, 5) || answer.code == CODE(4, 4));
	CHECK_EQUAL(freed, 4);

	/* And an execution. */
	answer = server_request(POST, "30000/1/2", NO_FORMAT, NULL);
	CHECK_EQUAL(answer.code, CODE(2, 4));
	CHECK_EQUAL(freed, 5);
	CHECK(get_engine_obj_inst(VENDOR, 1) == NULL);

	/* An observed one that goes: its observation ends. */
	answer = server_observe(GET, "30000/0/1", TEXT_PLAIN, NULL, 0, 0);
	CHECK_EQUAL(answer.code, CODE(2, 5));
	CHECK(lwm2m_path_is_observed(&LWM2M_OBJ(VENDOR, 0, LEVEL)));
	CHECK_EQUAL(lwm2m_delete_object_inst(&LWM2M_OBJ(VENDOR, 0)), 0);
	CHECK(!lwm2m_path_is_observed(&LWM2M_OBJ(VENDOR, 0, LEVEL)));
	answer = server_request(GET, "30000/0/1", TEXT_PLAIN, NULL);
	CHECK_EQUAL(answer.code, CODE(4, 4));
	client_stop();
}

int main(void)
{
	locally();
	from_a_server();
	CHECK_EQUAL(lwm2m_delete_obj_inst(VENDOR, 3), 0);
	CHECK_EQUAL(vendor_object.instance_count, 0);
	lwm2m_unregister_obj(&vendor_object);
	CHECK(get_engine_obj(VENDOR) == NULL);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(VENDOR, 0)), -ENOENT);
	return CHECK_RESULT();
}
