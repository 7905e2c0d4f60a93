/* SPDX-License-Identifier: Apache-2.0 */
/* The shell command `lwm2m`: a client operated by hand. It stands on the functions that applications
 * and authors of objects have, and on nothing else.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/lwm2m.h>
#include <zephyr/shell/shell.h>
#include <zephyr/sys/crc.h>

#include <lwm2m_engine.h>
#include <lwm2m_observation.h>
#include <lwm2m_util.h>

LOG_MODULE_REGISTER(net_lwm2m_shell, CONFIG_LWM2M_LOG_LEVEL);

/* The client that the application has started, NULL (and a line that says so) before. */
static struct lwm2m_ctx *client(const struct shell *sh)
{
	struct lwm2m_ctx *ctx = lwm2m_rd_client_ctx();

	if (ctx == NULL) {
		shell_error(sh, "the application has not started its client yet");
	}
	return ctx;
}

/* The command was used wrongly: a line has told how, now comes the help. */
static int misused(const struct shell *sh)
{
	shell_help(sh);
	return -EINVAL;
}

/* What the shell makes of an operation that the library refused. */
static int refused(const struct shell *sh, const char *operation, int error)
{
	shell_error(sh, "%s failed (%d)", operation, error);
	return -ENOEXEC;
}

/* Send, execute. */

static void sent(enum lwm2m_send_status status)
{
	LOG_INF("SEND status: %d", status);
}

static int cmd_send(const struct shell *sh, size_t argc, char **argv)
{
	struct lwm2m_obj_path paths[CONFIG_LWM2M_COMPOSITE_PATH_LIST_SIZE];
	struct lwm2m_ctx *ctx = client(sh);
	size_t count = argc - 1;
	int ret;

	if (ctx == NULL) {
		return -ENOEXEC;
	}
	if (count == 0) {
		shell_error(sh, "which paths?");
		return misused(sh);
	}
	if (count > ARRAY_SIZE(paths)) {
		return -E2BIG;
	}
	for (size_t i = 0; i < count; i++) {
		ret = lwm2m_string_to_path(argv[1 + i], &paths[i], '/');
		if (ret < 0) {
			return ret;
		}
	}
	ret = lwm2m_send_cb(ctx, paths, (uint8_t)count, sent);
	if (ret < 0) {
		/* Zephyr's interop suite waits for the first words. */
		shell_error(sh, "can't do send operation: %d", ret);
		return -ENOEXEC;
	}
	return 0;
}

static int execute(const struct shell *sh, const struct lwm2m_obj_path *path, char *argument)
{
	struct lwm2m_engine_res *resource = lwm2m_engine_get_res(path);
	size_t length = argument == NULL ? 0 : strlen(argument) + 1;
	int ret;

	if (resource == NULL) {
		shell_error(sh, "there is no such resource");
		return -EINVAL;
	}
	if (resource->execute_cb == NULL) {
		shell_error(sh, "the resource has no execute callback");
		return -EINVAL;
	}
	ret = resource->execute_cb(path->obj_inst_id, (uint8_t *)argument, (uint16_t)length);
	return ret < 0 ? refused(sh, "the execute callback", ret) : 0;
}

static int cmd_exec(const struct shell *sh, size_t argc, char **argv)
{
	struct lwm2m_obj_path path;
	int ret;

	if (client(sh) == NULL) {
		return -ENOEXEC;
	}
	if (lwm2m_string_to_path(argv[1], &path, '/') < 0) {
		shell_error(sh, "%s is no path", argv[1]);
		return -EINVAL;
	}
	/* As a server's request: the callback runs with the registry locked. */
	lwm2m_registry_lock();
	ret = execute(sh, &path, argc > 2 ? argv[2] : NULL);
	lwm2m_registry_unlock();
	return ret;
}

/* Read: one function a data type, 0 or the library's error. */

typedef int (*read_as_t)(const struct shell *sh, const struct lwm2m_obj_path *path);

