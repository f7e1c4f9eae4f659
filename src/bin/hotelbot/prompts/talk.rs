//! A conversation that is only in memory, decided by the same rules and the same reader as a real one.

use hotelbot::domain::conversation::{Consent, Conversation, Mode};
use hotelbot::domain::decide::{Action, Decision, Event, Situation, Verdict, decide};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{ChatAddress, ChatId, GuestId, MessageId, ProviderMessageId};
use hotelbot::domain::message::{Author, Direction, Message, Origin};
use hotelbot::domain::received::Body;
use hotelbot::domain::rules;
use hotelbot::domain::turn::{Turn, TurnMessage, Understood};
use hotelbot::domain::understanding::{Reading, WhyNot, merge};
use hotelbot::gateways::deepseek::DeepSeek;
use hotelbot::nlu::{self, reader};
use hotelbot::ports::{AiUsage, Analysis, Analyst, Clock, Question, Said};
use std::sync::Arc;

/// Messages of the past that the model sees.
const HISTORY: usize = 10;

/// A conversation with one guest who does not exist.
#[derive(Clone)]
pub struct Talk {
    /// Whose facts and voice.
    pub hotel: Arc<Hotel>,
    /// As it is now.
    pub conversation: Conversation,
    /// What was said, oldest first.
    pub recent: Vec<Message>,
}

/// What the bot did about one message.
pub struct Answer {
    /// The rule, its grounds, and what would be sent.
    pub decision: Decision,
    /// What plain code reads in it.
    pub reading: Reading,
    /// What the model made of it, if it was asked.
    pub analysis: Option<Analysis>,
}

impl Answer {
    /// The words that would go to the guest.
    pub fn replies(&self) -> Vec<&str> {
        self.decision
            .actions
            .iter()
            .filter_map(|action| match action {
                Action::Send(draft) => Some(draft.text.as_str()),
                _ => None,
            })
            .collect()
    }
}

impl Talk {
    /// With a stranger.
    pub fn new(hotel: Arc<Hotel>, clock: &dyn Clock) -> Self {
        let conversation = Conversation {
            id: ChatId(clock.new_id()),
            guest: GuestId(clock.new_id()),
            address: ChatAddress::from("guest@terminal"),
            name: None,
            language: None,
            mode: Mode::Bot,
            consent: Consent::Unknown,
            waiting_since: None,
        };
        Self { hotel, conversation, recent: Vec::new() }
    }

    /// What the bot answers to a guest's words, which then belong to the conversation.
    pub async fn hear(&mut self, text: &str, analyst: &DeepSeek, clock: &dyn Clock) -> Answer {
        let turn = self.turn(text, clock);
        let reading = reader::read(text);
        let mut event = Event::GuestWrote { turn: turn.clone(), understood: Understood::NotAsked };
        let mut analysis = None;
        let decision = loop {
            match decide(&self.situation(clock), &event) {
                Verdict::Decided(decision) => break *decision,
                Verdict::AskModel => {
                    let asked = self.ask(&turn, analyst, clock).await;
                    let understood = match &asked.outcome {
                        Ok(understanding) => Understood::As(merge(Some(&reading), understanding)),
                        Err(why) => Understood::Not(*why),
                    };
                    event = Event::GuestWrote { turn: turn.clone(), understood };
                    analysis = Some(asked);
                }
            }
        };
        let answer = Answer { decision, reading, analysis };
        self.remember(text, &answer, clock);
        answer
    }

    fn turn(&self, text: &str, clock: &dyn Clock) -> Turn {
        let signals = nlu::signals(text, &self.hotel.languages, self.conversation.language);
        let id = ProviderMessageId(clock.new_id().to_string());
        let message = TurnMessage { id, body: Body::Text(text.to_owned()), written_at: clock.now() };
        Turn { messages: vec![message], signals }
    }

    fn situation(&self, clock: &dyn Clock) -> Situation<'_> {
        Situation {
            hotel: &self.hotel,
            conversation: &self.conversation,
            recent: &self.recent,
            questions: &[],
            given: None,
            desk: None,
            now: clock.now(),
        }
    }

    async fn ask(&self, turn: &Turn, analyst: &DeepSeek, clock: &dyn Clock) -> Analysis {
        if !self.hotel.ai.enabled {
            return Analysis { outcome: Err(WhyNot::Disabled), usage: AiUsage::default(), detail: None };
        }
        let skip = self.recent.len().saturating_sub(HISTORY);
        let said = |message: &Message| Said { author: message.author, text: message.text.clone() };
        let first_name = |name: &String| name.split_whitespace().next().map(str::to_owned);
        let question = Question {
            hotel: self.hotel.clone(),
            first_name: self.conversation.name.as_ref().and_then(first_name),
            language: rules::language_for(&self.situation(clock), turn),
            history: self.recent[skip..].iter().map(said).collect(),
            turn: turn.words(),
            now: clock.now(),
        };
        analyst.understand(&question).await
    }

    fn remember(&mut self, text: &str, answer: &Answer, clock: &dyn Clock) {
        self.recent.push(self.message(Author::Guest, text, clock));
        for reply in answer.replies() {
            let message = self.message(Author::Bot, reply, clock);
            self.recent.push(message);
        }
        self.conversation = answer.decision.conversation.clone();
    }

    fn message(&self, author: Author, text: &str, clock: &dyn Clock) -> Message {
        let guest = author == Author::Guest;
        Message {
            id: MessageId(clock.new_id()),
            chat: self.conversation.id,
            provider_id: None,
            direction: if guest { Direction::Inbound } else { Direction::Outbound },
            author,
            origin: if guest { Origin::Guest } else { Origin::Reply },
            text: text.to_owned(),
            at: clock.now(),
            delivery: None,
            language: None,
            sentiment: None,
        }
    }
}
