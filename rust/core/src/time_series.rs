// SPDX-License-Identifier: Apache-2.0
//! Time series: samples that the data model keeps of a resource travel as SenML records with a time,
//! RFC 8428 §4.5.3, in notifications and Sends. A sample leaves the data model when the message that
//! carries it was accepted; until then this remembers which message carries which samples, so that
//! the next one goes on behind them.

// A build without it has the types, and nobody to fill them.
#![cfg_attr(not(feature = "time-series"), allow(dead_code))]

use core::cell::Cell;

use crate::coap::exchange::ExchangeId;
use crate::content::{EncodeError, RecordStream};
use crate::device_management::Failure;
use crate::engine::Context;
use crate::model::{DataModel, Resource};
use crate::path::Path;

/// Whether messages carry samples in this build.
pub const TIME_SERIES: bool = cfg!(feature = "time-series");

/// The samples kept of one resource instance, by their positions. These go on counting as samples
/// leave, and wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samples {
    /// Names them in the data model.
    pub cache: u8,
    /// The position of the oldest.
    pub first: u32,
    /// The position behind the latest.
    pub end: u32,
}

/// Samples that a message carries.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The message; `None` while it is being written.
    exchange: Option<ExchangeId>,
    /// What they are samples of.
    path: Path,
    samples: Samples,
    /// More of them did not fit.
    cut: bool,
}

/// Which messages carry which samples, in places lent by the caller. Without a place a message
/// carries the present value instead, and the samples wait.
#[derive(Clone, Copy, Debug)]
pub struct Carried<'a>(&'a [Cell<Option<Claim>>]);

impl<'a> Carried<'a> {
    /// Takes the places.
    #[must_use]
    pub const fn new(places: &'a [Cell<Option<Claim>>]) -> Self {
        Self(places)
    }

    fn claims(&self) -> impl Iterator<Item = (&'a Cell<Option<Claim>>, Claim)> {
        self.0
            .iter()
            .filter_map(|place| Some((place, place.get()?)))
    }

    /// A message begins; one that was begun before and not sent carries nothing.
    pub(crate) fn begin(&self) {
        self.settle(None, &mut |_| {});
    }

    /// Those of `samples` that no message carries; `None`: they all do, or there is no place for
    /// another claim.
    pub(crate) fn unclaimed(&self, mut samples: Samples) -> Option<Samples> {
        self.0.iter().find(|place| place.get().is_none())?;
        for (_, claim) in self.claims() {
            let end = claim.samples.end;
            if claim.samples.cache == samples.cache && is_before(samples.first, end) {
                samples.first = end;
            }
        }
        is_before(samples.first, samples.end).then_some(samples)
    }

    /// The message being written carries these; `cut`: more of them did not fit.
    pub(crate) fn claim(&self, path: Path, samples: Samples, cut: bool) {
        if let Some(place) = self.0.iter().find(|place| place.get().is_none()) {
            place.set(Some(Claim {
                exchange: None,
                path,
                samples,
                cut,
            }));
        }
    }

    /// The message being written is on its way.
    pub(crate) fn sent(&self, exchange: ExchangeId) {
        for (place, mut claim) in self.claims() {
            if claim.exchange.is_none() {
                claim.exchange = Some(exchange);
                place.set(Some(claim));
            }
        }
    }

    /// What did not fit into a message.
    pub(crate) fn cut(&self, exchange: ExchangeId) -> impl Iterator<Item = Path> {
        self.claims()
            .filter(move |(_, claim)| claim.exchange == Some(exchange) && claim.cut)
            .map(|(_, claim)| claim.path)
    }

    /// A message has ended; its samples leave the data model if it was accepted. Returns whether more
    /// are to follow them.
    pub(crate) fn ended<M: DataModel>(
        &self,
        model: &M,
        exchange: ExchangeId,
        accepted: bool,
    ) -> bool {
        let mut more = false;
        self.settle(Some(exchange), &mut |claim| {
            if accepted {
                model.delivered(claim.samples);
                more |= claim.cut;
            }
        });
        more
    }

    /// What a message carries goes on in another one.
    #[cfg(feature = "block-transfer")]
    pub(crate) fn moved(&self, from: ExchangeId, to: ExchangeId) {
        if !TIME_SERIES {
            return;
        }
        for (place, claim) in self.claims() {
            if claim.exchange == Some(from) {
                let exchange = Some(to);
                place.set(Some(Claim { exchange, ..claim }));
            }
        }
    }

    /// A message was given up.
    pub(crate) fn dropped(&self, exchange: ExchangeId) {
        self.settle(Some(exchange), &mut |_| {});
    }

    fn settle(&self, exchange: Option<ExchangeId>, settle: &mut dyn FnMut(Claim)) {
        if !TIME_SERIES {
            return;
        }
        for (place, claim) in self.claims() {
            if claim.exchange == exchange {
                place.set(None);
                settle(claim);
            }
        }
    }
}

/// How the samples of a resource are written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Series<'a> {
    /// Not at all: the present value is.
    None,
    /// The latest that fit, for who asked; they stay.
    Show,
    /// Those that no message carries, as many as fit and no more than so many of each resource; they
    /// leave when the message is accepted.
    Carry(Carried<'a>, u32),
}

/// Room that a sample needs at most, with names and time.
#[cfg(feature = "time-series")]
const LONGEST_RECORD: usize = 96;

