// SPDX-License-Identifier: Apache-2.0
//! How an object is written down: one [`ResourceDefinition`] a resource, in the order of the
//! object's table. The rows exist at compile time only; constant functions pack them into the few
//! bytes a resource that the program carries: the C field definitions, the layout of the values,
//! the callbacks and the defaults that are not zero.

use lwm2m_registry::c_types::{
    LWM2M_RES_TYPE_BOOL, LWM2M_RES_TYPE_FLOAT, LWM2M_RES_TYPE_NONE, LWM2M_RES_TYPE_OBJLNK,
    LWM2M_RES_TYPE_OPAQUE, LWM2M_RES_TYPE_S8, LWM2M_RES_TYPE_S16, LWM2M_RES_TYPE_S32,
    LWM2M_RES_TYPE_S64, LWM2M_RES_TYPE_STRING, LWM2M_RES_TYPE_TIME, LWM2M_RES_TYPE_U8,
    LWM2M_RES_TYPE_U16, LWM2M_RES_TYPE_U32, lwm2m_engine_obj_field, lwm2m_objlnk, time_t,
};

pub use crate::callback::{Execute, GetData, SetData};

/// One resource of an object.
#[derive(Clone, Copy)]
pub struct ResourceDefinition {
    id: u16,
    permissions: u8,
    data_type: u8,
    instances: Instances,
    /// Bytes of one value; 0: the application gives the memory, if anybody.
    size: u16,
    default: Default,
    /// The length to begin with, where it is not that of the default.
    length: Option<u16>,
    read: Option<GetData>,
    pre_write: Option<GetData>,
    validate: Option<SetData>,
    post_write: Option<SetData>,
    execute: Option<Execute>,
}

/// Which resource instances a resource has when its object instance is created.
#[derive(Clone, Copy)]
enum Instances {
    /// The definition is known, the resource is not there.
    Undefined,
    /// None, and there never will be one: an executable resource.
    Executable,
    /// The one resource instance 0.
    Single,
    /// Room for the one resource instance 0, which the application creates.
    SingleAbsent,
    /// Room for so many; none of them created.
    Multiple(u8),
    /// So many, all created, numbered from 0.
    MultipleCreated(u8),
}

/// The value a resource starts with.
#[derive(Clone, Copy)]
enum Default {
    /// All bytes zero; a string or opaque is empty.
    Zero,
    /// The first `usize` of these bytes.
    Number([u8; 8], usize),
    /// A text.
    Text(&'static str),
}

/// A scalar the object keeps, zero unless a default follows.
pub const fn stored(id: u16, permissions: u8, data_type: u8) -> ResourceDefinition {
    let mut row = supplied(id, permissions, data_type);
    row.size = scalar_size(data_type);
    assert!(row.size > 0, "not a scalar");
    row
}

/// A string the object keeps in `capacity` bytes, terminator included, empty unless a default
/// follows.
pub const fn string(id: u16, permissions: u8, capacity: u16) -> ResourceDefinition {
    let mut row = supplied(id, permissions, LWM2M_RES_TYPE_STRING);
    row.size = capacity;
    row
}

/// An opaque the object keeps in `capacity` bytes, empty.
pub const fn opaque(id: u16, permissions: u8, capacity: u16) -> ResourceDefinition {
    let mut row = supplied(id, permissions, LWM2M_RES_TYPE_OPAQUE);
    row.size = capacity;
    row
}

/// A value for which the application supplies the memory or a callback.
pub const fn supplied(id: u16, permissions: u8, data_type: u8) -> ResourceDefinition {
    ResourceDefinition {
        id,
        permissions,
        data_type,
        instances: Instances::Single,
        size: 0,
        default: Default::Zero,
        length: None,
        read: None,
        pre_write: None,
        validate: None,
        post_write: None,
        execute: None,
    }
}

/// An executable resource; without a callback until the application registers one.
pub const fn executable(id: u16, permissions: u8, callback: Option<Execute>) -> ResourceDefinition {
    let mut row = supplied(id, permissions, LWM2M_RES_TYPE_NONE);
    row.instances = Instances::Executable;
    row.execute = callback;
    row
}

/// A resource that is only defined: no instance of the object has it.
pub const fn undefined(id: u16, permissions: u8, data_type: u8) -> ResourceDefinition {
    let mut row = supplied(id, permissions, data_type);
    row.instances = Instances::Undefined;
    row
}

impl ResourceDefinition {
    /// Makes it a multiple resource with room for `slots` resource instances, none created.
    pub const fn multiple(mut self, slots: u32) -> Self {
        assert!(slots <= 255, "more slots than the C struct counts");
        self.instances = Instances::Multiple(slots as u8);
        self
    }

