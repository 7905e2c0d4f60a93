// SPDX-License-Identifier: Apache-2.0
//! Callbacks that change the registry they are called from, and values that change under it.

use super::*;
use crate::RawValue;
use core::sync::atomic::{AtomicBool, Ordering};
use lwm2m_core::model::ModelError;
use lwm2m_core::model::Permissions;
use lwm2m_core::value::Value;
use std::vec;

type V = Value<&'static [u8]>;

/// Deletes the instance of [`one`] and makes its memory unusable.
fn delete_and_poison() {
    let node = registry().get_engine_obj_inst(OBJECT, 0);
    // SAFETY: the test's own nodes, poisoned as if their memory had been given back.
    unsafe {
        let resources = (*node).resources;
        let slots = (*resources).res_instances;
        registry().delete_obj_inst(OBJECT, 0).unwrap();
        node.write_bytes(0xdd, 1);
        resources.write_bytes(0xdd, 1);
        slots.write_bytes(0xdd, 1);
    }
}

#[test]
fn an_instance_deleted_inside_a_read_callback() {
    let world = World::new();
    let (resource, _) = one(LWM2M_RES_TYPE_U8, 1, 1);
    // SAFETY: the test's own node.
    unsafe { (*resource).read_cb = Some(read_cb) };
    let instance = world.instance(OBJECT, 0).unwrap();
    let resource = handle();
    then!(READ, |len: &mut usize| {
        delete_and_poison();
        *len = 1;
        Box::into_raw(Box::new(7u8)).cast()
    });
    // The value is what the callback said; everything after finds the instance gone.
    assert_eq!(
        world
            .read(&resource, 0)
            .map(|value| matches!(value, Value::Integer(7))),
        Ok(true)
    );
    assert_eq!(world.read(&resource, 0).err(), Some(ModelError::NotFound));
    assert_eq!(world.next_resource_instance(&resource, 0), None);
    assert!(world.resource(&instance, 0).is_none());
    assert!(
        world
            .next_resource(&instance, 0, Permissions::NONE)
            .is_none()
    );
    assert_eq!(
        world.write(&resource, 0, V::Integer(1)),
        Err(ModelError::NotFound)
    );
    assert_eq!(world.execute(&resource, b""), Err(ModelError::NotFound));
    world.clear(&resource);
}

#[test]
fn an_instance_deleted_inside_the_callbacks_of_a_write() {
    for stage in 0..3 {
        for server in [false, true] {
            let world = World::new();
            let (resource, _) = one(LWM2M_RES_TYPE_U8, 1, 1);
            // SAFETY: the test's own node.
            unsafe {
                match stage {
                    0 => (*resource).pre_write_cb = Some(pre_write_cb),
                    1 => (*resource).post_write_cb = Some(post_write_cb),
                    _ => world
                        .register_validate_callback(&VALUE, Some(validate_cb))
                        .unwrap_or(()),
                }
            }
            let resource = handle();
            then!(PRE_WRITE, |_: &mut usize| {
                delete_and_poison();
                bytes(1).cast()
            });
            then!(POST_WRITE, || {
                delete_and_poison();
                0
            });
            then!(VALIDATE, |_: &[u8]| {
                delete_and_poison();
                0
            });
            let gone = stage != 1 && (stage == 0 || cfg!(validation));
            if server {
                let checked = world.check(&resource, 0, V::Integer(1));
                assert_eq!(checked, Ok(()));
                let written = world.write(&resource, 0, V::Integer(1));
                assert_eq!(written.is_err(), gone, "{stage}: {written:?}");
            } else {
                let set = world.set(&VALUE, RawValue::bytes(&[1]));
                assert_eq!(set.is_err(), gone, "{stage}: {set:?}");
            }
            PRE_WRITE.take();
            POST_WRITE.take();
            VALIDATE.take();
        }
    }
}

#[test]
fn an_instance_replaced_inside_a_callback_is_the_one_that_is_used() {
    let world = World::new();
    let (resource, old) = one(LWM2M_RES_TYPE_U8, 1, 1);
    // SAFETY: the test's own node.
    unsafe { (*resource).read_cb = Some(read_cb) };
    let handle = handle();
    let value = bytes(1);
    // SAFETY: the test's own buffer.
    unsafe { value.cast::<u8>().write(9) };
    then!(READ, move |_: &mut usize| {
        delete_and_poison();
        instance(OBJECT, 0, vec![single(5, bytes(1), 1), single(0, value, 1)]);
        null_mut()
    });
    assert_eq!(world.read(&handle, 0).err(), Some(ModelError::NotFound));
    // The old handle finds the new resource, elsewhere in the table.
    assert!(matches!(world.read(&handle, 0), Ok(Value::Integer(9))));
    // SAFETY: the test's own buffer.
    assert_eq!(unsafe { old.read() }, 0);
}

#[test]
fn an_instance_created_inside_execute() {
    let world = World::new();
    let (resource, _) = one(LWM2M_RES_TYPE_NONE, 1, 0);
    // SAFETY: the test's own node.
    unsafe { (*resource).execute_cb = Some(execute_cb) };
    then!(EXECUTE, |_: &[u8]| {
        registry().create(OBJECT, None).unwrap();
        0
    });
    let handle = handle();
    assert_eq!(world.execute(&handle, b""), Ok(()));
    assert_eq!(world.next_instance(OBJECT, Some(0)), Some(1));
    assert_eq!(world.execute(&handle, b""), Ok(()));
}