#define READ_AS(name, type, printed_type, format)                                                  \
	static int read_##name(const struct shell *sh, const struct lwm2m_obj_path *path)          \
	{                                                                                          \
		type value;                                                                        \
		int ret = lwm2m_get_##name(path, &value);                                          \
												   \
		if (ret == 0) {                                                                    \
			shell_print(sh, format, (printed_type)value);                              \
		}                                                                                  \
		return ret;                                                                        \
	}

READ_AS(bool, bool, int, "%d")
READ_AS(u8, uint8_t, int, "%d")
READ_AS(u16, uint16_t, int, "%d")
READ_AS(u32, uint32_t, int, "%d")
READ_AS(s8, int8_t, int, "%d")
READ_AS(s16, int16_t, int, "%d")
READ_AS(s32, int32_t, int, "%d")
READ_AS(s64, int64_t, long long, "%lld")
READ_AS(f64, double, double, "%f")
READ_AS(time, time_t, long long, "%lld")

/* These show what is stored, without asking the read callback. */
#define READ_BUFFER(name, show)                                                                    \
	static int read_##name(const struct shell *sh, const struct lwm2m_obj_path *path)          \
	{                                                                                          \
		void *data;                                                                        \
		uint16_t length = 0;                                                               \
		int ret = lwm2m_get_res_buf(path, &data, NULL, &length, NULL);                     \
												   \
		if (ret == 0) {                                                                    \
			show;                                                                      \
		}                                                                                  \
		return ret;                                                                        \
	}

READ_BUFFER(hex, shell_hexdump(sh, data, length))
READ_BUFFER(text, shell_print(sh, "%.*s", (int)length, (const char *)data))
READ_BUFFER(crc32, shell_print(sh, "%u", (unsigned int)crc32_ieee(data, length)))

static const struct {
	const char *option;
	read_as_t read;
} readers[] = {
	{"-x", read_hex},   {"-s", read_text},    {"-crc32", read_crc32}, {"-b", read_bool},
	{"-u8", read_u8},   {"-u16", read_u16},   {"-u32", read_u32},     {"-s8", read_s8},
	{"-s16", read_s16}, {"-s32", read_s32},   {"-s64", read_s64},     {"-f", read_f64},
	{"-t", read_time},
};

static read_as_t reader(const char *option)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		if (strcmp(readers[i].option, option) == 0) {
			return readers[i].read;
		}
	}
	return NULL;
}

static int cmd_read(const struct shell *sh, size_t argc, char **argv)
{
	struct lwm2m_obj_path path;
	read_as_t read;
	int ret;

	if (client(sh) == NULL) {
		return -ENOEXEC;
	}
	ret = lwm2m_string_to_path(argv[1], &path, '/');
	if (ret < 0) {
		return ret;
	}
	read = argc > 2 ? reader(argv[2]) : read_hex;
	if (read == NULL) {
		shell_error(sh, "%s is no data type", argv[2]);
		return misused(sh);
	}
	/* What lwm2m_get_res_buf points at stays as long as the registry is locked. */
	lwm2m_registry_lock();
	ret = read(sh, &path);
	lwm2m_registry_unlock();
	if (ret != 0) {
		shell_error(sh, "read failed (%d)", ret);
		return -EINVAL;
	}
	return 0;
}

/* Write: integers by range and setter, the rest by name. */

#define WRITE_AS(name, type)                                                                       \
	static int write_##name(const struct lwm2m_obj_path *path, long long value)                \
	{                                                                                          \
		return lwm2m_set_##name(path, (type)value);                                        \
	}

static int write_bool(const struct lwm2m_obj_path *path, long long value)
{
	return lwm2m_set_bool(path, value != 0);
}

WRITE_AS(u8, uint8_t)
WRITE_AS(u16, uint16_t)
WRITE_AS(u32, uint32_t)
WRITE_AS(s8, int8_t)
WRITE_AS(s16, int16_t)
WRITE_AS(s32, int32_t)
WRITE_AS(s64, int64_t)
WRITE_AS(time, time_t)

