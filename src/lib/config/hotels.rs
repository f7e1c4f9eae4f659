//! `hotels/`: every file is read before anything is said.

use super::diagnose::{ConfigErrors, Finding, shown};
use super::fields::Collector;
use super::hotel_file::{self, HotelFile, Identity};
use super::knowledge_file::{self, PlacedFact};
use super::prompts;
use super::source::Source;
use super::yaml::{self, Document, Kind, Node};
use crate::domain::hotel::{Hotel, SecretReference};
use crate::domain::ids::HotelId;
use crate::domain::knowledge::Fact;
use crate::domain::language::Language;
use crate::domain::prompt::Prompt;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// Whom the daemon talks to; the vendor's limits do not hold for an emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// Green API itself.
    Vendor,
    /// Whatever `HOTELBOT_GREEN_API_URL` names: sandbox, tests, benchmarks. `send_interval: 0ms` is allowed.
    Emulator,
}

/// A hotel and what deserves a second look in its files.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedHotel {
    /// What the files say.
    pub hotel: Hotel,
    /// The hotel's file.
    pub file: PathBuf,
    /// Not wrong, but perhaps not meant; in the order of files and lines.
    pub warnings: Vec<Finding>,
}

/// Reads every `hotels/*.yaml` under `dir`, and what `hotels/<hotel>/` holds of `knowledge.yaml` and `prompts/`. Sorted
/// by id.
///
/// The error holds every mistake of every file; nothing is returned of a folder with a mistake.
pub fn load_hotels(dir: &Path, against: Against) -> Result<Vec<LoadedHotel>, ConfigErrors> {
    let (hotels, errors) = load_right_hotels(dir, against);
    ConfigErrors::check(errors)?;
    Ok(hotels)
}

/// The hotels whose own files have no mistake, and every mistake of the others: for whoever looks for mistakes elsewhere,
/// too, and wants to tell all of them at once.
pub fn load_right_hotels(dir: &Path, against: Against) -> (Vec<LoadedHotel>, Vec<Finding>) {
    let mut errors = Vec::new();
    let mut readings = Vec::new();
    for entry in survey(&dir.join("hotels"), &mut errors) {
        match entry.source {
            Ok(source) => {
                let mut reading = read_hotel(&entry.id, source, entry.knowledge.as_ref(), against);
                errors.append(&mut reading.errors);
                reading.hotel = reading.hotel.map(|hotel| Hotel { prompt: entry.prompt, ..hotel });
                readings.push((entry.path, reading));
            }
            Err(mistake) => errors.push(mistake),
        }
    }
    compare(&readings, against, &mut errors);
    (readings.into_iter().filter_map(|(file, reading)| reading.loaded(file)).collect(), errors)
}

/// Reads one hotel's file that is already in memory; facts only from its own `knowledge:`.
pub fn parse_hotel(id: &HotelId, text: &str, against: Against) -> Result<LoadedHotel, ConfigErrors> {
    let file = format!("hotels/{id}.yaml");
    let mut reading = read_hotel(id, Source::new(file.clone(), text), None, against);
    ConfigErrors::check(std::mem::take(&mut reading.errors))?;
    Ok(reading.loaded(file.into()).expect("a file without mistakes is a hotel"))
}

/// What was made of one hotel's files.
struct Reading {
    source: Source,
    /// `None` exactly if there are errors.
    hotel: Option<Hotel>,
    identity: Identity,
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
}

impl Reading {
    fn loaded(mut self, file: PathBuf) -> Option<LoadedHotel> {
        self.warnings.sort();
        Some(LoadedHotel { hotel: self.hotel?, file, warnings: self.warnings })
    }
}

/// A hotel's files, read but not yet understood.
struct Entry {
    id: HotelId,
    path: PathBuf,
    source: Result<Source, Finding>,
    knowledge: Option<Source>,
    prompt: Option<Prompt>,
}

/// Finds the files, and reports what does not belong in the folder. In the order of ids.
fn survey(folder: &Path, errors: &mut Vec<Finding>) -> Vec<Entry> {
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect(),
        Err(error) => {
            let fix = "run in the folder that holds `hotels/`, or name it with `--dir`";
            errors.push(Finding::file("hotels/", format!("the folder cannot be read: {error}"), fix));
            return Vec::new();
        }
    };
    paths.sort();
    let mut entries = BTreeMap::new();
    for path in &paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with('~') || path.is_dir() {
            continue;
        }
        match file_id(&name) {
            Ok(Some(id)) => {
                entries.insert(id.clone(), entry(folder, path, id, errors));
            }
            Ok(None) => {}
            Err(mistake) => errors.push(mistake),
        }
    }
    for path in paths.iter().filter(|path| path.is_dir()) {
        check_folder(path, &entries, errors);
    }
    entries.into_values().collect()
}

/// The id a file name stands for; `None` for files that are not hotels.
fn file_id(name: &str) -> Result<Option<HotelId>, Finding> {
    let file = format!("hotels/{name}");
    let Some((stem, extension)) = name.rsplit_once('.') else { return Ok(None) };
    if !extension.eq_ignore_ascii_case("yaml") && !extension.eq_ignore_ascii_case("yml") {
        return Ok(None);
    }
    let id = HotelId::parse(stem).map_err(|_| {
        let better = stem.to_lowercase().replace(['_', ' ', '.'], "-");
        let fix = match HotelId::parse(&better) {
            Ok(id) => format!("rename it to `{id}.yaml`"),
            Err(_) => "rename it to 1 to 32 of a-z, 0-9 and `-`, in Latin letters, and `.yaml`".into(),
        };
        Finding::file(&file, "the file's name is the hotel's id, and this is not an id", fix)
    })?;
    if extension != "yaml" {
        return Err(Finding::file(&file, "hotels are files in `.yaml`", format!("rename it to `{id}.yaml`")));
    }
    Ok(Some(id))
}

