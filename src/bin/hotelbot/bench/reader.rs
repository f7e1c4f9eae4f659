//! How fast one core reads guests' messages with the reader that is built in.

use hotelbot::nlu::reader;
use hotelbot::sandbox::load::quantile;
use serde::Serialize;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How often each message is read.
const ROUNDS: usize = 200;
/// What guests write: a word, a line, a review, in several scripts.
const MESSAGES: &[&str] = &[
    "ok",
    "When is breakfast?",
    "wifi drops every five minutes, can't do a single call",
    "В номере холодно, и горячей воды нет со вчерашнего вечера",
    "Das Zimmer war klein, aber sehr sauber, und das Frühstück war hervorragend. Wir kommen gerne wieder!",
    "On nous avait dit dix minutes, ça fait deux heures qu'on attend",
    "Oda çok soğuk, klima çalışmıyor ve resepsiyon telefona bakmıyor",
    "房间很脏，没有热水，前台一直没人接电话",
    "الغرفة باردة جدا ولا أحد يرد على الهاتف",
    "We stayed four nights in May with two small children. The staff were kind from the first minute, the pool was warm, \
     and the room was quiet although it faces the street. One evening the shower dripped; it was repaired before we came \
     back from dinner. Breakfast could use a bit more fruit, but that is all we can think of. Thank you, we will be back!",
];

/// What reading costs.
#[derive(Serialize)]
pub struct Reading {
    /// Messages read.
    pub messages: usize,
    /// Half of them took at most so long, in microseconds.
    pub p50_us: f64,
    /// See `p50_us`.
    pub p99_us: f64,
}

impl Reading {
    /// Reads each message often, on the calling thread.
    pub fn measure() -> Self {
        MESSAGES.iter().for_each(|message| drop(black_box(reader::read(message))));
        let mut took: Vec<Duration> = (0..ROUNDS).flat_map(|_| MESSAGES.iter().map(|message| once(message))).collect();
        took.sort();
        let us = |share: f64| quantile(&took, share).as_secs_f64() * 1e6;
        Self { messages: took.len(), p50_us: us(0.5), p99_us: us(0.99) }
    }

    /// One line.
    pub fn text(&self) -> String {
        format!(
            "\nreading with the built-in reader, one core\n  a message       p50 {:.0} µs, p99 {:.0} µs, {} messages\n",
            self.p50_us, self.p99_us, self.messages
        )
    }
}

fn once(message: &str) -> Duration {
    let begun = Instant::now();
    black_box(reader::read(black_box(message)));
    begun.elapsed()
}
