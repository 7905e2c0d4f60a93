// SPDX-License-Identifier: Apache-2.0
//! Holds every table against `objects.tsv`, and the C nodes that are built from it against both.

use std::vec::Vec;
use std::{format, vec};

use lwm2m_config as config;
use lwm2m_registry::c_types::*;

use crate::access::lock;
use crate::definition::{Kind, ResourceDefinition, fields, layout, sizes};
use crate::object::Object;
use crate::test_client::alone;

/// What an object is, apart from its resources.
struct Facts {
    version: (u8, u8),
    core: bool,
    places: u32,
}

/// A row of `objects.tsv`.
struct Row<'a> {
    id: u16,
    permissions: u8,
    data_type: u8,
    kind: Kind,
    slots: usize,
    minor_version: u8,
    instantiated: bool,
    default: &'a str,
}

/// Declared and never instantiated in C; here they are, and begin with 0.
const INSTANTIATED_HERE: [(u16, u16); 2] = [(3340, 5501), (4, 6)];

/// What servers cannot write here, unlike in C: docs/compatibility.md.
const READ_ONLY_HERE: [(u16, u16); 2] = [(2, 0), (2, 1)];

/// Without memory in C, the first ones declared only; here a Bootstrap-Server may write them, and they
/// have no value before.
const KEPT_HERE: [(u16, u16); 8] = [
    (0, 11),
    (0, 12),
    (1, 14),
    (1, 15),
    (1, 17),
    (1, 18),
    (1, 19),
    (1, 20),
];

/// A multiple resource whose resource instances are all created with it.
const MULTIPLE_CREATED: (u16, u16) = (19, 0);

/// A single resource whose resource instance is not created with it.
const SINGLE_ABSENT: (u16, u16) = (9, 2);

fn rows(object: u16) -> Vec<Row<'static>> {
    include_str!("../objects.tsv")
        .lines()
        .filter(|line| line.starts_with(&format!("{object}\t")))
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let id = columns[1].parse().unwrap();
            let optional = u8::from(columns[7] == "y") << LWM2M_FLAG_OPTIONAL;
            let here = INSTANTIATED_HERE.contains(&(object, id));
            let operations = match READ_ONLY_HERE.contains(&(object, id)) {
                true => "R",
                false => columns[3],
            };
            let kept = KEPT_HERE.contains(&(object, id))
                && (object != 0 || config::RD_CLIENT_SUPPORT_BOOTSTRAP);
            Row {
                id,
                permissions: permissions(operations) | optional,
                data_type: data_type(columns[4]),
                slots: slots(columns[6]),
                kind: kind(object, id, columns[5] == "multiple"),
                minor_version: minor_version(columns[8]),
                instantiated: columns[9] == "y" || here || kept,
                default: match (here, kept) {
                    (true, _) => "0",
                    (_, true) => "kept",
                    _ => columns[10],
                },
            }
        })
        .collect()
}

fn kind(object: u16, id: u16, multiple: bool) -> Kind {
    match (object, id) {
        MULTIPLE_CREATED => Kind::MultipleCreated,
        SINGLE_ABSENT => Kind::SingleAbsent,
        _ if multiple => Kind::Multiple,
        _ => Kind::Single,
    }
}

/// The smallest minor version of the object that has the resource.
fn minor_version(condition: &str) -> u8 {
    match condition.strip_prefix("object minor version > ") {
        Some(older) => older.parse::<u8>().unwrap() + 1,
        None => u8::from(condition.contains("1_1")),
    }
}

fn permissions(operations: &str) -> u8 {
    match operations {
        "R" => LWM2M_PERM_R,
        "W" => LWM2M_PERM_W,
        "RW" => LWM2M_PERM_RW,
        "E" => LWM2M_PERM_X,
        other => panic!("{other}"),
    }
}