struct integer_writer {
	const char *option;
	int (*write)(const struct lwm2m_obj_path *path, long long value);
	long long low;
	long long high;
};

static const struct integer_writer integer_writers[] = {
	{"-b", write_bool, 0, UINT32_MAX},
	{"-u8", write_u8, 0, UINT8_MAX},
	{"-u16", write_u16, 0, UINT16_MAX},
	{"-u32", write_u32, 0, UINT32_MAX},
	{"-s8", write_s8, INT8_MIN, INT8_MAX},
	{"-s16", write_s16, INT16_MIN, INT16_MAX},
	{"-s32", write_s32, INT32_MIN, INT32_MAX},
	{"-s64", write_s64, INT64_MIN, INT64_MAX},
	{"-t", write_time, sizeof(time_t) == 4 ? INT32_MIN : INT64_MIN,
	 sizeof(time_t) == 4 ? INT32_MAX : INT64_MAX},
};

static const struct integer_writer *integer_writer(const char *option)
{
	for (size_t i = 0; i < ARRAY_SIZE(integer_writers); i++) {
		if (strcmp(integer_writers[i].option, option) == 0) {
			return &integer_writers[i];
		}
	}
	return NULL;
}

static int write_float(const struct lwm2m_obj_path *path, const char *text)
{
	double value;
	int ret = lwm2m_atof(text, &value);

	return ret < 0 ? ret : lwm2m_set_f64(path, value);
}

static int cmd_write(const struct shell *sh, size_t argc, char **argv)
{
	const char *option = argc > 3 ? argv[2] : "-s";
	const char *text = argv[argc - 1];
	const struct integer_writer *writer;
	struct lwm2m_obj_path path;
	long long number;
	char *end;
	int ret;

	if (client(sh) == NULL) {
		return -ENOEXEC;
	}
	ret = lwm2m_string_to_path(argv[1], &path, '/');
	if (ret < 0) {
		return ret;
	}
	if (strcmp(option, "-s") == 0) {
		ret = lwm2m_set_string(&path, text);
	} else if (strcmp(option, "-f") == 0) {
		ret = write_float(&path, text);
	} else {
		writer = integer_writer(option);
		if (writer == NULL) {
			shell_error(sh, "%s is no data type", option);
			return misused(sh);
		}
		errno = 0;
		number = strtoll(text, &end, 10);
		if (end == text || *end != '\0' || errno != 0 || number < writer->low ||
		    number > writer->high) {
			shell_error(sh, "%s is no number of this type", text);
			return misused(sh);
		}
		ret = writer->write(&path, number);
	}
	return ret < 0 ? refused(sh, "write", ret) : 0;
}

/* Create, delete. */

typedef int (*change_t)(const struct lwm2m_obj_path *path);

static int change(const struct shell *sh, const char *text, change_t instance,
		  change_t resource_instance)
{
	struct lwm2m_obj_path path;
	int ret = lwm2m_string_to_path(text, &path, '/');

	if (ret < 0) {
		return refused(sh, "reading the path", ret);
	}
	switch (path.level) {
	case LWM2M_PATH_LEVEL_OBJECT_INST:
		ret = instance(&path);
		break;
	case LWM2M_PATH_LEVEL_RESOURCE_INST:
		ret = resource_instance(&path);
		break;
	default:
		return -ENOEXEC;
	}
	return ret < 0 ? refused(sh, "the operation", ret) : 0;
}

static int cmd_create(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(argc);
	return change(sh, argv[1], lwm2m_create_object_inst, lwm2m_create_res_inst);
}

static int cmd_delete(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(argc);
	return change(sh, argv[1], lwm2m_delete_object_inst, lwm2m_delete_res_inst);
}

/* The data cache. */

