/* SPDX-License-Identifier: Apache-2.0 */
/* The Firmware Update object fetches a package from a CoAP server in a thread of the test, over the
 * loopback interface.
 */

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/coap.h>
#include <zephyr/net/lwm2m.h>
#include <zephyr/net/socket.h>
#include <zephyr/ztest.h>

#include "lwm2m_engine.h"

#define PORT 5700
#define PACKAGE_SIZE 5000
#define URI(instance) &LWM2M_OBJ(LWM2M_OBJECT_FIRMWARE_ID, instance, 1)

/* How many requests the server leaves unanswered from now on. */
static atomic_t deaf;

static uint8_t buffer[100];
static struct {
	uint16_t instance;
	size_t length;
	unsigned int wrong;
	unsigned int last;
} seen;

static uint8_t package_byte(size_t at)
{
	return (uint8_t)(at * 7 + (at >> 8));
}

/* Answers a request for a block of /package, and 4.04 to anything else. */
static int serve(struct coap_packet *request, struct coap_packet *answer, uint8_t *room, size_t size)
{
	uint8_t token[COAP_TOKEN_MAX_LEN];
	uint8_t part[1024];
	uint8_t length = coap_header_get_token(request, token);
	struct coap_option path;
	int block = coap_get_option_int(request, COAP_OPTION_BLOCK2);
	bool known = coap_find_options(request, COAP_OPTION_URI_PATH, &path, 1) == 1 &&
		     path.len == 7 && memcmp(path.value, "package", 7) == 0;
	uint8_t code = known ? COAP_RESPONSE_CODE_CONTENT : COAP_RESPONSE_CODE_NOT_FOUND;
	size_t bytes = 16U << (block & 7);
	size_t start = (size_t)(block >> 4) * bytes;
	size_t count = start < PACKAGE_SIZE ? MIN(bytes, PACKAGE_SIZE - start) : 0;
	bool more = start + count < PACKAGE_SIZE;

	if (coap_packet_init(answer, room, size, COAP_VERSION_1, COAP_TYPE_ACK, length, token, code,
			     coap_header_get_id(request)) < 0) {
		return -1;
	}
	if (!known) {
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		part[i] = package_byte(start + i);
	}
	return coap_append_option_int(answer, COAP_OPTION_BLOCK2,
				      (block & ~8) | (more ? 8 : 0)) |
	       coap_append_option_int(answer, COAP_OPTION_SIZE2, PACKAGE_SIZE) |
	       coap_packet_append_payload_marker(answer) |
	       coap_packet_append_payload(answer, part, count);
}

static void server(void *a, void *b, void *c)
{
	static uint8_t received[512];
	static uint8_t sent[1200];
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = zsock_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

	ARG_UNUSED(a);
	ARG_UNUSED(b);
	ARG_UNUSED(c);
	zassert_true(fd >= 0);
	zassert_ok(zsock_inet_pton(AF_INET, "127.0.0.1", &own.sin_addr) - 1);
	zassert_ok(zsock_bind(fd, (struct sockaddr *)&own, sizeof(own)));
	for (;;) {
		struct coap_packet request;
		struct coap_packet answer;
		struct sockaddr from;
		socklen_t length = sizeof(from);
		ssize_t got = zsock_recvfrom(fd, received, sizeof(received), 0, &from, &length);

		if (got <= 0 || coap_packet_parse(&request, received, got, NULL, 0) < 0) {
			continue;
		}
		if (atomic_get(&deaf) > 0) {
			atomic_dec(&deaf);
			continue;
		}
		if (serve(&request, &answer, sent, sizeof(sent)) >= 0) {
			(void)zsock_sendto(fd, answer.data, answer.offset, 0, &from, length);
		}
	}
}

K_THREAD_DEFINE(server_thread, 4096, server, NULL, NULL, NULL, 8, 0, 0);

static void *name_buffer(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			 size_t *data_len)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	*data_len = sizeof(buffer);
	return buffer;
}

static int written(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, uint8_t *data,
		   uint16_t data_len, bool last_block, size_t total_size, size_t offset)
{
	seen.wrong += obj_inst_id != seen.instance || res_id != 0 || res_inst_id != 0;
	seen.wrong += data != buffer || total_size != PACKAGE_SIZE || offset != seen.length;
	for (uint16_t i = 0; i < data_len; i++) {
		seen.wrong += data[i] != package_byte(offset + i);
	}
	seen.length += data_len;
	seen.last += last_block;
	return 0;
}

/* Has an instance fetch. */
static void begin(uint16_t instance, const char *uri)
{
	memset(&seen, 0, sizeof(seen));
	seen.instance = instance;
	zassert_ok(lwm2m_set_string(URI(instance), uri));
}

