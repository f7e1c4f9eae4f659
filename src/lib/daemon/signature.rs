//! How a PMS proves who it is: `Hotelbot-Signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 over `SECONDS.BODY`
//! with the hotel's secret. The time is part of what is signed, so a delivery that was overheard is of no use later.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header's name.
pub(super) const HEADER: &str = "hotelbot-signature";
/// How far the two clocks may be apart, and how long a delivery may be under way, in seconds.
const WINDOW: u64 = 300;
/// More signatures than this are not looked at: one is usual, two while a secret is changed.
const MOST: usize = 4;

/// A signature that is well formed and of this time; whether it is right is to be seen.
pub(super) struct Signed {
    time: String,
    signatures: Vec<[u8; 32]>,
}

impl Signed {
    /// Reads the header; `None` if it is missing, doubled, malformed, or of another time.
    pub(super) fn read(headers: &HeaderMap, now: Timestamp) -> Option<Self> {
        let mut shown = headers.get_all(HEADER).iter();
        let (Some(header), None) = (shown.next(), shown.next()) else { return None };
        let (mut time, mut signatures) = (None, Vec::new());
        for part in header.to_str().ok()?.split(',') {
            match part.trim().split_once('=')? {
                ("t", seconds) if time.is_none() => time = Some(seconds.to_owned()),
                ("v1", hex) if signatures.len() < MOST => signatures.push(from_hex(hex)?),
                // Signatures of a later form are for later programs.
                (_, _) => {}
            }
        }
        let time = time?;
        let seconds: i64 = time.parse().ok()?;
        (seconds.abs_diff(now.as_second()) <= WINDOW).then_some(Self { time, signatures })
    }

    /// Whether one of the signatures is the secret's, compared in constant time.
    pub(super) fn is_right(&self, secret: &SecretString, body: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return false };
        mac.update(self.time.as_bytes());
        mac.update(b".");
        mac.update(body);
        self.signatures.iter().filter(|signature| mac.clone().verify_slice(*signature).is_ok()).count() > 0
    }
}

fn from_hex(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    /// Made with `printf '%s.%s' 1767225600 '{"a":1}' | openssl dgst -sha256 -hmac s3cret`.
    const RIGHT: &str = "7d4120fcebf444efab10ba7cd6c651bf463cefb039db5fad37ff9f7231ac8a4a";
    const BODY: &[u8] = b"{\"a\":1}";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("an instant")
    }

    fn is_let_in(header: &str, secret: &str, body: &[u8], now: i64) -> bool {
        let mut headers = HeaderMap::new();
        headers.append(HEADER, HeaderValue::from_str(header).expect("a header"));
        Signed::read(&headers, at(now)).is_some_and(|signed| signed.is_right(&SecretString::from(secret), body))
    }

    #[test]
    fn what_openssl_signs_is_let_in_and_nothing_else() {
        let header = format!("t=1767225600,v1={RIGHT}");
        let wrong = "0".repeat(64);

        assert!(is_let_in(&header, "s3cret", BODY, 1_767_225_600));
        assert!(is_let_in(&header, "s3cret", BODY, 1_767_225_900), "five minutes later");
        assert!(is_let_in(&format!("t=1767225600, v1={wrong}, v1={RIGHT}"), "s3cret", BODY, 1_767_225_600), "rotated");
        assert!(is_let_in(&format!("t=1767225600,v2=later,v1={RIGHT}"), "s3cret", BODY, 1_767_225_600));
        assert!(!is_let_in(&header, "s3cret", BODY, 1_767_225_901), "too late");
        assert!(!is_let_in(&header, "s3cret", BODY, 1_767_225_299), "too early");
        assert!(!is_let_in(&header, "s3creT", BODY, 1_767_225_600));
        assert!(!is_let_in(&header, "s3cret", b"{\"a\":2}", 1_767_225_600));
        assert!(!is_let_in(&format!("t=1767225601,v1={RIGHT}"), "s3cret", BODY, 1_767_225_600), "the time is signed");
    }

    #[test]
    fn a_malformed_header_is_none() {
        for header in ["", "t=1", "v1=00", "t=x,v1=", "t=1767225600,v1=zz", "t=1767225600", "nonsense", "t,v1"] {
            assert!(!is_let_in(header, "s3cret", BODY, 1_767_225_600), "{header}");
        }
        let mut twice = HeaderMap::new();
        let header = HeaderValue::from_str(&format!("t=1767225600,v1={RIGHT}")).expect("a header");
        twice.append(HEADER, header.clone());
        twice.append(HEADER, header);
        assert!(Signed::read(&twice, at(1_767_225_600)).is_none(), "two headers");
    }
}
