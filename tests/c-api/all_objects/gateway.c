/* SPDX-License-Identifier: Apache-2.0 */
/* Answering requests for devices behind the gateway: what the callback sees, what it may answer, what
 * becomes of the answer.
 */

#include <errno.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_message_handling.h"
#include "lwm2m_obj_gateway.h"
#include "lwm2m_object.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define PREFIX(id) &LWM2M_OBJ(LWM2M_OBJECT_GATEWAY_ID, id, LWM2M_GATEWAY_PREFIX_RID)

static struct lwm2m_message seen;
static unsigned int calls;
static int result;
static bool acknowledge;
static bool elsewhere;
static uint8_t own_buffer[64];

/* What Zephyr's CoAP functions do with a packet. */
static void put(struct coap_packet *packet, const void *bytes, size_t length)
{
	CHECK(packet->offset + length <= packet->max_len);
	memcpy(&packet->data[packet->offset], bytes, length);
	packet->offset = (uint16_t)(packet->offset + length);
}

static int answer(struct lwm2m_message *msg)
{
	uint32_t lifetime;

	calls++;
	seen = *msg;
	CHECK(client.processed_req == msg);
	CHECK(msg->ctx == &client);
	CHECK(msg->out.out_cpkt == &msg->cpkt);
	CHECK(msg->in.in_cpkt->data[msg->in.in_cpkt->hdr_len] != 0);
	if (acknowledge) {
		lwm2m_acknowledge(&client);
	}
	/* The registry can be used from here. */
	CHECK_EQUAL(lwm2m_get_u32(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 1), &lifetime), 0);
	if (result != 0) {
		return result;
	}
	msg->code = CODE(2, 05);
	CHECK_EQUAL(lwm2m_init_message(msg), 0);
	CHECK(msg->cpkt.data == msg->msg_data);
	CHECK_EQUAL(msg->cpkt.max_len, sizeof(msg->msg_data));
	/* Content-Format 0, payload. */
	put(msg->out.out_cpkt, "\xc0\xff"
			       "device",
	    8);
	if (elsewhere) {
		memcpy(own_buffer, msg->msg_data, msg->cpkt.offset);
		memset(msg->msg_data, 0, msg->cpkt.offset);
		msg->cpkt.data = own_buffer;
	}
	return 0;
}

static void registering(void)
{
	struct lwm2m_message message = {0};
	char prefix[16];

	CHECK_EQUAL(lwm2m_register_gw_callback(7, answer), -ENOENT);
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(LWM2M_OBJECT_GATEWAY_ID, 7)), 0);
	CHECK_EQUAL(lwm2m_get_string(PREFIX(7), prefix, sizeof(prefix)), 0);
	CHECK(strcmp(prefix, CONFIG_LWM2M_GATEWAY_DEFAULT_DEVICE_PREFIX "0") == 0);
	CHECK_EQUAL(lwm2m_set_string(PREFIX(7), "d0"), 0);
	CHECK_EQUAL(lwm2m_register_gw_callback(7, answer), 0);
	CHECK_EQUAL(lwm2m_gw_handle_req(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_gw_handle_req(&message), -EINVAL);
	CHECK_EQUAL(lwm2m_init_message(NULL), -EINVAL);
	CHECK_EQUAL(lwm2m_init_message(&message), -EINVAL);
	CHECK_EQUAL(calls, 0);
}

/* An application may hand a request of its own over. */
static void by_hand(void)
{
	/* GET /d0/3/0 */
	static uint8_t datagram[] = "\x40\x01\x12\x34\xb2"
				    "d0\x01"
				    "3\x01"
				    "0";
	static uint8_t other[] = "\x40\x01\x12\x34\xb2"
				 "d1";
	static uint8_t no_path[] = "\x40\x01\x12\x34\xb2"
				   "d0\x01"
				   "x";
	struct coap_packet packet = {.data = datagram, .offset = sizeof(datagram) - 1};
	struct lwm2m_message message = {.in.in_cpkt = &packet, .ctx = &client};

	result = -EBUSY;
	client.processed_req = &message;
	message.out.out_cpkt = &message.cpkt;
	packet.hdr_len = 4;
	CHECK_EQUAL(lwm2m_gw_handle_req(&message), -EBUSY);
	CHECK_EQUAL(calls, 1);
	CHECK_EQUAL(seen.path.level, 2);
	CHECK_EQUAL(seen.path.obj_id, 3);
	packet.data = other;
	packet.offset = sizeof(other) - 1;
	CHECK_EQUAL(lwm2m_gw_handle_req(&message), -ENOENT);
	packet.data = no_path;
	packet.offset = sizeof(no_path) - 1;
	CHECK_EQUAL(lwm2m_gw_handle_req(&message), -EINVAL);
	packet.offset = 3;
	CHECK_EQUAL(lwm2m_gw_handle_req(&message), -EINVAL);
	CHECK_EQUAL(calls, 1);
	client.processed_req = NULL;
}

