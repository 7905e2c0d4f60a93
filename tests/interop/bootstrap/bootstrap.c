/* SPDX-License-Identifier: Apache-2.0 */
/* A client that knows a Bootstrap-Server alone, sleeps in queue mode, and does what it reads, a word a
 * line: `update`, `stop`. The events of its life are printed by number.
 */

#include <stdio.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

static struct lwm2m_ctx client;

static void heard(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	ARG_UNUSED(ctx);
	(void)fprintf(stderr, "Event %d.\n", (int)event);
}

static int start(const char *server, const char *endpoint)
{
	int result = lwm2m_set_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 0), server);

	if (result == 0) {
		result = lwm2m_set_bool(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 1), true);
	}
	if (result == 0) {
		result = lwm2m_set_u8(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 2),
				      LWM2M_SECURITY_NOSEC);
	}
	if (result == 0) {
		result = lwm2m_rd_client_start(&client, endpoint, LWM2M_RD_CLIENT_FLAG_BOOTSTRAP,
					       heard, NULL);
	}
	return result;
}

int main(int argc, char **argv)
{
	const char *server = "";
	const char *endpoint = "";
	char line[80];
	int result;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--server") == 0) {
			server = argv[i + 1];
		} else if (strcmp(argv[i], "--endpoint") == 0) {
			endpoint = argv[i + 1];
		}
	}
	result = start(server, endpoint);
	if (result < 0) {
		(void)fprintf(stderr, "The client does not start: %d\n", result);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strncmp(line, "update", 6) == 0) {
			lwm2m_rd_client_update();
		} else if (strncmp(line, "stop", 4) == 0) {
			(void)lwm2m_rd_client_stop(&client, heard, true);
		}
	}
	return 0;
}
