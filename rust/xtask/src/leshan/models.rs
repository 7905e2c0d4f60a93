// SPDX-License-Identifier: Apache-2.0
//! Definitions of the built-in objects for Leshan, which brings those of the core specification only:
//! made from the tables that the objects themselves are held against.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::parity::table::{Row, Table};
use crate::{Result, Workspace};

const OBJECTS: &str = "parity/objects.tsv";
const RESOURCES: &str = "rust/objects/objects.tsv";

/// Writes a file for each object; the folder.
pub fn write(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("leshan/models");
    fs::create_dir_all(&folder)?;
    let objects = Table::read(workspace, OBJECTS)?;
    let resources = Table::read(workspace, RESOURCES)?;
    let resources =
        resources.with(&["object_id", "resource_id", "ops", "data_type", "instances"])?;
    for object in objects.with(&["object_id", "name", "version"])? {
        let id = object.get("object_id");
        let own = resources.iter().filter(|row| row.get("object_id") == id);
        let text = definition(&object, own)?;
        fs::write(folder.join(format!("{id}.xml")), text)?;
    }
    Ok(folder)
}

/// An object as the device description format has it.
fn definition<'a>(object: &Row, resources: impl Iterator<Item = &'a Row<'a>>) -> Result<String> {
    let (id, version) = (object.get("object_id"), object.get("version"));
    // OMA's own objects, and those that others registered with it.
    let kind = if id.len() < 4 { "oma" } else { "ext" };
    let suffix = match version {
        "1.0" => String::new(),
        version => format!(":{version}"),
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <LWM2M xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:noNamespaceSchemaLocation=\"http://openmobilealliance.org/tech/profiles/LWM2M.xsd\">\
         <Object ObjectType=\"MODefinition\"><Name>{}</Name><Description1>A test's.\
         </Description1><ObjectID>{id}</ObjectID><ObjectURN>urn:oma:lwm2m:{kind}:{id}{suffix}\
         </ObjectURN><LWM2MVersion>1.0</LWM2MVersion><ObjectVersion>{version}</ObjectVersion>\
         <MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</Mandatory>\
         <Resources>",
        object.get("name").replace('&', "&amp;"),
    );
    for row in resources {
        let operations = match row.get("ops") {
            "none" => "",
            operations => operations,
        };
        let instances = match row.get("instances") {
            "multiple" => "Multiple",
            _ => "Single",
        };
        write!(
            text,
            "<Item ID=\"{0}\"><Name>Resource {0}</Name><Operations>{operations}</Operations>\
             <MultipleInstances>{instances}</MultipleInstances><Mandatory>Optional</Mandatory>\
             <Type>{1}</Type><RangeEnumeration></RangeEnumeration><Units></Units>\
             <Description>A test's.</Description></Item>",
            row.get("resource_id"),
            data_type(row.get("data_type"))?,
        )?;
    }
    Ok(text + "</Resources><Description2></Description2></Object></LWM2M>\n")
}

fn data_type(name: &str) -> Result<&'static str> {
    Ok(match name {
        "STRING" => "String",
        "OPAQUE" => "Opaque",
        "BOOL" => "Boolean",
        "FLOAT" => "Float",
        "TIME" => "Time",
        "OBJLNK" => "Objlnk",
        name if name.starts_with(['U', 'S', 'I']) => "Integer",
        name if name.starts_with("none") => "",
        name => return Err(format!("what is the type {name}?").into()),
    })
}
