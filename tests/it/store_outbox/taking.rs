//! Who may go now: once, in order, at the pace of its hotel, after a look at fresh data.

use super::{ANNA, BORIS, ids, planned, take_paced, waiting};
use crate::support::build::{self, commit};
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::conversation::{Consent, HandoffReason, Mode};
use hotelbot::domain::ids::{HotelId, OutboxId};
use hotelbot::domain::received::InstanceState;
use hotelbot::ports::Clock;
use hotelbot::store::outbox::{Became, Candidate, EXPIRED, TakeForSending, Verdict};
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;

on_both_engines!(
    sending_is_durable_before_the_call,
    a_message_is_taken_once_by_two_stores_at_once,
    messages_of_a_chat_leave_one_by_one_and_in_order,
    a_message_is_not_taken_before_it_is_due,
    a_paced_hotel_sends_one_in_each_gap,
    two_stores_keep_the_pace_of_a_hotel_together,
    nothing_leaves_a_hotel_that_must_be_silent,
    a_line_must_have_been_seen_authorized_lately,
    the_judge_sees_fresh_data_and_its_word_counts,
    the_judge_knows_who_leads_and_who_asked_for_silence,
    what_expired_leaves_the_guest_waiting_for_a_person,
    the_next_send_is_known,
);

async fn sending_is_durable_before_the_call(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    let mut elsewhere = world.db.raw().await;

    let taken = world.take_all().await;

    assert_eq!(ids(&taken), [id]);
    assert_eq!(taken[0].outgoing.text, "an answer 1");
    assert_eq!(taken[0].outgoing.to.as_str(), ANNA);
    assert_eq!((taken[0].attempts, taken[0].intent.as_str()), (0, "reply:1"));
    let me = world.me;
    let row = format!("SELECT COUNT(*) FROM outbox WHERE state = 'sending' AND sending_by = '{me}' AND sending_at > 0");
    assert_eq!(elsewhere.number(&row).await, 1);
    assert!(world.take_all().await.is_empty());
}

async fn a_message_is_taken_once_by_two_stores_at_once(world: World) {
    let astoria = world.hotel("astoria").await;
    for n in 0..40 {
        planned(&world, &astoria, &format!("7900{n:07}@c.us"), &n.to_string()).await;
    }
    let stores = [world.store.clone(), world.db.open().await];

    let mut takers = tokio::task::JoinSet::new();
    for n in 0..6 {
        let (store, by) = (stores[n % 2].clone(), world.clock.new_id());
        let take = TakeForSending { by, limit: 3, ..world.take() };
        takers.spawn(async move {
            let mut taken = Vec::new();
            loop {
                let some = store.take_for_sending(take.clone()).await;
                let some = some.expect("taken");
                if some.is_empty() {
                    return taken;
                }
                taken.extend(some);
            }
        });
    }
    let mut taken: Vec<OutboxId> = takers.join_all().await.into_iter().flatten().map(|one| one.id).collect();
    taken.extend(ids(&world.take_all().await));

    let total = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!((total, taken.len()), (40, 40));
}

async fn messages_of_a_chat_leave_one_by_one_and_in_order(world: World) {
    let astoria = world.hotel("astoria").await;
    let first = planned(&world, &astoria, ANNA, "1").await;
    let second = planned(&world, &astoria, ANNA, "2").await;
    let other = planned(&world, &astoria, BORIS, "3").await;

    assert_eq!(ids(&world.take_all().await), [first, other]);
    assert!(world.take_all().await.is_empty(), "one of the chat is on its way");
    let later = world.clock.now() + SignedDuration::from_secs(10);
    world.outcome(&astoria, first, Became::PlannedAgain { due_at: later, why: "busy".to_owned() }).await;
    assert!(world.take_all().await.is_empty(), "the second does not overtake the first");
    world.clock.turn(SignedDuration::from_secs(10));
    assert_eq!(ids(&world.take_all().await), [first]);
    world.accepted(&astoria, first, "OUT1").await;
    assert_eq!(ids(&world.take_all().await), [second]);
}

