/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the library where Zephyr's own subsystem starts, and the built-in objects through the same
 * section as objects that applications author: the linker sorts it by priority and name, so the
 * names decide who comes first, and they are those that an application's image has always had.
 */
#include <zephyr/init.h>
#include <zephyr/kernel.h>

#include "lwm2m_engine.h"

/* Defined by rust/capi and rust/zephyr. */
int lwm2m_rs_init_object(uint16_t object);
void lwm2m_rs_after_objects(void);
void lwm2m_rs_report(int result);

#define BUILT_IN(level, name, object)                                                              \
	static int name(void)                                                                      \
	{                                                                                          \
		return lwm2m_rs_init_object(object);                                               \
	}                                                                                          \
	LWM2M_##level##_INIT(name)

BUILT_IN(CORE, lwm2m_security_init, 0);
BUILT_IN(CORE, lwm2m_server_init, 1);
BUILT_IN(CORE, lwm2m_device_init, 3);
#if defined(CONFIG_LWM2M_FIRMWARE_UPDATE_OBJ_SUPPORT)
BUILT_IN(CORE, lwm2m_firmware_init, 5);
#endif
#if defined(CONFIG_LWM2M_IPSO_TEMP_SENSOR)
BUILT_IN(OBJ, ipso_temp_sensor_init, 3303);
#endif
#if defined(CONFIG_LWM2M_IPSO_LIGHT_CONTROL)
BUILT_IN(OBJ, ipso_light_control_init, 3311);
#endif
#if defined(CONFIG_LWM2M_IPSO_TIMER)
BUILT_IN(OBJ, ipso_timer_init, 3340);
#endif

static int start(void)
{
	STRUCT_SECTION_FOREACH(lwm2m_init_func, init) {
		lwm2m_rs_report(init->f());
	}
	lwm2m_rs_after_objects();
	return 0;
}

SYS_INIT(start, APPLICATION, CONFIG_KERNEL_INIT_PRIORITY_DEFAULT);