#if K_HEAP_MEM_POOL_SIZE > 0
/* The elements are the resource's for good: a cache cannot be taken back. */
static int enable_cache(const struct shell *sh, const struct lwm2m_obj_path *path, int count)
{
	struct lwm2m_time_series_elem *elements = k_calloc((size_t)count, sizeof(*elements));
	int ret;

	if (elements == NULL) {
		return refused(sh, "allocating the cache", -ENOMEM);
	}
	ret = lwm2m_enable_cache(path, elements, (size_t)count);
	if (ret != 0) {
		k_free(elements);
		return refused(sh, "enabling the cache", ret);
	}
	return 0;
}
#endif

static int cmd_cache(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(argc);
#if K_HEAP_MEM_POOL_SIZE > 0
	struct lwm2m_obj_path path;
	int count;
	int ret = lwm2m_string_to_path(argv[1], &path, '/');

	if (ret < 0) {
		return ret;
	}
	if (path.level < LWM2M_PATH_LEVEL_RESOURCE) {
		shell_error(sh, "%s is no path of a resource", argv[1]);
		return -EINVAL;
	}
	if (lwm2m_cache_entry_get_by_object(&path) != NULL) {
		shell_error(sh, "%s has a cache already", argv[1]);
		return -ENOEXEC;
	}
	count = atoi(argv[2]);
	if (count < 1) {
		shell_error(sh, "a cache has 1 element or more, not %d", count);
		return -EINVAL;
	}
	return enable_cache(sh, &path, count);
#else
	ARG_UNUSED(argv);
	shell_error(sh, "there is no heap to take the cache from");
	return -ENOEXEC;
#endif
}

/* The client's life. */

static int cmd_start(const struct shell *sh, size_t argc, char **argv)
{
	struct lwm2m_ctx *ctx = client(sh);
	long flags = 0;
	char *end;
	int ret;

	if (ctx == NULL) {
		return -ENOEXEC;
	}
	if (argc == 3) {
		shell_error(sh, "-b and the flags, or neither");
		return misused(sh);
	}
	if (argc == 4) {
		if (strcmp(argv[2], "-b") != 0) {
			shell_error(sh, "%s is no option", argv[2]);
			return misused(sh);
		}
		flags = strtol(argv[3], &end, 10);
		if (*end != '\0') {
			shell_error(sh, "%s is no number", argv[3]);
			return misused(sh);
		}
	}
	ret = lwm2m_rd_client_start(ctx, argv[1], (uint32_t)flags, ctx->event_cb,
				    ctx->observe_cb);
	return ret < 0 ? refused(sh, "start", ret) : 0;
}

static int cmd_stop(const struct shell *sh, size_t argc, char **argv)
{
	struct lwm2m_ctx *ctx = client(sh);
	bool deregister = argc == 1;
	int ret;

	if (ctx == NULL) {
		return -ENOEXEC;
	}
	if (!deregister && strcmp(argv[1], "-f") != 0) {
		shell_error(sh, "%s is no option", argv[1]);
		return misused(sh);
	}
	ret = lwm2m_rd_client_stop(ctx, ctx->event_cb, deregister);
	return ret < 0 ? refused(sh, "stop", ret) : 0;
}

static int cmd_update(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(argc);
	ARG_UNUSED(argv);
	if (client(sh) == NULL) {
		return -ENOEXEC;
	}
	lwm2m_rd_client_update();
	return 0;
}

static int cmd_pause(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(sh);
	ARG_UNUSED(argc);
	ARG_UNUSED(argv);
	return lwm2m_engine_pause();
}

static int cmd_resume(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(sh);
	ARG_UNUSED(argc);
	ARG_UNUSED(argv);
	return lwm2m_engine_resume();
}

static int cmd_lock(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(sh);
	ARG_UNUSED(argc);
	ARG_UNUSED(argv);
	lwm2m_registry_lock();
	return 0;
}

static int cmd_unlock(const struct shell *sh, size_t argc, char **argv)
{
	ARG_UNUSED(sh);
	ARG_UNUSED(argc);
	ARG_UNUSED(argv);
	lwm2m_registry_unlock();
	return 0;
}

/* Observations. */

