// SPDX-License-Identifier: Apache-2.0
//! The one `struct lwm2m_message`: it shows the request in progress, and its `msg_data` is the
//! buffer that answers and outgoing messages are written in.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::ptr::null_mut;
use core::slice;
use core::sync::atomic::{AtomicBool, Ordering};

use lwm2m_core::coap::{Code, Message, MessageType, Token};
use lwm2m_core::path::{Level, Path};
use lwm2m_core::shared::Request;
use lwm2m_registry::c_types::{
    LWM2M_OP_CREATE, LWM2M_OP_DELETE, LWM2M_OP_EXECUTE, LWM2M_OP_READ, LWM2M_OP_WRITE,
    lwm2m_obj_path,
};

use crate::context::Context;
use crate::layout;
use crate::path;
use crate::platform::LinkedPlatform;
use lwm2m_runtime::Platform;

/// Longest token, RFC 7252 §3.
const TOKEN_LENGTH: usize = 8;
/// What a message begins with, without its token, and the version in it, RFC 7252 §3.
const HEADER: usize = 4;
const VERSION: u8 = 1 << 6;
/// `LWM2M_MSG_TOKEN_GENERATE_NEW`, in the place of a token's length.
const TOKEN_GENERATE_NEW: u8 = 0xff;

/// The struct, as aligned as any C type, and what it points at: the token, and the packet that was
/// received.
#[repr(C, align(16))]
struct Storage {
    message: UnsafeCell<[MaybeUninit<u8>; layout::MESSAGE_WHOLE]>,
    packet: Packet,
    token: UnsafeCell<[u8; TOKEN_LENGTH]>,
    /// Whether `msg_data` is lent as a [`TransmitBuffer`].
    lent: AtomicBool,
}

/// A `struct coap_packet`.
#[repr(C, align(16))]
struct Packet(UnsafeCell<[MaybeUninit<u8>; layout::PACKET_WHOLE]>);

// SAFETY: `msg_data` is reached through the one `TransmitBuffer`, or by the application's gateway
// callback while there is none; the rest by `show` and its siblings, with the lock held, and by the
// application inside the callbacks of the engine's thread.
unsafe impl Sync for Storage {}

static STORAGE: Storage = Storage {
    message: UnsafeCell::new([MaybeUninit::zeroed(); layout::MESSAGE_WHOLE]),
    packet: Packet(UnsafeCell::new(
        [MaybeUninit::zeroed(); layout::PACKET_WHOLE],
    )),
    token: UnsafeCell::new([0; TOKEN_LENGTH]),
    lent: AtomicBool::new(false),
};

/// `msg_data`, while the engine writes in it. There is one at a time; while there is none it belongs
/// to the application's callback.
pub(crate) struct TransmitBuffer(());

impl TransmitBuffer {
    /// Borrows it; who has it has given it back before.
    pub fn borrow() -> Self {
        assert!(!STORAGE.lent.swap(true, Ordering::Relaxed));
        Self(())
    }
}

impl Drop for TransmitBuffer {
    fn drop(&mut self) {
        STORAGE.lent.store(false, Ordering::Relaxed);
    }
}

impl Deref for TransmitBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the bytes lie inside the struct and are initialised; this is the one borrower, as
        // `lent` says, and the slice does not outlive it.
        unsafe { slice::from_raw_parts(field(layout::MESSAGE_MSG_DATA), LENGTH) }
    }
}

impl DerefMut for TransmitBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `deref`.
        unsafe { slice::from_raw_parts_mut(field(layout::MESSAGE_MSG_DATA), LENGTH) }
    }
}

/// How long the longest answer is.
const LENGTH: usize = layout::MESSAGE_MSG_DATA_LENGTH;

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

/// Shows the request as a gateway callback sees it: with the packet it came in, and room for the answer.
/// `datagram` stays until the callback has returned. The lock is held. Returns the struct.
pub(crate) fn show_packets(
    request: &Request,
    message: &Message<'_>,
    datagram: &[u8],
) -> *mut c_void {
    let header = HEADER + request.token.as_bytes().len();
    let behind = match message.payload.len() {
        0 => 0,
        payload => payload + 1,
    };
    let options = datagram.len().saturating_sub(header + behind);
    let received = Fields(STORAGE.packet.0.get().cast());
    received.set_packet(datagram.as_ptr().cast_mut(), datagram.len(), header);
    received.put(layout::PACKET_OFFSET, datagram.len() as u16);
    received.put(layout::PACKET_OPT_LEN, options as u16);
    put(layout::MESSAGE_IN + layout::INPUT_IN_CPKT, received.0);
    let answer = answer_packet();
    answer.set_packet(field(layout::MESSAGE_MSG_DATA), LENGTH, 0);
    put(layout::MESSAGE_OUT + layout::OUTPUT_OUT_CPKT, answer.0);
    // What an answer begins with.
    let kind = match request.kind {
        MessageType::Confirmable => MessageType::Acknowledgement,
        _ => MessageType::NonConfirmable,
    };
    put(layout::MESSAGE_TYPE, kind.bits());
    STORAGE.message.get().cast()
}

/// No packets are shown any more.
pub(crate) fn hide_packets() {
    put(layout::MESSAGE_IN + layout::INPUT_IN_CPKT, null_mut::<u8>());
    put(
        layout::MESSAGE_OUT + layout::OUTPUT_OUT_CPKT,
        null_mut::<u8>(),
    );
}

