//! When to stop asking a service that does not answer. A pure state machine: instants are passed in.

use std::time::{Duration, Instant};

/// When the breaker opens and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// So many failed calls in a row open it,
    pub failures: u32,
    /// if they have failed for at least this long. The two retries of a question take two seconds: a hiccup shorter
    /// than that is theirs to survive, and must not send every guest of the moment to a person.
    pub hiccup: Duration,
    /// How long it stays open after failures.
    pub pause: Duration,
    /// How long it stays open after a refused key or an empty balance: a person must act, which takes longer.
    pub refused_pause: Duration,
    /// A probe that has not come back after this is lost, and the next call is the probe.
    pub probe_lost_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            failures: 5,
            hiccup: Duration::from_secs(3),
            pause: Duration::from_secs(15),
            refused_pause: Duration::from_secs(60),
            probe_lost_after: Duration::from_secs(60),
        }
    }
}

/// What the breaker lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Every call.
    Closed,
    /// No call.
    Open,
    /// One call, whose end decides.
    HalfOpen,
}

impl State {
    /// The word for metrics and screens.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Closed => "closed",
            State::Open => "open",
            State::HalfOpen => "half_open",
        }
    }
}

/// Why the breaker opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Too many failures in a row.
    Failures,
    /// The key was refused (401).
    Key,
    /// The balance is empty (402).
    Balance,
}

impl Cause {
    /// The words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Failures => "the service fails",
            Cause::Key => "the key is refused",
            Cause::Balance => "the balance is empty",
        }
    }
}

/// One account's breaker.
#[derive(Debug)]
pub struct Breaker {
    limits: Limits,
    failures: u32,
    failing_since: Option<Instant>,
    open: Option<Opened>,
}

#[derive(Clone, Copy, Debug)]
struct Opened {
    cause: Cause,
    until: Instant,
    probe_since: Option<Instant>,
}

impl Breaker {
    /// Closed.
    pub fn new(limits: Limits) -> Self {
        Self { limits, failures: 0, failing_since: None, open: None }
    }

    /// Whether a call may be made now; what became of it must be told. After the pause the first caller is the probe.
    pub fn admit(&mut self, now: Instant) -> Result<(), Cause> {
        let lost_after = self.limits.probe_lost_after;
        let Some(opened) = &mut self.open else { return Ok(()) };
        let probing = opened.probe_since.is_some_and(|since| now < since + lost_after);
        if now < opened.until || probing {
            return Err(opened.cause);
        }
        opened.probe_since = Some(now);
        Ok(())
    }

    /// The service answered, with whatever but a failure of its own.
    pub fn answered(&mut self) {
        self.failures = 0;
        self.failing_since = None;
        self.open = None;
    }

    /// The service failed or did not answer a call that began at `began`.
    pub fn failed(&mut self, began: Instant, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        let since = self.failing_since.map_or(began, |since| since.min(began));
        self.failing_since = Some(since);
        let lasting = now.saturating_duration_since(since) >= self.limits.hiccup;
        match self.open {
            // A late failure of a call that began before the breaker opened changes nothing.
            Some(opened) if opened.probe_since.is_none() => {}
            Some(opened) => self.open(opened.cause, now),
            None if lasting && self.failures >= self.limits.failures => self.open(Cause::Failures, now),
            None => {}
        }
    }

    /// The service refuses us: every further call would be refused too.
    pub fn refused(&mut self, cause: Cause, now: Instant) {
        self.open(cause, now);
    }

    fn open(&mut self, cause: Cause, now: Instant) {
        let pause = if cause == Cause::Failures { self.limits.pause } else { self.limits.refused_pause };
        self.open = Some(Opened { cause, until: now + pause, probe_since: None });
    }

    /// What it lets through now.
    pub fn state(&self, now: Instant) -> State {
        match &self.open {
            None => State::Closed,
            Some(opened) if now < opened.until => State::Open,
            Some(_) => State::HalfOpen,
        }
    }

    /// Why it is not closed.
    pub fn cause(&self) -> Option<Cause> {
        self.open.map(|opened| opened.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn opened() -> (Breaker, Instant) {
        let (mut breaker, now) = (Breaker::new(Limits::default()), Instant::now());
        (0..5).for_each(|_| breaker.failed(now, now + 3 * SECOND));
        (breaker, now + 3 * SECOND)
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_an_answer_between_starts_anew() {
        let (mut breaker, now) = (Breaker::new(Limits::default()), Instant::now());
        let later = now + 3 * SECOND;
        (0..4).for_each(|_| breaker.failed(now, later));
        breaker.answered();
        (0..4).for_each(|_| breaker.failed(now, later));
        assert_eq!(breaker.admit(later), Ok(()));

        breaker.failed(now, later);

        assert_eq!(breaker.admit(later), Err(Cause::Failures));
        assert_eq!(breaker.state(later), State::Open);
    }

    #[test]
    fn a_hiccup_shorter_than_the_retries_does_not_open_it_however_many_it_hits() {
        let (mut breaker, now) = (Breaker::new(Limits::default()), Instant::now());
        (0..100).for_each(|_| breaker.failed(now, now + 2 * SECOND));
        assert_eq!(breaker.admit(now + 2 * SECOND), Ok(()));

        breaker.failed(now + 2 * SECOND, now + 3 * SECOND);

        assert_eq!(breaker.admit(now + 3 * SECOND), Err(Cause::Failures));
    }

    #[test]
    fn questions_that_wait_out_their_deadline_were_failing_all_the_while() {
        let (mut breaker, now) = (Breaker::new(Limits::default()), Instant::now());

        (0..5).for_each(|_| breaker.failed(now, now + 25 * SECOND));

        assert_eq!(breaker.state(now + 25 * SECOND), State::Open);
    }

    #[test]
    fn a_refused_key_or_an_empty_balance_opens_it_at_once_and_for_longer() {
        for cause in [Cause::Key, Cause::Balance] {
            let (mut breaker, now) = (Breaker::new(Limits::default()), Instant::now());

            breaker.refused(cause, now);

            assert_eq!(breaker.admit(now + 59 * SECOND), Err(cause));
            assert_eq!(breaker.admit(now + 60 * SECOND), Ok(()));
        }
    }

    #[test]
    fn after_the_pause_one_probe_decides() {
        let (mut breaker, start) = opened();
        let later = start + 15 * SECOND;
        assert_eq!(breaker.state(later), State::HalfOpen);
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Err(Cause::Failures), "only one");

        breaker.failed(later, later);
        assert_eq!(breaker.admit(later + 14 * SECOND), Err(Cause::Failures));

        let again = later + 15 * SECOND;
        assert_eq!(breaker.admit(again), Ok(()));
        breaker.answered();
        assert_eq!((breaker.state(again), breaker.cause()), (State::Closed, None));
    }

    #[test]
    fn a_lost_probe_does_not_keep_it_shut_for_ever() {
        let (mut breaker, start) = opened();
        let later = start + 15 * SECOND;
        assert_eq!(breaker.admit(later), Ok(()));

        assert_eq!(breaker.admit(later + 60 * SECOND), Ok(()));
    }

    #[test]
    fn a_late_failure_does_not_prolong_the_pause() {
        let (mut breaker, start) = opened();

        breaker.failed(start, start + 10 * SECOND);

        assert_eq!(breaker.admit(start + 15 * SECOND), Ok(()));
    }
}
