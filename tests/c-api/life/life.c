/* SPDX-License-Identifier: Apache-2.0 */
/* The client's life: every event but that of the queue mode, in its place, and what an application need
 * or need not do after each.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_object.h"
#include "lwm2m_obj_server.h"
#include "lwm2m_rd_client.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

/* What is heard, without what all of it begins with. */
enum {
	BOOTSTRAP_FAILURE = LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_FAILURE,
	BOOTSTRAP_COMPLETE = LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_COMPLETE,
	BOOTSTRAP_TRANSFERRED = LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_TRANSFER_COMPLETE,
	REGISTRATION_FAILURE = LWM2M_RD_CLIENT_EVENT_REGISTRATION_FAILURE,
	REGISTERED = LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE,
	TIMEOUT = LWM2M_RD_CLIENT_EVENT_REG_TIMEOUT,
	UPDATED = LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE,
	DEREGISTER_FAILURE = LWM2M_RD_CLIENT_EVENT_DEREGISTER_FAILURE,
	DISCONNECT = LWM2M_RD_CLIENT_EVENT_DISCONNECT,
	SUSPENDED = LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED,
	NETWORK_ERROR = LWM2M_RD_CLIENT_EVENT_NETWORK_ERROR,
	UPDATE = LWM2M_RD_CLIENT_EVENT_REG_UPDATE,
	DEREGISTER = LWM2M_RD_CLIENT_EVENT_DEREGISTER,
	DISABLED = LWM2M_RD_CLIENT_EVENT_SERVER_DISABLED,
};

enum { TLV_STRING = 0xc8, TLV_BYTE = 0xc1, TLV_TWO_BYTES = 0xc2 };

static uint16_t port;

/* 0/security/0 for a server at the port. */
static void set_uri(uint16_t security, const char *scheme)
{
	char uri[40];

	(void)snprintf(uri, sizeof(uri), "%s://127.0.0.1:%u", scheme, port);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, security, 0), uri), 0);
}

/* A server of this Short Server ID, in Security and Server instances of that number. */
static void add_server(uint16_t id)
{
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, id)), 0);
	set_uri(id, "coap");
	CHECK_EQUAL(lwm2m_set_u8(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, id, 2), LWM2M_SECURITY_NOSEC),
		    0);
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, id, 10), id), 0);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, id)), 0);
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, id, 0), id), 0);
	CHECK_EQUAL(lwm2m_set_u8(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, id, 13), (uint8_t)id), 0);
}

static void set_fallback(bool fallback)
{
	CHECK_EQUAL(lwm2m_set_bool(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 1, 16), fallback), 0);
}

static void start(uint32_t flags)
{
	/* The event that says it has stopped comes before its last step. */
	for (int i = 0; i < 1000; i++) {
		int result = lwm2m_rd_client_start(&client, "life", flags, client_event, NULL);

		if (result != -EINPROGRESS) {
			CHECK_EQUAL(result, 0);
			return;
		}
		k_sleep(K_MSEC(10));
	}
	CHECK(false);
}

static void stop(bool deregister)
{
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, deregister), 0);
}

static int refuse(struct lwm2m_ctx *ctx)
{
	ARG_UNUSED(ctx);
	return -EPERM;
}

/* What the library shows has no lock of its own. */
static bool shows_bootstrap(void)
{
	return *(volatile bool *)&client.bootstrap_mode;
}

static int shown_server(void)
{
	return *(volatile int *)&client.srv_obj_inst;
}

/* The Bootstrap-Server writes the account of server 1. */
static void write_account(void)
{
	uint8_t security[64] = {TLV_STRING, 0, 0};
	int length = snprintf((char *)&security[3], 40, "coap://127.0.0.1:%u", port);
	const uint8_t rest[] = {TLV_BYTE, 1, 0, TLV_BYTE, 2, LWM2M_SECURITY_NOSEC, TLV_BYTE, 10, 1};
	const uint8_t server[] = {TLV_BYTE, 0, 1, TLV_TWO_BYTES, 1, 0, 120, TLV_BYTE, 7, 'U'};

	security[2] = (uint8_t)length;
	memcpy(&security[3 + length], rest, sizeof(rest));
	CHECK_EQUAL(server_observe(PUT, "0/1", TLV, security, 3 + (size_t)length + sizeof(rest), -1)
			    .code,
		    CODE(2, 4));
	CHECK_EQUAL(server_observe(PUT, "1/1", TLV, server, sizeof(server), -1).code, CODE(2, 4));
}

static void finish_bootstrap(void)
{
	CHECK_EQUAL(server_request(POST, "bs", NO_FORMAT, NULL).code, CODE(2, 4));
}

