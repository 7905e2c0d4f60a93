// SPDX-License-Identifier: Apache-2.0
//! Finding nodes: the index, its limits, and lists changed behind the registry's back.

use super::*;
use crate::config::INDEX_SIZE;
use crate::error::LookupError;
use crate::lists::WALKS;
use lwm2m_core::model::Permissions;
use std::vec;

fn ids(object: u16) -> Vec<u16> {
    let mut ids = Vec::new();
    while let Some(id) = registry().next_instance(object, ids.last().copied()) {
        ids.push(id);
    }
    ids
}

fn objects() -> Vec<u16> {
    let mut ids: Vec<u16> = Vec::new();
    while let Some(info) = registry().next_object(ids.last().copied()) {
        ids.push(info.id);
    }
    ids
}

/// The list as an application walks it.
fn listed() -> Vec<(u16, u16)> {
    let mut all = Vec::new();
    // SAFETY: the lock is held, and listed nodes are live.
    unsafe {
        let mut node = (*object_instance_list())
            .head
            .cast::<lwm2m_engine_obj_inst>();
        while !node.is_null() {
            all.push(((*(*node).obj).obj_id, (*node).obj_inst_id));
            node = (*node).node.next.cast();
        }
    }
    all
}

#[test]
fn instances_are_found_by_number_and_listed_in_order_of_creation() {
    let world = World::new();
    object(4, &[]);
    object(OBJECT, &[]);
    object(3, &[]);
    for (object, id) in [
        (OBJECT, 7),
        (3, 1),
        (OBJECT, 0),
        (4, 65_534),
        (OBJECT, 65_534),
    ] {
        instance(object, id, vec![]);
    }
    assert_eq!(objects(), [3, 4, OBJECT]);
    assert_eq!(ids(OBJECT), [0, 7, 65_534]);
    assert_eq!(ids(4), [65_534]);
    assert_eq!(ids(5), []);
    assert_eq!(
        listed(),
        [
            (OBJECT, 7),
            (3, 1),
            (OBJECT, 0),
            (4, 65_534),
            (OBJECT, 65_534)
        ]
    );
    assert!(world.instance(OBJECT, 7).is_some());
    assert!(world.instance(OBJECT, 8).is_none());
    assert!(world.instance(OBJECT, 65_535).is_none());
    assert!(world.instance(65_535, 65_535).is_none());
    assert!(world.next_engine_obj_inst(OBJECT, Some(65_535)).is_null());
}

/// How often the lists are walked.
fn walks(action: impl FnOnce()) -> usize {
    let before = WALKS.get();
    action();
    WALKS.get() - before
}

#[test]
fn a_thousand_instances_and_more_than_the_index_holds() {
    let world = World::new();
    object(OBJECT, &[]);
    object(OBJECT + 1, &[]);
    // In an order that is neither ascending nor descending.
    let count = 1000u32;
    for step in 0..count {
        instance(OBJECT, (step * 617 % count) as u16, vec![]);
    }
    assert_eq!(ids(OBJECT), (0..1000).collect::<Vec<_>>());
    for id in 0..100 {
        instance(OBJECT + 1, 99 - id, vec![]);
    }
    object(2, &[]);
    assert_eq!(ids(OBJECT), (0..1000).collect::<Vec<_>>());
    assert_eq!(ids(OBJECT + 1), (0..100).collect::<Vec<_>>());
    assert_eq!(objects(), [2, OBJECT, OBJECT + 1]);
    assert_eq!(world.object(2).map(|info| info.id), Some(2));
    assert!(world.instance(OBJECT + 1, 0).is_some());
    assert!(world.instance(OBJECT + 1, 100).is_none());
    for id in 0..500 {
        world.delete_obj_inst(OBJECT, id * 2).unwrap();
    }
    assert_eq!(
        ids(OBJECT),
        (0..500).map(|id| id * 2 + 1).collect::<Vec<_>>()
    );
    assert_eq!(ids(OBJECT + 1), (0..100).collect::<Vec<_>>());
    assert_eq!(objects(), [2, OBJECT, OBJECT + 1]);
    assert_eq!(listed().len(), 600);
}

