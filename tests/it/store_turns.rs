//! Decided turns: all of one or nothing of it, each intent once, and nothing forgotten that came while deciding.

use crate::support::build::{self, commit, guest};
use crate::support::db::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;
use hotelbot::domain::conversation::{Consent, HandoffReason, Mode};
use hotelbot::domain::ids::{ChatId, HotelId, MessageId, ProviderMessageId};
use hotelbot::domain::language::Language;
use hotelbot::domain::message::{Author, Origin};
use hotelbot::domain::understanding::Sentiment;
use hotelbot::ports::Clock;
use hotelbot::store::turns::{Committed, IfInterrupted, StaffSend, TurnRecord, Usage};
use jiff::SignedDuration;

const ANNA: &str = "79001112233@c.us";
const BORIS: &str = "79004445566@c.us";

on_both_engines!(
    a_commit_is_durable_whole,
    a_batch_commits_each_turn_by_itself,
    a_turn_that_cannot_be_written_leaves_nothing_of_the_batch,
    an_intent_plans_one_message_ever,
    more_that_came_while_deciding_is_the_next_turn,
    a_turn_can_be_decided_anew_when_more_came,
    a_turn_is_decided_anew_for_staff_and_opt_outs_alone,
    a_commit_can_take_back_what_was_planned,
    consent_and_language_belong_to_the_guest,
    usage_is_summed_for_the_budget,
    a_persons_message_is_planned_and_the_bot_silenced_together_or_not_at_all,
    a_persons_message_is_planned_once,
    a_message_during_the_commit_is_never_forgotten,
);

async fn count(world: &World, table: &str) -> i64 {
    world.number(&format!("SELECT COUNT(*) FROM {table}")).await
}

async fn a_commit_is_durable_whole(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "hello").await;
    world.guest(&astoria, ANNA, "M2", "is there breakfast?").await;
    let gathered = world.gather_one().await;
    let (now, until) = (world.clock.now(), world.clock.now() + SignedDuration::from_mins(30));
    let mut turn = commit(&world.clock, world.me, &gathered);
    turn.conversation.mode = Mode::Handoff { since: now, until: Some(until), why: HandoffReason::AskedForPerson };
    turn.conversation.waiting_since = Some(now);
    turn.record = TurnRecord {
        rule: "asks_person".to_owned(),
        reasons: vec!["asked for a person".to_owned()],
        language: Language::parse("ru"),
        sentiment: Some(Sentiment::Negative),
        confidence: Some(0.75),
        ..TurnRecord::default()
    };
    let mut reply = build::reply(&world.clock, "reply:1", "A colleague will come");
    reply.quotes = Some(ProviderMessageId::from("M2"));
    turn.sends = vec![reply.clone()];

    let outcome = world.store.commit_turns(vec![turn]).await.expect("committed");

    assert_eq!(outcome, [Committed::Done]);
    let mut raw = world.db.raw().await;
    assert_eq!(raw.number("SELECT COUNT(*) FROM inbox WHERE state = 'completed' AND turn_id IS NOT NULL").await, 2);
    assert_eq!(
        raw.texts("SELECT language || '/' || sentiment || '/' || confidence FROM messages WHERE author = 'guest'")
            .await,
        ["ru/negative/0.75", "ru/negative/0.75"]
    );
    assert_eq!(raw.texts("SELECT reasons FROM turns").await, [r#"["asked for a person"]"#]);
    assert_eq!(
        raw.texts(
            "SELECT o.state || '/' || o.intent || '/' || o.quotes || '/' || m.text FROM outbox o
                   JOIN messages m ON m.message_id = o.message_id"
        )
        .await,
        ["planned/reply:1/M2/A colleague will come"]
    );
    assert!(world.claim().await.is_empty(), "nothing is due any more");
    let found = world.store.find_chats(ANNA, &[astoria]).await.expect("found").remove(0).1;
    assert_eq!(found.mode, Mode::Handoff { since: now, until: Some(until), why: HandoffReason::AskedForPerson });
    assert_eq!(found.waiting_since, Some(now));
}

async fn a_batch_commits_each_turn_by_itself(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "hello").await;
    world.guest(&astoria, BORIS, "M2", "hello").await;
    let gathered = world.gather().await;
    let mut turns: Vec<_> = gathered.iter().map(|one| commit(&world.clock, world.me, one)).collect();
    turns[0].claim.epoch -= 1;
    for (n, turn) in turns.iter_mut().enumerate() {
        turn.sends = vec![build::reply(&world.clock, &format!("reply:{n}"), "an answer")];
    }

    let outcomes = world.store.commit_turns(turns).await.expect("committed");

    assert_eq!(outcomes, [Committed::Fenced, Committed::Done]);
    assert_eq!((count(&world, "turns").await, count(&world, "outbox").await), (1, 1));
}

