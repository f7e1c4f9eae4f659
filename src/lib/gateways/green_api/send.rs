//! sendMessage, and sendPoll and sendInteractiveButtonsReply for answers that can be tapped.

use super::call::{self, Answer, Caller, Failure};
use super::classify::classify;
use super::files::send_file;
use crate::domain::asking::{ChoiceOption, Choices};
use crate::domain::hotel::AnswersAs;
use crate::domain::ids::ProviderMessageId;
use crate::domain::outbox::{Outgoing, Refusal, SendError};
use crate::ports::Line;
use serde::Serialize;
use serde_json::{Value, json};

/// The vendor counts characters and refuses more.
const LONGEST_MESSAGE: usize = 20_000;
/// Of a poll the vendor takes so many characters of the question and of an option, and so many options (green-api
/// documentation, "SendPoll"). With equal options it used to answer 200 and to fail later (green-api issue 536).
const POLL: Limits = Limits { body: 255, label: 100, options: 2..=12 };
/// The same of reply buttons ("SendInteractiveButtonsReply", a beta).
const BUTTONS: Limits = Limits { body: LONGEST_MESSAGE, label: 25, options: 1..=3 };

struct Limits {
    body: usize,
    label: usize,
    options: std::ops::RangeInclusive<usize>,
}

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

/// Hands one message to the vendor, once. A poll or buttons that the vendor does not take are refused as such, also
/// where it answers as if the whole instance were wrong: it does so for methods it has given up.
pub(super) async fn send(caller: &Caller, line: &Line, outgoing: &Outgoing) -> Result<ProviderMessageId, SendError> {
    check(outgoing)?;
    if let Some(file) = &outgoing.media {
        return send_file(caller, line, (outgoing, file)).await;
    }
    let Some(choices) = &outgoing.choices else { return send_text(caller, line, outgoing).await };
    let (method, body) = tapped(outgoing, choices)?;
    let (status, sent) = post(caller, line, method, &body).await?;
    match sent {
        Err(SendError::Instance(why)) if matches!(status, 403 | 404 | 405 | 410) => Err(SendError::Never(Refusal(why))),
        sent => sent,
    }
}

async fn send_text(caller: &Caller, line: &Line, outgoing: &Outgoing) -> Result<ProviderMessageId, SendError> {
    let message = Message {
        chat_id: outgoing.to.as_str(),
        message: &outgoing.text,
        quoted_message_id: outgoing.quotes.as_ref().map(ProviderMessageId::as_str),
        link_preview: false,
    };
    post(caller, line, "sendMessage", &message).await?.1
}

pub(super) async fn post<T: Serialize>(
    caller: &Caller,
    line: &Line,
    method: &'static str,
    body: &T,
) -> Result<(u16, Result<ProviderMessageId, SendError>), SendError> {
    let url = call::url(line, method, "").map_err(send_error)?;
    let answer = caller.exchange(caller.client.post(url).json(body)).await.map_err(send_error)?;
    let Answer { status, retry_after, body, .. } = answer;
    Ok((status, classify(status, retry_after, &body)))
}

/// The call for answers that can be tapped. Neither quotes: quoting with a poll fails after it was accepted (green-api
/// issue 606).
fn tapped(outgoing: &Outgoing, choices: &Choices) -> Result<(&'static str, Value), SendError> {
    let (to, body) = (outgoing.to.as_str(), &choices.body);
    let each = |make: fn(&ChoiceOption) -> Value| choices.options.iter().map(make).collect::<Vec<_>>();
    match choices.style {
        AnswersAs::Poll => {
            fits(choices, &POLL)?;
            let options = each(|option| json!({"optionName": option.label}));
            Ok(("sendPoll", json!({"chatId": to, "message": body, "options": options, "multipleAnswers": false})))
        }
        AnswersAs::Buttons => {
            fits(choices, &BUTTONS)?;
            let buttons = each(|option| json!({"buttonId": option.id, "buttonText": option.label}));
            Ok(("sendInteractiveButtonsReply", json!({"chatId": to, "body": body, "buttons": buttons})))
        }
        AnswersAs::List => Err(SendError::Never(Refusal("a list is no kind of call".to_owned()))),
    }
}

fn fits(choices: &Choices, limits: &Limits) -> Result<(), SendError> {
    let longer = |text: &str, most: usize| text.chars().nth(most).is_some() || text.trim().is_empty();
    let labels: Vec<&str> = choices.options.iter().map(|option| option.label.as_str()).collect();
    let doubled = labels.iter().enumerate().any(|(at, label)| labels[..at].contains(label));
    let too_long = longer(&choices.body, limits.body) || labels.iter().any(|label| longer(label, limits.label));
    if doubled || too_long || !limits.options.contains(&labels.len()) {
        return Err(SendError::Never(Refusal("the answers do not fit into a poll or buttons".to_owned())));
    }
    Ok(())
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

pub(super) fn send_error(failure: Failure) -> SendError {
    match failure {
        Failure::NotSent(why) => SendError::Later { after: None, why },
        Failure::NoUrl(why) => SendError::Instance(why),
        Failure::MaybeSent(why) => SendError::Unknown(why),
    }
}
