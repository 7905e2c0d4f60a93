// SPDX-License-Identifier: Apache-2.0
//! The cargo features of `lwm2m-core` say the same as the configuration that the C side sees.

use lwm2m_config as config;
use lwm2m_core::blockwise::BLOCK_TRANSFER;
use lwm2m_core::coap::CONNECTIONS;
use lwm2m_core::content::ContentFormat;
use lwm2m_core::registration::client::{BOOTSTRAP, QUEUE_MODE};
use lwm2m_core::registration::message::VERSION_1_1;
use lwm2m_core::time_series::TIME_SERIES;

const _: () = {
    assert!(VERSION_1_1 == config::VERSION_1_1, "feature lwm2m-1-1");
    assert!(
        ContentFormat::from_code(11542).is_some() == config::RW_OMA_TLV_SUPPORT,
        "feature tlv"
    );
    assert!(
        ContentFormat::from_code(60).is_some() == config::RW_CBOR_SUPPORT,
        "feature cbor"
    );
    assert!(
        ContentFormat::from_code(11543).is_some() == config::RW_JSON_SUPPORT,
        "feature json"
    );
    assert!(
        ContentFormat::from_code(110).is_some() == config::RW_SENML_JSON_SUPPORT,
        "feature senml-json"
    );
    assert!(
        ContentFormat::from_code(112).is_some() == config::RW_SENML_CBOR_SUPPORT,
        "feature senml-cbor"
    );
    assert!(
        BLOCK_TRANSFER == config::COAP_BLOCK_TRANSFER,
        "feature block-transfer"
    );
    assert!(
        (CONNECTIONS > 1) == config::FIRMWARE_UPDATE_PULL_SUPPORT,
        "feature pull"
    );
    assert!(
        TIME_SERIES == config::RESOURCE_DATA_CACHE_SUPPORT,
        "feature time-series"
    );
    // A workspace build has these two whatever the configuration; what they do is then not asked for.
    assert!(
        BOOTSTRAP || !config::RD_CLIENT_SUPPORT_BOOTSTRAP,
        "feature bootstrap"
    );
    assert!(
        QUEUE_MODE || !config::QUEUE_MODE_ENABLED,
        "feature queue-mode"
    );
};