/* Shows what a path has of its own, a column each. */
static void show_attributes(const struct shell *sh, const struct lwm2m_obj_path *path)
{
	void *node = NULL;
	bool found = lwm2m_get_path_reference_ptr(NULL, path, &node) == 0;

	for (uint8_t type = 0; type < NR_LWM2M_ATTR; type++) {
		struct lwm2m_attr *attribute = NULL;

		do {
			attribute = found ? lwm2m_engine_get_next_attr(node, attribute) : NULL;
		} while (attribute != NULL && attribute->type != type);
		if (attribute == NULL) {
			shell_fprintf(sh, SHELL_NORMAL, "%10s", "");
		} else if (type <= LWM2M_ATTR_PMAX) {
			shell_fprintf(sh, SHELL_NORMAL, "%10u", (unsigned int)attribute->int_val);
		} else {
			shell_fprintf(sh, SHELL_NORMAL, "%10f", attribute->float_val);
		}
	}
}

/* One row for an observation, and one for each further path of a composite one. */
static void show_observation(const struct shell *sh, unsigned int row, struct observe_node *observer)
{
	struct lwm2m_obj_path_list *observed;
	char text[LWM2M_MAX_PATH_STR_SIZE];
	bool first = true;

	shell_fprintf(sh, SHELL_NORMAL, "%2u %10c ", row, observer->composite ? 'y' : 'n');
	SYS_SLIST_FOR_EACH_CONTAINER(&observer->path_list, observed, node) {
		shell_fprintf(sh, SHELL_NORMAL, "%*s%-18s", first ? 0 : 14, "",
			      lwm2m_path_log_buf(text, &observed->path));
		show_attributes(sh, &observed->path);
		shell_print(sh, "");
		first = false;
	}
}

static int cmd_obs(const struct shell *sh, size_t argc, char **argv)
{
	struct lwm2m_ctx *ctx = client(sh);
	struct observe_node *observer;
	unsigned int row = 0;

	ARG_UNUSED(argc);
	ARG_UNUSED(argv);
	if (ctx == NULL) {
		return -ENOEXEC;
	}
	shell_info(sh, " # %10s %18s%10s%10s%10s%10s%10s", "composite", "path", "pmin", "pmax",
		   "gt", "lt", "st");
	lwm2m_registry_lock();
	SYS_SLIST_FOR_EACH_CONTAINER(&ctx->observer, observer, node) {
		show_observation(sh, row++, observer);
	}
	lwm2m_registry_unlock();
	return 0;
}

/* List: what is stored; read callbacks are not asked. */

/* Some applications give a narrower variable than the resource's type calls for. */
static unsigned int stored_number(const struct lwm2m_engine_res_inst *stored, size_t size)
{
	size = MIN(size, stored->data_len);
	if (size < sizeof(uint16_t)) {
		return *(const uint8_t *)stored->data_ptr;
	}
	if (size < sizeof(uint32_t)) {
		return UNALIGNED_GET((const uint16_t *)stored->data_ptr);
	}
	return UNALIGNED_GET((const uint32_t *)stored->data_ptr);
}

