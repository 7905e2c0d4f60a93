// SPDX-License-Identifier: Apache-2.0
//! The accounts of the client, as they are at first and as a Bootstrap-Server writes them. Each
//! generation of them can be told from the others in every instance.

use lwm2m_core::value::DataType;

use crate::random::Random;
use crate::support::{MemoryModel, Owned};

/// The Bootstrap-Server's place among the servers.
pub const BOOTSTRAP: usize = 2;

/// The Security instance of the Bootstrap-Server.
const BOOTSTRAP_ACCOUNT: u16 = 9;

/// Communication Retry resources, 1/x/17 to 20: count, timer, delay, sequences.
pub const RETRY: [u16; 4] = [17, 18, 19, 20];

/// Accounts of one generation: Security and Server instance 0, and perhaps 1.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub generation: i64,
    /// How all of them are reached.
    pub scheme: &'static str,
    /// Which servers, and their Registration Priority Order.
    pub servers: Vec<(usize, i64)>,
    pub lifetime: i64,
    pub binding: &'static str,
    /// Seconds of Disable Timeout.
    pub disable_timeout: i64,
    /// Seconds of Client Hold Off Time and Initial Registration Delay Timer.
    pub delay: i64,
    /// Communication Retry resources, where there are some.
    pub retry: Option<[i64; 4]>,
    /// Bootstrap on Registration Failure, where there is one.
    pub bootstrap_on_failure: Option<bool>,
}

type Values = Vec<(u16, Owned)>;

impl Accounts {
    /// The next generation: other servers, another lifetime.
    pub fn next(&self, random: &mut Random) -> Self {
        let first = random.below(2) as usize;
        let mut servers = vec![(first, random.below(3) as i64)];
        if random.percent(60) {
            servers.push((1 - first, random.below(3) as i64));
        }
        Self {
            generation: self.generation + 1,
            servers,
            lifetime: 60 + 30 * random.below(4) as i64,
            ..self.clone()
        }
    }

    /// Values of the Security instance with this index.
    pub fn security(&self, index: usize) -> Values {
        let (server, _) = self.servers[index];
        vec![
            (0, Owned::from(self.uri(server, self.generation).as_str())),
            (1, Owned::Boolean(false)),
            (10, self.short_id(server).into()),
        ]
    }

    /// Values of the Server instance with this index.
    pub fn server(&self, index: usize) -> Values {
        let (server, priority) = self.servers[index];
        let mut values = vec![
            (0, self.short_id(server).into()),
            (1, self.lifetime.into()),
            (5, self.disable_timeout.into()),
            (7, self.binding.into()),
            (13, priority.into()),
            (14, self.delay.into()),
        ];
        if let Some(wish) = self.bootstrap_on_failure {
            values.push((16, Owned::Boolean(wish)));
        }
        for (id, value) in RETRY.into_iter().zip(self.retry.into_iter().flatten()) {
            values.push((id, value.into()));
        }
        values
    }

    fn uri(&self, server: usize, generation: i64) -> String {
        format!("{}{}", self.scheme, place(server, generation))
    }

    fn short_id(&self, server: usize) -> i64 {
        10 * self.generation + server as i64 + 1
    }

    /// A device with these accounts, and perhaps that of a Bootstrap-Server.
    pub fn device(&self, bootstrap: bool) -> MemoryModel {
        let mut model = MemoryModel::default();
        for index in 0..=1 {
            model = blank(model, index);
        }
        if bootstrap {
            model = security(model, BOOTSTRAP_ACCOUNT);
            let uri = self.uri(BOOTSTRAP, 0);
            model.set((0, BOOTSTRAP_ACCOUNT, 0), 0, uri.as_str().into());
            model.set((0, BOOTSTRAP_ACCOUNT, 1), 0, Owned::Boolean(true));
            model.set((0, BOOTSTRAP_ACCOUNT, 11), 0, self.delay.into());
        }
        for index in 0..=1 {
            let instance = index as u16;
            if index >= self.servers.len() {
                model.nodes.borrow_mut().remove(&(0, instance));
                model.nodes.borrow_mut().remove(&(1, instance));
                continue;
            }
            for (id, value) in self.security(index) {
                model.set((0, instance, id), 0, value);
            }
            for (id, value) in self.server(index) {
                model.set((1, instance, id), 0, value);
            }
        }
        model
            .resource((3, 0, 0), "R", DataType::String, Some("Acme".into()))
            .resource((3, 0, 4), "E", DataType::None, None)
            .resource(
                (3303, 0, 5700),
                "R",
                DataType::Float,
                Some(Owned::Float(20.5)),
            )
    }
}

