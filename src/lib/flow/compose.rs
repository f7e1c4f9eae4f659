//! The words of a trigger for one guest: its wording filled in, and what it asks, ready to be answered.

use super::after;
use crate::domain::asking::{Asking, Choices, Wording};
use crate::domain::attachment::{self, Attachment, Beside};
use crate::domain::ids::{AskedId, MessageId, OutboxId};
use crate::domain::language::Language;
use crate::domain::message::{Author, Origin};
use crate::domain::schedule::conditions::View;
use crate::domain::schedule::{speech, windows};
use crate::domain::template::{TemplateError, Variables, render};
use crate::domain::trigger::{Content, Question, Says, Texts, Trigger};
use crate::ports::Clock;
use crate::store::due::{Composed, Due};
use crate::store::known_guests::KnownChat;
use crate::store::questions::NewQuestion;
use crate::store::touchpoints::{file_intent, intent};
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
            let send = planned(clock, due, (text, None), choice.now);
            let (send, file) = with_file(clock, due, content, send);
            Ok(Composed { send, file, question: None })
        }
        Says::Ask(question) => ask(clock, due, (trigger, question, chat), choice),
    }
}

fn words(due: &Due, content: &Content, choice: Choice) -> Result<String, TemplateError> {
    let template = speech::template(content, choice.variant, choice.language).ok_or(TemplateError::Empty)?;
    render(&template, &variables(due, choice.language))
}

/// The message with its file: as the file's caption, or with the file as a message of its own after it.
fn with_file(clock: &dyn Clock, due: &Due, content: &Content, send: PlannedSend) -> (PlannedSend, Option<PlannedSend>) {
    let Some(media) = &content.media else { return (send, None) };
    match Attachment::beside(&media.source, &send.text, send.choices.is_some()) {
        Beside::Caption(file) => (PlannedSend { media: Some(file), ..send }, None),
        Beside::After(file) => {
            let name = attachment::name(&media.source).to_owned();
            let alone = PlannedSend {
                intent: file_intent(due.touchpoint.id),
                media: Some(file),
                ..planned(clock, due, (name, None), send.due_at)
            };
            (send, Some(alone))
        }
    }
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
    let (send, file) = with_file(clock, due, &question.content, send);
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
    Ok(Composed { send, file, question: Some(question) })
}

/// The wording for this guest in every language that can be filled in.
fn filled(due: &Due, content: &Content) -> Texts {
    let view = View {
        hotel: &due.hotel,
        reservation: &due.reservation,
        facts: Some(&due.facts),
        as_of: due.touchpoint.due_at,
    };
    let Some((index, _)) = speech::words(content, &view) else { return Texts::new() };
    let filled = |language: Language| {
        let template = speech::template(content, index, language)?;
        Some((language, render(&template, &variables(due, language)).ok()?))
    };
    speech::languages(content, index).filter_map(filled).collect()
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
        media: None,
        quotes: None,
        due_at: now,
        expires_at: after(now, KEPT),
    }
}
