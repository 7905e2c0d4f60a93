// SPDX-License-Identifier: Apache-2.0
//! A data model in memory and a client whose engine is driven by hand.
#![allow(
    dead_code,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use lwm2m_core::blockwise::{Buffers, RECORD_ROOM};
use lwm2m_core::bootstrap::kept::Kept;
use lwm2m_core::coap::deduplication::Answered;
use lwm2m_core::coap::exchange::{self, Exchanges, TransmissionParameters};
use lwm2m_core::coap::{Builder, Code, ConnectionId, Message, MessageType, Token};
use lwm2m_core::engine::{Action, Context, Engine, Event, Hooks, Idle, Settings, Storage};
use lwm2m_core::firmware::{self, Pull};
use lwm2m_core::information_reporting::attributes::Attributes;
use lwm2m_core::information_reporting::notified::NotifiedValues;
use lwm2m_core::information_reporting::observation::{Observations, ObservedPath, Slot};
use lwm2m_core::model::{
    Availability, DataModel, Fragment, ModelError, ObjectInfo, Operation, Permissions,
};
use lwm2m_core::path::Path;
use lwm2m_core::registration::client::{Client, ClientEvent};
use lwm2m_core::shared::{DeferredSend, Request, Shared};
use lwm2m_core::time::Instant;
use lwm2m_core::time_series::{Carried, Samples, is_before};
use lwm2m_core::uri::DefaultPorts;
use lwm2m_core::value::{Bytes, DataType, ObjectLink, Value};

/// An owned value.
#[derive(Clone, Debug, PartialEq)]
pub enum Owned {
    String(Vec<u8>),
    Opaque(Vec<u8>),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Time(i64),
    ObjectLink(ObjectLink),
}

impl From<&str> for Owned {
    fn from(text: &str) -> Self {
        Owned::String(text.as_bytes().to_vec())
    }
}

impl From<i64> for Owned {
    fn from(value: i64) -> Self {
        Owned::Integer(value)
    }
}

/// A copy of a value.
pub fn own<B: Bytes>(value: Value<B>) -> Owned {
    let bytes = |bytes: B| {
        let mut copy = vec![0; bytes.len()];
        assert_eq!(bytes.copy(0, &mut copy), copy.len());
        copy
    };
    match value {
        Value::String(text) => Owned::String(bytes(text)),
        Value::Opaque(data) => Owned::Opaque(bytes(data)),
        Value::Integer(value) => Owned::Integer(value),
        Value::Float(value) => Owned::Float(value),
        Value::Boolean(value) => Owned::Boolean(value),
        Value::Time(value) => Owned::Time(value),
        Value::ObjectLink(link) => Owned::ObjectLink(link),
    }
}

fn lend(value: &Owned, place: usize) -> Value<Leaked> {
    let leak = |bytes: &Vec<u8>| Leaked(bytes.clone().leak(), place);
    match value {
        Owned::String(text) => Value::String(leak(text)),
        Owned::Opaque(data) => Value::Opaque(leak(data)),
        Owned::Integer(value) => Value::Integer(*value),
        Owned::Float(value) => Value::Float(*value),
        Owned::Boolean(value) => Value::Boolean(*value),
        Owned::Time(value) => Value::Time(*value),
        Owned::ObjectLink(link) => Value::ObjectLink(*link),
    }
}

