//! `stays import`: the whole file is read before anything is changed, and then all of it is taken or nothing.

use super::{messages, teller};
use crate::args::stays::Import;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::flow::stays::{self, Replanned, Source, Tellings};
use hotelbot::gateways::pms::Mistake;
use hotelbot::gateways::pms::csv::{Stays, Unreadable};
use hotelbot::gateways::pms::survey::Survey;
use hotelbot::store::{Store, StoreError};
use serde::Serialize;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// So many mistakes are shown on the screen; `--json` and the file of rejects have all.
const SHOWN: usize = 200;

/// What came of it.
#[derive(Serialize)]
struct ImportReport {
    hotel: String,
    file: String,
    rows: usize,
    created: usize,
    changed: usize,
    unchanged: usize,
    bad: usize,
    rejects: Option<String>,
    unclear_phones: usize,
    missing_phones: usize,
    repeated: usize,
    first_import: bool,
    imported: bool,
    dry_run: bool,
    messages: Replanned,
    mistakes: Vec<Mistake>,
    #[serde(skip)]
    text: String,
}

impl Report for ImportReport {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Imports a file.
pub async fn run(args: Import, desk: &Desk) -> Outcome {
    let file = Readable::open(&args.file)?;
    let store = crate::stays::store(&desk.settings()?, desk).await?;
    let hotel = Arc::new(one_hotel(&store, desk).await?);
    let progress = desk.printer.progress("Reading the file");
    let rejects = Rejects::beside(&args.file);
    let survey = survey(&file, &hotel, args.skip_bad.then_some(&rejects));
    progress.finish_and_clear();
    let survey = survey?;
    if survey.bad > 0 && !args.skip_bad {
        rejects.forget();
        return refuse(&args, &hotel, survey, desk);
    }
    let survey = Arc::new(survey);
    let outcome = tell(&args, &hotel, (&store, source(&file, &hotel, &survey)), desk).await;
    // What was decided counts, also if it is not told to its end.
    let left = match &outcome {
        Ok(_) => 0,
        Err(_) => left_of(&hotel, &store).await,
    };
    let counts = (outcome.is_ok() || left > 0) && !args.dry_run;
    let kept = if counts && survey.bad > 0 {
        Some(rejects.keep()?)
    } else {
        rejects.forget();
        None
    };
    let outcome = outcome.map_err(|error| interrupted(&args, left, error))?;
    let report = report(&args, &hotel, &survey, outcome, kept);
    desk.printer.report(&report)?;
    let nothing_good = survey.bad > 0 && survey.bad == survey.rows;
    Ok(if nothing_good { Exit::No } else { Exit::Done })
}

async fn tell(
    args: &Import,
    hotel: &Arc<Hotel>,
    (store, source): (&Store, Source),
    desk: &Desk,
) -> Result<stays::Outcome, StoreError> {
    let progress = desk.printer.progress("Importing");
    let shown = progress.clone();
    let watch = move |told: usize| shown.set_message(format!("Importing: {told} reservations so far"));
    let teller = teller(store, desk).watched(Arc::new(watch));
    let outcome = match args.dry_run {
        true => teller.try_import(hotel.clone(), "csv", source).await,
        false => teller.import(hotel.clone(), "csv", source).await,
    };
    progress.finish_and_clear();
    outcome
}

/// How many reservations of files that count are still to be told; a database that does not answer knows of none.
async fn left_of(hotel: &Hotel, store: &Store) -> i64 {
    let unfinished = store.unfinished_imports().await.unwrap_or_default();
    unfinished.iter().filter(|import| import.hotel == hotel.id).map(|import| import.left).sum()
}

fn interrupted(args: &Import, left: i64, error: StoreError) -> anyhow::Error {
    if left == 0 {
        return error.into();
    }
    let left = words::count(usize::try_from(left).unwrap_or(0), "reservation is", "reservations are");
    let file = args.file.display();
    Failure::new(Exit::Unavailable, format!("the import of `{file}` was interrupted; {left} still to be told"))
        .because(hotelbot::flow::chain(&error))
        .hint("Nothing of it is lost: `hotelbot stays list` tells the rest, and a running daemon does")
        .into()
}

async fn one_hotel(store: &Store, desk: &Desk) -> anyhow::Result<Hotel> {
    let mut hotels = desk.hotels(store).await?;
    if hotels.len() > 1 {
        let names: Vec<String> = hotels.iter().take(5).map(|known| format!("`--hotel {}`", known.hotel.id)).collect();
        return Err(Failure::wrong("a file holds the reservations of one hotel, and several are meant")
            .hint(format!("Say whose: {}", names.join(" or ")))
            .into());
    }
    let known = hotels.pop().ok_or_else(|| {
        Failure::wrong("no hotel is in force").hint("Run `hotelbot hotels apply` to make those of `hotels/` so")
    })?;
    Ok(known.hotel)
}

/// A file that can be read twice.
struct Readable {
    path: PathBuf,
}

impl Readable {
    fn open(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let metadata = std::fs::metadata(path)
            .map_err(|error| Failure::wrong(format!("`{shown}` cannot be read")).because(error))?;
        if !metadata.is_file() {
            let message = format!("`{shown}` is not a file; it is read twice, so it cannot be a pipe");
            return Err(Failure::wrong(message).hint("Save it as a file first"));
        }
        Ok(Self { path: path.to_owned() })
    }