/* Waits until it no longer does. */
static void check_end(uint16_t instance, uint8_t state, uint8_t result)
{
	for (int i = 0; i < 300 && lwm2m_firmware_get_update_state_inst(instance) ==
					   STATE_DOWNLOADING; i++) {
		k_sleep(K_MSEC(100));
	}
	zassert_equal(lwm2m_firmware_get_update_state_inst(instance), state);
	zassert_equal(lwm2m_firmware_get_update_result_inst(instance), result);
}

static void fetch(const char *uri, uint8_t state, uint8_t result)
{
	begin(0, uri);
	check_end(0, state, result);
}

static void before(void *fixture)
{
	ARG_UNUSED(fixture);
	zassert_ok(lwm2m_register_pre_write_callback(&LWM2M_OBJ(5, 0, 0), name_buffer));
	lwm2m_firmware_set_write_cb(written);
	lwm2m_firmware_set_update_result(RESULT_DEFAULT);
	/* The server has its socket, and the C subsystem has closed that of the fetching before. */
	k_sleep(K_MSEC(300));
}

ZTEST(pull, test_package_comes_whole_and_in_order)
{
	fetch("coap://127.0.0.1:5700/package", STATE_DOWNLOADED, RESULT_DEFAULT);
	zassert_equal(seen.length, PACKAGE_SIZE);
	zassert_equal(seen.wrong, 0);
	zassert_equal(seen.last, 1);
	zassert_ok(lwm2m_set_string(URI(0), ""));
	zassert_equal(lwm2m_firmware_get_update_state(), STATE_IDLE);
}

ZTEST(pull, test_unanswered_request_is_sent_again)
{
	atomic_set(&deaf, 1);
	fetch("coap://127.0.0.1:5700/package", STATE_DOWNLOADED, RESULT_DEFAULT);
	zassert_equal(seen.length, PACKAGE_SIZE);
	zassert_equal(seen.wrong, 0);
}

ZTEST(pull, test_what_is_not_there_is_told)
{
	/* The C calls every refusal a lost connection. */
	fetch("coap://127.0.0.1:5700/nothing", STATE_IDLE,
	      IS_ENABLED(CONFIG_LWM2M_RUST) ? RESULT_INVALID_URI : RESULT_CONNECTION_LOST);
	zassert_equal(seen.length, 0);
}

ZTEST(pull, test_uri_of_another_scheme_is_told)
{
	/* The C subsystem ends with another result. */
	Z_TEST_SKIP_IFNDEF(CONFIG_LWM2M_RUST);
	fetch("http://127.0.0.1:5700/package", STATE_IDLE, RESULT_UNSUP_PROTO);
	fetch("coaps://127.0.0.1:5700/package", STATE_IDLE, RESULT_UNSUP_PROTO);
}

#if CONFIG_LWM2M_FIRMWARE_UPDATE_OBJ_INSTANCE_COUNT > 1
/* The C subsystem fetches for the first instance, whichever asks. */
static unsigned int strayed;

static int written_elsewhere(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			     uint8_t *data, uint16_t data_len, bool last_block, size_t total_size,
			     size_t offset)
{
	strayed++;
	return written(obj_inst_id, res_id, res_inst_id, data, data_len, last_block, total_size,
		       offset);
}

static void begin_second(void)
{
	strayed = 0;
	zassert_ok(lwm2m_register_pre_write_callback(&LWM2M_OBJ(5, 1, 0), name_buffer));
	lwm2m_firmware_set_write_cb_inst(0, written_elsewhere);
	lwm2m_firmware_set_write_cb_inst(1, written);
	lwm2m_firmware_set_update_result_inst(1, RESULT_DEFAULT);
	begin(1, "coap://127.0.0.1:5700/package");
}

ZTEST(pull, test_second_instance_fetches_for_itself)
{
	begin_second();
	check_end(1, STATE_DOWNLOADED, RESULT_DEFAULT);
	zassert_equal(seen.length, PACKAGE_SIZE);
	zassert_equal(seen.wrong, 0);
	zassert_equal(strayed, 0);
	check_end(0, STATE_IDLE, RESULT_DEFAULT);
}

ZTEST(pull, test_one_package_is_fetched_at_a_time)
{
	begin_second();
	zassert_ok(lwm2m_set_string(URI(0), "coap://127.0.0.1:5700/package"));
	check_end(0, STATE_IDLE, RESULT_UPDATE_FAILED);
	check_end(1, STATE_DOWNLOADED, RESULT_DEFAULT);
	zassert_equal(seen.length, PACKAGE_SIZE);
	zassert_equal(seen.wrong, 0);
}
#endif

ZTEST_SUITE(pull, NULL, NULL, before, NULL, NULL);