/// String or opaque bytes of the model; leaked, tests are short.
#[derive(Clone, Copy, Debug)]
pub struct Leaked(&'static [u8], usize);

impl Bytes for Leaked {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn copy(&self, offset: usize, into: &mut [u8]) -> usize {
        self.0.copy(offset, into)
    }
    fn place(&self) -> usize {
        self.1
    }
}

/// A resource as the engine sees it.
type Found = lwm2m_core::model::Resource<(u16, u16)>;

const fn key(resource: &Found) -> (u16, u16, u16) {
    let (object, instance) = resource.instance;
    (object, instance, resource.id)
}

pub struct Resource {
    pub info: Found,
    pub values: BTreeMap<u16, Owned>,
    pub refuse: Option<ModelError>,
}

type Callback = Box<dyn Fn(&Path)>;

#[derive(Default)]
pub struct MemoryModel {
    pub nodes: RefCell<BTreeMap<(u16, u16), Vec<Resource>>>,
    pub objects: RefCell<BTreeMap<u16, (u8, u8)>>,
    /// The resources that instances of an object have, as those had that there were at first.
    definitions: RefCell<BTreeMap<u16, Vec<Found>>>,
    pub executed: RefCell<Vec<(Path, Vec<u8>)>>,
    pub on_read: RefCell<Option<Callback>>,
    pub on_execute: RefCell<Option<Callback>>,
    pub changed: RefCell<Vec<Path>>,
    /// What the server of Server instance 0 may not do at which instance, or object.
    pub denied: RefCell<Vec<(Operation, Path)>>,
    /// What was created for a server.
    pub owned: RefCell<Vec<(u16, Path)>>,
    reader: Cell<Option<u16>>,
    /// Offset, length, total and last of each piece that was written.
    pub fragments: RefCell<Vec<(usize, usize, usize, bool)>>,
    /// The samples that are kept of resource instances.
    pub cached: RefCell<Vec<Cached>>,
    /// Which servers may not be registered with.
    pub unavailable: Rc<RefCell<BTreeMap<u16, Availability>>>,
}

/// The samples that are kept of a resource instance.
#[derive(Debug)]
pub struct Cached {
    pub resource: (u16, u16, u16),
    pub id: u16,
    /// The position of the first.
    pub first: u32,
    pub samples: VecDeque<(i64, Owned)>,
}

impl MemoryModel {
    /// Whose reading is in progress.
    pub fn reader(&self) -> Option<u16> {
        self.reader.get()
    }

    /// Whether the server that something is read for may not see it.
    fn hides(&self, (object, instance): (u16, u16)) -> bool {
        let path = Path::instance(object, instance);
        let denied = (Operation::Read, path);
        self.reader.get().is_some() && self.denied.borrow().contains(&denied)
    }

    pub fn object(self, id: u16, version: (u8, u8)) -> Self {
        self.objects.borrow_mut().insert(id, version);
        self
    }

    pub fn resource(
        self,
        path: (u16, u16, u16),
        permissions: &str,
        data_type: DataType,
        value: Option<Owned>,
    ) -> Self {
        self.add(
            path,
            permissions,
            data_type,
            false,
            1,
            value.map(|value| (0, value)),
        )
    }

    pub fn multiple(
        self,
        path: (u16, u16, u16),
        permissions: &str,
        data_type: DataType,
        slots: u16,
        values: impl IntoIterator<Item = (u16, Owned)>,
    ) -> Self {
        self.add(path, permissions, data_type, true, slots, values)
    }

    fn add(
        self,
        (object, instance, id): (u16, u16, u16),
        permissions: &str,
        data_type: DataType,
        multiple: bool,
        slots: u16,
        values: impl IntoIterator<Item = (u16, Owned)>,
    ) -> Self {
        self.objects.borrow_mut().entry(object).or_insert((1, 0));
        let mut nodes = self.nodes.borrow_mut();
        let resources = nodes.entry((object, instance)).or_default();
        let info = Found {
            instance: (object, instance),
            id,
            index: resources.len() as u16,
            permissions: Permissions::new(
                [
                    ('R', Permissions::READ),
                    ('W', Permissions::WRITE),
                    ('E', Permissions::EXECUTE),
                ]
                .iter()
                .filter(|(letter, _)| permissions.contains(*letter))
                .map(|(_, bit)| bit)
                .sum(),
            ),
            data_type,
            multiple,
            slots,
        };
        resources.push(Resource {
            info,
            values: values.into_iter().collect(),
            refuse: None,
        });
        drop(nodes);
        let mut definitions = self.definitions.borrow_mut();
        let defined = definitions.entry(object).or_default();
        if !defined.iter().any(|other| other.id == id) {
            let index = defined.len() as u16;
            defined.push(Found { index, ..info });
        }
        drop(definitions);
        self
    }

    pub fn get(&self, object: u16, instance: u16, id: u16, index: u16) -> Option<Owned> {
        self.with((object, instance, id), |resource| {
            resource.values.get(&index).cloned()
        })?
    }

    fn with<R>(
        &self,
        (object, instance, id): (u16, u16, u16),
        f: impl FnOnce(&mut Resource) -> R,
    ) -> Option<R> {
        let mut nodes = self.nodes.borrow_mut();
        let resources = nodes.get_mut(&(object, instance))?;
        resources
            .iter_mut()
            .find(|resource| resource.info.id == id)
            .map(f)
    }

    pub fn set(&self, path: (u16, u16, u16), index: u16, value: Owned) {
        self.with(path, |resource| resource.values.insert(index, value));
    }

    pub fn refuse(&self, path: (u16, u16, u16), error: ModelError) {
        self.with(path, |resource| resource.refuse = Some(error));
    }

    /// The standard accounts and that of a Bootstrap-Server, Security 1.
    pub fn with_bootstrap_account() -> Self {
        let uri = "coap://127.0.0.1:5693".into();
        MemoryModel::standard()
            .resource((0, 1, 0), "", DataType::String, Some(uri))
            .resource((0, 1, 1), "", DataType::Boolean, Some(Owned::Boolean(true)))
            .resource((0, 1, 10), "", DataType::U16, None)
    }

    /// The standard accounts: Security 0, Server 0 and a Device.
    pub fn standard() -> Self {
        MemoryModel::default()
            .resource(
                (0, 0, 0),
                "",
                DataType::String,
                Some("coap://127.0.0.1:5683".into()),
            )
            .resource(
                (0, 0, 1),
                "",
                DataType::Boolean,
                Some(Owned::Boolean(false)),
            )
            .resource((0, 0, 10), "", DataType::U16, Some(101.into()))
            .resource((1, 0, 0), "R", DataType::U16, Some(101.into()))
            .resource((1, 0, 1), "RW", DataType::U32, Some(60.into()))
            .resource((1, 0, 7), "RW", DataType::String, Some("U".into()))
            .resource((1, 0, 8), "E", DataType::None, None)
            .resource((3, 0, 0), "R", DataType::String, Some("Acme".into()))
            .resource((3, 0, 4), "E", DataType::None, None)
            .multiple(
                (3, 0, 6),
                "R",
                DataType::U8,
                4,
                [(0, 1.into()), (1, 5.into())],
            )
            .resource((3, 0, 14), "RW", DataType::String, Some("+01".into()))
            .multiple((3, 0, 90), "RW", DataType::U16, 3, [(0, 1.into())])
            .resource(
                (3303, 0, 5700),
                "R",
                DataType::Float,
                Some(Owned::Float(20.5)),
            )
    }
}

impl DataModel for MemoryModel {
    type Instance = (u16, u16);
    type Bytes = Leaked;

    fn object(&self, object: u16) -> Option<ObjectInfo> {
        let version = *self.objects.borrow().get(&object)?;
        Some(ObjectInfo {
            id: object,
            version,
            announce_version: version != (1, 0),
        })
    }

    fn next_object(&self, after: Option<u16>) -> Option<ObjectInfo> {
        let from = after.map_or(0, |after| after + 1);
        let id = *self.objects.borrow().range(from..).next()?.0;
        DataModel::object(self, id)
    }

    fn authorize(&self, server: u16, operation: Operation, path: &Path) -> Result<(), ModelError> {
        let denied = self.denied.borrow();
        let target = Path::instance(path.object_id(), path.instance_id());
        if server == 0 && denied.contains(&(operation, target)) {
            return Err(ModelError::Unauthorized);
        }
        Ok(())
    }

    fn restrict(&self, reader: Option<u16>) {
        self.reader.set(reader);
    }

    fn availability(&self, server: u16) -> Availability {
        let unavailable = self.unavailable.borrow();
        *unavailable.get(&server).unwrap_or(&Availability::Enabled)
    }

    fn set_availability(&self, server: u16, availability: Availability) {
        self.unavailable.borrow_mut().insert(server, availability);
    }

    fn enable_servers(&self) {
        self.unavailable.borrow_mut().clear();
    }

    fn created_for(&self, server: u16, object: u16, instance: u16) {
        let path = Path::instance(object, instance);
        self.owned.borrow_mut().push((server, path));
    }

    fn next_instance(&self, object: u16, after: Option<u16>) -> Option<u16> {
        let from = after.map_or(0, |after| after + 1);
        let nodes = self.nodes.borrow();
        let mut rest = nodes.range((object, from)..=(object, u16::MAX));
        let found = rest.find(|(key, _)| !self.hides(**key))?;
        Some(found.0.1)
    }

    fn instance(&self, object: u16, instance: u16) -> Option<Self::Instance> {
        let key = (object, instance);
        let found = self.nodes.borrow().contains_key(&key);
        (found && !self.hides(key)).then_some(key)
    }

    fn resource(&self, instance: &Self::Instance, resource: u16) -> Option<Found> {
        self.with((instance.0, instance.1, resource), |resource| resource.info)
    }

    fn next_resource(
        &self,
        instance: &Self::Instance,
        index: u16,
        operations: Permissions,
    ) -> Option<Found> {
        let nodes = self.nodes.borrow();
        let resources = nodes.get(instance)?;
        let mut rest = resources.iter().skip(usize::from(index));
        let found = rest.find(|resource| resource.info.permissions.contains(operations))?;
        Some(found.info)
    }

    fn next_resource_instance(&self, resource: &Found, slot: u16) -> Option<(u16, u16)> {
        self.with(key(resource), |resource| {
            let id = resource.values.keys().nth(usize::from(slot)).copied()?;
            Some((slot, id))
        })?
    }

    fn read(&self, resource: &Found, id: u16) -> Result<Value<Leaked>, ModelError> {
        let resource = key(resource);
        if let Some(callback) = &*self.on_read.borrow() {
            callback(&Path::resource(resource.0, resource.1, resource.2));
        }
        let value = self
            .with(resource, |resource| resource.values.get(&id).cloned())
            .flatten()
            .ok_or(ModelError::NotFound)?;
        let place = self.with(resource, |resource| match resource.values.get(&id) {
            Some(Owned::String(bytes) | Owned::Opaque(bytes)) => bytes.as_ptr() as usize,
            _ => 0,
        });
        Ok(lend(&value, place.unwrap_or(0)))
    }

    fn keeps_samples(&self) -> bool {
        let cached = self.cached.borrow();
        cached.iter().any(|cached| !cached.samples.is_empty())
    }

    fn samples(&self, resource: &Found, id: u16) -> Option<Samples> {
        let resource = key(resource);
        let cached = self.cached.borrow();
        let of = |cached: &Cached| (cached.resource, cached.id) == (resource, id);
        let cache = cached.iter().position(of)?;
        let Cached { first, samples, .. } = &cached[cache];
        let count = u32::try_from(samples.len()).unwrap();
        (count > 0).then_some(Samples {
            cache: u8::try_from(cache).unwrap(),
            first: *first,
            end: first.wrapping_add(count),
        })
    }

    fn sample(&self, cache: u8, position: u32) -> Option<(i64, Value<Leaked>)> {
        let cached = self.cached.borrow();
        let Cached { first, samples, .. } = &cached[usize::from(cache)];
        let index = usize::try_from(position.wrapping_sub(*first)).unwrap();
        let (time, value) = samples.get(index)?;
        Some((*time, lend(value, 0)))
    }

    fn delivered(&self, taken: Samples) {
        let mut cached = self.cached.borrow_mut();
        let Cached { first, samples, .. } = &mut cached[usize::from(taken.cache)];
        if is_before(*first, taken.first) {
            return;
        }
        while is_before(*first, taken.end) {
            samples.pop_front();
            *first = first.wrapping_add(1);
        }
    }

    fn check<B: Bytes>(
        &self,
        resource: &Found,
        _id: u16,
        _value: Value<B>,
    ) -> Result<(), ModelError> {
        match self.with(key(resource), |resource| resource.refuse) {
            None => Err(ModelError::NotFound),
            Some(Some(error)) => Err(error),
            Some(None) => Ok(()),
        }
    }

    fn write<B: Bytes>(
        &self,
        resource: &Found,
        id: u16,
        value: Value<B>,
    ) -> Result<bool, ModelError> {
        let value = own(value);
        self.with(key(resource), |resource| {
            resource.values.insert(id, value.clone()) != Some(value)
        })
        .ok_or(ModelError::NotFound)
    }

    fn write_fragment(
        &self,
        resource: &Found,
        id: u16,
        fragment: Fragment<'_>,
    ) -> Result<(), ModelError> {
        let Fragment {
            data,
            offset,
            total,
            last,
        } = fragment;
        let length = data.len();
        self.fragments
            .borrow_mut()
            .push((offset, length, total, last));
        self.with(key(resource), |resource| {
            if let Some(error) = resource.refuse {
                return Err(error);
            }
            let blank = match resource.info.data_type {
                DataType::String => Owned::String(vec![]),
                _ => Owned::Opaque(vec![]),
            };
            let value = resource.values.entry(id).or_insert(blank);
            let (Owned::String(bytes) | Owned::Opaque(bytes)) = value else {
                return Err(ModelError::BadRequest);
            };
            bytes.truncate(offset);
            assert_eq!(bytes.len(), offset, "no gap");
            bytes.extend_from_slice(data);
            Ok(())
        })
        .ok_or(ModelError::NotFound)?
    }

    fn clear(&self, resource: &Found) {
        self.with(key(resource), |resource| resource.values.clear());
    }

    fn execute(&self, resource: &Found, arguments: &[u8]) -> Result<(), ModelError> {
        let (object, instance, id) = key(resource);
        let path = Path::resource(object, instance, id);
        if let Some(callback) = &*self.on_execute.borrow() {
            callback(&path);
        }
        self.executed.borrow_mut().push((path, arguments.to_vec()));
        Ok(())
    }

    /// A new instance has the resources of the object, without values, and what the first one
    /// refuses; an object takes three.
    fn create(&self, object: u16, instance: Option<u16>) -> Result<u16, ModelError> {
        let mut nodes = self.nodes.borrow_mut();
        let taken: Vec<u16> = nodes
            .range((object, 0)..=(object, u16::MAX))
            .map(|(key, _)| key.1)
            .collect();
        let definitions = self.definitions.borrow();
        let defined = definitions.get(&object).ok_or(ModelError::NotAllowed)?;
        if instance.is_some_and(|instance| taken.contains(&instance)) {
            return Err(ModelError::BadRequest);
        }
        if taken.len() >= 3 {
            return Err(ModelError::NoMemory);
        }
        let free = (0..)
            .find(|id| !taken.contains(id))
            .ok_or(ModelError::NoMemory)?;
        let id = instance.unwrap_or(free);
        let first = taken.first().map(|first| &nodes[&(object, *first)]);
        let refusal = |id| {
            first?
                .iter()
                .find(|resource| resource.info.id == id)?
                .refuse
        };
        let blank = |info: &Found| Resource {
            info: Found {
                instance: (object, id),
                ..*info
            },
            values: BTreeMap::new(),
            refuse: refusal(info.id),
        };
        let resources = defined.iter().map(blank).collect();
        nodes.insert((object, id), resources);
        Ok(id)
    }

    fn delete(&self, object: u16, instance: u16) -> Result<(), ModelError> {
        let removed = self.nodes.borrow_mut().remove(&(object, instance));
        removed.map(drop).ok_or(ModelError::NotFound)
    }
}

/// Whoever takes the package that is fetched.
#[derive(Default)]
pub struct Taker {
    /// What has come of it.
    pub package: RefCell<Vec<u8>>,
    /// Offset, length, total and last of each piece.
    pub pieces: RefCell<Vec<(usize, usize, usize, bool)>>,
    /// What is answered.
    pub refusal: Cell<Option<i32>>,
}

impl Hooks for Taker {
    fn request_begins(&self, _: &Request) {}
    fn request_ends(&self) {}
    fn package_arrived(&self, piece: &Fragment<'_>) -> Result<(), i32> {
        if let Some(error) = self.refusal.get() {
            return Err(error);
        }
        self.pieces
            .borrow_mut()
            .push((piece.offset, piece.data.len(), piece.total, piece.last));
        let mut package = self.package.borrow_mut();
        package.truncate(piece.offset);
        package.extend_from_slice(piece.data);
        Ok(())
    }
}

/// What the engine wanted done, owned.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    Transmit(Vec<u8>),
    Connect(String, u16),
    Close,
    Listen(bool),
    Event(Event),
}

