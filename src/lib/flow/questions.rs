//! Questions that wait: what of a guest's turn answers which of them, and what happens to those that nobody answers.

use super::Flow;
use super::planned::{self, Writing};
use crate::domain::asking::{Answered, Given, How, OpenQuestion, Rest, not_quiet};
use crate::domain::ids::{MessageId, ProviderMessageId};
use crate::domain::received::{Body, ReceivedEvent};
use crate::nlu::answers;
use crate::ports::Topic;
use crate::store::chats::Waiting;
use crate::store::questions::reminder_intent;
use crate::store::reminders::DueReminder;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

/// Reminders at once.
const MOST_REMINDED: i64 = 200;

/// Closes questions whose time is over and asks others once more, until stopped.
pub async fn run(flow: Flow, stop: CancellationToken) {
    let mut tick = tokio::time::interval(flow.limits.watch_every);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {}
        }
        if let Err(error) = step(&flow).await {
            super::stumbled("questions", &error, &stop).await;
        }
    }
}

/// One look; returns how many guests are asked once more.
pub async fn step(flow: &Flow) -> crate::store::Result<usize> {
    let now = flow.now();
    let expired = flow.store.expire_questions(now).await?;
    let mut reminded = 0;
    for due in flow.store.due_reminders(now, MOST_REMINDED).await? {
        reminded += usize::from(remind(flow, due, now).await?);
    }
    metrics::counter!("hotelbot_questions_expired_total").increment(expired);
    metrics::counter!("hotelbot_questions_reminded_total").increment(reminded as u64);
    if reminded > 0 {
        flow.bell.ring(Topic::Outbox);
    }
    Ok(reminded)
}

/// In quiet hours, in which a daemon that was down may find itself, it waits for their end.
async fn remind(flow: &Flow, due: DueReminder, now: Timestamp) -> crate::store::Result<bool> {
    let Some(served) = flow.served(&due.hotel) else { return Ok(false) };
    let until = not_quiet(now, due.asking.quiet_hours, &served.hotel);
    if until > now {
        let until = Some(until).filter(|until| *until < due.expires_at);
        return flow.store.postpone_reminder(due, until).await.map(|()| false);
    }
    let mut languages = due.languages.clone();
    languages.extend(served.hotel.languages.iter().copied());
    let Some(shown) = due.asking.show(served.hotel.whatsapp.answers_as, &languages) else {
        return flow.store.postpone_reminder(due, None).await.map(|()| false);
    };
    let at = Writing { flow, served: &served, hotel: &due.hotel, chat: due.chat, now };
    let send = planned::shown(at, &shown, reminder_intent(due.asked));
    flow.store.remind(due.clone(), send, now).await
}

/// The answer in these rows of one turn. Of several the last counts: people correct themselves. What the other rows
/// say is to be read.
pub(super) fn given(questions: &[OpenQuestion], rows: &[Waiting]) -> Option<Given> {
    if questions.is_empty() {
        return None;
    }
    let found: Vec<Option<Given>> = rows.iter().map(|row| in_row(questions, row)).collect();
    let mut given = found.iter().flatten().next_back().cloned()?;
    let others = rows.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(row, _)| row);
    let rest = given.answered.rest.take().into_iter().chain(others.filter_map(said)).reduce(join);
    given.answered.rest = rest;
    Some(given)
}

fn join(first: Rest, second: Rest) -> Rest {
    Rest { text: format!("{}\n{}", first.text, second.text), but: first.but || second.but }
}

/// What a row that is no answer says. A picture may show a complaint: somebody must look at it.
fn said(row: &Waiting) -> Option<Rest> {
    let ReceivedEvent::Guest { body, .. } = &row.received.event else { return None };
    match body {
        Body::Text(text) => (!answers::is_courtesy(text)).then(|| Rest { text: text.clone(), but: false }),
        Body::Sticker
        | Body::Reaction { .. }
        | Body::Edited { .. }
        | Body::Deleted { .. }
        | Body::PollVote { .. }
        | Body::Tap { .. } => None,
        other => Some(Rest { text: other.display(), but: true }),
    }
}