#[test]
fn going_through_all_instances_walks_the_lists_once_for_as_many_as_the_index_holds() {
    let _world = World::new();
    object(OBJECT, &[]);
    for step in 0..1000u32 {
        instance(OBJECT, (step * 617 % 1000) as u16, vec![]);
    }
    // Each time the window moves the objects are walked, and the instances.
    let moves = 1000 / INDEX_SIZE + 2;
    for _ in 0..3 {
        let took = walks(|| assert_eq!(ids(OBJECT).len(), 1000));
        assert!(took <= 2 * moves, "{took}");
    }
}

#[test]
fn what_the_window_covers_is_found_or_missed_without_a_walk() {
    let world = World::new();
    object(OBJECT, &[]);
    for id in 0..1000 {
        instance(OBJECT, id * 2, vec![]);
    }
    // Moves the window, wherever it was, to the beginning and then to here.
    assert!(world.next_instance(OBJECT, None).is_some());
    assert!(world.next_instance(OBJECT, Some(999)).is_some());
    let within = 1000..1000 + 2 * INDEX_SIZE as u16;
    let took = walks(|| {
        for id in within.clone() {
            let found = world.instance(OBJECT, id);
            assert_eq!(found.is_some(), id % 2 == 0);
        }
    });
    assert_eq!(took, 0);
    // Elsewhere, one walk for each.
    let took = walks(|| {
        assert!(world.instance(OBJECT, 0).is_some());
        assert!(world.instance(OBJECT, 1).is_none());
        assert!(world.instance(OBJECT, within.end).is_some());
        assert!(world.object(OBJECT).is_some());
    });
    assert_eq!(took, 4);
}

#[test]
fn changes_inside_and_outside_of_the_window_are_seen() {
    let world = World::new();
    object(OBJECT, &[]);
    let mut expected = std::collections::BTreeSet::new();
    for step in 0..300u32 {
        let id = (step * 7 % 300) as u16;
        instance(OBJECT, id, vec![]);
        expected.insert(id);
    }
    // Around each place where the window may be, before it, at its ends and behind it.
    for at in (0..300).step_by(23) {
        world.next_instance(OBJECT, Some(at));
        for id in [at / 2, at + 1, at + 2, at + 63, at + 64, at + 65, 299 - at] {
            if expected.remove(&id) {
                world.delete_obj_inst(OBJECT, id).unwrap();
            } else {
                instance(OBJECT, id, vec![]);
                expected.insert(id);
            }
            for id in (at % 3..400).step_by(3) {
                assert_eq!(world.instance(OBJECT, id).is_some(), expected.contains(&id));
            }
            world.next_instance(OBJECT, Some(at));
        }
    }
    assert_eq!(ids(OBJECT), expected.into_iter().collect::<Vec<_>>());
}

#[test]
fn of_two_instances_with_one_number_the_first_serves_wherever_the_window_is() {
    let world = World::new();
    let parent = object(OBJECT, &[]);
    for id in 0..200 {
        instance(OBJECT, id, vec![]);
    }
    let first = world.get_engine_obj_inst(OBJECT, 150);
    // A second object with the same id, and an instance of it with a number that is taken.
    let second = object(OBJECT, &[]);
    let double = node(vec![]);
    // SAFETY: the lock is held; the list stays well formed.
    unsafe {
        (*double).obj = second;
        (*double).obj_inst_id = 150;
        (*(*object_instance_list()).tail).next = double.cast();
        (*object_instance_list()).tail = double.cast();
    }
    for at in [0, 100, 149, 170] {
        world.next_instance(OBJECT, Some(at));
        assert_eq!(world.get_engine_obj_inst(OBJECT, 150), first);
        assert_eq!(world.get_engine_obj(OBJECT), parent);
    }
    for at in [0, 149] {
        world.next_instance(OBJECT, Some(at));
        let first = world.get_engine_obj_inst(OBJECT, 150);
        world.delete_obj_inst(OBJECT, 150).unwrap();
        assert_ne!(world.get_engine_obj_inst(OBJECT, 150), first);
    }
    assert!(world.get_engine_obj_inst(OBJECT, 150).is_null());
}