/// Where buffers are while nobody uses them.
pub type Bodies = &'static [Cell<Option<&'static mut [u8]>>];

/// A client and its engine, driven by hand.
pub struct Bench {
    pub model: MemoryModel,
    pub shared: &'static Shared<'static>,
    /// The buffers for what is longer than a message, those that are not in use.
    pub bodies: Bodies,
    pub engine: Engine<'static>,
    pub now: u64,
    pub taker: Taker,
    /// What becomes of connections.
    pub connects: Result<(), i32>,
    /// Which connection the last thing done was about.
    pub connection: ConnectionId,
    /// Which of the host's addresses the last connection was to begin with.
    pub attempt: u8,
    random: Cell<u32>,
    next_id: u16,
}

fn leak_cells<T: Copy>(value: T, count: usize) -> &'static [Cell<T>] {
    Box::leak((0..count).map(|_| Cell::new(value)).collect())
}

pub const MAX_MESSAGE: usize = 512;

/// Length of a block, and of the longest body that is written in one piece; how many transfers of
/// each kind there can be.
pub const BLOCK: usize = 256;
pub const BODY: usize = 1024 + RECORD_ROOM;
pub const TRANSFERS: usize = 2;

/// How many paths a composite operation takes.
pub const MAX_PATHS: usize = 6;

