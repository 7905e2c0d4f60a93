// SPDX-License-Identifier: Apache-2.0
//! Creating and deleting object instances.

use super::*;
use crate::error::{CreateError, DeleteError};
use lwm2m_core::model::ModelError;
use std::vec;

fn path(level: u8, obj_inst_id: u16) -> lwm2m_obj_path {
    lwm2m_obj_path {
        level,
        obj_inst_id,
        ..VALUE
    }
}

#[test]
fn instances_are_created_and_deleted_with_the_errors_of_c() {
    let world = World::new();
    assert_eq!(
        world.create_object_inst(&path(2, 0)),
        Err(CreateError::NoObject)
    );
    let object = object(OBJECT, &[]);
    assert_eq!(
        world.create_object_inst(&path(3, 0)),
        Err(CreateError::Level)
    );
    assert_eq!(
        world.create_object_inst(&path(2, 65_535)),
        Err(CreateError::Level)
    );
    // SAFETY: the test's own object.
    unsafe {
        (*object).max_instance_count = 2;
        (*object).create_cb = None;
    }
    assert_eq!(
        world.create_object_inst(&path(2, 0)),
        Err(CreateError::CannotCreate)
    );
    // SAFETY: as above.
    unsafe { (*object).create_cb = Some(create_cb) };
    then!(CREATE, |_| null_mut());
    assert_eq!(
        world.create_object_inst(&path(2, 0)),
        Err(CreateError::Exists)
    );
    assert_eq!(world.create_object_inst(&path(2, 0)), Ok(()));
    assert_eq!(
        world.create_object_inst(&path(2, 0)),
        Err(CreateError::Exists)
    );
    assert_eq!(world.create(OBJECT, None), Ok(1));
    assert_eq!(
        world.create_object_inst(&path(2, 7)),
        Err(CreateError::NoRoom)
    );
    // SAFETY: as above.
    assert_eq!(unsafe { (*object).instance_count }, 2);
    assert_eq!(
        world.delete_object_inst(&path(3, 0)),
        Err(DeleteError::Level)
    );
    assert_eq!(world.delete_object_inst(&path(2, 0)), Ok(()));
    assert_eq!(
        world.delete_object_inst(&path(2, 0)),
        Err(DeleteError::NotFound)
    );
    assert_eq!(world.create(OBJECT, None), Ok(0));
    assert_eq!(world.delete(OBJECT, 9), Err(ModelError::NotFound));
    assert_eq!(
        instances_changed(),
        [(0, true), (1, true), (0, false), (0, true)]
            .map(|(id, created)| (Path::instance(OBJECT, id), created))
    );
}

#[test]
fn a_deleted_node_is_zeroed_so_that_its_place_is_free() {
    let world = World::new();
    let object = object(OBJECT, &[]);
    // SAFETY: the test's own object.
    unsafe { (*object).delete_cb = Some(user_cb) };
    for with_callback in [true, false] {
        let node = instance(OBJECT, 3, vec![single(1, bytes(1), 1)]);
        // SAFETY: the test's own nodes; they stay live.
        let resources = unsafe {
            if !with_callback {
                (*object).delete_cb = None;
            }
            (*node).resources
        };
        // The callback still finds its place by the numbers; the place is free already.
        then!(USER, move |id| {
            // SAFETY: as above.
            unsafe {
                assert_eq!(((*node).obj_inst_id, (*(*node).resources).res_id), (id, 1));
                assert!((*node).obj.is_null());
            }
            0
        });
        world.delete_obj_inst(OBJECT, 3).unwrap();
        USER.take();
        // SAFETY: as above.
        unsafe {
            assert!((*node).obj.is_null());
            if !with_callback {
                assert!((*node).resources.is_null() && (*node).node.next.is_null());
                assert_eq!(((*node).obj_inst_id, (*node).resource_count), (0, 0));
                assert!((*resources).res_instances.is_null());
                assert_eq!((*resources).res_id, 0);
            }
        }
    }
}

