/* SPDX-License-Identifier: Apache-2.0 */
/* Two objects as vendors write them, with every macro there is for it: one of a static instance
 * array, registered from an init hook, one that is registered while the client runs. Both have
 * resource instances that come and go, in an array that the vendor exchanges.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "lwm2m_engine.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

enum { EARLY = 30100, LATE = 30101, MAX_INSTANCES = 2 };

/* Resources of both objects. */
enum {
	PLAIN = 0,      /* INIT_OBJ_RES_DATA */
	TEXT = 1,       /* INIT_OBJ_RES_DATA_LEN */
	SUPPLIED = 2,   /* INIT_OBJ_RES_OPTDATA */
	CALLED = 3,     /* INIT_OBJ_RES */
	CALLED_LEN = 4, /* INIT_OBJ_RES_LEN */
	OPTIONAL = 5,   /* INIT_OBJ_RES_OPT */
	MANY = 6,       /* INIT_OBJ_RES_MULTI_DATA */
	MANY_LEN = 7,   /* INIT_OBJ_RES_MULTI_DATA_LEN */
	MANY_OPT = 8,   /* INIT_OBJ_RES_MULTI_OPTDATA */
	RUN = 9,        /* INIT_OBJ_RES_EXECUTE */
	RUN_OPT = 10,
	RESOURCES = 11,
	COUNT = 3,
	SLOTS = 6 + 3 * COUNT,
};

static struct lwm2m_engine_obj_field fields[] = {
	OBJ_FIELD_DATA(PLAIN, RW, S32),
	OBJ_FIELD(TEXT, RW_OPT, STRING),
	OBJ_FIELD_DATA(SUPPLIED, R_OPT, FLOAT),
	OBJ_FIELD_DATA(CALLED, RW, U8),
	OBJ_FIELD_DATA(CALLED_LEN, RW, OPAQUE),
	OBJ_FIELD_DATA(OPTIONAL, W_OPT, BOOL),
	OBJ_FIELD_DATA(MANY, RWX_OPT, U16),
	OBJ_FIELD_DATA(MANY_LEN, RW, STRING),
	OBJ_FIELD_DATA(MANY_OPT, RW, TIME),
	OBJ_FIELD_EXECUTE(RUN),
	OBJ_FIELD_EXECUTE_OPT(RUN_OPT),
};

/* The values of one instance. */
struct values {
	int32_t plain;
	char text[16];
	uint8_t called;
	uint8_t called_len[8];
	uint16_t many[COUNT];
	char many_len[COUNT][8];
};

struct places {
	struct lwm2m_engine_obj object;
	struct lwm2m_engine_obj_inst instances[MAX_INSTANCES];
	struct lwm2m_engine_res resources[MAX_INSTANCES][RESOURCES];
	struct lwm2m_engine_res_inst slots[MAX_INSTANCES][SLOTS];
	struct values values[MAX_INSTANCES];
};

static struct places early;
static struct places late;
static atomic_int reads;
static atomic_int validated;
static atomic_int written;
static atomic_int ran;
static atomic_int created;
static atomic_int deleted;

static void *read_called(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			 size_t *data_len)
{
	ARG_UNUSED(obj_inst_id);
	CHECK_EQUAL(res_id, CALLED);
	CHECK_EQUAL(res_inst_id, 0);
	reads++;
	*data_len = 1;
	return &early.values[0].called;
}

static int validate_called(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			   uint8_t *data, uint16_t data_len, bool last_block, size_t total_size,
			   size_t offset)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	CHECK_EQUAL(offset, 0);
	validated++;
	return data_len > 0 && data[0] == 13 ? -EINVAL : 0;
}

static int called_written(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			  uint8_t *data, uint16_t data_len, bool last_block, size_t total_size,
			  size_t offset)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	ARG_UNUSED(data);
	ARG_UNUSED(data_len);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	ARG_UNUSED(offset);
	written++;
	return 0;
}