    /// Makes it a multiple resource with so many resource instances, created and numbered from 0.
    pub const fn multiple_created(self, slots: u32) -> Self {
        let mut row = self.multiple(slots);
        row.instances = Instances::MultipleCreated(slots as u8);
        row
    }

    /// Leaves it to the application to create its resource instance.
    pub const fn absent(mut self) -> Self {
        self.instances = Instances::SingleAbsent;
        self
    }

    /// Starts with this integer or boolean.
    pub const fn integer(mut self, value: u32) -> Self {
        let bytes = value.to_ne_bytes();
        let (number, width) = match self.size {
            1 => ([value as u8, 0, 0, 0], 1),
            2 => {
                let bytes = (value as u16).to_ne_bytes();
                ([bytes[0], bytes[1], 0, 0], 2)
            }
            _ => (bytes, 4),
        };
        assert!(self.size == width && (width == 4 || value >> (8 * width) == 0));
        self.default = Default::Number(
            [number[0], number[1], number[2], number[3], 0, 0, 0, 0],
            width as usize,
        );
        self
    }

    /// Starts with this float.
    pub const fn float(mut self, value: f64) -> Self {
        assert!(self.data_type == LWM2M_RES_TYPE_FLOAT);
        self.default = Default::Number(value.to_ne_bytes(), 8);
        self
    }

    /// Starts with this text.
    pub const fn text(mut self, value: &'static str) -> Self {
        // An object that the configuration leaves out has neither memory nor text.
        let fits = value.len() < self.size as usize || value.is_empty();
        assert!(self.data_type == LWM2M_RES_TYPE_STRING && fits);
        self.default = Default::Text(value);
        self
    }

    /// Starts with this length, whatever the memory holds.
    pub const fn with_length(mut self, length: u16) -> Self {
        assert!(length <= self.size);
        self.length = Some(length);
        self
    }

    /// Asks `callback` for the value whenever it is read.
    pub const fn on_read(mut self, callback: GetData) -> Self {
        self.read = Some(callback);
        self
    }

    /// Asks `callback` for the buffer of a value to be written.
    pub const fn on_pre_write(mut self, callback: GetData) -> Self {
        self.pre_write = Some(callback);
        self
    }

    /// Asks `callback` whether a value may be written.
    pub const fn on_validate(mut self, callback: SetData) -> Self {
        self.validate = Some(callback);
        self
    }

    /// Tells `callback` of each write.
    pub const fn on_write(mut self, callback: SetData) -> Self {
        self.post_write = Some(callback);
        self
    }

    const fn slots(&self) -> usize {
        match self.instances {
            Instances::Undefined | Instances::Executable => 0,
            Instances::Single | Instances::SingleAbsent => 1,
            Instances::Multiple(slots) | Instances::MultipleCreated(slots) => slots as usize,
        }
    }

    /// The length of the value to begin with, a string's terminator included.
    const fn length(&self) -> u16 {
        if let Some(length) = self.length {
            return length;
        }
        match (self.data_type, self.default) {
            (_, Default::Text(text)) => text.len() as u16 + 1,
            (LWM2M_RES_TYPE_STRING | LWM2M_RES_TYPE_OPAQUE, _) => 0,
            _ => self.size,
        }
    }

    /// What the address of a value must be a multiple of.
    const fn alignment(&self) -> usize {
        match self.data_type {
            LWM2M_RES_TYPE_STRING | LWM2M_RES_TYPE_OPAQUE => 1,
            LWM2M_RES_TYPE_OBJLNK => align_of::<lwm2m_objlnk>(),
            _ => self.size as usize,
        }
    }

    const fn has_values(&self) -> bool {
        self.size > 0 && self.slots() > 0
    }
}

const fn scalar_size(data_type: u8) -> u16 {
    match data_type {
        LWM2M_RES_TYPE_U8 | LWM2M_RES_TYPE_S8 | LWM2M_RES_TYPE_BOOL => 1,
        LWM2M_RES_TYPE_U16 | LWM2M_RES_TYPE_S16 => 2,
        LWM2M_RES_TYPE_U32 | LWM2M_RES_TYPE_S32 => 4,
        LWM2M_RES_TYPE_S64 | LWM2M_RES_TYPE_FLOAT => 8,
        LWM2M_RES_TYPE_TIME => size_of::<time_t>() as u16,
        LWM2M_RES_TYPE_OBJLNK => size_of::<lwm2m_objlnk>() as u16,
        _ => 0,
    }
}

/// A resource as the constructor of an object instance needs it.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    /// Resource ID.
    pub id: u16,
    /// Where its values begin in the memory of the instance, or [`Layout::SUPPLIED`].
    pub offset: u16,
    /// Bytes of one value.
    pub size: u16,
    /// Length of a value to begin with.
    pub length: u16,
    /// How many slots for resource instances there are.
    pub slots: u8,
    /// What the slots are before the application touches them.
    pub kind: Kind,
}

