/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that set, get, create, delete and send while a server reads, writes and observes. What
 * the thread sanitizer sees here it would see in an application.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include <zephyr/net/lwm2m.h>

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define SENSOR &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0)
#define SENSOR_VALUE &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0, 5700)
#define LIFETIME &LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 1)

enum { ROUNDS = 300 };

static atomic_bool stop;

static void *measure(void *unused)
{
	ARG_UNUSED(unused);
	for (double value = 0; !atomic_load(&stop); value += 0.5) {
		int result = lwm2m_set_f64(SENSOR_VALUE, value);

		CHECK(result == 0 || result == -ENOENT);
		result = lwm2m_get_f64(SENSOR_VALUE, &(double){0});
		CHECK(result == 0 || result == -ENOENT);
	}
	return NULL;
}

static void *come_and_go(void *unused)
{
	ARG_UNUSED(unused);
	while (!atomic_load(&stop)) {
		CHECK_EQUAL(lwm2m_delete_object_inst(SENSOR), 0);
		CHECK_EQUAL(lwm2m_create_object_inst(SENSOR), 0);
		k_sleep(K_MSEC(1));
	}
	return NULL;
}

static void *command(void *unused)
{
	ARG_UNUSED(unused);
	while (!atomic_load(&stop)) {
		(void)lwm2m_send_cb(&client, LIFETIME, 1, NULL);
		lwm2m_rd_client_update();
		lwm2m_registry_lock();
		(void)lwm2m_set_u32(LIFETIME, 3600);
		(void)lwm2m_set_u32(LIFETIME, 7200);
		lwm2m_registry_unlock();
		(void)lwm2m_path_is_observed(SENSOR_VALUE);
		k_sleep(K_MSEC(2));
	}
	return NULL;
}

int main(void)
{
	void *(*const work[])(void *) = {measure, measure, come_and_go, command};
	pthread_t threads[ARRAY_SIZE(work)];

	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR), 0);
	client_register();
	for (size_t i = 0; i < ARRAY_SIZE(work); i++) {
		CHECK_EQUAL(pthread_create(&threads[i], NULL, work[i], NULL), 0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		uint8_t code = server_request(GET, "3303/0/5700", TEXT_PLAIN, NULL).code;

		CHECK(code == CODE(2, 5) || code == CODE(4, 4));
		code = server_request(GET, "1/0", TLV, NULL).code;
		CHECK_EQUAL(code, CODE(2, 5));
		code = server_request(PUT, "1/0/1", TEXT_PLAIN, "86400").code;
		CHECK_EQUAL(code, CODE(2, 4));
		if (i % 50 == 0) {
			code = server_observe(GET, "1/0/1", TEXT_PLAIN, NULL, 0, 0).code;
			CHECK_EQUAL(code, CODE(2, 5));
		}
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < ARRAY_SIZE(work); i++) {
		CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
	}
	server_wait(SERVER_NOTIFIED, 1);
	server_wait(SERVER_SEND, 1);
	client_stop();
	return CHECK_RESULT();
}