fn data_type(name: &str) -> u8 {
    match name {
        "none (execute)" => LWM2M_RES_TYPE_NONE,
        "OPAQUE" => LWM2M_RES_TYPE_OPAQUE,
        "STRING" => LWM2M_RES_TYPE_STRING,
        "U8" => LWM2M_RES_TYPE_U8,
        "U16" => LWM2M_RES_TYPE_U16,
        "U32" => LWM2M_RES_TYPE_U32,
        "S16" => LWM2M_RES_TYPE_S16,
        "S32" | "INT" => LWM2M_RES_TYPE_S32,
        "S64" => LWM2M_RES_TYPE_S64,
        "BOOL" => LWM2M_RES_TYPE_BOOL,
        "TIME" => LWM2M_RES_TYPE_TIME,
        "FLOAT" => LWM2M_RES_TYPE_FLOAT,
        "OBJLNK" => LWM2M_RES_TYPE_OBJLNK,
        other => panic!("{other}"),
    }
}

fn slots(capacity: &str) -> usize {
    let slots = match capacity {
        "CONFIG_LWM2M_SECURITY_DTLS_TLS_CIPHERSUITE_MAX" => {
            config::SECURITY_DTLS_TLS_CIPHERSUITE_MAX
        }
        "CONFIG_LWM2M_DEVICE_PWRSRC_MAX" => config::DEVICE_PWRSRC_MAX,
        "CONFIG_LWM2M_DEVICE_ERROR_CODE_MAX" => config::DEVICE_ERROR_CODE_MAX,
        "CONFIG_LWM2M_DEVICE_EXT_DEV_INFO_MAX" => config::DEVICE_EXT_DEV_INFO_MAX,
        "CONFIG_LWM2M_SERVER_INSTANCE_COUNT + 1" => config::SERVER_INSTANCE_COUNT + 1,
        "CONFIG_LWM2M_CONN_MON_BEARER_MAX" => config::CONN_MON_BEARER_MAX,
        "CONFIG_LWM2M_CONN_MON_APN_MAX" => config::CONN_MON_APN_MAX,
        text if text.starts_with("CONFIG_NET_IF_MAX_IPV6_COUNT") => crate::connectivity::ADDRESSES,
        text if text.starts_with("CONFIG_NET_MAX_ROUTERS") => crate::connectivity::ROUTERS,
        "CONFIG_LWM2M_BINARYAPPDATA_DATA_INSTANCE_COUNT" => {
            config::BINARYAPPDATA_DATA_INSTANCE_COUNT
        }
        "CONFIG_LWM2M_UCIFI_LPWAN_IPV4_ADDRESS_MAX" => config::UCIFI_LPWAN_IPV4_ADDRESS_MAX,
        "CONFIG_LWM2M_UCIFI_LPWAN_IPV6_ADDRESS_MAX" => config::UCIFI_LPWAN_IPV6_ADDRESS_MAX,
        "CONFIG_LWM2M_UCIFI_LPWAN_NETWORK_ADDRESS_MAX" => config::UCIFI_LPWAN_NETWORK_ADDRESS_MAX,
        "CONFIG_LWM2M_UCIFI_LPWAN_SECONDARY_NETWORK_ADDRESS_MAX" => {
            config::UCIFI_LPWAN_SECONDARY_NETWORK_ADDRESS_MAX
        }
        "CONFIG_LWM2M_UCIFI_LPWAN_PEER_ADDRESS_MAX" => config::UCIFI_LPWAN_PEER_ADDRESS_MAX,
        "CONFIG_LWM2M_UCIFI_LPWAN_MULTICAST_GRP_ADDRESS_MAX" => {
            config::UCIFI_LPWAN_MULTICAST_GRP_ADDRESS_MAX
        }
        "CONFIG_LWM2M_UCIFI_LPWAN_MULTICAST_GRP_KEY_MAX" => {
            config::UCIFI_LPWAN_MULTICAST_GRP_KEY_MAX
        }
        number => number.parse().unwrap(),
    };
    slots as usize
}

