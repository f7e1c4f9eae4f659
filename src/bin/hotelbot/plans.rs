//! What `plan` and `apply` of hotels and of triggers share: a plan is shown, saved, loaded, and refused when it is stale.

use crate::args::SavePlan;
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::file;
use crate::printer::Report;
use crate::words;
use anstyle::{AnsiColor, Style};
use hotelbot::domain::plan::{FieldChange, HotelPlan, Request, Scope};
use hotelbot::domain::trigger_plan::TriggerPlan;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use std::path::Path;

/// What would change, of hotels or of triggers.
pub trait Plan: Serialize + DeserializeOwned {
    /// The command it belongs to.
    const NOUN: &'static str;

    /// What it was asked for.
    fn request(&self) -> &Request;

    /// Nothing would change.
    fn is_empty(&self) -> bool;
}

impl Plan for HotelPlan {
    const NOUN: &'static str = "hotels";

    fn request(&self) -> &Request {
        &self.request
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl Plan for TriggerPlan {
    const NOUN: &'static str = "triggers";

    fn request(&self) -> &Request {
        &self.request
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// A plan on the screen, or what became of it.
#[derive(Serialize)]
pub struct Planned<'a, P> {
    /// The plan.
    #[serde(flatten)]
    pub plan: &'a P,
    /// It is in force.
    pub applied: bool,
    /// What is in force now.
    pub revision: i64,
    /// What is said of it.
    #[serde(skip)]
    pub text: String,
}

impl<P: Plan> Report for Planned<'_, P> {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Shows what would change, `text`, and how to make it so; saves it if that is wanted.
pub fn show<P: Plan>(plan: &P, mut text: String, args: &SavePlan, desk: &Desk) -> Outcome {
    let exit = if args.exit_code && !plan.is_empty() { Exit::Pending } else { Exit::Done };
    let noun = P::NOUN;
    // Writing to a String cannot fail.
    let _ = match &args.output {
        Some(output) => {
            save(plan, output, desk)?;
            if output.as_os_str() == "-" {
                return Ok(exit);
            }
            write!(text, "\nSaved to {0}\nTo make it so: hotelbot {noun} apply {0}\n", output.display())
        }
        None if plan.is_empty() => Ok(()),
        None => write!(text, "\nTo make it so: hotelbot {noun} apply{}\n", flags(plan.request())),
    };
    let revision = plan.request().base;
    desk.printer.report(&Planned { plan, applied: false, revision, text })?;
    Ok(exit)
}

fn save<P: Plan>(plan: &P, file: &Path, desk: &Desk) -> anyhow::Result<()> {
    let json = serde_json::to_string_pretty(plan)? + "\n";
    if file.as_os_str() == "-" {
        return Ok(desk.printer.out(&json)?);
    }
    file::write(file, &json)
}

/// A plan that was saved.
pub fn load<P: Plan>(file: &Path) -> anyhow::Result<P> {
    let name = file.display();
    let hint = format!("Run `hotelbot {} plan --output {name}` to make one", P::NOUN);
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::wrong(format!("the plan `{name}` cannot be read")).because(error).hint(&hint))?;
    let plan = serde_json::from_str(&text)
        .map_err(|error| Failure::wrong(format!("`{name}` is not a plan")).because(error).hint(&hint))?;
    Ok(plan)
}

/// Another revision is in force than the one the plan was made on.
pub fn stale<P: Plan>(why: String, file: Option<&Path>) -> Failure {
    let noun = P::NOUN;
    let (what, command) = match file {
        Some(file) => {
            let file = file.display();
            (format!("the plan in `{file}` is stale"), format!("hotelbot {noun} plan --output {file}"))
        }
        None => ("the plan is stale".to_owned(), format!("hotelbot {noun} plan")),
    };
    Failure::new(Exit::Conflict, what).because(why).hint(format!("Run `{command}` and look again"))
}

/// The flags that make the same plan again.
fn flags(request: &Request) -> String {
    let mut flags = String::new();
    if let Scope::Only(hotels) = &request.scope {
        hotels.iter().for_each(|hotel| flags.push_str(&format!(" --hotel {hotel}")));
    }
    if request.prune {
        flags.push_str(" --prune");
    }
    flags
}

/// The longest value shown; a plan is for looking over.
const LONGEST: usize = 60;

/// One field that changes, as a line.
pub fn field_line(field: &FieldChange, indent: usize) -> String {
    let dim = Style::new().dimmed();
    let side = |value: &Option<String>| match value {
        None => "-".to_owned(),
        Some(value) => {
            let line = words::one_line(value);
            let short: String = line.chars().take(LONGEST).collect();
            if short.len() < line.len() { format!("{short}…") } else { short }
        }
    };
    let pad = " ".repeat(indent);
    format!("{pad}{}: {dim}{} ->{dim:#} {}\n", field.field, side(&field.from), side(&field.to))
}

/// `+`, `~` or `-` in its colour.
pub fn sign(sign: char) -> String {
    let style = match sign {
        '+' => AnsiColor::Green.on_default(),
        '~' => AnsiColor::Yellow.on_default(),
        _ => AnsiColor::Red.on_default(),
    };
    format!("{style}{sign}{style:#}")
}
