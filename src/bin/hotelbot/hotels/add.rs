//! `hotels add`: asks for what is missing, writes the hotel's file as a whole, looks at its instance.

use super::ask::{Answers, answers};
use super::line;
use crate::args::hotels::Add;
use crate::confirm::{Answer, confirm};
use crate::desk::Desk;
use crate::fail::{Exit, Failure, Outcome};
use crate::file;
use crate::printer::Report;
use hotelbot::config::{ConfigErrors, Settings, load_hotels, parse_hotel};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::HotelId;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

/// What was written, or would be.
#[derive(Serialize)]
struct Added {
    hotel: String,
    file: String,
    written: bool,
    findings: Vec<line::Finding>,
    content: String,
    #[serde(skip)]
    text: String,
}

impl Report for Added {
    fn text(&self) -> String {
        self.text.clone()
    }
}

/// Onboards a hotel.
pub async fn run(args: Add, desk: &Desk) -> Outcome {
    let settings = desk.settings()?;
    let id = args.one.id.clone();
    let path = settings.dir.value.join("hotels").join(format!("{id}.yaml"));
    if path.exists() {
        return Err(Failure::wrong(format!("`hotels/{id}.yaml` is there already"))
            .hint("Edit it, then run `hotelbot hotels plan`")
            .into());
    }
    let answers = answers(&args, &settings, desk)?;
    let content = content(&answers);
    let hotel = parse_hotel(&id, &content, settings.against())?.hotel;
    check_neighbours(&hotel, &settings)?;
    let look = if args.offline { None } else { Some(look(&hotel, &settings, desk).await?) };
    let mut added = Added {
        hotel: id.to_string(),
        file: format!("hotels/{id}.yaml"),
        written: false,
        findings: look.map(|look| look.findings).unwrap_or_default(),
        content,
        text: String::new(),
    };
    if args.dry_run {
        added.text = added.content.clone();
        desk.printer.report(&added)?;
        return Ok(Exit::Done);
    }
    if !desk.printer.is_json() {
        desk.printer.note(&format!("\n{}", added.content));
    }
    if confirm(&desk.global, &desk.printer, &format!("Write hotels/{id}.yaml?"))? == Answer::No {
        return Ok(Exit::Done);
    }
    write(&path, &added.content)?;
    added.written = true;
    added.text = told(&id, &hotel, &settings);
    desk.printer.report(&added)?;
    Ok(Exit::Done)
}

fn write(path: &Path, content: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::wrong(format!("the folder `{}` cannot be made", folder.display())).because(error)
        })?;
    }
    file::write(path, content)
}

/// One WhatsApp number never serves two hotels. Mistakes in other files are for `hotels check`.
fn check_neighbours(hotel: &Hotel, settings: &Settings) -> Result<(), Failure> {
    let others = load_hotels(&settings.dir.value, settings.against()).unwrap_or_else(|_: ConfigErrors| Vec::new());
    let instance = &hotel.whatsapp.instance;
    match others.iter().find(|other| other.hotel.whatsapp.instance == *instance) {
        Some(other) => {
            Err(Failure::wrong(format!("instance {instance} already serves the hotel `{}`", other.hotel.id))
                .hint("Each hotel has its own instance at Green API"))
        }
        None => Ok(()),
    }
}

async fn look(hotel: &Hotel, settings: &Settings, desk: &Desk) -> anyhow::Result<line::Look> {
    let progress = desk.printer.progress("Asking Green API");
    let look = line::look(hotel, settings, desk).await;
    progress.finish_and_clear();
    let look = look?;
    desk.printer.note(&format!("\n{}", line::text(&look.findings).trim_end()));
    Ok(look)
}

/// The file: short, and in the order of the contract. What is not said has a default.
fn content(answers: &Answers) -> String {
    let languages = answers.languages.join(", ");
    let mut text = format!(
        "name: {}\ntimezone: {}\nlanguages: [{languages}]            # the first is the fallback\n\nwhatsapp:\n",
        quoted(&answers.name),
        answers.timezone
    );
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  instance: {}", quoted(&answers.instance));
    let _ = writeln!(text, "  token: {}", answers.token);
    if let Some(webhook_token) = &answers.webhook_token {
        let _ = writeln!(text, "  webhook_token: {webhook_token}");
    }
    if let Some(api_url) = &answers.api_url {
        let _ = writeln!(text, "  api_url: {}", quoted(api_url));
    }
    let _ = writeln!(text, "  receive: {}", answers.receive.as_str());
    if let Some((name, phone)) = &answers.contact {
        let contact = format!("{{ id: front_desk, name: {}, whatsapp: {} }}", quoted(name), quoted(phone));
        let _ = write!(text, "\nstaff:\n  contacts:\n    - {contact}\n");
    }
    text.push_str(
        "\n# Everything the bot may state; what is unknown or not here is answered by a person.\nknowledge:\n  \
         breakfast.hours: unknown\n  wifi: unknown\n",
    );
    text
}

/// A JSON string is a YAML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text.trim()).to_string()
}

fn told(id: &HotelId, hotel: &Hotel, settings: &Settings) -> String {
    let mut text = format!("Wrote hotels/{id}.yaml\n");
    if hotel.whatsapp.webhook_token.is_some() {
        let url = line::webhook_url(hotel, settings);
        let url = url.unwrap_or_else(|| format!("https://YOUR-HOST/hooks/{id}/whatsapp"));
        let _ = write!(
            text,
            "\nGreen API must call {url}\nwith the webhook token; `hotels apply` sets it there, which restarts the instance, up to 5 minutes\n"
        );
    }
    let _ = write!(text, "\nNext: add facts under `knowledge:`, then hotelbot hotels apply --hotel {id}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::hotels::Receive;
    use hotelbot::config::Against;

    fn answers() -> Answers {
        Answers {
            name: "Hotel \"Astoria\": №1 # best".to_owned(),
            timezone: "Europe/Moscow".to_owned(),
            languages: vec!["ru".to_owned(), "en".to_owned()],
            instance: "1101000001".to_owned(),
            token: "env:ASTORIA_TOKEN".to_owned(),
            receive: Receive::Webhook,
            webhook_token: Some("env:ASTORIA_WEBHOOK_TOKEN".to_owned()),
            api_url: None,
            contact: Some(("Дежурный".to_owned(), "+79210000000".to_owned())),
        }
    }

    #[test]
    fn the_written_file_reads_back_whatever_the_hotel_is_called() {
        let id = HotelId::parse("astoria").expect("an id");

        let hotel = parse_hotel(&id, &content(&answers()), Against::Vendor).expect("a right file").hotel;

        assert_eq!(hotel.name, "Hotel \"Astoria\": №1 # best");
        assert_eq!(hotel.whatsapp.instance.as_str(), "1101000001");
        assert_eq!(hotel.staff.contacts[0].whatsapp.as_deref(), Some("+79210000000"));
    }
}
