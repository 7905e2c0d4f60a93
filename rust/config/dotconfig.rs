// SPDX-License-Identifier: Apache-2.0
//! Reads a `.config` as Kconfig writes it and turns the symbols of a table into Rust constants.

use std::collections::HashMap;
use std::fmt::Write;
use std::string::{String, ToString};
use std::{format, vec::Vec};

/// The assignments of a `.config`, values as written.
pub struct DotConfig<'a>(HashMap<&'a str, &'a str>);

impl<'a> DotConfig<'a> {
    /// Takes every `CONFIG_NAME=value` line; comments (`# CONFIG_NAME is not set`) leave a symbol
    /// absent, which is what they mean.
    pub fn parse(text: &'a str) -> Self {
        Self(
            text.lines()
                .filter_map(|line| line.trim().strip_prefix("CONFIG_")?.split_once('='))
                .collect(),
        )
    }

    /// A `pub const` item for each row of `table`, whose first two columns are symbol and type.
    pub fn constants(&self, table: &str) -> Result<String, String> {
        let mut items = String::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [symbol, kind, rest @ ..] = columns.as_slice() else {
                return Err(format!("no type in `{line}`"));
            };
            let value = self.0.get(symbol).copied();
            let (rust_type, literal) = match *kind {
                "bool" => ("bool", (value == Some("y")).to_string()),
                "int" => ("u32", integer(symbol, value.unwrap_or("0"))?),
                "string" => ("&str", string(symbol, value.unwrap_or("\"\""))?),
                _ => return Err(format!("{symbol} has the unknown type `{kind}`")),
            };
            let range = match rest.get(1) {
                None | Some(&"-") => String::new(),
                Some(range) => format!(", {range}"),
            };
            let name = symbol.strip_prefix("LWM2M_").unwrap_or(symbol);
            let _ = writeln!(
                items,
                "/// `CONFIG_{symbol}`{range}\npub const {name}: {rust_type} = {literal};"
            );
        }
        Ok(items)
    }
}

/// A decimal or hexadecimal number as a Rust literal.
fn integer(symbol: &str, value: &str) -> Result<String, String> {
    let number = match value.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => value.parse(),
    };
    match number {
        Ok(number) => Ok(number.to_string()),
        Err(error) => Err(format!("CONFIG_{symbol}={value}: {error}")),
    }
}

/// A quoted string, `\` before `"` and `\` inside, as a Rust literal.
fn string(symbol: &str, value: &str) -> Result<String, String> {
    let inner = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let inner = inner.ok_or_else(|| format!("CONFIG_{symbol}={value}: not a quoted string"))?;
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' {
            characters.next()
        } else {
            Some(character)
        });
    }
    Ok(format!("{text:?}"))
}

#[cfg(test)]
mod tests {
    use super::DotConfig;

    const TABLE: &str = "# symbol\ttype\tdefault\trange\n\
        LWM2M\tbool\t-\t-\n\
        LWM2M_PEER_PORT\tint\t5683\t-\n\
        LWM2M_UPDATE_PERIOD\tint\t0\t0..4294967295\n\
        LWM2M_NAME\tstring\t\"\"\t-\n";

    #[test]
    fn each_type_becomes_a_constant_named_without_the_prefix() {
        let text = "CONFIG_SOC=\"x\"\nCONFIG_LWM2M=y\nCONFIG_LWM2M_PEER_PORT=0x10\n\
            CONFIG_LWM2M_UPDATE_PERIOD=4294967295\nCONFIG_LWM2M_NAME=\"a=\\\"b\\\\\"\n";
        assert_eq!(
            DotConfig::parse(text).constants(TABLE).unwrap(),
            "/// `CONFIG_LWM2M`\npub const LWM2M: bool = true;\n\
             /// `CONFIG_LWM2M_PEER_PORT`\npub const PEER_PORT: u32 = 16;\n\
             /// `CONFIG_LWM2M_UPDATE_PERIOD`, 0..4294967295\n\
             pub const UPDATE_PERIOD: u32 = 4294967295;\n\
             /// `CONFIG_LWM2M_NAME`\npub const NAME: &str = \"a=\\\"b\\\\\";\n"
        );
    }

    #[test]
    fn an_absent_symbol_is_false_zero_or_empty() {
        let items = DotConfig::parse("# CONFIG_LWM2M is not set\n")
            .constants(TABLE)
            .unwrap();
        for expected in [
            "LWM2M: bool = false",
            "PEER_PORT: u32 = 0",
            "NAME: &str = \"\"",
        ] {
            assert!(items.contains(expected), "{expected} in {items}");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_names_its_symbol() {
        for value in ["-1", "4294967296", "ten", ""] {
            let text = std::format!("CONFIG_LWM2M_PEER_PORT={value}");
            let error = DotConfig::parse(&text).constants(TABLE).unwrap_err();
            assert!(error.starts_with(&text), "{error}");
        }
        let error = DotConfig::parse("CONFIG_LWM2M_NAME=bare")
            .constants(TABLE)
            .unwrap_err();
        assert!(error.contains("not a quoted string"), "{error}");
    }
}
