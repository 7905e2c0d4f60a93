// SPDX-License-Identifier: Apache-2.0
//! `objects.tsv` and the resources' own table: what a client with every object says of itself, and
//! what a server gets to see of it: Discover, and the response codes that tell permissions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lwm2m_server::{Client, Code, ContentFormat, Request, Server};

use super::compiler;
use super::judge::{Finding, Verdict};
use super::table::{Row, Table};
use super::{Configurations, TABLES};
use crate::cc::{self, Program};
use crate::demo::Sample;
use crate::{Result, Workspace, process};

const SOURCE: &str = "parity/client.c";
const ENDPOINT: &str = "parity";
const PATIENCE: Duration = Duration::from_secs(10);

/// The server never gets to see it, except while it bootstraps the client.
const SECURITY: &str = "0";

/// Data types as the author headers number them.
const TYPES: &[(&str, u8)] = &[
    ("none (execute)", 0),
    ("OPAQUE", 1),
    ("STRING", 2),
    ("U32", 3),
    ("U16", 4),
    ("U8", 5),
    ("S64", 6),
    ("INT", 7),
    ("S32", 7),
    ("S16", 8),
    ("S8", 9),
    ("BOOL", 10),
    ("TIME", 11),
    ("FLOAT", 12),
    ("OBJLNK", 13),
];

/// Operations as bits of a permission.
const PERMISSIONS: &[(&str, u8)] = &[("R", 1), ("W", 6), ("RW", 7), ("E", 16)];
const OPTIONAL: u8 = 128;

/// What the client prints about itself: the rest of the line by its first two words.
struct Facts(BTreeMap<(String, String), String>);

impl Facts {
    fn parse(text: &str) -> Self {
        let fact = |line: &str| {
            let mut words = line.splitn(3, ' ').map(String::from);
            Some((
                (words.next()?, words.next()?),
                words.next().unwrap_or_default(),
            ))
        };
        Self(text.lines().filter_map(fact).collect())
    }

    fn get(&self, kind: &str, name: &str) -> Option<&str> {
        let key = (kind.to_string(), name.to_string());
        self.0.get(&key).map(String::as_str)
    }

    fn expect(&self, kind: &str, name: &str, expected: &str) -> Verdict {
        match self.get(kind, name) {
            Some(found) if found == expected => Ok(()),
            Some(found) => Err(format!("{kind} is `{found}`, not `{expected}`")),
            None => Err(format!("there is no such {kind}")),
        }
    }
}

/// Looks for every object.
pub fn find(
    workspace: &Workspace,
    configurations: &Configurations,
    library: &Path,
) -> Result<Vec<Finding>> {
    let facts = describe(&build(workspace, configurations, library)?)?;
    let values = Values::read(configurations)?;
    let resources = Table::read(workspace, TABLES.resources)?;
    let resources = resources.with(&["object_id"])?;
    let table = Table::read(workspace, TABLES.objects)?;
    let rows = table.with(&[
        "object_id",
        "is_core",
        "version",
        "max_instances",
        "resources",
    ])?;
    let finding = |row: &Row| {
        let id = row.get("object_id");
        let known = resources.iter().filter(|row| row.get("object_id") == id);
        Finding {
            name: id.into(),
            found: object(row, &facts, &values, known.count()),
        }
    };
    Ok(rows.iter().map(finding).collect())
}

fn object(row: &Row, facts: &Facts, values: &Values, resources: usize) -> Verdict {
    let places = values.of(row.get("max_instances"))?;
    let expected = format!("{} {} {places}", row.get("version"), row.get("is_core"));
    facts.expect("object", row.get("object_id"), &expected)?;
    if facts.get("refused", row.get("object_id")).is_some() {
        return Err("no instance 0 could be made".into());
    }
    if row.get("resources") != resources.to_string() {
        return Err(format!(
            "{} has {resources} of its resources",
            TABLES.resources
        ));
    }
    Ok(())
}