static int run(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	ARG_UNUSED(obj_inst_id);
	ran += args_len == 5 && memcmp(args, "0='1'", 5) == 0 ? 100 : 1;
	return 0;
}

static struct lwm2m_engine_obj_inst *create(struct places *places, uint16_t obj_inst_id)
{
	int index = 0;
	int r = 0;
	int ri = 0;
	struct values *values;

	for (int i = 0; i < MAX_INSTANCES; i++) {
		if (places->instances[i].obj != NULL &&
		    places->instances[i].obj_inst_id == obj_inst_id) {
			return NULL;
		}
	}
	while (index < MAX_INSTANCES && places->instances[index].obj != NULL) {
		index++;
	}
	if (index == MAX_INSTANCES) {
		return NULL;
	}
	values = &places->values[index];
	(void)memset(values, 0, sizeof(*values));
	(void)memset(places->resources[index], 0, sizeof(places->resources[index]));
	init_res_instance(places->slots[index], SLOTS);

	INIT_OBJ_RES_DATA(PLAIN, places->resources[index], r, places->slots[index], ri,
			  &values->plain, sizeof(values->plain));
	INIT_OBJ_RES_DATA_LEN(TEXT, places->resources[index], r, places->slots[index], ri,
			      values->text, sizeof(values->text), 0);
	INIT_OBJ_RES_OPTDATA(SUPPLIED, places->resources[index], r, places->slots[index], ri);
	INIT_OBJ_RES(CALLED, places->resources[index], r, places->slots[index], ri, 1, false, true,
		     &values->called, sizeof(values->called), read_called, NULL, validate_called,
		     called_written, NULL);
	INIT_OBJ_RES_LEN(CALLED_LEN, places->resources[index], r, places->slots[index], ri, 1,
			 false, true, values->called_len, sizeof(values->called_len), 0, NULL,
			 NULL, NULL, called_written, NULL);
	INIT_OBJ_RES_OPT(OPTIONAL, places->resources[index], r, places->slots[index], ri, 1, false,
			 true, NULL, NULL, NULL, called_written, NULL);
	INIT_OBJ_RES_MULTI_DATA(MANY, places->resources[index], r, places->slots[index], ri, COUNT,
				true, values->many, sizeof(values->many[0]));
	INIT_OBJ_RES_MULTI_DATA_LEN(MANY_LEN, places->resources[index], r, places->slots[index],
				    ri, COUNT, false, values->many_len,
				    sizeof(values->many_len[0]), 0);
	INIT_OBJ_RES_MULTI_OPTDATA(MANY_OPT, places->resources[index], r, places->slots[index], ri,
				   COUNT, false);
	INIT_OBJ_RES_EXECUTE(RUN, places->resources[index], r, run);
	INIT_OBJ_RES_EXECUTE(RUN_OPT, places->resources[index], r, NULL);
	CHECK_EQUAL(r, RESOURCES);
	CHECK_EQUAL(ri, SLOTS);

	places->instances[index].resources = places->resources[index];
	places->instances[index].resource_count = (uint16_t)r;
	return &places->instances[index];
}

static struct lwm2m_engine_obj_inst *create_early(uint16_t obj_inst_id)
{
	return create(&early, obj_inst_id);
}

static struct lwm2m_engine_obj_inst *create_late(uint16_t obj_inst_id)
{
	return create(&late, obj_inst_id);
}

static int instance_created(uint16_t obj_inst_id)
{
	ARG_UNUSED(obj_inst_id);
	created++;
	return 0;
}

static int instance_deleted(uint16_t obj_inst_id)
{
	ARG_UNUSED(obj_inst_id);
	deleted++;
	return 0;
}

