// SPDX-License-Identifier: Apache-2.0
//! The observations as applications walk them with the registry locked: the list in
//! `struct lwm2m_ctx`, of nodes that `lwm2m_observation.h` describes.

use core::mem::offset_of;

use lwm2m_core::information_reporting::observation::{Observation, Observations};

use crate::c_types::{
    OBSERVE_NODE_COMPOSITE, lwm2m_obj_path_list, observe_node, sys_slist_t, sys_snode_t,
};
use crate::lists;
use crate::registry::c_path;

const _: () =
    assert!(offset_of!(observe_node, node) == 0 && offset_of!(lwm2m_obj_path_list, node) == 0);

/// Writes the list anew, with the nodes of `observers` and `paths`. What finds no node is left out.
///
/// # Safety
/// The list and the nodes are writable. Nobody else looks at them now, and nobody but this function
/// changes them.
pub unsafe fn show(
    list: *mut sys_slist_t,
    observers: *mut [observe_node],
    paths: *mut [lwm2m_obj_path_list],
    observations: &Observations<'_>,
) {
    let (first, first_path) = (
        observers.cast::<observe_node>(),
        paths.cast::<lwm2m_obj_path_list>(),
    );
    let mut used = 0;
    // SAFETY: by the contract; each index is below the number of nodes, and each node is put into
    // one list once.
    unsafe {
        list.write(sys_slist_t::EMPTY);
        for (slot, index) in (0..=u8::MAX).zip(0..observers.len()) {
            let Some(observation) = observations.get(slot) else {
                continue;
            };
            let node = first.add(index);
            node.write(shown(&observation));
            for path in observations.paths_of(slot) {
                if used == paths.len() {
                    break;
                }
                let place = first_path.add(used);
                used += 1;
                place.write(lwm2m_obj_path_list {
                    node: sys_snode_t::EMPTY,
                    path: c_path(path),
                });
                lists::append(&raw mut (*node).path_list, place.cast());
            }
            // One whose paths are gone is about to say so, and is none any more.
            if !(*node).path_list.head.is_null() {
                lists::append(list, node.cast());
            }
        }
    }
}

/// The node of an observation, its paths still missing.
fn shown(observation: &Observation) -> observe_node {
    let token = observation.token.as_bytes();
    let mut node = observe_node {
        format: observation.format as u16,
        tkl: token.len() as u8,
        flags: if observation.composite {
            OBSERVE_NODE_COMPOSITE
        } else {
            0
        },
        ..observe_node::EMPTY
    };
    for (to, byte) in node.token.iter_mut().zip(token) {
        *to = *byte;
    }
    node
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use std::vec::Vec;

    use lwm2m_core::coap::{ConnectionId, Token};
    use lwm2m_core::content::ContentFormat;
    use lwm2m_core::information_reporting::attributes::Attributes;
    use lwm2m_core::information_reporting::observation::{ObservedPath, Slot};
    use lwm2m_core::path::Path;
    use lwm2m_core::time::Instant;

    use super::*;
    use crate::registry::core_path;

    /// Token, whether composite, format and paths of each node.
    type Shown = Vec<(Vec<u8>, bool, u16, Vec<Path>)>;

    fn walk(list: *mut sys_slist_t) -> Shown {
        // SAFETY: the list is that of the test, and stays as it is.
        let nodes = unsafe { lists::walk(list) };
        let shown = |node: *mut sys_snode_t| {
            // SAFETY: a node of that list is the first field of an `observe_node`.
            let node = unsafe { node.cast::<observe_node>().as_mut() }.unwrap();
            // SAFETY: as for the list of observers.
            let paths = unsafe { lists::walk(&raw mut node.path_list) };
            // SAFETY: a node of that list is the first field of an `lwm2m_obj_path_list`.
            let path = |node: *mut sys_snode_t| unsafe {
                core_path(&(*node.cast::<lwm2m_obj_path_list>()).path)
            };
            let token = node.token.split_at(usize::from(node.tkl)).0.to_vec();
            let composite = node.flags & OBSERVE_NODE_COMPOSITE != 0;
            (token, composite, node.format, paths.map(path).collect())
        };
        nodes.map(shown).collect()
    }

    #[test]
    fn the_list_shows_each_observation_with_its_paths_as_long_as_it_has_any() {
        let slots = [const { Slot::free() }; 3];
        let entries = [const { Cell::new(ObservedPath::UNUSED) }; 6];
        let observations = Observations::new(&slots, &entries);
        let observe = |composite, token: &[u8], paths: &[Path]| {
            let observation = Observation {
                composite,
                path: paths[0],
                connection: ConnectionId::SERVER,
                token: Token::new(token),
                format: ContentFormat::SenmlCbor,
            };
            let now = Instant::from_millis(0);
            let attributes = Attributes::new(&[]);
            observations.add(&observation, paths, &attributes, now)
        };
        let mut list = sys_slist_t::EMPTY;
        let mut observers = [observe_node::EMPTY; 3];
        let mut paths = [lwm2m_obj_path_list::EMPTY; 6];
        let list = &raw mut list;
        let mut now_shown = || {
            // SAFETY: all of it is this test's.
            unsafe { show(list, &raw mut observers, &raw mut paths, &observations) };
            walk(list)
        };
        assert_eq!(now_shown(), []);

        let (server, device) = (Path::resource(1, 0, 1), Path::object(3));
        observe(false, &[1, 2], &[device]).unwrap();
        observe(true, &[3], &[server, device]).unwrap();
        observe(false, &[4], &[server]).unwrap();
        let expected = [
            (std::vec![1, 2], false, 112, std::vec![device]),
            (std::vec![3], true, 112, std::vec![server, device]),
            (std::vec![4], false, 112, std::vec![server]),
        ];
        assert_eq!(now_shown(), expected);

        observations.cancel_below(&Path::instance(1, 0), &Attributes::new(&[]));
        let expected = [
            (std::vec![1, 2], false, 112, std::vec![device]),
            (std::vec![3], true, 112, std::vec![device]),
        ];
        assert_eq!(now_shown(), expected);
    }
}
