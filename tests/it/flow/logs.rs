//! What the daemon logs, at any level: no token, no number, no name, no words of a guest.

use super::door::{incoming, post};
use super::world::{GUEST, HOOK_TOKEN, Setup, TOKEN, World, instance};
use hotelbot::sandbox::deepseek::faults::Fault as ModelFault;
use hotelbot::sandbox::green::faults::{Answer, Fault};
use hotelbot::sandbox::green::guest::Action;
use hotelbot::sandbox::switches::Switch;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no writer panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_no_word_of_a_guest_is_ever_logged() {
    let written = Written::default();
    let sink = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || sink.clone())
        .finish();
    // With one dispatcher `tracing` asks the thread that comes by a callsite first whether anybody listens there, and
    // that may be one of another test; with two it asks both.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let setup = Setup {
        log: Some(tracing::Dispatch::new(subscriber)),
        call_deadline: Duration::from_millis(500),
        model_deadline: Duration::from_secs(1),
        ..Setup::default()
    };
    let mut world = World::with(setup).await;

    everything_goes_wrong(&world).await;
    world.stop().await;

    let log = String::from_utf8(written.0.lock().expect("no writer panicked").clone()).expect("text");
    for proof in ["decided", "a send failed", "stopping", "reqwest::connect"] {
        assert!(log.contains(proof), "the log was heard: {proof}");
    }
    let secrets = [TOKEN, HOOK_TOKEN, "another-token-of-somebody"];
    let private = [GUEST, "9161234567", "Canarina", "xylophone", "in the garden", "waInstance"];
    for forbidden in secrets.iter().chain(&private) {
        let line = log.lines().find(|line| line.contains(forbidden));
        assert_eq!(line, None, "{forbidden} was logged");
    }
}

/// A good conversation, and every kind of failure that logs something.
async fn everything_goes_wrong(world: &World) {
    let says = |text: &str| Action { name: "Canarina".into(), ..Action::text(GUEST, text) };
    world.act(0, &says("When is breakfast, xylophone?"));
    world.wait_sent(1).await;
    world.sandbox.switch_model(Switch::next(ModelFault::Html { status: 500 }, 5));
    let id = world.act(0, &says("And the xylophone parking?"));
    world.decided(&id).await;
    world.wait_sent(2).await;
    for (number, answer) in
        [Answer::BadGateway, Answer::Hang, Answer::Drop, Answer::Html, Answer::Forbidden].into_iter().enumerate()
    {
        let fault = Fault::Call { accept: true, answer, seconds: 2_000.0 };
        world.sandbox.switch(instance(0), Switch::next(fault, 1).only(&["sendMessage"])).expect("an instance");
        let id = world.act(0, &says(&format!("When is breakfast on day {number}, xylophone?")));
        world.decided(&id).await;
        world.wait_sent(3 + number).await;
        world.quiet_but_planned().await;
    }
    let mut poison = incoming("P1", "xylophone");
    poison["senderData"]["chatId"] = format!("{GUEST}@c.us\r\n").into();
    assert_eq!(post(world, HOOK_TOKEN, &poison).await.status(), 200);
    assert_eq!(post(world, "another-token-of-somebody", &poison).await.status(), 401);
    assert_eq!(post(world, HOOK_TOKEN, &incoming("P2", "{{SWE001}}")).await.status(), 200);
    world.decided_key("m:P2:swe").await;
}