static void show_value(const struct shell *sh, const char *path, uint8_t type,
		       const struct lwm2m_engine_res_inst *stored)
{
	switch (type) {
	case LWM2M_RES_TYPE_STRING:
		shell_print(sh, "%s : %.*s", path, (int)stored->data_len,
			    (const char *)stored->data_ptr);
		break;
	case LWM2M_RES_TYPE_OPAQUE:
		shell_print(sh, "%s : OPAQUE(%u/%u)", path, (unsigned int)stored->data_len,
			    (unsigned int)stored->max_data_len);
		break;
	case LWM2M_RES_TYPE_BOOL:
	case LWM2M_RES_TYPE_U8:
	case LWM2M_RES_TYPE_S8:
		shell_print(sh, "%s : %u", path, stored_number(stored, sizeof(uint8_t)));
		break;
	case LWM2M_RES_TYPE_U16:
	case LWM2M_RES_TYPE_S16:
		shell_print(sh, "%s : %u", path, stored_number(stored, sizeof(uint16_t)));
		break;
	case LWM2M_RES_TYPE_U32:
	case LWM2M_RES_TYPE_S32:
		shell_print(sh, "%s : %u", path, stored_number(stored, sizeof(uint32_t)));
		break;
	case LWM2M_RES_TYPE_S64:
	case LWM2M_RES_TYPE_TIME:
		shell_print(sh, "%s : %lld", path,
			    stored->data_len < sizeof(int64_t)
				    ? (long long)stored_number(stored, sizeof(uint32_t))
				    : (long long)UNALIGNED_GET((const int64_t *)stored->data_ptr));
		break;
	case LWM2M_RES_TYPE_FLOAT:
		if (stored->data_len >= sizeof(double)) {
			double value;

			memcpy(&value, stored->data_ptr, sizeof(value));
			shell_print(sh, "%s : %lf", path, value);
		}
		break;
	default:
		break;
	}
}

static void list_resource(const struct shell *sh, const struct lwm2m_engine_obj_inst *instance,
			  const struct lwm2m_engine_res *resource)
{
	struct lwm2m_obj_path path =
		LWM2M_OBJ(instance->obj->obj_id, instance->obj_inst_id, resource->res_id);
	const struct lwm2m_engine_obj_field *field =
		lwm2m_get_engine_obj_field(instance->obj, resource->res_id);
	char text[LWM2M_MAX_PATH_STR_SIZE];

	for (int i = 0; field != NULL && i < resource->res_inst_count; i++) {
		const struct lwm2m_engine_res_inst *stored = &resource->res_instances[i];
		if (resource->multi_res_inst) {
			path.res_inst_id = stored->res_inst_id;
			path.level = LWM2M_PATH_LEVEL_RESOURCE_INST;
		}
		if (stored->res_inst_id != RES_INSTANCE_NOT_CREATED && stored->data_ptr != NULL &&
		    stored->data_len > 0) {
			show_value(sh, lwm2m_path_log_buf(text, &path), field->data_type, stored);
		}
	}
}

static int list_instance(const struct shell *sh, const struct lwm2m_engine_obj_inst *instance)
{
	if (instance == NULL) {
		return -ENOEXEC;
	}
	for (int i = 0; i < instance->resource_count; i++) {
		list_resource(sh, instance, &instance->resources[i]);
	}
	return 0;
}

static int list_object(const struct shell *sh, const struct lwm2m_engine_obj *object)
{
	const struct lwm2m_engine_obj_inst *instance;

	if (object == NULL) {
		return -ENOEXEC;
	}
	instance = next_engine_obj_inst(object->obj_id, -1);
	while (instance != NULL) {
		(void)list_instance(sh, instance);
		instance = next_engine_obj_inst(object->obj_id, instance->obj_inst_id);
	}
	return 0;
}

static int list_all(const struct shell *sh)
{
	const struct lwm2m_engine_obj *object;

	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_list(), object, node) {
		(void)list_object(sh, object);
	}
	return 0;
}

static int cmd_ls(const struct shell *sh, size_t argc, char **argv)
{
	struct lwm2m_obj_path path = {0};
	int ret;

	if (argc > 1 && lwm2m_string_to_path(argv[1], &path, '/') < 0) {
		return -ENOEXEC;
	}
	if (path.level == LWM2M_PATH_LEVEL_RESOURCE) {
		return cmd_read(sh, argc, argv);
	}
	lwm2m_registry_lock();
	switch (path.level) {
	case LWM2M_PATH_LEVEL_NONE:
		ret = list_all(sh);
		break;
	case LWM2M_PATH_LEVEL_OBJECT:
		ret = list_object(sh, lwm2m_engine_get_obj(&path));
		break;
	case LWM2M_PATH_LEVEL_OBJECT_INST:
		ret = list_instance(sh, lwm2m_engine_get_obj_inst(&path));
		break;
	default:
		ret = -ENOEXEC;
		break;
	}
	lwm2m_registry_unlock();
	return ret;
}

