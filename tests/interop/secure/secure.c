/* SPDX-License-Identifier: Apache-2.0 */
/* A client that is told on standard input, a line each, which servers it has and with which keys:
 *
 *   create PATH    text PATH VALUE    number PATH VALUE    bytes PATH HEX    start    update    stop
 *
 * `start` begins with a bootstrap if instance 0 of the Security object is a Bootstrap-Server's. Every
 * line is answered with one on standard error, `did COMMAND: RESULT`; what happens to the client is
 * printed by number, and what it fetches by length and checksum.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

enum { KEY = 1024, BLOCK = 512 };

static struct lwm2m_ctx client;
static const char *endpoint = "";

static void heard(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	ARG_UNUSED(ctx);
	(void)fprintf(stderr, "Event %d.\n", (int)event);
}

static void *package_buffer(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			    size_t *data_len)
{
	static uint8_t buffer[BLOCK];

	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	*data_len = sizeof(buffer);
	return buffer;
}

/* FNV-1a of what comes. */
static int package_arrived(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			   uint8_t *data, uint16_t data_len, bool last_block, size_t total_size,
			   size_t offset)
{
	static uint64_t hash;

	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	ARG_UNUSED(total_size);
	if (offset == 0) {
		hash = 0xcbf29ce484222325ULL;
	}
	for (uint16_t i = 0; i < data_len; i++) {
		hash = (hash ^ data[i]) * 0x100000001b3ULL;
	}
	if (last_block) {
		(void)fprintf(stderr, "Package of %zu bytes, %016llx\n", offset + data_len,
			      (unsigned long long)hash);
	}
	return 0;
}

/* Any integer or boolean resource, whatever its width. */
static int set_number(const struct lwm2m_obj_path *path, long value)
{
	int result = lwm2m_set_u8(path, (uint8_t)value);

	if (result == -EINVAL) {
		result = lwm2m_set_bool(path, value != 0);
	}
	if (result == -EINVAL) {
		result = lwm2m_set_u16(path, (uint16_t)value);
	}
	if (result == -EINVAL) {
		result = lwm2m_set_u32(path, (uint32_t)value);
	}
	return result;
}

static int set_bytes(const struct lwm2m_obj_path *path, const char *hex)
{
	static char bytes[KEY];
	size_t length = strlen(hex) / 2;

	if (length > sizeof(bytes)) {
		return -EINVAL;
	}
	for (size_t i = 0; i < length; i++) {
		char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};

		bytes[i] = (char)strtoul(digits, NULL, 16);
	}
	return lwm2m_set_opaque(path, bytes, (uint16_t)length);
}

static int start(void)
{
	bool bootstrap = false;

	(void)lwm2m_get_bool(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 1), &bootstrap);
	return lwm2m_rd_client_start(&client, endpoint,
				     bootstrap ? LWM2M_RD_CLIENT_FLAG_BOOTSTRAP : 0, heard, NULL);
}

/* `2/0/1` and the like. */
static struct lwm2m_obj_path path_of(const char *text)
{
	unsigned int ids[3] = {0};
	int levels = sscanf(text, "%u/%u/%u", &ids[0], &ids[1], &ids[2]);

	return (struct lwm2m_obj_path){
		.obj_id = (uint16_t)ids[0],
		.obj_inst_id = (uint16_t)ids[1],
		.res_id = (uint16_t)ids[2],
		.level = (uint8_t)levels,
	};
}

static int obey(const char *command, const char *where, const char *value)
{
	struct lwm2m_obj_path path = path_of(where);

	if (strcmp(command, "create") == 0) {
		return lwm2m_create_object_inst(&path);
	} else if (strcmp(command, "text") == 0) {
		return lwm2m_set_string(&path, value);
	} else if (strcmp(command, "number") == 0) {
		return set_number(&path, strtol(value, NULL, 10));
	} else if (strcmp(command, "bytes") == 0) {
		return set_bytes(&path, value);
	} else if (strcmp(command, "start") == 0) {
		return start();
	} else if (strcmp(command, "update") == 0) {
		lwm2m_rd_client_update();
		return 0;
	} else if (strcmp(command, "stop") == 0) {
		return lwm2m_rd_client_stop(&client, heard, true);
	}
	return -ENOENT;
}

int main(int argc, char **argv)
{
	static char line[2 * KEY + 64];
	static char value[2 * KEY + 1];
	static char name[64];
	char command[16];
	char where[32];

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--endpoint") == 0) {
			endpoint = argv[i + 1];
		}
	}
	/* The name that the server is to prove has no memory of its own. */
	(void)lwm2m_set_res_buf(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 14), name, sizeof(name), 0,
				0);
	lwm2m_firmware_set_write_cb(package_arrived);
	(void)lwm2m_register_pre_write_callback(&LWM2M_OBJ(LWM2M_OBJECT_FIRMWARE_ID, 0, 0),
						package_buffer);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		where[0] = '\0';
		value[0] = '\0';
		if (sscanf(line, "%15s %31s %2048s", command, where, value) >= 1) {
			(void)fprintf(stderr, "did %s: %d\n", command,
				      obey(command, where, value));
		}
	}
	return 0;
}
