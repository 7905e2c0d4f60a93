/* SPDX-License-Identifier: Apache-2.0 */
/* A client with every object and every resource, for a server to do everything with.
 *
 * What an application does by itself is done on request, a line on standard input each:
 *   set PATH VALUE    send PATH...    create PATH    delete PATH    cache PATH    update
 *   stop    start
 * and every line is answered with one on standard error: `did COMMAND: RESULT`.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/lwm2m.h>

#include "lwm2m_engine.h"
#include "lwm2m_object.h"
#include "lwm2m_registry.h"
#include "lwm2m_util.h"

LOG_MODULE_REGISTER(everything, LOG_LEVEL_INF);

enum { TEXT_ROOM = 32, PACKAGE_BLOCK = 1024, APP_DATA = 4096, MAX_PATHS = 6, SAMPLES = 8, STOP_MS = 10000 };

static struct lwm2m_ctx client;
static const char *endpoint;
static volatile bool disconnected;

/* --- Values ---------------------------------------------------------------------------------- */

static size_t size_of(uint8_t data_type)
{
	switch (data_type) {
	case LWM2M_RES_TYPE_U8:
	case LWM2M_RES_TYPE_S8:
	case LWM2M_RES_TYPE_BOOL:
		return 1;
	case LWM2M_RES_TYPE_U16:
	case LWM2M_RES_TYPE_S16:
		return 2;
	case LWM2M_RES_TYPE_U32:
	case LWM2M_RES_TYPE_S32:
	case LWM2M_RES_TYPE_OBJLNK:
		return 4;
	default:
		return 8;
	}
}

/* Gives the first instance of a resource a value, where the object leaves that to us. */
static void fill(uint16_t obj_id, const struct lwm2m_engine_res *res)
{
	struct lwm2m_engine_obj *obj = get_engine_obj(obj_id);
	struct lwm2m_engine_obj_field *field = lwm2m_get_engine_obj_field(obj, res->res_id);
	struct lwm2m_engine_res_inst *value = res->res_instances;

	if (res->res_inst_count == 0 || value == NULL || field == NULL) {
		return;
	}
	if (value->res_inst_id == RES_INSTANCE_NOT_CREATED) {
		value->res_inst_id = 0;
	}
	if (value->data_ptr != NULL) {
		return;
	}
	value->data_ptr = calloc(1, TEXT_ROOM);
	if (field->data_type == LWM2M_RES_TYPE_STRING) {
		value->max_data_len = TEXT_ROOM;
		value->data_len = (uint16_t)snprintf(value->data_ptr, TEXT_ROOM, "text of %u/%u",
						     obj_id, res->res_id) + 1;
	} else {
		value->max_data_len = (uint16_t)size_of(field->data_type);
		value->data_len = value->max_data_len;
	}
}

static int power(uint16_t instance, int32_t source, int32_t millivolts, int32_t milliamperes)
{
	static uint8_t sources[2];
	static int32_t volts[2];
	static int32_t amperes[2];
	int failures = 0;

	sources[instance] = (uint8_t)source;
	volts[instance] = millivolts;
	amperes[instance] = milliamperes;
	(void)lwm2m_create_res_inst(&LWM2M_OBJ(3, 0, 6, instance));
	(void)lwm2m_create_res_inst(&LWM2M_OBJ(3, 0, 7, instance));
	(void)lwm2m_create_res_inst(&LWM2M_OBJ(3, 0, 8, instance));
	failures += lwm2m_set_res_buf(&LWM2M_OBJ(3, 0, 6, instance), &sources[instance], 1, 1, 0) != 0;
	failures += lwm2m_set_res_buf(&LWM2M_OBJ(3, 0, 7, instance), &volts[instance], 4, 4, 0) != 0;
	failures += lwm2m_set_res_buf(&LWM2M_OBJ(3, 0, 8, instance), &amperes[instance], 4, 4, 0) != 0;
	return failures;
}

