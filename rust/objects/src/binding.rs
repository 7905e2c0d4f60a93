// SPDX-License-Identifier: Apache-2.0
//! The binding the client offers: OMA-TS-LightweightM2M-V1_0_2 §5.3.1.1, V1_1_1 §6.2.1.2.

use lwm2m_config as config;

/// The queue mode as LwM2M 1.1 tells it apart from the binding, `lwm2m_engine_get_queue_mode`.
pub const QUEUE_MODE: &str = if config::QUEUE_MODE_ENABLED { "Q" } else { "" };

/// The binding, `lwm2m_engine_get_binding`: UDP; in LwM2M 1.0 with the queue mode behind it.
pub const BINDING: &str = if config::VERSION_1_0 && config::QUEUE_MODE_ENABLED {
    "UQ"
} else {
    "U"
};
