// SPDX-License-Identifier: Apache-2.0
//! What the server knows of objects: names for legibility, and types for the formats that carry
//! none. Names as in the OMA registry (OMA-TS-LightweightM2M_Core-V1_1_1 appendix E; IPSO 3303).

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::Path;

/// A resource's data type (OMA-TS-LightweightM2M_Core-V1_1_1 appendix C).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    String,
    /// Signed integer of 8, 16, 32 or 64 bits.
    Integer,
    /// Unsigned integer of 8, 16, 32 or 64 bits (LwM2M 1.1).
    Unsigned,
    /// Number of 32 or 64 bits.
    Float,
    /// True or false.
    Boolean,
    /// Bytes.
    Opaque,
    /// Seconds since 1970-01-01T00:00:00Z.
    Time,
    /// Object and instance it refers to.
    ObjectLink,
    /// No value: executable.
    Executable,
}

/// One resource of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceModel {
    /// The registry's name.
    pub name: Cow<'static, str>,
    /// Its data type.
    pub kind: Kind,
}

/// The objects the server can name and whose types it knows; starts with 0, 1, 3, 5 and 3303.
#[derive(Clone, Debug)]
pub struct Models {
    objects: BTreeMap<u16, Cow<'static, str>>,
    resources: BTreeMap<(u16, u16), ResourceModel>,
}

impl Models {
    /// Names an object, in place of what was known of its name.
    pub fn add_object(&mut self, object: u16, name: impl Into<Cow<'static, str>>) -> &mut Self {
        self.objects.insert(object, name.into());
        self
    }

    /// Describes a resource, in place of what was known of it.
    pub fn add_resource(
        &mut self,
        object: u16,
        resource: u16,
        name: impl Into<Cow<'static, str>>,
        kind: Kind,
    ) -> &mut Self {
        self.resources.insert(
            (object, resource),
            ResourceModel {
                name: name.into(),
                kind,
            },
        );
        self
    }

    /// The resource a path of three or four levels leads to.
    pub fn resource(&self, path: &Path) -> Option<&ResourceModel> {
        self.resources.get(&(path.object()?, path.resource()?))
    }

    /// The type of the value at the path.
    pub fn kind(&self, path: &Path) -> Option<Kind> {
        self.resource(path).map(|resource| resource.kind)
    }

    /// The name of the resource, or of the object where the path ends above resources.
    pub fn name(&self, path: &Path) -> Option<&str> {
        match path.resource() {
            Some(_) => self.resource(path).map(|resource| resource.name.as_ref()),
            None => self.objects.get(&path.object()?).map(Cow::as_ref),
        }
    }
}

impl Default for Models {
    fn default() -> Self {
        let mut models = Models {
            objects: BTreeMap::new(),
            resources: BTreeMap::new(),
        };
        for (object, name, resources) in OBJECTS {
            models.add_object(*object, *name);
            for (resource, name, kind) in *resources {
                models.add_resource(*object, *resource, *name, *kind);
            }
        }
        models
    }
}

type Resources = &'static [(u16, &'static str, Kind)];

const OBJECTS: &[(u16, &str, Resources)] = &[
    (0, "LwM2M Security", SECURITY),
    (1, "LwM2M Server", SERVER),
    (3, "Device", DEVICE),
    (5, "Firmware Update", FIRMWARE_UPDATE),
    (3303, "Temperature", TEMPERATURE),
];

const SECURITY: Resources = &[
    (0, "LwM2M Server URI", Kind::String),
    (1, "Bootstrap-Server", Kind::Boolean),
    (2, "Security Mode", Kind::Integer),
    (3, "Public Key or Identity", Kind::Opaque),
    (4, "Server Public Key", Kind::Opaque),
    (5, "Secret Key", Kind::Opaque),
    (6, "SMS Security Mode", Kind::Integer),
    (7, "SMS Binding Key Parameters", Kind::Opaque),
    (8, "SMS Binding Secret Key(s)", Kind::Opaque),
    (9, "LwM2M Server SMS Number", Kind::String),
    (10, "Short Server ID", Kind::Integer),
    (11, "Client Hold Off Time", Kind::Integer),
    (12, "Bootstrap-Server Account Timeout", Kind::Integer),
    (13, "Matching Type", Kind::Unsigned),
    (14, "SNI", Kind::String),
    (15, "Certificate Usage", Kind::Unsigned),
    (16, "DTLS/TLS Ciphersuite", Kind::Unsigned),
    (17, "OSCORE Security Mode", Kind::ObjectLink),
];

