// SPDX-License-Identifier: Apache-2.0
//! Objects, instances and resources as the C structs applications author.
//!
//! The structs belong to C: applications lay them out, write values without our lock, exchange
//! parts of them, and change the registry from inside its own callbacks. So no reference to them is
//! ever formed, nothing found before a callback is used after it, and what is remembered (the
//! index) is verified at each use. [`Registry`] is the whole of it, for the protocol
//! ([`lwm2m_core::model::DataModel`]) as for the C interface.
#![no_std]

#[cfg(test)]
extern crate std;

mod application;
pub mod c_types;
#[cfg(any(cache, test))]
mod cache;
mod config;
mod data_model;
mod error;
mod index;
mod instances;
mod lists;
mod nodes;
pub mod observers;
mod packages;
pub mod path_list;
mod registry;
mod values;
mod writing;

pub use application::{Buffer, RawBuffer, RawValue};
pub use error::{
    CacheError, CallbackError, CreateError, DeleteError, GetError, LookupError,
    ResourceInstanceError, SetError, refusal,
};
pub use packages::Part;
pub use registry::{
    AccessControl, Hook, Instance, Nodes, Registry, Resource, Servers, c_path, core_path,
    object_instance_list, object_list,
};
pub use values::AppBytes;

#[cfg(test)]
mod tests;