#[test]
fn of_two_objects_with_one_id_the_first_serves_until_it_goes() {
    let world = World::new();
    let first = object(OBJECT, &[]);
    let second = object(OBJECT, &[]);
    assert_eq!(world.get_engine_obj(OBJECT), first);
    // SAFETY: `first` is live.
    unsafe { world.unregister_obj(first) };
    assert_eq!(world.get_engine_obj(OBJECT), second);
    assert_eq!(instances_changed(), [(Path::object(OBJECT), false)]);
    // SAFETY: `second` is live.
    unsafe { world.unregister_obj(second) };
    assert!(world.get_engine_obj(OBJECT).is_null());
}

#[test]
fn an_object_registered_twice_is_listed_once() {
    let world = World::new();
    let first = object(OBJECT, &[]);
    // SAFETY: `first` is live.
    unsafe { world.register_obj(first) };
    assert_eq!(objects(), [OBJECT]);
    // SAFETY: `first` is live, the list is ours.
    unsafe {
        assert!((*first).node.next.is_null());
        world.unregister_obj(first);
    }
    assert_eq!(objects(), []);
}

#[test]
fn instances_of_an_unregistered_object_stay_listed() {
    let world = World::new();
    let gone = object(OBJECT, &[]);
    object(OBJECT + 1, &[]);
    let orphan = instance(OBJECT, 0, vec![]);
    // SAFETY: `gone` is live.
    unsafe { world.unregister_obj(gone) };
    assert_eq!(objects(), [OBJECT + 1]);
    assert_eq!(world.get_engine_obj_inst(OBJECT, 0), orphan);
}

#[test]
fn lists_changed_behind_the_registry_are_seen() {
    let world = World::new();
    let parent = object(OBJECT, &[]);
    let first = instance(OBJECT, 1, vec![]);
    let last = instance(OBJECT, 2, vec![]);
    let handle = world.instance(OBJECT, 1).unwrap();
    // An application appends a node itself.
    let own = node(vec![]);
    // SAFETY: the lock is held; the list stays well formed.
    unsafe {
        (*own).obj = parent;
        (*own).obj_inst_id = 0;
        (*last).node.next = own.cast();
        (*object_instance_list()).tail = own.cast();
    }
    assert_eq!(ids(OBJECT), [0, 1, 2]);
    assert_eq!(world.get_engine_obj_inst(OBJECT, 0), own);
    // It takes the first out and wipes it.
    // SAFETY: as above.
    unsafe {
        (*object_instance_list()).head = last.cast();
        first.write(lwm2m_engine_obj_inst::EMPTY);
    }
    assert_eq!(ids(OBJECT), [0, 2]);
    assert!(world.next_resource(&handle, 0, Permissions::NONE).is_none());
    // It renumbers one in place: verified at the look-up.
    // SAFETY: as above.
    unsafe { (*last).obj_inst_id = 5 };
    assert!(world.instance(OBJECT, 2).is_none());
    assert_eq!(world.get_engine_obj_inst(OBJECT, 5), last);
}