const SERVER: Resources = &[
    (0, "Short Server ID", Kind::Integer),
    (1, "Lifetime", Kind::Integer),
    (2, "Default Minimum Period", Kind::Integer),
    (3, "Default Maximum Period", Kind::Integer),
    (4, "Disable", Kind::Executable),
    (5, "Disable Timeout", Kind::Integer),
    (
        6,
        "Notification Storing When Disabled or Offline",
        Kind::Boolean,
    ),
    (7, "Binding", Kind::String),
    (8, "Registration Update Trigger", Kind::Executable),
    (9, "Bootstrap-Request Trigger", Kind::Executable),
    (10, "APN Link", Kind::ObjectLink),
    (11, "TLS-DTLS Alert Code", Kind::Unsigned),
    (12, "Last Bootstrapped", Kind::Time),
    (13, "Registration Priority Order", Kind::Unsigned),
    (14, "Initial Registration Delay Timer", Kind::Unsigned),
    (15, "Registration Failure Block", Kind::Boolean),
    (16, "Bootstrap on Registration Failure", Kind::Boolean),
    (17, "Communication Retry Count", Kind::Unsigned),
    (18, "Communication Retry Timer", Kind::Unsigned),
    (19, "Communication Sequence Delay Timer", Kind::Unsigned),
    (20, "Communication Sequence Retry Count", Kind::Unsigned),
    (21, "Trigger", Kind::Boolean),
    (22, "Preferred Transport", Kind::String),
    (23, "Mute Send", Kind::Boolean),
];

const DEVICE: Resources = &[
    (0, "Manufacturer", Kind::String),
    (1, "Model Number", Kind::String),
    (2, "Serial Number", Kind::String),
    (3, "Firmware Version", Kind::String),
    (4, "Reboot", Kind::Executable),
    (5, "Factory Reset", Kind::Executable),
    (6, "Available Power Sources", Kind::Integer),
    (7, "Power Source Voltage", Kind::Integer),
    (8, "Power Source Current", Kind::Integer),
    (9, "Battery Level", Kind::Integer),
    (10, "Memory Free", Kind::Integer),
    (11, "Error Code", Kind::Integer),
    (12, "Reset Error Code", Kind::Executable),
    (13, "Current Time", Kind::Time),
    (14, "UTC Offset", Kind::String),
    (15, "Timezone", Kind::String),
    (16, "Supported Binding and Modes", Kind::String),
    (17, "Device Type", Kind::String),
    (18, "Hardware Version", Kind::String),
    (19, "Software Version", Kind::String),
    (20, "Battery Status", Kind::Integer),
    (21, "Memory Total", Kind::Integer),
    (22, "ExtDevInfo", Kind::ObjectLink),
];

const FIRMWARE_UPDATE: Resources = &[
    (0, "Package", Kind::Opaque),
    (1, "Package URI", Kind::String),
    (2, "Update", Kind::Executable),
    (3, "State", Kind::Integer),
    (5, "Update Result", Kind::Integer),
    (6, "PkgName", Kind::String),
    (7, "PkgVersion", Kind::String),
    (8, "Firmware Update Protocol Support", Kind::Integer),
    (9, "Firmware Update Delivery Method", Kind::Integer),
];

const TEMPERATURE: Resources = &[
    (5518, "Timestamp", Kind::Time),
    (5601, "Min Measured Value", Kind::Float),
    (5602, "Max Measured Value", Kind::Float),
    (5603, "Min Range Value", Kind::Float),
    (5604, "Max Range Value", Kind::Float),
    (5605, "Reset Min and Max Measured Values", Kind::Executable),
    (5700, "Sensor Value", Kind::Float),
    (5701, "Sensor Units", Kind::String),
    (5750, "Application Type", Kind::String),
    (6042, "Measurement Quality Indicator", Kind::Integer),
    (6049, "Measurement Quality Level", Kind::Integer),
    (6050, "Fractional Timestamp", Kind::Float),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_resources_or_else_objects() {
        let mut models = Models::default();
        models
            .add_object(33000, "Thing")
            .add_resource(33000, 1, "Knob", Kind::Unsigned);
        let name = |text: &str| models.name(&text.parse().unwrap()).map(str::to_owned);
        assert_eq!(name("/3"), Some("Device".into()));
        assert_eq!(name("/3/0"), Some("Device".into()));
        assert_eq!(name("/3/0/7/1"), Some("Power Source Voltage".into()));
        assert_eq!(name("/33000/0/1"), Some("Knob".into()));
        assert_eq!(name("/4/0/1"), None);
        assert_eq!(name("/"), None);
    }
}