/// What most tests are configured with.
pub const SETTINGS: Settings = Settings {
    max_message: MAX_MESSAGE,
    block_size: 512,
    default_lifetime: 30,
    update_period: 0,
    seconds_to_update_early: 10,
    ports: DefaultPorts::STANDARD,
    max_retries: 2,
    bootstrap_on_failure: true,
    queue: None,
    idle: Idle::Close,
};

fn leak_shared() -> (&'static Shared<'static>, Bodies) {
    let bodies: Bodies = Box::leak(
        (0..=TRANSFERS)
            .map(|_| Cell::new(Some(Box::leak(vec![0; BODY].into_boxed_slice()))))
            .collect(),
    );
    let exchanges = Exchanges::new(
        Box::leak((0..6).map(|_| exchange::Slot::free()).collect()),
        Box::leak(vec![0; 2048].into_boxed_slice()),
        512,
        MAX_MESSAGE,
        TransmissionParameters::DEFAULT,
    );
    let observations = Observations::new(
        Box::leak((0..4).map(|_| Slot::free()).collect()),
        leak_cells(ObservedPath::UNUSED, 8),
    );
    let shared = Shared::new(
        Client::new(leak_cells(0, 32)),
        observations,
        Attributes::new(leak_cells(None, 8)),
        NotifiedValues::new(leak_cells(None, 2)),
        exchanges,
        Buffers::new(
            bodies,
            Box::leak((0..TRANSFERS).map(|_| Cell::new(None)).collect()),
            512,
            MAX_MESSAGE,
        ),
        Box::leak(Box::new([Path::ROOT; MAX_PATHS])),
        Box::leak(Box::new([(); 2].map(|()| {
            DeferredSend::new(Box::leak(Box::new([Path::ROOT; MAX_PATHS])))
        }))),
    );
    let shared = shared.with_pull(Pull::new(
        firmware::Settings::new(64, 2),
        Box::leak(vec![0; 96].into_boxed_slice()),
    ));
    let carried = Carried::new(leak_cells(None, 4));
    let kept = Kept::new(Box::leak(vec![0; 2048].into_boxed_slice()));
    let shared = shared.with_carried(carried).with_kept(kept);
    (Box::leak(Box::new(shared)), bodies)
}