/// Begins an answer in `msg_data`: the header, as the fields of the struct say. `false` for any other
/// struct, or while the engine has the buffer.
pub(crate) fn begin_answer(message: *const c_void) -> bool {
    if message != STORAGE.message.get().cast_const().cast() || STORAGE.lent.load(Ordering::Relaxed)
    {
        return false;
    }
    let length = get::<u8>(layout::MESSAGE_TKL);
    let token: *const u8 = get(layout::MESSAGE_TOKEN);
    let token = if length == TOKEN_GENERATE_NEW {
        Token::random(&|| LinkedPlatform.entropy())
    } else if token.is_null() || usize::from(length) > TOKEN_LENGTH {
        Token::EMPTY
    } else {
        let mut bytes = [0; TOKEN_LENGTH];
        // SAFETY: not NULL, so the application's word that `tkl` bytes are there; they fit.
        unsafe {
            bytes
                .as_mut_ptr()
                .copy_from_nonoverlapping(token, usize::from(length))
        };
        Token::new(bytes.get(..usize::from(length)).unwrap_or_default())
    };
    let [high, low] = get::<u16>(layout::MESSAGE_MID).to_be_bytes();
    let token = token.as_bytes();
    let first = VERSION | (get::<u8>(layout::MESSAGE_TYPE) & 3) << 4 | token.len() as u8;
    let data = field(layout::MESSAGE_MSG_DATA);
    let start = [first, get(layout::MESSAGE_CODE), high, low];
    // SAFETY: `msg_data` has room for a header and a token, and nobody has borrowed it.
    unsafe {
        data.copy_from_nonoverlapping(start.as_ptr(), HEADER);
        data.add(HEADER)
            .copy_from_nonoverlapping(token.as_ptr(), token.len());
    }
    answer_packet().set_packet(data, LENGTH, HEADER + token.len());
    true
}

/// How long the answer is that a gateway callback has written, which is in `msg_data` now; `None`: it is
/// no message, or longer than one can be.
pub(crate) fn answer_length() -> Option<usize> {
    let packet = answer_packet();
    let length = usize::from(packet.get::<u16>(layout::PACKET_OFFSET));
    let data: *const u8 = packet.get(layout::PACKET_DATA);
    if data.is_null()
        || !(HEADER..=LENGTH).contains(&length)
        || STORAGE.lent.load(Ordering::Relaxed)
    {
        return None;
    }
    // SAFETY: the application's word that the packet has that many bytes; `msg_data` has room for
    // them, nobody has borrowed it, and the two may be the same.
    unsafe { field(layout::MESSAGE_MSG_DATA).copy_from(data, length) };
    Some(length)
}

/// The datagram that the request in a `struct lwm2m_message` came in.
///
/// # Safety
/// `message` is NULL or points at such a struct, whose packet, if it has one, has the bytes it says;
/// they stay as they are while the slice is used.
pub(crate) unsafe fn request_datagram<'a>(message: *mut c_void) -> Option<&'a [u8]> {
    if message.is_null() {
        return None;
    }
    let packet: *mut u8 = Fields(message.cast()).get(layout::MESSAGE_IN + layout::INPUT_IN_CPKT);
    if packet.is_null() {
        return None;
    }
    let data: *const u8 = Fields(packet).get(layout::PACKET_DATA);
    let length = usize::from(Fields(packet).get::<u16>(layout::PACKET_OFFSET));
    // SAFETY: by the contract.
    (!data.is_null()).then(|| unsafe { slice::from_raw_parts(data, length) })
}

/// Sets the path of a `struct lwm2m_message`. The lock is held.
///
/// # Safety
/// `message` points at such a struct.
pub(crate) unsafe fn set_path(message: *mut c_void, path: &Path) {
    Fields(message.cast()).put::<lwm2m_obj_path>(layout::MESSAGE_PATH, path::to_c(path));
}

fn field(offset: usize) -> *mut u8 {
    // SAFETY: `offset` is that of a field, by the compiler's word.
    unsafe { STORAGE.message.get().cast::<u8>().add(offset) }
}

fn put<T: Copy>(offset: usize, value: T) {
    Fields(STORAGE.message.get().cast()).put(offset, value);
}

fn get<T: Copy>(offset: usize) -> T {
    Fields(STORAGE.message.get().cast()).get(offset)
}

/// The packet of the answer, inside the message.
fn answer_packet() -> Fields {
    Fields(field(layout::MESSAGE_CPKT))
}

/// A `struct lwm2m_message` or `struct coap_packet`, reached a field at a time. It is live, and aligned
/// as C demands; the lock is held.
#[derive(Clone, Copy)]
struct Fields(*mut u8);

impl Fields {
    fn put<T: Copy>(self, offset: usize, value: T) {
        // SAFETY: `offset` is that of a field of this type, by the compiler's word, in a struct as
        // described above.
        unsafe { self.0.add(offset).cast::<T>().write_volatile(value) }
    }

    fn get<T: Copy>(self, offset: usize) -> T {
        // SAFETY: as for `put`.
        unsafe { self.0.add(offset).cast::<T>().read_volatile() }
    }

    /// Fills a `struct coap_packet`: so much room at `data`, of which a header is used.
    fn set_packet(self, data: *mut u8, room: usize, header: usize) {
        self.put(layout::PACKET_DATA, data);
        self.put(layout::PACKET_OFFSET, header as u16);
        self.put(layout::PACKET_MAX_LEN, room as u16);
        self.put(layout::PACKET_HDR_LEN, header as u8);
        self.put(layout::PACKET_OPT_LEN, 0_u16);
        self.put(layout::PACKET_DELTA, 0_u16);
    }
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
