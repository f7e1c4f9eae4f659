//! The virtual clock: from one thing that happens to the next.

use super::answers::{Read, put};
use super::guest::{Guest, Heard, Past, Stay};
use super::story::{Event, Happens, Passed, Scene, Sent, Story, become_known};
use crate::domain::ids::{ReservationId, TouchpointId};
use crate::domain::language::Language;
use crate::domain::schedule::judge::{Look, Verdict, judge};
use crate::domain::schedule::order::turn;
use crate::domain::schedule::plan::{Wish, plan};
use crate::domain::schedule::speech;
use crate::domain::stay::{Reservation, ReservationStatus};
use crate::domain::stay_change::{ByHand, Known, Telling, Told, set, tell};
use crate::domain::template::{Variables, render};
use crate::domain::touchpoint::{SkipReason, Touchpoint, TouchpointState};
use crate::domain::trigger::{Says, Trigger, TriggerMode};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Everything a simulation holds while it runs.
pub(super) struct World<'a> {
    pub scene: &'a Scene<'a>,
    pub read: Read<'a>,
    pub stays: Vec<Stay>,
    pub guests: Vec<Guest>,
    pub by_id: HashMap<ReservationId, usize>,
    /// By the person's id and by the phone.
    by_name: HashMap<String, usize>,
    /// The stays whose coming an event tells, and those whose going.
    coming: HashSet<ReservationId>,
    going: HashSet<ReservationId>,
    /// When a stay's guest comes or goes as planned.
    turns: BTreeSet<(Timestamp, usize)>,
    /// When a message is looked at.
    looks: BTreeSet<(Timestamp, usize, TouchpointId)>,
    story: Story,
}

/// Runs the clock from the scene's first instant to its last.
pub fn simulate(scene: &Scene<'_>, read: Read<'_>) -> Story {
    let mut world = World {
        scene,
        read,
        stays: Vec::new(),
        guests: Vec::new(),
        by_id: HashMap::new(),
        by_name: HashMap::new(),
        coming: told(scene, |what| matches!(what, Happens::CheckIn | Happens::NoShow | Happens::Cancelled)),
        going: told(scene, |what| matches!(what, Happens::CheckOut)),
        turns: BTreeSet::new(),
        looks: BTreeSet::new(),
        story: Story::default(),
    };
    world.begin();
    world.run();
    world.end()
}