async fn a_turn_that_cannot_be_written_leaves_nothing_of_the_batch(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "hello").await;
    world.guest(&astoria, BORIS, "M2", "hello").await;
    let gathered = world.gather().await;
    let mut turns: Vec<_> = gathered.iter().map(|one| commit(&world.clock, world.me, one)).collect();
    for (n, turn) in turns.iter_mut().enumerate() {
        turn.sends = vec![build::reply(&world.clock, &format!("reply:{n}"), "an answer")];
    }
    // Two turns under one id: the second cannot be written.
    turns[1].turn = turns[0].turn;

    let refused = world.store.commit_turns(turns.clone()).await;

    assert!(refused.is_err_and(|error| !error.is_passing()));
    for table in ["turns", "outbox"] {
        assert_eq!(count(&world, table).await, 0, "{table}");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE state = 'available'").await, 2);
    let alone = world.store.commit_turns(turns[..1].to_vec()).await.expect("committed");
    assert_eq!(alone, [Committed::Done]);
}

async fn an_intent_plans_one_message_ever(world: World) {
    let astoria = world.hotel("astoria").await;
    world.answered(&astoria, ANNA, "M1", vec![build::reply(&world.clock, "reply:1", "an answer")]).await;
    let mut again = build::reply(&world.clock, "reply:1", "another answer");
    again.message = MessageId(world.clock.new_id());

    world.answered(&astoria, ANNA, "M2", vec![again, build::reply(&world.clock, "reply:2", "a second answer")]).await;

    let texts = world.db.raw().await.texts("SELECT text FROM outbox ORDER BY outbox_id").await;
    assert_eq!(texts, ["an answer", "a second answer"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE direction = 'outbound'").await, 2);
    assert_eq!(count(&world, "turns").await, 2);
}

async fn more_that_came_while_deciding_is_the_next_turn(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "hello").await;
    let gathered = world.gather_one().await;
    let second = world.guest(&astoria, ANNA, "M2", "and?").await;

    let turn = commit(&world.clock, world.me, &gathered);
    assert_eq!(world.store.commit_turns(vec![turn]).await.expect("committed"), [Committed::Done]);

    let next = world.gather_one().await;
    assert_eq!(next.waiting.iter().map(|waiting| waiting.id).collect::<Vec<_>>(), [build::row(&second)]);
}

async fn a_turn_can_be_decided_anew_when_more_came(world: World) {
    let astoria = world.hotel("astoria").await;
    world.guest(&astoria, ANNA, "M1", "hello").await;
    let gathered = world.gather_one().await;
    world.guest(&astoria, ANNA, "M2", "and?").await;
    let mut turn = commit(&world.clock, world.me, &gathered);
    turn.if_interrupted = IfInterrupted::Rerun;
    turn.sends = vec![build::reply(&world.clock, "reply:1", "half an answer")];

    assert_eq!(world.store.commit_turns(vec![turn]).await.expect("answered"), [Committed::Interrupted]);

    assert_eq!((count(&world, "turns").await, count(&world, "outbox").await), (0, 0));
    let anew = world.gather_one().await;
    assert_eq!((anew.waiting.len(), anew.reruns), (2, 1));
    let mut whole = commit(&world.clock, world.me, &anew);
    whole.if_interrupted = IfInterrupted::Rerun;
    assert_eq!(world.store.commit_turns(vec![whole]).await.expect("committed"), [Committed::Done]);
    world.guest(&astoria, ANNA, "M3", "thanks").await;
    assert_eq!(world.gather_one().await.reruns, 0);
}

async fn a_turn_is_decided_anew_for_staff_and_opt_outs_alone(world: World) {
    let astoria = world.hotel("astoria").await;
    let cases = [("a guest", Committed::Done), ("staff", Committed::Interrupted), ("STOP", Committed::Interrupted)];
    for (n, (who, expected)) in cases.into_iter().enumerate() {
        let chat = format!("7900{n:07}@c.us");
        world.guest(&astoria, &chat, &format!("A{n}"), "hello").await;
        let gathered = world.gather_one().await;
        let mut more = match who {
            "staff" => build::staff(&world.clock, &astoria, &chat, &format!("B{n}"), "I am here"),
            _ => guest(&world.clock, &astoria, &chat, &format!("B{n}"), "STOP"),
        };
        more.opt_out = who == "STOP";
        world.receive(vec![more]).await;
        let mut turn = commit(&world.clock, world.me, &gathered);
        turn.if_interrupted = IfInterrupted::RerunIfUrgent;

        assert_eq!(world.store.commit_turns(vec![turn]).await.expect("answered"), [expected], "{who}");

        let rest = world.gather_one().await;
        let turn = commit(&world.clock, world.me, &rest);
        assert_eq!(world.store.commit_turns(vec![turn]).await.expect("answered"), [Committed::Done], "{who}");
    }
}

async fn a_commit_can_take_back_what_was_planned(world: World) {
    let astoria = world.hotel("astoria").await;
    let other = build::reply(&world.clock, "reply:0", "to another chat");
    world.answered(&astoria, BORIS, "M0", vec![other.clone()]).await;
    let planned = build::reply(&world.clock, "reply:1", "an answer");
    let mut by_staff = build::reply(&world.clock, "staff:1", "a person's words");
    by_staff.author = Author::Staff;
    world.answered(&astoria, ANNA, "M1", vec![planned.clone(), by_staff.clone()]).await;
    world.staff(&astoria, ANNA, "S1", "I am here").await;
    let gathered = world.gather_one().await;
    let mut turn = commit(&world.clock, world.me, &gathered);
    turn.cancel_planned = true;
    turn.record.rule = "staff_wrote".to_owned();
    let last = build::reply(&world.clock, "opt_out:1", "the last word");
    turn.sends = vec![last.clone()];

    world.store.commit_turns(vec![turn]).await.expect("committed");

    assert_eq!(world.state(planned.id).await, "cancelled");
    assert_eq!(world.state(by_staff.id).await, "planned");
    assert_eq!(world.state(last.id).await, "planned");
    assert_eq!(world.state(other.id).await, "planned");
    let note = world.db.raw().await.texts("SELECT note FROM outbox WHERE state = 'cancelled'").await;
    assert_eq!(note, ["staff_wrote"]);
}

async fn consent_and_language_belong_to_the_guest(world: World) {
    let astoria = world.hotel("astoria").await;
    let at = world.clock.now();
    for (n, consent) in [Consent::OptedOut { at }, Consent::OptedIn { at }, Consent::Unknown].into_iter().enumerate() {
        world.guest(&astoria, ANNA, &format!("M{n}"), "STOP").await;
        let gathered = world.gather_one().await;
        let mut turn = commit(&world.clock, world.me, &gathered);
        turn.conversation.consent = consent;
        turn.conversation.language = Language::parse("ru");
        world.store.commit_turns(vec![turn]).await.expect("committed");

        let found = world.store.find_chats(ANNA, &[]).await.expect("found").remove(0).1;
        assert_eq!((found.consent, found.language), (consent, Language::parse("ru")));
    }
}

async fn usage_is_summed_for_the_budget(world: World) {
    let (astoria, seaview) = (world.hotel("astoria").await, world.hotel("seaview").await);
    let started = world.clock.now();
    for (n, hotel) in [&astoria, &astoria, &seaview].into_iter().enumerate() {
        world.clock.turn(SignedDuration::from_secs(10));
        world.guest(hotel, ANNA, &format!("M{n}"), "hello").await;
        let gathered = world.gather_one().await;
        let mut turn = commit(&world.clock, world.me, &gathered);
        turn.record.usage = Usage {
            prompt: Some("understand@1".to_owned()),
            model: Some("a model".to_owned()),
            calls: 2,
            hit_tokens: 1000,
            miss_tokens: 200,
            output_tokens: 30,
            cost_micro_usd: 400,
            latency_ms: 800,
        };
        world.store.commit_turns(vec![turn]).await.expect("committed");
    }

    let spent = async |hotel: &HotelId, since| world.store.spent_since(hotel, since).await.expect("summed");
    assert_eq!(spent(&astoria, started).await, 800);
    assert_eq!(spent(&astoria, started + SignedDuration::from_secs(15)).await, 400);
    assert_eq!(spent(&seaview, started).await, 400);
    assert_eq!(spent(&seaview, world.clock.now() + SignedDuration::from_secs(1)).await, 0);
    let chat: ChatId =
        world.store.find_chats(ANNA, std::slice::from_ref(&seaview)).await.expect("found").remove(0).1.id;
    let turn = world.store.turns(&seaview, chat, 1).await.expect("listed").remove(0);
    assert_eq!((turn.calls, turn.tokens, turn.latency_ms), (2, (1000, 200, 30), 800));
    assert_eq!((turn.prompt.as_deref(), turn.model.as_deref()), (Some("understand@1"), Some("a model")));
}

async fn a_persons_message_is_planned_once(world: World) {
    let astoria = world.hotel("astoria").await;
    let gathered = world.answered(&astoria, ANNA, "M1", Vec::new()).await;
    let mut send = build::reply(&world.clock, "staff:1", "I am here");
    (send.author, send.origin) = (Author::Staff, Origin::Staff);
    let staff = StaffSend {
        hotel: astoria,
        chat: gathered.conversation.id,
        address: gathered.conversation.address,
        send: send.clone(),
        leads: by_staff(&world),
        by: "anna".to_owned(),
        at: world.clock.now(),
    };
    let mut again = staff.clone();
    again.send.id = hotelbot::domain::ids::OutboxId(world.clock.new_id());
    again.send.message = MessageId(world.clock.new_id());

    world.store.plan_staff_send(staff).await.expect("planned");
    world.store.plan_staff_send(again).await.expect("already planned");

    assert_eq!(count(&world, "outbox").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE author = 'staff'").await, 1);
    let taken = world.take_all().await;
    assert_eq!(taken.iter().map(|one| (one.id, one.author)).collect::<Vec<_>>(), [(send.id, Author::Staff)]);
}

fn by_staff(world: &World) -> Mode {
    Mode::Handoff { since: world.clock.now(), until: None, why: HandoffReason::StaffWrote }
}

async fn a_persons_message_is_planned_and_the_bot_silenced_together_or_not_at_all(world: World) {
    let astoria = world.hotel("astoria").await;
    let gathered = world.answered(&astoria, ANNA, "M1", Vec::new()).await;
    let mut send = build::reply(&world.clock, "staff:1", "I am here");
    (send.author, send.origin) = (Author::Staff, Origin::Staff);
    let (chat, address) = (gathered.conversation.id, gathered.conversation.address);
    let staff = StaffSend {
        hotel: astoria,
        chat,
        address,
        send,
        leads: by_staff(&world),
        by: "anna".to_owned(),
        at: world.clock.now(),
    };
    // The database refuses the second half.
    let refuse = match world.db.engine {
        Engine::Sqlite => {
            "CREATE TRIGGER refuse BEFORE UPDATE OF mode ON chats BEGIN SELECT RAISE(ABORT, 'refused'); END"
        }
        Engine::Postgres => "ALTER TABLE chats ADD CONSTRAINT refuse CHECK (mode = 'bot') NOT VALID",
    };
    world.db.raw().await.execute(refuse).await.expect("altered");

    world.store.plan_staff_send(staff).await.expect_err("refused");

    assert_eq!(count(&world, "outbox").await, 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE author = 'staff'").await, 0);
}

/// Two daemons: one stores a guest's next message while the other commits the turn before it, again and again.
async fn a_message_during_the_commit_is_never_forgotten(world: World) {
    let astoria = world.hotel("astoria").await;
    let other = world.db.open().await;
    let chats: Vec<String> = (0..8).map(|n| format!("7900{n:07}@c.us")).collect();

    for round in 0..25 {
        let write = |part: &str, reverse: bool| {
            let mut batch: Vec<_> = chats
                .iter()
                .enumerate()
                .map(|(n, chat)| guest(&world.clock, &astoria, chat, &format!("{part}{round}-{n}"), part))
                .collect();
            if reverse {
                batch.reverse();
            }
            batch
        };
        world.receive(write("A", false)).await;
        let turns: Vec<_> = world.gather().await.iter().map(|one| commit(&world.clock, world.me, one)).collect();
        assert_eq!(turns.len(), chats.len(), "round {round}");

        let (committed, here, there) = tokio::join!(
            world.store.commit_turns(turns),
            other.receive(write("B", true)),
            world.store.receive(write("C", false)),
        );

        assert!(committed.expect("committed").iter().all(|outcome| *outcome == Committed::Done));
        here.expect("stored");
        there.expect("stored");
        let next = world.gather().await;
        let waiting: usize = next.iter().map(|one| one.waiting.len()).sum();
        assert_eq!(waiting, 2 * chats.len(), "round {round}");
        let turns = next.iter().map(|one| commit(&world.clock, world.me, one)).collect();
        world.store.commit_turns(turns).await.expect("committed");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox WHERE state <> 'completed'").await, 0);
}