/// The memory and the value that a default describes: capacity and bytes; `None` when the
/// application supplies both.
fn expected(default: &str, data_type: u8) -> Option<(usize, Vec<u8>)> {
    // An object that the configuration leaves out has buffers of size 0: none.
    let some = |capacity: u32, bytes: Vec<u8>| (capacity > 0).then_some((capacity as usize, bytes));
    let buffer = |capacity: u32, text: &str| {
        let mut bytes = Vec::from(text);
        if !text.is_empty() {
            bytes.push(0);
        }
        some(capacity, bytes)
    };
    let text = |capacity: u32, text: &str| some(capacity, [text.as_bytes(), &[0]].concat());
    let number = |value: f64| {
        let bytes = match data_type {
            LWM2M_RES_TYPE_U8 | LWM2M_RES_TYPE_BOOL => vec![value as u8],
            LWM2M_RES_TYPE_U16 => Vec::from((value as u16).to_ne_bytes()),
            LWM2M_RES_TYPE_U32 => Vec::from((value as u32).to_ne_bytes()),
            LWM2M_RES_TYPE_S16 => Vec::from((value as i16).to_ne_bytes()),
            LWM2M_RES_TYPE_S32 => Vec::from((value as i32).to_ne_bytes()),
            LWM2M_RES_TYPE_S64 => Vec::from((value as i64).to_ne_bytes()),
            LWM2M_RES_TYPE_TIME => Vec::from((value as time_t).to_ne_bytes()),
            LWM2M_RES_TYPE_FLOAT => Vec::from(value.to_ne_bytes()),
            other => panic!("{other}"),
        };
        Some((bytes.len(), bytes))
    };
    let binding = if config::VERSION_1_0 && config::QUEUE_MODE_ENABLED {
        "UQ"
    } else {
        "U"
    };
    match default {
        "-" => None,
        "kept" => number(0.0).map(|(size, _)| (size, vec![])),
        text if text.starts_with("time offset") => None,
        text if text.contains("read callback") && data_type == LWM2M_RES_TYPE_S64 => None,
        "from read-version callback; NULL/absent if none" => {
            buffer(config::SWMGMT_PACKAGE_VERSION_LEN, "")
        }
        text if text.starts_with("zero-filled, length = CONFIG_LWM2M_SWMGMT_PACKAGE_URI_LEN") => {
            let size = config::SWMGMT_PACKAGE_URI_LEN;
            config::FIRMWARE_UPDATE_PULL_SUPPORT.then(|| (size as usize, vec![0; size as usize]))
        }
        "4 slots of 40 bytes, none created" => buffer(40, ""),
        "empty (17 byte buffer)" => buffer(17, ""),
        "empty (32 byte buffer)" => buffer(32, ""),
        text if text.starts_with("buffer holds CONFIG_LWM2M_IPSO_GENERIC_SENSOR_TYPE") => {
            buffer(32, "")
        }
        "empty (CONFIG_LWM2M_SWMGMT_PACKAGE_NAME_LEN)" => {
            buffer(config::SWMGMT_PACKAGE_NAME_LEN, "")
        }
        "CONFIG_LWM2M_GATEWAY_DEFAULT_DEVICE_ID (Node)" => text(
            config::GATEWAY_DEVICE_ID_MAX_STR_SIZE,
            config::GATEWAY_DEFAULT_DEVICE_ID,
        ),
        "CONFIG_LWM2M_GATEWAY_DEFAULT_DEVICE_PREFIX (n) followed by slot index" => text(
            config::GATEWAY_PREFIX_MAX_STR_SIZE,
            &format!("{}0", config::GATEWAY_DEFAULT_DEVICE_PREFIX),
        ),
        "CONFIG_LWM2M_GATEWAY_DEFAULT_IOT_DEVICE_OBJECTS (empty)" => text(
            config::GATEWAY_IOT_DEVICE_OBJECTS_MAX_STR_SIZE,
            config::GATEWAY_DEFAULT_IOT_DEVICE_OBJECTS,
        ),
        // Filled in when it is known what the instance speaks of.
        "object id being controlled" | "object instance id, 65535 for object level" => number(0.0),
        text if text.starts_with("SSID of creating server") => number(0.0),
        text if text.starts_with("no instances created; capacity server count") => number(0.0),
        text if text.starts_with("not reset on re-creation") => number(0.0),
        "empty (8 byte buffer)" => buffer(8, ""),
        "empty (64 byte buffer)" => buffer(64, ""),
        "empty (255 byte buffer)" => buffer(255, ""),
        "empty (CONFIG_LWM2M_SECURITY_KEY_SIZE bytes)" => buffer(config::SECURITY_KEY_SIZE, ""),
        text if text.starts_with("U, or UQ") => {
            buffer(if text.contains("(4 byte") { 4 } else { 8 }, binding)
        }
        "false" => number(0.0),
        "true" => number(1.0),
        "slot index + 1" => number(1.0),
        "CONFIG_LWM2M_ENGINE_DEFAULT_LIFETIME (30)" => {
            number(f64::from(config::ENGINE_DEFAULT_LIFETIME))
        }
        "CONFIG_LWM2M_SERVER_DEFAULT_PMIN (0)" => number(f64::from(config::SERVER_DEFAULT_PMIN)),
        "CONFIG_LWM2M_SERVER_DEFAULT_PMAX (0)" => number(f64::from(config::SERVER_DEFAULT_PMAX)),
        "CONFIG_LWM2M_SERVER_BOOTSTRAP_ON_FAIL (true)" => {
            number(f64::from(u8::from(config::SERVER_BOOTSTRAP_ON_FAIL)))
        }
        text if text.starts_with("2 with CONFIG_LWM2M_FIRMWARE_UPDATE_PULL_SUPPORT") => {
            number(if config::FIRMWARE_UPDATE_PULL_SUPPORT {
                2.0
            } else {
                1.0
            })
        }
        text if text.starts_with("instance 0 = 0") => number(0.0),
        text => number(text.split(' ').next().unwrap().parse().unwrap()),
    }
}

