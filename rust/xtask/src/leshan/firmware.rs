// SPDX-License-Identifier: Apache-2.0
//! A package of a mebibyte, pushed by Leshan and pulled by the client, over a network that loses a
//! tenth of the datagrams.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use lwm2m_server::{Impairments, Link, Proxy};
use serde_json::{Value, json};

use super::Leshan;
use crate::demo::Sample;
use crate::{Result, Workspace};

const SIZE: usize = 1 << 20;
const LOSS: f64 = 0.1;
const SEED: u64 = 1;
/// The client's timers are as short as Zephyr's range lets them be, a second; a fifth of the blocks
/// waits for one.
const PATIENCE: Duration = Duration::from_secs(900);

/// The workspace, and the client of `tests/interop/everything`.
type Case = (&'static str, fn(&Workspace, &Path) -> Result<()>);

/// A case that runs beside others: its name and what came of it.
pub type Transfers<'scope> = Vec<(
    &'static str,
    ScopedJoinHandle<'scope, std::result::Result<(), String>>,
)>;

/// Begins every transfer. They wait for retransmissions most of the time, so they run at once.
pub fn begin<'scope>(
    scope: &'scope Scope<'scope, '_>,
    workspace: &'scope Workspace,
    program: &'scope Path,
) -> Transfers<'scope> {
    let begin = |(name, case): &Case| {
        let case = *case;
        let run = move || case(workspace, program).map_err(|error| error.to_string());
        (*name, scope.spawn(run))
    };
    CASES.iter().map(begin).collect()
}

const CASES: &[Case] = &[
    (
        "a mebibyte is pushed over a network that loses a tenth",
        push,
    ),
    (
        "a mebibyte is pulled over a network that loses a tenth",
        pull,
    ),
];

/// The bytes that `PackageResource.java` serves: a linear congruential sequence.
pub fn package(size: usize) -> Vec<u8> {
    let mut state: u32 = 1;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..size).map(|_| byte()).collect()
}

/// What the client prints of a package: FNV-1a.
pub fn printed(package: &[u8]) -> String {
    let hash = package
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}

struct Transfer {
    leshan: Leshan,
    client: Sample,
    proxy: Proxy,
    start: Instant,
}

impl Transfer {
    fn start(workspace: &Workspace, program: &Path) -> Result<Self> {
        let mut leshan = Leshan::start(workspace, &[], &["--impatient"])?;
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, u16::try_from(leshan.port)?));
        let link = Link::random(
            SEED,
            Impairments {
                drop: LOSS,
                ..Impairments::default()
            },
        );
        let proxy = Proxy::to(server, link)?;
        let uri = format!("coap://{}", proxy.address());
        let client = Sample::start(program, &uri, "firmware", false)?;
        leshan.event("registered")?;
        Ok(Self {
            leshan,
            client,
            proxy,
            start: Instant::now(),
        })
    }

    /// Waits for the whole package, checks it, and has it applied.
    fn arrived(mut self) -> Result<()> {
        let line = self.client.printed_within("Package: ", PATIENCE)?;
        let expected = printed(&package(SIZE));
        if !line.contains(&format!("{SIZE} of ")) || !line.ends_with(&expected) {
            return Err(format!("the client got `{line}`, not {SIZE} bytes, {expected}").into());
        }
        let (datagrams, lost) = self.proxy.counts();
        println!(
            "        {SIZE} bytes in {:.1} s, {datagrams} datagrams, {lost} lost",
            self.start.elapsed().as_secs_f32()
        );
        self.state(2)?;
        let update = json!({"command": "execute", "path": "/5/0/2", "timeoutMs": 20000});
        self.leshan.expect(update, "2.04")?;
        self.client.printed("Package: update")
    }

    /// Waits for a state of the firmware object.
    fn state(&mut self, state: u8) -> Result<()> {
        let mut last = Value::Null;
        for _ in 0..100 {
            let read = json!({"command": "read", "path": "/5/0/3", "timeoutMs": 20000});
            last = self.leshan.expect(read, "2.05")?["content"]["value"].clone();
            if last == json!(state) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("the state is {last}, not {state}").into())
    }
}

fn push(workspace: &Workspace, program: &Path) -> Result<()> {
    let mut transfer = Transfer::start(workspace, program)?;
    let hex: String = package(SIZE)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let write = json!({"command": "write", "path": "/5/0/0", "format": "OPAQUE", "value": hex,
        "timeoutMs": 300_000});
    let answer = transfer.leshan.ask(write)?;
    if answer["response"]["code"] != "2.04" {
        return Err(format!("the write gave {answer}").into());
    }
    transfer.arrived()
}

fn pull(workspace: &Workspace, program: &Path) -> Result<()> {
    let mut transfer = Transfer::start(workspace, program)?;
    let uri = format!("coap://{}/package?{SIZE}", transfer.proxy.address());
    let write = json!({"command": "write", "path": "/5/0/1", "format": "TEXT", "value": uri,
        "timeoutMs": 20000});
    transfer.leshan.expect(write, "2.04")?;
    transfer.arrived()
}