impl Bench {
    pub fn new(model: MemoryModel) -> Self {
        Self::with_settings(model, SETTINGS)
    }

    /// A client with another configuration.
    pub fn with_settings(model: MemoryModel, settings: Settings) -> Self {
        let (shared, bodies) = leak_shared();
        let storage = Storage {
            answered: Box::leak(vec![Answered::UNUSED; 4].into_boxed_slice()),
            uri: Box::leak(vec![0; 128].into_boxed_slice()),
            location: leak_cells(0, 32),
            uploads: Box::leak((0..TRANSFERS).map(|_| None).collect()),
            downloads: Box::leak((0..TRANSFERS).map(|_| None).collect()),
        };
        Bench {
            model,
            shared,
            bodies,
            engine: Engine::new(settings, storage),
            now: 1_000_000,
            taker: Taker::default(),
            connects: Ok(()),
            connection: ConnectionId::SERVER,
            attempt: 0,
            random: Cell::new(1),
            next_id: 1000,
        }
    }

    /// The first of some message ids that no request has had.
    pub fn next_id(&mut self) -> u16 {
        self.next_id = self.next_id.wrapping_add(50);
        self.next_id
    }

    /// Notes that message ids up to this one were used.
    pub fn skip_ids(&mut self, used: u16) {
        self.next_id = self.next_id.max(used);
    }