#define HELP_READ                                                                                  \
	"PATH [TYPE]\nShows a resource.\n"                                                         \
	"-x\tbytes in hexadecimal (without TYPE, too)\n"                                           \
	"-s\ttext\n"                                                                               \
	"-b\tboolean: 0 or 1\n"                                                                    \
	"-uN\tunsigned integer of N = 8, 16 or 32 bits\n"                                          \
	"-sN\tsigned integer of N = 8, 16, 32 or 64 bits\n"                                        \
	"-f\tfloating point\n"                                                                     \
	"-t\ttime: seconds since 1970\n"                                                           \
	"-crc32\tCRC-32 of the bytes"
#define HELP_WRITE                                                                                 \
	"PATH [TYPE] VALUE\nSets a resource.\n"                                                    \
	"-s\ttext (without TYPE, too)\n"                                                           \
	"-b\tboolean: 0 or 1\n"                                                                    \
	"-uN\tunsigned integer of N = 8, 16 or 32 bits\n"                                          \
	"-sN\tsigned integer of N = 8, 16, 32 or 64 bits\n"                                        \
	"-f\tfloating point\n"                                                                     \
	"-t\ttime: seconds since 1970"
#define HELP_START                                                                                 \
	"ENDPOINT [-b FLAGS]\nStarts the client under this name.\n"                                \
	"-b\tflags of lwm2m_rd_client_start; 1: bootstrap first"

SHELL_STATIC_SUBCMD_SET_CREATE(
	lwm2m_commands,
	SHELL_COND_CMD_ARG(CONFIG_LWM2M_VERSION_1_1, send, NULL,
			   "PATH...\nSends these values to the server.", cmd_send, 1, 9),
	SHELL_CMD_ARG(exec, NULL, "PATH [ARGUMENT]\nExecutes a resource.", cmd_exec, 2, 1),
	SHELL_CMD_ARG(read, NULL, HELP_READ, cmd_read, 2, 1),
	SHELL_CMD_ARG(write, NULL, HELP_WRITE, cmd_write, 3, 1),
	SHELL_CMD_ARG(create, NULL, "PATH\nCreates an object instance or a resource instance.",
		      cmd_create, 2, 0),
	SHELL_CMD_ARG(delete, NULL, "PATH\nDeletes an object instance or a resource instance.",
		      cmd_delete, 2, 0),
	SHELL_CMD_ARG(cache, NULL, "PATH COUNT\nKeeps the last COUNT values of a resource.",
		      cmd_cache, 3, 0),
	SHELL_CMD_ARG(start, NULL, HELP_START, cmd_start, 2, 2),
	SHELL_CMD_ARG(stop, NULL, "[-f]\nDe-registers the client and stops it.\n"
		      "-f\twithout de-registering", cmd_stop, 1, 1),
	SHELL_CMD_ARG(update, NULL, "Sends a registration update.", cmd_update, 1, 0),
	SHELL_CMD_ARG(pause, NULL, "Pauses the engine.", cmd_pause, 1, 0),
	SHELL_CMD_ARG(resume, NULL, "Lets a paused engine go on.", cmd_resume, 1, 0),
	SHELL_CMD_ARG(lock, NULL, "Locks the registry.", cmd_lock, 1, 0),
	SHELL_CMD_ARG(unlock, NULL, "Unlocks the registry.", cmd_unlock, 1, 0),
	SHELL_CMD_ARG(obs, NULL, "Lists the observed paths.", cmd_obs, 1, 0),
	SHELL_CMD_ARG(ls, NULL, "[PATH]\nLists what is stored, in all or below PATH.", cmd_ls, 1,
		      1),
	SHELL_SUBCMD_SET_END);

SHELL_CMD_REGISTER(lwm2m, &lwm2m_commands, "Operates the LwM2M client.", NULL);