impl World<'_> {
    /// What is known at the first instant, and what happened before it.
    fn begin(&mut self) {
        for (reservation, past) in &self.scene.stays {
            self.add(reservation.clone(), past.clone());
        }
        let mut events: Vec<&Event> = self.scene.events.iter().filter(|event| event.at < self.scene.from).collect();
        events.sort_by_key(|event| event.at);
        events.into_iter().for_each(|event| {
            self.happens(event);
        });
        (0..self.stays.len()).for_each(|index| self.replan(index, self.scene.from));
    }

    fn add(&mut self, reservation: Reservation, past: Past) -> usize {
        let index = self.stays.len();
        let guest = self.guest_of(&reservation);
        self.guests[guest].stays.push(index);
        let id = reservation.booking.id.clone();
        let mut stay = Stay::new(reservation, past, guest);
        stay.coming_is_told = self.coming.contains(&id);
        stay.going_is_told = self.going.contains(&id);
        self.heard_before(&stay);
        self.stays.push(stay);
        self.by_id.insert(id, index);
        index
    }

    /// One person, as the database knows it, or one phone.
    fn guest_of(&mut self, reservation: &Reservation) -> usize {
        let person = Some(reservation.guest).filter(|guest| !guest.0.is_nil()).map(|guest| guest.to_string());
        let names: Vec<String> =
            person.into_iter().chain(reservation.booking.phone.number().map(str::to_owned)).collect();
        let known = names.iter().find_map(|name| self.by_name.get(name)).copied();
        let guest = known.unwrap_or(self.guests.len());
        if known.is_none() {
            self.guests.push(Guest::default());
        }
        self.by_name.extend(names.into_iter().map(|name| (name, guest)));
        guest
    }

    /// What was sent before the simulation counts for `once`; the limits know it from the facts.
    fn heard_before(&mut self, stay: &Stay) {
        let reservation = &stay.known.reservation.booking.id;
        let heard = stay.past.sent.iter().map(|(trigger, occurrence, at)| Heard {
            trigger: trigger.clone(),
            occurrence: occurrence.clone(),
            reservation: reservation.clone(),
            at: *at,
        });
        self.guests[stay.guest].heard.extend(heard);
    }

    fn run(&mut self) {
        let mut events: Vec<&Event> = self.scene.events.iter().filter(|event| event.at >= self.scene.from).collect();
        events.sort_by_key(|event| event.at);
        let mut events = events.into_iter().peekable();
        let mut now = self.scene.from;
        loop {
            let event = events.peek().map(|event| event.at);
            let turn = self.turns.first().map(|(at, _)| *at);
            let look = self.looks.first().map(|(at, _, _)| (*at).max(now));
            let Some(next) = event.into_iter().chain(turn).chain(look).min().filter(|at| *at <= self.scene.to) else {
                return;
            };
            now = next;
            if event == Some(now) {
                let index = events.next().and_then(|event| self.happens(event));
                index.iter().for_each(|index| self.replan(*index, now));
            } else if turn == Some(now) {
                let index = self.turns.pop_first().map(|(_, index)| index);
                index.iter().for_each(|index| self.replan(*index, now));
            } else {
                let until = event.into_iter().chain(turn).min();
                self.look_at_minute(now, until);
            }
        }
    }

    /// Plans a stay anew, and remembers when its guest comes and goes as planned.
    fn replan(&mut self, index: usize, now: Timestamp) {
        let hotel = self.scene.hotel;
        let stay = &mut self.stays[index];
        let reservation = stay.reservation_at(hotel, now);
        let turns = [reservation.arrives_at(hotel), reservation.departs_at(hotel)];
        let wish = Wish {
            reservation: &reservation,
            hotel,
            set: self.scene.set,
            happenings: &stay.happenings,
            now,
            grace: SignedDuration::ZERO,
        };
        let looks = stay.replan(plan(&wish));
        self.turns.extend(turns.into_iter().filter(|at| *at > now).map(|at| (at, index)));
        self.looks.extend(looks.into_iter().map(|(at, id)| (at, index, id)));
    }

    /// Looks at what is due in this minute, before anything else happens, in the order of priority.
    fn look_at_minute(&mut self, now: Timestamp, until: Option<Timestamp>) {
        let to = self.scene.to;
        let minute = now.as_second().div_euclid(60);
        let is_due = |at: Timestamp| {
            at <= now || (at <= to && at.as_second().div_euclid(60) == minute && until.is_none_or(|until| at < until))
        };
        let mut due = Vec::new();
        while let Some((at, index, id)) = self.looks.first().copied().filter(|(at, _, _)| is_due(*at)) {
            self.looks.remove(&(at, index, id));
            let row = self.stays[index].rows.get(&id);
            due.extend(row.filter(|row| row.state == TouchpointState::Planned && row.look_at == at).cloned());
        }
        let priority = |row: &Touchpoint| self.scene.set.triggers.get(&row.key.trigger).map_or(0, |t| t.priority);
        due.sort_by(|a, b| {
            let key = |row: &Touchpoint| (row.look_at.max(now), priority(row));
            let ((a_at, a_first), (b_at, b_first)) = (key(a), key(b));
            let a = turn(a_at, a_first, &a.key.trigger, &a.key.reservation);
            a.cmp(&turn(b_at, b_first, &b.key.trigger, &b.key.reservation))
        });
        due.iter().for_each(|row| self.look(row, row.look_at.max(now)));
    }

    fn look(&mut self, row: &Touchpoint, now: Timestamp) {
        let (Some(index), Some(trigger)) =
            (self.by_id.get(&row.key.reservation).copied(), self.scene.set.triggers.get(&row.key.trigger))
        else {
            return;
        };
        let reservation = self.stays[index].reservation_at(self.scene.hotel, now);
        let facts = self.facts(&self.stays[index], &row.key.trigger, now);
        let look = Look {
            hotel: self.scene.hotel,
            set: self.scene.set,
            trigger,
            reservation: &reservation,
            occurrence: &row.key.occurrence,
            due_at: row.due_at,
            look_at: row.look_at,
            facts: &facts,
            now,
            grace: SignedDuration::ZERO,
        };
        match judge(&look) {
            Verdict::Skip(reason) => self.stays[index].skip(row.id, reason),
            Verdict::Wait { until, .. } => {
                self.stays[index].rows.entry(row.id).and_modify(|row| row.look_at = until);
                self.looks.insert((until, index, row.id));
            }
            Verdict::Send { language, variant } => match words(&look, language, variant) {
                Some(text) => self.send(index, row, trigger, Words { language, text }, now),
                None => self.stays[index].skip(row.id, SkipReason::Language),
            },
        }
    }

    fn send(&mut self, index: usize, row: &Touchpoint, trigger: &Trigger, words: Words, now: Timestamp) {
        let reservation = row.key.reservation.clone();
        self.stays[index].rows.entry(row.id).and_modify(|row| row.state = TouchpointState::Sent);
        let guest = &mut self.guests[self.stays[index].guest];
        guest.heard.push(Heard {
            trigger: row.key.trigger.clone(),
            occurrence: row.key.occurrence.clone(),
            reservation: reservation.clone(),
            at: now,
        });
        if trigger.mode != TriggerMode::Shadow {
            guest.openings.push(now);
            if let Says::Ask(question) = &trigger.says {
                guest.questions.push(put(question, now));
            }
        }
        let answers = labels(trigger, words.language);
        let Words { language, text } = words;
        let trigger_id = row.key.trigger.clone();
        self.story.sends.push(Sent {
            reservation,
            trigger: trigger_id,
            at: now,
            language,
            text,
            answers,
            media: trigger.says.content().media.as_ref().map(|media| media.source.clone()),
            mode: trigger.mode,
        });
    }

    /// Lets an event happen; the stay it happened to, if there is one.
    fn happens(&mut self, event: &Event) -> Option<usize> {
        if let Happens::Created(told) = &event.what {
            let known = self.by_id.get(&event.reservation).copied();
            return Some(match known {
                Some(index) => self.told_again(index, told, event.at),
                None => self.add(become_known(self.scene.hotel, told, event.at), Past::default()),
            });
        }
        let index = *self.by_id.get(&event.reservation)?;
        match &event.what {
            Happens::OptOut => self.guests[self.stays[index].guest].opted_out = true,
            Happens::Answer { trigger, text } => self.answer(index, trigger, text, event.at),
            what => {
                let stay = &mut self.stays[index];
                stay.known = set(&stay.known, &by_hand(what), event.at);
            }
        }
        Some(index)
    }

    /// A stay that is known is told anew: what differs from what is believed is changed, be it a cancellation that an
    /// event told before.
    fn told_again(&mut self, index: usize, told: &Told, at: Timestamp) -> usize {
        let stay = &mut self.stays[index];
        let telling = Telling { hotel: self.scene.hotel, by: "csv", at, first: false };
        let believed = Known { told: None, ..stay.known.clone() };
        if let Some(known) = tell(Some(&believed), told, stay.known.reservation.guest, &telling) {
            stay.known = known;
        }
        index
    }

    /// Everything in the order of time, then of names.
    fn end(self) -> Story {
        let mut story = self.story;
        let (from, to) = (self.scene.from, self.scene.to);
        for row in self.stays.iter().flat_map(|stay| stay.rows.values()) {
            if let (TouchpointState::Skipped, Some(reason)) = (row.state, row.reason)
                && row.due_at <= to
            {
                let (reservation, trigger) = (row.key.reservation.clone(), row.key.trigger.clone());
                let mode = self.scene.set.triggers.get(&trigger).map_or(TriggerMode::Live, |trigger| trigger.mode);
                story.skips.push(Passed { reservation, trigger, at: row.due_at, mode, reason });
            }
        }
        debug_assert!(story.sends.iter().all(|sent| from <= sent.at && sent.at <= to));
        story.sends.sort_by(|a, b| (a.at, &a.reservation, &a.trigger).cmp(&(b.at, &b.reservation, &b.trigger)));
        story.skips.sort_by(|a, b| (a.at, &a.reservation, &a.trigger).cmp(&(b.at, &b.reservation, &b.trigger)));
        story
    }
}