/// The table has the rows of `objects.tsv`, in their order.
fn check_table<const N: usize>(object: u16, table: &[ResourceDefinition; N]) {
    let rows = rows(object);
    assert_eq!(rows.len(), N);
    for (field, row) in fields::<N>(table).iter().zip(&rows) {
        assert_eq!(
            (field.res_id, field.permissions, field.data_type),
            (row.id, row.permissions, row.data_type),
            "{object}/-/{}",
            row.id
        );
    }
    let instantiated: Vec<&Row> = rows.iter().filter(|row| row.instantiated).collect();
    assert_eq!(sizes(table).resources, instantiated.len());
    for (resource, row) in layout::<N>(table).iter().zip(instantiated) {
        assert_eq!(
            (resource.id, resource.kind, usize::from(resource.slots)),
            (row.id, row.kind, row.slots),
            "{object}/-/{}",
            row.id
        );
    }
}

/// The nodes of a fresh instance are as `objects.tsv` says.
fn check_nodes(object: &'static Object, facts: &Facts) {
    let rows: Vec<Row> = rows(object.id())
        .into_iter()
        .filter(|row| row.minor_version <= facts.version.1)
        .collect();
    object.prepare(&lock());
    // SAFETY: the object was just prepared, and no other test runs.
    let node = unsafe { object.node().read() };
    assert_eq!((node.version_major, node.version_minor), facts.version);
    assert_eq!(node.is_core, u8::from(facts.core));
    assert_eq!(u32::from(node.max_instance_count), facts.places);
    assert_eq!(usize::from(node.field_count), rows.len());

    // SAFETY: the create callback of this object, alone.
    let instance = unsafe { node.create_cb.unwrap()(0) };
    // SAFETY: it was just made, and no other test runs.
    let instance = unsafe { instance.read() };
    assert!(instance.obj.is_null(), "the registry gives it its numbers");
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.instantiated).collect();
    assert_eq!(usize::from(instance.resource_count), rows.len());
    for (index, row) in rows.iter().enumerate() {
        // SAFETY: below the count of resources.
        let resource = unsafe { instance.resources.add(index).read() };
        let name = format!("{}/0/{}", object.id(), row.id);
        assert_eq!(resource.res_id, row.id, "{name}");
        assert_eq!(
            resource.multi_res_inst,
            u8::from(row.kind.is_multiple()),
            "{name}"
        );
        assert_eq!(usize::from(resource.res_inst_count), row.slots, "{name}");
        assert_eq!(resource.res_instances.is_null(), row.slots == 0, "{name}");
        for slot in 0..row.slots {
            // SAFETY: below the count of slots.
            check_slot(&name, row, slot, unsafe {
                resource.res_instances.add(slot).read()
            });
        }
    }
}