/// What a resource is and which of its resource instances are created with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A single resource with its resource instance, or an executable one.
    Single,
    /// A single resource without it.
    SingleAbsent,
    /// A multiple resource without resource instances.
    Multiple,
    /// A multiple resource with all of them.
    MultipleCreated,
}

impl Kind {
    /// Whether it is a multiple resource.
    pub const fn is_multiple(self) -> bool {
        matches!(self, Self::Multiple | Self::MultipleCreated)
    }

    /// Whether the resource instances are created.
    pub const fn is_created(self) -> bool {
        matches!(self, Self::Single | Self::MultipleCreated)
    }
}

impl Layout {
    /// The application supplies the memory.
    pub const SUPPLIED: u16 = u16::MAX;
}

/// A callback and the index of the resource it is for.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Nothing,
    Read(u8, GetData),
    PreWrite(u8, GetData),
    Validate(u8, SetData),
    PostWrite(u8, SetData),
    Execute(u8, Execute),
}

/// Where in the memory of an instance a default goes, and its length; the bytes of all defaults
/// lie one behind the other.
#[derive(Clone, Copy)]
pub(crate) struct DefaultPlace {
    pub offset: u16,
    pub length: u16,
}

/// How large everything that is derived from a table is.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    /// Resources of an instance.
    pub resources: usize,
    /// Slots for resource instances of an instance.
    pub slots: usize,
    /// Bytes of values of an instance, padding between instances included.
    pub values: usize,
    /// Callbacks.
    pub callbacks: usize,
    /// Defaults that are not zero.
    pub defaults: usize,
    /// Bytes of these defaults.
    pub default_bytes: usize,
}

/// Measures a table.
pub(crate) const fn sizes(rows: &[ResourceDefinition]) -> Sizes {
    let mut sizes = Sizes {
        resources: 0,
        slots: 0,
        values: end_of_values(rows),
        callbacks: 0,
        defaults: 0,
        default_bytes: 0,
    };
    let mut at = 0;
    while at < rows.len() {
        let row = &rows[at];
        if !matches!(row.instances, Instances::Undefined) {
            sizes.resources += 1;
            sizes.slots += row.slots();
            sizes.callbacks += row.read.is_some() as usize
                + row.pre_write.is_some() as usize
                + row.validate.is_some() as usize
                + row.post_write.is_some() as usize
                + row.execute.is_some() as usize;
        }
        if !matches!(row.default, Default::Zero) {
            sizes.defaults += 1;
            sizes.default_bytes += match row.default {
                Default::Zero => 0,
                Default::Number(_, width) => width,
                Default::Text(text) => text.len(),
            };
        }
        at += 1;
    }
    assert!(sizes.resources <= 255 && sizes.values < Layout::SUPPLIED as usize);
    sizes
}

/// The first `N` rows of a table: what an older version of the object has. The values of these rows
/// may lie elsewhere than in the whole table; see [`first`].
pub(crate) const fn beginning<const N: usize>(
    rows: &[ResourceDefinition],
) -> [ResourceDefinition; N] {
    let mut beginning = [undefined(0, 0, 0); N];
    let mut at = 0;
    while at < N {
        beginning[at] = rows[at];
        at += 1;
    }
    beginning
}

/// As [`beginning`], for an object whose code knows where its values are: these rows' lie where
/// they lie in the whole table.
pub(crate) const fn first<const N: usize>(rows: &[ResourceDefinition]) -> [ResourceDefinition; N] {
    let first = beginning(rows);
    let mut at = 0;
    while at < N {
        assert!(!first[at].has_values() || offset(&first, at) == offset(rows, at));
        at += 1;
    }
    first
}

/// The C field definitions.
pub(crate) const fn fields<const N: usize>(
    rows: &[ResourceDefinition],
) -> [lwm2m_engine_obj_field; N] {
    let mut fields = [lwm2m_engine_obj_field {
        res_id: 0,
        permissions: 0,
        data_type: 0,
    }; N];
    let mut at = 0;
    while at < N {
        fields[at] = lwm2m_engine_obj_field {
            res_id: rows[at].id,
            permissions: rows[at].permissions,
            data_type: rows[at].data_type,
        };
        at += 1;
    }
    fields
}