static void set_up(struct places *places, uint16_t id, lwm2m_engine_obj_create_cb_t create_cb)
{
	places->object.obj_id = id;
	places->object.version_major = 1;
	places->object.version_minor = 1;
	places->object.fields = fields;
	places->object.field_count = ARRAY_SIZE(fields);
	places->object.max_instance_count = MAX_INSTANCES;
	places->object.create_cb = create_cb;
	lwm2m_register_obj(&places->object);
}

static int early_init(void)
{
	struct lwm2m_engine_obj_inst *instance = NULL;
	int ret;

	set_up(&early, EARLY, create_early);
	ret = lwm2m_create_obj_inst(EARLY, 0, &instance);
	CHECK(instance == &early.instances[0]);
	return ret;
}

LWM2M_OBJ_INIT(early_init);

static atomic_int hooks;

static int another_hook(void)
{
	hooks++;
	return 0;
}

LWM2M_ENGINE_INIT(another_hook);

static int core_hook(void)
{
	hooks++;
	return 0;
}

LWM2M_CORE_INIT(core_hook);

static int app_hook(void)
{
	hooks++;
	return 0;
}

LWM2M_APP_INIT(app_hook);

/* Whether the bytes contain the text. */
static bool contains(const struct answer *answer, const char *text)
{
	for (size_t at = 0; at + strlen(text) <= answer->length; at++) {
		if (memcmp(&answer->payload[at], text, strlen(text)) == 0) {
			return true;
		}
	}
	return false;
}