static void requests(void)
{
	struct answer reply;

	result = 0;
	reply = server_request(GET, "d0/3/0/1", TEXT_PLAIN, NULL);
	CHECK_EQUAL(reply.code, CODE(2, 05));
	CHECK(!reply.separate);
	CHECK(strcmp((const char *)reply.payload, "device") == 0);
	CHECK_EQUAL(calls, 2);
	CHECK_EQUAL(seen.path.level, 3);
	CHECK_EQUAL(seen.path.obj_id, 3);
	CHECK_EQUAL(seen.path.res_id, 1);
	CHECK_EQUAL(seen.code, GET);
	CHECK_EQUAL(seen.operation, LWM2M_OP_READ);
	CHECK_EQUAL(seen.tkl, 4);

	/* The device itself. */
	reply = server_request(POST, "d0", TEXT_PLAIN, "x");
	CHECK_EQUAL(reply.code, CODE(2, 05));
	CHECK_EQUAL(seen.path.level, 0);

	elsewhere = true;
	reply = server_request(GET, "d0/3", TEXT_PLAIN, NULL);
	CHECK_EQUAL(reply.code, CODE(2, 05));
	CHECK(strcmp((const char *)reply.payload, "device") == 0);
	elsewhere = false;

	acknowledge = true;
	reply = server_request(GET, "d0/3", TEXT_PLAIN, NULL);
	CHECK_EQUAL(reply.code, CODE(2, 05));
	CHECK(reply.separate);
	CHECK(strcmp((const char *)reply.payload, "device") == 0);
	acknowledge = false;
}

static void refusals(void)
{
	static const struct {
		int result;
		uint8_t code;
	} rows[] = {
		{-EPERM, CODE(4, 5)},  {-EACCES, CODE(4, 1)},  {-EEXIST, CODE(4, 0)},
		{-EFBIG, CODE(4, 13)}, {-ENOTSUP, CODE(5, 1)}, {-EIO, CODE(5, 0)},
		{5, CODE(5, 0)},       {-ENOENT, CODE(4, 4)},
	};
	const unsigned int before = calls;
	struct answer reply;
	size_t row;

	for (row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		result = rows[row].result;
		reply = server_request(GET, "d0/3/0", TEXT_PLAIN, NULL);
		CHECK_EQUAL(reply.code, rows[row].code);
		CHECK_EQUAL(reply.length, 0);
	}
	CHECK_EQUAL(calls, before + row);
	result = 0;
	CHECK_EQUAL(server_request(GET, "d1/3/0", TEXT_PLAIN, NULL).code, CODE(4, 4));
	CHECK_EQUAL(server_request(GET, "d0/3/x", TEXT_PLAIN, NULL).code, CODE(4, 4));
	CHECK_EQUAL(calls, before + row);
	/* What is refused goes on as any other request: a prefix may look like an object. */
	CHECK_EQUAL(lwm2m_set_string(PREFIX(7), "3"), 0);
	CHECK_EQUAL(server_request(GET, "3/0", TEXT_PLAIN, NULL).code, CODE(2, 05));
	CHECK_EQUAL(calls, before + row + 1);
	result = -ENOENT;
	CHECK_EQUAL(server_request(GET, "3/0/16", TEXT_PLAIN, NULL).code, CODE(2, 05));
	CHECK_EQUAL(calls, before + row + 2);
	CHECK(strcmp((const char *)server_request(GET, "3/0/16", TEXT_PLAIN, NULL).payload, "U") ==
	      0);
	CHECK_EQUAL(lwm2m_register_gw_callback(7, NULL), 0);
	CHECK_EQUAL(server_request(GET, "3/0/16", TEXT_PLAIN, NULL).code, CODE(2, 05));
	CHECK_EQUAL(calls, before + row + 3);
}

int main(void)
{
	const uint16_t port = server_start();

	registering();
	by_hand();
	client_account(port);
	CHECK_EQUAL(lwm2m_rd_client_start(&client, "gateway", 0, client_event, NULL), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 1);
	requests();
	refusals();
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_DISCONNECT, 1);
	return CHECK_RESULT();
}
