// SPDX-License-Identifier: Apache-2.0
//! The data cache, `CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT`: what a resource was set to and when,
//! in memory of the application, until a message has carried it to a server. The buffer is one of
//! Zephyr's ring buffers, which authors of objects may look at and take samples out of.

use crate::c_types::{
    LWM2M_PATH_LEVEL_RESOURCE, lwm2m_cache_filter_cb_t, lwm2m_engine_obj_field, lwm2m_obj_path,
    lwm2m_time_series_elem, lwm2m_time_series_resource, lwm2m_time_series_value, ring_buf,
    ring_buf_idx_t, ring_buf_index, sys_snode_t, time_t,
};
use crate::config::{CACHE_DROP_LATEST, MAX_CACHED_RESOURCES};
use crate::error::{CacheError, LookupError};
use crate::nodes::FieldNode;
use crate::registry::{Registry, Resource, core_path};
use crate::values::{self, AppBytes, TIME_SIZE, data_type, encode, value_at};
use core::cell::{Cell, UnsafeCell};
use core::ptr::null_mut;
use lwm2m_core::path::Path;
use lwm2m_core::time_series::{Samples, is_before};
use lwm2m_core::value::{DataType, Value};

/// Bytes of a sample.
const SAMPLE: u32 = size_of::<lwm2m_time_series_elem>() as u32;

/// The longest buffer whose positions tell full from empty, as Zephyr says of its own.
const LONGEST: u32 = (ring_buf_idx_t::MAX / 2) as u32;

/// The cached resources; the registry lock guards them.
struct Cache {
    entries: UnsafeCell<[lwm2m_time_series_resource; MAX_CACHED_RESOURCES]>,
    /// How many entries are used, from the first on.
    count: Cell<usize>,
    /// What has left each entry.
    left: [Cell<Left>; MAX_CACHED_RESOURCES],
    /// Of which type its values are.
    types: [Cell<DataType>; MAX_CACHED_RESOURCES],
}

/// Counts the samples that have left an entry, whoever took them.
#[derive(Clone, Copy)]
struct Left {
    samples: u32,
    /// Where the ring buffer's end was then.
    at: ring_buf_idx_t,
}

// SAFETY: every access goes through a `Registry`, whose constructor demands that the registry lock
// is held.
unsafe impl Sync for Cache {}

static CACHE: Cache = Cache {
    entries: UnsafeCell::new([UNUSED; MAX_CACHED_RESOURCES]),
    count: Cell::new(0),
    left: [const { Cell::new(Left { samples: 0, at: 0 }) }; MAX_CACHED_RESOURCES],
    types: [const { Cell::new(DataType::None) }; MAX_CACHED_RESOURCES],
};

const _: () = assert!(MAX_CACHED_RESOURCES <= u8::MAX as usize);

const NO_END: ring_buf_index = ring_buf_index {
    head: 0,
    tail: 0,
    base: 0,
};

const UNUSED: lwm2m_time_series_resource = lwm2m_time_series_resource {
    node: sys_snode_t::EMPTY,
    path: lwm2m_obj_path {
        obj_id: 0,
        obj_inst_id: 0,
        res_id: 0,
        res_inst_id: 0,
        level: 0,
    },
    filter_cb: None,
    rb: ring_buf {
        buffer: null_mut(),
        put: NO_END,
        get: NO_END,
        size: 0,
    },
};

impl Cache {
    /// The entry at `index`, used or not.
    fn at(&self, index: usize) -> Option<*mut lwm2m_time_series_resource> {
        let first = self.entries.get().cast::<lwm2m_time_series_resource>();
        // SAFETY: `index` is below the number of entries.
        (index < MAX_CACHED_RESOURCES).then(|| unsafe { first.add(index) })
    }

    /// The index of the entry with this path.
    fn find(&self, path: Path) -> Option<usize> {
        (0..self.count.get()).find(|&index| {
            self.at(index).is_some_and(|entry| {
                // SAFETY: an entry of the static, read under the lock.
                core_path(&unsafe { (&raw const (*entry).path).read() }) == path
            })
        })
    }