    /// Polls until the engine waits; connections succeed. Returns what was done and the deadline.
    pub fn settle(&mut self) -> (Vec<Done>, Option<u64>) {
        let mut all = vec![];
        loop {
            let (done, wait) = self.poll();
            match done {
                Some(done) => {
                    let connect = matches!(done, Done::Connect(..));
                    all.push(done);
                    if connect {
                        self.engine.connected(
                            self.shared,
                            self.connection,
                            self.connects,
                            Instant::from_millis(self.now),
                        );
                    }
                }
                None => return (all, wait),
            }
        }
    }

    /// One poll.
    pub fn poll(&mut self) -> (Option<Done>, Option<u64>) {
        let entropy = || {
            self.random.set(
                self.random
                    .get()
                    .wrapping_mul(1_664_525)
                    .wrapping_add(1_013_904_223),
            );
            self.random.get()
        };
        let context = Context {
            now: Instant::from_millis(self.now),
            model: &self.model,
            shared: self.shared,
            entropy: &entropy,
        };
        let mut buffer = [0; MAX_MESSAGE];
        let done = match self.engine.poll(&context, &mut buffer) {
            Action::Transmit {
                connection,
                datagram,
            } => {
                self.connection = connection;
                Done::Transmit(datagram.to_vec())
            }
            Action::Connect {
                connection,
                uri,
                attempt,
            } => {
                self.connection = connection;
                self.attempt = attempt;
                let host = String::from_utf8(uri.host.to_vec()).unwrap();
                Done::Connect(host, uri.port)
            }
            Action::Close { connection } => {
                self.connection = connection;
                Done::Close
            }
            Action::Listen { connection, listen } => {
                self.connection = connection;
                Done::Listen(listen)
            }
            Action::Event(event) => Done::Event(event),
            Action::Wait(until) => return (None, until.map(Instant::as_millis)),
        };
        (Some(done), None)
    }

