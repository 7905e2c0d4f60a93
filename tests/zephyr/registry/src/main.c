/* SPDX-License-Identifier: Apache-2.0 */
/* Objects, instances and resource instances: look-ups, order, limits, the lock. */
#include <errno.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>
#include <zephyr/ztest.h>

#include <lwm2m_engine.h>

enum { FIRST = 30010, SECOND = 30011, MAX_INSTANCES = 20, MANY = 4, VALUE = 1, LIST = 2 };
enum { RESOURCES = 2 };

static struct lwm2m_engine_obj_field fields[] = {
	OBJ_FIELD_DATA(VALUE, RW, U16),
	OBJ_FIELD_DATA(LIST, RW_OPT, U16),
};

struct node {
	struct lwm2m_engine_obj_inst instance;
	struct lwm2m_engine_res resources[RESOURCES];
	struct lwm2m_engine_res_inst resource_instances[1 + MANY];
	uint16_t value;
	uint16_t list[MANY];
};

static struct node nodes[2][MAX_INSTANCES];

static struct lwm2m_engine_obj_inst *create(struct node *free_nodes, uint16_t id)
{
	struct node *node = NULL;
	int r = 0;
	int ri = 0;

	for (int i = 0; i < MAX_INSTANCES; i++) {
		if (free_nodes[i].instance.obj != NULL &&
		    free_nodes[i].instance.obj_inst_id == id) {
			return NULL;
		}
		if (free_nodes[i].instance.obj == NULL && node == NULL) {
			node = &free_nodes[i];
		}
	}
	if (node == NULL) {
		return NULL;
	}
	node->value = id;
	init_res_instance(node->resource_instances, ARRAY_SIZE(node->resource_instances));
	INIT_OBJ_RES_DATA(VALUE, node->resources, r, node->resource_instances, ri, &node->value,
			  sizeof(node->value));
	INIT_OBJ_RES_MULTI_DATA(LIST, node->resources, r, node->resource_instances, ri, MANY, false,
				node->list, sizeof(node->list[0]));
	node->instance.resources = node->resources;
	node->instance.resource_count = r;
	return &node->instance;
}

static struct lwm2m_engine_obj_inst *create_first(uint16_t id)
{
	return create(nodes[0], id);
}

static struct lwm2m_engine_obj_inst *create_second(uint16_t id)
{
	return create(nodes[1], id);
}

static struct lwm2m_engine_obj objects[] = {
	{.obj_id = FIRST, .create_cb = create_first},
	{.obj_id = SECOND, .create_cb = create_second},
};

static void *set_up(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i].fields = fields;
		objects[i].field_count = ARRAY_SIZE(fields);
		objects[i].max_instance_count = MAX_INSTANCES;
		lwm2m_register_obj(&objects[i]);
	}
	return NULL;
}

static void after(void *fixture)
{
	struct lwm2m_engine_obj_inst *instance;

	ARG_UNUSED(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		instance = next_engine_obj_inst(objects[i].obj_id, -1);
		while (instance != NULL) {
			zassert_ok(lwm2m_delete_obj_inst(objects[i].obj_id, instance->obj_inst_id));
			instance = next_engine_obj_inst(objects[i].obj_id, -1);
		}
		zassert_equal(objects[i].instance_count, 0);
	}
}

ZTEST_SUITE(registry, NULL, set_up, NULL, after, NULL);

static void make(uint16_t object, uint16_t id)
{
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(object, id)));
}

ZTEST(registry, test_instances_are_walked_in_the_order_of_their_numbers)
{
	static const uint16_t made[] = {7, 0, 65534, 3, 100};
	static const uint16_t walked[] = {0, 3, 7, 100, 65534};
	struct lwm2m_engine_obj_inst *instance;
	int after_id = -1;

	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		make(FIRST, made[i]);
		make(SECOND, i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(walked); i++) {
		instance = next_engine_obj_inst(FIRST, after_id);
		zassert_not_null(instance);
		zassert_equal(instance->obj_inst_id, walked[i]);
		zassert_equal_ptr(instance->obj, &objects[0]);
		after_id = instance->obj_inst_id;
	}
	zassert_is_null(next_engine_obj_inst(FIRST, after_id));
	zassert_is_null(next_engine_obj_inst(FIRST + 5, -1));
	zassert_equal(objects[0].instance_count, ARRAY_SIZE(made));
}

