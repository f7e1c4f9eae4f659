//! The answers that `hotels add` needs: from flags, else from the person at the terminal, else a default or an error
//! that names every flag at once.

use crate::args::hotels::{Add, Receive};
use crate::confirm::{can_ask, unanswered};
use crate::desk::Desk;
use crate::fail::Failure;
use hotelbot::config::Settings;
use hotelbot::domain::ids::HotelId;
use inquire::validator::Validation;
use jiff::tz::TimeZone;

/// Everything a new file says.
#[derive(Debug)]
pub struct Answers {
    /// As guests know it.
    pub name: String,
    /// IANA.
    pub timezone: String,
    /// The first is the fallback.
    pub languages: Vec<String>,
    /// idInstance.
    pub instance: String,
    /// A reference.
    pub token: String,
    /// Pushed or polled.
    pub receive: Receive,
    /// A reference; only for `receive: webhook`.
    pub webhook_token: Option<String>,
    /// The instance's own host.
    pub api_url: Option<String>,
    /// Who answers guests: a name and a phone.
    pub contact: Option<(String, String)>,
}

/// Gathers them.
pub fn answers(args: &Add, settings: &Settings, desk: &Desk) -> anyhow::Result<Answers> {
    let references = [("--token", &args.token), ("--webhook-token", &args.webhook_token)];
    for (flag, value) in references {
        value.as_deref().map_or(Ok(()), |value| check_reference(flag, value))?;
    }
    let by_default = if settings.public_url.value.is_some() { Receive::Webhook } else { Receive::Poll };
    let asked = if can_ask(&desk.global) { by_person(args, by_default)? } else { by_default_only(args, by_default)? };
    Ok(asked)
}

/// A token typed in place of a reference has been seen by everyone who lists processes. It is not shown again.
fn check_reference(flag: &str, value: &str) -> Result<(), Failure> {
    let is_reference = value == "stored" || value.starts_with("env:") || value.starts_with("file:");
    if is_reference {
        return Ok(());
    }
    Err(Failure::wrong(format!("`{flag}` says where the secret is, not what it is"))
        .hint("Write `env:NAME`, `file:PATH` or `stored`; a secret on the command line can be read by others"))
}

fn variable(hotel: &HotelId, suffix: &str) -> String {
    format!("env:{}_{suffix}", hotel.as_str().replace('-', "_").to_uppercase())
}

fn by_default_only(args: &Add, receive: Receive) -> anyhow::Result<Answers> {
    let missing: Vec<&str> = [
        ("--name", args.name.is_none()),
        ("--timezone", args.timezone.is_none()),
        ("--languages", args.languages.is_empty()),
        ("--instance", args.instance.is_none()),
    ]
    .into_iter()
    .filter_map(|(flag, missing)| missing.then_some(flag))
    .collect();
    if !missing.is_empty() {
        return Err(Failure::wrong(format!("nobody can be asked for {}", missing.join(", ")))
            .hint(format!("Pass {}", missing.join(", ")))
            .into());
    }
    let receive = args.receive.unwrap_or(receive);
    Ok(Answers {
        name: args.name.clone().unwrap_or_default(),
        timezone: args.timezone.clone().unwrap_or_default(),
        languages: args.languages.clone(),
        instance: args.instance.clone().unwrap_or_default(),
        token: args.token.clone().unwrap_or_else(|| variable(&args.one.id, "TOKEN")),
        receive,
        webhook_token: webhook_token(args, receive),
        api_url: args.api_url.clone(),
        contact: args.contact.as_deref().map(contact).transpose()?,
    })
}

fn webhook_token(args: &Add, receive: Receive) -> Option<String> {
    let by_default = || variable(&args.one.id, "WEBHOOK_TOKEN");
    (receive == Receive::Webhook).then(|| args.webhook_token.clone().unwrap_or_else(by_default))
}

