// SPDX-License-Identifier: Apache-2.0
//! The sorted index over the two lists: (object, instance) to node, and object to node. It is a
//! cache: the lists are the truth. Every use compares the lists' ends with the remembered ones, a
//! hit is verified against the numbers in the node, and any difference rebuilds. When not all keys fit
//! it holds a window of them, without gaps: a look-up elsewhere walks the lists, as the C does, and
//! going through the keys in order moves the window, which is one walk for as many as fit.

use crate::c_types::{lwm2m_engine_obj, lwm2m_engine_obj_inst, sys_slist_t, sys_snode_t};
use crate::config::INDEX_SIZE;
use crate::lists;
use crate::nodes::{InstanceNode, ObjectNode};
use core::cell::{Cell, UnsafeCell};
use core::ptr::null_mut;

/// In the place of an instance id: the object itself. 65535 is no valid id.
const OBJECT: u16 = 65_535;

/// `object` above `instance`, so that keys sort as paths do, each object behind its instances.
const fn key(object: u16, instance: u16) -> u32 {
    (object as u32) << 16 | instance as u32
}

const fn key_object(key: u32) -> u16 {
    (key >> 16) as u16
}

const fn key_instance(key: u32) -> u16 {
    key as u16
}

#[derive(Clone, Copy)]
struct Entry {
    key: u32,
    node: *mut sys_snode_t,
}

/// The lists and their index. The registry lock guards all of it.
pub(crate) struct Store {
    objects: UnsafeCell<sys_slist_t>,
    instances: UnsafeCell<sys_slist_t>,
    entries: UnsafeCell<[Entry; INDEX_SIZE]>,
    len: Cell<usize>,
    /// The ends of the lists when the index was last right.
    seen: Cell<(sys_slist_t, sys_slist_t)>,
    /// The first key of the window.
    from: Cell<u32>,
    /// How many keys there are above the window's last one. (None to begin with, so that all of this is
    /// zero and takes no room in flash.)
    above: Cell<u32>,
    /// Nodes were left out of the window because others have their keys.
    shadowed: Cell<bool>,
    /// Counts application callbacks, registrations, creations and deletions.
    epoch: Cell<u32>,
    /// The epoch in which a list last changed: what was looked up before is looked up again.
    changed_in: Cell<u32>,
    /// The epoch in which the lists' ends were last looked at: only a callback moves them meanwhile.
    looked_in: Cell<u32>,
}

impl Store {
    pub(crate) const fn new() -> Self {
        Self {
            objects: UnsafeCell::new(sys_slist_t::EMPTY),
            instances: UnsafeCell::new(sys_slist_t::EMPTY),
            entries: UnsafeCell::new(
                [Entry {
                    key: 0,
                    node: null_mut(),
                }; INDEX_SIZE],
            ),
            len: Cell::new(0),
            seen: Cell::new((sys_slist_t::EMPTY, sys_slist_t::EMPTY)),
            from: Cell::new(0),
            above: Cell::new(0),
            shadowed: Cell::new(false),
            epoch: Cell::new(0),
            changed_in: Cell::new(0),
            looked_in: Cell::new(0),
        }
    }

    /// The list of objects.
    pub(crate) fn objects(&self) -> *mut sys_slist_t {
        self.objects.get()
    }

    /// The list of instances.
    pub(crate) fn instances(&self) -> *mut sys_slist_t {
        self.instances.get()
    }

    /// The epoch in which a look-up happens.
    pub(crate) fn epoch(&self) -> u32 {
        self.epoch.get()
    }

    /// An application callback runs now, which may do anything.
    #[inline]
    pub(crate) fn next_epoch(&self) {
        self.epoch.set(self.epoch.get().wrapping_add(1));
    }

    /// Whether a node looked up in `epoch` is still the right one.
    #[inline]
    pub(crate) fn unchanged_since(&self, epoch: u32) -> bool {
        self.epoch.get() == epoch || self.lists_unchanged_since(epoch)
    }

    /// As [`Store::unchanged_since`], after callbacks, which may have changed a list themselves.
    #[inline(never)]
    fn lists_unchanged_since(&self, epoch: u32) -> bool {
        if self.looked_in.get() != self.epoch.get() {
            self.refresh();
            self.looked_in.set(self.epoch.get());
        }
        epoch.wrapping_sub(self.changed_in.get()) <= u32::MAX / 2
    }

    /// The object with this id; of several, the first registered.
    pub(crate) fn object(&self, object: u16) -> Option<ObjectNode> {
        // SAFETY: a node found for `OBJECT` is the first field of a registered object, which stays
        // live while it is registered.
        unsafe { ObjectNode::new(self.find(key(object, OBJECT)).cast()) }
    }

    /// The instance with these numbers; of several, the first registered.
    pub(crate) fn instance(&self, object: u16, instance: u16) -> Option<InstanceNode> {
        if instance == OBJECT {
            return None;
        }
        // SAFETY: a node found for an instance id is the first field of a listed instance, which
        // stays live while it is listed.
        unsafe { InstanceNode::new(self.find(key(object, instance)).cast()) }
    }

