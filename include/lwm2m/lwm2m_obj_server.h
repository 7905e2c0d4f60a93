/* SPDX-License-Identifier: Apache-2.0 */
/* The Server object (1): its resources, and the servers the client may choose. Any thread. */

#ifndef LWM2M_OBJ_SERVER_H
#define LWM2M_OBJ_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <zephyr/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SERVER_SHORT_SERVER_ID 0
#define SERVER_LIFETIME_ID 1
#define SERVER_DEFAULT_MIN_PERIOD_ID 2
#define SERVER_DEFAULT_MAX_PERIOD_ID 3
#define SERVER_DISABLE_ID 4
#define SERVER_DISABLE_TIMEOUT_ID 5
#define SERVER_STORE_NOTIFY_ID 6
#define SERVER_TRANSPORT_BINDING_ID 7
#define SERVER_REG_UPDATE_TRIGGER_ID 8
#define SERVER_BOOTSTRAP_UPDATE_TRIGGER_ID 9
#define SERVER_APN_LINK_ID 10
#define SERVER_TLS_DTLS_ALERT_CODE_ID 11
#define SERVER_LAST_BOOTSTRAPPED_ID 12
#define SERVER_REGISTRATION_PRIORITY_ORDER_ID 13
#define SERVER_INITIAL_REGISTRATION_DELAY_TIMER_ID 14
#define SERVER_REGISTRATION_FAILURE_BLOCK_ID 15
#define SERVER_BOOTSTRAP_ON_REGISTRATION_FAILURE_ID 16
#define SERVER_COMMUNICATION_RETRY_COUNT_ID 17
#define SERVER_COMMUNICATION_RETRY_TIMER_ID 18
#define SERVER_COMMUNICATION_SEQUENCE_DELAY_TIMER_ID 19
#define SERVER_COMMUNICATION_SEQUENCE_RETRY_TIMER_ID 20
#define SERVER_SMS_TRIGGER_ID 21
#define SERVER_PREFERRED_TRANSPORT_ID 22
#define SERVER_MUTE_SEND_ID 23

/* Default Minimum and Maximum Period in seconds, 0 for none; the configured ones when there is no
 * such instance.
 */
int32_t lwm2m_server_get_pmin(uint16_t obj_inst_id);
int32_t lwm2m_server_get_pmax(uint16_t obj_inst_id);

/* Short Server ID of an instance, and the instance with a Short Server ID; -ENOENT. */
int lwm2m_server_get_ssid(uint16_t obj_inst_id);
int lwm2m_server_short_id_to_inst(uint16_t short_id);

/* Whether the server is there and not disabled now. */
bool lwm2m_server_is_enabled(uint16_t obj_inst_id);

/* The enabled server of the smallest Registration Priority Order, in *obj_inst_id unless that is
 * NULL; false when there is none.
 */
bool lwm2m_server_select(uint16_t *obj_inst_id);

/* Disables a server for so long, enables it for K_NO_WAIT. 0 or -ENOENT. */
int lwm2m_server_disable(uint16_t obj_inst_id, k_timeout_t timeout);

/* When the server is enabled again; never for one that is not there. */
k_timepoint_t lwm2m_server_get_disabled_time(uint16_t obj_inst_id);

/* Registration Priority Order, smaller first; 255 when there is no such instance. */
uint8_t lwm2m_server_get_prio(uint16_t obj_inst_id);

/* Enables all servers. */
void lwm2m_server_reset_timestamps(void);

/* Whether Send is muted for the server. */
bool lwm2m_server_get_mute_send(uint16_t obj_inst_id);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_OBJ_SERVER_H */
