// SPDX-License-Identifier: Apache-2.0
//! The layers, as rules over what each package declares. Tests may look across layers, so
//! dev-dependencies do not count.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Result, Workspace, workspace};

/// Packages that stand on nothing of ours.
const GROUND: &[&str] = &["lwm2m-core", "lwm2m-config", "lwm2m-dtls"];

/// `(from, to)`: the first must not reach the second, on any way.
const SEPARATE: &[(&str, &str)] = &[
    ("lwm2m-posix", "lwm2m-zephyr"),
    ("lwm2m-zephyr", "lwm2m-posix"),
    ("lwm2m-zephyr", "lwm2m-dtls"),
    ("lwm2m-capi", "lwm2m-dtls"),
    ("lwm2m-runtime", "lwm2m-posix"),
    ("lwm2m-runtime", "lwm2m-zephyr"),
    ("lwm2m-runtime", "lwm2m-capi"),
    ("lwm2m-registry", "lwm2m-capi"),
    ("lwm2m-objects", "lwm2m-capi"),
];

/// What ends up in an application's image.
const LIBRARY: &[&str] = &[
    "lwm2m-core",
    "lwm2m-config",
    "lwm2m-registry",
    "lwm2m-objects",
    "lwm2m-runtime",
    "lwm2m-capi",
    "lwm2m-dtls",
    "lwm2m-posix",
    "lwm2m-zephyr",
];

/// What must not.
const HOST_TOOLS: &[&str] = &["lwm2m-server", "xtask"];

/// Each of our packages with those of ours that it is built from.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Fails with every rule that the packages break.
pub fn check(workspace: &Workspace) -> Result<()> {
    let mut graph = Graph::new();
    // The Zephyr artefact is a workspace of its own.
    for manifest in ["rust/Cargo.toml", "rust/zephyr/Cargo.toml"] {
        let manifest = workspace.root.join(manifest);
        if manifest.exists() {
            add(&mut graph, &workspace::metadata(&manifest)?);
        }
    }
    let broken = violations(&graph);
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("\n").into())
    }
}

fn add(graph: &mut Graph, metadata: &serde_json::Value) {
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    for package in list(&metadata["packages"]) {
        let local = |dependency: &serde_json::Value| {
            dependency["path"].is_string() && dependency["kind"] != "dev"
        };
        let dependencies = list(&package["dependencies"]).into_iter().filter(local);
        let names = dependencies
            .filter_map(|dependency| text(&dependency["name"]))
            .collect();
        graph.insert(text(&package["name"]).unwrap_or_default(), names);
    }
}

fn text(value: &serde_json::Value) -> Option<String> {
    value.as_str().map(String::from)
}

fn violations(graph: &Graph) -> Vec<String> {
    let mut broken = Vec::new();
    for from in GROUND {
        for to in reachable(graph, from) {
            broken.push(format!(
                "{from} depends on {to}; it must depend on no crate of ours"
            ));
        }
    }
    let tools = LIBRARY
        .iter()
        .flat_map(|from| HOST_TOOLS.iter().map(move |to| (*from, *to)));
    for (from, to) in SEPARATE.iter().copied().chain(tools) {
        if reachable(graph, from).contains(to) {
            broken.push(format!("{from} depends on {to}"));
        }
    }
    broken
}

/// Every package that `from` is built from, directly or not.
fn reachable(graph: &Graph, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_string()];
    while let Some(package) = open.pop() {
        for dependency in graph.get(&package).into_iter().flatten() {
            if found.insert(dependency.clone()) {
                open.push(dependency.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    type Edges<'a> = &'a [(&'a str, &'a [&'a str])];

    fn graph(edges: Edges) -> Graph {
        let names = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        edges
            .iter()
            .map(|(from, to)| (from.to_string(), names(to)))
            .collect()
    }

    #[test]
    fn the_workspace_keeps_the_rules() {
        check(&Workspace::locate().unwrap()).unwrap();
    }

    #[test]
    fn the_designed_layers_are_allowed() {
        let layers = graph(&[
            ("lwm2m-core", &[]),
            ("lwm2m-registry", &["lwm2m-core", "lwm2m-config"]),
            ("lwm2m-runtime", &["lwm2m-core"]),
            ("lwm2m-capi", &["lwm2m-registry", "lwm2m-runtime"]),
            ("lwm2m-posix", &["lwm2m-capi", "lwm2m-runtime"]),
            ("xtask", &["lwm2m-server"]),
        ]);
        assert_eq!(violations(&layers), Vec::<String>::new());
    }

    #[test]
    fn a_way_through_another_package_breaks_a_rule_too() {
        let cases: &[(Edges, &str)] = &[
            (
                &[("lwm2m-core", &["lwm2m-config"])],
                "lwm2m-core depends on lwm2m-config; it must",
            ),
            (
                &[("lwm2m-posix", &["glue"]), ("glue", &["lwm2m-zephyr"])],
                "lwm2m-posix depends on lwm2m-zephyr",
            ),
            (
                &[("lwm2m-registry", &["lwm2m-capi"])],
                "lwm2m-registry depends on lwm2m-capi",
            ),
            (
                &[("lwm2m-capi", &["lwm2m-server"])],
                "lwm2m-capi depends on lwm2m-server",
            ),
        ];
        for (edges, expected) in cases {
            let broken = violations(&graph(edges));
            assert_eq!(broken.len(), 1, "{broken:?}");
            assert!(broken[0].starts_with(expected), "{broken:?}");
        }
    }

    #[test]
    fn only_what_is_built_in_counts_as_a_dependency() {
        let metadata = serde_json::json!({"packages": [{
            "name": "lwm2m-core",
            "dependencies": [
                {"name": "heapless", "kind": null},
                {"name": "lwm2m-server", "kind": "dev", "path": "server"},
                {"name": "lwm2m-config", "kind": "build", "path": "config"},
            ],
        }]});
        let mut found = Graph::new();
        add(&mut found, &metadata);
        assert_eq!(found, graph(&[("lwm2m-core", &["lwm2m-config"])]));
    }
}
