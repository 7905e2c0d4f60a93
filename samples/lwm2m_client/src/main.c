/* SPDX-License-Identifier: Apache-2.0 */
/* A LwM2M client with a temperature sensor. One file for Zephyr and for a POSIX host.
 *
 * It registers with the server (with bootstrap.conf: with the one that the Bootstrap-Server names), sends
 * its temperature, changes it once a second, and ends with a deregistration: in Zephyr after the server has executed Reboot (3/0/4), on a host then, on
 * SIGTERM or SIGINT, or after --duration seconds.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/lwm2m.h>

LOG_MODULE_REGISTER(lwm2m_client_sample, LOG_LEVEL_INF);

/* Resources of the Security, Device and Temperature objects. */
#define SECURITY_URI &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 0)
#define SECURITY_BOOTSTRAP &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 1)
#define SECURITY_MODE &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 2)
#define SECURITY_IDENTITY &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 3)
#define SECURITY_KEY &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 5)
#define SECURITY_SHORT_SERVER_ID &LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 10)
#define SERVER_SHORT_SERVER_ID &LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 0)
#define DEVICE_MANUFACTURER &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 0)
#define DEVICE_MODEL &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 1)
#define DEVICE_REBOOT &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 4)
#define DEVICE_TIMEZONE &LWM2M_OBJ(LWM2M_OBJECT_DEVICE_ID, 0, 15)
#define TEMPERATURE_INSTANCE &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0)
#define TEMPERATURE_VALUE &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0, 5700)
#define TEMPERATURE_UNITS &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0, 5701)

#if defined(CONFIG_LWM2M_RD_CLIENT_SUPPORT_BOOTSTRAP)
#define START_FLAGS LWM2M_RD_CLIENT_FLAG_BOOTSTRAP
#else
#define START_FLAGS 0
#endif

/* How long a deregistration may take before the sample ends all the same. */
#define STOP_TIMEOUT_MS 10000

static char manufacturer[] = "lwm2m-rs";
static char model[] = "Sample client";
static char timezone_name[33] = "UTC";

static struct lwm2m_ctx client;

/* Set by callbacks in the library's thread, looked at by main. */
static volatile bool registered;
static volatile bool stop_requested;
static volatile bool disconnected;

static int reboot(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(args);
	ARG_UNUSED(args_len);

	LOG_INF("Reboot executed");
	stop_requested = true;
	return 0;
}

static int timezone_written(uint16_t obj_inst_id, uint16_t res_id, uint16_t res_inst_id,
			    uint8_t *data, uint16_t data_len, bool last_block, size_t total_size,
			    size_t offset)
{
	ARG_UNUSED(obj_inst_id);
	ARG_UNUSED(res_id);
	ARG_UNUSED(res_inst_id);
	ARG_UNUSED(last_block);
	ARG_UNUSED(total_size);
	ARG_UNUSED(offset);

	LOG_INF("Timezone is now %.*s", (int)data_len, (const char *)data);
	return 0;
}

static const char *event_name(enum lwm2m_rd_client_event event)
{
	switch (event) {
	case LWM2M_RD_CLIENT_EVENT_NONE:
		return "none";
	case LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_FAILURE:
		return "bootstrap failed";
	case LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_COMPLETE:
		return "bootstrap begins";
	case LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_TRANSFER_COMPLETE:
		return "bootstrap complete";
	case LWM2M_RD_CLIENT_EVENT_REGISTRATION_FAILURE:
		return "registration refused";
	case LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE:
		return "registered";
	case LWM2M_RD_CLIENT_EVENT_REG_TIMEOUT:
		return "no answer";
	case LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE:
		return "registration updated";
	case LWM2M_RD_CLIENT_EVENT_DEREGISTER_FAILURE:
		return "deregistration failed";
	case LWM2M_RD_CLIENT_EVENT_DISCONNECT:
		return "disconnected";
	case LWM2M_RD_CLIENT_EVENT_QUEUE_MODE_RX_OFF:
		return "no longer listening";
	case LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED:
		return "suspended";
	case LWM2M_RD_CLIENT_EVENT_NETWORK_ERROR:
		return "network error";
	case LWM2M_RD_CLIENT_EVENT_REG_UPDATE:
		return "updating the registration";
	case LWM2M_RD_CLIENT_EVENT_DEREGISTER:
		return "deregistering";
	case LWM2M_RD_CLIENT_EVENT_SERVER_DISABLED:
		return "server disabled";
	}
	return "unknown";
}

