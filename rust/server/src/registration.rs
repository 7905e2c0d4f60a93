// SPDX-License-Identifier: Apache-2.0
//! The registration interface: Register, Update, Deregister
//! (OMA-TS-LightweightM2M_Core-V1_1_1 §6.2, OMA-TS-LightweightM2M_Transport-V1_1_1 §6.4.3).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::content::{WebLink, link_format};
use crate::random::Random;
use crate::{Code, ContentFormat};

/// The lifetime of a registration that names none (Core §6.2.1).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(86_400);

/// A client's registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Endpoint Client Name.
    pub endpoint: String,
    /// Where the client was last heard from.
    pub peer: SocketAddr,
    /// How long the registration lasts after each update.
    pub lifetime: Duration,
    /// LwM2M version, `1.0` or `1.1`.
    pub version: String,
    /// Binding mode, `U` unless the client says otherwise.
    pub binding: String,
    /// Queue mode: parameter `Q` of LwM2M 1.1, or in the binding of 1.0.
    pub queue_mode: bool,
    /// The number the client is reached at by SMS.
    pub sms_number: Option<String>,
    /// Objects and object instances.
    pub links: Vec<WebLink>,
    /// Path of the registration, `rd/` and an identifier.
    pub location: String,
    pub(crate) expires: Instant,
}

/// Parameters and payload of a Register or Update.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    version: Option<String>,
    endpoint: Option<String>,
    lifetime: Option<Duration>,
    binding: Option<String>,
    queue_mode: bool,
    sms_number: Option<String>,
    links: Option<Vec<WebLink>>,
}

impl Parameters {
    pub(crate) fn parse(
        query: &[String],
        format: Option<ContentFormat>,
        payload: &[u8],
    ) -> Result<Self, Code> {
        let mut parameters = Parameters::default();
        for part in query {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let text = || Some(value.to_owned()).filter(|value| !value.is_empty());
            match name {
                "lwm2m" => parameters.version = text(),
                "ep" => parameters.endpoint = text(),
                "b" => parameters.binding = text(),
                "Q" => parameters.queue_mode = true,
                "sms" => parameters.sms_number = text(),
                "lt" => {
                    let seconds: u32 = value.parse().map_err(|_| Code::BAD_REQUEST)?;
                    parameters.lifetime = Some(Duration::from_secs(seconds.into()));
                }
                _ => {}
            }
        }
        if !payload.is_empty() {
            if format != Some(ContentFormat::LINK_FORMAT) {
                return Err(Code::UNSUPPORTED_CONTENT_FORMAT);
            }
            let links = link_format::decode(payload).map_err(|_| Code::BAD_REQUEST)?;
            parameters.links = Some(links);
        }
        Ok(parameters)
    }
}

/// The registrations that stand.
#[derive(Debug)]
pub(crate) struct Registry {
    random: Random,
    by_location: HashMap<String, Registration>,
}

impl Registry {
    pub(crate) fn new(random: Random) -> Self {
        Registry {
            random,
            by_location: HashMap::new(),
        }
    }

    /// Registers a client; a registration of the same name ends thereby.
    pub(crate) fn register(
        &mut self,
        now: Instant,
        peer: SocketAddr,
        parameters: Parameters,
    ) -> Result<&Registration, Code> {
        let version = parameters.version.ok_or(Code::BAD_REQUEST)?;
        if !matches!(version.as_str(), "1.0" | "1.1") {
            return Err(Code::PRECONDITION_FAILED);
        }
        let endpoint = parameters.endpoint.ok_or(Code::BAD_REQUEST)?;
        let links = parameters.links.ok_or(Code::BAD_REQUEST)?;
        let lifetime = parameters.lifetime.unwrap_or(DEFAULT_LIFETIME);
        let binding = parameters.binding.unwrap_or_else(|| "U".to_owned());
        let location = format!("rd/{:08x}", self.random.next() as u32);
        let registration = Registration {
            peer,
            lifetime,
            queue_mode: parameters.queue_mode || binding.contains('Q'),
            binding,
            version,
            sms_number: parameters.sms_number,
            links,
            location: location.clone(),
            expires: now + lifetime,
            endpoint,
        };
        self.by_location
            .retain(|_, other| other.endpoint != registration.endpoint);
        Ok(self
            .by_location
            .entry(location)
            .insert_entry(registration)
            .into_mut())
    }

    /// Updates the registration at a location and takes the client's address anew.
    pub(crate) fn update(
        &mut self,
        now: Instant,
        peer: SocketAddr,
        location: &str,
        parameters: Parameters,
    ) -> Result<&Registration, Code> {
        let registration = self.by_location.get_mut(location).ok_or(Code::NOT_FOUND)?;
        registration.peer = peer;
        registration.lifetime = parameters.lifetime.unwrap_or(registration.lifetime);
        registration.expires = now + registration.lifetime;
        if let Some(binding) = parameters.binding {
            registration.queue_mode = parameters.queue_mode || binding.contains('Q');
            registration.binding = binding;
        }
        if let Some(links) = parameters.links {
            registration.links = links;
        }
        registration.sms_number = parameters.sms_number.or(registration.sms_number.take());
        Ok(registration)
    }

