//! How each setting's text is read.

use super::diagnose::{nearest, shown};
use super::links;
use super::settings::LogFormat;
use secrecy::{ExposeSecret, SecretString};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// `127.0.0.1:8080`: a proxy stands before it.
pub(crate) const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// `127.0.0.1:9464`, the port Prometheus knows from OpenTelemetry.
pub(crate) const ADMIN_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

/// Why a value cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// What is wrong; never holds a secret.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) fix: String,
}

impl Wrong {
    pub(crate) fn new(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { message: message.into(), fix: fix.into() }
    }
}

/// Takes off the line end that `cat file` leaves; an empty value is a mistake, because whoever set it meant something.
pub(crate) fn clean(text: &str) -> Result<&str, Wrong> {
    let text = text.trim_end_matches(['\n', '\r']);
    if text.trim().is_empty() {
        return Err(Wrong::new("it is set but empty", "give it a value, or unset it"));
    }
    let is_quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') {
        return Err(Wrong::new("the quotes are part of the value", "take them off"));
    }
    Ok(text)
}

/// An address to listen on; port 0 takes a free one.
pub(crate) fn address(text: &str) -> Result<SocketAddr, Wrong> {
    let numeric = text.replace("localhost", "127.0.0.1");
    numeric.parse().map_err(|_| {
        let port = text.rsplit(':').next().unwrap_or_default();
        let fix = match port.parse::<u32>() {
            Ok(port) if port > 65_535 => "ports go up to 65535".into(),
            Ok(port) => format!("write `127.0.0.1:{port}`, or `0.0.0.0:{port}` to be reached from outside"),
            Err(_) => "write an address and a port, such as `127.0.0.1:8080`".into(),
        };
        Wrong::new(format!("`{}` is not an address to listen on", shown(text)), fix)
    })
}

/// The base of a service: `http` or `https`, a host, perhaps a path; without a slash at the end.
pub(crate) fn link(text: &str) -> Result<String, Wrong> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else {
        let fix = if text.contains("://") { "only http and https are known" } else { "begin it with `https://`" };
        return Err(Wrong::new(format!("`{}` is not a web address", shown(text)), fix));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(Wrong::new("the address holds a name or password", "take it out"));
    }
    if links::host(rest).is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Wrong::new(format!("`{}` is not a web address", shown(text)), "write `https://host/path`"));
    }
    if rest.contains(['?', '#']) {
        return Err(Wrong::new("paths are added to the address", "end it before the `?` or `#`"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// `redis://` or `rediss://`; may hold a password.
pub(crate) fn redis(text: &str) -> Result<SecretString, Wrong> {
    match text.split_once("://") {
        Some(("redis" | "rediss", rest)) if !links::host(rest).is_empty() => Ok(text.into()),
        _ => Err(Wrong::new("this is not a Redis address", "write `redis://host:6379`, or `rediss://` for TLS")),
    }
}

/// A URL as it may be shown, without its password.
pub(crate) fn masked(url: Option<&SecretString>) -> String {
    url.map_or_else(|| "-".into(), |url| without_password(url.expose_secret()))
}

/// `scheme://user:****@host/path`; parameters, which may hold passwords too, are left out.
pub(crate) fn without_password(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return "****".into() };
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
    let path = path.map_or_else(String::new, |path| format!("/{path}"));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:****@{host}{path}")
        }
        None => format!("{scheme}://{authority}{path}"),
    }
}

/// A secret of printable characters; anything else would not survive an HTTP header.
pub(crate) fn secret(text: &str) -> Result<SecretString, Wrong> {
    if text.chars().any(|c| c.is_whitespace() || !c.is_ascii_graphic()) {
        let message = "it holds spaces or characters that cannot be sent";
        return Err(Wrong::new(message, "copy it again, without anything around it"));
    }
    Ok(text.into())
}

/// A name without spaces.
pub(crate) fn word(text: &str) -> Result<String, Wrong> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) || text.len() > 64 {
        return Err(Wrong::new(format!("`{}` is not a name", shown(text)), "write one word"));
    }
    Ok(text.to_owned())
}

const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

/// A level, or `target=level`, several by comma.
pub(crate) fn log(text: &str) -> Result<String, Wrong> {
    for part in text.split(',') {
        let level = part.rsplit('=').next().unwrap_or_default().trim();
        if !LEVELS.contains(&level.to_lowercase().as_str()) {
            let fix = match nearest(level, LEVELS.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("write one of {}, or `target=level`", LEVELS.join(", ")),
            };
            return Err(Wrong::new(format!("`{}` is not a log level", shown(level)), fix));
        }
    }
    Ok(text.to_owned())
}

/// `pretty` or `json`.
pub(crate) fn log_format(text: &str) -> Result<LogFormat, Wrong> {
    match text {
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err(Wrong::new(format!("`{}` is not a log format", shown(text)), "write `pretty` or `json`")),
    }
}
