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
