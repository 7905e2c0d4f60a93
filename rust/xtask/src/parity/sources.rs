// SPDX-License-Identifier: Apache-2.0
//! What can be seen in the sources alone: whether a Kconfig symbol is used, a log line printed, a
//! shell command defined.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::TABLES;
use super::judge::Finding;
use super::table::{Row, Table};
use crate::{Result, Workspace, kconfig};

/// What ends up in an image, or decides what does.
const FOLDERS: &[&str] = &[
    "include",
    "zephyr",
    "rust/capi",
    "rust/core/src",
    "rust/objects/src",
    "rust/posix/src",
    "rust/registry/src",
    "rust/runtime/src",
    "rust/zephyr/src",
    "CMakeLists.txt",
];

const SHELL: &str = "zephyr/glue/shell.c";

/// The library's source text, without comment lines and tests.
pub struct Sources {
    text: String,
    words: BTreeSet<String>,
}

impl Sources {
    /// Reads them.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let mut text = String::new();
        for folder in FOLDERS {
            collect(&workspace.root.join(folder), &mut text)?;
        }
        Ok(Self::of(text))
    }

    fn of(text: String) -> Self {
        let separator = |character: char| !character.is_alphanumeric() && !"_:".contains(character);
        let words = text.split(separator).map(String::from).collect();
        Self { text, words }
    }

    /// Whether C or CMake refers to the symbol by its name, or Rust by its constant's.
    fn uses(&self, symbol: &str) -> bool {
        let constant = symbol.strip_prefix("LWM2M_").unwrap_or(symbol);
        self.words.contains(&format!("CONFIG_{symbol}"))
            || ["config", "lwm2m_config"]
                .iter()
                .any(|module| self.words.contains(&format!("{module}::{constant}")))
    }
}

fn collect(path: &Path, text: &mut String) -> Result<()> {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?.collect::<std::io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::path);
        for entry in entries {
            collect(&entry.path(), text)?;
        }
        return Ok(());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let source = [".rs", ".c", ".h", ".txt", ".cmake"];
    if source.iter().any(|ending| name.ends_with(ending)) && !name.ends_with("tests.rs") {
        *text += &code(&fs::read_to_string(path)?);
    }
    Ok(())
}

