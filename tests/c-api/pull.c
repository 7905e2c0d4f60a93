/* SPDX-License-Identifier: Apache-2.0 */
/* Packages that the client fetches: a mebibyte over a link that loses, doubles and delays, and
 * everything that can be wrong with a URI, for the Firmware Update object and for an author's own.
 * `cargo xtask c-api` offers the package at coap://$LWM2M_PACKAGES/package and says where.
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_engine.h"
#include "lwm2m_pull_context.h"

#include "support/check.h"
#include "support/client.h"

#define URI &LWM2M_OBJ(LWM2M_OBJECT_FIRMWARE_ID, 0, 1)
#define PACKAGE_SIZE (1024 * 1024)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* What came of a package. */
static struct {
	uint32_t random;
	size_t length;
	unsigned int wrong;
	unsigned int last;
	unsigned int cancelled;
	int refuse_with;
	size_t refuse_at;
	/* What the author heard. */
	unsigned int results;
	int result;
} seen;

static char buffer[300];
static unsigned int named;
static int options_set;
static int pull_socket = -1;
static char uri[128];

static void begin(void)
{
	(void)pthread_mutex_lock(&mutex);
	memset(&seen, 0, sizeof(seen));
	seen.random = 1;
	(void)pthread_mutex_unlock(&mutex);
}

/* The next byte of the package. */
static uint8_t expected(void)
{
	seen.random = seen.random * 1664525U + 1013904223U;
	return (uint8_t)(seen.random >> 24);
}

static int written(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, uint8_t *data,
		   uint16_t data_len, bool last_block, size_t total_size, size_t offset)
{
	int result = 0;

	(void)pthread_mutex_lock(&mutex);
	seen.wrong += obj_inst_id != 0 || res_id != 0 || res_inst_id != 0;
	seen.wrong += offset != seen.length || total_size != PACKAGE_SIZE;
	seen.wrong += named > 0 && data != (uint8_t *)buffer;
	for (uint16_t i = 0; i < data_len; i++) {
		seen.wrong += data[i] != expected();
	}
	seen.length += data_len;
	seen.last += last_block;
	if (seen.refuse_with != 0 && seen.length > seen.refuse_at) {
		result = seen.refuse_with;
	}
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&mutex);
	return result;
}

static void *name_buffer(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			 size_t *data_len)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	named++;
	*data_len = sizeof(buffer);
	return buffer;
}

static int cancelled(uint16_t obj_inst_id)
{
	(void)pthread_mutex_lock(&mutex);
	seen.wrong += obj_inst_id != 0;
	seen.cancelled++;
	(void)pthread_mutex_unlock(&mutex);
	return 0;
}

static int set_options(struct lwm2m_ctx *ctx)
{
	options_set++;
	pull_socket = ctx->sock_fd;
	return lwm2m_set_default_sockopt(ctx);
}

static void author_result(uint16_t obj_inst_id, int error_code)
{
	(void)pthread_mutex_lock(&mutex);
	seen.wrong += obj_inst_id != 7;
	seen.results++;
	seen.result = error_code;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&mutex);
}

static int author_written(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			  uint8_t *data, uint16_t data_len, bool last_block, size_t total_size,
			  size_t offset)
{
	if (obj_inst_id != 7) {
		return -EINVAL;
	}
	return written(0, res_id, res_inst_id, data, data_len, last_block, total_size, offset);
}

/* Waits, at most that many seconds, for so many bytes. */
static void wait_for_bytes(size_t length, unsigned int seconds)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += seconds;
	(void)pthread_mutex_lock(&mutex);
	while (seen.length < length && pthread_cond_timedwait(&changed, &mutex, &end) == 0) {
	}
	CHECK(seen.length >= length);
	(void)pthread_mutex_unlock(&mutex);
}

static void wait_for_result(unsigned int count, int result)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 60;
	(void)pthread_mutex_lock(&mutex);
	while (seen.results < count && pthread_cond_timedwait(&changed, &mutex, &end) == 0) {
	}
	CHECK_EQUAL(seen.results, count);
	CHECK_EQUAL(seen.result, result);
	(void)pthread_mutex_unlock(&mutex);
}

/* Waits until the object is in this state with this result. */
static void wait_for_state(uint8_t state, uint8_t result)
{
	for (int i = 0; i < 600 && (lwm2m_firmware_get_update_state() != state ||
				    lwm2m_firmware_get_update_result() != result);
	     i++) {
		k_sleep(K_MSEC(100));
	}
	CHECK_EQUAL(lwm2m_firmware_get_update_state(), state);
	CHECK_EQUAL(lwm2m_firmware_get_update_result(), result);
}

static const char *uri_of(const char *path)
{
	const char *packages = getenv("LWM2M_PACKAGES");

	(void)snprintf(uri, sizeof(uri), "coap://%s/%s", packages == NULL ? "" : packages, path);
	return uri;
}

static void firmware(void)
{
	begin();
	CHECK_EQUAL(lwm2m_set_string(URI, uri_of("package")), 0);
	wait_for_bytes(PACKAGE_SIZE, 200);
	wait_for_state(STATE_DOWNLOADED, RESULT_DEFAULT);
	CHECK_EQUAL(seen.length, PACKAGE_SIZE);
	CHECK_EQUAL(seen.wrong, 0);
	CHECK_EQUAL(seen.last, 1);
	CHECK(named > PACKAGE_SIZE / sizeof(buffer));
	CHECK(options_set > 0);
	CHECK(pull_socket >= 0 && pull_socket != client_socket());

	/* It is thrown away. */
	CHECK_EQUAL(lwm2m_set_string(URI, ""), 0);
	wait_for_state(STATE_IDLE, RESULT_DEFAULT);
	CHECK_EQUAL(seen.cancelled, 1);
}

