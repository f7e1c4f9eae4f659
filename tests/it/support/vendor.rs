//! The emulated Green API with the instance of one hotel, and the line to it.

use hotelbot::domain::ids::{HotelId, InstanceId};
use hotelbot::ports::Line;
use hotelbot::sandbox::{Declare, Options, Running, Sandbox};
use tokio::net::TcpListener;

/// The instance.
pub const INSTANCE: u64 = 1_101_000_001;
/// Its token, which nothing may show.
pub const TOKEN: &str = "c4nary7oken";

/// Starts it on a free port.
pub async fn vendor(options: Options) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    Sandbox::start(listener, Options { instances: vec![Declare::new(INSTANCE, TOKEN)], ..options }).expect("it starts")
}

/// The line to the vendor at this address; the instance is polled.
pub fn line(api_url: &str) -> Line {
    Line {
        hotel: HotelId::parse("astoria").expect("an id"),
        instance: InstanceId(INSTANCE.to_string()),
        api_url: api_url.to_owned(),
        token: TOKEN.to_owned().into(),
        webhook_token: None,
        folder: None,
        pms_secret: None,
    }
}