/* From the application's side. */
static void locally(uint16_t id)
{
	int32_t plain = 0;
	uint8_t called = 0;
	uint16_t many = 0;
	double supplied = 1.5;
	double out = 0;
	bool flag = false;
	time_t when = 0;
	uint32_t when_storage = 0;
	char text[8] = "";
	uint8_t bytes[8];

	CHECK_EQUAL(lwm2m_set_s32(&LWM2M_OBJ(id, 0, PLAIN), -7), 0);
	CHECK_EQUAL(lwm2m_get_s32(&LWM2M_OBJ(id, 0, PLAIN), &plain), 0);
	CHECK_EQUAL(plain, -7);
	CHECK_EQUAL(lwm2m_set_s32(&LWM2M_OBJ(id, 9, PLAIN), -7), -ENOENT);
	CHECK_EQUAL(lwm2m_set_s32(&LWM2M_OBJ(id, 0), -7), -EINVAL);
	CHECK_EQUAL(lwm2m_set_s64(&LWM2M_OBJ(id, 0, PLAIN), -7), -EINVAL);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(id, 0, TEXT), "fifteen letters"), 0);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(id, 0, TEXT), "sixteen letters!"), -ENOMEM);
	CHECK_EQUAL(lwm2m_get_string(&LWM2M_OBJ(id, 0, TEXT), text, sizeof(text)), -ENOMEM);
	CHECK(client_has_text(&LWM2M_OBJ(id, 0, TEXT), "fifteen letters"));

	/* What has no buffer yet. */
	CHECK_EQUAL(lwm2m_set_f64(&LWM2M_OBJ(id, 0, SUPPLIED), 2.5), -EINVAL);
	CHECK_EQUAL(lwm2m_set_res_buf(&LWM2M_OBJ(id, 0, SUPPLIED), &supplied, sizeof(supplied),
				      sizeof(supplied), LWM2M_RES_DATA_FLAG_RO),
		    0);
	CHECK_EQUAL(lwm2m_set_f64(&LWM2M_OBJ(id, 0, SUPPLIED), 2.5), -EACCES);
	CHECK_EQUAL(lwm2m_get_f64(&LWM2M_OBJ(id, 0, SUPPLIED), &out), 0);
	CHECK(out > 1.4 && out < 1.6);
	CHECK_EQUAL(lwm2m_set_res_buf(&LWM2M_OBJ(id, 0, SUPPLIED), NULL, 0, 0, 0), 0);

	validated = written = 0;
	CHECK_EQUAL(lwm2m_set_u8(&LWM2M_OBJ(id, 0, CALLED), 13), -EINVAL);
	CHECK_EQUAL(lwm2m_set_u8(&LWM2M_OBJ(id, 0, CALLED), 14), 0);
	CHECK_EQUAL(validated, 2);
	CHECK_EQUAL(written, 1);
	reads = 0;
	CHECK_EQUAL(lwm2m_get_u8(&LWM2M_OBJ(id, 0, CALLED), &called), 0);
	CHECK_EQUAL(reads, 1);
	CHECK_EQUAL(lwm2m_set_opaque(&LWM2M_OBJ(id, 0, CALLED_LEN), "\1\2\3", 3), 0);
	CHECK_EQUAL(lwm2m_set_opaque(&LWM2M_OBJ(id, 0, CALLED_LEN), "123456789", 9), -ENOMEM);
	CHECK_EQUAL(lwm2m_get_opaque(&LWM2M_OBJ(id, 0, CALLED_LEN), bytes, sizeof(bytes)), 0);
	CHECK(memcmp(bytes, "\1\2\3", 3) == 0);
	CHECK_EQUAL(lwm2m_set_bool(&LWM2M_OBJ(id, 0, OPTIONAL), true), -EINVAL);
	CHECK_EQUAL(lwm2m_set_res_buf(&LWM2M_OBJ(id, 0, OPTIONAL), &flag, sizeof(flag), 0, 0), 0);
	CHECK_EQUAL(lwm2m_set_bool(&LWM2M_OBJ(id, 0, OPTIONAL), true), 0);
	CHECK(flag);
	CHECK_EQUAL(lwm2m_set_res_buf(&LWM2M_OBJ(id, 0, OPTIONAL), NULL, 0, 0, 0), 0);

	/* Resource instances. */
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(id, 0, MANY, 2), 22), 0);
	CHECK_EQUAL(lwm2m_get_u16(&LWM2M_OBJ(id, 0, MANY, 2), &many), 0);
	CHECK_EQUAL(many, 22);
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(id, 0, MANY, 3), 22), -ENOENT);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(id, 0, MANY, 3)), -ENOMEM);
	CHECK_EQUAL(lwm2m_delete_res_inst(&LWM2M_OBJ(id, 0, MANY, 2)), 0);
	CHECK_EQUAL(lwm2m_delete_res_inst(&LWM2M_OBJ(id, 0, MANY, 2)), -ENOENT);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(id, 0, MANY, 700)), 0);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(id, 0, MANY, 700)), -EINVAL);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(id, 0, MANY)), -EINVAL);
	CHECK_EQUAL(lwm2m_create_res_inst(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_delete_res_inst(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(id, 0, MANY_LEN, 5), "five"), -ENOENT);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(id, 0, MANY_LEN, 5)), 0);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(id, 0, MANY_LEN, 5), "five"), 0);
	CHECK_EQUAL(lwm2m_create_res_inst(&LWM2M_OBJ(id, 0, MANY_OPT, 1)), 0);
	CHECK_EQUAL(lwm2m_set_time(&LWM2M_OBJ(id, 0, MANY_OPT, 1), 1), -EINVAL);
	CHECK_EQUAL(lwm2m_set_res_buf(&LWM2M_OBJ(id, 0, MANY_OPT, 1), &when_storage,
				      sizeof(when_storage), sizeof(when_storage), 0),
		    0);
	CHECK_EQUAL(lwm2m_set_time(&LWM2M_OBJ(id, 0, MANY_OPT, 1), 1700000000), 0);
	CHECK_EQUAL(lwm2m_get_time(&LWM2M_OBJ(id, 0, MANY_OPT, 1), &when), 0);
	CHECK_EQUAL(when, 1700000000);
	CHECK_EQUAL(lwm2m_delete_res_inst(&LWM2M_OBJ(id, 0, MANY_OPT, 1)), 0);
}