#[test]
fn fields_are_found_whatever_their_order() {
    let world = World::new();
    object(
        OBJECT,
        &[
            (9, LWM2M_PERM_R, LWM2M_RES_TYPE_U8),
            (1, LWM2M_PERM_X_OPT, LWM2M_RES_TYPE_NONE),
            (4, LWM2M_PERM_RW_OPT, LWM2M_RES_TYPE_STRING),
        ],
    );
    let resources = [4, 9, 77, 1].map(|id| single(id, bytes(1), 1));
    instance(OBJECT, 0, resources.to_vec());
    let handle = world.instance(OBJECT, 0).unwrap();
    let seen = |operations| {
        let next = |index| world.next_resource(&handle, index, operations);
        core::iter::successors(next(0), |found| next(found.index + 1))
            .map(|found| (found.index, found.id, found.permissions.write()))
            .collect::<Vec<_>>()
    };
    let all = [(0, 4, true), (1, 9, false), (3, 1, false)];
    assert_eq!(seen(Permissions::NONE), all);
    assert_eq!(seen(Permissions::READABLE), all[..2]);
    assert!(world.resource(&handle, 77).is_none());
    assert_eq!(world.resource(&handle, 9).map(|found| found.index), Some(1));
}

#[test]
fn a_path_leads_where_it_leads_in_c() {
    let world = World::new();
    object(
        OBJECT,
        &[
            (1, LWM2M_PERM_RW, LWM2M_RES_TYPE_U8),
            (3, LWM2M_PERM_R, LWM2M_RES_TYPE_U8),
        ],
    );
    instance(
        OBJECT,
        0,
        vec![single(1, bytes(1), 1), single(2, bytes(1), 1)],
    );
    instance(OBJECT, 1, vec![]);
    let path = |obj_inst_id, res_id, res_inst_id| lwm2m_obj_path {
        obj_id: OBJECT,
        obj_inst_id,
        res_id,
        res_inst_id,
        level: 3,
    };
    let nodes = world.path_to_objs(&path(0, 1, 0)).unwrap();
    assert_eq!(nodes.obj_inst, world.get_engine_obj_inst(OBJECT, 0));
    assert!(!nodes.res.is_null() && !nodes.obj_field.is_null() && !nodes.res_inst.is_null());
    assert!(
        world
            .path_to_objs(&path(0, 1, 1))
            .unwrap()
            .res_inst
            .is_null()
    );
    for (path, error) in [
        (path(2, 1, 0), LookupError::NotFound),
        (path(1, 1, 0), LookupError::NoResources),
        (path(0, 2, 0), LookupError::NotFound), // no definition
        (path(0, 3, 0), LookupError::NotFound), // no resource
    ] {
        assert_eq!(world.path_to_objs(&path), Err(error), "{path:?}");
    }
    let short = lwm2m_obj_path {
        level: 2,
        ..path(0, 1, 0)
    };
    assert!(world.path_to_objs(&short).is_ok());
    assert_eq!(world.get_resource(&short), Err(LookupError::Level));
}

#[test]
fn c_paths_and_core_paths_convert() {
    use crate::{c_path, core_path};
    for path in [
        Path::ROOT,
        Path::object(3),
        Path::instance(3, 0),
        Path::resource(3, 0, 11),
        Path::resource_instance(3, 0, 11, 2),
    ] {
        assert_eq!(core_path(&c_path(path)), path);
    }
    let stale = lwm2m_obj_path {
        level: 2,
        obj_inst_id: 5,
        res_id: 9,
        ..VALUE
    };
    assert_eq!(core_path(&stale), Path::instance(OBJECT, 5));
}

#[test]
fn versions_are_announced_when_a_server_would_assume_another() {
    let world = World::new();
    let cases = [
        (3, 1, (1, u8::from(crate::config::VERSION_1_1)), false),
        (3, 1, (1, 2), true),
        (5, 1, (1, 0), false),
        (16, 1, (1, 0), true),
        (3303, 0, (1, 0), false),
        (3304, 0, (1, 1), true),
    ];
    for (id, core, version, announced) in cases {
        let object = object(id, &[]);
        // SAFETY: just made.
        unsafe {
            (*object).is_core = core;
            ((*object).version_major, (*object).version_minor) = version;
            assert_eq!(
                world.shall_report_obj_version(object),
                announced,
                "{id} {version:?}"
            );
            world.unregister_obj(object);
        }
    }
}
