//! Builders for the tests of the rules: a world with defaults, of which a test spells out only what matters.

use crate::domain::asking::{Given, OpenQuestion};
use crate::domain::conversation::{Consent, Conversation, Mode};
use crate::domain::decide::{Decision, Event, Situation, Verdict, decide};
use crate::domain::hotel::{
    AiPolicy, AnswersAs, ConversationPolicy, Hotel, PrivacyPolicy, Receive, SecretReference, SlaPolicy, Staff, WhatsApp,
};
use crate::domain::ids::{ChatAddress, ChatId, GuestId, HotelId, InstanceId, MessageId};
use crate::domain::language::Language;
use crate::domain::message::{Author, Direction, Message, Origin};
use crate::domain::number_health::NewContacts;
use crate::domain::received::Body;
use crate::domain::staff_command::Desk;
use crate::domain::turn::{Signals, Turn, TurnMessage, Understood};
use crate::domain::understanding::{Sentiment, Understanding, WhyNot};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use uuid::Uuid;

/// 2026-07-12T15:00:00Z.
pub(crate) const NOW_SECONDS: i64 = 1_783_868_400;

/// What a rule sees.
pub(crate) struct World {
    pub(crate) hotel: Hotel,
    pub(crate) conversation: Conversation,
    pub(crate) recent: Vec<Message>,
    pub(crate) questions: Vec<OpenQuestion>,
    pub(crate) given: Option<Given>,
    pub(crate) desk: Option<Desk>,
    pub(crate) now: Timestamp,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = Timestamp::from_second(NOW_SECONDS).expect("in range");
        let conversation = Conversation {
            id: ChatId(Uuid::from_u128(1)),
            guest: GuestId(Uuid::from_u128(2)),
            address: ChatAddress::from("79001234567@c.us"),
            name: None,
            language: None,
            mode: Mode::Bot,
            consent: Consent::Unknown,
            waiting_since: None,
        };
        Self { hotel: hotel(), conversation, recent: Vec::new(), questions: Vec::new(), given: None, desk: None, now }
    }

    pub(crate) fn situation(&self) -> Situation<'_> {
        Situation {
            hotel: &self.hotel,
            conversation: &self.conversation,
            recent: &self.recent,
            questions: &self.questions,
            given: self.given.as_ref(),
            desk: self.desk.as_ref(),
            now: self.now,
        }
    }

    pub(crate) fn guest_said(&mut self, text: &str) {
        self.said(Author::Guest, text);
    }

    pub(crate) fn bot_said(&mut self, text: &str) {
        self.said(Author::Bot, text);
    }

    fn said(&mut self, author: Author, text: &str) {
        let inbound = author == Author::Guest;
        self.recent.push(Message {
            id: MessageId(Uuid::from_u128(self.recent.len() as u128 + 10)),
            chat: self.conversation.id,
            provider_id: None,
            direction: if inbound { Direction::Inbound } else { Direction::Outbound },
            author,
            origin: if inbound { Origin::Guest } else { Origin::Reply },
            text: text.to_owned(),
            at: self.now - SignedDuration::from_secs(30),
            delivery: None,
            language: None,
            sentiment: None,
        });
    }
}

/// A hotel with nothing special about it.
pub(crate) fn hotel() -> Hotel {
    Hotel {
        id: HotelId::parse("astoria").expect("valid"),
        name: "Astoria".into(),
        timezone: "Europe/Moscow".into(),
        languages: vec![Language::EN],
        country: Some("RU".into()),
        check_in_time: jiff::civil::time(14, 0, 0, 0),
        check_out_time: jiff::civil::time(12, 0, 0, 0),
        voice: None,
        whatsapp: WhatsApp {
            instance: InstanceId::from("1101000001"),
            token: SecretReference::Env("ASTORIA_TOKEN".into()),
            webhook_token: None,
            api_url: None,
            receive: Receive::Poll,
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
        links: Default::default(),
        knowledge: Vec::new(),
        texts: Default::default(),
        pms: None,
        privacy: PrivacyPolicy {
            keep_messages: Duration::from_secs(365 * 86_400),
            keep_raw_events: Duration::from_secs(30 * 86_400),
            mask_before_ai: true,
        },
        prompt: None,
    }
}

/// A guest wrote these words, and the model is down: rules before the model are told apart by their names.
pub(crate) fn wrote(text: &str, edit: impl FnOnce(&mut Signals)) -> Event {
    let mut signals = Signals::default();
    edit(&mut signals);
    event(Body::Text(text.to_owned()), signals, Understood::Not(WhyNot::Unavailable))
}

/// A guest sent this content.
pub(crate) fn sent(body: Body) -> Event {
    event(body, Signals::default(), Understood::Not(WhyNot::Unavailable))
}

/// A guest wrote these words and the model read them so.
pub(crate) fn understood_as(text: &str, understanding: Understanding) -> Event {
    event(Body::Text(text.to_owned()), Signals::default(), Understood::As(understanding))
}

/// A neutral reading with this reply.
pub(crate) fn reading(reply: &str) -> Understanding {
    Understanding {
        sentiment: Sentiment::Neutral,
        attention: None,
        confidence: None,
        topics: Vec::new(),
        language: None,
        reply: Some(reply.to_owned()),
        facts: Vec::new(),
        handoff: false,
    }
}

fn event(body: Body, signals: Signals, understood: Understood) -> Event {
    let written_at = Timestamp::from_second(NOW_SECONDS).expect("in range");
    let message = TurnMessage { id: "M1".into(), body, written_at };
    Event::GuestWrote { turn: Turn { messages: vec![message], signals }, understood }
}

/// The decision; panics if the model would be asked.
pub(crate) fn decided(world: &World, event: &Event) -> Decision {
    match decide(&world.situation(), event) {
        Verdict::Decided(decision) => *decision,
        Verdict::AskModel => panic!("the model was asked"),
    }
}
