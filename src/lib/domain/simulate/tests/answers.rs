//! Questions, and what answers to them do.

use super::*;

#[test]
fn while_a_question_is_open_nothing_else_is_asked_and_an_answer_frees_the_way() {
    let next = || asking(trigger("next", When { by: hours(5), ..when(Side::After, Anchor::CheckIn) }));
    let told = || trigger("told", after(Anchor::CheckIn, 6));
    let silent = world(vec![question(), next(), told()], vec![stay("r")]);
    assert_eq!(silent.sends(), ["r room-ok 10 17:00", "r told 10 20:00", "r next 11 17:00"]);
    assert_eq!(silent.story().sends[0].answers, ["GOOD", "BAD", "STOP"]);

    let answered =
        world(vec![question(), next(), told()], vec![stay("r")]).event("2026-07-10T18:00:00Z", "r", answers("good"));
    assert_eq!(answered.sends(), ["r room-ok 10 17:00", "r next 10 19:00", "r told 10 20:00"]);
}

#[test]
fn an_answer_is_an_anchor_a_condition_a_mood_and_a_tag() {
    let anchor = Anchor::Answer { of: "room-ok".into(), is: Some("bad".into()) };
    let fixed = trigger("fixed", after(anchor, 1));
    let mood = trigger("mood", after(Anchor::Sentiment { is: Sentiment::Negative }, 2));
    let mut tagged = trigger("tagged", evening_before());
    tagged.filter = Condition::All(vec![is(Field::Tag, "unhappy"), is(Field::Answered("room-ok".into()), "bad")]);
    let triggers = vec![question(), fixed, mood, tagged];
    let bad = world(triggers.clone(), vec![stay("r")]).event("2026-07-10T18:00:00Z", "r", answers("bad"));
    let good = world(triggers.clone(), vec![stay("r")]).event("2026-07-10T18:00:00Z", "r", answers("good"));
    let unread = world(triggers, vec![stay("r")]).event("2026-07-10T16:00:00Z", "r", answers("bad"));

    assert_eq!(bad.sends(), ["r room-ok 10 17:00", "r fixed 10 19:00", "r mood 10 20:00", "r tagged 13 18:00"]);
    assert_eq!(good.sends(), ["r room-ok 10 17:00"]);
    assert_eq!(unread.sends(), ["r room-ok 10 17:00"], "before it was asked it is no answer");
}

#[test]
fn an_answer_that_stops_ends_it() {
    let world = world(vec![question(), trigger("out", evening_before())], vec![stay("r")]).event(
        "2026-07-10T18:00:00Z",
        "r",
        answers("stop"),
    );
    assert_eq!(world.skips(), ["r out opted_out"]);
}