ZTEST(registry, test_every_instance_is_found_however_many_there_are)
{
	uint16_t value;

	for (uint16_t id = 0; id < MAX_INSTANCES; id++) {
		make(FIRST, 3 * id);
		make(SECOND, 2 * id);
	}
	for (uint16_t id = 0; id < MAX_INSTANCES; id++) {
		zassert_ok(lwm2m_get_u16(&LWM2M_OBJ(FIRST, 3 * id, VALUE), &value));
		zassert_equal(value, 3 * id);
		zassert_ok(lwm2m_get_u16(&LWM2M_OBJ(SECOND, 2 * id, VALUE), &value));
		zassert_equal(value, 2 * id);
		zassert_equal(lwm2m_get_u16(&LWM2M_OBJ(FIRST, 3 * id + 1, VALUE), &value), -ENOENT);
	}
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(FIRST, 1)), -ENOMEM);
	for (uint16_t id = 0; id < MAX_INSTANCES; id += 2) {
		zassert_ok(lwm2m_delete_object_inst(&LWM2M_OBJ(FIRST, 3 * id)));
	}
	for (uint16_t id = 0; id < MAX_INSTANCES; id++) {
		zassert_equal(lwm2m_get_u16(&LWM2M_OBJ(FIRST, 3 * id, VALUE), &value),
			      id % 2 == 0 ? -ENOENT : 0);
	}
}

ZTEST(registry, test_each_instance_is_in_the_list_once)
{
	struct lwm2m_engine_obj_inst *instance;
	int count[2] = {0};

	for (uint16_t id = 0; id < 5; id++) {
		make(FIRST, id);
		make(SECOND, id);
	}
	zassert_ok(lwm2m_delete_object_inst(&LWM2M_OBJ(FIRST, 2)));
	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_inst_list(), instance, node) {
		count[0] += instance->obj == &objects[0] ? 1 : 0;
		count[1] += instance->obj == &objects[1] ? 1 : 0;
	}
	zassert_equal(count[0], 4);
	zassert_equal(count[1], 5);
}

ZTEST(registry, test_creating_and_deleting_say_why_not)
{
	struct lwm2m_engine_obj_inst *instance;

	make(FIRST, 1);
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(FIRST, 1)), -EEXIST);
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(FIRST)), -EINVAL);
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(FIRST + 5, 0)), -ENOENT);
	zassert_equal(lwm2m_create_obj_inst(FIRST + 5, 0, &instance), -ENOENT);
	zassert_is_null(instance);
	zassert_equal(lwm2m_delete_object_inst(&LWM2M_OBJ(FIRST, 2)), -ENOENT);
	zassert_equal(lwm2m_delete_object_inst(&LWM2M_OBJ(FIRST + 5, 2)), -ENOENT);
	zassert_equal(lwm2m_delete_object_inst(&LWM2M_OBJ(FIRST)), -EINVAL);
	zassert_equal(objects[0].instance_count, 1);
}

static char hooks[8];
static int create_answer;

static int on_create(uint16_t id)
{
	zassert_not_null(get_engine_obj_inst(FIRST, id));
	strcat(hooks, "c");
	return create_answer;
}

static int on_delete(uint16_t id)
{
	zassert_not_null(get_engine_obj_inst(FIRST, id));
	strcat(hooks, "d");
	return -EIO;
}

ZTEST(registry, test_the_application_hears_of_instances_and_can_refuse_a_new_one)
{
	hooks[0] = '\0';
	zassert_ok(lwm2m_register_create_callback(FIRST, on_create));
	zassert_ok(lwm2m_register_delete_callback(FIRST, on_delete));
	create_answer = 0;
	make(FIRST, 4);
	/* What the delete callback answers does not matter; C returns it all the same. */
	zassert_equal(lwm2m_delete_object_inst(&LWM2M_OBJ(FIRST, 4)),
		      IS_ENABLED(CONFIG_LWM2M_RUST) ? 0 : -EIO);
	zassert_str_equal(hooks, "cd");
	create_answer = -EACCES;
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(FIRST, 4)), -EACCES);
	zassert_str_equal(hooks, "cdcd");
	zassert_is_null(get_engine_obj_inst(FIRST, 4));
	zassert_equal(objects[0].instance_count, 0);
	zassert_ok(lwm2m_register_create_callback(FIRST, NULL));
	zassert_ok(lwm2m_register_delete_callback(FIRST, NULL));
}

ZTEST(registry, test_resource_instances_come_and_go)
{
	uint16_t value = 0;

	make(FIRST, 0);
	zassert_is_null(lwm2m_engine_get_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, 9)));
	zassert_equal(lwm2m_set_u16(&LWM2M_OBJ(FIRST, 0, LIST, 9), 1), -ENOENT);
	zassert_ok(lwm2m_create_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, 9)));
	zassert_equal(lwm2m_create_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, 9)), -EINVAL);
	for (uint16_t id = 0; id < MANY - 1; id++) {
		zassert_ok(lwm2m_create_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, id)));
		zassert_ok(lwm2m_set_u16(&LWM2M_OBJ(FIRST, 0, LIST, id), 10 + id));
	}
	zassert_equal(lwm2m_create_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, 5)), -ENOMEM);
	zassert_ok(lwm2m_get_u16(&LWM2M_OBJ(FIRST, 0, LIST, 2), &value));
	zassert_equal(value, 12);
	zassert_ok(lwm2m_delete_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, 9)));
	zassert_equal(lwm2m_delete_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, 9)), -ENOENT);
	zassert_ok(lwm2m_create_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, 5)));
	zassert_not_null(lwm2m_engine_get_res_inst(&LWM2M_OBJ(FIRST, 0, LIST, 5)));
	zassert_equal(lwm2m_create_res_inst(&LWM2M_OBJ(FIRST, 0, LIST)), -EINVAL);
	zassert_equal(lwm2m_delete_res_inst(&LWM2M_OBJ(FIRST, 0, LIST)), -EINVAL);
	zassert_equal(lwm2m_create_res_inst(&LWM2M_OBJ(FIRST, 1, LIST, 0)), -ENOENT);
}

