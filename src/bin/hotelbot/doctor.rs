//! `hotelbot doctor`: checks everything, stops at nothing, and never lies about what it did not check.

use crate::alerts::Open;
use crate::args::DoctorArgs;
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::hotels::line::{self, Grade};
use crate::hotels::read;
use crate::kept;
use crate::pms;
use crate::printer::Report;
use crate::unfinished;
use crate::words;
use anstyle::{AnsiColor, Style};
use hotelbot::app;
use hotelbot::config::{DatabaseUrl, Settings};
use hotelbot::domain::hotel::Hotel;
use hotelbot::ports::Analyst;
use hotelbot::store::Store;
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Instant;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Ended {
    Ok,
    Note,
    Fail,
    NotChecked,
}

#[derive(Serialize)]
struct Check {
    name: String,
    ended: Ended,
    text: String,
    not_checked: Option<String>,
}

#[derive(Serialize)]
struct Checks {
    checks: Vec<Check>,
    failed: usize,
    #[serde(skip)]
    hint: Option<String>,
}

impl Check {
    fn new(name: impl ToString, ended: Ended, text: impl Into<String>) -> Self {
        Self { name: name.to_string(), ended, text: text.into(), not_checked: None }
    }

    fn from(name: impl ToString, outcome: anyhow::Result<String>) -> Self {
        match outcome {
            Ok(text) => Self::new(name, Ended::Ok, text),
            Err(error) => Self::new(name, Ended::Fail, chain(&error)),
        }
    }
}

fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Checks everything.
pub async fn run(args: DoctorArgs, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let progress = desk.printer.progress("Checking");
    let mut checks = vec![settings_check(&settings), files(&settings, desk)];
    let (database, store) = database(&settings, args.offline, desk).await;
    checks.push(database);
    if !args.offline {
        checks.extend(redis(&settings).await);
    }
    checks.push(if args.offline { skipped("deepseek") } else { deepseek(&settings).await });
    if let Some(store) = &store {
        checks.extend(retention(store, desk).await);
        checks.extend(half_done(store, desk).await);
        checks.push(alerts(store, desk).await);
    }
    for (hotel, last) in hotels(&settings, store.as_ref(), desk).await {
        progress.set_message(format!("Checking {}", hotel.id));
        let check = one_hotel(&hotel, last, &args, &settings, desk).await;
        checks.push(with_pms(check, &hotel, (&settings, store.as_ref()), desk).await);
    }
    progress.finish_and_clear();
    let failed = checks.iter().filter(|check| check.ended == Ended::Fail).count();
    let hint = hint(&checks);
    desk.printer.report(&Checks { checks, failed, hint })?;
    Ok(if failed > 0 { Exit::No } else { Exit::Done })
}

fn skipped(name: &str) -> Check {
    Check::new(name, Ended::NotChecked, "not checked: `--offline`")
}

fn settings_check(settings: &Settings) -> Check {
    match settings.warnings.first() {
        None => Check::new("settings", Ended::Ok, format!("folder {}", settings.dir.value.display())),
        Some(first) => {
            let fix = first.fix.as_deref().unwrap_or_default();
            Check::new("settings", Ended::Note, format!("{}: {}; {fix}", first.place.label(), first.message))
        }
    }
}

fn files(settings: &Settings, desk: &Desk) -> Check {
    let outcome = read(settings, &desk.global.hotel).map(|hotels| {
        let warnings: usize = hotels.iter().map(|loaded| loaded.warnings.len()).sum();
        let count = words::count(hotels.len(), "hotel", "hotels");
        let look = words::count(warnings, "line deserves", "lines deserve");
        if warnings == 0 { count } else { format!("{count}, {look} a second look") }
    });
    match outcome {
        Ok(text) => Check::new("files", Ended::Ok, text),
        Err(error) => {
            let first = error.to_string();
            let summary = first.lines().next().unwrap_or_default();
            Check::new("files", Ended::Fail, format!("{summary}; `hotelbot hotels check` shows them"))
        }
    }
}

async fn database(settings: &Settings, offline: bool, desk: &Desk) -> (Check, Option<Store>) {
    if offline && matches!(settings.database_url.value, DatabaseUrl::Postgres(_)) {
        return (skipped("database"), None);
    }
    if desk.is_missing(settings) {
        let text =
            format!("{} is not there yet; `hotelbot hotels apply` makes it", settings.database_url.value.masked());
        return (Check::new("database", Ended::Note, text), None);
    }
    match desk.store(settings).await {
        Ok(store) => {
            let check = match (schema(&store).await, store.role_problem().await) {
                (Ok(text), Ok(Some(problem))) => Check::new("database", Ended::Note, format!("{text}; {problem}")),
                (outcome, _) => Check::from("database", outcome),
            };
            (check, Some(store))
        }
        Err(error) => (Check::from("database", Err(error)), None),
    }
}

