/* SPDX-License-Identifier: Apache-2.0 */
/* Thousands of valid, odd and hostile datagrams. After each the client has neither crashed nor hung,
 * what it answered is a message that belongs to what was asked, and where that is an error no value
 * has changed.
 *
 * A ping follows each datagram: its Reset says that the client is done with what came before.
 */

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support/check.h"
#include "lwm2m_object.h"
#include "lwm2m_registry.h"
#include "support/client.h"
#include "support/server.h"

enum { CON, NON, ACK, RST };
enum { DATAGRAMS = 30000, LONGEST = 1800, PATIENCE_MS = 20000, PING = 0xf000 };

struct datagram {
	uint8_t bytes[LONGEST];
	size_t length;
	unsigned int option;
};

static int server;
static struct sockaddr_in peer;
static uint16_t next_ping;

/* --- Chance ---------------------------------------------------------------------------------- */

static uint64_t state = 0x9e3779b97f4a7c15;

static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % below;
}

#define ONE_OF(array) (array)[draw(ARRAY_SIZE(array))]

/* --- Datagrams ------------------------------------------------------------------------------- */

static void put(struct datagram *to, const void *bytes, size_t length)
{
	if (to->length + length <= LONGEST) {
		memcpy(&to->bytes[to->length], bytes, length);
		to->length += length;
	}
}

static void put_byte(struct datagram *to, unsigned int byte)
{
	uint8_t value = (uint8_t)byte;

	put(to, &value, 1);
}

/* Options in ascending order; what comes too late is left out. */
static void put_option(struct datagram *to, unsigned int number, const void *value, size_t length)
{
	unsigned int delta = number - to->option;

	if (number < to->option || length > 268) {
		return;
	}
	put_byte(to, (delta < 13 ? delta : delta < 269 ? 13U : 14U) << 4 |
			     (length < 13 ? (unsigned int)length : 13U));
	if (delta >= 269) {
		put_byte(to, (delta - 269) >> 8);
		put_byte(to, delta - 269);
	} else if (delta >= 13) {
		put_byte(to, delta - 13);
	}
	if (length >= 13) {
		put_byte(to, (unsigned int)length - 13);
	}
	put(to, value, length);
	to->option = number;
}

static void put_number(struct datagram *to, unsigned int number, unsigned int value)
{
	uint8_t bytes[] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
	size_t skip = value > 0xffff ? 0 : value > 0xff ? 1 : value > 0 ? 2 : 3;

	put_option(to, number, &bytes[skip], sizeof(bytes) - skip);
}

static const char *const paths[] = {
	"3/0/0",   "3/0",     "3",       "1/0/1",     "1/0",    "1",        "1/0/2",
	"1/0/6",   "1/0/7",   "3/0/13",  "3/0/14",    "3/0/15", "3/0/6/0",  "3/0/6",
	"3/0/11",  "3/0/4",   "5/0/0",   "5/0/1",     "5/0",    "0/0/0",    "0/0",
	"0",       "",        "65535",   "65536",     "x",      "3/0/0/0",  "3/9",
	"3303",    "3303/0",  "3303/0/5700", "3303/7", "1/0/22", "3/0/14/0/0", "-1",
	"3//0",    "03/0/0",  "4294967299/0/0", "3/0/65535", "1/0/23", "rd",
	/* Where there are all objects. */
	"2",       "2/0",     "2/0/2",   "2/0/2/0",   "4/0",    "4/0/4/0",  "6/0",
	"9/0",     "9/0/14",  "16",      "16/0",      "16/0/0", "16/0/0/0", "19/0",
	"19/0/0",  "19/0/0/0", "20/0",   "20/0/4014", "25/0",   "25/0/1",   "3311/0/5851",
	"3323/0",  "3347/0",  "3411/0",  "3412/0",    "3435/0", "3435/0/3",
};

static const unsigned int formats[] = {0, 40, 42, 60, 110, 112, 11542, 11543, 1542, 1543, 41, 65000};

static const char *const queries[] = {
	"pmin=1", "pmax=10", "gt=1.5", "lt=-1", "st=0.1", "pmin", "pmin=x", "gt=1e400", "epmin=1",
	"pmin=4294967296", "pmin=-1", "=", "", "pmax=1&pmin=2", "con=1", "hqmax=3", "pmin==1",
};

/* Payloads that are nearly or wholly right in some format. */
struct payload {
	const char *bytes;
	size_t length;
};

