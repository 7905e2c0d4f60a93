// SPDX-License-Identifier: Apache-2.0
//! Asks the C compiler about many rows at once: one file, each row's C under a `#line` of its own,
//! so that the compiler's complaints say which rows they are about.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::judge::Verdict;
use crate::kconfig::Configuration;
use crate::{Result, Workspace, cc, process, tools};

/// What `#line` calls the file.
const FILE: &str = "row";

/// C that compiles if a row is implemented.
pub struct Probe<'a> {
    /// The header it needs, as it is included.
    pub header: &'a str,
    /// The preprocessor condition under which the row exists.
    pub condition: Option<&'a str>,
    /// Lines at file scope; those that begin with `#` are directives.
    pub lines: Vec<String>,
}

/// Compiles the probes in every configuration that fulfils their conditions. Gives one result for
/// each, in order.
pub fn judge(
    workspace: &Workspace,
    configurations: &[&Configuration],
    probes: &[Probe],
) -> Result<Vec<Verdict>> {
    let unfulfilled = || Err("no configuration fulfils its condition".to_string());
    let mut results: Vec<_> = probes.iter().map(|_| unfulfilled()).collect();
    let mut failed = BTreeMap::new();
    for configuration in configurations {
        let holding = holding(configuration, probes)?;
        for number in &holding {
            results[*number] = Ok(());
        }
        for (number, why) in complaints(workspace, configuration, probes, &holding)? {
            failed.entry(number).or_insert(why);
        }
    }
    for (number, why) in failed {
        results[number] = Err(why);
    }
    Ok(results)
}

/// The numbers of the probes whose conditions hold.
fn holding(configuration: &Configuration, probes: &[Probe]) -> Result<Vec<usize>> {
    let conditions: Vec<_> = probes.iter().map(|probe| probe.condition).collect();
    let holds = conditions_hold(configuration, &conditions)?;
    Ok((0..probes.len()).filter(|number| holds[*number]).collect())
}

/// Asks the preprocessor which conditions hold.
pub fn conditions_hold(
    configuration: &Configuration,
    conditions: &[Option<&str>],
) -> Result<Vec<bool>> {
    let mut text = String::new();
    for (number, condition) in conditions.iter().enumerate() {
        text += &format!(
            "#if {}\nholds_{number}_\n#endif\n",
            condition.unwrap_or("1")
        );
    }
    let folder = configuration.autoconf.with_file_name("conditions.c");
    fs::write(&folder, text)?;
    let mut compiler = tools::c_compiler()?;
    compiler.args(["-E", "-P", "-imacros"]);
    let printed = process::output(compiler.arg(&configuration.autoconf).arg(&folder))?;
    let holds = |number| printed.contains(&format!("holds_{number}_"));
    Ok((0..conditions.len()).map(holds).collect())
}

/// Compiles the probes with these numbers, header by header; says what is wrong with which.
fn complaints(
    workspace: &Workspace,
    configuration: &Configuration,
    probes: &[Probe],
    numbers: &[usize],
) -> Result<BTreeMap<usize, String>> {
    let mut headers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for number in numbers {
        let probe = &probes[*number];
        headers.entry(probe.header).or_default().push(*number);
    }
    let mut found = BTreeMap::new();
    for (header, mut open) in headers {
        let everywhere = |why: String, open: &[usize]| -> BTreeMap<usize, String> {
            open.iter().map(|number| (*number, why.clone())).collect()
        };
        if !exists(workspace, header) {
            found.append(&mut everywhere(format!("no header {header}"), &open));
            continue;
        }
        // What one row's error hides in the next is found in the next round.
        while let Err(output) = compile(workspace, configuration, header, probes, &open)? {
            let mut blamed = blamed(&output);
            if blamed.is_empty() {
                found.append(&mut everywhere(first_error(&output), &open));
                break;
            }
            open.retain(|number| !blamed.contains_key(number));
            found.append(&mut blamed);
        }
    }
    Ok(found)
}

/// Folders of `#include`, as Zephyr has them for an application.
fn include_folders(workspace: &Workspace) -> [PathBuf; 3] {
    ["include", "include/lwm2m", "parity"].map(|folder| workspace.root.join(folder))
}

fn exists(workspace: &Workspace, header: &str) -> bool {
    let mut folders = include_folders(workspace).into_iter();
    folders.any(|folder| folder.join(header).exists())
}

