//! What a benchmark found, as text and as JSON.

use super::reader::Reading;
use crate::printer::Report;
use serde::Serialize;
use std::fmt::Write as _;

/// Everything measured.
#[derive(Serialize)]
pub struct BenchReport {
    /// Messages written in each run.
    pub messages: usize,
    /// Hotels they went to.
    pub hotels: usize,
    /// Guests of each hotel.
    pub chats: usize,
    /// Each measurement.
    pub runs: Vec<Run>,
    /// How fast the built-in reader is.
    pub reading: Reading,
}

/// One measurement.
#[derive(Serialize, Default)]
pub struct Run {
    /// `intake` or `road`.
    pub name: String,
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// Messages written.
    pub messages: usize,
    /// Messages a second from the first post to the last answer (road) or acknowledgement (intake).
    pub per_second: f64,
    /// From post to answer (road) or acknowledgement (intake).
    pub p50_ms: f64,
    /// See `p50_ms`.
    pub p99_ms: f64,
    /// From post to acknowledgement.
    pub ack_p50_ms: f64,
    /// See `ack_p50_ms`.
    pub ack_p99_ms: f64,
    /// Acknowledgements a second, second deliveries included.
    pub acks_per_second: f64,
    /// User and system time of the daemon alone.
    pub cpu_ms_per_message: f64,
    /// From starting the daemon to `ready`.
    pub ready_ms: f64,
    /// In memory before the load.
    pub idle_mib: f64,
    /// The most in memory.
    pub peak_mib: f64,
    /// Deliveries that were not acknowledged and came again.
    pub refused: usize,
    /// Messages without an answer.
    pub lost: Option<usize>,
    /// Messages with more than one.
    pub twice: Option<usize>,
    /// Answers that overtook an earlier one of their chat.
    pub out_of_order: Option<usize>,
}

impl BenchReport {
    /// Nothing was lost, doubled or overtaken.
    pub fn is_clean(&self) -> bool {
        let bad = |count: Option<usize>| count.unwrap_or(0) > 0;
        !self.runs.iter().any(|run| bad(run.lost) || bad(run.twice) || bad(run.out_of_order))
    }
}

impl Report for BenchReport {
    fn text(&self) -> String {
        let mut text = format!(
            "{} messages to {} hotels with {} guests each, every tenth delivered twice\n",
            self.messages, self.hotels, self.chats
        );
        for run in &self.runs {
            text.push_str(&run.text());
        }
        text.push_str(&self.reading.text());
        text
    }
}

impl Run {
    fn text(&self) -> String {
        let mut text = format!("\n{} on {}\n", self.name, self.engine);
        let until = if self.lost.is_some() { "answer" } else { "acknowledgement" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  throughput    {:.0} messages/s, {:.0} acknowledgements/s",
            self.per_second, self.acks_per_second
        );
        let _ = writeln!(text, "  to {until:<15} p50 {:.1} ms, p99 {:.1} ms", self.p50_ms, self.p99_ms);
        let _ = writeln!(text, "  to acknowledge  p50 {:.1} ms, p99 {:.1} ms", self.ack_p50_ms, self.ack_p99_ms);
        let _ = writeln!(
            text,
            "  daemon        {:.2} ms of CPU a message, ready after {:.0} ms",
            self.cpu_ms_per_message, self.ready_ms
        );
        let _ = writeln!(text, "  memory        {:.0} MiB idle, {:.0} MiB at most", self.idle_mib, self.peak_mib);
        if let (Some(lost), Some(twice), Some(overtaken)) = (self.lost, self.twice, self.out_of_order) {
            let _ = writeln!(text, "  messages      {lost} lost, {twice} answered twice, {overtaken} out of order");
        }
        if self.refused > 0 {
            let _ = writeln!(text, "  deliveries    {} refused and delivered again", self.refused);
        }
        text
    }
}