async fn schema(store: &Store) -> anyhow::Result<String> {
    store.ping().await?;
    let schema = store.schema().await?;
    Ok(format!("{}, schema {}, no migration waiting", schema.engine, schema.applied))
}

/// Whether what is older than each hotel keeps is really gone. Nothing is said before a hotel is in force.
async fn retention(store: &Store, desk: &Desk) -> Option<Check> {
    let known = store.hotels_in_force().await.ok().filter(|known| !known.is_empty())?;
    let mut late = Vec::new();
    for hotel in known.iter().map(|known| &known.hotel) {
        match kept::too_long(store, hotel, desk.now()).await {
            Ok(Some(problem)) => late.push(format!("{}: {problem}", hotel.id)),
            Ok(None) => {}
            Err(error) => return Some(Check::new("retention", Ended::Fail, error.to_string())),
        }
    }
    Some(match late.first() {
        None => Check::new("retention", Ended::Ok, "no message is older than its hotel keeps them"),
        Some(first) => Check::new("retention", Ended::Fail, format!("{first}; is `hotelbot serve` running?")),
    })
}

/// Imports and applies that nobody brought to their end; nothing is said when there are none.
async fn half_done(store: &Store, desk: &Desk) -> Option<Check> {
    match unfinished::lines(store, desk.now()).await {
        Ok(lines) if lines.is_empty() => None,
        Ok(lines) => {
            let text = format!("{}; {}", lines.join("; "), unfinished::HINT);
            Some(Check::new("unfinished", Ended::Note, text))
        }
        Err(error) => Some(Check::new("unfinished", Ended::Fail, chain(&error.into()))),
    }
}

async fn redis(settings: &Settings) -> Option<Check> {
    Some(match app::ping_redis(settings).await? {
        Ok(took) => Check::new("redis", Ended::Ok, format!("{:.1} ms", took.as_secs_f64() * 1_000.0)),
        Err(why) => Check::new("redis", Ended::Fail, format!("{why}; daemons then wake each other a second later")),
    })
}

async fn deepseek(settings: &Settings) -> Check {
    if settings.deepseek_api_key.value.is_none() {
        let text = "no DEEPSEEK_API_KEY: guests get the hotels' own texts and people";
        return Check::new("deepseek", Ended::Note, text);
    }
    let outcome = async {
        let analyst = app::analyst(settings)?;
        let begun = Instant::now();
        let models = analyst.models().await?;
        let took = words::span(begun.elapsed());
        let model = &settings.deepseek_model.value;
        if !models.contains(model) {
            anyhow::bail!("there is no model `{model}`; HOTELBOT_DEEPSEEK_MODEL may be {}", models.join(", "));
        }
        let left = analyst.balance().await.ok().flatten().map(|left| format!(", ${left:.2} left")).unwrap_or_default();
        Ok(format!("{model} is there, answered in {took}{left}"))
    };
    Check::from("deepseek", outcome.await)
}

/// The hotels in force; before anything is in force, those of the files. With when something last happened in each.
async fn hotels(settings: &Settings, store: Option<&Store>, desk: &Desk) -> Vec<(Hotel, Option<String>)> {
    let now = desk.now();
    let wanted = |hotel: &Hotel| desk.global.hotel.is_empty() || desk.global.hotel.contains(&hotel.id);
    if let Some(store) = store
        && let (Ok(known), Ok(mut loads)) = (store.hotels_in_force().await, store.workloads().await)
        && !known.is_empty()
    {
        let mut last = |hotel: &Hotel| loads.remove(&hotel.id).and_then(|load| load.last_at);
        let hotels = known.into_iter().map(|known| known.hotel).filter(wanted);
        return hotels
            .map(|hotel| (last(&hotel).map(|at| words::ago(now, at)), hotel))
            .map(|(at, h)| (h, at))
            .collect();
    }
    let files = read(settings, &desk.global.hotel).unwrap_or_default();
    files.into_iter().map(|loaded| (loaded.hotel, None)).collect()
}

/// What is said when nothing but secrets was looked at.
const SECRETS: &str = "its secrets are there";

