//! Files that are sent must be there, of a kind that phones open, and no way out of the hotel's folder.

use super::{Look, OfHotels};
use crate::config::fields::Collector;
use crate::domain::attachment::{KINDS, LARGEST_FILE, is_address, kind_of, name, odd_character};
use crate::domain::trigger::{Media, Says};
use std::path::Path;

/// Looks at every file of the hotel's triggers, and at every address; those of questions that `then` asks go without.
pub(super) fn run(look: Look<'_>, folder: &Path, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    for trigger in look.set.triggers.values().filter(|trigger| trigger.enabled) {
        let Some(media) = &trigger.says.content().media else { continue };
        let section = if matches!(trigger.says, Says::Ask(_)) { "ask" } else { "send" };
        let span = look.span(&["triggers", trigger.id.as_str(), section, "media"]);
        if let Some((message, fix)) = by_name(media) {
            c.error::<()>(span, message, fix);
        } else if let (Some(hotel), false) = (look.hotel, is_address(&media.source))
            && let Some((message, fix)) = in_folder(&folder.join(hotel.id.as_str()), &media.source)
        {
            of_hotels.error(c, span, (&message, fix), hotel);
        }
    }
    for question in look.set.questions.values().filter(|question| question.content.media.is_some()) {
        let span = look.span(&["questions", question.id.as_str(), "media"]);
        c.error::<()>(
            span,
            "a file goes with a trigger only",
            "put it into the trigger that asks first, or leave it out",
        );
    }
}

/// What its name alone tells.
fn by_name(media: &Media) -> Option<(String, String)> {
    let source = &media.source;
    if let Some(odd) = odd_character(source).filter(|_| is_address(source)) {
        let fix = "give the file a plain address, or put it into `hotels/<hotel>/` and write `file:`";
        return Some((format!("Green API takes no address of a file with `{odd}` in it"), fix.to_owned()));
    }
    if kind_of(source).is_none() {
        let endings: Vec<&str> = KINDS.iter().map(|kind| kind.ending).collect();
        let (shown, fix) = (name(source), format!("its name must end in one of: {}", endings.join(", ")));
        return Some((format!("phones do not open `{shown}`"), fix));
    }
    None
}

/// What is wrong with the file itself.
pub(super) fn in_folder(folder: &Path, source: &str) -> Option<(String, &'static str)> {
    let mut path = folder.to_owned();
    for part in source.split('/') {
        path.push(part);
        if std::fs::symlink_metadata(&path).is_ok_and(|entry| entry.file_type().is_symlink()) {
            let message = format!("`{source}` of {{hotels}} is a link to another place");
            return Some((message, "put the file itself into `hotels/<hotel>/`"));
        }
    }
    match std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len()) {
        None => {
            let fix = "put it into `hotels/<hotel>/`, beside the hotel's triggers.yaml";
            Some((format!("{{hotels}} has no file `{source}`"), fix))
        }
        Some(0) => Some((format!("the file `{source}` of {{hotels}} is empty"), "put the right one there")),
        Some(size) if size > LARGEST_FILE => {
            Some((format!("the file `{source}` of {{hotels}} is larger than 16 MiB"), "make it smaller"))
        }
        Some(_) => None,
    }
}