/// Looks for every resource that the objects' table has.
pub fn find_resources(
    workspace: &Workspace,
    configurations: &Configurations,
    library: &Path,
) -> Result<Vec<Finding>> {
    let program = build(workspace, configurations, library)?;
    let facts = describe(&program)?;
    let values = Values::read(configurations)?;
    let table = Table::read(workspace, TABLES.resources)?;
    let rows = resource_rows(&table, configurations)?;
    let mut findings = Vec::new();
    for row in &rows {
        findings.push(Finding {
            name: name(row),
            found: described(row, &facts, &values),
        });
    }
    let seen = Seen::ask(&program, &rows, &facts)?;
    for (row, finding) in rows.iter().zip(&mut findings) {
        if finding.found.is_ok() && facts.get("resource", &finding.name).is_some() {
            finding.found = seen.verdict(row);
        }
    }
    Ok(findings)
}

/// Rows that exist in this configuration.
fn resource_rows<'a>(table: &'a Table, configurations: &Configurations) -> Result<Vec<Row<'a>>> {
    let rows = table.with(&[
        "object_id",
        "resource_id",
        "ops",
        "data_type",
        "instances",
        "resource_instance_capacity",
        "optional_flag",
        "resource_condition",
        "instantiated",
    ])?;
    let conditions: Vec<_> = rows
        .iter()
        // Others are about the object's version, which is the newest here.
        .map(|row| Some(row.get("resource_condition")).filter(|text| text.starts_with("defined(")))
        .collect();
    let holds = compiler::conditions_hold(&configurations.everything, &conditions)?;
    if let Some((row, _)) = rows.iter().zip(holds).find(|(_, holds)| !holds) {
        return Err(format!("{} is not in everything.conf", name(row)).into());
    }
    Ok(rows)
}

fn name(row: &Row) -> String {
    format!("{}/{}", row.get("object_id"), row.get("resource_id"))
}

/// Compares the definition, and the resource where there has to be one.
fn described(row: &Row, facts: &Facts, values: &Values) -> Verdict {
    let name = name(row);
    let number = |table: &[(&str, u8)], key: &str| {
        let entry = table.iter().find(|(name, _)| *name == key);
        entry
            .map(|(_, number)| *number)
            .ok_or(format!("what is `{key}`?"))
    };
    let optional = if row.get("optional_flag") == "y" {
        OPTIONAL
    } else {
        0
    };
    let permissions = number(PERMISSIONS, row.get("ops"))? | optional;
    let data_type = number(TYPES, row.get("data_type"))?;
    facts.expect("field", &name, &format!("{permissions} {data_type}"))?;
    if row.get("instantiated") == "n" && facts.get("resource", &name).is_none() {
        return Ok(());
    }
    let capacity = values.of(row.get("resource_instance_capacity"))?;
    let expected = format!("{} {capacity}", row.get("instances"));
    facts.expect("resource", &name, &expected)
}

/// The configuration, for numbers that follow from it.
struct Values(BTreeMap<String, u32>);

impl Values {
    fn read(configurations: &Configurations) -> Result<Self> {
        Ok(Self::parse(&fs::read_to_string(
            &configurations.everything.dotconfig,
        )?))
    }

    fn parse(text: &str) -> Self {
        let value = |line: &str| {
            let (symbol, value) = line.split_once('=')?;
            Some((symbol.to_string(), value.parse().ok()?))
        };
        Self(text.lines().filter_map(value).collect())
    }

    /// A number, a symbol, or a sum; of a sum, the symbols that there are; `, else N` if there are
    /// none.
    fn of(&self, expression: &str) -> std::result::Result<u32, String> {
        let (sum, otherwise) = expression.split_once(", else ").unwrap_or((expression, ""));
        let sum = sum.split(" (").next().unwrap_or(sum);
        let term = |term: &str| term.parse().ok().or_else(|| self.0.get(term).copied());
        let known: Vec<u32> = sum.split(" + ").filter_map(term).collect();
        match known.as_slice() {
            [] => otherwise
                .parse()
                .map_err(|_| format!("`{expression}` has no value")),
            known => Ok(known.iter().sum()),
        }
    }
}

