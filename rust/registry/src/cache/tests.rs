// SPDX-License-Identifier: Apache-2.0
//! The data cache as applications use it.

use super::*;
use crate::RawValue;
use crate::error::SetError;
use crate::tests::{VALUE, World, bytes, handle, one, post_written, registry};
use lwm2m_core::model::DataModel;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::vec::Vec;

use crate::c_types::*;

std::thread_local! {
    static SEEN: RefCell<Vec<(time_t, f64)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps even numbers.
unsafe extern "C" fn even(
    path: *const lwm2m_obj_path,
    sample: *const lwm2m_time_series_elem,
) -> u8 {
    // SAFETY: what the registry passes to the filter.
    let (path, sample) = unsafe { (path.read(), sample.read()) };
    assert_eq!(core_path(&path), core_path(&VALUE));
    // SAFETY: the resource of the test is a float.
    let value = unsafe { sample.value.f };
    SEEN.with_borrow_mut(|seen| seen.push((sample.t, value)));
    u8::from(value % 2.0 == 0.0)
}

/// Deletes the instance that is being set.
unsafe extern "C" fn deletes(_: *const lwm2m_obj_path, _: *const lwm2m_time_series_elem) -> u8 {
    registry()
        .delete_obj_inst(VALUE.obj_id, VALUE.obj_inst_id)
        .unwrap();
    1
}

/// Room for `count` samples.
fn room(count: usize) -> *mut lwm2m_time_series_elem {
    bytes(count * SAMPLE as usize).cast()
}

/// A registry where nothing is cached, at the time 1000.
fn world() -> World {
    let world = World::new();
    CACHE.count.set(0);
    NOW.set(1000);
    world
}

fn enable(world: &World, count: usize) -> Result<(), CacheError> {
    // SAFETY: the buffer has that much room and is never freed.
    unsafe { world.enable_cache(&VALUE, room(count), count) }
}

/// What the cache of the resource holds, emptying it: times and bits.
fn drain(world: &World) -> Vec<(time_t, u64)> {
    let entry = world.cache_entry(&VALUE);
    let mut samples = Vec::new();
    // SAFETY: an entry of the cache, with a buffer of the test's.
    unsafe {
        let count = world.cache_size(entry);
        while let Some(sample) = world.cache_read(entry) {
            samples.push((sample.t, sample.value.u64));
        }
        assert_eq!((samples.len(), world.cache_size(entry)), (count, 0));
    }
    samples
}

#[test]
fn each_value_of_a_fixed_size_enters_with_its_time() {
    for (data_type, value, expected) in [
        (LWM2M_RES_TYPE_U8, &[0xfe_u8][..], 0xfe),
        (LWM2M_RES_TYPE_S8, &[0xfe], 0xfe),
        (LWM2M_RES_TYPE_U16, &[2, 1], 0x102),
        (LWM2M_RES_TYPE_S16, &[2, 0x81], 0x8102),
        (LWM2M_RES_TYPE_U32, &[4, 3, 2, 1], 0x0102_0304),
        (LWM2M_RES_TYPE_S32, &[4, 3, 2, 0x81], 0x8102_0304),
        (
            LWM2M_RES_TYPE_S64,
            &[1, 0, 0, 0, 0, 0, 0, 0x80],
            1 << 63 | 1,
        ),
        (LWM2M_RES_TYPE_BOOL, &[1], 1),
        (
            LWM2M_RES_TYPE_FLOAT,
            &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
            1.0_f64.to_bits(),
        ),
        (LWM2M_RES_TYPE_TIME, &[4, 3, 2, 1], 0x0102_0304),
    ] {
        let world = world();
        one(data_type, value.len(), value.len());
        assert_eq!(enable(&world, 2), Ok(()), "{data_type}");
        assert_eq!(world.set(&VALUE, RawValue::bytes(value)), Ok(()));
        NOW.set(1001);
        // The same value again is no change, but a sample.
        assert_eq!(world.set(&VALUE, RawValue::bytes(value)), Ok(()));
        assert_eq!(
            drain(&world),
            [(1000, expected), (1001, expected)],
            "{data_type}"
        );
    }
    for data_type in [
        LWM2M_RES_TYPE_STRING,
        LWM2M_RES_TYPE_OPAQUE,
        LWM2M_RES_TYPE_OBJLNK,
    ] {
        let world = world();
        one(data_type, 4, 4);
        assert_eq!(enable(&world, 2), Err(CacheError::NoRoom), "{data_type}");
        assert!(world.cache_entry(&VALUE).is_null());
    }
}

#[test]
fn only_resources_that_are_there_are_cached_and_as_many_as_configured() {
    let world = world();
    one(LWM2M_RES_TYPE_U8, 1, 1);
    let at = |path: lwm2m_obj_path, samples, count| {
        // SAFETY: null, or a buffer that has that much room and is never freed.
        unsafe { world.enable_cache(&path, samples, count) }
    };
    let missing = CacheError::Lookup(LookupError::NotFound);
    let level = CacheError::Lookup(LookupError::Level);
    let path = |obj_inst_id, res_id, res_inst_id, level| lwm2m_obj_path {
        obj_inst_id,
        res_id,
        res_inst_id,
        level,
        ..VALUE
    };
    assert_eq!(at(path(1, 0, 0, 3), room(1), 1), Err(missing));
    assert_eq!(at(path(0, 1, 0, 3), room(1), 1), Err(missing));
    assert_eq!(at(path(0, 0, 1, 4), room(1), 1), Err(missing));
    assert_eq!(at(path(0, 0, 0, 2), room(1), 1), Err(level));
    assert_eq!(at(VALUE, null_mut(), 1), Err(level));
    assert_eq!(at(VALUE, null_mut(), 0), Ok(()));
    // A path that names the resource instance is another one, as in C.
    assert_eq!(at(path(0, 0, 0, 4), room(1), 1), Ok(()));
    assert!(!world.cache_entry(&VALUE).is_null());
    assert!(world.cache_entry(&path(0, 0, 0, 2)).is_null());
    assert_ne!(
        world.cache_entry(&VALUE),
        world.cache_entry(&path(0, 0, 0, 4))
    );
    // SAFETY: nothing is done with null.
    let filter = unsafe { world.set_cache_filter(&path(0, 1, 0, 3), None) };
    assert_eq!(filter, Err(CacheError::NotCached));
    CACHE.count.set(MAX_CACHED_RESOURCES);
    assert_eq!(at(VALUE, room(1), 1), Ok(()));
    // SAFETY: the entry is the cache's.
    unsafe { (*world.cache_entry(&VALUE)).path.level = 4 };
    assert_eq!(at(VALUE, room(1), 1), Err(CacheError::NoRoom));
}

#[test]
fn what_the_filter_or_the_validate_callback_refuses_does_not_enter() {
    let world = world();
    one(LWM2M_RES_TYPE_FLOAT, 8, 8);
    assert_eq!(enable(&world, 8), Ok(()));
    // SAFETY: the test's own filter.
    let filtered = unsafe { world.set_cache_filter(&VALUE, Some(even)) };
    assert_eq!(filtered, Ok(()));
    for value in [1.0_f64, 2.0, 3.0] {
        assert_eq!(
            world.set(&VALUE, RawValue::bytes(&value.to_ne_bytes())),
            Ok(())
        );
    }
    assert_eq!(SEEN.take(), [(1000, 1.0), (1000, 2.0), (1000, 3.0)]);
    assert_eq!(drain(&world), [(1000, 2.0_f64.to_bits())]);
    #[cfg(validation)]
    {
        // SAFETY: the tests' own callback.
        unsafe { world.register_validate_callback(&VALUE, Some(crate::tests::validate_cb)) }
            .unwrap();
        crate::tests::then!(VALIDATE, |_: &[u8]| -22);
        let set = world.set(&VALUE, RawValue::bytes(&4.0_f64.to_ne_bytes()));
        assert_eq!(set, Err(SetError::Refused));
        assert_eq!((SEEN.take(), drain(&world)), (Vec::new(), Vec::new()));
    }
    // Cached anew, it keeps the filter and loses its samples.
    assert_eq!(
        world.set(&VALUE, RawValue::bytes(&6.0_f64.to_ne_bytes())),
        Ok(())
    );
    assert_eq!(enable(&world, 4), Ok(()));
    assert_eq!(
        world.set(&VALUE, RawValue::bytes(&7.0_f64.to_ne_bytes())),
        Ok(())
    );
    assert_eq!(SEEN.take().len(), 2);
    assert_eq!(drain(&world), []);
}

#[test]
fn nothing_enters_while_nobody_knows_the_time() {
    let world = world();
    one(LWM2M_RES_TYPE_U8, 1, 1);
    assert_eq!(enable(&world, 2), Ok(()));
    for time in [0, -1] {
        NOW.set(time);
        assert_eq!(world.set(&VALUE, RawValue::bytes(&[1])), Ok(()));
    }
    assert_eq!(drain(&world), []);
}

#[test]
fn a_filter_may_delete_what_is_being_set() {
    let world = world();
    let (resource, _) = one(LWM2M_RES_TYPE_U8, 1, 1);
    // SAFETY: the test's own node and callbacks.
    unsafe {
        (*resource).post_write_cb = Some(crate::tests::post_write_cb);
        assert_eq!(enable(&world, 2), Ok(()));
        assert_eq!(world.set_cache_filter(&VALUE, Some(deletes)), Ok(()));
    }
    let set = world.set(&VALUE, RawValue::bytes(&[1]));
    assert_eq!(set, Err(SetError::Lookup(LookupError::NotFound)));
    assert_eq!(post_written(), []);
    assert_eq!(drain(&world), [(1000, 1)]);
}

#[test]
fn a_cache_without_room_takes_nothing() {
    let world = world();
    one(LWM2M_RES_TYPE_U8, 1, 1);
    assert_eq!(enable(&world, 0), Ok(()));
    assert_eq!(world.set(&VALUE, RawValue::bytes(&[1])), Ok(()));
    assert_eq!(drain(&world), []);
    // More than a ring buffer's positions can tell apart is not used.
    // SAFETY: never filled beyond the room there is.
    let enabled = unsafe { world.enable_cache(&VALUE, room(1), usize::MAX) };
    assert_eq!(enabled, Ok(()));
    // SAFETY: an entry of the cache.
    let size = unsafe { (*world.cache_entry(&VALUE)).rb.size };
    assert!(size <= LONGEST && size > LONGEST - SAMPLE);
}

/// Against a queue, until the positions have wrapped several times.
#[test]
fn a_full_cache_drops_the_oldest_or_the_latest() {
    let _world = world();
    for drop_latest in [false, true] {
        for capacity in [1, 2, 5] {
            let mut entry = lwm2m_time_series_resource {
                rb: ring_buf {
                    buffer: room(capacity).cast(),
                    size: capacity as u32 * SAMPLE,
                    ..UNUSED.rb
                },
                ..UNUSED
            };
            // SAFETY: the buffer has that much room, and the entry outlives the ring.
            let ring = unsafe { Ring::of(&raw mut entry) };
            let mut expected = VecDeque::new();
            let mut random = 1_u32;
            for t in 1..20_000 {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if random >> 24 & 3 == 0 {
                    let taken = ring.sample(0).map(|sample| sample.t);
                    if taken.is_some() {
                        ring.advance(ring.get(), SAMPLE);
                    }
                    assert_eq!(taken, expected.pop_front());
                } else {
                    let sample = lwm2m_time_series_elem {
                        t,
                        value: lwm2m_time_series_value { u64: 0 },
                    };
                    // SAFETY: a sample on the stack.
                    let entered = unsafe { ring.append(&raw const sample, drop_latest) };
                    let full = expected.len() == capacity;
                    assert_eq!(entered, !(full && drop_latest));
                    if full && !drop_latest {
                        expected.pop_front();
                    }
                    if entered {
                        expected.push_back(t);
                    }
                }
                let held = (0..)
                    .map_while(|at| ring.sample(at * SAMPLE))
                    .map(|sample| sample.t);
                assert!(held.eq(expected.iter().copied()));
            }
        }
    }
}

/// Positions and times of what the data model gives.
fn series(world: &World) -> Vec<(u32, i64)> {
    let Some(Samples { cache, first, end }) = world.samples(&handle(), 0) else {
        return Vec::new();
    };
    let positions = (0..end.wrapping_sub(first)).map(|offset| first.wrapping_add(offset));
    let times = positions.map(|at| (at, world.sample(cache, at).unwrap().0));
    let all: Vec<_> = times.collect();
    assert_eq!(world.sample(cache, end).map(|(time, _)| time), None);
    assert_eq!(
        world
            .sample(cache, first.wrapping_sub(1))
            .map(|(time, _)| time),
        None
    );
    all
}

#[test]
fn samples_keep_their_positions_until_they_leave() {
    let world = world();
    one(LWM2M_RES_TYPE_S16, 2, 2);
    assert_eq!(enable(&world, 3), Ok(()));
    assert_eq!(series(&world), []);
    let set = |time, value: i16| {
        NOW.set(time);
        assert_eq!(
            world.set(&VALUE, RawValue::bytes(&value.to_ne_bytes())),
            Ok(())
        );
    };
    for value in 1..=3 {
        set(100 + time_t::from(value), -value);
    }
    let [(a, 101), (b, 102), (c, 103)] = series(&world)[..] else {
        panic!("{:?}", series(&world));
    };
    let Some((102, Value::Integer(-2))) = world.sample(0, b) else {
        panic!("{:?}", world.sample(0, b));
    };
    let samples = |first, end| Samples {
        cache: 0,
        first,
        end,
    };
    // Not before what came before it.
    world.delivered(samples(b, c));
    assert_eq!(series(&world), [(a, 101), (b, 102), (c, 103)]);
    // The application may take one, and a full cache drop one.
    // SAFETY: an entry of the cache.
    let _ = unsafe { world.cache_read(world.cache_entry(&VALUE)) };
    set(104, 4);
    set(105, 5);
    let d = c.wrapping_add(1);
    assert_eq!(
        series(&world),
        [(c, 103), (d, 104), (d.wrapping_add(1), 105)]
    );
    world.delivered(samples(a, c));
    assert_eq!(series(&world).len(), 3, "those have left already");
    world.delivered(samples(a, d));
    assert_eq!(series(&world), [(d, 104), (d.wrapping_add(1), 105)]);
    // With another buffer nothing that was carried is there any more.
    assert_eq!(enable(&world, 3), Ok(()));
    set(106, 6);
    world.delivered(samples(d, d.wrapping_add(2)));
    assert_eq!(series(&world), [(d.wrapping_add(2), 106)]);
    world.delivered(samples(d.wrapping_add(2), d.wrapping_add(9)));
    assert_eq!(series(&world), []);
}