static void client_event(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	ARG_UNUSED(ctx);

	LOG_INF("Client: %s", event_name(event));
	if (event == LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE) {
		registered = true;
	}
	if (event == LWM2M_RD_CLIENT_EVENT_DISCONNECT ||
	    event == LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_FAILURE ||
	    event == LWM2M_RD_CLIENT_EVENT_NETWORK_ERROR) {
		disconnected = true;
	}
}

static void send_ended(enum lwm2m_send_status status)
{
	LOG_INF("Send: %s", status == LWM2M_SEND_STATUS_SUCCESS ? "arrived" : "failed");
}

/* Tells the server what it did not ask for: the temperature at its registration. */
static void send_temperature(void)
{
	int result = lwm2m_send_cb(&client, TEMPERATURE_VALUE, 1, send_ended);

	/* A LwM2M 1.0 client cannot, which is no fault. */
	if (result < 0 && result != -ENOTSUP) {
		LOG_ERR("The temperature cannot be sent: %d", result);
	}
}

static void observation_event(enum lwm2m_observe_event event, struct lwm2m_obj_path *path,
			      void *user_data)
{
	char text[LWM2M_MAX_PATH_STR_SIZE];

	ARG_UNUSED(user_data);

	switch (event) {
	case LWM2M_OBSERVE_EVENT_OBSERVER_ADDED:
		LOG_INF("%s is observed", lwm2m_path_log_buf(text, path));
		break;
	case LWM2M_OBSERVE_EVENT_OBSERVER_REMOVED:
		LOG_INF("%s is no longer observed", lwm2m_path_log_buf(text, path));
		break;
	case LWM2M_OBSERVE_EVENT_NOTIFY_ACK:
		LOG_INF("Notification of %s arrived", lwm2m_path_log_buf(text, path));
		break;
	case LWM2M_OBSERVE_EVENT_NOTIFY_TIMEOUT:
		LOG_WRN("Notification of %s got lost", lwm2m_path_log_buf(text, path));
		break;
	}
}

#if defined(CONFIG_LWM2M_DTLS_SUPPORT)
/* Names the credentials in Zephyr's store. */
#define TLS_TAG 1

/* The key that client and server share. */
static int set_up_key(void)
{
	static const char identity[] = CONFIG_NET_SAMPLE_LWM2M_PSK_IDENTITY;
	static const char digits[] = CONFIG_NET_SAMPLE_LWM2M_PSK;
	char key[(sizeof(digits) - 1) / 2];
	int result;

	for (size_t i = 0; i < sizeof(key); i++) {
		char byte[] = {digits[2 * i], digits[2 * i + 1], '\0'};

		key[i] = (char)strtoul(byte, NULL, 16);
	}
	client.tls_tag = TLS_TAG;
	result = lwm2m_set_opaque(SECURITY_IDENTITY, identity, sizeof(identity) - 1);
	if (result == 0) {
		result = lwm2m_set_opaque(SECURITY_KEY, key, sizeof(key));
	}
	if (result == 0) {
		result = lwm2m_set_u8(SECURITY_MODE, LWM2M_SECURITY_PSK);
	}
	return result;
}
#endif

/* The server's account and the values of the device. Returns the number of functions that failed,
 * and says which.
 */
