/* SPDX-License-Identifier: Apache-2.0 */
/* lwm2m_set_*, lwm2m_rd_client_update and lwm2m_rd_client_stop from inside read, write, execute and
 * event callbacks, each pair on its own.
 */

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_object.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define MEMORY_FREE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 10)
#define TIMEZONE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 15)
#define REBOOT &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 4)
#define UTC_OFFSET &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 14)

/* What the next callback does. */
enum action {
	NOTHING,
	SET,
	SET_ITSELF,
	UPDATE,
	STOP,
};

static _Atomic enum action action;
static atomic_int acted;
static int32_t memory_free = 1000;
static char zone[16] = "UTC";
static char utc_offset[16];

/* How often the client was registered, and with that the number of the life it is in. */
static unsigned int lives;

static void act(const struct lwm2m_obj_path *itself)
{
	switch (action) {
	case NOTHING:
		return;
	case SET:
		CHECK_EQUAL(lwm2m_set_string(UTC_OFFSET, "+02:00"), 0);
		break;
	case SET_ITSELF:
		if (itself != NULL) {
			action = NOTHING;
			CHECK_EQUAL(lwm2m_set_string(itself, "CET"), 0);
		}
		break;
	case UPDATE:
		lwm2m_rd_client_update();
		break;
	case STOP:
		CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
		break;
	}
	action = NOTHING;
	acted++;
}

static void *read_memory(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			 size_t *data_len)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	act(NULL);
	*data_len = sizeof(memory_free);
	return &memory_free;
}

static int zone_written(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, uint8_t *data,
			uint16_t data_len, bool last_block, size_t total_size, size_t offset)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	ARG_UNUSED(data);
	ARG_UNUSED(data_len);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	ARG_UNUSED(offset);
	act(TIMEZONE);
	return 0;
}

/* The request as it is seen from inside. */
static struct lwm2m_message seen;
static uint8_t seen_token[8];

static int reboot(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	const struct lwm2m_message *message = client.processed_req;

	CHECK_EQUAL(obj_inst_id, 0);
	CHECK_EQUAL(args_len, 1);
	CHECK(args_len == 1 && args[0] == '5');
	if (message != NULL) {
		seen = *message;
		memcpy(seen_token, message->token, message->tkl);
	}
	act(NULL);
	return 0;
}

/* The callback in use from the second life on: acts when told of `acting_event`. */
static _Atomic enum lwm2m_rd_client_event acting_event;

static void acting_event_callback(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	client_event(ctx, event);
	if (event == LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE) {
		CHECK(ctx->sock_fd >= 0);
		CHECK(!ctx->use_dtls);
		CHECK(!ctx->connection_suspended);
		CHECK_EQUAL(ctx->sec_obj_inst, 0);
		CHECK_EQUAL(ctx->srv_obj_inst, 0);
		CHECK_EQUAL(((struct sockaddr_in *)&ctx->remote_addr)->sin_family, AF_INET);
	}
	if (event == acting_event) {
		act(NULL);
	}
}

static int start(void)
{
	return lwm2m_rd_client_start(&client, "reentrancy", 0, acting_event_callback, NULL);
}

static void wait_until_registered(void)
{
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, lives);
	server_wait(SERVER_REGISTERED, lives);
	CHECK(lwm2m_rd_client_ctx() == &client);
}

/* (Re)starts the client. */
static void live(void)
{
	lives++;
	CHECK_EQUAL(start(), 0);
	CHECK_EQUAL(start(), -EINPROGRESS);
	wait_until_registered();
}

/* Waits for the end of a life, which a callback has begun. */
static void end(void)
{
	server_wait(SERVER_DEREGISTERED, lives);
	client_wait(LWM2M_RD_CLIENT_EVENT_DISCONNECT, lives);
	/* The event comes before the last step of the engine. */
	for (int i = 0; i < 1000 && client_socket() != -1; i++) {
		k_sleep(K_MSEC(10));
	}
	CHECK_EQUAL(client_socket(), -1);
}

static void read(void)
{
	CHECK_EQUAL(server_request(GET, "3/0/10", TEXT_PLAIN, NULL).code, CODE(2, 5));
}

