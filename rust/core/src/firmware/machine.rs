// SPDX-License-Identifier: Apache-2.0
//! The fetching as the engine's thread sees it: a GET for each block, RFC 7959 §2.4, over a
//! connection of its own. When the peer falls silent or the connection breaks, a new one is opened
//! and the block asked for again.

use crate::coap::exchange::Purpose;
use crate::coap::message::uint;
use crate::coap::{Block, BlockSize, Code, ConnectionId, Message, Token, option};
use crate::engine::{Context, Hooks};
use crate::model::Fragment;
use crate::shared::Shared;
use crate::time::Instant;

use super::pull::{Failure, Phase};
use super::request;

const PULL: ConnectionId = ConnectionId::PULL;

/// How long room for a request is waited for, in milliseconds.
const NO_ROOM: u64 = 1000;

/// What the machine wants next.
pub(crate) enum Step {
    /// Nothing until then.
    Nothing(Option<Instant>),
    /// To be asked again at once: the state has changed.
    Again,
    /// The connection is to be closed.
    Close,
    /// The connection is to be opened.
    Connect,
    /// Whoever wanted the package is to be told.
    Ended(Result<(), Failure>),
}

/// Where the fetching is.
#[derive(Clone, Copy)]
enum State {
    /// The connection is being opened.
    Connecting,
    /// The next block is to be asked for.
    Due {
        /// When.
        at: Instant,
    },
    /// The next block has been asked for.
    Asked,
    /// The connection was lost.
    Lost {
        /// When to open another one.
        retry_at: Instant,
    },
    /// It is over; the connection is to be closed.
    Over(Result<(), Failure>),
}

/// What is known of the package.
#[derive(Clone, Copy)]
struct Package {
    /// How many bytes of it are here.
    offset: usize,
    /// Its length, 0 when the peer does not say.
    length: usize,
    /// Names the version that is being fetched.
    etag: Option<Token>,
    /// How long the blocks are.
    size: BlockSize,
    /// How often in a row the connection was lost.
    failures: u8,
}

/// The state machine.
pub(crate) struct Machine {
    state: State,
    /// Whether the connection is open.
    open: bool,
    package: Package,
}

impl Machine {
    pub const fn new() -> Self {
        Self {
            state: State::Connecting,
            open: false,
            package: Package::new(BlockSize::LEAST),
        }
    }

