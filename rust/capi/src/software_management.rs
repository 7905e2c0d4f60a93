// SPDX-License-Identifier: Apache-2.0
//! The Software Management object (9) for the application. Its instances have their callbacks one
//! by one; they are registered after the instance was created.

use core::ffi::c_int;

use lwm2m_objects::software_management as software;
use lwm2m_registry::c_types::{
    lwm2m_engine_execute_cb_t, lwm2m_engine_get_data_cb_t, lwm2m_engine_set_data_cb_t,
};

use crate::errno;

/// 0 when there is such an instance.
fn found(is_there: bool) -> c_int {
    if is_there { 0 } else { -errno::ENOENT }
}

/// Sets the callback that Execute on Activate (9/instance/10) runs.
///
/// @param obj_inst_id  The instance.
/// @param cb           The callback; NULL for none.
///
/// @return 0; -ENOENT when there is no such instance.
///
/// Any thread, any callback. The same holds for the other functions of this kind.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_swmgmt_set_activate_cb(
    obj_inst_id: u16,
    cb: lwm2m_engine_execute_cb_t,
) -> c_int {
    found(software::set_activate_callback(obj_inst_id, cb))
}

/// Sets the callback that Execute on Deactivate (9/instance/11) runs, see
/// lwm2m_swmgmt_set_activate_cb().
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_swmgmt_set_deactivate_cb(
    obj_inst_id: u16,
    cb: lwm2m_engine_execute_cb_t,
) -> c_int {
    found(software::set_deactivate_callback(obj_inst_id, cb))
}

/// Sets the callback that Execute on Install (9/instance/4) runs, see
/// lwm2m_swmgmt_set_activate_cb(). It tells with lwm2m_swmgmt_install_completed() how that ended.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_swmgmt_set_install_package_cb(
    obj_inst_id: u16,
    cb: lwm2m_engine_execute_cb_t,
) -> c_int {
    found(software::set_install_callback(obj_inst_id, cb))
}

/// Sets the callback that deletes the package, installed or not, see
/// lwm2m_swmgmt_set_activate_cb().
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_swmgmt_set_delete_package_cb(
    obj_inst_id: u16,
    cb: lwm2m_engine_execute_cb_t,
) -> c_int {
    found(software::set_delete_callback(obj_inst_id, cb))
}

/// Sets the callback that gives the version (9/instance/1), see lwm2m_swmgmt_set_activate_cb().
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_swmgmt_set_read_package_version_cb(
    obj_inst_id: u16,
    cb: lwm2m_engine_get_data_cb_t,
) -> c_int {
    found(software::set_version_callback(obj_inst_id, cb))
}

/// Sets the callback that takes the package, piece by piece as it arrives, see
/// lwm2m_swmgmt_set_activate_cb().
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_swmgmt_set_write_package_cb(
    obj_inst_id: u16,
    cb: lwm2m_engine_set_data_cb_t,
) -> c_int {
    found(software::set_write_callback(obj_inst_id, cb))
}

/// Tells how an installation ended.
///
/// @param obj_inst_id  The instance.
/// @param error_code   0 for success.
///
/// @return 0; -EINVAL when there is no such instance, or none was going on.
///
/// Any thread, any callback, also that of lwm2m_swmgmt_set_install_package_cb().
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_swmgmt_install_completed(obj_inst_id: u16, error_code: c_int) -> c_int {
    if software::install_completed(obj_inst_id, error_code == 0) {
        0
    } else {
        -errno::EINVAL
    }
}