/// Appends the samples of a resource instance as records with times, as many as the stream is to take.
/// `false`: there are none for it.
///
/// # Errors
/// As for [`RecordStream::value`], but that what is not to be had or does not fit is left out.
#[cfg(feature = "time-series")]
pub(crate) fn append<M: DataModel>(
    model: &M,
    path: &Path,
    resource: &Resource<M::Instance>,
    id: u16,
    stream: &mut RecordStream<'_>,
) -> Result<bool, EncodeError> {
    let series = stream.series();
    if matches!(series, Series::None) {
        return Ok(false);
    }
    let all = model.samples(resource, id);
    let Some(samples) = all.and_then(|all| chosen(all, series, stream.remaining())) else {
        return Ok(false);
    };
    let mut next = samples.first;
    while is_before(next, samples.end) {
        let Some((time, value)) = model.sample(samples.cache, next) else {
            break;
        };
        match stream.sample(path, time, value) {
            Err(EncodeError::Full) => break,
            // What the format cannot say, such as a NaN in JSON, goes with the others.
            Ok(()) | Err(EncodeError::Unsupported) => next = next.wrapping_add(1),
            Err(error) => return Err(error),
        }
    }
    if let (Series::Carry(carried, _), Some(all)) = (series, all) {
        let written = Samples {
            end: next,
            ..samples
        };
        carried.claim(*path, written, next != all.end);
    }
    Ok(true)
}

/// Appends the samples of a resource instance: there are none in this build.
#[cfg(not(feature = "time-series"))]
pub(crate) fn append<M: DataModel>(
    _: &M,
    _: &Path,
    _: &Resource<M::Instance>,
    _: u16,
    _: &mut RecordStream<'_>,
) -> Result<bool, EncodeError> {
    Ok(false)
}

/// Has `write` write a message that carries samples: as many as fit; if that leaves no room for something
/// else, one of each resource. `None`: no samples are kept, or even that has no room.
///
/// # Errors
/// Those of `write`.
pub(crate) fn carry<'a, M: DataModel>(
    context: &Context<'_, 'a, M>,
    mut write: impl FnMut(Series<'a>) -> Result<usize, Failure>,
) -> Result<Option<usize>, Failure> {
    if !TIME_SERIES || !context.model.keeps_samples() {
        return Ok(None);
    }
    let carried = context.shared.carried;
    for most in [u32::MAX, 1] {
        carried.begin();
        match write(Series::Carry(carried, most)) {
            Err(Failure::Full) => {}
            written => return written.map(Some),
        }
    }
    carried.begin();
    Ok(None)
}

/// Which of the samples are to be written.
#[cfg(feature = "time-series")]
fn chosen(all: Samples, series: Series<'_>, room: usize) -> Option<Samples> {
    match series {
        Series::None => None,
        Series::Show => {
            let fit = u32::try_from(room / LONGEST_RECORD).unwrap_or(u32::MAX);
            let count = all.end.wrapping_sub(all.first).min(fit);
            let first = all.end.wrapping_sub(count);
            (count > 0).then_some(Samples { first, ..all })
        }
        Series::Carry(carried, most) => {
            let samples = carried.unclaimed(all)?;
            let count = samples.end.wrapping_sub(samples.first).min(most);
            let end = samples.first.wrapping_add(count);
            Some(Samples { end, ..samples })
        }
    }
}

/// Whether one position comes before another.
#[must_use]
pub const fn is_before(position: u32, other: u32) -> bool {
    let distance = other.wrapping_sub(position);
    distance != 0 && distance < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: Path = Path::resource(3303, 0, 5700);
    const A: ExchangeId = ExchangeId(1);

    fn samples(first: u32, end: u32) -> Samples {
        Samples {
            cache: 0,
            first,
            end,
        }
    }

    #[test]
    fn a_message_goes_on_behind_what_others_carry() {
        let places = [const { Cell::new(None) }; 2];
        let carried = Carried::new(&places);
        carried.begin();
        assert_eq!(carried.unclaimed(samples(5, 9)), Some(samples(5, 9)));
        carried.claim(PATH, samples(5, 7), true);
        carried.sent(A);
        carried.begin();
        assert_eq!(carried.unclaimed(samples(5, 9)), Some(samples(7, 9)));
        assert_eq!(carried.unclaimed(samples(5, 7)), None, "all are carried");
        // The oldest have gone meanwhile.
        assert_eq!(carried.unclaimed(samples(8, 9)), Some(samples(8, 9)));
        let other = Samples {
            cache: 1,
            ..samples(5, 9)
        };
        assert_eq!(carried.unclaimed(other), Some(other));
        carried.claim(PATH, samples(7, 9), false);
        assert_eq!(carried.unclaimed(other), None, "no place");
        carried.begin();
        assert_eq!(carried.unclaimed(other), Some(other), "given up");
        assert!(carried.cut(A).eq([PATH]));
    }

    #[test]
    fn positions_wrap() {
        assert!(is_before(u32::MAX, 0));
        assert!(!is_before(0, u32::MAX));
        assert!(!is_before(7, 7));
        let places = [const { Cell::new(None) }; 2];
        let carried = Carried::new(&places);
        carried.claim(PATH, samples(u32::MAX, 1), false);
        assert_eq!(carried.unclaimed(samples(u32::MAX, 4)), Some(samples(1, 4)));
    }
}