async fn one_hotel(hotel: &Hotel, last: Option<String>, args: &DoctorArgs, settings: &Settings, desk: &Desk) -> Check {
    let name = hotel.id.to_string();
    if args.offline {
        return match line::resolve(hotel, settings, desk).await {
            Ok(Ok(_)) => {
                Check { not_checked: Some("instance, webhook".to_owned()), ..Check::new(name, Ended::Ok, SECRETS) }
            }
            Ok(Err(why)) => Check::new(name, Ended::Fail, why),
            Err(error) => Check::new(name, Ended::Fail, chain(&error)),
        };
    }
    let look = match line::look(hotel, settings, desk).await {
        Ok(look) => look,
        Err(error) => return Check::new(name, Ended::Fail, chain(&error)),
    };
    if let Some(failed) = look.failed() {
        let rest = (look.findings.len() < 2).then(|| "webhook".to_owned());
        return Check { not_checked: rest, ..Check::new(name, Ended::Fail, failed.text.clone()) };
    }
    let noted = look.findings.iter().any(|finding| finding.grade == Grade::Note);
    let ended = if look.connect.is_some() {
        Ended::Fail
    } else if noted {
        Ended::Note
    } else {
        Ended::Ok
    };
    let mut text: Vec<String> = look.findings.into_iter().map(|finding| finding.text).collect();
    text.extend(last.map(|ago| format!("last message {ago}")));
    Check::new(name, ended, text.join(", "))
}

/// The same with what is wrong with where its stays come from.
async fn with_pms(check: Check, hotel: &Hotel, from: (&Settings, Option<&Store>), desk: &Desk) -> Check {
    let (settings, store) = from;
    let mut wrong = Vec::new();
    if let Ok(Ok(line)) = line::resolve(hotel, settings, desk).await {
        wrong.extend(pms::not_let_in(hotel, &line));
    }
    if let Some(store) = store {
        let silent = pms::silent(hotel, store, desk.now()).await;
        wrong.extend(silent.unwrap_or_else(|error| Some(chain(&error))));
    }
    if wrong.is_empty() {
        return check;
    }
    if check.text != SECRETS {
        wrong.insert(0, check.text);
    }
    Check { ended: Ended::Fail, text: wrong.join("; "), ..check }
}

/// Whether guests wait for people longer than their hotels promise.
async fn alerts(store: &Store, desk: &Desk) -> Check {
    let looked = async {
        let (open, now) = (Open::of(store).await?, desk.now());
        let hotels = desk.hotels(store).await?;
        let late: Vec<String> = hotels
            .iter()
            .filter_map(|known| open.late(&known.hotel, now).map(|late| format!("{}: {late}", known.hotel.id)))
            .collect();
        let count: i64 = hotels.iter().map(|known| open.count(&known.hotel.id)).sum();
        anyhow::Ok((count, late))
    };
    match looked.await {
        Ok((0, _)) => Check::new("alerts", Ended::Ok, "none open"),
        Ok((open, late)) if late.is_empty() => Check::new("alerts", Ended::Ok, format!("{open} open, none too long")),
        Ok((_, late)) => Check::new("alerts", Ended::Fail, late.join("; ")),
        Err(error) => Check::new("alerts", Ended::Fail, chain(&error)),
    }
}

fn hint(checks: &[Check]) -> Option<String> {
    let failed = checks.iter().find(|check| check.ended == Ended::Fail)?;
    Some(match failed.name.as_str() {
        "files" => "Run `hotelbot hotels check`".to_owned(),
        "database" => "Run `hotelbot db status`".to_owned(),
        "alerts" => "Run `hotelbot alerts list`".to_owned(),
        "retention" => "Run `hotelbot serve`; it forgets what is too old every six hours".to_owned(),
        "redis" | "deepseek" | "settings" => "Run `hotelbot config show` to see what is set".to_owned(),
        hotel if failed.text.contains("setting it restarts") => format!("Run `hotelbot hotels apply --hotel {hotel}`"),
        hotel => format!("Mend it, then run `hotelbot doctor --hotel {hotel}`"),
    })
}

impl Report for Checks {
    fn text(&self) -> String {
        let longest = self.checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
        let mut text = String::new();
        // Writing to a String cannot fail.
        for check in &self.checks {
            let (word, style) = match check.ended {
                Ended::Ok => ("ok", AnsiColor::Green.on_default()),
                Ended::Note => ("note", AnsiColor::Yellow.on_default()),
                Ended::Fail => ("FAIL", AnsiColor::Red.on_default().bold()),
                Ended::NotChecked => ("-", Style::new().dimmed()),
            };
            let _ = writeln!(text, "{:longest$}  {style}{word:4}{style:#}  {}", check.name, check.text);
            if let Some(rest) = &check.not_checked {
                let _ = writeln!(text, "{:longest$}        not checked: {rest}", "");
            }
        }
        let count = self.checks.len();
        match self.failed {
            0 => text.push_str("\nNothing is wrong\n"),
            failed => {
                let _ = writeln!(text, "\n{failed} of {count} checks failed");
            }
        }
        if let Some(hint) = &self.hint {
            let style = AnsiColor::Cyan.on_default().bold();
            let _ = write!(text, "\n{style}hint:{style:#} {hint}\n");
        }
        text
    }
}
