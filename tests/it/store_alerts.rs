//! Alerts: raised with the label or not at all, one for each chat and topic, taken and ended once.

use crate::support::build::{self, commit};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::alert::{Act, AlertState, Cause, StayPhase, Step, Through};
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::{AlertId, HotelId};
use hotelbot::domain::staff_command::DeskAct;
use hotelbot::domain::trigger::Severity;
use hotelbot::domain::understanding::{Sentiment, Topic};
use hotelbot::ports::Clock;
use hotelbot::store::alerts::{AlertEffects, AlertFilter, AlertView, NewCause, Stepped, look_again, take_due};
use hotelbot::store::turns::{Committed, StaffSend, TurnCommit, TurnRecord};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

const ANNA: &str = "79001112233@c.us";
const BORIS: &str = "79004445566@c.us";

on_both_engines!(
    an_unhappy_turn_raises_an_alert_and_further_ones_make_it_grow,
    a_turn_that_is_not_written_raises_nothing,
    turns_of_one_batch_and_of_two_daemons_are_counted_within_their_hotel,
    a_thousand_angry_turns_are_one_alert_that_was_news_three_times,
    somebody_takes_it_and_somebody_ends_it_once,
    of_two_orders_in_one_commit_the_second_is_decided_anew,
    a_matter_that_comes_again_is_an_alert_of_its_own,
    a_person_who_answers_takes_what_is_open,
    what_a_person_has_answered_already_is_an_alert_of_theirs,
    an_alert_is_found_by_its_number_and_by_its_id,
    the_ladder_looks_at_what_is_due_and_says_when_it_looks_again,
);

fn cause(topic: Topic, words: &str) -> Cause {
    Cause {
        topic,
        severity: None,
        label: Sentiment::Negative,
        confidence: Some(0.75),
        reason: None,
        department: None,
        words: words.to_owned(),
        language: None,
        suggested_reply: None,
    }
}

fn act(world: &World, by: &str) -> Act {
    Act { at: world.clock.now(), by: by.to_owned(), through: Through::Command }
}

/// A guest writes; the turn about it gives this cause.
async fn turn(world: &World, hotel: &HotelId, chat: &str, cause: Cause) -> TurnCommit {
    let message = world.clock.new_id().to_string();
    world.guest(hotel, chat, &message, &cause.words).await;
    let gathered = world.gather_one().await;
    world.clock.turn(SignedDuration::from_millis(1));
    let mut turn = commit(&world.clock, world.me, &gathered);
    turn.record = TurnRecord { rule: "answer".into(), sentiment: Some(cause.label), ..TurnRecord::default() };
    turn.conversation.waiting_since = Some(world.clock.now());
    let of: Hotel = build::hotel(hotel.as_str());
    let new = NewCause { id: AlertId(world.clock.new_id()), cause, hotel: Arc::new(of) };
    turn.alerts = AlertEffects { causes: vec![new], answered: None };
    turn
}

async fn complain(world: &World, hotel: &HotelId, chat: &str, topic: Topic, words: &str) {
    let turn = turn(world, hotel, chat, cause(topic, words)).await;
    assert_eq!(world.store.commit_turns(vec![turn]).await.expect("committed"), [Committed::Done]);
}

async fn listed(world: &World, all: bool) -> Vec<AlertView> {
    let filter = AlertFilter { all, limit: 100, ..AlertFilter::default() };
    world.store.alerts(&filter).await.expect("listed")
}