static void bootstrap(void)
{
	char queries[128];

	CHECK_EQUAL(lwm2m_set_bool(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 1), true), 0);
	CHECK_EQUAL(lwm2m_set_u8(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 2), LWM2M_SECURITY_NOSEC),
		    0);
	set_uri(0, "coap");

	/* The server says no: nothing but a new start helps, and that does. */
	server_answer_once(SERVER_BOOTSTRAP_REQUESTED, CODE(4, 0));
	start(LWM2M_RD_CLIENT_FLAG_BOOTSTRAP);
	CLIENT_HEARS(BOOTSTRAP_FAILURE);
	/* The same when it cannot be reached, after all attempts. */
	client.set_socketoptions = refuse;
	start(LWM2M_RD_CLIENT_FLAG_BOOTSTRAP);
	CLIENT_HEARS(BOOTSTRAP_FAILURE);
	client.set_socketoptions = NULL;

	start(LWM2M_RD_CLIENT_FLAG_BOOTSTRAP);
	CLIENT_HEARS(BOOTSTRAP_COMPLETE);
	server_last_queries(SERVER_BOOTSTRAP_REQUESTED, queries, sizeof(queries));
	CHECK(strncmp(queries, "ep=life&", 8) == 0);
	CHECK(shows_bootstrap());
	CHECK_EQUAL(shown_server(), -1);
	CHECK(!lwm2m_rd_client_is_registred(&client));
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 0), 1, NULL), -EPERM);
	/* Nobody to register with yet. */
	CHECK_EQUAL(server_request(POST, "bs", NO_FORMAT, NULL).code, CODE(4, 6));
	write_account();
	finish_bootstrap();
	CLIENT_HEARS(BOOTSTRAP_TRANSFERRED, REGISTERED);
	CHECK(!shows_bootstrap());
	CHECK_EQUAL(shown_server(), 1);
	CHECK(lwm2m_rd_client_is_registred(&client));
	server_wait_exactly(SERVER_REGISTERED, 1);
}

/* Registered: no action is needed after any of these. */
static void registered(void)
{
	unsigned int updates = server_count(SERVER_UPDATED);
	unsigned int ends = server_count(SERVER_DEREGISTERED);

	lwm2m_rd_client_update();
	CLIENT_HEARS(UPDATE, UPDATED);
	server_wait_exactly(SERVER_UPDATED, updates + 1);

	/* A server that does not know the registration gets a new one. */
	server_answer_once(SERVER_UPDATED, CODE(4, 4));
	lwm2m_rd_client_update();
	CLIENT_HEARS(UPDATE, REGISTERED);

	/* Disabled: back by itself. */
	CHECK_EQUAL(server_request(PUT, "1/1/5", TEXT_PLAIN, "2").code, CODE(2, 4));
	CHECK_EQUAL(server_request(POST, "1/1/4", NO_FORMAT, NULL).code, CODE(2, 4));
	CLIENT_HEARS(DISABLED);
	server_wait(SERVER_DEREGISTERED, ends + 1);
	CLIENT_HEARS(REGISTERED);

	/* Disabled for long: back as soon as the application lets it. */
	CHECK_EQUAL(server_request(PUT, "1/1/5", TEXT_PLAIN, "3600").code, CODE(2, 4));
	CHECK_EQUAL(server_request(POST, "1/1/4", NO_FORMAT, NULL).code, CODE(2, 4));
	CLIENT_HEARS(DISABLED);
	server_wait(SERVER_DEREGISTERED, ends + 2);
	CHECK_EQUAL(lwm2m_server_disable(1, K_NO_WAIT), 0);
	CLIENT_HEARS(REGISTERED);

	/* The server asks for a bootstrap. */
	CHECK_EQUAL(server_request(POST, "1/1/9", NO_FORMAT, NULL).code, CODE(2, 4));
	CHECK_EQUAL(engine_trigger_bootstrap(), -EPERM);
	CLIENT_HEARS(BOOTSTRAP_COMPLETE);
	finish_bootstrap();
	CLIENT_HEARS(BOOTSTRAP_TRANSFERRED, REGISTERED);
	/* So does the application. */
	CHECK_EQUAL(engine_trigger_bootstrap(), 0);
	CLIENT_HEARS(BOOTSTRAP_COMPLETE);
	finish_bootstrap();
	CLIENT_HEARS(BOOTSTRAP_TRANSFERRED, REGISTERED);
}

