/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "server.h"

static lwm2m_observe_cb_t observe_callback;
struct lwm2m_ctx client;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static unsigned int counts[LWM2M_RD_CLIENT_EVENT_SERVER_DISABLED + 1];
/* All that was told, and how much of it client_hears() has looked at. */
static enum lwm2m_rd_client_event order[256];
static size_t ordered;
static size_t checked;

void client_account(uint16_t port)
{
	char uri[40];

	(void)snprintf(uri, sizeof(uri), "coap://127.0.0.1:%u", port);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 0), uri), 0);
	CHECK_EQUAL(lwm2m_set_u8(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 2),
				 LWM2M_SECURITY_NOSEC),
		    0);
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 10),
				  CONFIG_LWM2M_SERVER_DEFAULT_SSID),
		    0);
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 0),
				  CONFIG_LWM2M_SERVER_DEFAULT_SSID),
		    0);
}

void client_event(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	CHECK(ctx == &client);
	pthread_mutex_lock(&mutex);
	counts[event]++;
	order[ordered++ % ARRAY_SIZE(order)] = event;
	pthread_cond_broadcast(&told);
	pthread_mutex_unlock(&mutex);
}

unsigned int client_count(enum lwm2m_rd_client_event event)
{
	unsigned int count;

	pthread_mutex_lock(&mutex);
	count = counts[event];
	pthread_mutex_unlock(&mutex);
	return count;
}

void client_wait(enum lwm2m_rd_client_event event, unsigned int count)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 10;
	pthread_mutex_lock(&mutex);
	while (counts[event] < count && pthread_cond_timedwait(&told, &mutex, &end) == 0) {
	}
	if (counts[event] < count) {
		(void)fprintf(stderr, "event %d of the client: %u times, not %u\n", (int)event,
			      counts[event], count);
		atomic_fetch_add(&check_failures, 1);
	}
	pthread_mutex_unlock(&mutex);
}

void client_hears(int line, const int *expected, size_t count)
{
	struct timespec end;
	int heard;

	for (size_t i = 0; i < count; i++) {
		(void)clock_gettime(CLOCK_REALTIME, &end);
		end.tv_sec += 10;
		pthread_mutex_lock(&mutex);
		while (ordered == checked && pthread_cond_timedwait(&told, &mutex, &end) == 0) {
		}
		heard = ordered == checked ? 0 : (int)order[checked++ % ARRAY_SIZE(order)];
		if (heard != expected[i]) {
			(void)fprintf(stderr, "line %d: the client's event is %d, not %d\n", line,
				      heard, expected[i]);
			atomic_fetch_add(&check_failures, 1);
		}
		pthread_mutex_unlock(&mutex);
	}
}

bool client_has_text(const struct lwm2m_obj_path *path, const char *text)
{
	char value[64] = "";

	CHECK_EQUAL(lwm2m_get_string(path, value, sizeof(value)), 0);
	return strcmp(value, text) == 0;
}

/* The context has no lock of its own, in Zephyr neither. */
__attribute__((no_sanitize("thread"))) int client_socket(void)
{
	return *(volatile int *)&client.sock_fd;
}

void client_observe_events(lwm2m_observe_cb_t callback)
{
	observe_callback = callback;
}

void client_register(void)
{
	client_account(server_start());
	CHECK_EQUAL(lwm2m_rd_client_start(&client, "c-api", 0, client_event, observe_callback), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 1);
}

void client_stop(void)
{
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
	server_wait(SERVER_DEREGISTERED, 1);
	client_wait(LWM2M_RD_CLIENT_EVENT_DISCONNECT, 1);
}