fn by_person(args: &Add, receive: Receive) -> anyhow::Result<Answers> {
    let or_ask = |said: &Option<String>, ask: &dyn Fn() -> inquire::error::InquireResult<String>| match said {
        Some(said) => Ok(said.clone()),
        None => ask().map_err(unanswered),
    };
    let name = or_ask(&args.name, &|| inquire::Text::new("Name:").with_validator(not_empty).prompt())?;
    let timezone = or_ask(&args.timezone, &|| {
        // A server that keeps UTC says nothing about where the hotel is.
        let here = TimeZone::system();
        let here = here.iana_name().filter(|name| name.contains('/') && !name.starts_with("Etc/"));
        let question = inquire::Text::new("Time zone:").with_validator(is_zone);
        here.map_or(question.clone(), |here| question.with_default(here)).prompt()
    })?;
    let languages = match args.languages.as_slice() {
        [] => inquire::Text::new("Languages, first is the fallback:")
            .with_default("en")
            .prompt()
            .map_err(unanswered)?
            .split([',', ' '])
            .filter(|code| !code.is_empty())
            .map(str::to_owned)
            .collect(),
        said => said.to_vec(),
    };
    let instance =
        or_ask(&args.instance, &|| inquire::Text::new("Green API instance:").with_validator(is_instance).prompt())?;
    let token = or_ask(&args.token, &|| {
        let by_default = variable(&args.one.id, "TOKEN");
        let question = "Where is its token? (env:NAME, file:PATH or stored)";
        inquire::Text::new(question).with_default(&by_default).with_validator(is_reference).prompt()
    })?;
    let receive = args.receive.unwrap_or(receive);
    let contact = match &args.contact {
        Some(said) => Some(contact(said)?),
        None => {
            let question = "Who answers guests when the bot cannot? (name +phone, empty for nobody yet)";
            let said = inquire::Text::new(question).with_validator(is_contact).prompt().map_err(unanswered)?;
            (!said.trim().is_empty()).then(|| contact(&said)).transpose()?
        }
    };
    Ok(Answers {
        name,
        timezone,
        languages,
        instance,
        token,
        receive,
        webhook_token: webhook_token(args, receive),
        api_url: args.api_url.clone(),
        contact,
    })
}

/// `Front desk +79210000000`: the last word is the phone.
fn contact(text: &str) -> Result<(String, String), Failure> {
    let wrong =
        || Failure::wrong("a contact is a name and a phone").hint("Write `--contact 'Front desk +79210000000'`");
    let (name, phone) = text.trim().split_once('+').ok_or_else(wrong)?;
    let phone: String = phone.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let name = name.trim();
    if name.is_empty() || phone.is_empty() || !phone.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    Ok((name.to_owned(), format!("+{phone}")))
}

type Validated = Result<Validation, Box<dyn std::error::Error + Send + Sync>>;

fn valid(holds: bool, otherwise: &str) -> Validated {
    Ok(if holds { Validation::Valid } else { Validation::Invalid(otherwise.into()) })
}

fn not_empty(text: &str) -> Validated {
    valid(!text.trim().is_empty(), "a hotel has a name")
}

fn is_zone(text: &str) -> Validated {
    valid(TimeZone::get(text.trim()).is_ok(), "no such zone; write one like `Europe/Moscow`")
}

fn is_instance(text: &str) -> Validated {
    let text = text.trim();
    valid(
        (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()),
        "it is a number of up to 12 digits",
    )
}

fn is_reference(text: &str) -> Validated {
    valid(check_reference("", text.trim()).is_ok(), "write `env:NAME`, `file:PATH` or `stored`, never the token itself")
}

fn is_contact(text: &str) -> Validated {
    valid(text.trim().is_empty() || contact(text).is_ok(), "write a name and a phone: `Front desk +79210000000`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_a_name_and_a_phone() {
        let read = contact("Дежурный администратор +7 (921) 000-00-00").expect("both are there");
        assert_eq!(read, ("Дежурный администратор".to_owned(), "+79210000000".to_owned()));
        for text in ["", "Front desk", "+79210000000", "Front desk +", "Front desk +7921x"] {
            assert!(contact(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_itself_is_refused_without_being_shown() {
        let error = check_reference("--token", "d75b3a66374942c5").expect_err("not a reference");

        assert!(!error.to_string().contains("d75b3a"));
        assert!(check_reference("--token", "env:TOKEN").is_ok());
    }
}
