// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask test`: everything that must hold, step by step. A failing step does not keep the
//! next from running; the end says how each went.

use std::time::{Duration, Instant};

use crate::{
    Command, Result, Workspace, bench, c_api, config, dependency_rules, fuzz, header, kconfig,
    leshan, parity, process, size, targets, tools,
};

pub const COMMAND: Command = Command {
    name: "test",
    usage: "[STEP...]",
    help: "Run every check and test, or the steps named; with CI=true a missing tool is a failure",
    run,
};

/// How long a step may take; one that hangs fails.
const STEP_TAKES: Duration = Duration::from_secs(1200);

/// How many tests a step ran, or why it ran none.
enum Outcome {
    Ran {
        passed: u32,
        failed: u32,
    },
    Skipped(String),
    /// Nothing was run because this machine cannot, which even in CI is no failure; it is not
    /// passed either.
    Unavailable {
        passed: u32,
        reason: String,
    },
}

/// One line of the table at the end.
struct Step {
    name: &'static str,
    run: fn(&Workspace) -> Result<Outcome>,
}

const STEPS: &[Step] = &[
    Step {
        name: "tools",
        run: tools_present,
    },
    Step {
        name: "formatting",
        run: formatting,
    },
    Step {
        name: "clippy",
        run: clippy,
    },
    Step {
        name: "dependency rules",
        run: |workspace| one(dependency_rules::check(workspace)),
    },
    Step {
        name: "Kconfig mirror",
        run: kconfig_mirror,
    },
    Step {
        name: "host.config",
        run: |workspace| one(config::check_default(workspace)),
    },
    Step {
        name: "C header",
        run: |workspace| one(header::check(workspace)),
    },
    Step {
        name: "cargo test",
        run: cargo_test,
    },
    Step {
        name: "every object",
        run: every_object,
    },
    Step {
        name: "fuzz targets",
        run: fuzz_targets,
    },
    Step {
        name: "target archive",
        run: |workspace| one(targets::archive_is_bare(workspace)),
    },
    Step {
        name: "struct layouts",
        run: layouts,
    },
    Step {
        name: "size",
        run: size,
    },
    Step {
        name: "bench",
        run: bench,
    },
    Step {
        name: "C API",
        run: |workspace| {
            let (passed, failed) = c_api::run_all(workspace, &[])?;
            Ok(Outcome::Ran { passed, failed })
        },
    },
    Step {
        name: "parity",
        run: |workspace| {
            let (passed, failed) = parity::check(workspace)?;
            Ok(Outcome::Ran { passed, failed })
        },
    },
    Step {
        name: "Leshan",
        run: leshan,
    },
];

fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if let Some(stranger) = arguments
        .iter()
        .find(|argument| STEPS.iter().all(|step| step.name != **argument))
    {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!("`{stranger}` is none of the steps: {}", names.join(", ")).into());
    }
    let continuous = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    let (mut passed, mut failed) = (0, 0);
    let mut table = String::new();
    let mut failures = Vec::new();
    let chosen =
        |step: &&Step| arguments.is_empty() || arguments.iter().any(|name| name == step.name);
    for step in STEPS.iter().filter(chosen) {
        println!("\n=== {} ===", step.name);
        let start = Instant::now();
        let outcome = process::within(STEP_TAKES, || (step.run)(workspace));
        let outcome = outcome.and_then(|outcome| match outcome {
            Outcome::Skipped(reason) if continuous => Err(reason.into()),
            outcome => Ok(outcome),
        });
        let result = match outcome {
            Ok(Outcome::Ran {
                passed: more,
                failed: 0,
            }) => {
                passed += more;
                "passed".to_string()
            }
            Ok(Outcome::Ran {
                passed: more,
                failed: wrong,
            }) => {
                passed += more;
                failed += wrong;
                failures.push(step.name);
                format!("FAILED, {wrong} of {}", more + wrong)
            }
            Ok(Outcome::Skipped(reason)) => {
                println!("!!! SKIPPED, which is not passed: {reason}");
                "SKIPPED".to_string()
            }
            Ok(Outcome::Unavailable {
                passed: more,
                reason,
            }) => {
                passed += more;
                println!("!!! NOT CHECKED HERE, which is not passed: {reason}");
                format!("NOT CHECKED in part ({reason})")
            }
            Err(error) => {
                println!("{error}");
                failed += 1;
                failures.push(step.name);
                "FAILED".to_string()
            }
        };
        let seconds = start.elapsed().as_secs_f32();
        table += &format!("{:20}{seconds:8.1} s  {result}\n", step.name);
    }
    println!("\n{table}\n{passed} passed, {failed} failed");
    if failures.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failures.join(", ")).into())
    }
}

/// A step that either holds or does not.
fn one(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Ran {
        passed: 1,
        failed: 0,
    })
}

fn tools_present(workspace: &Workspace) -> Result<Outcome> {
    tools::c_compiler()?;
    tools::python(workspace, &[tools::KCONFIGLIB])?;
    match tools::java_and_maven() {
        Ok(()) => one(Ok(())),
        Err(error) => Ok(Outcome::Skipped(error.to_string())),
    }
}

fn formatting(workspace: &Workspace) -> Result<Outcome> {
    one(process::run(
        workspace.cargo("fmt").args(["--all", "--", "--check"]),
    ))
}