    fn stays(&self, hotel: &Arc<Hotel>) -> Result<Stays, Unreadable> {
        let file = File::open(&self.path).map_err(Unreadable::Io)?;
        Stays::open(BufReader::with_capacity(1 << 16, file), hotel.clone())
    }

    fn failure(&self, error: Unreadable) -> Failure {
        let shown = self.path.display();
        match error {
            Unreadable::Io(error) => Failure::wrong(format!("`{shown}` cannot be read")).because(error),
            Unreadable::NotCsv { message, fix } => {
                Failure::wrong(format!("`{shown}` cannot be imported: {message}")).hint(fix)
            }
            Unreadable::Header(mistakes) => {
                let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                let what = words::count(mistakes.len(), "mistake", "mistakes");
                Failure::wrong(format!("the header of `{shown}` has {what}; nothing was imported"))
                    .because(lines.join("\n"))
                    .hint("Run `hotelbot stays import --help` to see the columns")
            }
        }
    }
}

fn survey(file: &Readable, hotel: &Arc<Hotel>, rejects: Option<&Rejects>) -> Result<Survey, Failure> {
    let stays = file.stays(hotel).map_err(|error| file.failure(error))?;
    let Some(rejects) = rejects else {
        return Survey::take(stays, None).map_err(|error| file.failure(error));
    };
    let mut out = BufWriter::new(rejects.create()?);
    let survey = Survey::take(stays, Some(&mut out)).map_err(|error| file.failure(error));
    let written = out.flush().and_then(|()| out.get_ref().sync_all());
    match (survey, written) {
        (Ok(survey), Ok(())) => Ok(survey),
        (Err(failure), _) => {
            rejects.forget();
            Err(failure)
        }
        (Ok(_), Err(error)) => {
            rejects.forget();
            Err(rejects.failure(error))
        }
    }
}

/// The good rows, read from the file as it is when the transaction runs.
fn source(file: &Readable, hotel: &Arc<Hotel>, survey: &Arc<Survey>) -> Source {
    let file = Readable { path: file.path.clone() };
    let (hotel, survey) = (hotel.clone(), survey.clone());
    Arc::new(move || {
        let stays = file.stays(&hotel).map_err(|error| error.to_string())?;
        Ok(Box::new(survey.tellings(stays)) as Tellings)
    })
}

/// The file beside, written under another name until the import is done.
struct Rejects {
    path: PathBuf,
    draft: PathBuf,
}

impl Rejects {
    fn beside(file: &Path) -> Self {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{stem}.rejects.csv");
        Self { path: file.with_file_name(&name), draft: file.with_file_name(format!(".{name}.draft")) }
    }

    /// Holds names and phones: for its owner only.
    fn create(&self) -> Result<File, Failure> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.draft).map_err(|error| self.failure(error))
    }

    fn failure(&self, error: io::Error) -> Failure {
        Failure::wrong(format!("the file of rejects `{}` cannot be written", self.path.display())).because(error)
    }

    fn keep(&self) -> Result<String, Failure> {
        std::fs::rename(&self.draft, &self.path).map_err(|error| self.failure(error))?;
        Ok(self.path.display().to_string())
    }

    /// A draft that is not there is what is wanted.
    fn forget(&self) {
        let _ = std::fs::remove_file(&self.draft);
    }
}