fn told(scene: &Scene<'_>, what: fn(&Happens) -> bool) -> HashSet<ReservationId> {
    scene.events.iter().filter(|event| what(&event.what)).map(|event| event.reservation.clone()).collect()
}

struct Words {
    language: Language,
    text: String,
}

fn by_hand(what: &Happens) -> ByHand {
    let status = |status| ByHand { status: Some(status), ..ByHand::default() };
    match what {
        Happens::CheckIn => status(ReservationStatus::CheckedIn),
        Happens::CheckOut => status(ReservationStatus::CheckedOut),
        Happens::Cancelled => status(ReservationStatus::Cancelled),
        Happens::NoShow => status(ReservationStatus::NoShow),
        Happens::Dates { arrival, departure } => {
            ByHand { arrival: *arrival, departure: *departure, ..ByHand::default() }
        }
        Happens::Room { room, room_type } => {
            ByHand { room: room.clone(), room_type: room_type.clone(), ..ByHand::default() }
        }
        Happens::OptOut | Happens::Created(_) | Happens::Answer { .. } => ByHand::default(),
    }
}

/// The text of the wording; `None` if a value it prints is not known of this guest.
fn words(look: &Look<'_>, language: Language, variant: usize) -> Option<String> {
    let content = look.trigger.says.content();
    let variables = Variables::of(look.hotel, look.reservation, language);
    let template = speech::template(content, variant, language)?;
    if template.is_empty() {
        return Some(String::new());
    }
    render(&template, &variables).ok()
}

/// The answers as the guest sees them.
fn labels(trigger: &Trigger, language: Language) -> Vec<String> {
    let Says::Ask(question) = &trigger.says else { return Vec::new() };
    let label = |texts: &BTreeMap<Language, String>| texts.get(&language).or_else(|| texts.values().next()).cloned();
    question.answers.iter().filter_map(|answer| label(&answer.label)).collect()
}
