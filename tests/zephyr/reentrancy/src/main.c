/* SPDX-License-Identifier: Apache-2.0 */
/* API calls from inside callbacks. No server is needed: the callbacks are those of local calls and of
 * a client that starts without a network.
 */
#include <errno.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>
#include <zephyr/ztest.h>

#include <lwm2m_engine.h>

enum { OBJECT = 30030, INSTANCES = 4, TRIGGER = 0, OTHER = 1, LIST = 2, PLACES = 2, RESOURCES = 3 };

#define AT(id, resource) LWM2M_OBJ(OBJECT, id, resource)

/* What the next callback does, once. */
static void (*action)(uint16_t id);
static int acted;
static int result;

static void act(uint16_t id)
{
	void (*now)(uint16_t) = action;

	action = NULL;
	if (now != NULL) {
		now(id);
		acted++;
	}
}

static struct lwm2m_engine_obj object;
static struct lwm2m_engine_obj_field fields[] = {
	OBJ_FIELD_DATA(TRIGGER, RW, U32),
	OBJ_FIELD_DATA(OTHER, RW, U32),
	OBJ_FIELD_DATA(LIST, RW_OPT, U32),
};

static struct {
	struct lwm2m_engine_obj_inst instance;
	struct lwm2m_engine_res resources[RESOURCES];
	struct lwm2m_engine_res_inst resource_instances[2 + PLACES];
	uint32_t values[2 + PLACES];
} nodes[INSTANCES];

static void *on_read(uint16_t id, uint16_t resource, uint16_t resource_instance, size_t *length)
{
	ARG_UNUSED(resource);
	ARG_UNUSED(resource_instance);
	act(id);
	*length = sizeof(uint32_t);
	return &nodes[id].values[0];
}

static int on_written(uint16_t id, uint16_t resource, uint16_t resource_instance, uint8_t *data,
		      uint16_t length, bool last_block, size_t total_size, size_t offset)
{
	ARG_UNUSED(resource);
	ARG_UNUSED(resource_instance);
	ARG_UNUSED(data);
	ARG_UNUSED(length);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	ARG_UNUSED(offset);
	act(id);
	return 0;
}

static struct lwm2m_engine_obj_inst *create(uint16_t id)
{
	int r = 0;
	int ri = 0;

	if (id >= INSTANCES || nodes[id].instance.obj != NULL) {
		return NULL;
	}
	init_res_instance(nodes[id].resource_instances, ARRAY_SIZE(nodes[id].resource_instances));
	INIT_OBJ_RES(TRIGGER, nodes[id].resources, r, nodes[id].resource_instances, ri, 1U, false,
		     true, &nodes[id].values[0], sizeof(uint32_t), on_read, NULL, NULL, on_written,
		     NULL);
	INIT_OBJ_RES_DATA(OTHER, nodes[id].resources, r, nodes[id].resource_instances, ri,
			  &nodes[id].values[1], sizeof(uint32_t));
	INIT_OBJ_RES_MULTI_DATA(LIST, nodes[id].resources, r, nodes[id].resource_instances, ri,
				PLACES, false, &nodes[id].values[2], sizeof(uint32_t));
	nodes[id].instance.resources = nodes[id].resources;
	nodes[id].instance.resource_count = r;
	return &nodes[id].instance;
}

static int on_create(uint16_t id)
{
	act(id);
	return 0;
}

static int on_delete(uint16_t id)
{
	act(id);
	return 0;
}

static void *set_up(void)
{
	object.obj_id = OBJECT;
	object.fields = fields;
	object.field_count = ARRAY_SIZE(fields);
	object.max_instance_count = INSTANCES;
	object.create_cb = create;
	lwm2m_register_obj(&object);
	zassert_ok(lwm2m_register_create_callback(OBJECT, on_create));
	zassert_ok(lwm2m_register_delete_callback(OBJECT, on_delete));
	return NULL;
}

static void before(void *fixture)
{
	ARG_UNUSED(fixture);
	action = NULL;
	acted = 0;
	result = 1;
	memset(nodes, 0, sizeof(nodes));
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(OBJECT, 0)));
}