    /// Hands the engine a datagram of the server's and returns the immediate answer.
    pub fn receive(&mut self, datagram: &[u8]) -> Option<Vec<u8>> {
        self.receive_on(ConnectionId::SERVER, datagram)
    }

    /// Hands the engine a datagram and returns the immediate answer.
    pub fn receive_on(&mut self, connection: ConnectionId, datagram: &[u8]) -> Option<Vec<u8>> {
        let entropy = || 0x5eed;
        let context = Context {
            now: Instant::from_millis(self.now),
            model: &self.model,
            shared: self.shared,
            entropy: &entropy,
        };
        let mut buffer = [0; MAX_MESSAGE];
        let answer = self
            .engine
            .receive(&context, &self.taker, connection, datagram, &mut buffer);
        answer.map(<[u8]>::to_vec)
    }

    /// Runs `f` with a context, as an application's thread would.
    pub fn with<R>(&self, f: impl FnOnce(&Context<'_, 'static, MemoryModel>) -> R) -> R {
        f(&Context {
            now: Instant::from_millis(self.now),
            model: &self.model,
            shared: self.shared,
            entropy: &|| {
                self.random
                    .set(self.random.get().wrapping_mul(1_664_525) ^ 0xc0de);
                self.random.get()
            },
        })
    }