#[test]
fn resource_instances_exchanged_inside_a_callback() {
    let world = World::new();
    let (resource, _) = one(LWM2M_RES_TYPE_U8, 1, 1);
    // SAFETY: the test's own node.
    unsafe {
        (*resource).post_write_cb = Some(post_write_cb);
        (*resource).multi_res_inst = 1;
    }
    let exchange = move || {
        let fresh = multiple(0, 3, 1);
        // SAFETY: the test's own nodes; the old slots are poisoned as if given back.
        unsafe {
            let old = (*resource).res_instances;
            (*resource).res_instances = fresh.res_instances;
            (*resource).res_inst_count = 3;
            old.write_bytes(0xdd, 1);
        }
        0
    };
    then!(POST_WRITE, exchange);
    let handle = handle();
    assert_eq!(world.write(&handle, 0, V::Integer(1)), Ok(true));
    assert_eq!(world.next_resource_instance(&handle, 0), None);
    assert_eq!(world.read(&handle, 0).err(), Some(ModelError::NotFound));
    assert_eq!(world.write(&handle, 2, V::Integer(1)), Ok(true));
    assert_eq!(world.next_resource_instance(&handle, 0), Some((0, 2)));
    // And between the parts of one value.
    post_written();
    drop(world);
    let world = World::new();
    let (resource, _) = one(LWM2M_RES_TYPE_OPAQUE, 2, 0);
    // SAFETY: the test's own node.
    unsafe { (*resource).post_write_cb = Some(post_write_cb) };
    let fresh = single(0, bytes(3), 0).res_instances;
    then!(POST_WRITE, move || {
        // SAFETY: as above.
        unsafe {
            (*resource).res_instances.write_bytes(0xdd, 1);
            (*resource).res_instances = fresh;
        }
        0
    });
    assert_eq!(
        world.write(&super::handle(), 0, V::Opaque(b"12345")),
        Ok(true)
    );
    let parts: Vec<_> = post_written().into_iter().map(|told| told.data).collect();
    assert_eq!(parts, [b"12".to_vec(), b"345".to_vec()]);
}

#[cfg(validation)]
#[test]
fn a_buffer_exchanged_inside_validate_is_the_one_that_is_written() {
    use crate::Buffer;
    for (data_type, room, expected) in [
        (LWM2M_RES_TYPE_U8, 1u16, Ok(())),
        (LWM2M_RES_TYPE_U8, 2, Err(crate::SetError::WrongSize)),
    ] {
        let world = World::new();
        let (_, old) = one(data_type, 1, 1);
        // SAFETY: the test's own callback.
        unsafe { world.register_validate_callback(&VALUE, Some(validate_cb)) }.unwrap();
        let fresh = bytes(2).cast::<u8>();
        then!(VALIDATE, move |_: &[u8]| {
            let buffer = Buffer {
                data: fresh.cast(),
                room,
                len: 0,
                flags: 0,
            };
            // SAFETY: the test's own buffer.
            unsafe { registry().set_res_buf(&VALUE, buffer) }.unwrap();
            0
        });
        assert_eq!(world.set(&VALUE, RawValue::bytes(&[5])), expected);
        // SAFETY: the test's own buffers.
        unsafe {
            assert_eq!(
                (old.read(), fresh.read()),
                (0, if expected.is_ok() { 5 } else { 0 })
            )
        };
    }
}

#[cfg(validation)]
#[test]
fn a_judgement_inside_a_judgement_is_refused() {
    let world = World::new();
    one(LWM2M_RES_TYPE_STRING, 8, 0);
    // SAFETY: the test's own callback.
    unsafe { world.register_validate_callback(&VALUE, Some(validate_cb)) }.unwrap();
    let handle = handle();
    then!(VALIDATE, move |_: &[u8]| {
        assert_eq!(
            registry().check(&handle, 0, V::String(b"b")),
            Err(ModelError::Internal)
        );
        0
    });
    assert_eq!(world.check(&handle, 0, V::String(b"a")), Ok(()));
    assert_eq!(world.check(&handle, 0, V::String(b"b")), Ok(()));
}

#[test]
fn a_setter_called_back_from_a_setter() {
    let world = World::new();
    let (resource, pointer) = one(LWM2M_RES_TYPE_U8, 1, 1);
    // SAFETY: the test's own node.
    unsafe { (*resource).post_write_cb = Some(post_write_cb) };
    then!(POST_WRITE, || {
        registry().set(&VALUE, RawValue::bytes(&[2])).unwrap();
        0
    });
    world.set(&VALUE, RawValue::bytes(&[1])).unwrap();
    // SAFETY: the test's own buffer.
    assert_eq!(unsafe { pointer.read() }, 2);
    assert_eq!(changed().len(), 2);
}

#[test]
fn a_value_written_at_once_by_another_thread_is_never_seen_half_written() {
    let world = World::new();
    let (_, pointer) = one(LWM2M_RES_TYPE_U32, 4, 4);
    static STOP: AtomicBool = AtomicBool::new(false);
    let address = pointer.expose_provenance();
    let writer = std::thread::spawn(move || {
        let pointer = core::ptr::with_exposed_provenance_mut::<u32>(address);
        let mut value = 0u32;
        while !STOP.load(Ordering::Relaxed) {
            value ^= u32::MAX;
            // SAFETY: the application's own variable, written without the registry lock.
            unsafe { pointer.write_volatile(value) };
        }
    });
    let handle = handle();
    for _ in 0..20_000 {
        let value = world.read(&handle, 0).unwrap();
        assert!(
            matches!(value, Value::Integer(0 | 0xffff_ffff)),
            "half written: {value:?}"
        );
    }
    STOP.store(true, Ordering::Relaxed);
    writer.join().unwrap();
}