static void after(void *fixture)
{
	ARG_UNUSED(fixture);
	action = NULL;
	for (uint16_t id = 0; id < INSTANCES; id++) {
		(void)lwm2m_delete_obj_inst(OBJECT, id);
	}
	zassert_equal(object.instance_count, 0);
}

ZTEST_SUITE(reentrancy, NULL, set_up, before, after, NULL);

/* Each of the local callbacks in turn, with the same action. */

static void read_trigger(void)
{
	uint32_t value;

	zassert_ok(lwm2m_get_u32(&AT(0, TRIGGER), &value));
}

static void write_trigger(void)
{
	static uint32_t value;

	zassert_ok(lwm2m_set_u32(&AT(0, TRIGGER), ++value));
}

static void create_third(void)
{
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(OBJECT, 2)));
}

static void delete_third(void)
{
	zassert_ok(lwm2m_delete_object_inst(&LWM2M_OBJ(OBJECT, 2)));
}

static void (*const triggers[])(void) = {read_trigger, write_trigger, create_third, delete_third};

#define FROM_EVERY_CALLBACK(done, expected)                                                        \
	for (size_t i = 0; i < ARRAY_SIZE(triggers); i++) {                                        \
		action = done;                                                                     \
		result = 1;                                                                        \
		triggers[i]();                                                                     \
		zassert_equal(acted, (int)i + 1);                                                  \
		zassert_equal(result, expected);                                                   \
	}

static void set_other(uint16_t id)
{
	ARG_UNUSED(id);
	result = lwm2m_set_u32(&AT(0, OTHER), 100 + acted);
}

ZTEST(reentrancy, test_another_resource_is_set_from_every_callback)
{
	FROM_EVERY_CALLBACK(set_other, 0);
	zassert_equal(nodes[0].values[1], 103);
}

static void set_itself(uint16_t id)
{
	ARG_UNUSED(id);
	result = lwm2m_set_u32(&AT(0, TRIGGER), 55);
}

ZTEST(reentrancy, test_a_resource_is_set_from_every_callback_its_own_included)
{
	FROM_EVERY_CALLBACK(set_itself, 0);
	zassert_equal(nodes[0].values[0], 55);
}

static void create_and_delete(uint16_t id)
{
	ARG_UNUSED(id);
	result = lwm2m_create_object_inst(&LWM2M_OBJ(OBJECT, 3));
	if (result == 0) {
		result = lwm2m_set_u32(&AT(3, OTHER), 1);
	}
	if (result == 0) {
		result = lwm2m_delete_object_inst(&LWM2M_OBJ(OBJECT, 3));
	}
}

ZTEST(reentrancy, test_instances_come_and_go_in_every_callback)
{
	FROM_EVERY_CALLBACK(create_and_delete, 0);
	zassert_is_null(get_engine_obj_inst(OBJECT, 3));
}

static void create_and_delete_place(uint16_t id)
{
	ARG_UNUSED(id);
	result = lwm2m_create_res_inst(&LWM2M_OBJ(OBJECT, 0, LIST, 8));
	if (result == 0) {
		result = lwm2m_delete_res_inst(&LWM2M_OBJ(OBJECT, 0, LIST, 8));
	}
}

ZTEST(reentrancy, test_resource_instances_come_and_go_in_every_callback)
{
	FROM_EVERY_CALLBACK(create_and_delete_place, 0);
}

static void delete_own_instance(uint16_t id)
{
	result = lwm2m_delete_object_inst(&LWM2M_OBJ(OBJECT, id));
}

ZTEST(reentrancy, test_an_instance_is_deleted_in_its_own_callbacks)
{
	uint32_t value;

	/* Read; C goes on with what the callback returned. */
	action = delete_own_instance;
	(void)lwm2m_get_u32(&AT(0, TRIGGER), &value);
	zassert_equal(result, 0);
	zassert_is_null(get_engine_obj_inst(OBJECT, 0));

	/* Written. */
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(OBJECT, 0)));
	action = delete_own_instance;
	result = 1;
	(void)lwm2m_set_u32(&AT(0, TRIGGER), 9);
	zassert_equal(result, 0);
	zassert_is_null(get_engine_obj_inst(OBJECT, 0));
	zassert_equal(object.instance_count, 0);

	/* Created. */
	action = delete_own_instance;
	result = 1;
	(void)lwm2m_create_object_inst(&LWM2M_OBJ(OBJECT, 0));
	zassert_equal(result, 0);
	zassert_is_null(get_engine_obj_inst(OBJECT, 0));
	zassert_equal(object.instance_count, 0);
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(OBJECT, 0)));
}

