//! F40 to F43: whatever happens on the way to the vendor, a send that surely did not arrive may go once more, and one
//! that may have arrived must not.

use crate::support::vendor::{TOKEN, line, vendor};
use crate::support::wire::{Blackhole, Cut, Wire, untrusted};
use hotelbot::domain::ids::{ChatAddress, ProviderMessageId};
use hotelbot::domain::outbox::{Outgoing, SendError};
use hotelbot::gateways::green_api::GreenApi;
use hotelbot::gateways::http;
use hotelbot::ports::Channel;
use hotelbot::sandbox::Options;
use hotelbot::sandbox::records::Filter;
use std::time::Duration;
use tokio::net::TcpListener;

/// What a call taught: the class of its end.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Accepted,
    SurelyNotSent,
    Unknown,
    Other,
}

/// Sends one message to the vendor at this address.
async fn send(api_url: &str, deadline: Duration) -> End {
    let outgoing = Outgoing {
        to: ChatAddress::from("79001234568@c.us"),
        text: "Breakfast is from seven".to_owned(),
        quotes: Some(ProviderMessageId::from("M1")),
        choices: None,
        media: None,
    };
    let channel = GreenApi::new(http::client().expect("a client")).with_deadline(deadline);
    let sent = channel.send(&line(api_url), &outgoing).await;
    if let Err(error) = &sent {
        assert!(!error.to_string().contains(TOKEN) && !format!("{error:?}").contains(TOKEN), "{error:?}");
    }
    match sent {
        Ok(_) => End::Accepted,
        Err(SendError::Later { .. }) => End::SurelyNotSent,
        Err(SendError::Unknown(_)) => End::Unknown,
        Err(_) => End::Other,
    }
}

const SHORT: Duration = Duration::from_millis(1_000);
/// Longer than the time a connection may take to be made.
const LONG: Duration = Duration::from_secs(15);

#[tokio::test]
async fn f40_a_vendor_whose_certificate_is_not_trusted_gets_nothing() {
    assert_eq!(send(&untrusted(), LONG).await, End::SurelyNotSent);
    let vendor = vendor(Options::default()).await;
    let no_tls = vendor.url.replace("http://", "https://");

    assert_eq!(send(&no_tls, LONG).await, End::SurelyNotSent, "a server that speaks no TLS");
    assert_eq!(vendor.sent(&Filter::default()).len(), 0);
}

#[tokio::test]
async fn f41_a_name_that_nobody_knows_is_surely_not_sent_to() {
    assert_eq!(send("http://no-such-host.invalid", LONG).await, End::SurelyNotSent);
}

#[tokio::test]
async fn f42_an_address_that_refuses_or_never_accepts_is_surely_not_sent_to() {
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let refuses = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let blackhole = Blackhole::open().await;

    assert_eq!(send(&refuses, LONG).await, End::SurelyNotSent);
    assert_eq!(send(&blackhole.url, LONG).await, End::SurelyNotSent);
}

#[tokio::test]
async fn f43_once_a_connection_stands_nobody_knows_what_arrived() {
    let vendor = vendor(Options::default()).await;
    let whole = Wire::to(&vendor.url, Cut::Nowhere).await;
    assert_eq!(send(&whole.url, LONG).await, End::Accepted, "a wire that is not cut carries");
    let mut arrived = 1;
    for (cut, arrives) in [
        (Cut::AtOnce, false),
        (Cut::BeforeTheServer, false),
        (Cut::BeforeTheAnswer, true),
        (Cut::InTheAnswer(0), true),
        (Cut::InTheAnswer(9), true),
        (Cut::InTheAnswer(60), true),
        (Cut::BeforeTheEnd, true),
        (Cut::Silence, false),
    ] {
        let wire = Wire::to(&vendor.url, cut).await;

        assert_eq!(send(&wire.url, SHORT).await, End::Unknown, "{cut:?}");

        arrived += usize::from(arrives);
        assert_eq!(vendor.sent(&Filter::default()).len(), arrived, "{cut:?}");
    }
}
