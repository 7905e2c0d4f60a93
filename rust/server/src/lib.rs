// SPDX-License-Identifier: Apache-2.0
//! An embedded LwM2M server for the demo and the tests: bootstrap, registration, device management
//! and information reporting of LwM2M 1.0 and 1.1 over UDP, NoSec, on the loopback interface
//! (OMA-TS-LightweightM2M_Core-V1_1_1 §6, OMA-TS-LightweightM2M_Transport-V1_1_1 §6).
//!
//! It shares no code with the client, so that it can judge it.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use lwm2m_server::{ContentFormat, Event, Server};
//!
//! let server = Server::bind("127.0.0.1:0")?;
//! let events = server.subscribe();
//! println!("register at coap://{}", server.address());
//!
//! server.wait_for("my-endpoint", Duration::from_secs(5))?;
//! let client = server.client("my-endpoint");
//! let device = client.read("/3/0", ContentFormat::SENML_CBOR)?.success()?;
//! println!("{}", device.content?.describe(server.models()));
//!
//! client.observe("/3303/0/5700", ContentFormat::SENML_CBOR)?;
//! for event in events {
//!     match event {
//!         Event::Trace(entry) => println!("{entry}"),
//!         Event::Notification(notification) => println!("{:?}", notification.sequence),
//!         _ => {}
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blockwise;
mod client;
mod code;
pub mod content;
mod driver;
mod error;
mod event;
mod exchange;
mod link;
mod message;
pub mod model;
mod observation;
mod packages;
mod path;
mod proxy;
mod random;
mod registration;
mod serve;
mod server;
pub mod trace;

pub use client::{Client, IntoPath, WriteMode};
pub use code::Code;
pub use content::{Content, ContentFormat, Record, Value, WebLink};
pub use error::Error;
pub use event::{Event, Notification};
pub use exchange::Transmission;
pub use link::{Fate, Impairments, Link};
pub use message::{Request, Response};
pub use model::Models;
pub use observation::Observation;
pub use path::{InvalidPath, Path};
pub use proxy::Proxy;
pub use registration::Registration;
pub use server::{Config, Server};
pub use trace::Direction;
