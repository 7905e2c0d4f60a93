// SPDX-License-Identifier: Apache-2.0
//! lwm2m-capi
