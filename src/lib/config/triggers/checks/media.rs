//! Files that are sent must be there.

use super::{Look, OfHotels};
use crate::config::fields::Collector;
use crate::domain::trigger::Says;
use std::path::Path;

/// Green API takes files up to 100 MB; a guest on the road does not.
const LARGEST: u64 = 16 << 20;

/// Looks at every file of the hotel's triggers.
pub(super) fn run(look: Look<'_>, folder: &Path, c: &mut Collector<'_>, of_hotels: &mut OfHotels) {
    let Some(hotel) = look.hotel else { return };
    for trigger in look.set.triggers.values().filter(|trigger| trigger.enabled) {
        let Some(media) = trigger.says.content().media.as_ref().filter(|media| !media.source.contains("://")) else {
            continue;
        };
        let section = if matches!(trigger.says, Says::Ask(_)) { "ask" } else { "send" };
        let span = look.span(&["triggers", trigger.id.as_str(), section, "media"]);
        let own = folder.join(hotel.id.as_str());
        let path = own.join(&media.source);
        let inside = std::fs::canonicalize(&path).ok().zip(std::fs::canonicalize(&own).ok());
        let size = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
        match (inside, size) {
            (Some((real, own)), Some(size)) if real.starts_with(&own) && size <= LARGEST => {
                let fix = "put it where guests can fetch it, and give its address as `url: https://…`";
                c.warn(span, "a file is not sent yet, only the words beside it", fix);
            }
            (Some((real, own)), Some(_)) if real.starts_with(&own) => {
                of_hotels.error(c, span, ("the file of {hotels} is larger than 16 MiB", "make it smaller"), hotel);
            }
            _ => {
                let message = format!("{{hotels}} has no file `{}`", media.source);
                let fix = "put it into `hotels/<hotel>/`, beside the hotel's triggers.yaml";
                of_hotels.error(c, span, (&message, fix), hotel);
            }
        }
    }
}