static int set_up(const char *server)
{
	int failures = 0;

#define CHECK(call)                                                                                \
	do {                                                                                       \
		int result = (call);                                                               \
                                                                                                   \
		if (result < 0) {                                                                  \
			LOG_ERR("%s: %d", #call, result);                                          \
			failures++;                                                                \
		}                                                                                  \
	} while (false)

	CHECK(lwm2m_set_string(SECURITY_URI, server));
#if defined(CONFIG_LWM2M_DTLS_SUPPORT)
	CHECK(set_up_key());
#else
	CHECK(lwm2m_set_u8(SECURITY_MODE, LWM2M_SECURITY_NOSEC));
#endif
#if defined(CONFIG_LWM2M_RD_CLIENT_SUPPORT_BOOTSTRAP)
	CHECK(lwm2m_set_bool(SECURITY_BOOTSTRAP, true));
#else
	CHECK(lwm2m_set_u16(SECURITY_SHORT_SERVER_ID, CONFIG_LWM2M_SERVER_DEFAULT_SSID));
	CHECK(lwm2m_set_u16(SERVER_SHORT_SERVER_ID, CONFIG_LWM2M_SERVER_DEFAULT_SSID));
#endif

	/* The values stay in these arrays; nobody can write the first two. */
	CHECK(lwm2m_set_res_buf(DEVICE_MANUFACTURER, manufacturer, sizeof(manufacturer),
				sizeof(manufacturer), LWM2M_RES_DATA_FLAG_RO));
	CHECK(lwm2m_set_res_buf(DEVICE_MODEL, model, sizeof(model), sizeof(model),
				LWM2M_RES_DATA_FLAG_RO));
	CHECK(lwm2m_set_res_buf(DEVICE_TIMEZONE, timezone_name, sizeof(timezone_name),
				(uint16_t)(strlen(timezone_name) + 1), 0));
	CHECK(lwm2m_register_post_write_callback(DEVICE_TIMEZONE, timezone_written));
	CHECK(lwm2m_register_exec_callback(DEVICE_REBOOT, reboot));

	CHECK(lwm2m_create_object_inst(TEMPERATURE_INSTANCE));
	CHECK(lwm2m_set_string(TEMPERATURE_UNITS, "Cel"));
	CHECK(lwm2m_set_f64(TEMPERATURE_VALUE, 20.0));

#undef CHECK
	return failures;
}

/* Registers and changes the temperature until the end is asked for or `duration_s` (0: for ever)
 * is over, then deregisters. 0 when all went well.
 */
static int run(const char *server, const char *endpoint, uint32_t duration_s)
{
	int64_t end = k_uptime_get() + (int64_t)duration_s * 1000;
	double temperature = 20.0;
	int result;

	if (set_up(server) != 0) {
		return 1;
	}
	LOG_INF("Endpoint %s, server %s", endpoint, server);
	result = lwm2m_rd_client_start(&client, endpoint, START_FLAGS, client_event,
				       observation_event);
	if (result < 0) {
		LOG_ERR("The client does not start: %d", result);
		return 1;
	}

	while (!stop_requested && !disconnected && (duration_s == 0 || k_uptime_get() < end)) {
		k_sleep(K_MSEC(1000));
		if (registered) {
			registered = false;
			send_temperature();
		}
		temperature = temperature < 25.0 ? temperature + 0.25 : 20.0;
		result = lwm2m_set_f64(TEMPERATURE_VALUE, temperature);
		if (result < 0) {
			LOG_ERR("The temperature cannot be set: %d", result);
		}
	}
	if (disconnected) {
		/* Nobody asked for that. */
		return 1;
	}

	lwm2m_rd_client_stop(&client, client_event, true);
	for (int waited = 0; !disconnected && waited < STOP_TIMEOUT_MS; waited += 50) {
		k_sleep(K_MSEC(50));
	}
	return disconnected ? 0 : 1;
}

#if defined(__ZEPHYR__)

int main(void)
{
	return run(CONFIG_NET_SAMPLE_LWM2M_SERVER, CONFIG_NET_SAMPLE_LWM2M_ID, 0);
}

#else

#include <signal.h>

static void signalled(int number)
{
	ARG_UNUSED(number);
	stop_requested = true;
}

int main(int argc, char **argv)
{
	const char *server = CONFIG_NET_SAMPLE_LWM2M_SERVER;
	const char *endpoint = CONFIG_NET_SAMPLE_LWM2M_ID;
	uint32_t duration_s = 0;

	for (int i = 1; i < argc; i += 2) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (value != NULL && strcmp(argv[i], "--server") == 0) {
			server = value;
		} else if (value != NULL && strcmp(argv[i], "--endpoint") == 0) {
			endpoint = value;
		} else if (value != NULL && strcmp(argv[i], "--duration") == 0) {
			duration_s = (uint32_t)strtoul(value, NULL, 10);
		} else {
			(void)fprintf(stderr,
				      "%s [--server URI] [--endpoint NAME] [--duration SECONDS]\n",
				      argv[0]);
			return 2;
		}
	}
	(void)signal(SIGTERM, signalled);
	(void)signal(SIGINT, signalled);
	return run(server, endpoint, duration_s);
}

#endif