/// Builds the client.
fn build(
    workspace: &Workspace,
    configurations: &Configurations,
    library: &Path,
) -> Result<PathBuf> {
    let program = library.with_file_name("client");
    let include = workspace.root.join("include/lwm2m");
    cc::link(
        workspace,
        &Program {
            sources: &[workspace.root.join(SOURCE)],
            configuration: &configurations.everything,
            library,
            flags: &[format!("-I{}", include.display())],
            output: &program,
        },
    )?;
    Ok(program)
}

/// What the client says of itself.
fn describe(program: &Path) -> Result<Facts> {
    Ok(Facts::parse(&process::output(&mut Command::new(program))?))
}

/// What a server saw.
struct Seen {
    /// Resources that Discover named.
    links: BTreeSet<String>,
    /// Answers to Read, Write and Execute, by resource.
    codes: BTreeMap<(String, char), Code>,
}

impl Seen {
    /// Registers the client at an embedded server and asks about the resources. First without
    /// consequences, then by writing; no resource is executed that can be.
    fn ask(program: &Path, rows: &[Row], facts: &Facts) -> Result<Self> {
        let server = Server::bind("127.0.0.1:0")?;
        let uri = format!("coap://{}", server.address());
        let _sample = Sample::start(program, &uri, ENDPOINT, false)?;
        server.wait_for(ENDPOINT, PATIENCE)?;
        let client = server.client(ENDPOINT);
        let mut seen = Self {
            links: BTreeSet::new(),
            codes: BTreeMap::new(),
        };
        let visible = |row: &&Row| {
            row.get("object_id") != SECURITY && facts.get("resource", &name(row)).is_some()
        };
        let rows: Vec<&Row> = rows.iter().filter(visible).collect();
        let objects: BTreeSet<&str> = rows.iter().map(|row| row.get("object_id")).collect();
        for object in objects {
            seen.discover(&client, object)?;
        }
        for operation in ['R', 'E', 'W'] {
            for row in rows.iter().filter(|row| asked(row, operation)) {
                let answer = client.request(&request(row, operation)?)?;
                seen.codes.insert((name(row), operation), answer.code);
            }
        }
        Ok(seen)
    }

    fn discover(&mut self, client: &Client, object: &str) -> Result<()> {
        let answer = client.discover(&*format!("/{object}/0"))?;
        if let Ok(content) = answer.content {
            let targets = content.links().iter().map(|link| link.target.clone());
            self.links.extend(targets);
        }
        Ok(())
    }

    fn verdict(&self, row: &Row) -> Verdict {
        let (object, resource) = (row.get("object_id"), row.get("resource_id"));
        if object == SECURITY {
            return Ok(());
        }
        if !self.links.contains(&format!("/{object}/0/{resource}")) {
            return Err("Discover does not name it".into());
        }
        for operation in ['R', 'E', 'W'].into_iter().filter(|each| asked(row, *each)) {
            let code = self.codes.get(&(name(row), operation));
            let code = *code.ok_or("it was not asked about")?;
            permitted(operation, row.get("ops").contains(operation), code)?;
        }
        Ok(())
    }
}

/// Executing what can be executed would end the conversation, or the client.
fn asked(row: &Row, operation: char) -> bool {
    operation != 'E' || row.get("ops") != "E"
}

/// Read, Execute, or a Write of one value, which need not be acceptable to be permitted.
fn request(row: &Row, operation: char) -> Result<Request> {
    let mut path = format!("/{}/0/{}", row.get("object_id"), row.get("resource_id"));
    if operation == 'W' && row.get("instances") == "multiple" {
        path += "/0";
    }
    let path = path.parse()?;
    Ok(match operation {
        'R' => Request::new(Code::GET, path).accept(ContentFormat::TLV),
        'E' => Request::new(Code::POST, path),
        _ => Request::new(Code::PUT, path).payload(ContentFormat::TEXT, b"x".to_vec()),
    })
}