    fn entry(&self, path: &lwm2m_obj_path) -> Option<*mut lwm2m_time_series_resource> {
        self.at(self.find(core_path(path))?)
    }

    fn find_or_add(&self, path: &lwm2m_obj_path) -> Option<usize> {
        if let Some(index) = self.find(core_path(path)) {
            return Some(index);
        }
        let index = self.count.get();
        let entry = self.at(index)?;
        // SAFETY: an entry of the static, written under the lock.
        unsafe {
            entry.write(lwm2m_time_series_resource {
                path: *path,
                ..UNUSED
            });
        }
        self.count.set(index + 1);
        Some(index)
    }

    /// The samples of an entry. Looks which have left since the last time.
    fn samples(&self, index: usize) -> Option<Samples> {
        // SAFETY: an entry of the static, whose buffer is as the application said.
        let ring = unsafe { Ring::of(self.at(index)?) };
        let left = self.left.get(index)?;
        let Left { mut samples, at } = left.get();
        // SAFETY: live by the contract of `Ring::of`.
        let now = unsafe { ring.get().read() }.tail;
        samples = samples.wrapping_add(u32::from(now.wrapping_sub(at)) / SAMPLE);
        left.set(Left { samples, at: now });
        Some(Samples {
            cache: index as u8,
            first: samples,
            end: samples.wrapping_add(ring.used() / SAMPLE),
        })
    }

    /// Gives an entry another buffer; what it held has left.
    fn replace(&self, index: usize, rb: ring_buf) {
        let samples = self.samples(index).map_or(0, |samples| samples.end);
        if let (Some(entry), Some(left)) = (self.at(index), self.left.get(index)) {
            // SAFETY: an entry of the static, written under the lock.
            unsafe { (&raw mut (*entry).rb).write(rb) };
            left.set(Left {
                samples,
                at: rb.get.tail,
            });
        }
    }
}

/// A ring buffer of samples. Its positions count bytes and wrap; Zephyr's own functions may be used
/// on the same buffer.
#[derive(Clone, Copy)]
struct Ring(*mut ring_buf);

impl Ring {
    /// The ring buffer of an entry.
    ///
    /// # Safety
    /// The entry is live and its buffer, as long as it says, writable, while the ring is used.
    unsafe fn of(entry: *mut lwm2m_time_series_resource) -> Self {
        // SAFETY: by the contract; only the field's address is formed.
        Self(unsafe { &raw mut (*entry).rb })
    }

    fn get(self) -> *mut ring_buf_index {
        // SAFETY: live by the contract of `of`; only the field's address is formed.
        unsafe { &raw mut (*self.0).get }
    }

    fn put(self) -> *mut ring_buf_index {
        // SAFETY: as above.
        unsafe { &raw mut (*self.0).put }
    }

    fn size(self) -> u32 {
        // SAFETY: live by the contract of `of`.
        unsafe { (&raw const (*self.0).size).read() }
    }

    /// Bytes of samples in it.
    fn used(self) -> u32 {
        // SAFETY: live by the contract of `of`.
        let (put, get) = unsafe { (self.put().read(), self.get().read()) };
        u32::from(put.tail.wrapping_sub(get.head)).min(self.size())
    }

    fn has_room(self) -> bool {
        // SAFETY: live by the contract of `of`.
        let (put, get) = unsafe { (self.put().read(), self.get().read()) };
        let taken = u32::from(put.head.wrapping_sub(get.tail));
        self.size().saturating_sub(taken) >= SAMPLE
    }

    /// Where the sample `ahead` bytes from an end lies; `None`: it would be cut by the buffer's end,
    /// which whole samples never are.
    fn place(self, end: ring_buf_index, ahead: u32) -> Option<*mut lwm2m_time_series_elem> {
        let size = self.size();
        let mut offset = u32::from(end.tail.wrapping_sub(end.base)) + ahead;
        if offset >= size {
            offset -= size;
        }
        // SAFETY: live by the contract of `of`.
        let buffer = unsafe { (&raw const (*self.0).buffer).read() };
        if buffer.is_null() || size.checked_sub(offset)? < SAMPLE {
            return None;
        }
        // SAFETY: `SAMPLE` bytes from there on lie in the buffer, as just seen.
        Some(unsafe { buffer.add(offset as usize) }.cast())
    }