async fn one(world: &World) -> AlertView {
    let mut all = listed(world, true).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

async fn step(world: &World, view: &AlertView, step: Step, by: &str) -> Stepped {
    let (hotel, id) = (view.alert.hotel.clone(), view.alert.id);
    world.store.step_alert(hotel, id, step, act(world, by)).await.expect("stepped").expect("there is such an alert")
}

async fn an_unhappy_turn_raises_an_alert_and_further_ones_make_it_grow(world: World) {
    let astoria = world.hotel("astoria").await;
    complain(&world, &astoria, ANNA, Topic::Temperature, "the room is cold").await;
    let first = one(&world).await;

    complain(&world, &astoria, ANNA, Topic::Temperature, "still cold").await;
    complain(&world, &astoria, ANNA, Topic::Other, "hello??").await;

    assert_eq!((first.address.as_str(), first.alert.number, first.alert.evidence), (ANNA, 1, 1));
    assert_eq!((first.alert.severity, first.alert.whereabouts.phase), (Severity::Medium, StayPhase::Unknown));
    assert_eq!(first.alert.next_at, Some(first.alert.raised_at), "the ladder looks at it at once");
    let grown = one(&world).await.alert;
    assert_eq!((grown.id, grown.evidence, grown.words.as_str()), (first.alert.id, 3, "the room is cold"));
    assert_eq!(grown.severity, Severity::High, "the third time");
    let evidence = world.store.alert_evidence(&astoria, grown.id, 100).await.expect("read");
    let words: Vec<&str> = evidence.iter().map(|one| one.words.as_str()).collect();
    assert_eq!(words, ["the room is cold", "still cold", "hello??"]);
    complain(&world, &astoria, ANNA, Topic::Noise, "and it is loud").await;
    let topics: Vec<Topic> = listed(&world, false).await.iter().map(|view| view.alert.topic).collect();
    assert_eq!(topics, [Topic::Temperature, Topic::Noise], "the gravest first");
    assert_eq!(world.store.alert_totals().await.expect("counted"), (2, 0, 0));
}

async fn a_turn_that_is_not_written_raises_nothing(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut late = turn(&world, &astoria, ANNA, cause(Topic::Room, "cold")).await;
    late.claim.epoch -= 1;
    let mut across = late.clone();
    across.claim.hotel = build::id("seaview");

    let outcome = world.store.commit_turns(vec![late, across]).await.expect("nothing is written");

    assert_eq!(outcome, [Committed::Fenced, Committed::Fenced]);
    assert_eq!(listed(&world, true).await, []);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE sentiment IS NOT NULL").await, 0);
}

async fn turns_of_one_batch_and_of_two_daemons_are_counted_within_their_hotel(world: World) {
    let hotels = [world.hotel("astoria").await, world.hotel("seaview").await];
    let mut batches = Vec::new();
    for batch in 0..8 {
        let mut turns = Vec::new();
        for guest in 0..6 {
            let chat = format!("7900{batch}{guest}@c.us");
            turns.push(turn(&world, &hotels[guest % 2], &chat, cause(Topic::Room, "cold")).await);
        }
        batches.push((world.db.open().await, turns));
    }

    let commits =
        batches.into_iter().map(|(store, turns)| tokio::spawn(async move { store.commit_turns(turns).await }));
    for commit in commits.collect::<Vec<_>>() {
        let outcomes = commit.await.expect("no panic").expect("committed");
        assert!(outcomes.iter().all(|outcome| *outcome == Committed::Done));
    }

    for hotel in &hotels {
        let mut numbers: Vec<i64> = listed(&world, true)
            .await
            .iter()
            .filter(|view| view.alert.hotel == *hotel)
            .map(|view| view.alert.number)
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=24).collect::<Vec<i64>>(), "{hotel}");
    }
    assert_eq!(world.store.alert_totals().await.expect("counted"), (48, 0, 0));
}

async fn a_thousand_angry_turns_are_one_alert_that_was_news_three_times(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut news = 0;

    for _ in 0..1_000 {
        complain(&world, &astoria, ANNA, Topic::Room, "urgent!!!").await;
        let now = world.clock.now();
        let id = one(&world).await.alert.id;
        let due = world
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let due = take_due(tx, now, 10).await?;
                    for alert in &due {
                        look_again(tx, &alert.hotel, alert.id, None).await?;
                    }
                    Ok(due)
                })
            })
            .await
            .expect("taken");
        assert!(due.iter().all(|alert| alert.id == id));
        news += due.len();
    }

    let alert = one(&world).await.alert;
    assert_eq!((alert.evidence, alert.severity, news), (1_000, Severity::Critical, 3));
    assert_eq!(world.number("SELECT COUNT(*) FROM alert_evidence").await, 1_000, "nothing is dropped");
}