fn refuse(args: &Import, hotel: &Hotel, survey: Survey, desk: &Desk) -> Outcome {
    let file = args.file.display().to_string();
    let (bad, rows) = (words::count(survey.bad, "bad row", "bad rows"), survey.rows);
    if desk.printer.is_json() {
        let report = report(args, hotel, &survey, stays::Outcome::default(), None);
        desk.printer.report(&ImportReport { imported: false, ..report })?;
    }
    let mut lines: Vec<String> = survey.mistakes.iter().take(SHOWN).map(ToString::to_string).collect();
    let hidden = survey.mistakes.len().saturating_sub(SHOWN) + survey.further;
    if hidden > 0 {
        lines.push(format!("and {hidden} more"));
    }
    Err(Failure::wrong(format!("`{file}` has {bad} of {rows}; nothing was imported"))
        .because(lines.join("\n"))
        .hint(format!("Correct them, or run `hotelbot stays import {file} --hotel {} --skip-bad`", hotel.id))
        .into())
}

fn report(
    args: &Import,
    hotel: &Hotel,
    survey: &Survey,
    outcome: stays::Outcome,
    rejects: Option<String>,
) -> ImportReport {
    let text = text(args, hotel, survey, &outcome, rejects.as_deref());
    ImportReport {
        hotel: hotel.id.to_string(),
        file: args.file.display().to_string(),
        rows: survey.rows,
        created: outcome.created,
        changed: outcome.changed,
        unchanged: outcome.same + outcome.older,
        bad: survey.bad,
        rejects,
        unclear_phones: survey.unclear,
        missing_phones: survey.missing,
        repeated: survey.repeated(),
        first_import: outcome.first,
        imported: !args.dry_run,
        dry_run: args.dry_run,
        messages: outcome.replanned,
        mistakes: survey.mistakes.clone(),
        text,
    }
}

fn text(args: &Import, hotel: &Hotel, survey: &Survey, outcome: &stays::Outcome, rejects: Option<&str>) -> String {
    let verb = if args.dry_run { "Would import" } else { "Imported" };
    let stays = words::count(outcome.told, "reservation", "reservations");
    let (created, changed, same) = (outcome.created, outcome.changed, outcome.same + outcome.older);
    let mut text = format!("{verb} {stays} into {}: {created} new, {changed} changed, {same} as they were\n", hotel.id);
    text.push_str(&messages(outcome.replanned));
    // Writing to a String cannot fail.
    if survey.bad > 0 {
        let bad = words::count(survey.bad, "bad row", "bad rows");
        let _ = match rejects {
            Some(rejects) => writeln!(text, "Left out {bad}, which {} in `{rejects}`", are(survey.bad)),
            None => writeln!(text, "Would leave out {bad}"),
        };
    }
    if survey.repeated() > 0 {
        let repeated = words::count(survey.repeated(), "reservation is", "reservations are");
        let _ = writeln!(text, "{repeated} told more than once; the last row counts");
    }
    if outcome.first {
        let _ = writeln!(text, "It is the first import of {}: nothing that is already past is sent", hotel.id);
    }
    text.push_str(&phones(survey));
    let _ = write!(text, "\nSee them: hotelbot stays list --hotel {}\n", hotel.id);
    text
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn phones(survey: &Survey) -> String {
    let mut text = String::new();
    if survey.unclear > 0 {
        let phones = words::count(survey.unclear, "phone is", "phones are");
        let mut lines: Vec<String> = survey.unclear_lines.iter().take(10).map(ToString::to_string).collect();
        if survey.unclear > lines.len() {
            lines.push("…".to_owned());
        }
        let (of, who) = match survey.unclear {
            1 => ("line", "this guest gets"),
            _ => ("lines", "these guests get"),
        };
        let _ = writeln!(text, "{phones} unclear ({of} {}): {who} no message", lines.join(", "));
    }
    if survey.missing > 0 {
        let guests = words::count(survey.missing, "guest has no phone and gets", "guests have no phone and get");
        let _ = writeln!(text, "{guests} no message");
    }
    text
}