/* A bootstrap that is broken off leaves the accounts as they were. */
static void interrupted(void)
{
	static const uint8_t lifetime[] = {TLV_TWO_BYTES, 1, 0, 99};
	char uri[40];
	uint32_t seconds;

	CHECK_EQUAL(engine_trigger_bootstrap(), 0);
	CLIENT_HEARS(BOOTSTRAP_COMPLETE);
	CHECK_EQUAL(server_request(DELETE, "0/1", NO_FORMAT, NULL).code, CODE(2, 2));
	CHECK_EQUAL(server_observe(PUT, "1/1", TLV, lifetime, sizeof(lifetime), -1).code,
		    CODE(2, 4));
	CHECK_EQUAL(server_observe(PUT, "1/7", TLV, lifetime, sizeof(lifetime), -1).code,
		    CODE(2, 4));
	CHECK_EQUAL(lwm2m_get_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 1, 0), uri, sizeof(uri)),
		    -ENOENT);
	stop(false);
	CLIENT_HEARS(DISCONNECT);
	start(0);
	CLIENT_HEARS(REGISTERED);
	CHECK_EQUAL(shown_server(), 1);
	CHECK_EQUAL(lwm2m_get_u32(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 1, 1), &seconds), 0);
	CHECK_EQUAL(seconds, 120);
	CHECK_EQUAL(lwm2m_get_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 1, 0), uri, sizeof(uri)),
		    0);
	CHECK_EQUAL(lwm2m_get_u32(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 7, 1), &seconds), -ENOENT);
}

/* A key that is longer than there is room for is refused at once, and nothing comes of that write. */
static void key_too_long(void)
{
	enum { SHORT = 8, LONG = CONFIG_LWM2M_SECURITY_KEY_SIZE + 1 };
	/* Resource 0, then 5 with a length of one byte or two. */
	static const uint8_t uri[] = {0xc4, 0, 'c', 'o', 'a', 'p'};
	uint8_t payload[sizeof(uri) + 4 + LONG] = {0};
	uint8_t key[CONFIG_LWM2M_SECURITY_KEY_SIZE];
	uint8_t found[CONFIG_LWM2M_SECURITY_KEY_SIZE];
	char text[40];
	size_t length = sizeof(uri);

	memset(key, 'k', sizeof(key));
	memcpy(payload, uri, sizeof(uri));
	if (LONG < 256) {
		payload[length++] = 0xc8;
		payload[length++] = 5;
	} else {
		payload[length++] = 0xd0;
		payload[length++] = 5;
		payload[length++] = LONG >> 8;
	}
	payload[length++] = LONG & 0xff;
	length += LONG;

	CHECK_EQUAL(engine_trigger_bootstrap(), 0);
	CLIENT_HEARS(BOOTSTRAP_COMPLETE);
	CHECK_EQUAL(server_observe(PUT, "0/1/5", OPAQUE, key, SHORT, -1).code, CODE(2, 4));
	CHECK_EQUAL(server_observe(PUT, "0/1/5", OPAQUE, payload, LONG, -1).code, CODE(4, 13));
	CHECK_EQUAL(server_observe(PUT, "0/1", TLV, payload, length, -1).code, CODE(4, 13));
	/* Not even the instance. */
	CHECK_EQUAL(server_observe(PUT, "0/8", TLV, payload, length, -1).code, CODE(4, 13));
	CHECK_EQUAL(lwm2m_get_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 8, 0), text, sizeof(text)),
		    -ENOENT);
	CHECK_EQUAL(lwm2m_get_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 1, 0), text, sizeof(text)),
		    0);
	CHECK(strncmp(text, "coap://", 7) == 0);
	memset(found, 0, sizeof(found));
	CHECK_EQUAL(lwm2m_get_opaque(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 1, 5), found, sizeof(found)),
		    0);
	CHECK(memcmp(found, key, SHORT) == 0 && found[SHORT] == 0);
	/* As long as the room is right. */
	CHECK_EQUAL(server_observe(PUT, "0/1/5", OPAQUE, key, sizeof(key), -1).code, CODE(2, 4));
	finish_bootstrap();
	CLIENT_HEARS(BOOTSTRAP_TRANSFERRED, REGISTERED);
}

static void paused(void)
{
	CHECK_EQUAL(lwm2m_engine_pause(), 0);
	CLIENT_HEARS(SUSPENDED);
	CHECK(lwm2m_rd_client_is_suspended(&client));
	CHECK(!lwm2m_rd_client_is_registred(&client));
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 0), 1, NULL), -EPERM);
	lwm2m_rd_client_update();
	/* The connection is closed, as CONFIG_LWM2M_RD_CLIENT_CLOSE_SOCKET_AT_IDLE says. */
	for (int i = 0; i < 1000 && client_socket() >= 0; i++) {
		k_sleep(K_MSEC(10));
	}
	CHECK_EQUAL(client_socket(), -1);
	CHECK_EQUAL(lwm2m_engine_resume(), 0);
	CLIENT_HEARS(UPDATE, UPDATED);
	CHECK(client_socket() >= 0);
	server_catch_up();
}