/// The compiler's complaints, if there are any.
fn compile(
    workspace: &Workspace,
    configuration: &Configuration,
    header: &str,
    probes: &[Probe],
    numbers: &[usize],
) -> Result<Verdict> {
    let file = configuration.autoconf.with_file_name("rows.c");
    let selected = numbers.iter().map(|number| (*number, &probes[*number]));
    fs::write(&file, source(header, selected))?;
    let mut compiler: Command = tools::c_compiler()?;
    compiler
        .env("LC_ALL", "C")
        .args(["-std=gnu17", "-fsyntax-only", "-fdiagnostics-color=never"])
        .args(cc::WARNINGS)
        // One of Zephyr's prototypes returns a `const char *const`.
        .arg("-Wno-ignored-qualifiers");
    for folder in include_folders(workspace) {
        compiler.arg("-I").arg(folder);
    }
    compiler.arg("-imacros").arg(&configuration.autoconf);
    let answer = compiler.arg(&file).output()?;
    Ok(if answer.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&answer.stderr).into_owned())
    })
}

fn source<'a>(header: &str, probes: impl Iterator<Item = (usize, &'a Probe<'a>)>) -> String {
    let mut text = format!("#include <{header}>\n#include <stddef.h>\n#include \"uses.h\"\n");
    for (number, probe) in probes {
        for line in &probe.lines {
            if !line.starts_with('#') {
                text += &format!("#line {} \"{FILE}\"\n", number + 1);
            }
            text += line;
            text.push('\n');
        }
    }
    text
}

/// The rows that the compiler complains about, with the first complaint about each. An error in a
/// macro's definition is followed by a note that says which row expands it.
fn blamed(output: &str) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    let mut elsewhere = None;
    for line in output.lines() {
        let (place, message) = match line.split_once(" error: ") {
            Some((place, message)) => (place, Some(message)),
            None if line.contains(" note: in expansion of macro ") => (line, elsewhere),
            None => continue,
        };
        match (row_number(place), message) {
            (Some(number), Some(message)) => {
                found.entry(number).or_insert_with(|| message.to_string());
                elsewhere = None;
            }
            (None, message) => elsewhere = message,
            (Some(_), None) => (),
        }
    }
    found
}

/// The number of the row in `row:12:5: …`.
fn row_number(place: &str) -> Option<usize> {
    let line = place.strip_prefix(FILE)?.strip_prefix(':')?;
    let number: usize = line.split(':').next()?.parse().ok()?;
    number.checked_sub(1)
}

fn first_error(output: &str) -> String {
    let line = output.lines().find(|line| line.contains("error"));
    line.unwrap_or("the compiler failed").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_told_apart_by_row() {
        let output = "In file included from a.c:1:\n\
            row: In function 'use_3':\n\
            row:3:5: error: 'A' undeclared (first use in this function)\n\
            row:3:9: error: another\n\
            row:4:1: note: expected here\n\
            row:12:1: error: conflicting types for 'f'\n";
        assert_eq!(
            blamed(output),
            BTreeMap::from([
                (2, "'A' undeclared (first use in this function)".to_string()),
                (11, "conflicting types for 'f'".to_string()),
            ])
        );
        assert!(blamed("include/a.h:3:1: error: unknown type name").is_empty());
    }

    #[test]
    fn an_error_inside_a_macro_is_blamed_on_the_row_that_uses_it() {
        let output = "include/a.h:9:3: error: static assertion failed\n\
            include/a.h:8:1: note: in expansion of macro 'INNER'\n\
            row:7:1: note: in expansion of macro 'OUTER'\n\
            row:8:1: note: in expansion of macro 'OUTER'\n";
        let expected = (6, "static assertion failed".to_string());
        assert_eq!(blamed(output), BTreeMap::from([expected]));
    }

    #[test]
    fn every_line_of_a_row_bears_its_number() {
        let probe = Probe {
            header: "a.h",
            condition: None,
            lines: ["#if B", "int b;", "#endif", "int c;"]
                .map(String::from)
                .into(),
        };
        let text = source("a.h", [(6, &probe)].into_iter());
        let (_, text) = text.split_once("uses.h\"\n").unwrap();
        assert_eq!(
            text,
            "#if B\n#line 7 \"row\"\nint b;\n#endif\n#line 7 \"row\"\nint c;\n"
        );
    }
}
