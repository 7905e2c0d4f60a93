// SPDX-License-Identifier: Apache-2.0
//! `types.tsv`: each type by the C compiler, a struct with each of its fields and their types.

use super::compiler::{self, Probe};
use super::judge::Finding;
use super::macros::findings;
use super::table::{Row, Table};
use super::{Configurations, TABLES};
use crate::{Result, Workspace};

/// Uses every type.
pub fn find(workspace: &Workspace, configurations: &Configurations) -> Result<Vec<Finding>> {
    let table = Table::read(workspace, TABLES.types)?;
    let rows = table.with(&["header", "name", "kind", "condition", "fields"])?;
    let mut probes = Vec::new();
    for row in &rows {
        probes.push(Probe {
            header: row.get("header"),
            condition: row.some("condition"),
            lines: lines(row)?,
        });
    }
    let results = compiler::judge(workspace, &configurations.both(), &probes)?;
    Ok(findings(rows.iter().map(|row| row.get("name")), results))
}

fn lines(row: &Row) -> Result<Vec<String>> {
    let (name, fields) = (row.get("name"), row.get("fields"));
    Ok(match row.get("kind") {
        "forward declaration of struct" => vec![format!("extern struct {name} *parity_{name};")],
        "typedef (function pointer)" => vec![same_type(name, &pointer(fields)?)],
        "enum" => enumerators(name, fields),
        "struct" => {
            let mut lines = vec![format!("SAME(sizeof(struct {name}) > 0, 1)")];
            members(name, fields, &mut lines)?;
            lines
        }
        kind => return Err(format!("{name}: what is a {kind}?").into()),
    })
}

fn same_type(one: &str, other: &str) -> String {
    format!("SAME(__builtin_types_compatible_p({one}, {other}), 1)")
}

/// `return:int; params:(void)` as a type.
fn pointer(fields: &str) -> Result<String> {
    let parts = fields.strip_prefix("return:").and_then(|rest| rest.split_once("; params:"));
    let (returned, parameters) = parts.ok_or(format!("no function: {fields}"))?;
    Ok(format!("{returned} (*){parameters}"))
}

/// `A, B = 3, C`: all are there, with the values that follow from the order.
fn enumerators(name: &str, fields: &str) -> Vec<String> {
    let mut next = 0;
    let mut lines = vec![format!("SAME(sizeof(enum {name}) > 0, 1)")];
    for field in fields.split(", ") {
        let (constant, value) = field.split_once(" = ").unwrap_or((field, ""));
        next = value.parse().unwrap_or(next);
        lines.push(format!("SAME({constant}, {next})"));
        next += 1;
    }
    lines
}

/// Assertions about the fields of `struct name`; those of an anonymous member count as its own.
fn members(name: &str, fields: &str, lines: &mut Vec<String>) -> Result<()> {
    for field in split(fields) {
        let (field, condition) = match field.split_once(" [if ") {
            Some((field, condition)) => (field, condition.strip_suffix(']')),
            None => (field, None),
        };
        let (member, of_type) = field
            .split_once(':')
            .ok_or(format!("struct {name}: no type in {field}"))?;
        if let Some(condition) = condition {
            lines.push(format!("#if {condition}"));
        }
        if let Some((_, inner)) = of_type.split_once('{').filter(|_| member == "(anon)") {
            members(name, inner.trim_end_matches('}'), lines)?;
        } else {
            lines.push(member_of(name, member, of_type));
        }
        if condition.is_some() {
            lines.push("#endif".into());
        }
    }
    Ok(())
}

fn member_of(name: &str, member: &str, of_type: &str) -> String {
    match of_type.rsplit_once(':') {
        // Bits have no type to ask for, but they can be set.
        Some((_, bits)) if bits.parse::<u32>().is_ok() => {
            format!("USE {{ struct {name} s = {{0}}; s.{member} = 1; (void)s; }}")
        }
        _ => same_type(&format!("__typeof__(((struct {name} *)0)->{member})"), of_type),
    }
}

/// Splits at semicolons that are in no bracket.
fn split(fields: &str) -> Vec<&str> {
    let mut depth = 0;
    let at_top = |character: char| {
        match character {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth -= 1,
            _ => (),
        }
        depth == 0 && character == ';'
    };
    fields.split(at_top).map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_assertions() {
        let mut lines = Vec::new();
        let fields = "a:int (*)(char *b); c:bool:1; d:char*[2] [if defined(E)]; \
            (anon):anonymous union{f:double; g:int32_t}";
        members("s", fields, &mut lines).unwrap();
        let type_of = |member, of_type: &str| {
            same_type(&format!("__typeof__(((struct s *)0)->{member})"), of_type)
        };
        assert_eq!(
            lines,
            [
                type_of("a", "int (*)(char *b)"),
                "USE { struct s s = {0}; s.c = 1; (void)s; }".into(),
                "#if defined(E)".into(),
                type_of("d", "char*[2]"),
                "#endif".into(),
                type_of("f", "double"),
                type_of("g", "int32_t"),
            ]
        );
    }

    #[test]
    fn enumerators_count_on_from_the_last_value() {
        assert_eq!(
            enumerators("e", "A, B = 4, C")[1..],
            ["SAME(A, 0)", "SAME(B, 4)", "SAME(C, 5)"]
        );
    }

    #[test]
    fn a_function_pointer_is_put_together() {
        let fields = "return:void *; params:(int a, char *b)";
        assert_eq!(pointer(fields).unwrap(), "void * (*)(int a, char *b)");
        assert!(pointer("params:(void)").is_err());
    }
}