    /// Moves an end on by `bytes`.
    fn advance(self, end: *mut ring_buf_index, bytes: u32) {
        // SAFETY: live by the contract of `of`.
        let mut at = unsafe { end.read() };
        at.tail = at.tail.wrapping_add(bytes as ring_buf_idx_t);
        at.head = at.tail;
        if u32::from(at.tail.wrapping_sub(at.base)) >= self.size() {
            at.base = at.base.wrapping_add(self.size() as ring_buf_idx_t);
        }
        // SAFETY: as above.
        unsafe { end.write(at) };
    }

    /// Appends a sample. When there is no room for it, this one goes or the oldest. Returns whether
    /// it is in.
    ///
    /// # Safety
    /// A sample is readable at `sample`.
    unsafe fn append(self, sample: *const lwm2m_time_series_elem, drop_latest: bool) -> bool {
        if !self.has_room() {
            if drop_latest || self.used() < SAMPLE {
                return false;
            }
            self.advance(self.get(), SAMPLE);
        }
        // SAFETY: live by the contract of `of`.
        let Some(place) = self.place(unsafe { self.put().read() }, 0) else {
            return false;
        };
        // SAFETY: both are as long as a sample, by the contract and by `place`; they may be of any
        // alignment, and the same.
        unsafe {
            place.cast::<u8>().copy_from(sample.cast(), SAMPLE as usize);
        }
        self.advance(self.put(), SAMPLE);
        true
    }

    /// The sample `ahead` bytes behind the oldest.
    fn sample(self, ahead: u32) -> Option<lwm2m_time_series_elem> {
        if self.used().checked_sub(ahead)? < SAMPLE {
            return None;
        }
        // SAFETY: live by the contract of `of`; a sample lies there.
        unsafe { Some(self.place(self.get().read(), ahead)?.read_unaligned()) }
    }
}

