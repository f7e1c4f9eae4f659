//! Things with defaults, of which a test spells out only what matters.

use super::clock::ManualClock;
use hotelbot::domain::alert::Cause;
use hotelbot::domain::hotel::{
    AiPolicy, AnswersAs, ConversationPolicy, Hotel, PrivacyPolicy, Receive, SecretReference, SlaPolicy, Staff, WhatsApp,
};
use hotelbot::domain::ids::{
    AlertId, ChatAddress, HotelId, InboxId, InstanceId, MessageId, OutboxId, ProviderMessageId, TurnId,
};
use hotelbot::domain::language::Language;
use hotelbot::domain::message::{Author, Delivery, Origin};
use hotelbot::domain::number_health::NewContacts;
use hotelbot::domain::received::{Body, InstanceState, Received, ReceivedEvent};
use hotelbot::domain::understanding::{Sentiment, Topic};
use hotelbot::ports::Clock;
use hotelbot::store::alerts::{AlertEffects, NewCause};
use hotelbot::store::chats::Gathered;
use hotelbot::store::inbox::Arrival;
use hotelbot::store::questions::QuestionEffects;
use hotelbot::store::turns::{IfInterrupted, PlannedSend, TurnCommit, TurnRecord};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// An id of a hotel.
pub fn id(text: &str) -> HotelId {
    HotelId::parse(text).expect("a hotel id of a test")
}

/// A hotel with nothing special about it. Its instance is made from its id, so that two hotels never share one.
pub fn hotel(hotel: &str) -> Hotel {
    let instance = hotel.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 900_000_000);
    Hotel {
        id: id(hotel),
        name: hotel.to_owned(),
        timezone: "Europe/Moscow".to_owned(),
        languages: vec![Language::parse("ru").expect("a language"), Language::EN],
        country: Some("RU".to_owned()),
        check_in_time: jiff::civil::time(14, 0, 0, 0),
        check_out_time: jiff::civil::time(12, 0, 0, 0),
        voice: None,
        whatsapp: WhatsApp {
            instance: InstanceId((1_101_000_000 + instance).to_string()),
            token: SecretReference::Stored,
            webhook_token: Some(SecretReference::Stored),
            api_url: None,
            receive: Receive::Webhook,
            answers_as: AnswersAs::List,
            send_interval: Duration::from_millis(500),
            new_contacts: NewContacts::default(),
        },
        ai: AiPolicy { enabled: true, daily_budget_usd: None },
        assume_check_in: false,
        conversation: ConversationPolicy {
            coalesce: Duration::from_secs(4),
            handoff_after_staff_reply: Duration::from_secs(1800),
            reply_within: Duration::from_secs(900),
        },
        quiet_hours: None,
        sla: SlaPolicy { first_response: Duration::from_secs(600), resolution: Duration::from_secs(14_400) },
        staff: Staff::default(),
        links: std::collections::BTreeMap::new(),
        knowledge: Vec::new(),
        texts: std::collections::BTreeMap::new(),
        pms: None,
        privacy: PrivacyPolicy {
            keep_messages: Duration::from_secs(365 * 86_400),
            keep_raw_events: Duration::from_secs(30 * 86_400),
            mask_before_ai: true,
        },
        prompt: None,
    }
}

/// Anything that came in. Answered at once (no quiet time) unless the test says otherwise.
pub fn arrival(clock: &ManualClock, hotel: &HotelId, key: &str, chat: Option<&str>, event: ReceivedEvent) -> Arrival {
    Arrival {
        hotel: hotel.clone(),
        id: clock.new_id(),
        new_guest: clock.new_id(),
        new_chat: clock.new_id(),
        received: Received {
            key: key.to_owned(),
            provider_at: None,
            chat: chat.map(ChatAddress::from),
            also_known_as: None,
            sender_name: None,
            own_address: None,
            event,
        },
        raw: "{}".to_owned(),
        at: clock.now(),
        coalesce: Duration::ZERO,
        opt_out: false,
        from_journal: false,
    }
}