    pub(crate) fn deregister(&mut self, location: &str) -> Result<Registration, Code> {
        self.by_location.remove(location).ok_or(Code::NOT_FOUND)
    }

    /// Takes out the registrations whose lifetime is over.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Registration> {
        let over = self
            .by_location
            .values()
            .filter(|registration| registration.expires <= now);
        let locations: Vec<String> = over.map(|over| over.location.clone()).collect();
        locations
            .iter()
            .filter_map(|location| self.by_location.remove(location))
            .collect()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.by_location
            .values()
            .map(|registration| registration.expires)
            .min()
    }

    pub(crate) fn get(&self, endpoint: &str) -> Option<&Registration> {
        self.by_location
            .values()
            .find(|registration| registration.endpoint == endpoint)
    }

    pub(crate) fn at(&self, peer: SocketAddr) -> Option<&Registration> {
        self.by_location
            .values()
            .find(|registration| registration.peer == peer)
    }

    pub(crate) fn all(&self) -> Vec<Registration> {
        let mut all: Vec<Registration> = self.by_location.values().cloned().collect();
        all.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINKS: &[u8] = b"</1/0>,</3/0>";

    fn parameters(query: &[&str], payload: &[u8]) -> Result<Parameters, Code> {
        let query: Vec<String> = query.iter().map(|part| (*part).to_owned()).collect();
        Parameters::parse(&query, Some(ContentFormat::LINK_FORMAT), payload)
    }

    fn peer(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    fn registry() -> Registry {
        Registry::new(Random::seeded(1))
    }

    #[test]
    fn parameters_left_out_have_the_specifications_defaults() {
        let mut registry = registry();
        let minimal = parameters(&["lwm2m=1.1", "ep=a"], LINKS).unwrap();
        let registration = registry.register(Instant::now(), peer(1), minimal).unwrap();
        assert_eq!(registration.lifetime, Duration::from_secs(86_400));
        assert_eq!(registration.binding, "U");
        assert!(!registration.queue_mode);
        assert_eq!(registration.links.len(), 2);
    }

    #[test]
    fn registrations_that_break_a_rule_are_refused() {
        let cases: &[(&[&str], &[u8], Code)] = &[
            (&["ep=a"], LINKS, Code::BAD_REQUEST),
            (&["lwm2m=1.1"], LINKS, Code::BAD_REQUEST),
            (&["lwm2m=1.1", "ep=a"], b"", Code::BAD_REQUEST),
            (&["lwm2m=1.1", "ep=a"], b"</1/0", Code::BAD_REQUEST),
            (&["lwm2m=1.1", "ep=a", "lt=-1"], LINKS, Code::BAD_REQUEST),
            (&["lwm2m=2.0", "ep=a"], LINKS, Code::PRECONDITION_FAILED),
        ];
        for (query, payload, code) in cases {
            let outcome = parameters(query, payload).and_then(|parameters| {
                registry()
                    .register(Instant::now(), peer(1), parameters)
                    .cloned()
            });
            assert_eq!(outcome, Err(*code), "{query:?}");
        }
    }

    #[test]
    fn registering_again_replaces_and_updating_changes_only_what_is_given() {
        let mut registry = registry();
        let now = Instant::now();
        let first = parameters(&["lwm2m=1.1", "ep=a", "lt=30"], LINKS).unwrap();
        let old = registry
            .register(now, peer(1), first)
            .unwrap()
            .location
            .clone();
        let again = parameters(&["lwm2m=1.1", "ep=a", "lt=30", "b=U", "Q"], LINKS).unwrap();
        let new = registry
            .register(now, peer(1), again)
            .unwrap()
            .location
            .clone();
        let nothing = || parameters(&[], b"").unwrap();
        assert_eq!(
            registry.update(now, peer(1), &old, nothing()),
            Err(Code::NOT_FOUND)
        );

        let updated = registry.update(now, peer(2), &new, nothing()).unwrap();
        assert_eq!((updated.peer, updated.lifetime.as_secs()), (peer(2), 30));
        assert!(updated.queue_mode);
        let longer = parameters(&["lt=60"], b"</1/0>").unwrap();
        let updated = registry.update(now, peer(2), &new, longer).unwrap();
        assert_eq!((updated.links.len(), updated.lifetime.as_secs()), (1, 60));
    }

    #[test]
    fn a_registration_ends_with_its_lifetime() {
        let mut registry = registry();
        let now = Instant::now();
        let brief = parameters(&["lwm2m=1.0", "ep=a", "lt=30"], LINKS).unwrap();
        registry.register(now, peer(1), brief).unwrap();
        let end = registry.deadline().unwrap();
        assert_eq!(end, now + Duration::from_secs(30));
        assert!(registry.expire(end - Duration::from_millis(1)).is_empty());
        assert_eq!(registry.expire(end).len(), 1);
        assert!(registry.get("a").is_none());
    }
}
