// SPDX-License-Identifier: Apache-2.0
//! Nothing: the manifest is what counts.
