// SPDX-License-Identifier: Apache-2.0
//! The Gateway object (25) for those who answer for the devices behind it: functions of
//! `lwm2m_obj_gateway.h`, and the one of `lwm2m_message_handling.h` that their callbacks need.

use core::ffi::{c_int, c_void};

use lwm2m_core::coap::Message;
use lwm2m_core::engine::split_prefix;
use lwm2m_core::model::ModelError;
use lwm2m_core::shared::Request;
use lwm2m_objects::gateway::{self, GatewayCallback};
use lwm2m_registry::refusal;

use crate::context::Context;
use crate::{errno, message, state};

/// Registers who answers requests for the device of an instance; NULL: nobody. 0, or -ENOENT when
/// there is no such instance. Any thread. The callback runs in the library's thread with the registry
/// locked.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_register_gw_callback(obj_inst_id: u16, cb: GatewayCallback) -> c_int {
    if gateway::register_callback(obj_inst_id, cb) {
        0
    } else {
        -errno::ENOENT
    }
}

/// Has a request answered if it is for a device behind the gateway: takes the prefix off the path and
/// runs the callback. What that returns; -ENOENT when no device has the prefix, or nobody answers for
/// it; -EINVAL for NULL, a message without a request, or one whose path goes on with something else
/// than numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwm2m_gw_handle_req(msg: *mut c_void) -> c_int {
    // SAFETY: by the function's contract, NULL or a `struct lwm2m_message`, whose packet and datagram
    // stay as they are until the prefix and the path have been read.
    let Some(datagram) = (unsafe { message::request_datagram(msg) }) else {
        return -errno::EINVAL;
    };
    let Ok(request) = Message::parse(datagram) else {
        return -errno::EINVAL;
    };
    let Some((prefix, path)) = split_prefix(&request) else {
        return -errno::EINVAL;
    };
    let Some(callback) = gateway::callback_of(prefix) else {
        return -errno::ENOENT;
    };
    // SAFETY: by the function's contract, a `struct lwm2m_message`; the application gave the function
    // for this.
    state::locked(|_| unsafe {
        message::set_path(msg, &path);
        callback(msg)
    })
}

/// Begins the answer in msg->cpkt: type, code, message id and token are those of `msg`, the bytes go
/// into msg->msg_data. 0, or -EINVAL for anything but the message a callback was given.
#[unsafe(no_mangle)]
pub extern "C" fn lwm2m_init_message(msg: *mut c_void) -> c_int {
    if message::begin_answer(msg) {
        0
    } else {
        -errno::EINVAL
    }
}

/// Has the application answer a request for a device behind the gateway. Returns the length of the
/// answer in `msg_data`; `None`: the request is not for it. The lock is held, and nobody has borrowed
/// `msg_data`.
pub(crate) fn answer(
    context: Context,
    request: &Request,
    datagram: &[u8],
) -> Option<Result<usize, ModelError>> {
    let received = Message::parse(datagram).ok()?;
    message::show(context, request);
    let shown = message::show_packets(request, &received, datagram);
    // SAFETY: the one struct, whose packet is the datagram, which stays.
    let result = unsafe { lwm2m_gw_handle_req(shown) };
    let answer = match result {
        0 => Some(message::answer_length().ok_or(ModelError::Internal)),
        result if result == -errno::ENOENT => None,
        result if result < 0 => Some(Err(refusal(result))),
        _ => Some(Err(ModelError::Internal)),
    };
    message::hide_packets();
    answer
}