#define PAYLOAD(text) {text, sizeof(text) - 1}

static const struct payload payloads[] = {
	PAYLOAD(""),
	PAYLOAD("60"),
	PAYLOAD("-1"),
	PAYLOAD("99999999999999999999"),
	PAYLOAD("1e5"),
	PAYLOAD("22.5"),
	PAYLOAD("+02:00"),
	PAYLOAD("0='x',1"),
	PAYLOAD("0='"),
	PAYLOAD("9999='x'"),
	PAYLOAD("\xc1\x06\x01"),
	PAYLOAD("\xc2\x01\x00\x50"),
	PAYLOAD("\xc4\x01\x00\x00\x00\x3c\xc1\x06\x01"),
	PAYLOAD("\x08\x00\x03\xc1\x06\x01"),
	PAYLOAD("\x08\x07\x00"),
	PAYLOAD("\x86\x06\x41\x00\x01\x41\x01\x05"),
	PAYLOAD("\xc8\x0e\xff" "abc"),
	PAYLOAD("\xd8\x0e\xff\xff\xff"),
	PAYLOAD("\xe8\x16\x44\x03" "Cel"),
	PAYLOAD("\x48\x00\x02\x48\x00"),
	PAYLOAD("\x18\x3c"),
	PAYLOAD("\xf9\x4d\x20"),
	PAYLOAD("\x63" "UTC"),
	PAYLOAD("\x7f\x62" "ab" "\x61" "c" "\xff"),
	PAYLOAD("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
	PAYLOAD("\x81\xa2\x00\x66" "/1/0/1" "\x02\x18\x3c"),
	PAYLOAD("\x81\xa3\x21\x65" "/1/0/" "\x00\x61" "6" "\x04\xf5"),
	PAYLOAD("\x82\xa1\x00\x66" "/3/0/0" "\xa1\x00\x66" "/1/0/1"),
	PAYLOAD("\x9f\xbf\x00\x66" "/1/0/1" "\x02\x0a\xff\xff"),
	PAYLOAD("\x81\xa2\x00\x66" "/0/0/0" "\x03\x61" "x"),
	PAYLOAD("\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81"),
	PAYLOAD("\xa1\x00\xa1\x00\xa1\x00\xa1\x00\xa1\x00\xa1\x00\xa1\x00\xa1\x00\xa1\x00\xa1\x00"),
	PAYLOAD("[{\"n\":\"/1/0/1\",\"v\":60}]"),
	PAYLOAD("[{\"bn\":\"/1/0/\",\"n\":\"1\",\"v\":61},{\"n\":\"6\",\"vb\":true}]"),
	PAYLOAD("[{\"n\":\"/3/0/0\"},{\"n\":\"/1\"}]"),
	PAYLOAD("[{\"n\":\"/3/0/14\",\"vs\":\"\\u00e4\\ud83d\\ude00\"}]"),
	PAYLOAD("[{\"n\":\"/3/0/14\",\"vs\":\"\\ud83d\"}]"),
	PAYLOAD("[{\"n\":\"/1/0/1\",\"v\":1e999}]"),
	PAYLOAD("[{\"n\":\"/0/0/0\",\"vs\":\"coap://x\"}]"),
	PAYLOAD("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["),
	PAYLOAD("{\"bn\":\"/1/0/\",\"e\":[{\"n\":\"1\",\"v\":60}]}"),
	PAYLOAD("{\"e\":[{\"n\":\"\",\"sv\":\"x\"}]}"),
	PAYLOAD("{\"e\":{\"e\":{\"e\":{\"e\":{\"e\":{\"e\":{\"e\":{\"e\":{\"e\":{\"e\":{"),
};

/* What a request asks for. NONE leaves an option out. */
enum { NONE = -1 };

struct request {
	unsigned int method;
	const char *path;
	int content_format;
	int accept;
	struct payload payload;
};

/* Requests that can be carried out as they are, most of them. */
static const struct request sound[] = {
	{GET, "3/0/0", NONE, 0, PAYLOAD("")},
	{GET, "3/0", NONE, 11542, PAYLOAD("")},
	{GET, "3", NONE, 112, PAYLOAD("")},
	{GET, "1/0", NONE, 110, PAYLOAD("")},
	{GET, "1", NONE, 11543, PAYLOAD("")},
	{GET, "1/0/1", NONE, 60, PAYLOAD("")},
	{GET, "3/0", NONE, 40, PAYLOAD("")},
	{GET, "5/0/3", NONE, NONE, PAYLOAD("")},
	{PUT, "1/0/1", 0, NONE, PAYLOAD("60")},
	{PUT, "1/0/6", 60, NONE, PAYLOAD("\xf5")},
	{PUT, "1/0", 11542, NONE, PAYLOAD("\xc2\x01\x00\x50")},
	{PUT, "1/0/2", 11542, NONE, PAYLOAD("\xc1\x02\x05")},
	{PUT, "3/0/15", 0, NONE, PAYLOAD("CET")},
	{PUT, "3/0/14", 11543, NONE, PAYLOAD("{\"e\":[{\"n\":\"\",\"sv\":\"+02:00\"}]}")},
	{PUT, "3/0/14", 60, NONE, PAYLOAD("\x66" "+03:00")},
	{POST, "1/0", 110, NONE, PAYLOAD("[{\"bn\":\"/1/0/\",\"n\":\"3\",\"v\":61}]")},
	{POST, "1/0", 112, NONE, PAYLOAD("\x81\xa2\x00\x66" "/1/0/2" "\x02\x07")},
	{POST, "1/0/8", NONE, NONE, PAYLOAD("")},
	{POST, "3/0/4", 0, NONE, PAYLOAD("0='x'")},
	{POST, "3303", 11542, NONE, PAYLOAD("\x08\x00\x00")},
	{DELETE, "3303/0", NONE, NONE, PAYLOAD("")},
	{FETCH, "", 110, 112, PAYLOAD("[{\"n\":\"/3/0/0\"},{\"n\":\"/1\"}]")},
	{FETCH, "", 112, 110, PAYLOAD("\x82\xa1\x00\x66" "/3/0/0" "\xa1\x00\x66" "/1/0/1")},
	{IPATCH, "", 110, NONE, PAYLOAD("[{\"n\":\"/1/0/2\",\"v\":3},{\"n\":\"/1/0/6\",\"vb\":true}]")},
	{IPATCH, "", 112, NONE, PAYLOAD("\x81\xa2\x00\x66" "/1/0/1" "\x02\x18\x3c")},
};

static struct request any(void)
{
	struct request request = {
		.method = draw(20) == 0 ? draw(256) : 1 + draw(7),
		.path = ONE_OF(paths),
		.content_format = draw(2) == 0 ? (int)ONE_OF(formats) : NONE,
		.accept = draw(3) == 0 ? (int)ONE_OF(formats) : NONE,
		.payload = ONE_OF(payloads),
	};

	return request;
}

static void a_request(struct datagram *to)
{
	static uint16_t id;
	bool plain = draw(2) == 0;
	struct request request = plain ? ONE_OF(sound) : any();
	unsigned int token_length = draw(10) == 0 ? draw(9) : 4;

	to->length = 0;
	to->option = 0;
	/* Sometimes a message id that has been there already. */
	id = (uint16_t)(draw(16) == 0 ? id : id + 1) % PING;
	put_byte(to, 0x40 | (draw(12) == 0 ? NON : CON) << 4 | token_length);
	put_byte(to, request.method);
	put_byte(to, id >> 8);
	put_byte(to, id);
	for (unsigned int i = 0; i < token_length; i++) {
		put_byte(to, draw(256));
	}
	if (draw(8) == 0) {
		put_number(to, 6, draw(3));
	}
	while (*request.path != '\0') {
		size_t length = strcspn(request.path, "/");

		put_option(to, 11, request.path, length);
		request.path += length + (request.path[length] == '/' ? 1 : 0);
	}
	if (request.content_format != NONE) {
		put_number(to, 12, (unsigned int)request.content_format);
	}
	for (uint32_t count = !plain && draw(6) == 0 ? draw(4) : 0; count > 0; count--) {
		const char *query = ONE_OF(queries);

		put_option(to, 15, query, strlen(query));
	}
	if (request.accept != NONE) {
		put_number(to, 17, (unsigned int)request.accept);
	}
	if (draw(10) == 0) {
		put_number(to, 23, draw(4) << 4 | draw(8));
	}
	if (draw(10) == 0) {
		put_number(to, 27, draw(4) << 4 | draw(2) << 3 | draw(8));
	}
	if (draw(20) == 0) {
		put_number(to, 28 + draw(300), draw(70000));
	}
	if (request.payload.length > 0) {
		put_byte(to, 0xff);
		put(to, request.payload.bytes, request.payload.length);
	}
}

/* Damages it in a few places. */
static void damage(struct datagram *to)
{
	for (uint32_t count = 1 + draw(3); count > 0; count--) {
		uint32_t at = draw((uint32_t)to->length);

		switch (draw(5)) {
		case 0:
			to->bytes[at] = (uint8_t)draw(256);
			break;
		case 1:
			to->bytes[at] ^= (uint8_t)(1U << draw(8));
			break;
		case 2:
			to->length = at + 1;
			break;
		case 3:
			/* The rest once more. */
			put(to, &to->bytes[at], to->length - at);
			break;
		default:
			/* Much more than was said. */
			for (uint32_t more = draw(LONGEST); more > 0; more--) {
				put_byte(to, draw(256));
			}
			break;
		}
	}
}

/* Disable and Bootstrap-Request Trigger would end the conversation, as they should. */
static bool ends_it(const struct datagram *datagram)
{
	static const uint8_t server_resource[] = {1, '1', 1, '0', 1};

	for (size_t at = 0; at + sizeof(server_resource) < datagram->length; at++) {
		const uint8_t *found = &datagram->bytes[at];

		if (memcmp(found, server_resource, sizeof(server_resource)) == 0 &&
		    (found[5] == '4' || found[5] == '9')) {
			return true;
		}
	}
	return false;
}

static void next(struct datagram *to)
{
	do {
		a_request(to);
		switch (draw(4)) {
		case 0:
			damage(to);
			break;
		case 1:
			if (draw(4) == 0) {
				for (size_t i = draw(5); i < to->length; i++) {
					to->bytes[i] = (uint8_t)draw(256);
				}
			}
			break;
		default:
			break;
		}
	} while (ends_it(to));
}

/* --- The conversation ------------------------------------------------------------------------- */

static void transmit(const void *bytes, size_t length)
{
	(void)sendto(server, bytes, length, 0, (const struct sockaddr *)&peer, sizeof(peer));
}

/* Answers a request of the client's: Register, Update, De-register, Send. */
static void serve(const uint8_t *bytes, size_t length)
{
	uint8_t reply[32] = {(uint8_t)(0x60 | (bytes[0] & 15)), CODE(2, 4), bytes[2], bytes[3]};
	size_t token_length = bytes[0] & 15;
	size_t used = 4 + token_length;

	CHECK(used <= length);
	memcpy(&reply[4], &bytes[4], token_length);
	/* POST rd, without a location behind it. */
	if (used + 3 <= length && memcmp(&bytes[used], "\xb2rd", 3) == 0 &&
	    (used + 3 == length || bytes[used + 3] >> 4 != 0)) {
		reply[1] = CODE(2, 1);
		memcpy(&reply[used], "\x82rd\x01" "1", 5);
		used += 5;
	}
	transmit(reply, used);
}

/* Waits for the next message. False if none comes. */
static bool receive(struct datagram *message)
{
	struct pollfd poll_fd = {.fd = server, .events = POLLIN};
	socklen_t size = sizeof(peer);
	ssize_t length;

	if (poll(&poll_fd, 1, PATIENCE_MS) <= 0) {
		return false;
	}
	length = recvfrom(server, message->bytes, LONGEST, 0, (struct sockaddr *)&peer, &size);
	message->length = length < 0 ? 0 : (size_t)length;
	return length >= 0;
}

/* Pings the client and takes what it says until it answers that. Returns the worst code it answered
 * `asked` with, 0 for none.
 */
static uint8_t settle(const struct datagram *asked)
{
	uint16_t id = (uint16_t)(PING + next_ping++ % 0x0fff);
	const uint8_t ping[] = {0x40, 0, (uint8_t)(id >> 8), (uint8_t)id};
	struct datagram message;
	uint8_t worst = 0;

	transmit(ping, sizeof(ping));
	for (;;) {
		const uint8_t *bytes = message.bytes;
		unsigned int type;

		if (!receive(&message)) {
			(void)fprintf(stderr, "the client is silent\n");
			for (size_t i = 0; asked != NULL && i < asked->length; i++) {
				(void)fprintf(stderr, "%02x", asked->bytes[i]);
			}
			exit(1);
		}
		CHECK(message.length >= 4 && bytes[0] >> 6 == 1 && (bytes[0] & 15) <= 8);
		type = bytes[0] >> 4 & 3;
		if (type == RST && bytes[1] == 0 && memcmp(&bytes[2], &ping[2], 2) == 0) {
			return worst;
		}
		if (bytes[1] >= 1 && bytes[1] < 32) {
			serve(bytes, message.length);
		} else if (bytes[1] >= 64) {
			worst = bytes[1] > worst ? bytes[1] : worst;
			CHECK(type != RST);
			if (type == ACK && asked != NULL) {
				CHECK(memcmp(&bytes[2], &asked->bytes[2], 2) == 0);
			}
			if (type == CON) {
				/* A notification; one in eight is not wanted. */
				uint8_t reply[] = {(uint8_t)(0x40 | (draw(8) == 0 ? RST : ACK) << 4),
						   0, bytes[2], bytes[3]};

				worst = 0;
				transmit(reply, sizeof(reply));
			}
		}
	}
}

/* --- What must not change --------------------------------------------------------------------- */

/* What follows from the clock or tells of the attempt: the current time, the free memory, states and
 * results of the packages.
 */
static bool fixed(uint16_t obj, uint16_t res)
{
	return !(obj == 3 && (res == 10 || res == 13)) &&
	       !((obj == 5 || obj == 9) && (res == 3 || res == 5 || res == 7 || res == 9));
}

static uint64_t add(uint64_t hash, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
	}
	return hash;
}