async fn somebody_takes_it_and_somebody_ends_it_once(world: World) {
    let astoria = world.hotel("astoria").await;
    complain(&world, &astoria, ANNA, Topic::Room, "cold").await;
    let view = one(&world).await;
    world.clock.turn(SignedDuration::from_mins(5));

    let taken = step(&world, &view, Step::Acknowledge, "anna").await;
    let again = step(&world, &view, Step::Acknowledge, "boris").await;
    let waits = world.number("SELECT COUNT(*) FROM chats WHERE waiting_since IS NOT NULL").await;
    let ended = step(&world, &view, Step::Resolve, "boris").await;
    let late = step(&world, &view, Step::Acknowledge, "vera").await;
    let nowhere = AlertId(world.clock.new_id());
    let none = world.store.step_alert(astoria, nowhere, Step::Resolve, act(&world, "anna")).await.expect("looked");

    assert_eq!((taken.news, again.news, ended.news, late.news, none), (true, false, true, false, None));
    let alert = one(&world).await.alert;
    assert_eq!(alert, late.alert);
    assert_eq!((alert.state, alert.next_at), (AlertState::Resolved, None));
    assert_eq!(alert.acknowledged.map(|act| act.by).as_deref(), Some("anna"));
    assert_eq!(alert.resolved.map(|act| act.by).as_deref(), Some("boris"));
    assert_eq!(waits, 1, "taken is not answered");
    assert_eq!(world.number("SELECT COUNT(*) FROM chats WHERE waiting_since IS NOT NULL").await, 0);
    assert_eq!(world.store.alert_totals().await.expect("counted"), (1, 1, 1));
    assert_eq!(listed(&world, false).await, []);
}

async fn of_two_orders_in_one_commit_the_second_is_decided_anew(world: World) {
    let astoria = world.hotel("astoria").await;
    complain(&world, &astoria, ANNA, Topic::Room, "cold").await;
    let alert = one(&world).await.alert;
    let mut orders = Vec::new();
    for (chat, by) in [("79210000001@c.us", "anna"), ("79210000002@c.us", "boris")] {
        let mut order = turn(&world, &astoria, chat, cause(Topic::Room, "ok 1")).await;
        order.alerts = AlertEffects::default();
        order.record.sentiment = None;
        order.desk = Some(DeskAct {
            alert: alert.id,
            chat: alert.chat,
            seen: AlertState::Open,
            step: Some(Step::Acknowledge),
            mode: None,
            by: by.to_owned(),
        });
        orders.push(order);
    }

    let outcomes = world.store.commit_turns(orders).await.expect("committed");

    assert_eq!(outcomes, [Committed::Done, Committed::Interrupted], "only one may be told that it is theirs");
    assert_eq!(one(&world).await.alert.acknowledged.map(|act| act.by).as_deref(), Some("anna"));
}

async fn a_matter_that_comes_again_is_an_alert_of_its_own(world: World) {
    let astoria = world.hotel("astoria").await;
    complain(&world, &astoria, ANNA, Topic::Room, "cold").await;
    complain(&world, &astoria, ANNA, Topic::Noise, "loud").await;
    let view = listed(&world, false).await.remove(0);
    step(&world, &view, Step::Resolve, "anna").await;
    assert_eq!(world.number("SELECT COUNT(*) FROM chats WHERE waiting_since IS NOT NULL").await, 1, "another waits");

    complain(&world, &astoria, ANNA, view.alert.topic, "again").await;

    let numbers: Vec<(i64, AlertState)> =
        listed(&world, true).await.iter().map(|view| (view.alert.number, view.alert.state)).collect();
    assert_eq!(numbers, [(2, AlertState::Open), (3, AlertState::Open), (1, AlertState::Resolved)]);
}

async fn a_person_who_answers_takes_what_is_open(world: World) {
    let astoria = world.hotel("astoria").await;
    complain(&world, &astoria, ANNA, Topic::Room, "cold").await;
    complain(&world, &astoria, BORIS, Topic::Room, "cold").await;
    let by_phone = Act { through: Through::Message, ..act(&world, "the hotel's phone") };
    world.staff(&astoria, ANNA, "S1", "I am coming").await;
    let gathered = world.gather_one().await;
    let mut turn = commit(&world.clock, world.me, &gathered);
    turn.alerts.answered = Some(by_phone);
    world.store.commit_turns(vec![turn]).await.expect("committed");
    let boris = world.store.find_chats(BORIS, &[]).await.expect("found").remove(0).1;
    let staff = StaffSend {
        hotel: astoria,
        chat: boris.id,
        address: boris.address,
        send: build::reply(&world.clock, "staff:1", "I am coming too"),
        leads: boris.mode,
        by: "vera".to_owned(),
        at: world.clock.now(),
    };

    world.store.plan_staff_send(staff.clone()).await.expect("planned");
    world.store.plan_staff_send(staff).await.expect("planned before");

    let mut by: Vec<String> = listed(&world, false)
        .await
        .into_iter()
        .map(|view| {
            view.alert.acknowledged.map_or_else(|| "nobody".to_owned(), |act| format!("{} {}", act.by, act.through))
        })
        .collect();
    by.sort();
    assert_eq!(by, ["the hotel's phone message", "vera message"]);
    assert_eq!(world.store.alert_totals().await.expect("counted"), (2, 2, 0));
}