static void firmware_interrupted(void)
{
	static const struct {
		int error;
		uint8_t result;
	} refusals[] = {
		{-ENOMEM, RESULT_OUT_OF_MEM},
		{-ENOSPC, RESULT_NO_STORAGE},
		{-EFAULT, RESULT_INTEGRITY_FAILED},
		{-EIO, RESULT_UPDATE_FAILED},
	};

	/* The server, or the application, thinks better of it: no more pieces come. */
	begin();
	CHECK_EQUAL(lwm2m_set_string(URI, uri_of("package")), 0);
	wait_for_bytes(5000, 60);
	CHECK_EQUAL(lwm2m_set_string(URI, ""), 0);
	CHECK_EQUAL(lwm2m_firmware_get_update_state(), STATE_IDLE);
	CHECK_EQUAL(seen.cancelled, 1);
	k_sleep(K_MSEC(50));
	begin();
	k_sleep(K_MSEC(200));
	CHECK_EQUAL(seen.length, 0);

	/* Another begins at its beginning, at once. */
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		begin();
		seen.refuse_with = refusals[i].error;
		seen.refuse_at = 4000;
		CHECK_EQUAL(lwm2m_set_string(URI, uri_of("package")), 0);
		CHECK_EQUAL(lwm2m_firmware_get_update_state(), STATE_DOWNLOADING);
		wait_for_state(STATE_IDLE, refusals[i].result);
		CHECK_EQUAL(seen.wrong, 0);
	}
}

static void uris(void)
{
	static const struct {
		const char *uri;
		uint8_t result;
	} wrong[] = {
		{"package", RESULT_INVALID_URI},
		{"coap://", RESULT_INVALID_URI},
		{"coap://host/%zz", RESULT_INVALID_URI},
		{"coap://host:99999/x", RESULT_INVALID_URI},
		{"http://127.0.0.1/package", RESULT_UNSUP_PROTO},
		{"coaps://127.0.0.1/package", RESULT_UNSUP_PROTO},
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CHECK_EQUAL(lwm2m_set_string(URI, wrong[i].uri), 0);
		wait_for_state(STATE_IDLE, wrong[i].result);
		CHECK_EQUAL(lwm2m_set_string(URI, ""), 0);
		CHECK_EQUAL(lwm2m_firmware_get_update_result(), RESULT_DEFAULT);
	}
	CHECK_EQUAL(lwm2m_set_string(URI, uri_of("nothing")), 0);
	wait_for_state(STATE_IDLE, RESULT_INVALID_URI);
}

static void author(void)
{
	char whole[LWM2M_PACKAGE_URI_LEN];
	struct requesting_object req = {
		.obj_inst_id = 7,
		.result_cb = author_result,
		.write_cb = author_written,
	};
	struct requesting_object incomplete = req;

	begin();
	CHECK_EQUAL(lwm2m_pull_context_start_transfer(NULL, req, K_NO_WAIT), -EINVAL);
	incomplete.result_cb = NULL;
	CHECK_EQUAL(lwm2m_pull_context_start_transfer(uri, incomplete, K_NO_WAIT), -EINVAL);
	incomplete = req;
	incomplete.write_cb = NULL;
	CHECK_EQUAL(lwm2m_pull_context_start_transfer(uri, incomplete, K_NO_WAIT), -EINVAL);
	CHECK_EQUAL(seen.results, 0);

	(void)memcpy(whole, "coap://127.0.0.1/", 17);
	(void)memset(&whole[17], 'a', sizeof(whole) - 17);
	CHECK_EQUAL(lwm2m_pull_context_start_transfer(whole, req, K_NO_WAIT), 0);
	wait_for_result(1, -ENOTSUP);
	CHECK_EQUAL(lwm2m_pull_context_start_transfer("ftp://127.0.0.1/a", req, K_NO_WAIT), 0);
	wait_for_result(2, -EPROTONOSUPPORT);
	uri_of("nothing");
	CHECK_EQUAL(lwm2m_pull_context_start_transfer(uri, req, K_NO_WAIT), 0);
	wait_for_result(3, -ENOTSUP);

	/* One at a time; the second hears that, the first goes on. */
	begin();
	seen.refuse_with = -ECANCELED;
	seen.refuse_at = 100000;
	uri_of("package");
	CHECK_EQUAL(lwm2m_pull_context_start_transfer(uri, req, K_NO_WAIT), 0);
	wait_for_bytes(2000, 60);
	CHECK_EQUAL(lwm2m_pull_context_start_transfer(uri, req, K_NO_WAIT), -EALREADY);
	wait_for_result(1, -EALREADY);
	CHECK_EQUAL(lwm2m_set_string(URI, uri), 0);
	CHECK_EQUAL(lwm2m_firmware_get_update_result(), RESULT_UPDATE_FAILED);
	wait_for_result(2, -ECANCELED);
	CHECK(seen.length > 100000);
	CHECK_EQUAL(seen.wrong, 0);
}

int main(void)
{
	CHECK(getenv("LWM2M_PACKAGES") != NULL);
	CHECK_EQUAL(lwm2m_register_pre_write_callback(&LWM2M_OBJ(5, 0, 0), name_buffer), 0);
	lwm2m_firmware_set_write_cb(written);
	lwm2m_firmware_set_cancel_cb(cancelled);
	lwm2m_pull_context_set_sockopt_callback(set_options);

	firmware();
	firmware_interrupted();
	uris();
	author();
	lwm2m_pull_context_set_sockopt_callback(NULL);
	return CHECK_RESULT();
}
