//! sendMessage.

use super::call::{self, Answer, Caller, Failure};
use super::classify::classify;
use crate::domain::ids::ProviderMessageId;
use crate::domain::outbox::{Outgoing, Refusal, SendError};
use crate::ports::Line;
use serde::Serialize;

/// The vendor counts characters and refuses more.
const LONGEST_MESSAGE: usize = 20_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    chat_id: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    quoted_message_id: Option<&'a str>,
    /// A preview is fetched by the vendor before sending, and shows the guest what the hotel did not write.
    link_preview: bool,
}

/// Hands one message to the vendor, once.
pub(super) async fn send(caller: &Caller, line: &Line, outgoing: &Outgoing) -> Result<ProviderMessageId, SendError> {
    check(outgoing)?;
    let message = Message {
        chat_id: outgoing.to.as_str(),
        message: &outgoing.text,
        quoted_message_id: outgoing.quotes.as_ref().map(ProviderMessageId::as_str),
        link_preview: false,
    };
    let url = call::url(line, "sendMessage", "").map_err(send_error)?;
    let answer = caller.exchange(caller.client.post(url).json(&message)).await.map_err(send_error)?;
    let Answer { status, retry_after, body, .. } = answer;
    classify(status, retry_after, &body)
}

fn check(outgoing: &Outgoing) -> Result<(), SendError> {
    let refuse = |why: &str| Err(SendError::Never(Refusal(why.to_owned())));
    if outgoing.text.trim().is_empty() {
        return refuse("an empty message");
    }
    // Bytes are cheap to compare; characters are counted only when the bytes could be too many.
    if outgoing.text.len() > LONGEST_MESSAGE && outgoing.text.chars().count() > LONGEST_MESSAGE {
        return refuse("a message of more than 20,000 characters");
    }
    Ok(())
}

fn send_error(failure: Failure) -> SendError {
    match failure {
        Failure::NotSent(why) => SendError::Later { after: None, why },
        Failure::NoUrl(why) => SendError::Instance(why),
        Failure::MaybeSent(why) => SendError::Unknown(why),
    }
}
