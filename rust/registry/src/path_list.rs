// SPDX-License-Identifier: Apache-2.0
//! Lists of paths as authors of objects hold them (`lwm2m_observation.h`): sorted, without
//! duplicates, of nodes that wait in a second list until they are needed. Both lists and their
//! nodes belong to the caller; nothing is locked.

use core::mem::offset_of;
use core::ptr::null_mut;

use crate::c_types::{lwm2m_obj_path, lwm2m_obj_path_list, sys_slist_t, sys_snode_t};
use crate::lists;
use crate::registry::core_path;
use lwm2m_core::path::Path;

const _: () = assert!(offset_of!(lwm2m_obj_path_list, node) == 0);

/// No node was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoNode;

/// Empties both lists and puts `count` nodes into `free`: `lwm2m_engine_path_list_init`.
///
/// # Safety
/// The lists are writable; so are `count` nodes at `nodes`, which stay.
pub unsafe fn init(
    list: *mut sys_slist_t,
    free: *mut sys_slist_t,
    nodes: *mut lwm2m_obj_path_list,
    count: usize,
) {
    // SAFETY: by the contract.
    unsafe {
        list.write(sys_slist_t::EMPTY);
        free.write(sys_slist_t::EMPTY);
        for index in 0..count {
            lists::append(free, nodes.add(index).cast());
        }
    }
}

/// Adds a path in its place, unless it or the root is there; the root takes the place of all
/// others: `lwm2m_engine_add_path_to_list`.
///
/// # Errors
/// No node is left in `free`.
///
/// # Safety
/// The lists are those of [`init`], and nobody else uses them now; `path` is readable.
pub unsafe fn add(
    list: *mut sys_slist_t,
    free: *mut sys_slist_t,
    path: *const lwm2m_obj_path,
) -> Result<(), NoNode> {
    // SAFETY: by the contract.
    let this = core_path(&unsafe { path.read() });
    // SAFETY: by the contract, for all of it: `node` comes out of `free`, so it is in no list; the
    // nodes of `list` are live and do not change during the walk.
    unsafe {
        if this == Path::ROOT {
            while let Some(node) = take_first(list) {
                lists::append(free, node);
            }
        }
        let node = take_first(free).ok_or(NoNode)?;
        // With its padding, as C copies structs: who compares them as bytes finds them equal.
        let place = &raw mut (*node.cast::<lwm2m_obj_path_list>()).path;
        let size = size_of::<lwm2m_obj_path>();
        place.cast::<u8>().copy_from(path.cast(), size);
        let mut before: *mut sys_snode_t = null_mut();
        for other in lists::walk(list) {
            let there = path_of(other);
            if there == Path::ROOT || there == this {
                lists::append(free, node);
                return Ok(());
            }
            if this.segments().lt(there.segments()) {
                break;
            }
            before = other;
        }
        insert(list, before, node);
    }
    Ok(())
}

/// Takes out what lies below another path of the list: `lwm2m_engine_clear_duplicate_path`.
///
/// # Safety
/// As for [`add`].
pub unsafe fn clear_below(list: *mut sys_slist_t, free: *mut sys_slist_t) {
    let mut above: Option<Path> = None;
    // SAFETY: by the contract. The walk has read the next node before this one leaves the list.
    unsafe {
        for node in lists::walk(list) {
            let path = path_of(node);
            match above {
                Some(above) if above != Path::ROOT && above != path && above.contains(&path) => {
                    lists::remove(list, node);
                    lists::append(free, node);
                }
                _ => above = Some(path),
            }
        }
    }
}

/// # Safety
/// The node is live, and the first field of a path's node.
unsafe fn path_of(node: *mut sys_snode_t) -> Path {
    // SAFETY: by the contract.
    core_path(&unsafe { (&raw const (*node.cast::<lwm2m_obj_path_list>()).path).read() })
}

/// # Safety
/// The list and its nodes are live.
unsafe fn take_first(list: *mut sys_slist_t) -> Option<*mut sys_snode_t> {
    // SAFETY: by the contract.
    unsafe {
        let first = lists::walk(list).next()?;
        lists::remove(list, first);
        Some(first)
    }
}

/// Puts `node` behind `before`; null: at the front.
///
/// # Safety
/// The list and its nodes are live, `before` is one of them, `node` is in no list.
unsafe fn insert(list: *mut sys_slist_t, before: *mut sys_snode_t, node: *mut sys_snode_t) {
    // SAFETY: by the contract.
    unsafe {
        let link = if before.is_null() {
            &raw mut (*list).head
        } else {
            &raw mut (*before).next
        };
        (&raw mut (*node).next).write(link.read());
        link.write(node);
        if (*list).tail == before {
            (*list).tail = node;
        }
    }
}
