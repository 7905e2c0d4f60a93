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
#if defined(CONFIG_LWM2M_ACCESS_CONTROL_ENABLE)
BUILT_IN(CORE, ac_control_init, 2);
#endif
BUILT_IN(CORE, lwm2m_device_init, 3);
#if defined(CONFIG_LWM2M_CONN_MON_OBJ_SUPPORT)
BUILT_IN(CORE, lwm2m_connmon_init, 4);
#endif
#if defined(CONFIG_LWM2M_FIRMWARE_UPDATE_OBJ_SUPPORT)
BUILT_IN(CORE, lwm2m_firmware_init, 5);
#endif
#if defined(CONFIG_LWM2M_LOCATION_OBJ_SUPPORT)
BUILT_IN(CORE, ipso_location_init, 6);
#endif
#if defined(CONFIG_LWM2M_SWMGMT_OBJ_SUPPORT)
BUILT_IN(OBJ, lwm2m_swmgmt_init, 9);
#endif
#if defined(CONFIG_LWM2M_PORTFOLIO_OBJ_SUPPORT)
BUILT_IN(OBJ, lwm2m_portfolio_init, 16);
#endif
#if defined(CONFIG_LWM2M_BINARYAPPDATA_OBJ_SUPPORT)
BUILT_IN(OBJ, lwm2m_binaryappdata_init, 19);
#endif
#if defined(CONFIG_LWM2M_EVENT_LOG_OBJ_SUPPORT)
BUILT_IN(OBJ, lwm2m_event_log_init, 20);
#endif
#if defined(CONFIG_LWM2M_GATEWAY_OBJ_SUPPORT)
BUILT_IN(OBJ, lwm2m_gw_init, 25);
#endif
#if defined(CONFIG_LWM2M_IPSO_GENERIC_SENSOR)
BUILT_IN(OBJ, ipso_generic_sensor_init, 3300);
#endif
#if defined(CONFIG_LWM2M_IPSO_TEMP_SENSOR)
BUILT_IN(OBJ, ipso_temp_sensor_init, 3303);
#endif
#if defined(CONFIG_LWM2M_IPSO_HUMIDITY_SENSOR)
BUILT_IN(OBJ, ipso_humidity_sensor_init, 3304);
#endif
#if defined(CONFIG_LWM2M_IPSO_LIGHT_CONTROL)
BUILT_IN(OBJ, ipso_light_control_init, 3311);
#endif
#if defined(CONFIG_LWM2M_IPSO_ACCELEROMETER)
BUILT_IN(OBJ, ipso_accel_init, 3313);
#endif
#if defined(CONFIG_LWM2M_IPSO_VOLTAGE_SENSOR)
BUILT_IN(OBJ, ipso_voltage_sensor_init, 3316);
#endif
#if defined(CONFIG_LWM2M_IPSO_CURRENT_SENSOR)
BUILT_IN(OBJ, ipso_current_sensor_init, 3317);
#endif
#if defined(CONFIG_LWM2M_IPSO_PRESSURE_SENSOR)
BUILT_IN(OBJ, ipso_pressure_sensor_init, 3323);
#endif
#if defined(CONFIG_LWM2M_IPSO_BUZZER)
BUILT_IN(OBJ, ipso_buzzer_init, 3338);
#endif
#if defined(CONFIG_LWM2M_IPSO_TIMER)
BUILT_IN(OBJ, ipso_timer_init, 3340);
#endif
#if defined(CONFIG_LWM2M_IPSO_ONOFF_SWITCH)
BUILT_IN(OBJ, ipso_switch_init, 3342);
#endif
#if defined(CONFIG_LWM2M_IPSO_PUSH_BUTTON)
BUILT_IN(OBJ, ipso_button_init, 3347);
#endif
#if defined(CONFIG_LWM2M_UCIFI_BATTERY)
BUILT_IN(OBJ, ucifi_battery_init, 3411);
#endif
#if defined(CONFIG_LWM2M_UCIFI_LPWAN)
BUILT_IN(OBJ, ucifi_lpwan_init, 3412);
#endif
#if defined(CONFIG_LWM2M_IPSO_FILLING_SENSOR)
BUILT_IN(OBJ, fill_sensor_init, 3435);
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