static uint64_t registry(void)
{
	struct lwm2m_engine_obj_inst *instance;
	uint64_t hash = 0xcbf29ce484222325;

	lwm2m_registry_lock();
	SYS_SLIST_FOR_EACH_CONTAINER(lwm2m_engine_obj_inst_list(), instance, node) {
		hash = add(hash, &instance->obj->obj_id, 2);
		hash = add(hash, &instance->obj_inst_id, 2);
		for (int r = 0; r < instance->resource_count; r++) {
			const struct lwm2m_engine_res *res = &instance->resources[r];

			if (!fixed(instance->obj->obj_id, res->res_id)) {
				continue;
			}
			for (int i = 0; i < res->res_inst_count; i++) {
				const struct lwm2m_engine_res_inst *value = &res->res_instances[i];

				hash = add(hash, &value->res_inst_id, 2);
				hash = add(hash, &value->data_len, 2);
				if (value->data_ptr != NULL &&
				    value->res_inst_id != RES_INSTANCE_NOT_CREATED) {
					hash = add(hash, value->data_ptr, value->data_len);
				}
			}
		}
	}
	lwm2m_registry_unlock();
	return hash;
}

/* --------------------------------------------------------------------------------------------- */

static uint16_t open_server(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = socket(AF_INET, SOCK_DGRAM, 0);
	if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    getsockname(server, (struct sockaddr *)&address, &length) != 0) {
		perror("server");
		exit(2);
	}
	return ntohs(address.sin_port);
}