/// The layout of an instance. Values are laid out by falling alignment, so that none is padded.
pub(crate) const fn layout<const N: usize>(rows: &[ResourceDefinition]) -> [Layout; N] {
    let mut layout = [Layout {
        id: 0,
        offset: Layout::SUPPLIED,
        size: 0,
        length: 0,
        slots: 0,
        kind: Kind::Single,
    }; N];
    let (mut at, mut resource) = (0, 0);
    while at < rows.len() {
        let row = &rows[at];
        if !matches!(row.instances, Instances::Undefined) {
            layout[resource].id = row.id;
            layout[resource].slots = row.slots() as u8;
            layout[resource].kind = match row.instances {
                Instances::Undefined | Instances::Executable | Instances::Single => Kind::Single,
                Instances::SingleAbsent => Kind::SingleAbsent,
                Instances::Multiple(_) => Kind::Multiple,
                Instances::MultipleCreated(_) => Kind::MultipleCreated,
            };
            if row.has_values() {
                layout[resource].offset = offset(rows, at) as u16;
                layout[resource].size = row.size;
                layout[resource].length = row.length();
            }
            resource += 1;
        }
        at += 1;
    }
    layout
}

/// Where the values of row `index` begin: behind those of larger alignment, and those of the same
/// alignment that come earlier.
const fn offset(rows: &[ResourceDefinition], index: usize) -> usize {
    let mut offset = 0;
    let mut at = 0;
    while at < rows.len() {
        let before = rows[at].alignment() > rows[index].alignment()
            || rows[at].alignment() == rows[index].alignment() && at < index;
        if rows[at].has_values() && before {
            offset += rows[at].size as usize * rows[at].slots();
        }
        at += 1;
    }
    offset
}

/// Bytes from one instance's values to the next one's.
const fn end_of_values(rows: &[ResourceDefinition]) -> usize {
    let (mut end, mut alignment) = (0, 1);
    let mut at = 0;
    while at < rows.len() {
        if rows[at].has_values() {
            end += rows[at].size as usize * rows[at].slots();
            if rows[at].alignment() > alignment {
                alignment = rows[at].alignment();
            }
        }
        at += 1;
    }
    end.next_multiple_of(alignment)
}

/// The callbacks.
pub(crate) const fn callbacks<const N: usize>(rows: &[ResourceDefinition]) -> [Bound; N] {
    let mut callbacks = [Bound::Nothing; N];
    let (mut at, mut resource, mut next) = (0, 0, 0);
    while at < rows.len() {
        let row = &rows[at];
        if !matches!(row.instances, Instances::Undefined) {
            if let Some(callback) = row.read {
                callbacks[next] = Bound::Read(resource, callback);
                next += 1;
            }
            if let Some(callback) = row.pre_write {
                callbacks[next] = Bound::PreWrite(resource, callback);
                next += 1;
            }
            if let Some(callback) = row.validate {
                callbacks[next] = Bound::Validate(resource, callback);
                next += 1;
            }
            if let Some(callback) = row.post_write {
                callbacks[next] = Bound::PostWrite(resource, callback);
                next += 1;
            }
            if let Some(callback) = row.execute {
                callbacks[next] = Bound::Execute(resource, callback);
                next += 1;
            }
            resource += 1;
        }
        at += 1;
    }
    callbacks
}

/// Where the defaults go.
pub(crate) const fn default_places<const N: usize>(
    rows: &[ResourceDefinition],
) -> [DefaultPlace; N] {
    let mut places = [DefaultPlace {
        offset: 0,
        length: 0,
    }; N];
    let (mut at, mut next) = (0, 0);
    while at < rows.len() {
        let length = match rows[at].default {
            Default::Zero => 0,
            Default::Number(_, width) => width,
            Default::Text(text) => text.len(),
        };
        if !matches!(rows[at].default, Default::Zero) {
            places[next] = DefaultPlace {
                offset: offset(rows, at) as u16,
                length: length as u16,
            };
            next += 1;
        }
        at += 1;
    }
    places
}

/// The bytes of the defaults, in the order of [`default_places`].
pub(crate) const fn default_bytes<const N: usize>(rows: &[ResourceDefinition]) -> [u8; N] {
    let mut bytes = [0; N];
    let (mut at, mut next) = (0, 0);
    while at < rows.len() {
        let (number, text);
        let (from, length): (&[u8], usize) = match rows[at].default {
            Default::Zero => (&[], 0),
            Default::Number(value, width) => {
                number = value;
                (&number, width)
            }
            Default::Text(value) => {
                text = value;
                (text.as_bytes(), text.len())
            }
        };
        let mut byte = 0;
        while byte < length {
            bytes[next] = from[byte];
            next += 1;
            byte += 1;
        }
        at += 1;
    }
    bytes
}

/// Where resource `id`, a single scalar of type `data_type` that the object keeps, has its value.
pub(crate) const fn place(rows: &[ResourceDefinition], id: u16, data_type: u8) -> u16 {
    let mut at = 0;
    while at < rows.len() {
        if rows[at].id == id {
            assert!(rows[at].data_type == data_type && rows[at].has_values());
            return offset(rows, at) as u16;
        }
        at += 1;
    }
    panic!("the table has no such resource")
}