async fn a_message_is_not_taken_before_it_is_due(world: World) {
    let astoria = world.hotel("astoria").await;
    let mut reply = build::reply(&world.clock, "reply:1", "later");
    reply.due_at = world.clock.now() + SignedDuration::from_secs(5);
    let id = reply.id;
    world.answered(&astoria, ANNA, "M1", vec![reply]).await;

    assert!(world.take_all().await.is_empty());
    world.clock.turn(SignedDuration::from_secs(5));
    assert_eq!(ids(&world.take_all().await), [id]);
}

async fn a_paced_hotel_sends_one_in_each_gap(world: World) {
    let astoria = world.hotel("astoria").await;
    let seaview = world.hotel("seaview").await;
    let first = planned(&world, &astoria, ANNA, "1").await;
    let second = planned(&world, &astoria, BORIS, "2").await;
    let elsewhere = planned(&world, &seaview, ANNA, "3").await;
    let gap = Duration::from_millis(500);

    let mut taken = take_paced(&world, gap).await;
    taken.sort();
    assert_eq!(taken, [first, elsewhere]);
    world.clock.turn(SignedDuration::from_millis(499));
    assert!(take_paced(&world, gap).await.is_empty());
    world.clock.turn(SignedDuration::from_millis(1));
    assert_eq!(take_paced(&world, gap).await, [second]);
}

async fn two_stores_keep_the_pace_of_a_hotel_together(world: World) {
    let hotels = [world.hotel("astoria").await, world.hotel("seaview").await];
    for hotel in &hotels {
        for n in 0..20 {
            planned(&world, hotel, &format!("7900{n:07}@c.us"), &n.to_string()).await;
        }
    }
    let stores = [world.store.clone(), world.db.open().await];

    for round in 0..20 {
        let takes = (0..4).map(|n| {
            let gap = Arc::new(|_: &HotelId| Duration::from_millis(500));
            let take = TakeForSending { by: world.clock.new_id(), gap, ..world.take() };
            let store = &stores[n % 2];
            async move { store.take_for_sending(take).await }
        });
        let taken: Vec<HotelId> = futures_util::future::join_all(takes)
            .await
            .into_iter()
            .flat_map(|some| some.expect("taken"))
            .map(|one| one.hotel)
            .collect();

        for hotel in &hotels {
            let sends = taken.iter().filter(|one| *one == hotel).count();
            assert!(sends <= 1, "round {round}: {sends} sends of {hotel} within one gap");
        }
        world.clock.turn(SignedDuration::from_millis(500));
    }
    // At most one of each hotel in each gap, and nothing was held up for long either.
    let gone = world.number("SELECT COUNT(*) FROM outbox WHERE state = 'sending'").await;
    assert!((20..=40).contains(&gone), "{gone} of 40 left in 20 gaps");
}

async fn nothing_leaves_a_hotel_that_must_be_silent(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    let now = world.clock.now();

    assert!(world.store.pause(astoria.clone(), Some("renovation".to_owned()), now).await.expect("paused"));
    assert!(world.take_all().await.is_empty(), "paused");
    assert!(world.store.resume(astoria.clone()).await.expect("resumed"));

    let busy = TakeForSending { busy: vec![astoria.clone()], ..world.take() };
    let taken = world.store.take_for_sending(busy).await.expect("taken");
    assert!(taken.is_empty(), "busy");

    for state in
        [InstanceState::NotAuthorized, InstanceState::Blocked, InstanceState::Starting, InstanceState::Suspended]
    {
        world.store.line_state(astoria.clone(), state.clone(), now).await.expect("kept");
        assert!(world.take_all().await.is_empty(), "{state:?}");
    }
    world.store.line_state(astoria.clone(), InstanceState::Authorized, now).await.expect("kept");

    world.store.line_stopped(astoria.clone(), "the token is wrong".to_owned()).await.expect("stopped");
    assert!(world.take_all().await.is_empty(), "stopped");
    world.store.line_state(astoria.clone(), InstanceState::Authorized, now).await.expect("kept");
    assert_eq!(ids(&world.take_all().await), [id]);
}

async fn a_line_must_have_been_seen_authorized_lately(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;

    world.clock.turn(SignedDuration::from_secs(61));
    assert!(world.take_all().await.is_empty());
    world.store.line_state(astoria, InstanceState::Authorized, world.clock.now()).await.expect("kept");
    assert_eq!(ids(&world.take_all().await), [id]);
}

