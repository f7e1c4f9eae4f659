//! The model is down, slow or wrong: the guest gets an answer or the hotel's own words and a person, never silence.

use super::world::{BREAKFAST, Setup, World};
use hotelbot::domain::hotel::Hotel;
use hotelbot::sandbox::deepseek::faults::{Fault, Shape};
use hotelbot::sandbox::switches::Switch;
use std::time::Duration;

/// A model with this fault for good.
async fn with(fault: Fault) -> World {
    let world = World::with(Setup { model_deadline: Duration::from_secs(2), ..Setup::default() }).await;
    world.sandbox.switch_model(Switch::on(fault));
    world
}

/// The guest asked and the model was of no use.
async fn nobody_is_forgotten(world: World) {
    let id = world.guest("When is breakfast?");

    assert_eq!(world.decided(&id).await, "ai_unavailable");
    let answer = world.wait_answer().await;
    assert!(answer.text.contains("A colleague will answer you here shortly"), "{}", answer.text);
    assert_eq!(world.labels().await, ["requires_attention"]);
    assert_eq!(world.waiting().await, 1);
    world.quiet().await;
    assert_eq!(world.sent().len(), 1);
}

macro_rules! falls_back_on {
    ($($name:ident: $fault:expr,)+) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            nobody_is_forgotten(with($fault).await).await;
        })+
    };
}

falls_back_on! {
    only_spaces_fall_back: Fault::Content { shape: Shape::Blank },
    null_falls_back: Fault::Content { shape: Shape::Null },
    an_answer_that_is_only_thought_falls_back: Fault::Content { shape: Shape::OnlyReasoning },
    a_chinese_answer_to_an_english_question_falls_back: Fault::Content { shape: Shape::Chinese },
    no_money_falls_back: Fault::Status { status: 402, retry_after: None },
    a_refused_key_falls_back: Fault::Status { status: 401, retry_after: None },
    too_many_requests_fall_back: Fault::Status { status: 429, retry_after: None },
    a_broken_server_falls_back: Fault::Status { status: 500, retry_after: None },
    an_overloaded_server_falls_back: Fault::Status { status: 503, retry_after: None },
    a_page_of_html_falls_back: Fault::Html { status: 502 },
    a_page_of_html_with_200_falls_back: Fault::Html { status: 200 },
    an_empty_body_falls_back: Fault::EmptyBody,
    a_filtered_answer_falls_back: Fault::FinishReason { reason: "content_filter".into() },
    a_cut_connection_falls_back: Fault::Cut { halfway: true },
    a_model_that_takes_longer_than_the_deadline_falls_back: Fault::Slow { seconds: 30.0 },
    blank_lines_for_longer_than_the_deadline_fall_back: Fault::BlankLines { seconds: 30.0 },
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_answer_is_asked_for_again() {
    let world = World::new().await;
    world.sandbox.switch_model(Switch::next(Fault::Content { shape: Shape::Truncated }, 1));

    world.guest("When is breakfast?");

    assert!(world.wait_answer().await.text.contains(BREAKFAST));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fenced_answer_is_as_good_as_any() {
    let world = with(Fault::Content { shape: Shape::Fenced }).await;

    world.guest("When is breakfast?");

    assert!(world.wait_answer().await.text.contains(BREAKFAST));
    assert_eq!(world.sandbox.model_requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hotel_that_has_the_model_off_answers_with_its_own_words() {
    let off = Box::new(|_, hotel: &mut Hotel| hotel.ai.enabled = false);
    let world = World::with(Setup { hotel: off, ..Setup::default() }).await;

    let id = world.guest("When is breakfast?");

    assert_eq!(world.decided(&id).await, "ai_unavailable");
    world.wait_answer().await;
    assert_eq!(world.labels().await, ["requires_attention"]);
    assert_eq!(world.waiting().await, 1);
    assert_eq!(world.sandbox.model_requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_hotel_answers_with_its_own_words() {
    let world = World::with(Setup { key: None, ..Setup::default() }).await;

    nobody_is_forgotten(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hotel_whose_budget_is_spent_asks_the_model_no_more() {
    let poor = Box::new(|_, hotel: &mut Hotel| hotel.ai.daily_budget_usd = Some(0.000_001));
    let world = World::with(Setup { hotel: poor, ..Setup::default() }).await;
    let first = world.guest("When is breakfast?");
    assert_eq!(world.decided(&first).await, "answer");

    let second = world.guest("Where is the parking?");

    assert_eq!(world.decided(&second).await, "ai_unavailable");
    assert_eq!(world.sandbox.model_requests().len(), 1);
    assert_eq!(world.wait_sent(2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_comes_back_is_used_again() {
    let world = World::new().await;
    world.sandbox.switch_model(Switch::next(Fault::Status { status: 500, retry_after: None }, 3));
    let first = world.guest("When is breakfast?");
    assert_eq!(world.decided(&first).await, "ai_unavailable");

    let second = world.guest("Where is the parking?");

    assert_eq!(world.decided(&second).await, "answer");
    assert_eq!(world.wait_sent(2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hotel_says_it_in_its_own_words_if_it_has_any() {
    let words = Box::new(|_, hotel: &mut Hotel| {
        let texts = hotel.texts.entry(hotelbot::domain::hotel::Text::Unavailable).or_default();
        texts.insert(hotelbot::domain::language::Language::EN, "The desk will write to you.".to_owned());
    });
    let world = World::with(Setup { hotel: words, key: None, ..Setup::default() }).await;

    world.guest("When is breakfast?");

    assert_eq!(world.wait_answer().await.text, "The desk will write to you.");
}
