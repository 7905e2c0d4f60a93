// SPDX-License-Identifier: Apache-2.0
//! The application's `struct lwm2m_ctx`: what the library shows in it and takes from it, a field at
//! a time. The struct belongs to C; no reference to it is formed.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::NonNull;

use lwm2m_registry::c_types::sys_slist_t;

use crate::events::{
    lwm2m_ctx, lwm2m_ctx_event_cb_t, lwm2m_observe_cb_t, lwm2m_socket_fault_cb_t,
    lwm2m_socket_states,
};
use crate::layout;

/// `load_credentials`, `set_socketoptions`.
pub(crate) type ContextCallback = Option<unsafe extern "C" fn(client_ctx: *mut lwm2m_ctx) -> c_int>;

/// `set_socket_state`.
pub(crate) type SocketStateCallback =
    Option<unsafe extern "C" fn(fd: c_int, state: lwm2m_socket_states)>;

/// Where pointer and length of `desthostname` are.
const HOST_NAME: (Option<usize>, Option<usize>) = (
    layout::CONTEXT_DESTHOSTNAME,
    layout::CONTEXT_DESTHOSTNAMELEN,
);

/// A context that an application has handed to the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Context(NonNull<lwm2m_ctx>);

impl Context {
    /// Wraps a pointer; `None` for NULL.
    ///
    /// # Safety
    /// If not NULL, it points at a `struct lwm2m_ctx` that stays valid while the client runs.
    pub unsafe fn new(pointer: *mut lwm2m_ctx) -> Option<Self> {
        NonNull::new(pointer).map(Self)
    }

    pub fn as_ptr(self) -> *mut lwm2m_ctx {
        self.0.as_ptr()
    }

    /// The field at `offset`.
    fn read<T: Copy>(self, offset: usize) -> T {
        // SAFETY: by the contract of `new` the struct is valid, and `offset` is, by its compiler's
        // word, that of a field whose type is `T`. The application may write it at any time.
        unsafe { self.0.as_ptr().byte_add(offset).cast::<T>().read_volatile() }
    }

    fn write<T: Copy>(self, offset: usize, value: T) {
        // SAFETY: as for `read`.
        unsafe {
            self.0
                .as_ptr()
                .byte_add(offset)
                .cast::<T>()
                .write_volatile(value);
        }
    }

    /// Prepares the context for a new life of the client, as the C does.
    pub fn start(
        self,
        fault: lwm2m_socket_fault_cb_t,
        event: lwm2m_ctx_event_cb_t,
        observe: lwm2m_observe_cb_t,
    ) {
        self.set_socket(-1);
        self.set_suspended(false);
        self.set_bootstrap_mode(false);
        self.set_buffers_messages(true);
        self.set_account(None, None);
        self.set_processed_request(core::ptr::null_mut());
        self.write(layout::CONTEXT_FAULT_CB, fault);
        self.write(layout::CONTEXT_OBSERVE_CB, observe);
        self.set_event_callback(event);
    }

    pub fn set_event_callback(self, callback: lwm2m_ctx_event_cb_t) {
        self.write(layout::CONTEXT_EVENT_CB, callback);
    }

    pub fn event_callback(self) -> lwm2m_ctx_event_cb_t {
        self.read(layout::CONTEXT_EVENT_CB)
    }

    pub fn observe_callback(self) -> lwm2m_observe_cb_t {
        self.read(layout::CONTEXT_OBSERVE_CB)
    }

    pub fn fault_callback(self) -> lwm2m_socket_fault_cb_t {
        self.read(layout::CONTEXT_FAULT_CB)
    }

    /// Shows the descriptor, -1 for none.
    pub fn set_socket(self, socket: c_int) {
        self.write(layout::CONTEXT_SOCK_FD, socket);
    }

    pub fn socket(self) -> c_int {
        self.read(layout::CONTEXT_SOCK_FD)
    }

    pub fn set_suspended(self, suspended: bool) {
        self.write(layout::CONTEXT_CONNECTION_SUSPENDED, suspended);
    }

    pub fn set_use_dtls(self, secure: bool) {
        self.write(layout::CONTEXT_USE_DTLS, secure);
    }

    pub fn use_dtls(self) -> bool {
        // A byte that C wrote need not be 0 or 1.
        self.read::<u8>(layout::CONTEXT_USE_DTLS) != 0
    }