async fn the_judge_sees_fresh_data_and_its_word_counts(world: World) {
    let astoria = world.hotel("astoria").await;
    let cancelled = planned(&world, &astoria, ANNA, "cancel").await;
    let waits = planned(&world, &astoria, BORIS, "wait").await;
    let goes = planned(&world, &astoria, "79007778899@c.us", "go").await;

    let judge = Arc::new(|candidate: &Candidate| match candidate.intent.as_str() {
        "reply:cancel" => Verdict::Cancel("not wanted"),
        "reply:wait" => Verdict::Wait,
        _ => Verdict::Send,
    });
    let taken = world.store.take_for_sending(TakeForSending { judge, ..world.take() }).await.expect("taken");

    assert_eq!(ids(&taken), [goes]);
    assert_eq!(world.state(cancelled).await, "cancelled");
    assert_eq!(world.state(waits).await, "planned");
    let note = world.db.raw().await.texts("SELECT note FROM outbox WHERE state = 'cancelled'").await;
    assert_eq!(note, ["not wanted"]);
}

/// What the judge is shown about the only planned message.
async fn shown(world: &World) -> (bool, bool, bool) {
    let (tell, told) = std::sync::mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let judge = Arc::new(move |candidate: &Candidate| {
        let seen = (candidate.opted_out, candidate.urgent_waiting, candidate.staff_leads);
        tell.lock().expect("not poisoned").send(seen).expect("somebody listens");
        Verdict::Wait
    });
    world.store.take_for_sending(TakeForSending { judge, ..world.take() }).await.expect("taken");
    told.recv().expect("one candidate")
}

async fn the_judge_knows_who_leads_and_who_asked_for_silence(world: World) {
    let astoria = world.hotel("astoria").await;
    planned(&world, &astoria, ANNA, "1").await;
    assert_eq!(shown(&world).await, (false, false, false));

    world.staff(&astoria, ANNA, "S1", "I am here").await;
    assert_eq!(shown(&world).await, (false, true, false));

    let gathered = world.gather_one().await;
    let mut turn = commit(&world.clock, world.me, &gathered);
    let until = Some(world.clock.now() + SignedDuration::from_secs(30));
    turn.conversation.mode = Mode::Handoff { since: world.clock.now(), until, why: HandoffReason::StaffWrote };
    turn.conversation.consent = Consent::OptedOut { at: world.clock.now() };
    world.store.commit_turns(vec![turn]).await.expect("committed");
    assert_eq!(shown(&world).await, (true, false, true));

    world.clock.turn(SignedDuration::from_secs(30));
    assert_eq!(shown(&world).await, (true, false, false), "the time of the person is over");

    let mut stop = build::guest(&world.clock, &astoria, ANNA, "M2", "STOP");
    stop.opt_out = true;
    world.receive(vec![stop]).await;
    assert_eq!(shown(&world).await, (true, true, false));
}

async fn what_expired_leaves_the_guest_waiting_for_a_person(world: World) {
    let astoria = world.hotel("astoria").await;
    let id = planned(&world, &astoria, ANNA, "1").await;
    let judge = Arc::new(|_: &Candidate| Verdict::Cancel(EXPIRED));

    world.store.take_for_sending(TakeForSending { judge, ..world.take() }).await.expect("taken");

    assert_eq!(world.state(id).await, "cancelled");
    assert_eq!(waiting(&world).await, 1);
}

async fn the_next_send_is_known(world: World) {
    let astoria = world.hotel("astoria").await;
    let seen_since = world.clock.now() - SignedDuration::from_secs(60);
    let next = async || world.store.next_send_at(seen_since).await.expect("asked");
    assert_eq!(next().await, None);
    let mut reply = build::reply(&world.clock, "reply:1", "later");
    let due_at = world.clock.now() + SignedDuration::from_secs(5);
    reply.due_at = due_at;
    world.answered(&astoria, ANNA, "M1", vec![reply]).await;
    assert_eq!(next().await, Some(due_at));

    planned(&world, &astoria, BORIS, "2").await;
    let gap = Duration::from_secs(60);
    assert_eq!(take_paced(&world, gap).await.len(), 1);

    assert_eq!(next().await, Some(world.clock.now() + SignedDuration::from_secs(60)));
    world.store.pause(astoria, None, world.clock.now()).await.expect("paused");
    assert_eq!(next().await, None);
}
