//! The ladder from a question to an understanding: ask in JSON mode; what cannot be read is asked once more without it;
//! a reply in the wrong script once more with the language spelled out; a service that stumbles is asked up to twice
//! again. All of it within the deadline of [`super::DeepSeek::understand`], which may drop this at any await.

use super::answer::{Content, read, understanding};
use super::breaker::{Cause, State};
use super::hygiene::{MOST_CHARACTERS, cut, plain, wrong_script};
use super::prompt::{Outbound, Prepared, Repair};
use super::wire::{Choice, Completion, Failed, Failure, exchange};
use super::{DeepSeek, now};
use crate::domain::understanding::{AttentionReason, Sentiment, Understanding, WhyNot};
use crate::ports::{AiUsage, Question};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use std::time::Duration;
use tokio::time::Instant;

/// The understanding with a remark for support, or why there is none.
type Outcome = Result<(Understanding, Option<String>), (WhyNot, String)>;

/// Why an answer must be asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Blank,
    Invalid(&'static str),
    Language,
}

/// What to make of a completion.
enum Verdict {
    Use(Understanding, Option<String>),
    Again(Flaw),
    Filtered,
}

/// One question on its way.
struct Asking<'a> {
    question: &'a Question,
    outbound: Outbound,
    prepared: &'a Prepared,
    /// No retry begins that would end after this.
    deadline: Instant,
    retries: usize,
}

impl DeepSeek {
    pub(super) async fn read(&self, question: &Question, usage: &mut AiUsage) -> Outcome {
        if !question.hotel.ai.enabled {
            return Err((WhyNot::Disabled, "the hotel switched the model off".to_owned()));
        }
        if self.config.key.is_none() {
            return Err((WhyNot::NoKey, "there is no key for DeepSeek".to_owned()));
        }
        let mark = mark().ok_or_else(|| (WhyNot::Unavailable, "the system gave no random numbers".to_owned()))?;
        let prepared = self.preparations.of(&question.hotel);
        let deadline = Instant::now() + self.config.deadline;
        let outbound = Outbound::new(question, &mark);
        self.ladder(Asking { question, outbound, prepared: &prepared, deadline, retries: 0 }, usage).await
    }

    async fn ladder(&self, mut asking: Asking<'_>, usage: &mut AiUsage) -> Outcome {
        let mut repair = Repair::default();
        loop {
            let completion = self.complete(&mut asking, repair, usage).await?;
            let flaw = match asking.judge(completion) {
                Verdict::Use(understanding, detail) => return Ok((understanding, detail)),
                Verdict::Filtered => return Err((WhyNot::Filtered, "the service refused the content".to_owned())),
                Verdict::Again(flaw) => flaw,
            };
            match flaw {
                Flaw::Language if !repair.language => repair.language = true,
                Flaw::Blank | Flaw::Invalid(_) if !repair.format => repair.format = true,
                Flaw::Blank => return Err((WhyNot::Blank, "only blank answers came".to_owned())),
                Flaw::Invalid(how) => return Err((WhyNot::Invalid, how.to_owned())),
                Flaw::Language => return Err((WhyNot::Invalid, "the reply is in the wrong script".to_owned())),
            }
        }
    }