    #[inline(never)]
    pub fn step<M>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let shared = context.shared;
        let pull = &shared.pull;
        match pull.phase.get() {
            Phase::Idle | Phase::Ended => Step::Nothing(None),
            Phase::Wanted => self.closed_first(shared).unwrap_or_else(|| {
                self.package = Package::new(pull.settings.block_size);
                self.state = State::Connecting;
                pull.phase.set(Phase::Running);
                Step::Connect
            }),
            Phase::Cancelled => self.closed_first(shared).unwrap_or_else(|| {
                pull.phase.set(Phase::Idle);
                Step::Nothing(None)
            }),
            Phase::Running => self.go_on(context),
        }
    }

    fn go_on<M>(&mut self, context: &Context<'_, '_, M>) -> Step {
        let shared = context.shared;
        match self.state {
            State::Due { at } if context.now < at => Step::Nothing(Some(at)),
            State::Due { .. } => {
                self.ask(context);
                Step::Again
            }
            State::Lost { retry_at } => self.closed_first(shared).unwrap_or_else(|| {
                if context.now < retry_at {
                    return Step::Nothing(Some(retry_at));
                }
                self.state = State::Connecting;
                Step::Connect
            }),
            State::Over(result) => self.closed_first(shared).unwrap_or_else(|| {
                shared.pull.phase.set(Phase::Ended);
                Step::Ended(result)
            }),
            State::Connecting | State::Asked => Step::Nothing(None),
        }
    }

    /// Ends the request under way and the connection; `None` once both are gone.
    fn closed_first(&mut self, shared: &Shared<'_>) -> Option<Step> {
        let under_way = shared
            .exchanges
            .find(&|exchange| exchange.connection == PULL);
        if let Some((id, _)) = under_way {
            shared.exchanges.end(id);
        }
        core::mem::take(&mut self.open).then_some(Step::Close)
    }

    /// How often in a row the connection was lost.
    pub fn failures(&self) -> u8 {
        self.package.failures
    }

    /// The connection is open, or could not be opened.
    pub fn connected(&mut self, shared: &Shared<'_>, outcome: Result<(), i32>, now: Instant) {
        self.open = outcome.is_ok();
        match (shared.pull.phase.get(), self.state, outcome) {
            (Phase::Running, State::Connecting, Ok(())) => self.state = State::Due { at: now },
            // What cannot be reached at all is no matter of patience.
            (Phase::Running, State::Connecting, Err(error)) if self.package.failures == 0 => {
                self.state = State::Over(Err(Failure::Connect(error)));
            }
            (Phase::Running, State::Connecting, Err(_)) => self.lost(shared, now),
            // It was cancelled meanwhile.
            _ => {}
        }
    }

    /// There is no room for the URI of the peer.
    pub fn no_room(&mut self) {
        self.state = State::Over(Err(Failure::NoRoom));
    }

    /// Nobody answered, or the connection broke: after one, two, four … seconds another one is
    /// opened.
    pub fn lost(&mut self, shared: &Shared<'_>, now: Instant) {
        if !matches!(
            self.state,
            State::Due { .. } | State::Asked | State::Connecting
        ) {
            return;
        }
        let failures = self.package.failures;
        self.package.failures = failures.saturating_add(1);
        self.state = if failures < shared.pull.settings.max_retries {
            let delay = 1_u32.checked_shl(u32::from(failures)).unwrap_or(u32::MAX);
            State::Lost {
                retry_at: now.after_secs(delay),
            }
        } else {
            State::Over(Err(Failure::ConnectionLost))
        };
    }

    /// Queues the request for the block that is to come.
    fn ask<M>(&mut self, context: &Context<'_, '_, M>) {
        let shared = context.shared;
        let is_alone = shared.exchanges.find(&|_| true).is_none();
        let Some(block) = Block::at(self.package.offset, false, self.package.size) else {
            // RFC 7959 §2.2: more than 2^20 blocks of this size cannot be asked for.
            self.state = State::Over(Err(Failure::Block));
            return;
        };
        let written = shared
            .exchanges
            .draft(Purpose::Pull)
            .map_err(|_| ())
            .and_then(|mut draft| {
                let message_id = shared.message_id();
                let token = Token::random(context.entropy);
                let length =
                    request::write(&shared.pull, draft.buffer(), message_id, &token, block);
                let length = length.map_err(|_| ())?;
                draft
                    .commit(PULL, message_id, token, length)
                    .map_err(|_| ())
            });
        self.state = match written {
            Ok(_) => State::Asked,
            // With all the room there is it does not fit.
            Err(()) if is_alone => State::Over(Err(Failure::NoRoom)),
            Err(()) => State::Due {
                at: context.now.after_millis(NO_ROOM),
            },
        };
    }

    /// A block has come, or a refusal.
    pub fn answered<M>(
        &mut self,
        context: &Context<'_, '_, M>,
        hooks: &dyn Hooks,
        answer: &Message<'_>,
    ) {
        let running = context.shared.pull.phase.get() == Phase::Running;
        if !running || !matches!(self.state, State::Asked) {
            return;
        }
        self.state = match self.package.take(context.shared, hooks, answer) {
            Ok(true) => State::Due { at: context.now },
            Ok(false) => State::Over(Ok(())),
            Err(failure) => State::Over(Err(failure)),
        };
    }
}

impl Package {
    const fn new(size: BlockSize) -> Self {
        Self {
            offset: 0,
            length: 0,
            etag: None,
            size,
            failures: 0,
        }
    }

    /// Hands a block on. Returns whether there are more.
    fn take(
        &mut self,
        shared: &Shared<'_>,
        hooks: &dyn Hooks,
        answer: &Message<'_>,
    ) -> Result<bool, Failure> {
        if answer.code != Code::CONTENT {
            return Err(Failure::Response(answer.code));
        }
        let length = answer.payload.len();
        let block = match answer.option(option::BLOCK2) {
            Some(value) => Block::parse(value)
                .ok()
                .filter(|block| length <= block.size.bytes())
                .ok_or(Failure::Block)?,
            // The whole package in one message.
            None => Block {
                number: 0,
                more: false,
                size: self.size,
            },
        };
        // RFC 7959 §2.2: only the last block may be shorter; §2.4: the peer may choose a smaller
        // size, not a larger one.
        if block.size > self.size
            || block.offset() != self.offset
            || (block.more && length != block.size.bytes())
        {
            return Err(Failure::Block);
        }
        let etag = answer.option(option::ETAG).map(Token::new);
        if self.offset == 0 {
            self.etag = etag;
        } else if self.etag != etag {
            return Err(Failure::Changed);
        }
        if let Some(length) = answer.option(option::SIZE2).and_then(uint) {
            self.length = length as usize;
        }
        let piece = Fragment {
            data: answer.payload,
            offset: self.offset,
            total: self.length,
            last: !block.more,
        };
        shared
            .operation(|| hooks.package_arrived(&piece))
            .map_err(Failure::Refused)?;
        self.offset = self.offset.saturating_add(length);
        self.size = block.size;
        self.failures = 0;
        Ok(block.more)
    }
}
