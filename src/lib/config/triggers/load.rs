//! From the folder to what is in force at each hotel.

use super::super::diagnose::{ConfigErrors, Finding};
use super::super::fields::Collector;
use super::super::hotels::LoadedHotel;
use super::super::source::Source;
use super::super::yaml::{self, Document, Kind, Node};
use super::{checks, file, layers};
use crate::domain::ids::HotelId;
use crate::domain::trigger::TriggerSet;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const NAME: &str = "triggers.yaml";

/// What the files say for each hotel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadedTriggers {
    /// By hotel; every hotel that was asked for has one.
    pub sets: BTreeMap<HotelId, TriggerSet>,
    /// Not wrong, but perhaps not meant; in the order of files and lines.
    pub warnings: Vec<Finding>,
}

/// Reads `triggers.yaml` under `dir` and `hotels/<hotel>/triggers.yaml` of these hotels, and lays each over the base pack.
///
/// # Errors
/// Every mistake of every file; nothing is returned of a folder with a mistake.
pub fn load_triggers(dir: &Path, hotels: &[LoadedHotel]) -> Result<LoadedTriggers, ConfigErrors> {
    let mut findings = Findings::default();
    let base = read(&dir.join(NAME), NAME, dir, &mut findings);
    let mut sets = BTreeMap::new();
    if hotels.is_empty() {
        understood(Layers { dir, base: base.as_ref(), own: None }, None, &mut findings);
    }
    for hotel in hotels {
        let id = &hotel.hotel.id;
        let path = dir.join("hotels").join(id.as_str()).join(NAME);
        let own = read(&path, &format!("hotels/{id}/{NAME}"), &dir.join("hotels"), &mut findings);
        let set = understood(Layers { dir, base: base.as_ref(), own: own.as_ref() }, Some(hotel), &mut findings);
        sets.insert(id.clone(), set.unwrap_or_default());
    }
    findings.errors.extend(findings.of_hotels.tell());
    ConfigErrors::check(findings.errors)?;
    findings.warnings.sort();
    findings.warnings.dedup();
    Ok(LoadedTriggers { sets, warnings: findings.warnings })
}

/// What was found in all files so far.
#[derive(Default)]
struct Findings {
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
    of_hotels: checks::OfHotels,
}

/// A file that is there, as a tree.
struct Tree {
    source: Source,
    root: Option<Node>,
    problems: Vec<yaml::Problem>,
    unreadable: Vec<String>,
}

fn read(path: &Path, name: &str, folder: &Path, findings: &mut Findings) -> Option<Tree> {
    fs::symlink_metadata(path).ok()?;
    match Source::read(path, name, folder) {
        Ok(source) => {
            let Document { root, problems, unreadable } = yaml::parse(&source.text);
            if root.is_none() && problems.is_empty() {
                findings.errors.push(Finding::file(
                    name,
                    "the file is empty",
                    "write `version: 1`, or delete the file",
                ));
            }
            Some(Tree { source, root, problems, unreadable })
        }
        Err(mistake) => {
            findings.errors.push(mistake);
            None
        }
    }
}

/// The files that speak of one hotel.
#[derive(Clone, Copy)]
struct Layers<'t> {
    dir: &'t Path,
    base: Option<&'t Tree>,
    own: Option<&'t Tree>,
}

fn understood(layers: Layers<'_>, hotel: Option<&LoadedHotel>, findings: &mut Findings) -> Option<TriggerSet> {
    let own = layers.own.map(|tree| {
        let mut root = tree.root.clone();
        // Without a base pack the hotel's file is the lowest layer.
        let layer = u8::from(layers.base.is_some());
        root.iter_mut().for_each(|root| layers::mark(root, layer));
        root
    });
    let lowest = layers.base.or(layers.own)?;
    let mut unreadable = lowest.unreadable.clone();
    unreadable.extend(layers.own.map(|own| own.unreadable.clone()).unwrap_or_default());
    let mut c = Collector::new(&lowest.source, lowest.problems.clone(), unreadable);
    if let (Some(_), Some(own)) = (layers.base, layers.own) {
        c.add_layer(&own.source);
        report(own, &mut c);
    }
    let base_root = layers.base.and_then(|tree| tree.root.as_ref());
    let root = match (base_root, own.flatten()) {
        (Some(base), Some(own)) => Some(layers::laid_over(base, &own)),
        (Some(base), None) => Some(base.clone()),
        (None, own) => own,
    };
    own_version(layers, &mut c);
    let set = root.as_ref().and_then(|root| {
        let set = file::set(root, &mut c, hotel, &names(base_root))?;
        let look = checks::Look { set: &set, root, hotel: hotel.map(|loaded| &loaded.hotel) };
        checks::run(look, &layers.dir.join("hotels"), &mut c, &mut findings.of_hotels);
        Some(set)
    });
    findings.errors.append(&mut c.errors);
    findings.warnings.append(&mut c.warnings);
    set
}

/// Mistakes of form of the upper file.
fn report(own: &Tree, c: &mut Collector<'_>) {
    for problem in &own.problems {
        let span = yaml::Span { layer: 1, ..problem.span };
        c.error::<()>(span, problem.message.clone(), problem.fix.clone());
    }
}

/// Each file says its version; the merged tree has one from either.
fn own_version(layers: Layers<'_>, c: &mut Collector<'_>) {
    let (Some(_), Some(own)) = (layers.base, layers.own) else { return };
    let Some(Node { kind: Kind::Map(fields), span }) = &own.root else { return };
    let is_unreadable = own.unreadable.iter().any(|name| name == "version");
    if !is_unreadable && !fields.iter().any(|(key, _)| key.text == "version") {
        c.error::<()>(yaml::Span { layer: 1, ..*span }, "the file lacks `version`", "add `version: 1`");
    }
}

/// The triggers of a tree.
fn names(root: Option<&Node>) -> Vec<String> {
    let triggers = root.and_then(|root| super::place::node(root, &["triggers"]));
    match triggers.map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries.iter().map(|(key, _)| key.text.clone()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