async fn what_a_person_has_answered_already_is_an_alert_of_theirs(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut both = turn(&world, &astoria, ANNA, cause(Topic::Room, "cold")).await;
    both.alerts.answered = Some(act(&world, "the hotel's phone"));

    world.store.commit_turns(vec![both]).await.expect("committed");

    let alert = one(&world).await.alert;
    assert_eq!((alert.state, alert.evidence), (AlertState::Acknowledged, 1));
    assert_eq!(world.store.alert_totals().await.expect("counted"), (1, 1, 0));
}

async fn an_alert_is_found_by_its_number_and_by_its_id(world: World) {
    let (astoria, seaview) = (world.hotel("astoria").await, world.hotel("seaview").await);
    complain(&world, &astoria, ANNA, Topic::Room, "cold").await;
    complain(&world, &seaview, BORIS, Topic::Room, "cold").await;
    let find = async |word: &str, hotels: &[HotelId]| world.store.find_alerts(word, hotels).await.expect("found");

    let both = find("1", &[]).await;

    assert_eq!(both.iter().map(|view| view.alert.hotel.as_str()).collect::<Vec<_>>(), ["astoria", "seaview"]);
    assert_eq!(find("1", std::slice::from_ref(&seaview)).await, both[1..]);
    assert_eq!(find(&both[0].alert.id.to_string().to_uppercase(), &[]).await, both[..1]);
    assert_eq!(find(&both[0].alert.id.to_string(), &[seaview]).await, [], "ids of another hotel lead nowhere");
    for nothing in ["2", "-1", "x", ""] {
        assert_eq!(find(nothing, &[]).await, [], "{nothing}");
    }
    let of_chat = world.store.alerts_of_chat(&astoria, both[0].alert.chat, 10).await.expect("read");
    assert_eq!(of_chat, both[..1]);
    let open = world.store.open_alerts().await.expect("counted");
    assert_eq!(open[&astoria].count, 1);
    assert_eq!(open[&astoria].untaken_since, Some(both[0].alert.raised_at));
    let by_severity = world.store.open_alerts_by_severity().await.expect("counted");
    assert_eq!(by_severity, [(Severity::Low, 0), (Severity::Medium, 2), (Severity::High, 0), (Severity::Critical, 0)]);
}

async fn the_ladder_looks_at_what_is_due_and_says_when_it_looks_again(world: World) {
    let astoria = world.hotel("astoria").await;
    assert_eq!(world.store.next_alert_at().await.expect("read"), None);
    complain(&world, &astoria, ANNA, Topic::Room, "cold").await;
    let view = one(&world).await;
    let now = world.clock.now();
    let later = now + SignedDuration::from_mins(10);
    let look = |now: Timestamp, next: Option<Timestamp>| {
        let store = world.store.clone();
        async move {
            let looked = store.write(move |tx| {
                Box::pin(async move {
                    let due = take_due(tx, now, 10).await?;
                    for alert in &due {
                        look_again(tx, &alert.hotel, alert.id, next).await?;
                    }
                    Ok(due.len())
                })
            });
            looked.await.expect("looked")
        }
    };

    assert_eq!(world.store.next_alert_at().await.expect("read"), Some(view.alert.raised_at));
    assert_eq!(look(now, Some(later)).await, 1);
    assert_eq!(world.store.next_alert_at().await.expect("read"), Some(later));
    assert_eq!(look(now, Some(later)).await, 0, "not yet");
    assert_eq!(step(&world, &view, Step::Escalate, "ladder").await.alert.standing(), "escalated(1)");
    assert_eq!(look(later, None).await, 1);
    assert_eq!(world.store.next_alert_at().await.expect("read"), None);
}