fn clippy(workspace: &Workspace) -> Result<Outcome> {
    for packages in [&["--workspace"][..], DTLS] {
        let mut clippy = workspace.cargo("clippy");
        clippy.args(["--quiet", "--all-targets"]).args(packages);
        process::run(clippy.args(["--", "-D", "warnings"]))?;
    }
    one(Ok(()))
}

/// What the default configuration leaves out.
const DTLS: &[&str] = &["-p", "lwm2m-posix", "--features", "dtls"];

fn kconfig_mirror(workspace: &Workspace) -> Result<Outcome> {
    let differences = kconfig::differences(workspace)?;
    if differences.is_empty() {
        one(Ok(()))
    } else {
        Err(differences.join("\n").into())
    }
}

/// The built-in objects once more, each with several instances and several servers: what their tests
/// say of those has nothing to show in the default configuration.
fn every_object(workspace: &Workspace) -> Result<Outcome> {
    let output = workspace.target.join("every-object");
    let configuration = workspace
        .root
        .join("tests/c-api/all_objects/all_objects.conf");
    let loaded = config::Selection::parse(&[
        "--output".into(),
        output.to_string_lossy().into_owned(),
        configuration.to_string_lossy().into_owned(),
    ])?
    .load(workspace)?;
    let mut cargo = workspace.cargo("test");
    cargo
        .args(["--quiet", "--no-fail-fast", "-p", "lwm2m-objects"])
        .arg("--target-dir")
        .arg(output.join("cargo"))
        .env("LWM2M_DOTCONFIG", std::path::absolute(&loaded.dotconfig)?);
    let (passed, failed) = counted(&mut cargo)?;
    Ok(Outcome::Ran { passed, failed })
}

/// Runs tests; how many passed and failed.
fn counted(cargo: &mut std::process::Command) -> Result<(u32, u32)> {
    let (mut passed, mut failed) = (0, 0);
    let succeeded = process::watch(cargo, |line| {
        if let Some((more, wrong)) = counts(line) {
            passed += more;
            failed += wrong;
        }
    })?;
    if !succeeded && failed == 0 {
        // It did not compile, or a test ended its process.
        failed = 1;
    }
    Ok((passed, failed))
}

fn cargo_test(workspace: &Workspace) -> Result<Outcome> {
    let (mut passed, mut failed) = (0, 0);
    for arguments in [
        &["--workspace"][..],
        DTLS,
        // What takes the place of something else.
        &[
            "-p",
            "lwm2m-core",
            "--features",
            "pull-proxy",
            "--lib",
            "firmware",
        ],
    ] {
        let mut cargo = workspace.cargo("test");
        cargo.args(["--quiet", "--no-fail-fast"]).args(arguments);
        let (more, wrong) = counted(&mut cargo)?;
        passed += more;
        failed += wrong;
    }
    Ok(Outcome::Ran { passed, failed })
}

fn fuzz_targets(workspace: &Workspace) -> Result<Outcome> {
    if let Err(error) = tools::cxx_compiler() {
        return Ok(Outcome::Skipped(error.to_string()));
    }
    let passed = fuzz::replay(workspace)?;
    Ok(Outcome::Ran { passed, failed: 0 })
}

fn layouts(workspace: &Workspace) -> Result<Outcome> {
    let (passed, missing) = targets::layouts(workspace)?;
    if missing.is_empty() {
        return Ok(Outcome::Ran { passed, failed: 0 });
    }
    Ok(Outcome::Unavailable {
        passed,
        reason: format!("no core library and no rust-src for {}", missing.join(", ")),
    })
}

fn size(workspace: &Workspace) -> Result<Outcome> {
    Ok(match size::check(workspace)? {
        Some(passed) => Outcome::Ran { passed, failed: 0 },
        None => Outcome::Unavailable {
            passed: 0,
            reason: "no core library and no rust-src for Cortex-M4".into(),
        },
    })
}

fn bench(workspace: &Workspace) -> Result<Outcome> {
    if let Err(error) = tools::valgrind() {
        return Ok(Outcome::Skipped(error.to_string()));
    }
    let passed = bench::check(workspace)?;
    Ok(Outcome::Ran { passed, failed: 0 })
}

fn leshan(workspace: &Workspace) -> Result<Outcome> {
    if let Err(error) = tools::java_and_maven() {
        return Ok(Outcome::Skipped(error.to_string()));
    }
    let (passed, failures) = leshan::run(workspace, &[])?;
    for failure in &failures {
        println!("{failure}");
    }
    Ok(Outcome::Ran {
        passed,
        failed: u32::try_from(failures.len())?,
    })
}

/// Passed and failed in a `test result:` line of the test harness.
fn counts(line: &str) -> Option<(u32, u32)> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut parts = numbers.split("; ");
    let passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some((passed, failed))
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn the_harness_summary_is_counted_and_nothing_else() {
        let summary =
            "12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(
            counts(&format!("test result: ok. {summary}")),
            Some((12, 3))
        );
        assert_eq!(
            counts(&format!("test result: FAILED. {summary}")),
            Some((12, 3))
        );
        assert_eq!(counts("running 12 tests"), None);
        assert_eq!(counts("test result: unreadable"), None);
    }
}
