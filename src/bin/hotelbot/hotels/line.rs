//! What Green API says about a hotel's instance, for `add`, `apply` and `doctor`.

use crate::desk::Desk;
use anstyle::{AnsiColor, Style};
use hotelbot::app;
use hotelbot::config::Settings;
use hotelbot::domain::hotel::{Hotel, Receive, SecretReference};
use hotelbot::domain::received::InstanceState;
use hotelbot::gateways::green_api::GreenApi;
use hotelbot::gateways::http;
use hotelbot::ports::{Channel, Line, LineSettings};
use hotelbot::store::hotels::SealedSecret;
use serde::Serialize;

/// How good a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// Guests of this hotel are not reached.
    Fail,
}

/// One thing found out.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How good it is.
    pub grade: Grade,
    /// What.
    pub text: String,
}

impl Finding {
    fn new(grade: Grade, text: impl Into<String>) -> Self {
        Self { grade, text: text.into() }
    }
}

/// Where Green API must call for this hotel, if the installation has a public address.
pub fn webhook_url(hotel: &Hotel, settings: &Settings) -> Option<String> {
    let public = settings.public_url.value.as_ref()?;
    Some(format!("{public}/hooks/{}/whatsapp", hotel.id))
}

/// How the hotel is reached, or why its secrets cannot be had.
pub async fn resolve(hotel: &Hotel, settings: &Settings, desk: &Desk) -> anyhow::Result<Result<Line, String>> {
    let sealed = match needs_database(hotel) {
        true => stored(settings, desk).await?,
        false => Vec::new(),
    };
    Ok(app::lines(settings, &desk.environment)(hotel, &sealed))
}

fn needs_database(hotel: &Hotel) -> bool {
    let stored = |reference: &SecretReference| *reference == SecretReference::Stored;
    stored(&hotel.whatsapp.token) || hotel.whatsapp.webhook_token.as_ref().is_some_and(stored)
}

async fn stored(settings: &Settings, desk: &Desk) -> anyhow::Result<Vec<SealedSecret>> {
    match desk.store_if_any(settings).await? {
        Some(store) => Ok(store.secrets().await?),
        None => Ok(Vec::new()),
    }
}

/// The client of the vendor.
pub fn channel() -> anyhow::Result<GreenApi> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(GreenApi::new(http::client()?))
}

/// Secrets, state and webhook of one hotel's instance. Changes nothing.
pub async fn look(hotel: &Hotel, settings: &Settings, desk: &Desk) -> anyhow::Result<Vec<Finding>> {
    let line = match resolve(hotel, settings, desk).await? {
        Ok(line) => line,
        Err(why) => return Ok(vec![Finding::new(Grade::Fail, format!("{}: {why}", hotel.id))]),
    };
    let channel = channel()?;
    let mut findings = vec![state(hotel, &line, &channel).await];
    if findings[0].grade != Grade::Fail || hotel.whatsapp.receive == Receive::Webhook {
        findings.extend(webhook(hotel, &line, settings, &channel).await);
    }
    Ok(findings)
}

async fn state(hotel: &Hotel, line: &Line, channel: &GreenApi) -> Finding {
    let instance = &hotel.whatsapp.instance;
    match channel.state(line).await {
        Ok(InstanceState::Authorized) => Finding::new(Grade::Ok, format!("instance {instance} is authorized")),
        Ok(InstanceState::NotAuthorized) => Finding::new(
            Grade::Fail,
            format!("instance {instance} is notAuthorized: scan its QR code at Green API, or nobody is reached"),
        ),
        Ok(state) => Finding::new(Grade::Fail, format!("instance {instance} is {}", state.as_str())),
        Err(why) => Finding::new(Grade::Fail, format!("instance {instance} cannot be asked: {why}")),
    }
}

async fn webhook(hotel: &Hotel, line: &Line, settings: &Settings, channel: &GreenApi) -> Option<Finding> {
    let there = channel.settings(line).await.ok()?;
    Some(match hotel.whatsapp.receive {
        Receive::Poll => polled(&there),
        Receive::Webhook => called(hotel, &there, settings),
    })
}

fn polled(there: &LineSettings) -> Finding {
    if there.webhook_url.is_empty() {
        return Finding::new(Grade::Ok, "no webhook is set, so messages can be polled");
    }
    let text =
        format!("webhook is {}, so Green API gives nothing to `receive: poll`; clear it there", there.webhook_url);
    Finding::new(Grade::Fail, text)
}

fn called(hotel: &Hotel, there: &LineSettings, settings: &Settings) -> Finding {
    match (webhook_url(hotel, settings), there.webhook_url.as_str()) {
        (None, "") => {
            Finding::new(Grade::Note, "no webhook is set; with HOTELBOT_PUBLIC_URL its address is known here")
        }
        (None, url) => {
            Finding::new(Grade::Note, format!("webhook is {url}; HOTELBOT_PUBLIC_URL would let it be checked"))
        }
        (Some(wanted), url) if wanted == url => Finding::new(Grade::Ok, format!("webhook is {url}")),
        (Some(wanted), "") => Finding::new(Grade::Fail, format!("no webhook is set; it must be {wanted}")),
        (Some(wanted), url) => Finding::new(Grade::Fail, format!("webhook is {url}; it must be {wanted}")),
    }
}

/// The findings as lines: grade, then what.
pub fn text(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let (word, style) = match finding.grade {
            Grade::Ok => ("ok", AnsiColor::Green.on_default()),
            Grade::Note => ("note", Style::new()),
            Grade::Fail => ("FAIL", AnsiColor::Red.on_default()),
        };
        format!("  {style}{word:4}{style:#}  {}\n", finding.text)
    };
    findings.iter().map(line).collect()
}