fn entry(folder: &Path, path: &Path, id: HotelId, errors: &mut Vec<Finding>) -> Entry {
    let source = Source::read(path, &format!("hotels/{id}.yaml"), folder);
    let own = folder.join(id.as_str());
    let knowledge = own.join("knowledge.yaml");
    let knowledge = if fs::symlink_metadata(&knowledge).is_ok() {
        let name = format!("hotels/{id}/knowledge.yaml");
        Source::read(&knowledge, &name, folder).map_err(|mistake| errors.push(mistake)).ok()
    } else {
        None
    };
    let prompt = prompts::read(folder, &id, errors);
    Entry { id, path: path.to_owned(), source, knowledge, prompt }
}

fn check_folder(path: &Path, entries: &BTreeMap<HotelId, Entry>, errors: &mut Vec<Finding>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_hotel = HotelId::parse(&name).is_ok_and(|id| entries.contains_key(&id));
    if !name.starts_with('.') && !is_hotel {
        let fix = format!("add `hotels/{name}.yaml`, or move the folder away");
        errors.push(Finding::file(format!("hotels/{name}/"), "the folder belongs to no hotel", fix));
    }
}

fn read_hotel(id: &HotelId, source: Source, knowledge: Option<&Source>, against: Against) -> Reading {
    let Document { root, problems, unreadable } = yaml::parse(&source.text);
    let mut c = Collector::new(&source, problems, unreadable);
    let read = match &root {
        Some(root) => hotel_file::hotel(root, &mut c, id, against),
        None => HotelFile::default(),
    };
    let Collector { mut errors, mut warnings, .. } = c;
    if root.is_none() && errors.is_empty() {
        let fix = format!("run `hotelbot hotels add {id}`, or start with `name:`");
        errors.push(Finding::file(&source.file, "the file is empty", fix));
    }
    let mut facts = read.facts;
    if let Some(knowledge) = knowledge {
        let more = read_knowledge(knowledge, &read.languages, &mut errors, &mut warnings);
        add_facts(&mut facts, more, &source, knowledge, &mut errors);
    }
    let hotel = read.hotel.filter(|_| errors.is_empty()).map(|hotel| Hotel { knowledge: sorted(facts), ..hotel });
    Reading { source, hotel, identity: read.identity, errors, warnings }
}

fn read_knowledge(
    source: &Source,
    languages: &[Language],
    errors: &mut Vec<Finding>,
    warnings: &mut Vec<Finding>,
) -> Vec<PlacedFact> {
    let Document { root, problems, unreadable } = yaml::parse(&source.text);
    let mut c = Collector::new(source, problems, unreadable);
    let facts = root.and_then(|root| knowledge_file::facts(inner(&root), &mut c, languages)).unwrap_or_default();
    errors.extend(c.errors);
    warnings.extend(c.warnings);
    facts
}

/// The file may repeat the word `knowledge:` above its facts.
fn inner(root: &Node) -> &Node {
    match &root.kind {
        Kind::Map(entries) => match entries.as_slice() {
            [(key, node)] if key.text == "knowledge" => node,
            _ => root,
        },
        _ => root,
    }
}

fn add_facts(
    facts: &mut Vec<PlacedFact>,
    more: Vec<PlacedFact>,
    first: &Source,
    second: &Source,
    errors: &mut Vec<Finding>,
) {
    let lines: HashMap<String, usize> =
        facts.iter().map(|fact| (fact.fact.id.as_str().to_owned(), fact.span.line)).collect();
    for fact in more {
        match lines.get(fact.fact.id.as_str()) {
            Some(line) => {
                let message = format!("`{}` is also in {}:{line}", fact.fact.id, first.file);
                errors.push(second.finding(fact.span, message, Some("keep one".into())));
            }
            None => facts.push(fact),
        }
    }
}

fn sorted(facts: Vec<PlacedFact>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = facts.into_iter().map(|fact| fact.fact).collect();
    facts.sort_by(|one, other| one.id.cmp(&other.id));
    facts
}

/// What only shows when all files are seen: one phone number cannot be two hotels. Each file names one other, so that
/// a folder of fifty alike is fifty lines and not two thousand. An emulator takes any token, so many hotels may share
/// one there.
fn compare(readings: &[(PathBuf, Reading)], against: Against, errors: &mut Vec<Finding>) {
    let others =
        |index: usize| readings.iter().enumerate().filter(move |(at, _)| *at != index).map(|(_, other)| &other.1);
    for (index, (_, own)) in readings.iter().enumerate() {
        if let Some((instance, span)) = &own.identity.instance
            && let Some(other) = others(index).find(|other| is_same(&other.identity.instance, instance))
        {
            let message = format!("instance {} is also that of {}", shown(instance), other.source.file);
            let fix = "give each hotel its own, or guests of one would write to the other";
            errors.push(own.source.finding(*span, message, Some(fix.into())));
        }
        if let Some((token, span)) = &own.identity.token
            && against == Against::Vendor
            && *token != SecretReference::Stored
            && let Some(other) = others(index).find(|other| is_same(&other.identity.token, token))
        {
            let message = format!("the same token is used in {}", other.source.file);
            let fix = "a token belongs to one instance; give each hotel its own";
            errors.push(own.source.finding(*span, message, Some(fix.into())));
        }
    }
}

fn is_same<T: PartialEq, S>(theirs: &Option<(T, S)>, own: &T) -> bool {
    theirs.as_ref().is_some_and(|(value, _)| value == own)
}

#[cfg(test)]
#[path = "hotels_tests.rs"]
mod tests;
