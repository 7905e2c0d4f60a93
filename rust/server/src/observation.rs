// SPDX-License-Identifier: Apache-2.0
//! Observations and the order of their notifications
//! (RFC 7641 §3, OMA-TS-LightweightM2M_Core-V1_1_1 §6.4).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::content::Content;
use crate::exchange::Token;
use crate::message::Request;
use crate::{Models, Path};

/// An observation of a client's resources; what identifies it on the wire is its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The client observed.
    pub endpoint: String,
    /// What is observed; more than one path by Observe-Composite.
    pub paths: Vec<Path>,
    /// The token that its notifications carry.
    pub token: Vec<u8>,
    pub(crate) request: Request,
}

impl Observation {
    /// What the request begins, if it begins an observation (Observe is 0).
    pub(crate) fn begun_by(
        request: &Request,
        endpoint: &str,
        token: &[u8],
        models: &Models,
    ) -> Option<Self> {
        (request.observe == Some(0)).then(|| Observation {
            endpoint: endpoint.to_owned(),
            paths: observed_paths(request, models),
            token: token.to_vec(),
            request: request.clone(),
        })
    }

    /// Where decoded notifications without names in them belong.
    pub(crate) fn base(&self) -> Path {
        self.request.base()
    }

    /// The same request and token with Observe 1 (RFC 7641 §3.6).
    pub(crate) fn cancellation(&self) -> Request {
        Request {
            token: Some(self.token.clone()),
            ..self.request.clone().observe(1)
        }
    }
}

fn observed_paths(request: &Request, models: &Models) -> Vec<Path> {
    let content = request
        .content_format
        .and_then(|format| Content::decode(format, Path::ROOT, &request.payload, models).ok());
    match content {
        Some(content) => content.records().iter().map(|record| record.path).collect(),
        None => vec![request.base()],
    }
}

#[derive(Debug)]
struct Entry {
    observation: Observation,
    latest: Option<(u32, Instant)>,
}

/// The observations whose notifications are welcome.
#[derive(Debug, Default)]
pub(crate) struct Observations {
    by_token: HashMap<Token, Entry>,
}

impl Observations {
    pub(crate) fn begin(&mut self, now: Instant, observation: Observation, sequence: u32) {
        let entry = Entry {
            observation,
            latest: Some((sequence, now)),
        };
        self.by_token.insert(entry.observation.token.clone(), entry);
    }

    pub(crate) fn get(&self, token: &[u8]) -> Option<&Observation> {
        self.by_token.get(token).map(|entry| &entry.observation)
    }

    pub(crate) fn end(&mut self, token: &[u8]) {
        self.by_token.remove(token);
    }

    /// A registration that ends takes its observations with it.
    pub(crate) fn end_all(&mut self, endpoint: &str) {
        self.by_token
            .retain(|_, entry| entry.observation.endpoint != endpoint);
    }

    /// Whether a notification is newer than those before it; remembers it if so.
    pub(crate) fn advance(&mut self, now: Instant, token: &[u8], sequence: u32) -> bool {
        let Some(entry) = self.by_token.get_mut(token) else {
            return false;
        };
        let fresh = entry
            .latest
            .is_none_or(|latest| is_newer(latest, (sequence, now)));
        if fresh {
            entry.latest = Some((sequence, now));
        }
        fresh
    }
}

/// The comparison of RFC 7641 §3.4.
fn is_newer((v1, t1): (u32, Instant), (v2, t2): (u32, Instant)) -> bool {
    const HALF: u32 = 1 << 23;
    (v1 < v2 && v2 - v1 < HALF) || (v1 > v2 && v1 - v2 > HALF) || t2 > t1 + Duration::from_secs(128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_wrap_and_age() {
        let t = Instant::now();
        let late = t + Duration::from_secs(129);
        assert!(is_newer((1, t), (2, t)));
        assert!(!is_newer((2, t), (2, t)));
        assert!(!is_newer((2, t), (1, t)));
        assert!(is_newer((0xff_ffff, t), (0, t)));
        assert!(!is_newer((0, t), (0xff_ffff, t)));
        assert!(is_newer((2, t), (1, late)));
    }
}
