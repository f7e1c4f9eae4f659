//! Green API: WhatsApp for one number per instance, over HTTP. May import `domain` and `ports`.
//!
//! | file          | what it holds                                              |
//! |---------------|------------------------------------------------------------|
//! | `webhook`     | a notification → `Received`, pure                          |
//! | `message`     | its `messageData` → `Body`                                 |
//! | `choices`     | votes and taps in it                                       |
//! | `address`     | chat addresses, compared byte by byte                      |
//! | `call`        | one HTTP call: URL, deadline, cap                          |
//! | `send`        | sendMessage, polls, buttons                                |
//! | `files`       | uploadFile, sendFileByUrl                                  |
//! | `classify`    | what an answer to a send means, pure                       |
//! | `instance`    | state and settings                                         |
//! | `journal`     | the queue, what left, what came                            |
//! | `polling`     | receiveNotification, deleteNotification                    |

mod address;
mod call;
mod choices;
mod classify;
mod fields;
mod files;
mod instance;
mod journal;
mod message;
mod polling;
mod send;
#[cfg(test)]
mod testing;
pub mod webhook;

pub use address::of_phone as address_of_phone;
pub use instance::{NEEDED_SWITCHES, needed};

use crate::domain::ids::{ChatAddress, InstanceId, ProviderMessageId};
use crate::domain::outbox::{Outgoing, SendError, SentEvidence};
use crate::domain::received::{InstanceState, Received};
use crate::ports::{Channel, Line, LineSettings, Notification, Unavailable};
use async_trait::async_trait;
use call::Caller;
use reqwest::Client;
use std::time::Duration;

/// The channel to WhatsApp. Cheap to clone; all clones share their connections.
#[derive(Clone, Debug)]
pub struct GreenApi {
    caller: Caller,
}

impl GreenApi {
    /// Calls through this client, made by `gateways::http::client`.
    pub fn new(client: Client) -> Self {
        Self { caller: Caller { client, deadline: call::DEADLINE } }
    }

    /// The same with another total time for each call, 20 s without this. Waiting for a notification takes its own.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.caller.deadline = deadline;
        self
    }
}

#[async_trait]
impl Channel for GreenApi {
    fn address_of(&self, phone: &str) -> ChatAddress {
        address::of_phone(phone)
    }

    fn parse(&self, instance: &InstanceId, body: &[u8]) -> Received {
        webhook::parse(instance, body)
    }

    async fn send(&self, line: &Line, message: &Outgoing) -> Result<ProviderMessageId, SendError> {
        send::send(&self.caller, line, message).await
    }

    async fn state(&self, line: &Line) -> Result<InstanceState, Unavailable> {
        instance::state(&self.caller, line).await
    }

    async fn queue(&self, line: &Line) -> Result<Vec<SentEvidence>, Unavailable> {
        journal::queue(&self.caller, line).await
    }

    async fn sent(&self, line: &Line, minutes: u32) -> Result<Vec<SentEvidence>, Unavailable> {
        journal::sent(&self.caller, line, minutes).await
    }

    async fn arrived(&self, line: &Line, minutes: u32) -> Result<Vec<(Received, Vec<u8>)>, Unavailable> {
        journal::arrived(&self.caller, line, minutes).await
    }

    async fn poll(&self, line: &Line, wait: Duration) -> Result<Option<Notification>, Unavailable> {
        polling::poll(&self.caller, line, wait).await
    }

    async fn confirm(&self, line: &Line, receipt: u64) -> Result<(), Unavailable> {
        polling::confirm(&self.caller, line, receipt).await
    }

    async fn settings(&self, line: &Line) -> Result<LineSettings, Unavailable> {
        instance::settings(&self.caller, line).await
    }

    async fn change_settings(&self, line: &Line, wanted: &LineSettings) -> Result<(), Unavailable> {
        instance::change_settings(&self.caller, line, wanted).await
    }
}
