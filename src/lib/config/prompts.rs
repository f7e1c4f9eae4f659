//! `hotels/<hotel>/prompts/`: prompts of a hotel's own, in place of those of the program.

use super::diagnose::{Finding, nearest};
use super::source::Source;
use crate::domain::ids::HotelId;
use crate::domain::prompt::Prompt;
use std::fs;
use std::path::Path;

/// What prompts are for.
const PURPOSES: [&str; 1] = ["understand"];

/// The hotel's own prompt for understanding, if its folder has one. `folder` is `hotels/`.
pub(super) fn read(folder: &Path, id: &HotelId, errors: &mut Vec<Finding>) -> Option<Prompt> {
    let own = folder.join(id.as_str()).join("prompts");
    let mut names: Vec<String> = fs::read_dir(&own)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| !name.starts_with('.') && !name.ends_with('~'))
        .collect();
    names.sort();
    let mut found = None;
    for name in names {
        match one(&own.join(&name), &format!("hotels/{id}/prompts/{name}"), &name, folder) {
            Ok(prompt) => found = Some(prompt),
            Err(mistake) => errors.push(mistake),
        }
    }
    found
}

fn one(path: &Path, file: &str, name: &str, folder: &Path) -> Result<Prompt, Finding> {
    let purpose = name.strip_suffix(".md").filter(|purpose| PURPOSES.contains(purpose));
    let Some(purpose) = purpose else {
        let meant = nearest(name.trim_end_matches(".md"), PURPOSES).unwrap_or(PURPOSES[0]);
        return Err(Finding::file(file, "there is no prompt of this name", format!("rename it to `{meant}.md`")));
    };
    let source = Source::read(path, file, folder)?;
    let fix = || format!("begin with the text of `hotelbot prompts show {purpose}`, between two lines `---`");
    let prompt = Prompt::parse(&source.text).map_err(|why| Finding::file(file, why, fix()))?;
    if prompt.purpose() != purpose {
        let message = format!("the prompt calls itself `{}`", prompt.name);
        return Err(Finding::file(file, message, format!("write `prompt: {purpose}@…`")));
    }
    Ok(prompt)
}