fn check_slot(name: &str, row: &Row, slot: usize, node: lwm2m_engine_res_inst) {
    let first_of_many = row.default.starts_with("instance 0") && slot == 0;
    let created = row.kind.is_created() || first_of_many;
    let id = if created {
        slot as u16
    } else {
        RES_INSTANCE_NOT_CREATED
    };
    assert_eq!((node.res_inst_id, node.data_flags), (id, 0), "{name}");
    let Some((capacity, value)) = expected(row.default, row.data_type) else {
        assert!(node.data_ptr.is_null(), "{name}");
        assert_eq!((node.max_data_len, node.data_len), (0, 0), "{name}");
        return;
    };
    assert_eq!(usize::from(node.max_data_len), capacity, "{name}");
    // SAFETY: as many bytes as the value has.
    let bytes = unsafe {
        core::slice::from_raw_parts(node.data_ptr.cast::<u8>(), usize::from(node.data_len))
    };
    assert_eq!(bytes, value, "{name}");
    let alignment = match row.data_type {
        LWM2M_RES_TYPE_STRING | LWM2M_RES_TYPE_OPAQUE => 1,
        _ => capacity,
    };
    assert_eq!(node.data_ptr.addr() % alignment, 0, "{name}");
}

fn places(configured: u32) -> u32 {
    configured.max(1)
}

macro_rules! table_tests {
    ($($module:ident = $id:literal, $version:expr, $core:literal, $places:expr;)*) => {$(
        #[test]
        fn $module() {
            let _alone = alone();
            check_table($id, &crate::$module::RESOURCES);
            assert_eq!(crate::$module::OBJECT.id(), $id);
            let facts = Facts { version: $version, core: $core, places: $places };
            check_nodes(&crate::$module::OBJECT, &facts);
        }
    )*};
}

fn version(v1_1: bool) -> (u8, u8) {
    (1, u8::from(v1_1))
}

const CONNECTIVITY_VERSION: (u8, u8) = if config::CONNMON_OBJECT_VERSION_1_3 {
    (1, 3)
} else if config::CONNMON_OBJECT_VERSION_1_2 {
    (1, 2)
} else {
    (1, 0)
};