/* The first instance of every object, with a value in every resource. */
static int set_up(void)
{
	static uint8_t app_data[APP_DATA];
	struct lwm2m_engine_obj *obj;
	struct lwm2m_engine_obj_inst *instance;
	int failures = 0;

	lwm2m_registry_lock();
	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_list(), obj, node) {
		if (get_engine_obj_inst(obj->obj_id, 0) == NULL) {
			failures += lwm2m_create_object_inst(&LWM2M_OBJ(obj->obj_id, 0)) != 0;
		}
	}
	failures += power(0, 1, 3800, 125);
	failures += power(1, 5, 5000, 900);
	failures += lwm2m_set_res_buf(&LWM2M_OBJ(19, 0, 0, 0), app_data, sizeof(app_data), 0, 0) != 0;
	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_inst_list(), instance, node) {
		for (int i = 0; instance->obj->obj_id != LWM2M_OBJECT_SECURITY_ID &&
				i < instance->resource_count;
		     i++) {
			fill(instance->obj->obj_id, &instance->resources[i]);
		}
	}
	failures += lwm2m_set_string(&LWM2M_OBJ(3, 0, 0), "lwm2m-rs") != 0;
	failures += lwm2m_set_f64(&LWM2M_OBJ(3303, 0, 5700), 20.25) != 0;
	lwm2m_registry_unlock();
	return failures;
}

/* --- Callbacks ------------------------------------------------------------------------------- */

static int reboot(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	ARG_UNUSED(obj_inst_id);
	LOG_INF("Reboot with \"%.*s\"", (int)args_len, (const char *)args);
	return 0;
}

static void *package_buffer(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			    size_t *data_len)
{
	static uint8_t buffer[PACKAGE_BLOCK];

	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	*data_len = sizeof(buffer);
	return buffer;
}

/* Adds up what comes, FNV-1a, and tells at the end. Every byte must come once and in order. */
static int package_block(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, uint8_t *data,
			 uint16_t data_len, bool last_block, size_t total_size, size_t offset)
{
	static uint64_t hash;
	static size_t next;

	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	if (offset == 0) {
		hash = 0xcbf29ce484222325;
		next = 0;
	}
	if (offset != next) {
		LOG_ERR("Package: offset %zu, not %zu", offset, next);
		return -EINVAL;
	}
	for (uint16_t i = 0; i < data_len; i++) {
		hash = (hash ^ data[i]) * 0x100000001b3;
	}
	next += data_len;
	if (last_block) {
		LOG_INF("Package: %zu of %zu bytes, %016llx", next, total_size,
			(unsigned long long)hash);
	}
	return 0;
}

static int package_update(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	ARG_UNUSED(args);
	ARG_UNUSED(args_len);
	LOG_INF("Package: update");
	(void)lwm2m_set_u8(&LWM2M_OBJ(5, obj_inst_id, 3), STATE_IDLE);
	return lwm2m_set_u8(&LWM2M_OBJ(5, obj_inst_id, 5), RESULT_SUCCESS);
}

static void event(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event what)
{
	ARG_UNUSED(ctx);
	LOG_INF("event %d", (int)what);
	disconnected = what == LWM2M_RD_CLIENT_EVENT_DISCONNECT;
}

static void observed(enum lwm2m_observe_event what, struct lwm2m_obj_path *path, void *user_data)
{
	char text[LWM2M_MAX_PATH_STR_SIZE];

	ARG_UNUSED(user_data);
	LOG_INF("observation %d of %s", (int)what, lwm2m_path_log_buf(text, path));
}

static void sent(enum lwm2m_send_status status)
{
	LOG_INF("sent %d", (int)status);
}

/* --- Commands -------------------------------------------------------------------------------- */

static int start(void)
{
	disconnected = false;
	return lwm2m_rd_client_start(&client, endpoint, 0, event, observed);
}

/* Sets a resource from text, by its type. */
static int set(const struct lwm2m_obj_path *path, const char *value)
{
	struct lwm2m_engine_obj *obj = get_engine_obj(path->obj_id);
	struct lwm2m_engine_obj_field *field = lwm2m_get_engine_obj_field(obj, path->res_id);

	if (field == NULL) {
		return -ENOENT;
	}
	switch (field->data_type) {
	case LWM2M_RES_TYPE_U8:
		return lwm2m_set_u8(path, (uint8_t)strtoul(value, NULL, 10));
	case LWM2M_RES_TYPE_U16:
		return lwm2m_set_u16(path, (uint16_t)strtoul(value, NULL, 10));
	case LWM2M_RES_TYPE_U32:
		return lwm2m_set_u32(path, (uint32_t)strtoul(value, NULL, 10));
	case LWM2M_RES_TYPE_S32:
		return lwm2m_set_s32(path, (int32_t)strtol(value, NULL, 10));
	case LWM2M_RES_TYPE_BOOL:
		return lwm2m_set_bool(path, strcmp(value, "true") == 0);
	case LWM2M_RES_TYPE_TIME:
		return lwm2m_set_time(path, (time_t)strtoll(value, NULL, 10));
	case LWM2M_RES_TYPE_FLOAT:
		return lwm2m_set_f64(path, strtod(value, NULL));
	case LWM2M_RES_TYPE_STRING:
		return lwm2m_set_string(path, value);
	default:
		return -ENOTSUP;
	}
}