#[test]
fn a_node_freed_in_its_delete_callback_is_left_alone() {
    let world = World::new();
    let object = object(OBJECT, &[]);
    // SAFETY: the test's own object.
    unsafe { (*object).delete_cb = Some(user_cb) };
    let node = instance(OBJECT, 3, vec![single(1, bytes(1), 1)]);
    let other = instance(OBJECT, 4, vec![]);
    const POISON: u8 = 0xdd;
    then!(USER, move |_| {
        assert!(registry().instance(OBJECT, 3).is_none());
        // SAFETY: the node is not listed any more; this stands for free() in an allocator that
        // poisons. The memory itself stays, so that the test can look at it.
        unsafe { node.write_bytes(POISON, 1) };
        -5
    });
    assert_eq!(
        world.delete_obj_inst(OBJECT, 3),
        Err(DeleteError::Callback(-5))
    );
    let size = size_of::<lwm2m_engine_obj_inst>();
    // SAFETY: the memory is still there.
    let left = unsafe { core::slice::from_raw_parts(node.cast::<u8>(), size) };
    assert_eq!(left, vec![POISON; size]);
    assert_eq!(world.get_engine_obj_inst(OBJECT, 4), other);
    assert_eq!(world.next_instance(OBJECT, None), Some(4));
}

#[test]
fn an_instance_its_create_callback_refuses_goes_again() {
    let world = World::new();
    let object = object(OBJECT, &[]);
    // SAFETY: the test's own callback.
    unsafe { world.register_create_callback(OBJECT, Some(user_cb)) }.unwrap();
    then!(USER, |_| -12);
    assert_eq!(
        world.create_obj_inst(OBJECT, 1),
        Err(CreateError::Callback(-12))
    );
    // SAFETY: the test's own object.
    assert_eq!(unsafe { (*object).instance_count }, 0);
    assert!(world.instance(OBJECT, 1).is_none());
    assert_eq!(instances_changed(), [(Path::instance(OBJECT, 1), false)]);
    then!(USER, |_| 5);
    assert!(world.create_obj_inst(OBJECT, 1).is_ok());
    // One that the callback itself deletes.
    then!(USER, |id| {
        registry().delete_obj_inst(OBJECT, id).unwrap();
        0
    });
    assert_eq!(world.create_obj_inst(OBJECT, 2), Ok(null_mut()));
}

#[test]
fn what_the_application_says_of_a_deletion_does_not_matter() {
    let world = World::new();
    object(OBJECT, &[]);
    // SAFETY: the test's own callback.
    unsafe { world.register_delete_callback(OBJECT, Some(user_cb)) }.unwrap();
    instance(OBJECT, 1, vec![]);
    then!(USER, |id| {
        assert!(registry().instance(OBJECT, id).is_some());
        -1
    });
    assert_eq!(world.delete_obj_inst(OBJECT, 1), Ok(()));
    // It may even delete the instance itself.
    instance(OBJECT, 1, vec![]);
    then!(USER, |id| {
        assert_eq!(registry().delete_obj_inst(OBJECT, id), Ok(()));
        0
    });
    assert_eq!(world.delete_obj_inst(OBJECT, 1), Ok(()));
    assert!(world.instance(OBJECT, 1).is_none());
}

#[test]
fn one_node_does_not_become_two_instances() {
    let world = World::new();
    object(OBJECT, &[]);
    let node = instance(OBJECT, 1, vec![]);
    then!(CREATE, move |_| node);
    assert_eq!(world.create_obj_inst(OBJECT, 2), Err(CreateError::Exists));
    assert_eq!(world.next_instance(OBJECT, Some(1)), None);
    // SAFETY: the test's own node.
    assert!(unsafe { (*node).node.next }.is_null());
}

#[test]
fn the_hook_hears_of_instances_before_they_are_listed_and_while_they_still_are() {
    std::thread_local! {
        static HEARD: RefCell<Vec<(Path, bool, bool)>> = const { RefCell::new(Vec::new()) };
    }
    let world = World::new();
    object(2, &[]);
    object(OBJECT, &[]);
    world.set_hook(Some(|registry, path, created| {
        let listed = registry
            .instance(path.object_id(), path.instance_id())
            .is_some();
        HEARD.with_borrow_mut(|heard| heard.push((path, created, listed)));
        if path.object_id() == OBJECT {
            // As the Access Control object does.
            if created {
                registry.create_obj_inst(2, path.instance_id()).unwrap();
            } else {
                registry.delete_obj_inst(2, path.instance_id()).unwrap();
            }
        }
    }));
    instance_with_default_node(OBJECT, 5);
    assert!(world.instance(2, 5).is_some());
    world.delete_obj_inst(OBJECT, 5).unwrap();
    assert!(world.instance(2, 5).is_none());
    let (ours, theirs) = (Path::instance(OBJECT, 5), Path::instance(2, 5));
    assert_eq!(
        HEARD.take(),
        [
            (ours, true, false),
            (theirs, true, false),
            (ours, false, true),
            (theirs, false, true)
        ]
    );
}

fn instance_with_default_node(object: u16, id: u16) {
    registry().create_obj_inst(object, id).unwrap();
}