table_tests! {
    security = 0, version(config::SECURITY_OBJECT_VERSION_1_1), true,
        places(config::SECURITY_INSTANCE_COUNT);
    server = 1, version(config::SERVER_OBJECT_VERSION_1_1), true,
        places(config::SERVER_INSTANCE_COUNT);
    access_control = 2, (1, 0), true, places(config::ACCESS_CONTROL_INSTANCE_COUNT);
    device = 3, (1, 0), true, 1;
    connectivity = 4, CONNECTIVITY_VERSION, true, 1;
    firmware = 5, (1, 0), true,
        if config::FIRMWARE_UPDATE_OBJ_SUPPORT_MULTIPLE {
            places(config::FIRMWARE_UPDATE_OBJ_INSTANCE_COUNT)
        } else {
            1
        };
    location = 6, (1, 0), true, 1;
    software_management = 9, (1, 0), false, places(config::SWMGMT_MAX_INSTANCE_COUNT);
    portfolio = 16, (1, 0), false, 2;
    binary_app_data = 19, (1, 0), false, places(config::BINARYAPPDATA_INSTANCE_COUNT);
    event_log = 20, (1, 0), false, 1;
    gateway = 25, (2, 0), false, places(config::GATEWAY_MAX_INSTANCES);
    generic_sensor = 3300, version(config::IPSO_GENERIC_SENSOR_VERSION_1_1), false,
        places(config::IPSO_GENERIC_SENSOR_INSTANCE_COUNT);
    temperature = 3303, version(config::IPSO_TEMP_SENSOR_VERSION_1_1), false,
        places(config::IPSO_TEMP_SENSOR_INSTANCE_COUNT);
    humidity = 3304, version(config::IPSO_HUMIDITY_SENSOR_VERSION_1_1), false,
        places(config::IPSO_HUMIDITY_SENSOR_INSTANCE_COUNT);
    light_control = 3311, (1, 0), false, places(config::IPSO_LIGHT_CONTROL_INSTANCE_COUNT);
    accelerometer = 3313, version(config::IPSO_ACCELEROMETER_VERSION_1_1), false,
        places(config::IPSO_ACCELEROMETER_INSTANCE_COUNT);
    voltage = 3316, version(config::IPSO_VOLTAGE_SENSOR_VERSION_1_1), false,
        places(config::IPSO_VOLTAGE_SENSOR_INSTANCE_COUNT);
    current = 3317, version(config::IPSO_CURRENT_SENSOR_VERSION_1_1), false,
        places(config::IPSO_CURRENT_SENSOR_INSTANCE_COUNT);
    pressure = 3323, version(config::IPSO_PRESSURE_SENSOR_VERSION_1_1), false,
        places(config::IPSO_PRESSURE_SENSOR_INSTANCE_COUNT);
    buzzer = 3338, version(config::IPSO_BUZZER_VERSION_1_1), false,
        places(config::IPSO_BUZZER_INSTANCE_COUNT);
    timer = 3340, (1, 0), false, places(config::IPSO_TIMER_INSTANCE_COUNT);
    on_off_switch = 3342, version(config::IPSO_ONOFF_SWITCH_VERSION_1_1), false,
        places(config::IPSO_ONOFF_SWITCH_INSTANCE_COUNT);
    push_button = 3347, version(config::IPSO_PUSH_BUTTON_VERSION_1_1), false,
        places(config::IPSO_PUSH_BUTTON_INSTANCE_COUNT);
    battery = 3411, (1, 0), false, places(config::UCIFI_BATTERY_INSTANCE_COUNT);
    lpwan = 3412, (1, 0), false, places(config::UCIFI_LPWAN_INSTANCE_COUNT);
    filling = 3435, (1, 0), false, places(config::IPSO_FILLING_SENSOR_INSTANCE_COUNT);
}

#[test]
fn every_row_of_the_contract_belongs_to_a_tested_object() {
    let covered: usize = crate::ORDER.iter().map(|&object| rows(object).len()).sum();
    let all = include_str!("../objects.tsv")
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    assert_eq!(covered, all.count());
    assert_eq!(covered, 309);
}

#[test]
fn exactly_the_configured_objects_are_initialised() {
    let _alone = alone();
    crate::init().unwrap();
    let configured = [
        (0, true),
        (1, true),
        (2, config::ACCESS_CONTROL_ENABLE),
        (3, true),
        (4, config::CONN_MON_OBJ_SUPPORT),
        (5, config::FIRMWARE_UPDATE_OBJ_SUPPORT),
        (6, config::LOCATION_OBJ_SUPPORT),
        (9, config::SWMGMT_OBJ_SUPPORT),
        (16, config::PORTFOLIO_OBJ_SUPPORT),
        (19, config::BINARYAPPDATA_OBJ_SUPPORT),
        (20, config::EVENT_LOG_OBJ_SUPPORT),
        (25, config::GATEWAY_OBJ_SUPPORT),
        (3300, config::IPSO_GENERIC_SENSOR),
        (3303, config::IPSO_TEMP_SENSOR),
        (3304, config::IPSO_HUMIDITY_SENSOR),
        (3311, config::IPSO_LIGHT_CONTROL),
        (3313, config::IPSO_ACCELEROMETER),
        (3316, config::IPSO_VOLTAGE_SENSOR),
        (3317, config::IPSO_CURRENT_SENSOR),
        (3323, config::IPSO_PRESSURE_SENSOR),
        (3338, config::IPSO_BUZZER),
        (3340, config::IPSO_TIMER),
        (3342, config::IPSO_ONOFF_SWITCH),
        (3347, config::IPSO_PUSH_BUTTON),
        (3411, config::UCIFI_BATTERY),
        (3412, config::UCIFI_LPWAN),
        (3435, config::IPSO_FILLING_SENSOR),
    ];
    for (object, is_there) in configured {
        assert_eq!(
            !lock().get_engine_obj(object).is_null(),
            is_there,
            "{object}"
        );
    }
}