/* From the server's side; the paths are those of the object with this text as its id. */
static void remotely(const char *id, struct places *places)
{
	static struct lwm2m_engine_res_inst more[5];
	static char tags[5][8];
	struct lwm2m_engine_res *resource;
	struct lwm2m_engine_res_inst *before;
	uint8_t count;
	char path[32];
	struct answer answer;

	(void)snprintf(path, sizeof(path), "%s/0/%d", id, PLAIN);
	answer = server_request(PUT, path, TEXT_PLAIN, "-40");
	CHECK_EQUAL(answer.code, CODE(2, 4));
	lwm2m_registry_lock();
	CHECK_EQUAL(places->values[0].plain, -40);
	lwm2m_registry_unlock();
	answer = server_request(GET, path, TEXT_PLAIN, NULL);
	CHECK_EQUAL(answer.code, CODE(2, 5));
	CHECK(contains(&answer, "-40"));
	answer = server_request(PUT, path, TEXT_PLAIN, "2147483648");
	CHECK_EQUAL(answer.code, CODE(4, 0));
	(void)snprintf(path, sizeof(path), "%s/0/%d", id, RUN);
	ran = 0;
	CHECK_EQUAL(server_request(POST, path, TEXT_PLAIN, "0='1'").code, CODE(2, 4));
	CHECK_EQUAL(server_request(POST, path, NO_FORMAT, NULL).code, CODE(2, 4));
	CHECK_EQUAL(ran, 101);
	(void)snprintf(path, sizeof(path), "%s/0/%d", id, RUN_OPT);
	CHECK_EQUAL(server_request(POST, path, NO_FORMAT, NULL).code, CODE(4, 4));
	(void)snprintf(path, sizeof(path), "%s/0/%d", id, CALLED);
	CHECK_EQUAL(server_request(PUT, path, TEXT_PLAIN, "13").code, CODE(4, 0));
	(void)snprintf(path, sizeof(path), "%s/0/%d/5", id, MANY_LEN);
	answer = server_request(GET, path, TEXT_PLAIN, NULL);
	CHECK_EQUAL(answer.code, CODE(2, 5));
	CHECK(contains(&answer, "five"));

	/* Other resource instances, more of them. */
	init_res_instance(more, ARRAY_SIZE(more));
	for (uint16_t i = 0; i < ARRAY_SIZE(more); i++) {
		(void)snprintf(tags[i], sizeof(tags[i]), "tag%u", i);
		more[i].res_inst_id = (uint16_t)(i * 1000);
		more[i].data_ptr = tags[i];
		more[i].max_data_len = sizeof(tags[i]);
		more[i].data_len = (uint16_t)(strlen(tags[i]) + 1);
	}
	lwm2m_registry_lock();
	resource = &places->resources[0][MANY_LEN];
	CHECK(resource->multi_res_inst);
	before = resource->res_instances;
	count = resource->res_inst_count;
	resource->res_instances = more;
	resource->res_inst_count = ARRAY_SIZE(more);
	lwm2m_registry_unlock();
	(void)snprintf(path, sizeof(path), "%s/0/%d/4000", id, MANY_LEN);
	answer = server_request(GET, path, TEXT_PLAIN, NULL);
	CHECK_EQUAL(answer.code, CODE(2, 5));
	CHECK(contains(&answer, "tag4"));
	answer = server_request(PUT, path, TEXT_PLAIN, "new");
	CHECK_EQUAL(answer.code, CODE(2, 4));
	lwm2m_registry_lock();
	CHECK(strcmp(tags[4], "new") == 0);
	lwm2m_registry_unlock();
	(void)snprintf(path, sizeof(path), "%s/0/%d", id, MANY_LEN);
	answer = server_request(GET, path, SENML_CBOR, NULL);
	CHECK_EQUAL(answer.code, CODE(2, 5));
	CHECK(contains(&answer, "tag3") && !contains(&answer, "five"));
	lwm2m_registry_lock();
	resource->res_instances = before;
	resource->res_inst_count = count;
	lwm2m_registry_unlock();
	answer = server_request(GET, path, SENML_CBOR, NULL);
	CHECK(contains(&answer, "five"));
}