fn in_row(questions: &[OpenQuestion], row: &Waiting) -> Option<Given> {
    let ReceivedEvent::Guest { body, quotes, .. } = &row.received.event else { return None };
    let written_at = row.received.provider_at.map_or(row.received_at, |at| at.min(row.received_at));
    let mut asked = questions.iter().filter(|open| is_open(open, row.received_at, written_at));
    if let Body::PollVote { poll, options } = body {
        let (open, answered) = on(asked, poll.as_ref()?, |open| voted(open, options))?;
        return Some(Given { asked: open.id, answered, message: MessageId(row.id.0) });
    }
    // What was answered by a vote is answered otherwise only by another vote.
    let mut open = asked.by_ref().filter(|open| open.voted.is_none());
    let (open, answered) = match body {
        Body::Text(text) => in_words(open, text, quotes.as_ref())?,
        Body::Reaction { to, emoji } => on(open, to.as_ref()?, |open| answers::reaction(&open.asking.question, emoji))?,
        Body::Tap { on: Some(message), id, label } => {
            on(open, message, |open| answers::tap(&open.asking.question, id, label))?
        }
        Body::Tap { on: None, id, label } => {
            let newest = open.next()?;
            (newest, answers::tap(&newest.asking.question, id, label)?)
        }
        _ => return None,
    };
    Some(Given { asked: open.id, answered, message: MessageId(row.id.0) })
}

/// The channel tells the whole vote each time: the same once more is nothing new, and none at all takes it back.
fn voted(open: &OpenQuestion, options: &[String]) -> Option<Answered> {
    let before = open.voted.as_ref();
    if options.is_empty() {
        return before.map(|_| Answered::withdrawn());
    }
    let now = answers::vote(&open.asking.question, options)?;
    let is_same = before.is_some_and(|before| before.answer == now.answer && before.score == now.score);
    (!is_same).then_some(now)
}

/// Received after it was asked, and written before it closed.
fn is_open(open: &OpenQuestion, received_at: Timestamp, written_at: Timestamp) -> bool {
    open.asked_at <= received_at && written_at < open.expires_at
}

/// The question that a message asks, and what answers it.
fn on<'a>(
    mut open: impl Iterator<Item = &'a OpenQuestion>,
    message: &ProviderMessageId,
    read: impl Fn(&OpenQuestion) -> Option<Answered>,
) -> Option<(&'a OpenQuestion, Answered)> {
    let open = open.find(|open| open.messages.contains(message))?;
    Some((open, read(open)?))
}