impl Registry<'_> {
    /// Caches a resource: `lwm2m_enable_cache`. One that is cached begins anew with this buffer, and
    /// keeps its filter.
    ///
    /// # Safety
    /// `samples` is null, or `count` samples are writable there until the cache gets another buffer.
    ///
    /// # Errors
    /// See [`CacheError`].
    pub unsafe fn enable_cache(
        &self,
        path: &lwm2m_obj_path,
        samples: *mut lwm2m_time_series_elem,
        count: usize,
    ) -> Result<(), CacheError> {
        let nodes = self.path_to_objs(path)?;
        if nodes.res_inst.is_null() {
            return Err(LookupError::NotFound.into());
        }
        if path.level < LWM2M_PATH_LEVEL_RESOURCE || (samples.is_null() && count > 0) {
            return Err(LookupError::Level.into());
        }
        let data_type = fixed_size_type(nodes.obj_field).ok_or(CacheError::NoRoom)?;
        let index = CACHE.find_or_add(path).ok_or(CacheError::NoRoom)?;
        let longest = (LONGEST / SAMPLE) as usize;
        let rb = ring_buf {
            buffer: samples.cast(),
            size: count.min(longest) as u32 * SAMPLE,
            ..UNUSED.rb
        };
        CACHE.replace(index, rb);
        if let Some(types) = CACHE.types.get(index) {
            types.set(data_type);
        }
        Ok(())
    }

    /// Says which samples enter: `lwm2m_set_cache_filter`.
    ///
    /// # Safety
    /// `filter` may be called with the registry lock held, at any time.
    ///
    /// # Errors
    /// [`CacheError::NotCached`].
    pub unsafe fn set_cache_filter(
        &self,
        path: &lwm2m_obj_path,
        filter: lwm2m_cache_filter_cb_t,
    ) -> Result<(), CacheError> {
        let entry = CACHE.entry(path).ok_or(CacheError::NotCached)?;
        // SAFETY: an entry of the static, written under the lock.
        unsafe { (&raw mut (*entry).filter_cb).write(filter) };
        Ok(())
    }

    /// The cached resource with this path, null when it is not cached:
    /// `lwm2m_cache_entry_get_by_object`.
    #[must_use]
    pub fn cache_entry(&self, path: &lwm2m_obj_path) -> *mut lwm2m_time_series_resource {
        if path.level < LWM2M_PATH_LEVEL_RESOURCE {
            return null_mut();
        }
        CACHE.entry(path).unwrap_or(null_mut())
    }

    /// Appends a sample: `lwm2m_cache_write`.
    ///
    /// # Safety
    /// `entry` is live, `sample` readable; the entry's buffer is as long as it says.
    #[must_use]
    pub unsafe fn cache_write(
        &self,
        entry: *mut lwm2m_time_series_resource,
        sample: *const lwm2m_time_series_elem,
    ) -> bool {
        // SAFETY: by the contract.
        unsafe { Ring::of(entry).append(sample, CACHE_DROP_LATEST) }
    }

    /// Takes the oldest sample out: `lwm2m_cache_read`; `None`: there is none.
    ///
    /// # Safety
    /// `entry` is live; its buffer is as long as it says.
    #[must_use]
    pub unsafe fn cache_read(
        &self,
        entry: *mut lwm2m_time_series_resource,
    ) -> Option<lwm2m_time_series_elem> {
        // SAFETY: by the contract.
        let ring = unsafe { Ring::of(entry) };
        let sample = ring.sample(0)?;
        ring.advance(ring.get(), SAMPLE);
        Some(sample)
    }

    /// How many samples there are: `lwm2m_cache_size`.
    ///
    /// # Safety
    /// `entry` is live.
    #[must_use]
    pub unsafe fn cache_size(&self, entry: *const lwm2m_time_series_resource) -> usize {
        // SAFETY: by the contract; nothing is written.
        (unsafe { Ring::of(entry.cast_mut()) }.used() / SAMPLE) as usize
    }

    /// Notes the `len` bytes at `pointer`, which the resource was set to, if it is cached. The
    /// filter is asked: the nodes are stale afterwards. Returns whether it is cached.
    ///
    /// # Safety
    /// `len` bytes are readable at `pointer`.
    pub(crate) unsafe fn note_sample(
        &self,
        path: &lwm2m_obj_path,
        resource: &Resource,
        pointer: *const u8,
        len: usize,
    ) -> bool {
        if CACHE.count.get() == 0 {
            return false;
        }
        let found = CACHE.find(core_path(path));
        let Some((index, entry)) = found.and_then(|index| Some((index, CACHE.at(index)?))) else {
            return false;
        };
        // SAFETY: by the contract.
        let Some(sample) = (unsafe { sample_of(resource.data_type, pointer, len) }) else {
            return true;
        };
        // SAFETY: an entry of the static, read under the lock.
        let filter = unsafe { (&raw const (*entry).filter_cb).read() };
        if let Some(filter) = filter {
            // SAFETY: the application's callback, called as its type says, under the lock. The path
            // is in the static for good, the sample on the stack until it returns.
            let keep = self.call(|| unsafe { filter(&raw const (*entry).path, &raw const sample) });
            if keep == 0 {
                return true;
            }
        }
        // SAFETY: an entry of the static; the application said that its buffer is writable.
        unsafe { Ring::of(entry).append(&raw const sample, CACHE_DROP_LATEST) };
        if let Some(data_type) = CACHE.types.get(index) {
            data_type.set(resource.data_type);
        }
        // Counts what left, before the positions have wrapped.
        CACHE.samples(index);
        true
    }

    /// Whether there are samples of anything.
    pub(crate) fn any_samples(&self) -> bool {
        (0..CACHE.count.get())
            .filter_map(|index| CACHE.samples(index))
            .any(|samples| samples.first != samples.end)
    }

    /// The samples of a resource instance, if it is cached.
    pub(crate) fn samples_of(&self, resource: &Resource, id: u16) -> Option<Samples> {
        if CACHE.count.get() == 0 {
            return None;
        }
        let index = CACHE.find(self.changed_path(resource, id))?;
        CACHE
            .samples(index)
            .filter(|samples| samples.first != samples.end)
    }

    /// A sample: its time and value.
    pub(crate) fn sample_at(&self, cache: u8, position: u32) -> Option<(i64, Value<AppBytes>)> {
        let index = usize::from(cache);
        let first = CACHE.samples(index)?.first;
        let entry = CACHE.at(index)?;
        // SAFETY: an entry of the static; its buffer is as the application said.
        let ring = unsafe { Ring::of(entry) };
        let sample = ring.sample(position.wrapping_sub(first).checked_mul(SAMPLE)?)?;
        let data_type = CACHE.types.get(index)?.get();
        let size = match data_type {
            DataType::Time => TIME_SIZE,
            _ => size_of::<lwm2m_time_series_value>(),
        };
        // SAFETY: so many bytes of the sample on the stack; a cached value is no string or opaque, so
        // nothing refers to them afterwards.
        let value = unsafe { value_at((&raw const sample.value).cast(), size, data_type) };
        // Narrower on some targets.
        #[allow(clippy::useless_conversion)]
        Some((i64::from(sample.t), value.ok()?))
    }

    /// Takes samples out that a server has, unless some before them are still there.
    pub(crate) fn take_samples(&self, taken: Samples) {
        let index = usize::from(taken.cache);
        let (Some(samples), Some(entry)) = (CACHE.samples(index), CACHE.at(index)) else {
            return;
        };
        if !is_before(samples.first, taken.first) && is_before(samples.first, taken.end) {
            // SAFETY: an entry of the static; its buffer is as the application said.
            let ring = unsafe { Ring::of(entry) };
            let count = taken.end.wrapping_sub(samples.first);
            let bytes = count
                .saturating_mul(SAMPLE)
                .min(ring.used() / SAMPLE * SAMPLE);
            ring.advance(ring.get(), bytes);
        }
    }
}

