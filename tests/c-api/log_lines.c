/* SPDX-License-Identifier: Apache-2.0 */
/* The log lines that suites wait for: what each says, and in which order they come. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zephyr/net/lwm2m.h>

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

static int errors;
static FILE *lines;

static void capture(void)
{
	errors = dup(STDERR_FILENO);
	lines = tmpfile();
	CHECK(errors >= 0 && lines != NULL);
	CHECK_EQUAL(dup2(fileno(lines), STDERR_FILENO), STDERR_FILENO);
}

/* The text captured so far; the caller frees it. */
static char *captured(void)
{
	long length;
	char *text;

	CHECK_EQUAL(dup2(errors, STDERR_FILENO), STDERR_FILENO);
	CHECK_EQUAL(fseek(lines, 0, SEEK_END), 0);
	length = ftell(lines);
	rewind(lines);
	text = calloc(1, (size_t)length + 1);
	CHECK_EQUAL(fread(text, 1, (size_t)length, lines), length);
	return text;
}

int main(void)
{
	static const char *const expected[] = {
		"net_lwm2m_rd_client: Start LWM2M Client: c-api",
		"net_lwm2m_rd_client: Registration Done",
		"net_lwm2m_rd_client: Update Done",
		"net_lwm2m_message_handling: Failed with code 4.4\n",
		"net_lwm2m_message_handling: Failed with code 4.15\n",
		"net_lwm2m_rd_client: Deregistration success",
		"net_lwm2m_rd_client: Registration Done",
		"net_lwm2m_rd_client: Deregistration success",
	};
	const char *at;
	char *text;

	capture();
	client_register();
	lwm2m_rd_client_update();
	client_wait(LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE, 1);
	server_answer(SERVER_SEND, CODE(4, 4));
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 0), 1, NULL), 0);
	server_wait(SERVER_SEND, 1);
	/* In the order in which they are answered. */
	server_catch_up();
	server_answer(SERVER_SEND, CODE(4, 15));
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 0), 1, NULL), 0);
	server_wait(SERVER_SEND, 2);
	server_catch_up();

	/* Disabled for a second, the client leaves and comes back. */
	CHECK_EQUAL(lwm2m_set_u32(&LWM2M_OBJ(1, 0, 5), 1), 0);
	CHECK_EQUAL(server_request(POST, "1/0/4", NO_FORMAT, NULL).code, CODE(2, 4));
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 2);
	CHECK_EQUAL(client_count(LWM2M_RD_CLIENT_EVENT_SERVER_DISABLED), 1);
	CHECK_EQUAL(client_count(LWM2M_RD_CLIENT_EVENT_DISCONNECT), 0);
	CHECK_EQUAL(client_count(LWM2M_RD_CLIENT_EVENT_NONE), 0);
	client_stop();

	text = captured();
	at = text;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const char *found = strstr(at, expected[i]);

		if (found == NULL) {
			(void)fprintf(stderr, "not there, or not in its place: %s\n", expected[i]);
		}
		CHECK(found != NULL);
		at = found != NULL ? found : at;
	}
	if (CHECK_RESULT() != 0) {
		(void)fputs(text, stderr);
	}
	free(text);
	return CHECK_RESULT();
}