static void stopped(void)
{
	unsigned int ends = server_count(SERVER_DEREGISTERED);

	stop(false);
	CLIENT_HEARS(DISCONNECT);
	CHECK_EQUAL(server_count(SERVER_DEREGISTERED), ends);
	start(0);
	CLIENT_HEARS(REGISTERED);

	stop(true);
	CLIENT_HEARS(DEREGISTER, DISCONNECT);
	server_wait(SERVER_DEREGISTERED, ends + 1);
	start(0);
	CLIENT_HEARS(REGISTERED);

	/* The server does not accept it: stopped all the same. */
	server_answer_once(SERVER_DEREGISTERED, CODE(4, 0));
	stop(true);
	CLIENT_HEARS(DEREGISTER, DISCONNECT, DEREGISTER_FAILURE);
}

/* What goes wrong, and what becomes of it without the application. */
static void recovered(void)
{
	set_fallback(false);
	/* Refused. */
	server_answer_once(SERVER_REGISTERED, CODE(4, 3));
	start(0);
	CLIENT_HEARS(REGISTRATION_FAILURE, REGISTERED);
	stop(false);
	CLIENT_HEARS(DISCONNECT);

	/* Silent. */
	server_answer_once(SERVER_REGISTERED, 0);
	start(0);
	CLIENT_HEARS(TIMEOUT, REGISTERED);
	server_answer_once(SERVER_UPDATED, 0);
	lwm2m_rd_client_update();
	CLIENT_HEARS(UPDATE, TIMEOUT, REGISTERED);
	server_answer_once(SERVER_SEND, 0);
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 0), 1, NULL), 0);
	CLIENT_HEARS(REGISTERED);
	stop(false);
	CLIENT_HEARS(DISCONNECT);

	/* Refused, and the Bootstrap-Server may know better. */
	set_fallback(true);
	server_answer_once(SERVER_REGISTERED, CODE(4, 3));
	start(0);
	CLIENT_HEARS(REGISTRATION_FAILURE, BOOTSTRAP_COMPLETE);
	finish_bootstrap();
	CLIENT_HEARS(BOOTSTRAP_TRANSFERRED, REGISTERED);
	stop(false);
	CLIENT_HEARS(DISCONNECT);

	/* No network, and no way out: the application starts the client again when there is one. */
	set_fallback(false);
	client.set_socketoptions = refuse;
	start(0);
	CLIENT_HEARS(NETWORK_ERROR);
	client.set_socketoptions = NULL;
	start(0);
	CLIENT_HEARS(REGISTERED);
	stop(true);
	CLIENT_HEARS(DEREGISTER, DISCONNECT);
}

/* One server fails, another one takes its place. */
static void two_servers(void)
{
	add_server(2);
	server_answer_once(SERVER_REGISTERED, CODE(4, 3));
	start(0);
	CLIENT_HEARS(REGISTRATION_FAILURE, REGISTERED);
	CHECK_EQUAL(shown_server(), 2);
	stop(true);
	CLIENT_HEARS(DEREGISTER, DISCONNECT);

	/* One that cannot be connected to, here for want of DTLS. */
	set_uri(1, "coaps");
	start(0);
	CLIENT_HEARS(REGISTERED);
	CHECK_EQUAL(shown_server(), 2);

	/* Disabled by the second one: the first may be tried again then. */
	set_uri(1, "coap");
	lwm2m_server_reset_timestamps();
	CHECK_EQUAL(server_request(POST, "1/2/4", NO_FORMAT, NULL).code, CODE(2, 4));
	CLIENT_HEARS(DISABLED, REGISTERED);
	CHECK_EQUAL(shown_server(), 1);

	CHECK_EQUAL(lwm2m_set_bool(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 1, 23), true), 0);
	CHECK_EQUAL(lwm2m_send_cb(&client, &LWM2M_OBJ(3, 0, 0), 1, NULL), -EPERM);
	stop(true);
	CLIENT_HEARS(DEREGISTER, DISCONNECT);
}

int main(void)
{
	port = server_start();
	bootstrap();
	registered();
	interrupted();
	key_too_long();
	paused();
	stopped();
	recovered();
	two_servers();
	return CHECK_RESULT();
}
