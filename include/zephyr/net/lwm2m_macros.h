/* SPDX-License-Identifier: Apache-2.0 */
/* What zephyr/net/lwm2m.h has to say and its generator cannot: constants and macros, the context
 * struct, which follows the configuration, and the sample struct with its anonymous union.
 * Included at the end of lwm2m.h; not to be included by itself.
 */

#ifndef LWM2M_MACROS_H
#define LWM2M_MACROS_H

#include <limits.h>
#include <time.h>

#include <zephyr/net/coap.h>
#include <zephyr/net/lwm2m_path.h>
#include <zephyr/sys/mutex.h>
#include <zephyr/sys/slist.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @name Object ids, as registered with OMA
 * @{
 */
#define LWM2M_OBJECT_SECURITY_ID 0
#define LWM2M_OBJECT_SERVER_ID 1
#define LWM2M_OBJECT_ACCESS_CONTROL_ID 2
#define LWM2M_OBJECT_DEVICE_ID 3
#define LWM2M_OBJECT_CONNECTIVITY_MONITORING_ID 4
#define LWM2M_OBJECT_FIRMWARE_ID 5
#define LWM2M_OBJECT_LOCATION_ID 6
#define LWM2M_OBJECT_CONNECTIVITY_STATISTICS_ID 7
#define LWM2M_OBJECT_SOFTWARE_MANAGEMENT_ID 9
#define LWM2M_OBJECT_PORTFOLIO_ID 16
#define LWM2M_OBJECT_BINARYAPPDATACONTAINER_ID 19
#define LWM2M_OBJECT_EVENT_LOG_ID 20
#define LWM2M_OBJECT_OSCORE_ID 21
#define LWM2M_OBJECT_GATEWAY_ID 25
#define IPSO_OBJECT_GENERIC_SENSOR_ID 3300
#define IPSO_OBJECT_TEMP_SENSOR_ID 3303
#define IPSO_OBJECT_HUMIDITY_SENSOR_ID 3304
#define IPSO_OBJECT_LIGHT_CONTROL_ID 3311
#define IPSO_OBJECT_ACCELEROMETER_ID 3313
#define IPSO_OBJECT_VOLTAGE_SENSOR_ID 3316
#define IPSO_OBJECT_CURRENT_SENSOR_ID 3317
#define IPSO_OBJECT_PRESSURE_ID 3323
#define IPSO_OBJECT_BUZZER_ID 3338
#define IPSO_OBJECT_TIMER_ID 3340
#define IPSO_OBJECT_ONOFF_SWITCH_ID 3342
#define IPSO_OBJECT_PUSH_BUTTON_ID 3347
#define UCIFI_OBJECT_BATTERY_ID 3411
#define IPSO_OBJECT_FILLING_LEVEL_SENSOR_ID 3435
/** @} */

/** @name Available Power Sources, 3/x/6
 * @{
 */
#define LWM2M_DEVICE_PWR_SRC_TYPE_DC_POWER 0
#define LWM2M_DEVICE_PWR_SRC_TYPE_BAT_INT 1
#define LWM2M_DEVICE_PWR_SRC_TYPE_BAT_EXT 2
#define LWM2M_DEVICE_PWR_SRC_TYPE_FUEL_CELL 3
#define LWM2M_DEVICE_PWR_SRC_TYPE_PWR_OVER_ETH 4
#define LWM2M_DEVICE_PWR_SRC_TYPE_USB 5
#define LWM2M_DEVICE_PWR_SRC_TYPE_AC_POWER 6
#define LWM2M_DEVICE_PWR_SRC_TYPE_SOLAR 7
#define LWM2M_DEVICE_PWR_SRC_TYPE_MAX 8
/** @} */

/** @name Error Code, 3/x/11
 * @{
 */
#define LWM2M_DEVICE_ERROR_NONE 0
#define LWM2M_DEVICE_ERROR_LOW_POWER 1
#define LWM2M_DEVICE_ERROR_EXT_POWER_SUPPLY_OFF 2
#define LWM2M_DEVICE_ERROR_GPS_FAILURE 3
#define LWM2M_DEVICE_ERROR_LOW_SIGNAL_STRENGTH 4
#define LWM2M_DEVICE_ERROR_OUT_OF_MEMORY 5
#define LWM2M_DEVICE_ERROR_SMS_FAILURE 6
#define LWM2M_DEVICE_ERROR_NETWORK_FAILURE 7
#define LWM2M_DEVICE_ERROR_PERIPHERAL_FAILURE 8
/** @} */

/** @name Battery Status, 3/x/20
 * @{
 */
#define LWM2M_DEVICE_BATTERY_STATUS_NORMAL 0
#define LWM2M_DEVICE_BATTERY_STATUS_CHARGING 1
#define LWM2M_DEVICE_BATTERY_STATUS_CHARGE_COMP 2
#define LWM2M_DEVICE_BATTERY_STATUS_DAMAGED 3
#define LWM2M_DEVICE_BATTERY_STATUS_LOW 4
#define LWM2M_DEVICE_BATTERY_STATUS_NOT_INST 5
#define LWM2M_DEVICE_BATTERY_STATUS_UNKNOWN 6
/** @} */

/** @name State, 5/x/3
 * @{
 */
#define STATE_IDLE 0
#define STATE_DOWNLOADING 1
#define STATE_DOWNLOADED 2
#define STATE_UPDATING 3
/** @} */

/** @name Update Result, 5/x/5
 * @{
 */
#define RESULT_DEFAULT 0
#define RESULT_SUCCESS 1
#define RESULT_NO_STORAGE 2
#define RESULT_OUT_OF_MEM 3
#define RESULT_CONNECTION_LOST 4
#define RESULT_INTEGRITY_FAILED 5
#define RESULT_UNSUP_FW 6
#define RESULT_INVALID_URI 7
#define RESULT_UPDATE_FAILED 8
#define RESULT_UNSUP_PROTO 9
/** @} */

/** The number that stands for "none" in both halves of an object link. */
#define LWM2M_OBJLNK_MAX_ID USHRT_MAX

/** Bit of the data flags: the value cannot be written, by the application or by a server. */
#define LWM2M_RES_DATA_READ_ONLY 0
/** The data flags with that bit. */
#define LWM2M_RES_DATA_FLAG_RO BIT(LWM2M_RES_DATA_READ_ONLY)
/** Whether all bits of `f` are set in the data flags of a resource instance. */
#define LWM2M_HAS_RES_FLAG(res, f) (((res)->data_flags & (f)) == (f))

/** Flag of lwm2m_rd_client_start(): begin with the Bootstrap-Server. */
#define LWM2M_RD_CLIENT_FLAG_BOOTSTRAP BIT(0)

/** Room for the text of any path with its terminator, see lwm2m_path_log_buf(). */
#define LWM2M_MAX_PATH_STR_SIZE sizeof("/65535/65535/65535/65535")

/**
 * The client's context. The application provides it, all zero, and sets members before it calls
 * lwm2m_rd_client_start(); it must stay until the client has stopped.
 *
 * The members without a description belong to the library.
 */
struct lwm2m_ctx {
	/** Address of the server. */
	struct sockaddr_storage remote_addr;
	struct coap_pending pendings[CONFIG_LWM2M_ENGINE_MAX_PENDING + 1];
	struct coap_reply replies[CONFIG_LWM2M_ENGINE_MAX_REPLIES + 1];
	sys_slist_t pending_sends;
#if defined(CONFIG_LWM2M_QUEUE_MODE_ENABLED)
	sys_slist_t queued_messages;
#endif
	sys_slist_t observer;
	struct k_mutex lock;
	/** The request that is being handled, a struct lwm2m_message; NULL in between. */
	void *processed_req;
#if defined(CONFIG_LWM2M_DTLS_SUPPORT)
	/** Names the credentials. Set by the application. */
	int tls_tag;
	/** Host name of the server, not terminated, and its length. */
	char *desthostname;
	uint16_t desthostnamelen;
	/** Loads the credentials in place of the library; may be NULL. Set by the application. */
	int (*load_credentials)(struct lwm2m_ctx *client_ctx);
#endif
	/** Sets socket options, after the socket was made and before it is connected; may be NULL.
	 * Set by the application.
	 */
	lwm2m_set_sockopt_cb_t set_socketoptions;
	/** Whether the server's URI asks for DTLS. */
	bool use_dtls;
	/** Whether the connection rests. */
	bool connection_suspended;
#if defined(CONFIG_LWM2M_QUEUE_MODE_ENABLED)
	/** Whether Notifications and Sends are kept back. */
	bool buffer_client_messages;
#endif
	/** Instance of the Security object in use, -1 for none. */
	int sec_obj_inst;
	/** Instance of the Server object in use, -1 for none. */
	int srv_obj_inst;
	/** Whether the Bootstrap-Server is talked to. */
	bool bootstrap_mode;
	/** The socket, -1 while it is closed. */
	int sock_fd;
	/** Called when the socket fails. */
	lwm2m_socket_fault_cb_t fault_cb;
	/** Called when an observation begins, ends, or was notified of. */
	lwm2m_observe_cb_t observe_cb;
	/** Called when the client's state changes. */
	lwm2m_ctx_event_cb_t event_cb;
	uint8_t validate_buf[CONFIG_LWM2M_ENGINE_VALIDATION_BUFFER_SIZE];
	/** Called with what traffic is to be expected; may be NULL. Set by the application. */
	void (*set_socket_state)(int fd, enum lwm2m_socket_states state);
};

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_MACROS_H */
