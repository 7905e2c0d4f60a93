// SPDX-License-Identifier: Apache-2.0
//! `types.tsv`: each type by the C compiler, a struct with each of its fields and their types.

use super::compiler::{self, Probe};
use super::judge::Finding;
use super::macros::findings;
use super::table::{Row, Table};
use super::{Configurations, TABLES};
use crate::{Result, Workspace};

/// A type, or a field of a struct; what asserts it, and when it is there.
#[derive(Debug, PartialEq)]
struct Part {
    name: String,
    conditions: Vec<String>,
    line: String,
}

/// Uses every type and every field.
pub fn find(workspace: &Workspace, configurations: &Configurations) -> Result<Vec<Finding>> {
    let table = Table::read(workspace, TABLES.types)?;
    let mut parts = Vec::new();
    for row in table.with(&["header", "name", "kind", "condition", "fields"])? {
        for part in parts_of(&row)? {
            let condition = Some(part.conditions.join(" && ")).filter(|text| !text.is_empty());
            parts.push((row.get("header"), condition, part));
        }
    }
    let probes: Vec<Probe> = parts
        .iter()
        .map(|(header, condition, part)| Probe {
            header,
            condition: condition.as_deref(),
            lines: vec![part.line.clone()],
        })
        .collect();
    let results = compiler::judge(workspace, &configurations.both(), &probes)?;
    let names = parts.iter().map(|(_, _, part)| part.name.as_str());
    Ok(findings(names, results))
}

fn parts_of(row: &Row) -> Result<Vec<Part>> {
    let (name, fields) = (row.get("name"), row.get("fields"));
    let conditions: Vec<String> = row
        .some("condition")
        .map(String::from)
        .into_iter()
        .collect();
    let whole = |line| Part {
        name: name.into(),
        conditions: conditions.clone(),
        line,
    };
    Ok(match row.get("kind") {
        "forward declaration of struct" => {
            vec![whole(format!("extern struct {name} *parity_{name};"))]
        }
        "typedef (function pointer)" => vec![whole(same_type(name, &pointer(fields)?))],
        "enum" => vec![whole(enumerators(name, fields))],
        "struct" => {
            let mut parts = vec![whole(format!("SAME(sizeof(struct {name}) > 0, 1)"))];
            members(name, fields, &conditions, &mut parts)?;
            parts
        }
        kind => return Err(format!("{name}: what is a {kind}?").into()),
    })
}

fn same_type(one: &str, other: &str) -> String {
    format!("SAME(__builtin_types_compatible_p({one}, {other}), 1)")
}

/// `return:int; params:(void)` as a type.
fn pointer(fields: &str) -> Result<String> {
    let parts = fields
        .strip_prefix("return:")
        .and_then(|rest| rest.split_once("; params:"));
    let (returned, parameters) = parts.ok_or(format!("no function: {fields}"))?;
    Ok(format!("{returned} (*){parameters}"))
}

/// `A, B = 3, C`: all are there, with the values that follow from the order.
fn enumerators(name: &str, fields: &str) -> String {
    let mut next = 0;
    let mut line = format!("SAME(sizeof(enum {name}) > 0, 1)");
    for field in fields.split(", ") {
        let (constant, value) = field.split_once(" = ").unwrap_or((field, ""));
        next = value.parse().unwrap_or(next);
        line += &format!(" SAME({constant}, {next})");
        next += 1;
    }
    line
}

/// The fields of `struct name`; those of an anonymous member count as its own.
fn members(name: &str, fields: &str, conditions: &[String], parts: &mut Vec<Part>) -> Result<()> {
    for field in split(fields) {
        let mut conditions = conditions.to_vec();
        let field = match field.split_once(" [if ") {
            Some((field, condition)) => {
                conditions.push(format!("({})", condition.trim_end_matches(']')));
                field
            }
            None => field,
        };
        let (member, of_type) = field
            .split_once(':')
            .ok_or(format!("struct {name}: no type in {field}"))?;
        if let Some((_, inner)) = of_type.split_once('{').filter(|_| member == "(anon)") {
            members(name, inner.trim_end_matches('}'), &conditions, parts)?;
            continue;
        }
        parts.push(Part {
            name: format!("{name}.{member}"),
            line: member_of(name, member, of_type),
            conditions,
        });
    }
    Ok(())
}

fn member_of(name: &str, member: &str, of_type: &str) -> String {
    match of_type.rsplit_once(':') {
        // Bits have no type to ask for, but they can be set.
        Some((_, bits)) if bits.parse::<u32>().is_ok() => {
            format!("USE {{ struct {name} s = {{0}}; s.{member} = 1; (void)s; }}")
        }
        _ => same_type(
            &format!("__typeof__(((struct {name} *)0)->{member})"),
            of_type,
        ),
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
        let mut parts = Vec::new();
        let fields = "a:int (*)(char *b); c:bool:1; d:char*[2] [if defined(E)]; \
            (anon):anonymous union{f:double; g:int32_t}";
        members("s", fields, &["H > 0".into()], &mut parts).unwrap();
        let part = |name: &str, line: String, conditions: &[&str]| Part {
            name: name.into(),
            conditions: conditions.iter().map(ToString::to_string).collect(),
            line,
        };
        let typed = |member: &str, of_type: &str, conditions: &[&str]| {
            let line = same_type(&format!("__typeof__(((struct s *)0)->{member})"), of_type);
            part(&format!("s.{member}"), line, conditions)
        };
        let bits = "USE { struct s s = {0}; s.c = 1; (void)s; }";
        assert_eq!(
            parts,
            [
                typed("a", "int (*)(char *b)", &["H > 0"]),
                part("s.c", bits.into(), &["H > 0"]),
                typed("d", "char*[2]", &["H > 0", "(defined(E))"]),
                typed("f", "double", &["H > 0"]),
                typed("g", "int32_t", &["H > 0"]),
            ]
        );
    }

    #[test]
    fn enumerators_count_on_from_the_last_value() {
        assert_eq!(
            enumerators("e", "A, B = 4, C"),
            "SAME(sizeof(enum e) > 0, 1) SAME(A, 0) SAME(B, 4) SAME(C, 5)"
        );
    }

    #[test]
    fn a_function_pointer_is_put_together() {
        let fields = "return:void *; params:(int a, char *b)";
        assert_eq!(pointer(fields).unwrap(), "void * (*)(int a, char *b)");
        assert!(pointer("params:(void)").is_err());
    }
}