    /// One completion, with retries while the service stumbles.
    async fn complete(
        &self,
        asking: &mut Asking<'_>,
        repair: Repair,
        usage: &mut AiUsage,
    ) -> Result<Choice, (WhyNot, String)> {
        let max_tokens = if repair.format { self.config.max_tokens * 2 } else { self.config.max_tokens };
        loop {
            let body = asking.outbound.body(asking.prepared, repair, max_tokens);
            let failed = match self.attempt(body, asking.question, usage).await {
                Ok(choice) => return Ok(choice),
                Err(failed) => failed,
            };
            let again = matches!(failed.failure, Failure::Later | Failure::Crowded);
            let wait = self.config.waits.get(asking.retries).filter(|_| again);
            let wait = wait.map(|wait| jittered(*wait).max(failed.retry_after.unwrap_or_default()));
            match wait.filter(|wait| Instant::now() + *wait < asking.deadline) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err((WhyNot::Unavailable, failed.detail)),
            }
            asking.retries += 1;
        }
    }

    /// One HTTP call: a slot, the breaker's leave, the exchange, and what it means for both.
    async fn attempt(&self, body: String, question: &Question, usage: &mut AiUsage) -> Result<Choice, Failed> {
        self.not_shut()?;
        let _slot = self.limit.acquire().await;
        let mut probe = Probe::admitted(self)?;
        let request = self.request(Method::POST, "/chat/completions").expect("the key was there a moment ago");
        usage.calls += 1;
        let answer = exchange::<Completion>(request.header(CONTENT_TYPE, "application/json").body(body)).await;
        let choice = answer.and_then(|completion| self.settle(completion, question, usage));
        probe.told = true;
        match &choice {
            Ok(_) => {
                self.breaker().answered();
                self.limit.answered();
            }
            Err(failed) => self.note(failed, probe.began),
        }
        choice
    }

    /// While the breaker is open nobody queues for a slot.
    fn not_shut(&self) -> Result<(), Failed> {
        let breaker = self.breaker();
        match breaker.cause().filter(|_| breaker.state(now()) == State::Open) {
            Some(cause) => Err(shut(cause)),
            None => Ok(()),
        }
    }

    /// Records what a completion cost. One that the service gave up on is a failure like 503.
    fn settle(&self, completion: Completion, question: &Question, usage: &mut AiUsage) -> Result<Choice, Failed> {
        let tokens = completion.usage.unwrap_or_default().tokens();
        let model = completion.model.as_deref().unwrap_or(&self.config.model);
        usage.hit_tokens += tokens.hit;
        usage.miss_tokens += tokens.miss;
        usage.output_tokens += tokens.output;
        usage.cost_micro_usd += self.config.prices.cost(model, question.now, tokens);
        model.clone_into(&mut usage.model);
        let failed = |detail: &str| Failed { failure: Failure::Later, retry_after: None, detail: detail.to_owned() };
        let choice = completion.choices.into_iter().next().ok_or_else(|| failed("the answer has no choices"))?;
        match choice.finish_reason.as_deref() {
            Some("insufficient_system_resource") => Err(failed("the service ran out of resources")),
            _ => Ok(choice),
        }
    }

    fn note(&self, failed: &Failed, began: std::time::Instant) {
        let mut breaker = self.breaker();
        match failed.failure {
            Failure::Later => breaker.failed(began, now()),
            Failure::Key => breaker.refused(Cause::Key, now()),
            Failure::Balance => breaker.refused(Cause::Balance, now()),
            Failure::Crowded => {
                breaker.answered();
                self.limit.lower(now());
            }
            Failure::Never => breaker.answered(),
        }
        let state = breaker.state(now()).as_str();
        drop(breaker);
        tracing::warn!(detail = %failed.detail, breaker = state, "a call to DeepSeek failed");
    }
}

impl Asking<'_> {
    fn judge(&self, choice: Choice) -> Verdict {
        match choice.finish_reason.as_deref() {
            Some("content_filter") => return Verdict::Filtered,
            Some("length") => return Verdict::Again(Flaw::Invalid("the answer was cut off")),
            _ => {}
        }
        let object = match read(choice.message.content.as_deref().unwrap_or_default()) {
            Content::Object(object) => object,
            Content::Blank => return Verdict::Again(Flaw::Blank),
            Content::Invalid => {
                return Verdict::Again(Flaw::Invalid("the answer is not the object that was asked for"));
            }
        };
        match understanding(&object, |fact| self.prepared.has_fact(fact)) {
            Some(understood) if !object.contains_key("reply") && !understood.handoff => {
                Verdict::Again(Flaw::Invalid("the answer has no reply"))
            }
            Some(understood) => self.clean(understood),
            None => Verdict::Again(Flaw::Invalid("the reply is not a text")),
        }
    }

    /// Checks the reply; what must not be sent is not sent, and a person answers.
    fn clean(&self, mut understood: Understanding) -> Verdict {
        let reply = understood.reply.take().map(|reply| plain(&reply)).filter(|reply| !reply.is_empty());
        let Some(reply) = reply else {
            return if understood.handoff { Verdict::Use(understood, None) } else { Verdict::Again(Flaw::Blank) };
        };
        if wrong_script(&reply, self.question.language) {
            return Verdict::Again(Flaw::Language);
        }
        if let Some(foreign) = self.prepared.known.foreign(&reply, &self.outbound.turn) {
            understood.handoff = true;
            understood.sentiment = Sentiment::RequiresAttention;
            understood.attention.get_or_insert(AttentionReason::Other);
            return Verdict::Use(understood, Some(foreign.to_owned()));
        }
        understood.reply = Some(cut(&reply, MOST_CHARACTERS));
        Verdict::Use(understood, None)
    }
}

/// A call the breaker let through. If it is dropped untold, the deadline ended it: the service did not answer.
struct Probe<'a> {
    client: &'a DeepSeek,
    began: std::time::Instant,
    told: bool,
}

impl<'a> Probe<'a> {
    fn admitted(client: &'a DeepSeek) -> Result<Self, Failed> {
        let began = now();
        let admitted = client.breaker().admit(began);
        admitted.map(|()| Self { client, began, told: false }).map_err(shut)
    }
}

fn shut(cause: Cause) -> Failed {
    Failed { failure: Failure::Never, retry_after: None, detail: format!("not asked: {}", cause.as_str()) }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if !self.told {
            self.client.breaker().failed(self.began, now());
        }
    }
}

/// Sixteen hexadecimal digits nobody can guess.
fn mark() -> Option<String> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).ok()?;
    Some(format!("{:016x}", u64::from_be_bytes(bytes)))
}

/// Give or take a tenth, so that those who failed together do not come back together.
fn jittered(wait: Duration) -> Duration {
    let draw = getrandom::u32().unwrap_or(u32::MAX / 2);
    wait.mul_f64(0.9 + 0.2 * f64::from(draw) / f64::from(u32::MAX))
}
