// SPDX-License-Identifier: Apache-2.0
//! The one `struct lwm2m_message`: it shows the request in progress, and its `msg_data` is the
//! buffer that answers and outgoing messages are written in.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;

use lwm2m_core::coap::Code;
use lwm2m_core::path::Level;
use lwm2m_core::shared::Request;
use lwm2m_registry::c_types::{
    LWM2M_OP_CREATE, LWM2M_OP_DELETE, LWM2M_OP_EXECUTE, LWM2M_OP_READ, LWM2M_OP_WRITE,
    lwm2m_obj_path,
};

use crate::context::Context;
use crate::layout;
use crate::path;

/// Longest token, RFC 7252 §3.
const TOKEN_LENGTH: usize = 8;

/// The struct, as aligned as any C type, and the token that it points at.
#[repr(C, align(16))]
struct Storage {
    message: UnsafeCell<[MaybeUninit<u8>; layout::MESSAGE_WHOLE]>,
    token: UnsafeCell<[u8; TOKEN_LENGTH]>,
}

// SAFETY: `msg_data` is reached by the engine's thread only (`transmit_buffer`), the rest by
// `show`, with the lock held, and by the application inside the callbacks of that very thread.
unsafe impl Sync for Storage {}

static STORAGE: Storage = Storage {
    message: UnsafeCell::new([MaybeUninit::zeroed(); layout::MESSAGE_WHOLE]),
    token: UnsafeCell::new([0; TOKEN_LENGTH]),
};

/// `msg_data`, to be taken once, by the engine's thread.
///
/// # Safety
/// Nobody else has taken it.
pub(crate) unsafe fn transmit_buffer() -> &'static mut [u8] {
    // SAFETY: the bytes lie inside the struct and are initialised; by the contract this is the
    // only slice of them.
    unsafe {
        core::slice::from_raw_parts_mut(
            field(layout::MESSAGE_MSG_DATA),
            layout::MESSAGE_MSG_DATA_LENGTH,
        )
    }
}

/// Shows the request in the struct, and the struct in the context. The lock is held.
pub(crate) fn show(context: Context, request: &Request) {
    let token = request.token.as_bytes();
    let length = token.len().min(TOKEN_LENGTH);
    // SAFETY: the lock is held; a token is not longer than its room.
    unsafe {
        STORAGE
            .token
            .get()
            .cast::<u8>()
            .copy_from_nonoverlapping(token.as_ptr(), length);
    }
    put(layout::MESSAGE_CTX, context.as_ptr());
    put::<lwm2m_obj_path>(layout::MESSAGE_PATH, path::to_c(&request.path));
    put(layout::MESSAGE_TOKEN, STORAGE.token.get().cast::<u8>());
    put(layout::MESSAGE_TKL, length as u8);
    put(layout::MESSAGE_MID, request.message_id);
    put(layout::MESSAGE_TYPE, request.kind.bits());
    put(layout::MESSAGE_CODE, request.code.0);
    put(layout::MESSAGE_OPERATION, operation(request));
    show_acknowledged(false);
    context.set_processed_request(STORAGE.message.get().cast::<c_void>());
}

/// Shows whether the request was acknowledged: the first bit behind `operation`, see the layout
/// table. The lock is held.
pub(crate) fn show_acknowledged(acknowledged: bool) {
    put(layout::MESSAGE_OPERATION + 1, u8::from(acknowledged));
}

fn field(offset: usize) -> *mut u8 {
    // SAFETY: `offset` is that of a field, by the compiler's word.
    unsafe { STORAGE.message.get().cast::<u8>().add(offset) }
}

fn put<T: Copy>(offset: usize, value: T) {
    // SAFETY: `offset` is that of a field of this type in the struct, which is aligned as C
    // demands; the lock is held.
    unsafe { field(offset).cast::<T>().write_volatile(value) }
}

/// The operation that a method means at a path, TS Core 1.1.1 table 6.3-1 ff.
fn operation(request: &Request) -> u8 {
    match request.code {
        Code::PUT | Code::IPATCH => LWM2M_OP_WRITE,
        Code::DELETE => LWM2M_OP_DELETE,
        Code::POST => match request.path.level() {
            Level::Root | Level::Object => LWM2M_OP_CREATE,
            Level::ObjectInstance => LWM2M_OP_WRITE,
            Level::Resource | Level::ResourceInstance => LWM2M_OP_EXECUTE,
        },
        _ => LWM2M_OP_READ,
    }
}