/// A URI behind its scheme.
fn place(server: usize, generation: i64) -> String {
    format!("://127.0.0.{}:{}", server + 1, 5000 + generation)
}

/// The server that a URI's host names.
pub fn server_at(host: &str) -> Option<usize> {
    let number: usize = host.strip_prefix("127.0.0.")?.parse().ok()?;
    number.checked_sub(1)
}

fn blank(model: MemoryModel, instance: u16) -> MemoryModel {
    let mut model = security(model, instance);
    for (id, permissions, data_type) in [
        (0, "R", DataType::U16),
        (1, "RW", DataType::U32),
        (4, "E", DataType::None),
        (5, "RW", DataType::U32),
        (7, "RW", DataType::String),
        (8, "E", DataType::None),
        (9, "E", DataType::None),
        (13, "RW", DataType::U8),
        (14, "W", DataType::U16),
        (15, "RW", DataType::Boolean),
        (16, "RW", DataType::Boolean),
        (17, "W", DataType::U16),
        (18, "W", DataType::U16),
        (19, "W", DataType::U16),
        (20, "W", DataType::U16),
    ] {
        model = model.resource((1, instance, id), permissions, data_type, None);
    }
    model
}

fn security(model: MemoryModel, instance: u16) -> MemoryModel {
    model
        .resource((0, instance, 0), "", DataType::String, None)
        .resource((0, instance, 1), "", DataType::Boolean, None)
        .resource((0, instance, 10), "", DataType::U16, None)
        .resource((0, instance, 11), "", DataType::S32, None)
}

/// The accounts that a device has: for each instance, but that of the Bootstrap-Server, object,
/// instance and generation. An instance of which one part is of another generation than the rest is
/// an error.
pub fn generations(model: &MemoryModel) -> Result<Vec<(u16, u16, i64)>, String> {
    let keys: Vec<(u16, u16)> = model.nodes.borrow().keys().copied().collect();
    let mut found = Vec::new();
    for (object, instance) in keys {
        let short_id = match (object, instance) {
            (0, BOOTSTRAP_ACCOUNT) => continue,
            (0, _) => model.get(0, instance, 10, 0),
            (1, _) => model.get(1, instance, 0, 0),
            _ => continue,
        };
        let Some(Owned::Integer(short_id)) = short_id else {
            return Err(format!("/{object}/{instance} has no Short Server ID"));
        };
        let generation = short_id / 10;
        if object == 0 {
            let Some(Owned::String(text)) = model.get(0, instance, 0, 0) else {
                return Err(format!("/0/{instance} has no URI"));
            };
            let server = usize::try_from(short_id % 10 - 1).unwrap_or(BOOTSTRAP);
            if !text.ends_with(place(server, generation).as_bytes()) {
                return Err(format!("/0/{instance} is of two generations"));
            }
        }
        found.push((object, instance, generation));
    }
    Ok(found)
}

/// The values of an instance in TLV, OMA-TS-LightweightM2M_Core-V1_1_1 §7.4.3.
pub fn tlv(values: &Values) -> Vec<u8> {
    let mut payload = Vec::new();
    for (id, value) in values {
        let bytes = match value {
            Owned::String(bytes) => bytes.clone(),
            Owned::Boolean(value) => vec![u8::from(*value)],
            Owned::Integer(value) => (*value as i32).to_be_bytes().to_vec(),
            other => panic!("{other:?} is in no account"),
        };
        payload.extend_from_slice(&[0xc8, *id as u8, bytes.len() as u8]);
        payload.extend(bytes);
    }
    payload
}