    /// The object with the smallest id above `after`.
    pub(crate) fn next_object(&self, after: Option<u16>) -> Option<ObjectNode> {
        let mut from = match after {
            None => 0,
            Some(id) => id.checked_add(1)?,
        };
        loop {
            let id = key_object(self.seek(key(from, 0))?.key);
            if let Some(object) = self.object(id) {
                return Some(object);
            }
            // Instances of an object that is not registered any more.
            from = id.checked_add(1)?;
        }
    }

    /// The instance of `object` with the smallest id above `after`.
    pub(crate) fn next_instance(&self, object: u16, after: Option<u16>) -> Option<InstanceNode> {
        let from = match after {
            None => 0,
            Some(id) => id.checked_add(1)?,
        };
        loop {
            let entry = self.seek(key(object, from))?;
            if key_object(entry.key) != object || key_instance(entry.key) == OBJECT {
                return None;
            }
            if verified(entry.key, entry.node) {
                // SAFETY: a node under an instance's key is the first field of a listed instance.
                return unsafe { InstanceNode::new(entry.node.cast()) };
            }
            self.rebuild();
        }
    }

    /// The smallest key that is not below `from`; its node is not verified.
    fn seek(&self, mut from: u32) -> Option<Entry> {
        self.refresh();
        loop {
            let position = self.position(from);
            match self.entry(position) {
                // Between two entries there is no other key, nor before the first that is covered.
                Some(entry) if position > 0 || from >= self.from.get() => return Some(entry),
                _ if self.covers(from) => from = self.last().checked_add(1)?,
                _ => self.fill(from),
            }
        }
    }

    /// Appends an object; `false`: it is listed already.
    ///
    /// # Safety
    /// The object is live until [`Store::remove_object`].
    pub(crate) unsafe fn add_object(&self, object: ObjectNode) -> bool {
        self.refresh();
        let node = object.as_ptr().cast::<sys_snode_t>();
        // SAFETY: listed objects are live, and no callback runs here.
        if unsafe { lists::walk(self.objects()) }.any(|other| other == node) {
            return false;
        }
        // SAFETY: `object` is live by the contract and, as just seen, not listed.
        unsafe { lists::append(self.objects(), node) };
        self.insert(key(object.id(), OBJECT), node);
        self.changed();
        true
    }

    /// Takes an object out; `false`: it was not listed.
    pub(crate) fn remove_object(&self, object: ObjectNode) -> bool {
        self.refresh();
        let node = object.as_ptr().cast();
        // SAFETY: listed objects are live.
        let listed = unsafe { lists::remove(self.objects(), node) };
        if listed {
            self.forget(key(object.id(), OBJECT), node);
        }
        listed
    }

    /// Appends an instance whose numbers are set.
    ///
    /// # Safety
    /// The instance is in no list, and live until [`Store::remove_instance`]; so is its object.
    pub(crate) unsafe fn add_instance(&self, instance: InstanceNode) {
        self.refresh();
        let node = instance.as_ptr().cast();
        // SAFETY: by the contract.
        unsafe { lists::append(self.instances(), node) };
        if let Some(object) = instance.object() {
            self.insert(key(object.id(), instance.id()), node);
        }
        self.changed();
    }

    /// Takes an instance out; `false`: it was not listed.
    pub(crate) fn remove_instance(&self, instance: InstanceNode) -> bool {
        self.refresh();
        let node = instance.as_ptr().cast();
        // SAFETY: listed instances are live.
        let listed = unsafe { lists::remove(self.instances(), node) };
        if listed {
            match instance.object() {
                Some(object) => self.forget(key(object.id(), instance.id()), node),
                None => self.rebuild(),
            }
        }
        listed
    }

    /// A list changed.
    fn changed(&self) {
        self.next_epoch();
        self.changed_in.set(self.epoch.get());
        self.seen.set(self.ends());
    }

    fn ends(&self) -> (sys_slist_t, sys_slist_t) {
        (lists::ends(self.objects()), lists::ends(self.instances()))
    }

    /// Rebuilds if an application changed a list itself.
    #[inline]
    fn refresh(&self) {
        if self.seen.get() != self.ends() {
            self.rebuild();
        }
    }

    #[cold]
    fn rebuild(&self) {
        self.fill(self.from.get());
        self.changed();
    }

    /// Moves the window: the smallest keys from `from` on, as many as fit.
    #[cold]
    fn fill(&self, from: u32) {
        self.from.set(from);
        self.above.set(0);
        self.len.set(0);
        self.shadowed.set(false);
        // SAFETY: listed objects are live, and no callback runs here.
        for node in unsafe { lists::walk(self.objects()) } {
            // SAFETY: the node is the first field of a listed object.
            if let Some(object) = unsafe { ObjectNode::new(node.cast()) } {
                self.insert(key(object.id(), OBJECT), node);
            }
        }
        // SAFETY: listed instances are live, and no callback runs here.
        for node in unsafe { lists::walk(self.instances()) } {
            // SAFETY: the node is the first field of a listed instance.
            if let Some((object, instance)) = unsafe { numbers(node) } {
                if instance != OBJECT {
                    self.insert(key(object, instance), node);
                }
            }
        }
    }