/// The text without comment lines, and up to a file's unit tests.
fn code(text: &str) -> String {
    let comment = |line: &&str| {
        let line = line.trim_start();
        ["//", "/*", "* ", "# "]
            .iter()
            .any(|mark| line.starts_with(mark))
    };
    text.lines()
        .take_while(|line| line.trim() != "mod tests {")
        .filter(|line| !comment(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Every symbol must be in the mirror as in the table, and used.
pub fn find_kconfig(workspace: &Workspace, sources: &Sources) -> Result<Vec<Finding>> {
    let path = workspace.root.join(TABLES.kconfig);
    let table = fs::read_to_string(&path)?;
    let symbol = |row: &str| row.split('\t').next().unwrap_or_default().to_string();
    let differences = kconfig::differences(workspace)?;
    let different: BTreeSet<String> = differences.iter().map(|row| symbol(&row[2..])).collect();
    let symbols = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(symbol);
    let finding = |name: String| Finding {
        found: if different.contains(&name) {
            Err("the mirror in kconfig/ says something else".into())
        } else if sources.uses(&name) {
            Ok(())
        } else {
            Err("nothing uses it".into())
        },
        name,
    };
    Ok(symbols.map(finding).collect())
}

/// Every line must be there literally, in a module of its name.
pub fn find_log_lines(workspace: &Workspace, sources: &Sources) -> Result<Vec<Finding>> {
    let table = Table::read(workspace, TABLES.log_lines)?;
    let rows = table.with(&["module", "line"])?;
    let finding = |row: &Row| {
        let (module, line) = (row.get("module"), row.get("line"));
        let absent = [module, line]
            .into_iter()
            .find(|text| !sources.text.contains(text));
        Finding {
            name: format!("{module}: {line}"),
            found: absent.map_or(Ok(()), |text| Err(format!("no `{text}` in the sources"))),
        }
    };
    Ok(rows.iter().map(finding).collect())
}

/// Every command must be defined, with as many words.
pub fn find_shell(workspace: &Workspace) -> Result<Vec<Finding>> {
    let table = Table::read(workspace, TABLES.shell)?;
    let rows = table.with(&["command", "mandatory", "optional"])?;
    let defined = commands(&code(
        &fs::read_to_string(workspace.root.join(SHELL)).unwrap_or_default(),
    ));
    Ok(rows.iter().map(|row| command(row, &defined)).collect())
}

/// A command's name and its counts of words, as written.
type Defined = (String, String, String);

fn command(row: &Row, defined: &[Defined]) -> Finding {
    let command = row.get("command");
    let name = command.split(' ').nth(1).unwrap_or(command);
    let found = defined.iter().find(|(defined, _, _)| defined == name);
    Finding {
        name: command.into(),
        found: match found {
            None => Err(format!("{SHELL} does not define it")),
            Some((_, mandatory, optional)) => {
                if mandatory == row.get("mandatory") && optional == row.get("optional") {
                    Ok(())
                } else {
                    Err(format!("it takes {mandatory} words and {optional} more"))
                }
            }
        },
    }
}

/// The sub-commands in a C file: `SHELL_CMD_ARG(name, sub, help, handler, mandatory, optional)`
/// and `SHELL_COND_CMD_ARG`, which has a condition before that.
fn commands(text: &str) -> Vec<Defined> {
    let mut found = Vec::new();
    for (start, name) in text.match_indices("SHELL_").filter_map(|(start, _)| {
        let rest = text.get(start..)?;
        Some((start, rest.get(..rest.find('(')?)?))
    }) {
        let skipped = match name {
            "SHELL_CMD_ARG" => 0,
            "SHELL_COND_CMD_ARG" => 1,
            _ => continue,
        };
        let arguments = arguments(&text[start + name.len() + 1..]);
        if let Some([name, _, _, _, mandatory, optional]) = arguments.get(skipped..) {
            found.push((name.clone(), mandatory.clone(), optional.clone()));
        }
    }
    found
}

/// A macro's arguments, up to the bracket that closes it; commas in strings and brackets do not
/// part them.
fn arguments(text: &str) -> Vec<String> {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    let mut found = vec![String::new()];
    for character in text.chars() {
        match character {
            '"' if !escaped => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => break,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => (),
        }
        escaped = character == '\\' && !escaped;
        if let Some(last) = found.last_mut() {
            last.push(character);
        }
    }
    found
        .iter()
        .map(|argument| argument.trim().to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_used_by_name_or_by_constant_but_not_in_a_comment() {
        let text = "// CONFIG_LWM2M_A\n/* CONFIG_LWM2M_B */\n#if CONFIG_LWM2M_C > 0\n\
            if config::D > 0 {}\nlwm2m_config::E_LONG\nmod tests {\nconfig::F\n";
        let sources = Sources::of(code(text));
        let used: Vec<&str> = ["A", "B", "C", "D", "E", "E_LONG", "F"]
            .into_iter()
            .filter(|name| sources.uses(&format!("LWM2M_{name}")))
            .collect();
        assert_eq!(used, ["C", "D", "E_LONG"]);
    }

    #[test]
    fn shell_commands_are_read_with_their_counts() {
        let text = r#"SHELL_STATIC_SUBCMD_SET_CREATE(sub,
            SHELL_COND_CMD_ARG(CONFIG_A, send, NULL, HELP("a, b", 1), cmd_send, 1, 9),
            SHELL_CMD_ARG(exec, NULL, "say \"x\", (y", cmd_exec, 2, 1),
            SHELL_SUBCMD_SET_END);
            SHELL_CMD_REGISTER(lwm2m, &sub, "commands", NULL);"#;
        let counted = |name: &str, mandatory: &str, optional: &str| {
            (
                name.to_string(),
                mandatory.to_string(),
                optional.to_string(),
            )
        };
        assert_eq!(
            commands(text),
            [counted("send", "1", "9"), counted("exec", "2", "1")]
        );
    }

    #[test]
    fn a_command_with_other_counts_is_not_the_same() {
        let table = Table::parse("command\tmandatory\toptional\nlwm2m send\t1\t9\n").unwrap();
        let row = table.rows().next().unwrap();
        let defined = |optional: &str| vec![("send".into(), "1".into(), optional.to_string())];
        assert!(command(&row, &defined("9")).found.is_ok());
        assert!(command(&row, &defined("8")).found.is_err());
        assert!(command(&row, &[]).found.is_err());
    }
}