    pub fn set_bootstrap_mode(self, bootstrap: bool) {
        self.write(layout::CONTEXT_BOOTSTRAP_MODE, bootstrap);
    }

    /// Shows whether messages of the client's own wait for a registration or an Update.
    pub fn set_buffers_messages(self, buffers: bool) {
        if let Some(offset) = layout::CONTEXT_BUFFER_CLIENT_MESSAGES {
            self.write(offset, buffers);
        }
    }

    /// Shows which instances of Security and Server are in use; -1 stands for none.
    pub fn set_account(self, security: Option<u16>, server: Option<u16>) {
        self.write(layout::CONTEXT_SEC_OBJ_INST, number(security));
        self.write(layout::CONTEXT_SRV_OBJ_INST, number(server));
    }

    /// The Security instance in use, as the application sees and may set it.
    pub fn security_instance(self) -> Option<u16> {
        let number: c_int = self.read(layout::CONTEXT_SEC_OBJ_INST);
        u16::try_from(number).ok()
    }

    /// The Server instance in use.
    pub fn server_instance(self) -> Option<u16> {
        let number: c_int = self.read(layout::CONTEXT_SRV_OBJ_INST);
        u16::try_from(number).ok()
    }

    pub fn set_processed_request(self, message: *mut c_void) {
        self.write(layout::CONTEXT_PROCESSED_REQ, message);
    }

    /// Shows a socket address, as much of it as there is room for.
    pub fn set_remote_address(self, address: &[u8]) {
        let length = address.len().min(layout::CONTEXT_REMOTE_ADDR_LENGTH);
        // SAFETY: the field has that many bytes, in a struct valid by the contract of `new`.
        unsafe {
            self.0
                .as_ptr()
                .cast::<u8>()
                .byte_add(layout::CONTEXT_REMOTE_ADDR)
                .copy_from_nonoverlapping(address.as_ptr(), length);
        }
    }

    /// The list of observations.
    pub fn observers(self) -> *mut sys_slist_t {
        // SAFETY: the field of that type, in a struct valid by the contract of `new`.
        unsafe { self.0.as_ptr().byte_add(layout::CONTEXT_OBSERVER).cast() }
    }

    /// `tls_tag`, 0 where the configuration has no DTLS.
    pub fn tls_tag(self) -> c_int {
        layout::CONTEXT_TLS_TAG.map_or(0, |offset| self.read(offset))
    }

    /// Names the credentials, where the configuration has DTLS.
    #[cfg(pull)]
    pub fn set_tls_tag(self, tag: c_int) {
        if let Some(offset) = layout::CONTEXT_TLS_TAG {
            self.write(offset, tag);
        }
    }

    /// Shows the name that the peer of a secure connection has to prove, NULL for none. It stays
    /// where it is until the next connection is opened.
    pub fn set_host_name(self, name: *const c_char, length: u8) {
        if let (Some(pointer), Some(number)) = HOST_NAME {
            self.write(pointer, name);
            self.write(number, u16::from(length));
        }
    }

    /// The name that the peer has to prove, as the application sees and may set it; empty: none.
    pub fn host_name(&self) -> &[u8] {
        let (Some(pointer), Some(number)) = HOST_NAME else {
            return &[];
        };
        let (name, length): (*const u8, u16) = (self.read(pointer), self.read(number));
        if name.is_null() {
            return &[];
        }
        // SAFETY: as long as the context says, and the application calls from its callback, so that
        // nobody writes it meanwhile.
        unsafe { core::slice::from_raw_parts(name, usize::from(length)) }
    }

    /// Loads the credentials in place of the library.
    pub fn load_credentials(self) -> ContextCallback {
        self.read(layout::CONTEXT_LOAD_CREDENTIALS?)
    }

    /// Sets the socket's options in place of the library.
    pub fn set_socket_options(self) -> ContextCallback {
        self.read(layout::CONTEXT_SET_SOCKETOPTIONS)
    }

    /// Hears what traffic is to be expected.
    pub fn socket_state_callback(self) -> SocketStateCallback {
        self.read(layout::CONTEXT_SET_SOCKET_STATE)
    }

    #[cfg(pull)]
    pub fn change_set_socket_options(self, callback: ContextCallback) {
        self.write(layout::CONTEXT_SET_SOCKETOPTIONS, callback);
    }
}

fn number(instance: Option<u16>) -> c_int {
    instance.map_or(-1, c_int::from)
}
