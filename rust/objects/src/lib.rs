// SPDX-License-Identifier: Apache-2.0
//! The built-in objects. An object is a table in a module of its own; where it has behaviour, a
//! small state machine and the callbacks beside it. What an application can do with objects that it
//! authors in C works with these too, because their nodes are the same C structs.
//!
//! To add an object: write its table with the words of `definition.rs`, hand it to `object!`, give
//! it an `init`, and call that from [`init`].
#![no_std]

#[cfg(test)]
extern crate std;

pub mod accelerometer;
mod access;
pub mod access_control;
pub mod battery;
pub mod binary_app_data;
pub mod binding;
pub mod buzzer;
mod callback;
pub mod connectivity;
mod countdown;
pub mod current;
mod definition;
pub mod device;
pub mod event_log;
pub mod filling;
pub mod firmware;
pub mod gateway;
pub mod generic_sensor;
pub mod hooks;
pub mod humidity;
pub mod light_control;
pub mod location;
pub mod lpwan;
mod measured;
mod object;
pub mod on_off_switch;
pub mod package;
mod periodic;
pub mod portfolio;
pub mod pressure;
pub mod push_button;
pub mod security;
pub mod server;
pub mod software_management;
mod state;
#[cfg(test)]
mod table_tests;
pub mod temperature;
#[cfg(test)]
mod test_client;
pub mod timer;
pub mod voltage;

use lwm2m_config as config;
use lwm2m_core::time::Instant;

pub use crate::object::Object;
pub use lwm2m_registry::CreateError;

/// The objects in the order of the C's init section: core objects, then the others, each by the
/// name of its C function.
const ORDER: [u16; 27] = [
    // ac_control_init, ipso_location_init, lwm2m_connmon_init, lwm2m_device_init,
    // lwm2m_firmware_init, lwm2m_security_init, lwm2m_server_init
    2, 6, 4, 3, 5, 0, 1,
    // fill_sensor_init, ipso_accel_init, ipso_button_init, ipso_buzzer_init,
    // ipso_current_sensor_init, ipso_generic_sensor_init, ipso_humidity_sensor_init,
    // ipso_light_control_init, ipso_pressure_sensor_init, ipso_switch_init, ipso_temp_sensor_init,
    // ipso_timer_init, ipso_voltage_sensor_init
    3435, 3313, 3347, 3338, 3317, 3300, 3304, 3311, 3323, 3342, 3303, 3340, 3316,
    // lwm2m_binaryappdata_init, lwm2m_event_log_init, lwm2m_gw_init, lwm2m_portfolio_init,
    // lwm2m_swmgmt_init, ucifi_battery_init, ucifi_lpwan_init
    19, 20, 25, 16, 9, 3411, 3412,
];

/// Initialises every object the configuration has. In Zephyr the init section does it, one by one.
///
/// # Errors
/// That of the first object that failed; the others are initialised all the same.
pub fn init() -> Result<(), CreateError> {
    let mut outcome = Ok(());
    for object in ORDER {
        match init_object(object) {
            // It is not configured: all of the others are created by their own callback.
            Err(CreateError::NoObject) => {}
            other => outcome = outcome.and(other),
        }
    }
    outcome
}

/// Initialises one object.
///
/// # Errors
/// [`CreateError::NoObject`]: the configuration has no such object. Else the instance that the
/// object begins with could not be created.
pub fn init_object(object: u16) -> Result<(), CreateError> {
    match object {
        0 => return security::init(),
        1 => return server::init(),
        2 if config::ACCESS_CONTROL_ENABLE => access_control::init(),
        3 => return device::init(),
        4 if config::CONN_MON_OBJ_SUPPORT => return connectivity::init(),
        5 if config::FIRMWARE_UPDATE_OBJ_SUPPORT => return firmware::init(),
        6 if config::LOCATION_OBJ_SUPPORT => return location::init(),
        9 if config::SWMGMT_OBJ_SUPPORT => software_management::init(),
        16 if config::PORTFOLIO_OBJ_SUPPORT => portfolio::init(),
        19 if config::BINARYAPPDATA_OBJ_SUPPORT => binary_app_data::init(),
        20 if config::EVENT_LOG_OBJ_SUPPORT => return event_log::init(),
        25 if config::GATEWAY_OBJ_SUPPORT => gateway::init(),
        3300 if config::IPSO_GENERIC_SENSOR => generic_sensor::init(),
        3303 if config::IPSO_TEMP_SENSOR => temperature::init(),
        3304 if config::IPSO_HUMIDITY_SENSOR => humidity::init(),
        3311 if config::IPSO_LIGHT_CONTROL => light_control::init(),
        3313 if config::IPSO_ACCELEROMETER => accelerometer::init(),
        3316 if config::IPSO_VOLTAGE_SENSOR => voltage::init(),
        3317 if config::IPSO_CURRENT_SENSOR => current::init(),
        3323 if config::IPSO_PRESSURE_SENSOR => pressure::init(),
        3338 if config::IPSO_BUZZER => buzzer::init(),
        3340 if config::IPSO_TIMER => timer::init(),
        3342 if config::IPSO_ONOFF_SWITCH => on_off_switch::init(),
        3347 if config::IPSO_PUSH_BUTTON => push_button::init(),
        3411 if config::UCIFI_BATTERY => battery::init(),
        3412 if config::UCIFI_LPWAN => lpwan::init(),
        3435 if config::IPSO_FILLING_SENSOR => filling::init(),
        _ => return Err(CreateError::NoObject),
    }
    Ok(())
}

/// Does what is due: reports the current time, ends timers. Returns when to call it next, unless
/// [`hooks::Hooks::wake`] asks for it earlier. Call it without the registry lock.
pub fn service(now: Instant) -> Option<Instant> {
    let mut next = device::service(now);
    if config::IPSO_TIMER {
        next = Instant::earliest(next, timer::service(now));
    }
    if config::IPSO_BUZZER {
        next = Instant::earliest(next, buzzer::service(now));
    }
    next
}
