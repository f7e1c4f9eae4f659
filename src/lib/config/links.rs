//! Web addresses, as far as a file needs them checked.

use super::diagnose::shown;
use super::fields::{Collector, word};
use super::yaml::Node;

/// An address a guest or a vendor can open: `https://`, or `http://` to this machine.
pub(crate) fn link(node: &Node, c: &mut Collector<'_>) -> Option<String> {
    let word = word(node, c, "an address such as `https://example.com`")?;
    match check(word) {
        Ok(()) => Some(word.to_owned()),
        Err(fix) => c.error(node.span, format!("`{}` is not an address to give away", shown(word)), fix),
    }
}

/// What is wrong with an address; the error is what to write instead.
pub(crate) fn check(address: &str) -> Result<(), String> {
    let Some((scheme, rest)) = address.split_once("://") else {
        return Err("begin it with `https://`".into());
    };
    let host = host(rest);
    match scheme {
        "https" => {}
        "http" if is_local(host) => {}
        _ => return Err("begin it with `https://`".into()),
    }
    if host.is_empty() || address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("write it whole and without spaces, such as `https://example.com/menu`".into());
    }
    if rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@')) {
        return Err("take the name and password out of it".into());
    }
    Ok(())
}

/// The host of an address without its scheme, port included.
pub(crate) fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Whether a host is this machine.
pub(crate) fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_whole_encrypted_and_without_passwords() {
        for good in [
            "https://example.com",
            "https://пример.рф/меню",
            "http://127.0.0.1:9900",
            "http://localhost",
            "http://[::1]:80/x",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "http://example.com",
            "https://",
            "https://a b",
            "https://u:p@host/",
            "javascript://x",
            "http://127.0.0.1.evil.com",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
