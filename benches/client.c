/* SPDX-License-Identifier: Apache-2.0 */
/* The client whose instructions and stack `cargo xtask bench` counts: as many temperature sensors as it is
 * told to create, and operations of its own, which it does once the server has made as many
 * observations as it is told to wait for. SIGTERM ends it.
 */

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/lwm2m.h>

#include "lwm2m_engine.h"
#if defined(CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT)
#include "lwm2m_registry.h"
#endif

/* How long the engine's thread is given to do what an operation left to it. */
#define SETTLE_MS 5
/* How often the engine's thread is woken for nothing in one operation. */
#define TICKS 20
/* How many samples a Send takes out of the cache. */
#define SAMPLES 10

static char manufacturer[] = "lwm2m-rs";
static char model[] = "Sample client";
static char timezone_name[33] = "UTC";
static uint8_t package[1024];

static struct lwm2m_ctx client;
static volatile bool ended;
static volatile int registrations;
static volatile int observations;
static volatile int acknowledged;
static volatile int sent;

struct options {
	const char *server;
	const char *endpoint;
	const char *operation;
	int instances;
	int observations;
	int times;
};

static void client_event(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	ARG_UNUSED(ctx);
	registrations += event == LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE ? 1 : 0;
}

static void observation_event(enum lwm2m_observe_event event, struct lwm2m_obj_path *path,
			      void *user_data)
{
	ARG_UNUSED(path);
	ARG_UNUSED(user_data);
	observations += event == LWM2M_OBSERVE_EVENT_OBSERVER_ADDED ? 1 : 0;
	acknowledged += event == LWM2M_OBSERVE_EVENT_NOTIFY_ACK ? 1 : 0;
}

static void send_ended(enum lwm2m_send_status status)
{
	sent += status == LWM2M_SEND_STATUS_SUCCESS ? 1 : 0;
}

/* Samples of the temperature are kept from now on, where there is a cache. */
static int keep_samples(void)
{
#if defined(CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT)
	static struct lwm2m_time_series_elem samples[SAMPLES + 1];

	return lwm2m_enable_cache(&LWM2M_OBJ(3303, 0, 5700), samples, SAMPLES + 1);
#else
	return 0;
#endif
}

static void *package_buffer(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			    size_t *data_len)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	*data_len = sizeof(package);
	return package;
}

static int package_written(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id, uint8_t *data,
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
	return 0;
}

static void wait_for(volatile int *count, int wanted)
{
	while (!ended && *count < wanted) {
		k_sleep(K_MSEC(1));
	}
}

/* Stack: what lies below the caller is painted, and later it is seen how far the paint is gone. */
#define PAINTED 32768
#define PAINT 0xa5
/* What painting and looking themselves may use. */
#define OWN 512

static volatile int looks;
static bool paint_next;
/* What a thread has on its stack before its own function begins. */
static size_t before_thread;
static size_t used;

static __attribute__((noinline, no_sanitize("all"))) void paint(void)
{
	volatile uint8_t *top = (uint8_t *)__builtin_frame_address(0) - OWN;

	for (size_t i = 0; i < PAINTED; i++) {
		top[-(ptrdiff_t)i] = PAINT;
	}
}

/* The lowest byte that is not as it was painted. */
static __attribute__((noinline, no_sanitize("all"))) const volatile uint8_t *lowest(void)
{
	const volatile uint8_t *at = (uint8_t *)__builtin_frame_address(0) - PAINTED + OWN;

	while (*at == PAINT) {
		at++;
	}
	return at;
}

/* Runs in the engine's thread once the server's name has been looked up, which is the C library's work. */
static int socket_made(struct lwm2m_ctx *context)
{
	ARG_UNUSED(context);
	paint();
	return 0;
}

static size_t below_thread(const volatile uint8_t *at)
{
	return (size_t)((const volatile uint8_t *)__builtin_thread_pointer() - at);
}

static void *begin_thread(void *unused)
{
	ARG_UNUSED(unused);
	before_thread = below_thread(__builtin_frame_address(0));
	return NULL;
}

/* Runs in the engine's thread. */
static void look_at_engine(struct k_work *work)
{
	ARG_UNUSED(work);
	if (paint_next) {
		paint();
	} else {
		used = below_thread(lowest()) - before_thread;
	}
	looks++;
}

static void engine_stack(bool begin, const char *name)
{
	int wanted = looks + 1;

	paint_next = begin;
	(void)lwm2m_engine_call_at(look_at_engine, 0);
	wait_for(&looks, wanted);
	if (!begin) {
		(void)printf("%s %zu\n", name, used);
	}
}

/* Send encodes in its caller's thread. */
static __attribute__((noinline)) void send_stack(void)
{
	paint();
	(void)lwm2m_send_cb(&client, &LWM2M_OBJ(3303, 0, 5700), 1, NULL);
	used = (size_t)((const volatile uint8_t *)__builtin_frame_address(0) - lowest());
	(void)printf("stack-send %zu\n", used);
}