/// A guest's words under the channel's id `message`.
pub fn guest(clock: &ManualClock, hotel: &HotelId, chat: &str, message: &str, text: &str) -> Arrival {
    let event =
        ReceivedEvent::Guest { id: ProviderMessageId::from(message), body: Body::Text(text.to_owned()), quotes: None };
    arrival(clock, hotel, &format!("message:{message}"), Some(chat), event)
}

/// Words of a person of the hotel, typed on the phone.
pub fn staff(clock: &ManualClock, hotel: &HotelId, chat: &str, message: &str, text: &str) -> Arrival {
    let event =
        ReceivedEvent::Staff { id: ProviderMessageId::from(message), body: Body::Text(text.to_owned()), quotes: None };
    arrival(clock, hotel, &format!("message:{message}"), Some(chat), event)
}

/// A report on how far a message of ours got.
pub fn status(clock: &ManualClock, hotel: &HotelId, message: &str, delivery: Delivery) -> Arrival {
    let event = ReceivedEvent::Status {
        id: ProviderMessageId::from(message),
        delivery: Some(delivery),
        detail: format!("{delivery} by the vendor"),
    };
    arrival(clock, hotel, &format!("status:{message}:{delivery}"), None, event)
}

/// The channel's report of a message that we sent.
pub fn echo(
    clock: &ManualClock,
    hotel: &HotelId,
    chat: &str,
    message: &str,
    (text, quotes): (&str, Option<&str>),
) -> Arrival {
    let event = ReceivedEvent::Echo {
        id: ProviderMessageId::from(message),
        text: text.to_owned(),
        quotes: quotes.map(ProviderMessageId::from),
    };
    arrival(clock, hotel, &format!("echo:{message}"), Some(chat), event)
}

/// A report on the state of the instance.
pub fn instance(clock: &ManualClock, hotel: &HotelId, key: &str, state: InstanceState) -> Arrival {
    arrival(clock, hotel, key, None, ReceivedEvent::Instance { state })
}

/// A decided turn over everything that was gathered, which says nothing.
pub fn commit(clock: &ManualClock, by: Uuid, gathered: &Gathered) -> TurnCommit {
    TurnCommit {
        claim: gathered.claim.clone(),
        by,
        at: clock.now(),
        turn: TurnId(clock.new_id()),
        covers: gathered.waiting.iter().map(|waiting| waiting.id).collect(),
        last_seq: gathered.waiting.last().map_or(0, |waiting| waiting.seq),
        conversation: gathered.conversation.clone(),
        guest_changed: true,
        record: TurnRecord { rule: "answer".to_owned(), ..TurnRecord::default() },
        sends: Vec::new(),
        cancel_planned: false,
        questions: QuestionEffects::default(),
        alerts: AlertEffects::default(),
        desk: None,
        if_interrupted: IfInterrupted::Commit,
    }
}

/// A guest is unhappy about the room, in these words.
pub fn cause(clock: &ManualClock, hotel: &Hotel, words: &str) -> NewCause {
    let cause = Cause {
        topic: Topic::Room,
        severity: None,
        label: Sentiment::Negative,
        confidence: Some(0.96),
        reason: None,
        department: None,
        words: words.to_owned(),
        language: None,
        suggested_reply: None,
    };
    NewCause { id: AlertId(clock.new_id()), cause, hotel: Arc::new(hotel.clone()) }
}

/// A reply to be planned, due at once, useful for a quarter of an hour.
pub fn reply(clock: &ManualClock, intent: &str, text: &str) -> PlannedSend {
    PlannedSend {
        id: OutboxId(clock.new_id()),
        message: MessageId(clock.new_id()),
        intent: intent.to_owned(),
        author: Author::Bot,
        origin: Origin::Reply,
        text: text.to_owned(),
        quotes: None,
        choices: None,
        media: None,
        due_at: clock.now(),
        expires_at: clock.now() + SignedDuration::from_mins(15),
    }
}

/// The row of an arrival.
pub fn row(arrival: &Arrival) -> InboxId {
    InboxId(arrival.id)
}

/// Long before every test, where an instant must be given and does not matter.
pub fn long_ago() -> Timestamp {
    Timestamp::UNIX_EPOCH
}