/* Instances come and go: by the server, and by the application. */
static void instances(const char *id, uint16_t number, struct places *places)
{
	struct lwm2m_engine_obj_inst *instance = NULL;
	char path[32];

	CHECK_EQUAL(lwm2m_register_create_callback(number, instance_created), 0);
	CHECK_EQUAL(lwm2m_register_delete_callback(number, instance_deleted), 0);
	CHECK_EQUAL(lwm2m_register_create_callback(4711, instance_created), -ENOENT);
	CHECK_EQUAL(lwm2m_register_delete_callback(4711, instance_deleted), -ENOENT);
	created = deleted = 0;
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(number, 40)), 0);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(number, 41)), -ENOMEM);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(number)), -EINVAL);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(4711, 0)), -ENOENT);
	lwm2m_registry_lock();
	CHECK_EQUAL(places->object.instance_count, 2);
	lwm2m_registry_unlock();
	CHECK(get_engine_obj_inst(number, 40) == &places->instances[1]);
	CHECK(next_engine_obj_inst(number, 0) == &places->instances[1]);
	CHECK(next_engine_obj_inst(number, 40) == NULL);
	(void)snprintf(path, sizeof(path), "%s/40", id);
	CHECK_EQUAL(server_request(DELETE, path, NO_FORMAT, NULL).code, CODE(2, 2));
	/* As vendors test for a free place. */
	lwm2m_registry_lock();
	CHECK(places->instances[1].obj == NULL);
	lwm2m_registry_unlock();
	CHECK_EQUAL(created, 1);
	CHECK_EQUAL(deleted, 1);
	CHECK_EQUAL(lwm2m_create_obj_inst(number, 2, &instance), 0);
	CHECK(instance == &places->instances[1]);
	CHECK_EQUAL(lwm2m_create_obj_inst(number, 3, NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_delete_obj_inst(number, 2), 0);
	CHECK_EQUAL(lwm2m_delete_obj_inst(number, 2), -ENOENT);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(number, 0)), -EEXIST);
}

int main(void)
{
	struct lwm2m_engine_obj_inst *instance = NULL;
	unsigned int updates;

	CHECK_EQUAL(hooks, 3);
	CHECK(LWM2M_HAS_PERM(&fields[PLAIN], LWM2M_PERM_RW));
	CHECK(!LWM2M_HAS_PERM(&fields[PLAIN], LWM2M_PERM_X));
	CHECK(lwm2m_get_engine_obj_field(&early.object, MANY) == &fields[MANY]);
	CHECK(lwm2m_get_engine_obj_field(&early.object, 99) == NULL);
	CHECK(lwm2m_engine_shall_report_obj_version(&early.object));
	client_register();
	locally(EARLY);
	remotely("30100", &early);
	instances("30100", EARLY, &early);

	/* While the client runs. */
	CHECK_EQUAL(server_request(GET, "30101/0/0", TEXT_PLAIN, NULL).code, CODE(4, 4));
	updates = server_count(SERVER_UPDATED);
	set_up(&late, LATE, create_late);
	CHECK_EQUAL(lwm2m_create_obj_inst(LATE, 0, &instance), 0);
	server_wait(SERVER_UPDATED, updates + 1);
	locally(LATE);
	remotely("30101", &late);
	instances("30101", LATE, &late);
	CHECK_EQUAL(lwm2m_delete_object_inst(&LWM2M_OBJ(LATE, 0)), 0);
	lwm2m_unregister_obj(&late.object);
	CHECK_EQUAL(server_request(GET, "30101/0/0", TEXT_PLAIN, NULL).code, CODE(4, 4));
	client_stop();
	return CHECK_RESULT();
}