/* One operation of the client's own, the one with this number. */
static void operate(const struct options *options, int number)
{
	int last = options->instances - 1;

	if (strcmp(options->operation, "set") == 0) {
		(void)lwm2m_set_f64(&LWM2M_OBJ(3303, last, 5700), number);
	} else if (strcmp(options->operation, "notify") == 0) {
		(void)lwm2m_set_f64(&LWM2M_OBJ(3303, 0, 5700), 0.5 + number);
		wait_for(&acknowledged, number + 1);
	} else if (strcmp(options->operation, "tick") == 0) {
		for (int tick = 0; tick < TICKS; tick++) {
			lwm2m_engine_wake_up();
			k_sleep(K_MSEC(SETTLE_MS));
		}
	} else if (strcmp(options->operation, "register") == 0) {
		(void)lwm2m_rd_client_stop(&client, client_event, false);
		k_sleep(K_MSEC(SETTLE_MS));
		/* It is refused until the engine's thread has stopped the client. */
		while (!ended && lwm2m_rd_client_start(&client, options->endpoint, 0, client_event,
						       observation_event) != 0) {
			k_sleep(K_MSEC(1));
		}
		wait_for(&registrations, number + 2);
	} else if (strcmp(options->operation, "send") == 0) {
		(void)lwm2m_send_cb(&client, &LWM2M_OBJ(3303, 0, 5700), 1, NULL);
		k_sleep(K_MSEC(SETTLE_MS));
	} else if (strcmp(options->operation, "send-samples") == 0) {
		for (int sample = 0; sample < SAMPLES; sample++) {
			(void)lwm2m_set_f64(&LWM2M_OBJ(3303, 0, 5700), 20.0 + 0.5 * sample);
		}
		(void)lwm2m_send_cb(&client, &LWM2M_OBJ(3303, 0, 5700), 1, send_ended);
		wait_for(&sent, number + 1);
	}
}

static int set_up(const struct options *options)
{
	int failures = 0;

	failures += lwm2m_set_string(&LWM2M_OBJ(0, 0, 0), options->server) != 0;
	failures += lwm2m_set_u8(&LWM2M_OBJ(0, 0, 2), LWM2M_SECURITY_NOSEC) != 0;
	failures += lwm2m_set_u16(&LWM2M_OBJ(0, 0, 10), CONFIG_LWM2M_SERVER_DEFAULT_SSID) != 0;
	failures += lwm2m_set_u16(&LWM2M_OBJ(1, 0, 0), CONFIG_LWM2M_SERVER_DEFAULT_SSID) != 0;
	failures += lwm2m_set_res_buf(&LWM2M_OBJ(3, 0, 0), manufacturer, sizeof(manufacturer),
				      sizeof(manufacturer), LWM2M_RES_DATA_FLAG_RO) != 0;
	failures += lwm2m_set_res_buf(&LWM2M_OBJ(3, 0, 1), model, sizeof(model), sizeof(model),
				      LWM2M_RES_DATA_FLAG_RO) != 0;
	failures += lwm2m_set_res_buf(&LWM2M_OBJ(3, 0, 15), timezone_name, sizeof(timezone_name),
				      (uint16_t)(strlen(timezone_name) + 1), 0) != 0;
	failures += lwm2m_register_pre_write_callback(&LWM2M_OBJ(5, 0, 0), package_buffer) != 0;
	lwm2m_firmware_set_write_cb(package_written);
	for (int id = 0; id < options->instances; id++) {
		failures += lwm2m_create_object_inst(&LWM2M_OBJ(3303, id)) != 0;
		failures += lwm2m_set_f64(&LWM2M_OBJ(3303, id, 5700), 20.5) != 0;
	}
	failures += keep_samples() != 0;
	return failures;
}

static void signalled(int number)
{
	ARG_UNUSED(number);
	ended = true;
}

static bool parse(struct options *options, int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *value = argv[i + 1];
		int number = (int)strtol(value, NULL, 10);

		if (strcmp(argv[i], "--server") == 0) {
			options->server = value;
		} else if (strcmp(argv[i], "--endpoint") == 0) {
			options->endpoint = value;
		} else if (strcmp(argv[i], "--operation") == 0) {
			options->operation = value;
		} else if (strcmp(argv[i], "--instances") == 0) {
			options->instances = number;
		} else if (strcmp(argv[i], "--observations") == 0) {
			options->observations = number;
		} else if (strcmp(argv[i], "--times") == 0) {
			options->times = number;
		} else {
			return false;
		}
	}
	return argc % 2 == 1 && options->server != NULL && options->endpoint != NULL;
}

int main(int argc, char **argv)
{
	struct options options = {.operation = "none", .instances = 1};

	if (!parse(&options, argc, argv)) {
		return 2;
	}
	(void)signal(SIGTERM, signalled);
	bool stack = strcmp(options.operation, "stack") == 0;

	if (stack) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, begin_thread, NULL) != 0 ||
		    pthread_join(thread, NULL) != 0) {
			return 1;
		}
		client.set_socketoptions = socket_made;
		engine_stack(true, NULL);
	}
	if (set_up(&options) != 0 ||
	    lwm2m_rd_client_start(&client, options.endpoint, 0, client_event, observation_event) != 0) {
		return 1;
	}
	wait_for(&registrations, 1);
	wait_for(&observations, options.observations);
	k_sleep(K_MSEC(SETTLE_MS));
	for (int number = 0; number < options.times && !ended; number++) {
		operate(&options, number);
	}
	if (stack) {
		engine_stack(false, "stack-registration");
		send_stack();
		engine_stack(true, NULL);
	}
	/* The one who asked waits for this line. */
	(void)puts("done");
	(void)fflush(stdout);
	while (!ended) {
		k_sleep(K_MSEC(10));
	}
	ended = false;
	if (stack) {
		engine_stack(false, "stack-composite");
	}
	return 0;
}