/// A quoted question is meant; without a quote the newest one. An older one is meant only by its own label.
fn in_words<'a>(
    mut open: impl Iterator<Item = &'a OpenQuestion>,
    text: &str,
    quotes: Option<&ProviderMessageId>,
) -> Option<(&'a OpenQuestion, Answered)> {
    let read = |open: &OpenQuestion| answers::read(&open.asking.question, text);
    if let Some(quoted) = quotes {
        return on(open, quoted, read);
    }
    let newest = open.next()?;
    if let Some(answered) = read(newest) {
        return Some((newest, answered));
    }
    open.find_map(|older| {
        let answered = read(older).filter(|answered| answered.how == How::Label && answered.rest.is_none())?;
        Some((older, answered))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::asking::Asking;
    use crate::domain::ids::{AskedId, InboxId};
    use crate::domain::language::Language;
    use crate::domain::received::{MediaKind, Received};
    use crate::domain::trigger::{Condition, Content, Kind, Other, Question, Variant};
    use std::time::Duration;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_783_868_400 + seconds).expect("in range")
    }

    /// A scale from 1 to 5, asked at a second in the message `Q<number>`, open for an hour.
    fn open(number: u128, asked: i64) -> OpenQuestion {
        let text = [(Language::EN, "How is it?".to_owned())].into();
        let question = Question {
            id: "score".into(),
            content: Content { variants: vec![Variant { filter: Condition::everybody(), text }], media: None },
            kind: Kind::Scale(1, 5),
            answers: Vec::new(),
            other: Other::Classify,
            expires: Duration::from_secs(3600),
            remind: None,
        };
        OpenQuestion {
            id: AskedId(Uuid::from_u128(number)),
            asking: Asking { question, chain: Default::default(), quiet_hours: None },
            language: Language::EN,
            trigger: None,
            touchpoint: None,
            reservation: None,
            asked_at: at(asked),
            expires_at: at(asked + 3600),
            repeated: false,
            voted: None,
            messages: vec![ProviderMessageId(format!("Q{number}"))],
        }
    }

    /// A row received at a second.
    fn row(second: i64, body: Body, quotes: Option<&str>) -> Waiting {
        let event = ReceivedEvent::Guest { id: "M".into(), body, quotes: quotes.map(ProviderMessageId::from) };
        let received = Received {
            key: String::new(),
            provider_at: Some(at(second)),
            chat: None,
            also_known_as: None,
            sender_name: None,
            own_address: None,
            event,
        };
        Waiting { seq: second, id: InboxId(Uuid::from_u128(99)), received_at: at(second), received }
    }

    fn words(second: i64, text: &str) -> Waiting {
        row(second, Body::Text(text.to_owned()), None)
    }

    fn score(given: Option<Given>) -> Option<(u128, i64)> {
        given.and_then(|given| Some((given.asked.0.as_u128(), given.answered.score?)))
    }

    #[test]
    fn the_newest_question_is_meant_unless_another_is_quoted() {
        let both = [open(2, 10), open(1, 0)];

        assert_eq!(score(given(&both, &[words(20, "4")])), Some((2, 4)));
        assert_eq!(score(given(&both, &[row(20, Body::Text("4".into()), Some("Q1"))])), Some((1, 4)));
        assert_eq!(score(given(&both, &[row(20, Body::Text("4".into()), Some("another"))])), None);
        assert_eq!(score(given(&both, &[words(5, "4")])), Some((1, 4)), "the newer one was not asked yet");
        assert_eq!(score(given(&[], &[words(20, "4")])), None);
    }

    #[test]
    fn what_was_written_in_time_and_came_late_counts_and_what_was_written_late_does_not() {
        let asked = [open(1, 0)];
        let late = Waiting { received_at: at(5000), ..words(3599, "4") };

        assert_eq!(score(given(&asked, &[late])), Some((1, 4)));
        assert_eq!(score(given(&asked, &[words(3600, "4")])), None);
    }

    #[test]
    fn of_a_burst_the_last_answer_counts_and_all_else_is_to_be_read() {
        let asked = [open(1, 0)];
        let rest = |rows: &[Waiting]| given(&asked, rows).and_then(|given| given.answered.rest);

        assert_eq!(score(given(&asked, &[words(20, "4"), words(21, "5")])), Some((1, 5)));
        assert_eq!(rest(&[words(20, "4"), words(21, "Thank you!")]), None);
        let told = rest(&[words(20, "4"), words(21, "The tap drips")]).expect("to be read");
        assert_eq!((told.text.as_str(), told.but), ("The tap drips", false));
        let picture = row(21, Body::Media { kind: MediaKind::Image, caption: None }, None);
        assert!(rest(&[words(20, "4"), picture]).expect("to be looked at").but);
    }

    #[test]
    fn votes_taps_and_reactions_name_their_message() {
        let both = [open(2, 10), open(1, 0)];
        let vote = |poll: &str| Body::PollVote { poll: Some(poll.into()), options: vec!["3".into()] };
        let tap = |on: Option<&str>| Body::Tap { on: on.map(Into::into), id: "3".into(), label: "3".into() };
        let of = |body: Body| score(given(&both, &[row(20, body, None)]));

        assert_eq!((of(vote("Q1")), of(vote("Q2")), of(vote("Q3"))), (Some((1, 3)), Some((2, 3)), None));
        assert_eq!((of(tap(Some("Q1"))), of(tap(None))), (Some((1, 3)), Some((2, 3))));
        assert_eq!(of(Body::Reaction { to: Some("Q1".into()), emoji: "👍".into() }), None);
        assert_eq!(of(Body::Reaction { to: Some("Q1".into()), emoji: "3️⃣".into() }), Some((1, 3)));
    }
}