/// What is not permitted is answered 4.05, and only that. A Write may still fail on what it writes.
fn permitted(operation: char, permitted: bool, code: Code) -> Verdict {
    let right = match (permitted, code) {
        (false, code) => code == Code::METHOD_NOT_ALLOWED,
        (true, Code::METHOD_NOT_ALLOWED | Code::NOT_FOUND) => false,
        (true, code) => operation == 'W' || code.is_success(),
    };
    if right {
        Ok(())
    } else {
        Err(format!("{operation} is answered {code}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "object_id\tresource_id\tops\tdata_type\tinstances\t\
        resource_instance_capacity\toptional_flag\tresource_condition\tinstantiated\n";

    fn verdict(row: &str, facts: &str) -> Verdict {
        let table = Table::parse(&format!("{TABLE}{row}\n")).unwrap();
        let row = table.rows().next().unwrap();
        let values = Values::parse("CONFIG_A=3\nCONFIG_B=y\n");
        described(&row, &Facts::parse(facts), &values)
    }

    #[test]
    fn a_resource_must_be_defined_and_there_as_the_table_has_it() {
        let row = "3\t7\tRW\tS32\tmultiple\tCONFIG_A\ty\t-\ty";
        let facts = "field 3/7 135 7\nresource 3/7 multiple 3\n";
        assert_eq!(verdict(row, facts), Ok(()));
        for (from, to) in [
            ("135", "7"),
            (" 7\n", " 6\n"),
            ("multiple", "single"),
            ("e 3\n", "e 4\n"),
            ("field", "filed"),
            ("resource", "source"),
        ] {
            assert!(verdict(row, &facts.replace(from, to)).is_err(), "{from}");
        }
    }

    #[test]
    fn what_is_declared_only_may_be_absent_but_not_different() {
        let row = "4\t6\tR\tU8\tsingle\t1\ty\t-\tn";
        assert_eq!(verdict(row, "field 4/6 129 5\n"), Ok(()));
        assert!(verdict(row, "field 4/6 129 5\nresource 4/6 single 2\n").is_err());
        assert!(verdict(row, "").is_err());
    }

    #[test]
    fn an_object_must_have_all_its_resources() {
        let table = Table::parse(
            "object_id\tis_core\tversion\tmax_instances\tresources\n9\tn\t1.0\tCONFIG_A\t16\n",
        );
        let table = table.unwrap();
        let row = table.rows().next().unwrap();
        let values = Values::parse("CONFIG_A=3\n");
        let facts = Facts::parse("object 9 1.0 n 3\n");
        assert_eq!(object(&row, &facts, &values, 16), Ok(()));
        assert!(object(&row, &facts, &values, 15).is_err());
        assert!(object(&row, &Facts::parse(""), &values, 16).is_err());
        let refused = Facts::parse("object 9 1.0 n 3\nrefused 9\n");
        assert!(object(&row, &refused, &values, 16).is_err());
    }

    #[test]
    fn expressions_take_the_symbols_that_there_are() {
        let values = Values::parse("CONFIG_A=3\nCONFIG_S=\"text\"\n");
        assert_eq!(values.of("1"), Ok(1));
        assert_eq!(values.of("CONFIG_A + 1"), Ok(4));
        assert_eq!(
            values.of("CONFIG_X + CONFIG_A (those defined), else 1"),
            Ok(3)
        );
        assert_eq!(values.of("CONFIG_X, else 1"), Ok(1));
        assert!(values.of("CONFIG_X").is_err());
    }

    #[test]
    fn only_what_is_not_permitted_is_answered_4_05() {
        let cases = [
            ('R', true, Code::CONTENT, true),
            ('R', true, Code::BAD_REQUEST, false),
            ('W', true, Code::BAD_REQUEST, true),
            ('W', true, Code::INTERNAL_SERVER_ERROR, true),
            ('W', true, Code::METHOD_NOT_ALLOWED, false),
            ('W', true, Code::NOT_FOUND, false),
            ('W', false, Code::METHOD_NOT_ALLOWED, true),
            ('E', false, Code::CHANGED, false),
            ('R', false, Code::NOT_FOUND, false),
        ];
        for (operation, allowed, code, right) in cases {
            let found = permitted(operation, allowed, code).is_ok();
            assert_eq!(found, right, "{operation} {allowed} {code}");
        }
    }
}
