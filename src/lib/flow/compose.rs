//! The words of a trigger for one guest: its wording filled in, and what it asks, ready to be answered.

use super::after;
use crate::domain::asking::{Asking, Choices, Wording};
use crate::domain::ids::{AskedId, MessageId, OutboxId};
use crate::domain::language::Language;
use crate::domain::message::{Author, Origin};
use crate::domain::schedule::conditions::View;
use crate::domain::schedule::{speech, windows};
use crate::domain::template::{TemplateError, Variables, render};
use crate::domain::trigger::{Content, Media, Question, Says, Texts, Trigger};
use crate::ports::Clock;
use crate::store::due::{Composed, Due};
use crate::store::known_guests::KnownChat;
use crate::store::questions::NewQuestion;
use crate::store::touchpoints::intent;
use crate::store::turns::PlannedSend;
use jiff::Timestamp;
use std::time::Duration;

/// A message that waits longer in the outbox is of no use to anybody; the last look usually says so before.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// What was chosen for the guest.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The language.
    pub language: Language,
    /// Which of the wordings.
    pub variant: usize,
    /// Now.
    pub now: Timestamp,
}

/// Why there are no words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody knows where to write to.
    #[error("the guest has no chat")]
    NoChat,
    /// The text cannot be made for this guest.
    #[error("the text cannot be made: {0}")]
    NoWords(#[from] TemplateError),
}

/// The message, and the question it puts.
pub fn compose(clock: &dyn Clock, due: &Due, trigger: &Trigger, choice: Choice) -> Result<Composed, Trouble> {
    let chat = due.chat.as_ref().ok_or(Trouble::NoChat)?;
    match &trigger.says {
        Says::Send(content) => {
            let text = words(due, content, choice)?;
            Ok(Composed { send: planned(clock, due, (text, None), choice.now), question: None })
        }
        Says::Ask(question) => ask(clock, due, (trigger, question, chat), choice),
    }
}

fn words(due: &Due, content: &Content, choice: Choice) -> Result<String, TemplateError> {
    let variables = variables(due, choice.language);
    let template = content.variants.get(choice.variant).and_then(|variant| variant.text.get(&choice.language));
    let text = template.map(|template| render(template, &variables)).transpose()?;
    let picture = content.media.as_ref().map(|media| address(media, choice.language, &variables)).transpose()?;
    let parts: Vec<String> = text.into_iter().chain(picture.flatten()).collect();
    if parts.is_empty() { Err(TemplateError::Empty) } else { Ok(parts.join("\n\n")) }
}

/// A picture is sent as its address, which WhatsApp shows with a preview: files are not sent yet.
fn address(media: &Media, language: Language, variables: &Variables) -> Result<Option<String>, TemplateError> {
    if !media.source.starts_with("https://") {
        return Ok(None);
    }
    let caption = media.caption.get(&language).map(|caption| render(caption, variables)).transpose()?;
    Ok(Some(caption.map_or_else(|| media.source.clone(), |caption| format!("{caption}\n{}", media.source))))
}

/// The reservation's values, with the fields that answers set.
pub fn variables(due: &Due, language: Language) -> Variables {
    let mut variables = Variables::of(&due.hotel, &due.reservation, language);
    for (key, value) in &due.facts.custom {
        variables.put(&format!("custom.{key}"), value.as_str());
    }
    variables
}

fn ask(
    clock: &dyn Clock,
    due: &Due,
    (trigger, question, chat): (&Trigger, &Question, &KnownChat),
    choice: Choice,
) -> Result<Composed, Trouble> {
    let quiet = windows::quiet_hours(&due.hotel, &due.set, trigger);
    let content = |content: &Content| filled(due, content);
    let own = variables(due, choice.language);
    let text = |template: &str| render(template, &own).ok();
    let asking = Asking::prepare(question, &due.set, quiet, Wording { content: &content, text: &text });
    // What went wrong is known only by trying: the words of an asking are left out when they cannot be made.
    words(due, &question.content, choice)?;
    let languages: Vec<Language> =
        std::iter::once(choice.language).chain(due.hotel.languages.iter().copied()).collect();
    let shown = asking.show(due.hotel.whatsapp.answers_as, &languages).ok_or(TemplateError::Empty)?;
    let send = planned(clock, due, (shown.text, shown.choices), choice.now);
    let question = NewQuestion {
        hotel: due.hotel.id.clone(),
        id: AskedId(clock.new_id()),
        chat: chat.id,
        message: send.message,
        remind_at: asking.remind_at(choice.now, &due.hotel),
        asking,
        language: choice.language,
        trigger: Some(trigger.id.clone()),
        touchpoint: Some(due.touchpoint.id),
        reservation: Some(due.reservation.booking.id.clone()),
        after: None,
        asked_at: choice.now,
    };
    Ok(Composed { send, question: Some(question) })
}

/// The wording for this guest in every language that can be filled in.
fn filled(due: &Due, content: &Content) -> Texts {
    let view = View {
        hotel: &due.hotel,
        reservation: &due.reservation,
        facts: Some(&due.facts),
        as_of: due.touchpoint.due_at,
    };
    let variant = speech::words(content, &view).and_then(|(index, _)| content.variants.get(index));
    let texts = variant.map(|variant| &variant.text).into_iter().flatten();
    texts.filter_map(|(language, text)| Some((*language, render(text, &variables(due, *language)).ok()?))).collect()
}

fn planned(clock: &dyn Clock, due: &Due, (text, choices): (String, Option<Choices>), now: Timestamp) -> PlannedSend {
    PlannedSend {
        id: OutboxId(clock.new_id()),
        message: MessageId(clock.new_id()),
        intent: intent(due.touchpoint.id),
        author: Author::Bot,
        origin: Origin::Trigger,
        text,
        choices,
        quotes: None,
        due_at: now,
        expires_at: after(now, KEPT),
    }
}