/// The type of a definition. Only values of a fixed size are cached, and no object links, as in C.
fn fixed_size_type(field: *mut lwm2m_engine_obj_field) -> Option<DataType> {
    // SAFETY: a field that was just found, and no callback ran since.
    let data_type = data_type(unsafe { FieldNode::new(field) }?.data_type());
    let fixed = matches!(
        data_type,
        DataType::Boolean | DataType::Time | DataType::Float
    );
    (fixed || data_type.integer_range().is_some()).then_some(data_type)
}

/// The sample that the `len` bytes at `pointer` make now; `None`: they are no value of the type, or
/// nobody knows what time it is.
///
/// # Safety
/// `len` bytes are readable at `pointer`.
unsafe fn sample_of(
    data_type: DataType,
    pointer: *const u8,
    len: usize,
) -> Option<lwm2m_time_series_elem> {
    let t = now();
    if t <= 0 {
        return None;
    }
    let room = match data_type {
        DataType::Time => TIME_SIZE,
        _ => 8,
    };
    // SAFETY: by the contract.
    let value = unsafe { value_at(pointer, len, data_type) }.ok()?;
    let (bits, size) = encode(&value, data_type, room).ok()?;
    let mut value = lwm2m_time_series_value { u64: 0 };
    // SAFETY: `size` is at most the eight bytes of the union, each of whose members is at its front.
    unsafe { values::store((&raw mut value).cast(), bits, size) };
    Some(lwm2m_time_series_elem { t, value })
}

/// Seconds since 1970 by the clock of the C library, which is the application's to set.
#[cfg(not(test))]
fn now() -> time_t {
    unsafe extern "C" {
        fn time(result: *mut time_t) -> time_t;
    }
    // SAFETY: null: the time is returned only.
    unsafe { time(null_mut()) }
}

#[cfg(test)]
std::thread_local! {
    /// The time that samples get in tests.
    static NOW: Cell<time_t> = const { Cell::new(0) };
}

#[cfg(test)]
fn now() -> time_t {
    NOW.get()
}

#[cfg(test)]
mod tests;