static int reboot(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(args);
	ARG_UNUSED(args_len);
	return 0;
}

int main(void)
{
	static char zone[32] = "UTC";
	struct datagram datagram;
	unsigned int answered = 0;
	unsigned int refused = 0;

	CHECK_EQUAL(lwm2m_set_res_buf(&LWM2M_OBJ(3, 0, 15), zone, sizeof(zone), 4, 0), 0);
	CHECK_EQUAL(lwm2m_register_exec_callback(&LWM2M_OBJ(3, 0, 4), reboot), 0);
	client_account(open_server());
	CHECK_EQUAL(lwm2m_rd_client_start(&client, "hostile", 0, client_event, NULL), 0);
	CHECK(receive(&datagram));
	serve(datagram.bytes, datagram.length);
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 1);
	(void)settle(NULL);

	for (int i = 0; i < DATAGRAMS && atomic_load(&check_failures) == 0; i++) {
		uint64_t before = registry();
		uint8_t code;

		next(&datagram);
		transmit(datagram.bytes, datagram.length);
		code = settle(&datagram);
		answered += code != 0;
		if (code >= CODE(4, 0)) {
			refused++;
			if (registry() != before) {
				atomic_fetch_add(&check_failures, 1);
				(void)fprintf(stderr, "answered %u.%02u, and changed: ", code >> 5,
					      code & 31);
				for (size_t at = 0; at < datagram.length; at++) {
					(void)fprintf(stderr, "%02x", datagram.bytes[at]);
				}
				(void)fprintf(stderr, "\n");
			}
		}
	}
	(void)printf("%d datagrams, %u answered, %u of them refused\n", DATAGRAMS, answered, refused);
	CHECK(answered > DATAGRAMS / 2 && answered - refused > DATAGRAMS / 20);
	return CHECK_RESULT();
}
