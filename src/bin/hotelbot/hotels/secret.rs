//! `hotels secret`: takes a secret from stdin or a prompt, never from the command line, and stores it sealed.

use crate::args::hotels::Secret;
use crate::confirm::{can_ask, unanswered};
use crate::desk::{Desk, make_folder};
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::Report;
use hotelbot::config::SecretKey;
use hotelbot::store::hotels::SealedSecret;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::io::{IsTerminal, Read};

/// More than any token has.
const LONGEST: u64 = 8_192;

#[derive(Serialize)]
struct Stored {
    hotel: String,
    name: &'static str,
    key_id: String,
}

impl Report for Stored {
    fn text(&self) -> String {
        let Self { hotel, name, .. } = self;
        format!("Stored `{name}` of {hotel}, sealed\n\nIn hotels/{hotel}.yaml: `{name}: stored`\n")
    }
}

/// Stores one secret.
pub async fn run(args: Secret, desk: &Desk) -> Outcome {
    let (hotel, name) = (args.one.id, args.name.as_str());
    if !args.refused.is_empty() {
        // It is not shown again, and it must be changed: it stood in the list of processes.
        return Err(Failure::wrong("a secret is never an argument: whoever can list processes has seen it")
            .hint(format!("Get a new one, and run `hotelbot hotels secret {hotel} {name}`, which asks for it"))
            .into());
    }
    let settings = desk.settings()?;
    let secret = if std::io::stdin().is_terminal() { ask(desk, name)? } else { read()? };
    make_folder(&settings)?;
    let key = SecretKey::open_or_make(&settings.secret_key_file.value)?;
    let sealed = key.seal(&hotel, name, &secret)?;
    let store = desk.store_to_change(&settings).await?;
    let row = SealedSecret {
        hotel: hotel.clone(),
        name: name.to_owned(),
        key_id: sealed.key_id.clone(),
        nonce: sealed.nonce,
        sealed: sealed.sealed,
    };
    store.put_secret(row, desk.now()).await?;
    desk.printer.report(&Stored { hotel: hotel.to_string(), name, key_id: sealed.key_id })?;
    Ok(Exit::Done)
}

fn ask(desk: &Desk, name: &str) -> anyhow::Result<SecretString> {
    if !can_ask(&desk.global) {
        let hint = "Give the secret on stdin: `pass show … | hotelbot hotels secret …`";
        return Err(Failure::wrong("nobody may be asked for the secret").hint(hint).into());
    }
    let prompt = format!("{name} (nothing is shown):");
    let typed = inquire::Password::new(&prompt).without_confirmation().prompt().map_err(unanswered)?;
    checked(Zeroizing::new(typed))
}

fn read() -> anyhow::Result<SecretString> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin()
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| Failure::wrong("the secret on stdin cannot be read").because(error))?;
    checked(text)
}

/// A line's end belongs to the terminal or the editor, not to the secret.
fn checked(text: Zeroizing<String>) -> anyhow::Result<SecretString> {
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let secret = SecretString::from(line.strip_suffix('\r').unwrap_or(line));
    let length = secret.expose_secret().len();
    if length == 0 {
        return Err(Failure::wrong("the secret is empty; nothing was stored").into());
    }
    if length as u64 > LONGEST || secret.expose_secret().chars().any(char::is_control) {
        return Err(Failure::wrong("this is no secret of one line; nothing was stored").into());
    }
    Ok(secret)
}