    /// Starts, registers, and returns once registered.
    pub fn registered(model: MemoryModel) -> Self {
        let mut bench = Bench::new(model);
        bench.shared.client.start(b"device").unwrap();
        let (done, _) = bench.settle();
        let Some(Done::Transmit(register)) = done.last() else {
            panic!("no Register: {done:?}")
        };
        let answer = respond(register, Code::CREATED, &[(8, b"rd"), (8, b"abc")], b"");
        assert_eq!(bench.receive(&answer), None);
        bench.settle();
        bench
    }

    /// Starts with a bootstrap; returns a client that has sent its Bootstrap-Request, and that.
    pub fn requesting_bootstrap(model: MemoryModel) -> (Self, Vec<u8>) {
        let mut bench = Bench::new(model);
        bench.shared.client.start_bootstrap(b"device").unwrap();
        let (done, _) = bench.settle();
        let Some(Done::Transmit(sent)) = done.last() else {
            panic!("no Bootstrap-Request: {done:?}")
        };
        let sent = sent.clone();
        (bench, sent)
    }

    /// Starts with a bootstrap; returns a client that the Bootstrap-Server has accepted.
    pub fn bootstrapping(model: MemoryModel) -> Self {
        let (mut bench, sent) = Self::requesting_bootstrap(model);
        let answer = respond(&sent, Code::CHANGED, &[], b"");
        assert_eq!(bench.receive(&answer), None);
        let accepted = Event::Client(ClientEvent::BootstrapComplete);
        assert_eq!(bench.settle().0, [Done::Event(accepted)]);
        bench
    }
}

/// The piggybacked answer to a request of ours.
pub fn respond(request: &[u8], code: Code, options: &[(u16, &[u8])], payload: &[u8]) -> Vec<u8> {
    let request = Message::parse(request).unwrap();
    message(
        MessageType::Acknowledgement,
        code,
        request.message_id,
        request.token.as_bytes(),
        options,
        payload,
    )
}

/// Any message.
pub fn message(
    kind: MessageType,
    code: Code,
    message_id: u16,
    token: &[u8],
    options: &[(u16, &[u8])],
    payload: &[u8],
) -> Vec<u8> {
    let mut buffer = [0; 2048];
    let mut builder = Builder::new(&mut buffer, kind, code, message_id, &Token::new(token));
    for (number, value) in options {
        builder.option(*number, value);
    }
    let length = builder
        .payload::<lwm2m_core::content::EncodeError>(|mut output| {
            output.put_slice(payload)?;
            Ok(output.position())
        })
        .unwrap();
    buffer[..length].to_vec()
}

/// A confirmable request to `path`.
pub fn request(
    code: Code,
    message_id: u16,
    path: &str,
    options: &[(u16, &[u8])],
    payload: &[u8],
) -> Vec<u8> {
    request_with(code, message_id, &[0xaa], path, options, payload)
}

/// The same with a token.
pub fn request_with(
    code: Code,
    message_id: u16,
    token: &[u8],
    path: &str,
    options: &[(u16, &[u8])],
    payload: &[u8],
) -> Vec<u8> {
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let mut all: Vec<(u16, &[u8])> = segments
        .iter()
        .map(|segment| (11, segment.as_bytes()))
        .collect();
    all.extend_from_slice(options);
    all.sort_by_key(|(number, _)| *number);
    message(
        MessageType::Confirmable,
        code,
        message_id,
        token,
        &all,
        payload,
    )
}

/// An option's number and value.
pub type OwnedOption = (u16, Vec<u8>);

/// Code, options and payload of an answer.
pub fn summary(answer: &[u8]) -> (String, Vec<OwnedOption>, Vec<u8>) {
    let message = Message::parse(answer).unwrap();
    (
        format!("{}.{:02}", message.code.class(), message.code.detail()),
        message
            .options()
            .map(|(number, value)| (number, value.to_vec()))
            .collect(),
        message.payload.to_vec(),
    )
}