    /// The last key of the window.
    fn last(&self) -> u32 {
        u32::MAX - self.above.get()
    }

    /// Whether the index knows if there is a node with this key.
    fn covers(&self, key: u32) -> bool {
        self.from.get() <= key && key <= self.last()
    }

    /// The node with this key, null when there is none.
    fn find(&self, key: u32) -> *mut sys_snode_t {
        self.refresh();
        let mut node = self.indexed(key);
        if !node.is_null() && !verified(key, node) {
            self.rebuild();
            node = self.indexed(key);
        }
        if node.is_null() && !self.covers(key) {
            node = self.walk_for(key);
        }
        node
    }

    fn indexed(&self, key: u32) -> *mut sys_snode_t {
        match self.entry(self.position(key)) {
            Some(entry) if entry.key == key => entry.node,
            _ => null_mut(),
        }
    }

    fn entry(&self, position: usize) -> Option<Entry> {
        if position < self.len.get() {
            // SAFETY: `len` never exceeds the capacity, and the registry lock is held.
            Some(unsafe { self.entries.get().cast::<Entry>().add(position).read() })
        } else {
            None
        }
    }

    /// Where `key` is, or belongs.
    fn position(&self, key: u32) -> usize {
        let entries = self.entries.get().cast::<Entry>().cast_const();
        let mut low = 0;
        let mut high = self.len.get();
        while low < high {
            let middle = (low + high) / 2;
            // SAFETY: `middle` is below `len`, which never exceeds the capacity, and the registry
            // lock is held.
            let found = unsafe { (&raw const (*entries.add(middle)).key).read() };
            if found < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn insert(&self, key: u32, node: *mut sys_snode_t) {
        if !self.covers(key) {
            return;
        }
        let mut len = self.len.get();
        let last = len.checked_sub(1).and_then(|last| self.entry(last));
        // New nodes mostly come in ascending order.
        let position = match last {
            Some(last) if last.key < key => len,
            _ => self.position(key),
        };
        if self.entry(position).is_some_and(|entry| entry.key == key) {
            self.shadowed.set(true);
            return;
        }
        if len == INDEX_SIZE {
            // The largest key is left out, and the window ends before it.
            let largest = last.map_or(key, |last| last.key.max(key));
            self.above.set(largest.wrapping_neg());
            if position == len {
                return;
            }
            len -= 1;
        }
        // SAFETY: `position <= len < INDEX_SIZE`, and the registry lock is held.
        unsafe {
            let at = self.entries.get().cast::<Entry>().add(position);
            at.copy_to(at.add(1), len - position);
            at.write(Entry { key, node });
        }
        self.len.set(len + 1);
    }

    /// Removes an entry. A node that was left out may take its place then: rebuild.
    fn forget(&self, key: u32, node: *mut sys_snode_t) {
        let len = self.len.get();
        let position = self.position(key);
        match self.entry(position) {
            Some(entry) if entry.key == key && entry.node == node && !self.shadowed.get() => {
                // SAFETY: `position < len <= INDEX_SIZE`, and the registry lock is held.
                unsafe {
                    let at = self.entries.get().cast::<Entry>().add(position);
                    at.copy_from(at.add(1), len - position - 1);
                }
                self.len.set(len - 1);
                self.changed();
            }
            _ if self.covers(key) => self.rebuild(),
            _ => self.changed(),
        }
    }

    #[cold]
    fn walk_for(&self, key: u32) -> *mut sys_snode_t {
        let list = if key_instance(key) == OBJECT {
            self.objects()
        } else {
            self.instances()
        };
        // SAFETY: listed nodes are live, and no callback runs here.
        unsafe { lists::walk(list) }
            .find(|&node| verified(key, node))
            .unwrap_or(null_mut())
    }
}

/// Object id and instance id of a listed instance.
///
/// # Safety
/// `node` is the first field of a live instance.
unsafe fn numbers(node: *mut sys_snode_t) -> Option<(u16, u16)> {
    // SAFETY: by the contract.
    let instance = unsafe { InstanceNode::new(node.cast::<lwm2m_engine_obj_inst>()) }?;
    Some((instance.object()?.id(), instance.id()))
}

/// Whether the numbers in the node are those of the key.
fn verified(key: u32, node: *mut sys_snode_t) -> bool {
    if key_instance(key) == OBJECT {
        // SAFETY: a node under such a key is the first field of a listed object.
        let object = unsafe { ObjectNode::new(node.cast::<lwm2m_engine_obj>()) };
        object.is_some_and(|object| object.id() == key_object(key))
    } else {
        // SAFETY: a node under any other key is the first field of a listed instance.
        let found = unsafe { numbers(node) };
        found == Some((key_object(key), key_instance(key)))
    }
}