ZTEST(registry, test_a_path_leads_to_its_nodes)
{
	struct lwm2m_engine_obj_inst *instance = NULL;
	struct lwm2m_engine_obj_field *field = NULL;
	struct lwm2m_engine_res *resource = NULL;
	struct lwm2m_engine_res_inst *resource_instance = NULL;

	make(FIRST, 0);
	zassert_ok(path_to_objs(&LWM2M_OBJ(FIRST, 0, VALUE), &instance, &field, &resource,
				&resource_instance));
	zassert_equal_ptr(instance, &nodes[0][0].instance);
	zassert_equal_ptr(field, &fields[0]);
	zassert_equal_ptr(resource, &nodes[0][0].resources[0]);
	zassert_equal_ptr(resource_instance, &nodes[0][0].resource_instances[0]);
	zassert_equal_ptr(lwm2m_engine_get_obj(&LWM2M_OBJ(FIRST)), &objects[0]);
	zassert_equal_ptr(lwm2m_engine_get_obj_inst(&LWM2M_OBJ(FIRST, 0)), instance);
	zassert_is_null(lwm2m_engine_get_obj_inst(&LWM2M_OBJ(FIRST)));
	zassert_equal_ptr(lwm2m_engine_get_res(&LWM2M_OBJ(FIRST, 0, VALUE)), resource);
	zassert_is_null(lwm2m_engine_get_res(&LWM2M_OBJ(FIRST, 0)));
	zassert_is_null(lwm2m_engine_get_res_inst(&LWM2M_OBJ(FIRST, 0, VALUE)));
	zassert_equal_ptr(lwm2m_get_engine_obj_field(&objects[0], LIST), &fields[1]);
	zassert_is_null(lwm2m_get_engine_obj_field(&objects[0], 77));
	zassert_equal(path_to_objs(&LWM2M_OBJ(FIRST, 3, VALUE), &instance, NULL, NULL, NULL),
		      -ENOENT);
}

ZTEST(registry, test_an_object_taken_back_is_gone)
{
	uint16_t value;

	make(SECOND, 0);
	lwm2m_unregister_obj(&objects[1]);
	zassert_is_null(get_engine_obj(SECOND));
	zassert_equal(lwm2m_create_object_inst(&LWM2M_OBJ(SECOND, 1)), -ENOENT);
	lwm2m_register_obj(&objects[1]);
	zassert_equal_ptr(get_engine_obj(SECOND), &objects[1]);
	zassert_ok(lwm2m_get_u16(&LWM2M_OBJ(SECOND, 0, VALUE), &value));
}

/* The lock. */

static K_THREAD_STACK_DEFINE(stack, 2048);
static struct k_thread thread;
static atomic_t done;

static void set_from_a_thread(void *a, void *b, void *c)
{
	ARG_UNUSED(a);
	ARG_UNUSED(b);
	ARG_UNUSED(c);
	zassert_ok(lwm2m_set_u16(&LWM2M_OBJ(FIRST, 0, VALUE), 99));
	atomic_set(&done, 1);
}

ZTEST(registry, test_a_locked_registry_keeps_other_threads_waiting)
{
	make(FIRST, 0);
	atomic_set(&done, 0);
	lwm2m_registry_lock();
	lwm2m_registry_lock();
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), set_from_a_thread, NULL, NULL,
			NULL, K_PRIO_PREEMPT(1), 0, K_NO_WAIT);
	k_sleep(K_MSEC(50));
	zassert_equal(atomic_get(&done), 0);
	zassert_ok(lwm2m_set_u16(&LWM2M_OBJ(FIRST, 0, VALUE), 1));
	lwm2m_registry_unlock();
	k_sleep(K_MSEC(50));
	zassert_equal(atomic_get(&done), 0);
	lwm2m_registry_unlock();
	zassert_ok(k_thread_join(&thread, K_SECONDS(5)));
	zassert_equal(atomic_get(&done), 1);
	zassert_equal(nodes[0][0].value, 99);
}