static void lock_and_unlock(uint16_t id)
{
	ARG_UNUSED(id);
	lwm2m_registry_lock();
	lwm2m_registry_unlock();
	result = 0;
}

ZTEST(reentrancy, test_the_registry_is_locked_in_every_callback)
{
	FROM_EVERY_CALLBACK(lock_and_unlock, 0);
}

/* The client, which never reaches a server. */

static struct lwm2m_ctx client;
static atomic_t events[LWM2M_RD_CLIENT_EVENT_SERVER_DISABLED + 1];

static void on_event(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	zassert_equal_ptr(ctx, &client);
	atomic_inc(&events[event]);
}

static void prepare(void)
{
	static bool prepared;

	if (!prepared) {
		memset(&client, 0, sizeof(client));
		zassert_ok(lwm2m_set_string(&LWM2M_OBJ(0, 0, 0), "coap://192.0.2.254"));
		zassert_ok(lwm2m_set_u8(&LWM2M_OBJ(0, 0, 2), LWM2M_SECURITY_NOSEC));
		zassert_ok(lwm2m_set_u16(&LWM2M_OBJ(0, 0, 10), 101));
		zassert_ok(lwm2m_set_u16(&LWM2M_OBJ(1, 0, 0), 101));
		prepared = true;
	}
}

static void start(uint16_t id)
{
	ARG_UNUSED(id);
	result = lwm2m_rd_client_start(&client, "reentrancy", 0, on_event, NULL);
}

static void update(uint16_t id)
{
	ARG_UNUSED(id);
	lwm2m_rd_client_update();
	result = 0;
}

static void stop(uint16_t id)
{
	ARG_UNUSED(id);
	result = lwm2m_rd_client_stop(&client, on_event, false);
}

/* The engine notices, and ends the life of the client. */
static void ended(atomic_val_t disconnected)
{
	for (int i = 0; i < 100 && atomic_get(&events[LWM2M_RD_CLIENT_EVENT_DISCONNECT]) ==
						disconnected; i++) {
		k_sleep(K_MSEC(50));
	}
	/* The event comes before the last step. */
	k_sleep(K_MSEC(600));
	zassert_equal(atomic_get(&events[LWM2M_RD_CLIENT_EVENT_DISCONNECT]), disconnected + 1);
	zassert_equal(client.sock_fd, -1);
}

ZTEST(reentrancy, test_the_client_is_started_in_every_callback)
{
	atomic_val_t disconnected = atomic_get(&events[LWM2M_RD_CLIENT_EVENT_DISCONNECT]);

	prepare();
	for (size_t i = 0; i < ARRAY_SIZE(triggers); i++) {
		action = start;
		triggers[i]();
		zassert_equal(result, 0);
		zassert_equal_ptr(lwm2m_rd_client_ctx(), &client);
		start(0);
		zassert_equal(result, -EINPROGRESS);
		stop(0);
		zassert_equal(result, 0);
		ended(disconnected++);
	}
}

ZTEST(reentrancy, test_the_client_is_updated_in_every_callback)
{
	atomic_val_t disconnected = atomic_get(&events[LWM2M_RD_CLIENT_EVENT_DISCONNECT]);

	prepare();
	start(0);
	zassert_equal(result, 0);
	FROM_EVERY_CALLBACK(update, 0);
	stop(0);
	ended(disconnected);
}

ZTEST(reentrancy, test_the_client_is_stopped_in_every_callback)
{
	atomic_val_t disconnected = atomic_get(&events[LWM2M_RD_CLIENT_EVENT_DISCONNECT]);

	prepare();
	for (size_t i = 0; i < ARRAY_SIZE(triggers); i++) {
		start(0);
		zassert_equal(result, 0);
		action = stop;
		result = 1;
		triggers[i]();
		zassert_equal(result, 0);
		ended(disconnected++);
	}
}
