//! What Green API says about a hotel's instance, for `add`, `apply` and `doctor`.

use crate::desk::Desk;
use anstyle::{AnsiColor, Style};
use futures_util::{StreamExt, TryStreamExt};
use hotelbot::app;
use hotelbot::config::Settings;
use hotelbot::domain::hotel::{Hotel, Receive, SecretReference};
use hotelbot::domain::ids::HotelId;
use hotelbot::domain::received::InstanceState;
use hotelbot::gateways::green_api::{GreenApi, needed};
use hotelbot::gateways::http;
use hotelbot::ports::{Channel, Line, LineSettings};
use hotelbot::store::hotels::SealedSecret;
use secrecy::ExposeSecret;
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
    let pms = hotel.pms.as_ref().and_then(|pms| pms.secret.as_ref());
    let others = hotel.whatsapp.webhook_token.as_ref().into_iter().chain(pms);
    stored(&hotel.whatsapp.token) || others.into_iter().any(stored)
}

/// Where a secret is, as it is written in the hotel's file.
pub fn reference(reference: &SecretReference) -> String {
    match reference {
        SecretReference::Env(name) => format!("env:{name}"),
        SecretReference::File(path) => format!("file:{path}"),
        SecretReference::Stored => "stored".to_owned(),
    }
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

/// What was found out about one hotel's instance, and what must be set there.
pub struct Look {
    /// Whose.
    pub hotel: HotelId,
    /// What was found out, in order.
    pub findings: Vec<Finding>,
    /// The instance and the settings it must get; `None` if they are in place or cannot be known.
    pub connect: Option<(Line, LineSettings)>,
}

impl Look {
    /// What keeps guests from being reached, if anything.
    pub fn failed(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.grade == Grade::Fail)
    }
}

/// Instances asked at once.
const AT_ONCE: usize = 8;

/// Looks at several hotels' instances, in their order. Changes nothing.
pub async fn look_at_all(hotels: &[&Hotel], settings: &Settings, desk: &Desk) -> anyhow::Result<Vec<Look>> {
    let looks = hotels.iter().map(|hotel| look(hotel, settings, desk));
    futures_util::stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

/// Secrets, state and webhook of one hotel's instance. Changes nothing.
pub async fn look(hotel: &Hotel, settings: &Settings, desk: &Desk) -> anyhow::Result<Look> {
    let line = match resolve(hotel, settings, desk).await? {
        Ok(line) => line,
        Err(why) => {
            let findings = vec![Finding::new(Grade::Fail, why)];
            return Ok(Look { hotel: hotel.id.clone(), findings, connect: None });
        }
    };
    let channel = channel()?;
    let mut findings = vec![state(hotel, &line, &channel).await];
    let mut connect = None;
    if let Ok(there) = channel.settings(&line).await {
        let wanted = wanted(hotel, &line, &there, settings);
        findings.push(compared(&there, wanted.as_ref()));
        connect = wanted.filter(|wanted| differs(&there, wanted)).map(|wanted| (line, wanted));
    }
    Ok(Look { hotel: hotel.id.clone(), findings, connect })
}

/// Sets what differs. Green API restarts the instance for it.
pub async fn connect(look: &Look) -> anyhow::Result<()> {
    if let Some((line, wanted)) = &look.connect {
        channel()?.change_settings(line, wanted).await?;
    }
    Ok(())
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

/// What the instance must be set to; `None` while nobody knows where this installation can be called.
fn wanted(hotel: &Hotel, line: &Line, there: &LineSettings, settings: &Settings) -> Option<LineSettings> {
    match hotel.whatsapp.receive {
        // With an address set, Green API pushes and gives nothing to those who poll.
        Receive::Poll => Some(needed("", &there.webhook_token)),
        Receive::Webhook => {
            let token = line.webhook_token.as_ref().map(|token| token.expose_secret()).unwrap_or_default();
            Some(needed(&webhook_url(hotel, settings)?, token))
        }
    }
}

fn differs(there: &LineSettings, wanted: &LineSettings) -> bool {
    let off = |switch: &&(String, bool)| !there.switches.contains(switch);
    there.webhook_url != wanted.webhook_url
        || there.webhook_token != wanted.webhook_token
        || wanted.switches.iter().any(|switch| off(&switch))
}

fn compared(there: &LineSettings, wanted: Option<&LineSettings>) -> Finding {
    let address = |url: &str| if url.is_empty() { "no webhook".to_owned() } else { format!("the webhook {url}") };
    let Some(wanted) = wanted else {
        let text =
            format!("it has {}; set HOTELBOT_PUBLIC_URL to have it checked and set", address(&there.webhook_url));
        return Finding::new(Grade::Note, text);
    };
    if !differs(there, wanted) {
        let how = if wanted.webhook_url.is_empty() { "polling is on" } else { "webhook in place" };
        return Finding::new(Grade::Ok, how);
    }
    let now = address(&there.webhook_url);
    let what = if there.webhook_url != wanted.webhook_url {
        format!("it has {now} and needs {}", address(&wanted.webhook_url))
    } else if there.webhook_token != wanted.webhook_token {
        "its webhook token differs".to_owned()
    } else {
        "some of its notifications are switched off".to_owned()
    };
    Finding::new(Grade::Note, format!("{what}; setting it restarts the instance, up to 5 minutes"))
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