static void write(void)
{
	CHECK_EQUAL(server_request(PUT, "3/0/15", TEXT_PLAIN, "EET").code, CODE(2, 4));
}

static void execute(void)
{
	CHECK_EQUAL(server_request(POST, "3/0/4", TEXT_PLAIN, "5").code, CODE(2, 4));
}

/* One of the three operations with a callback that does each of the things. */
static void from(void (*operation)(void))
{
	unsigned int updates;

	CHECK_EQUAL(lwm2m_set_string(UTC_OFFSET, ""), 0);
	action = SET;
	acted = 0;
	operation();
	CHECK_EQUAL(acted, 1);
	CHECK(client_has_text(UTC_OFFSET, "+02:00"));

	updates = server_count(SERVER_UPDATED);
	action = UPDATE;
	operation();
	CHECK_EQUAL(acted, 2);
	server_wait(SERVER_UPDATED, updates + 1);

	action = STOP;
	operation();
	CHECK_EQUAL(acted, 3);
	end();
	live();
}

static void from_events(void)
{
	const enum lwm2m_rd_client_event updated = LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE;
	unsigned int updates = client_count(updated);

	/* An Update that is accepted asks for another. */
	acted = 0;
	action = UPDATE;
	acting_event = updated;
	lwm2m_rd_client_update();
	client_wait(updated, updates + 2);
	CHECK_EQUAL(acted, 1);

	CHECK_EQUAL(lwm2m_set_string(UTC_OFFSET, ""), 0);
	action = SET;
	lwm2m_rd_client_update();
	for (int i = 0; i < 1000 && !client_has_text(UTC_OFFSET, "+02:00"); i++) {
		k_sleep(K_MSEC(10));
	}
	CHECK(client_has_text(UTC_OFFSET, "+02:00"));
	client_wait(updated, updates + 3);

	action = STOP;
	lwm2m_rd_client_update();
	end();

	/* Stopped by the very event that says it is registered. */
	acting_event = LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE;
	action = STOP;
	lives++;
	CHECK_EQUAL(start(), 0);
	wait_until_registered();
	end();
}

int main(void)
{
	struct answer answer;

	CHECK_EQUAL(lwm2m_register_read_callback(MEMORY_FREE, read_memory), 0);
	CHECK_EQUAL(lwm2m_set_res_buf(TIMEZONE, zone, sizeof(zone), sizeof("UTC"), 0), 0);
	CHECK_EQUAL(lwm2m_set_res_buf(UTC_OFFSET, utc_offset, sizeof(utc_offset), 1, 0), 0);
	CHECK_EQUAL(lwm2m_register_post_write_callback(TIMEZONE, zone_written), 0);
	CHECK_EQUAL(lwm2m_register_exec_callback(REBOOT, reboot), 0);
	client_account(server_start());

	acting_event = LWM2M_RD_CLIENT_EVENT_NONE;
	live();
	from(read);
	from(write);
	from(execute);

	/* The request is visible while it is handled, and gone afterwards. */
	execute();
	lwm2m_registry_lock();
	CHECK(seen.ctx == &client);
	CHECK_EQUAL(seen.path.level, 3);
	CHECK_EQUAL(seen.path.obj_id, 3);
	CHECK_EQUAL(seen.path.res_id, 4);
	CHECK_EQUAL(seen.type, COAP_TYPE_CON);
	CHECK_EQUAL(seen.code, COAP_METHOD_POST);
	CHECK_EQUAL(seen.operation, LWM2M_OP_EXECUTE);
	CHECK_EQUAL(seen.tkl, 4);
	CHECK(seen.mid >= 1000);
	CHECK(!seen.acknowledged);
	CHECK(client.processed_req == NULL);
	lwm2m_registry_unlock();

	/* A resource that is set again by its own callback. */
	action = SET_ITSELF;
	write();
	CHECK(client_has_text(TIMEZONE, "CET"));
	answer = server_request(GET, "3/0/15", TEXT_PLAIN, NULL);
	CHECK(strcmp((char *)answer.payload, "CET") == 0);

	from_events();
	return CHECK_RESULT();
}
