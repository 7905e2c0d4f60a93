// SPDX-License-Identifier: Apache-2.0
//! The two C lists: singly linked, in registration order, walked and sometimes changed by
//! applications. The link is the first field of an object as of an instance.

use crate::c_types::{lwm2m_engine_obj, lwm2m_engine_obj_inst, sys_slist_t, sys_snode_t};
use core::mem::offset_of;

const _: () = assert!(
    offset_of!(lwm2m_engine_obj, node) == 0 && offset_of!(lwm2m_engine_obj_inst, node) == 0
);

/// The list's two ends.
pub(crate) fn ends(list: *mut sys_slist_t) -> sys_slist_t {
    // SAFETY: `list` is one of this crate's statics; an application may have written it, so the
    // read is volatile.
    unsafe { list.read_volatile() }
}

/// Appends `node`.
///
/// # Safety
/// `node` is live and in no list, and the nodes of the list are live.
pub(crate) unsafe fn append(list: *mut sys_slist_t, node: *mut sys_snode_t) {
    // SAFETY: by the contract; the list is one of this crate's statics.
    unsafe {
        (&raw mut (*node).next).write(core::ptr::null_mut());
        let tail = (*list).tail;
        if tail.is_null() {
            (*list).head = node;
        } else {
            (&raw mut (*tail).next).write(node);
        }
        (*list).tail = node;
    }
}

/// Takes `node` out; `false`: it was not in the list.
///
/// # Safety
/// The nodes of the list are live.
pub(crate) unsafe fn remove(list: *mut sys_slist_t, node: *mut sys_snode_t) -> bool {
    let mut previous: *mut sys_snode_t = core::ptr::null_mut();
    // SAFETY: the nodes of the list are live.
    for current in unsafe { walk(list) } {
        if current == node {
            // SAFETY: `node`, its predecessor and the list are live.
            unsafe {
                let next = (&raw const (*node).next).read();
                if previous.is_null() {
                    (*list).head = next;
                } else {
                    (&raw mut (*previous).next).write(next);
                }
                if (*list).tail == node {
                    (*list).tail = previous;
                }
                (&raw mut (*node).next).write(core::ptr::null_mut());
            }
            return true;
        }
        previous = current;
    }
    false
}

/// The nodes in order.
///
/// # Safety
/// The nodes stay live and the list unchanged while the iterator is used: no callback runs.
pub(crate) unsafe fn walk(list: *mut sys_slist_t) -> Walk {
    #[cfg(test)]
    WALKS.with(|walks| walks.set(walks.get() + 1));
    Walk(ends(list).head)
}

/// Iterator of [`walk`].
pub(crate) struct Walk(*mut sys_snode_t);

impl Iterator for Walk {
    type Item = *mut sys_snode_t;

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.0;
        if node.is_null() {
            return None;
        }
        // SAFETY: live by the contract of `walk`.
        self.0 = unsafe { (&raw const (*node).next).read_volatile() };
        Some(node)
    }
}

#[cfg(test)]
std::thread_local! {
    /// How often this thread has walked a list.
    pub(crate) static WALKS: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}