static int obey(char *line)
{
	struct lwm2m_obj_path paths[MAX_PATHS];
	uint8_t count = 0;
	char *place = NULL;
	const char *command = strtok_r(line, " \n", &place);
	char *word = strtok_r(NULL, " \n", &place);

	while (word != NULL && word[0] == '/' && count < MAX_PATHS) {
		if (lwm2m_string_to_path(word, &paths[count], '/') != 0) {
			return -EINVAL;
		}
		count++;
		word = strtok_r(NULL, " \n", &place);
	}
	if (command == NULL) {
		return -EINVAL;
	}
	if (strcmp(command, "update") == 0) {
		lwm2m_rd_client_update();
		return 0;
	}
	if (strcmp(command, "stop") == 0) {
		return lwm2m_rd_client_stop(&client, event, true);
	}
	if (strcmp(command, "start") == 0) {
		return start();
	}
	if (strcmp(command, "send") == 0) {
		return lwm2m_send_cb(&client, paths, count, sent);
	}
	if (strcmp(command, "cache") == 0 && count == 1) {
		static struct lwm2m_time_series_elem samples[SAMPLES];

		return lwm2m_enable_cache(&paths[0], samples, SAMPLES);
	}
	if (strcmp(command, "create") == 0 && count == 1) {
		return lwm2m_create_object_inst(&paths[0]);
	}
	if (strcmp(command, "delete") == 0 && count == 1) {
		return lwm2m_delete_object_inst(&paths[0]);
	}
	if (strcmp(command, "set") == 0 && count == 1 && word != NULL) {
		return set(&paths[0], word);
	}
	return -EINVAL;
}

int main(int argc, char **argv)
{
	char line[256];

	if (argc != 5 || strcmp(argv[1], "--server") != 0 || strcmp(argv[3], "--endpoint") != 0) {
		(void)fprintf(stderr, "%s --server URI --endpoint NAME\n", argv[0]);
		return 2;
	}
	endpoint = argv[4];
	if (set_up() != 0 || lwm2m_set_string(&LWM2M_OBJ(0, 0, 0), argv[2]) != 0 ||
	    lwm2m_set_u8(&LWM2M_OBJ(0, 0, 2), LWM2M_SECURITY_NOSEC) != 0 ||
	    lwm2m_set_u16(&LWM2M_OBJ(0, 0, 10), CONFIG_LWM2M_SERVER_DEFAULT_SSID) != 0 ||
	    lwm2m_set_u16(&LWM2M_OBJ(1, 0, 0), CONFIG_LWM2M_SERVER_DEFAULT_SSID) != 0 ||
	    lwm2m_set_u32(&LWM2M_OBJ(1, 0, 1), 86400) != 0) {
		return 1;
	}
	lwm2m_register_exec_callback(&LWM2M_OBJ(3, 0, 4), reboot);
	lwm2m_register_pre_write_callback(&LWM2M_OBJ(5, 0, 0), package_buffer);
	lwm2m_firmware_set_write_cb(package_block);
	lwm2m_firmware_set_update_cb(package_update);
	if (start() != 0) {
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		char command[16];
		int result;

		(void)sscanf(line, "%15s", command);
		result = obey(line);
		(void)fprintf(stderr, "did %s: %d\n", command, result);
	}
	if (disconnected) {
		return 0;
	}
	(void)lwm2m_rd_client_stop(&client, event, true);
	for (int waited = 0; !disconnected && waited < STOP_MS; waited += 50) {
		k_sleep(K_MSEC(50));
	}
	return disconnected ? 0 : 1;
}
