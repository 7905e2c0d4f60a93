/* SPDX-License-Identifier: Apache-2.0 */
/* What an object needs besides the registry: to be initialised with the library. */

#ifndef LWM2M_ENGINE_H
#define LWM2M_ENGINE_H

#include <zephyr/kernel.h>
#include <zephyr/sys/iterable_sections.h>
#include <zephyr/sys/util.h>

#include "lwm2m_object.h"
#include "lwm2m_observation.h"
#include "lwm2m_registry.h"

#define LWM2M_PROTOCOL_VERSION_MAJOR 1
#if defined(CONFIG_LWM2M_VERSION_1_1)
#define LWM2M_PROTOCOL_VERSION_MINOR 1
#else
#define LWM2M_PROTOCOL_VERSION_MINOR 0
#endif
#define LWM2M_PROTOCOL_VERSION_STRING                                                              \
	STRINGIFY(LWM2M_PROTOCOL_VERSION_MAJOR) "." STRINGIFY(LWM2M_PROTOCOL_VERSION_MINOR)

/* For the library's own messages, which applications do not make: a token of its choice. */
#define LWM2M_MSG_TOKEN_GENERATE_NEW 0xFFU
#define BUF_ALLOC_TIMEOUT K_SECONDS(1)

#ifdef __cplusplus
extern "C" {
#endif

/* Services: functions that the library's thread calls, with NULL and without a lock, every so often
 * or at a time of k_uptime_get(). The period 0 means once, and at once; a service that is
 * registered gets the new time. 0, -EINVAL (NULL), -ENOMEM. Any thread.
 */
int lwm2m_engine_add_service(k_work_handler_t service, uint32_t period_ms);
int lwm2m_engine_call_at(k_work_handler_t service, int64_t timestamp);
int lwm2m_engine_call_now(k_work_handler_t service);

/* Changes the period of a service, counted from now. 0 takes it away and returns 1; -ENOENT. */
int lwm2m_engine_update_service_period(k_work_handler_t service, uint32_t period_ms);

/* Has the library's thread look at the state of things. */
void lwm2m_engine_wake_up(void);

/* The one lock, that of lwm2m_registry_lock(); lwm2m_client_lock takes it whatever the context. */
void lwm2m_engine_lock(void);
void lwm2m_engine_unlock(void);
void lwm2m_client_lock(struct lwm2m_ctx *ctx);
void lwm2m_client_unlock(struct lwm2m_ctx *ctx);

/* Instances of the Security object: their place among those there is room for, and back, and the
 * one of a server. -ENOENT; -EINVAL for a place that there is not.
 */
int lwm2m_security_inst_id_to_index(uint16_t obj_inst_id);
int lwm2m_security_index_to_inst_id(int index);
int lwm2m_security_short_id_to_inst(uint16_t short_id);

/* State and Update Result of the Firmware Update object, STATE_* and RESULT_*. A result makes the
 * state Idle; what is no state or result changes nothing. Without _inst: instance 0.
 */
void lwm2m_firmware_set_update_state_inst(uint16_t obj_inst_id, uint8_t state);
void lwm2m_firmware_set_update_result_inst(uint16_t obj_inst_id, uint8_t result);
void lwm2m_firmware_set_update_state(uint8_t state);
void lwm2m_firmware_set_update_result(uint8_t result);
uint8_t lwm2m_firmware_get_update_state_inst(uint16_t obj_inst_id);
uint8_t lwm2m_firmware_get_update_state(void);
uint8_t lwm2m_firmware_get_update_result_inst(uint16_t obj_inst_id);
uint8_t lwm2m_firmware_get_update_result(void);

#ifdef __cplusplus
}
#endif

/* A function that runs when the library is initialised: on a host before main. */
struct lwm2m_init_func {
	int (*f)(void);
};

#define LWM2M_PRIO_ENGINE 0
#define LWM2M_PRIO_CORE 1
#define LWM2M_PRIO_OBJ 2
#define LwM2M_PRIO_APP 3

/* Has a function run at initialisation, in the order of linking. */
#define LWM2M_ON_INIT(prio, init_function)                                                         \
	const STRUCT_SECTION_ITERABLE(lwm2m_init_func,                                             \
				      LWM2M_HOST_PASTE(LWM2M, LWM2M_HOST_PASTE(prio,               \
								      init_function))) = {         \
		.f = init_function}
#define LWM2M_ENGINE_INIT(init_function) LWM2M_ON_INIT(LWM2M_PRIO_ENGINE, init_function)
#define LWM2M_CORE_INIT(init_function) LWM2M_ON_INIT(LWM2M_PRIO_CORE, init_function)
#define LWM2M_OBJ_INIT(init_function) LWM2M_ON_INIT(LWM2M_PRIO_OBJ, init_function)
#define LWM2M_APP_INIT(init_function) LWM2M_ON_INIT(LwM2M_PRIO_APP, init_function)

#endif /* LWM2M_ENGINE_H */
