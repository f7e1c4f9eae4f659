//! `hotelbot bench`: a bounded load on this machine's own daemon, against the emulators on loopback. Measures intake
//! alone and the whole road, checks every message, and tells how fast messages are read.

mod process;
mod reader;
mod report;

use crate::args::{BenchArgs, Global};
use crate::desk::Desk;
use crate::fail::{Exit, Outcome};
use crate::trial::{self, Folder, Start};
use hotelbot::config::Environment;
use hotelbot::gateways::system::SystemClock;
use hotelbot::ports::Clock as _;
use hotelbot::sandbox::load::{self, Checked, Plan, Target, Written};
use hotelbot::sandbox::{Declare, Options, Running};
use hotelbot::store::scratch::Scratch;
use process::Usage;
use reader::Reading;
use report::{BenchReport, Run};
use std::time::Duration;

/// Where the instances' ids begin.
const FIRST_INSTANCE: u64 = 1_101_000_000;
/// The writing ends after this time, whatever is left.
const AT_MOST: Duration = Duration::from_secs(300);
/// How long answers are waited for after the last message.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the measurements and prints what they gave; exit 1 if a message was lost, doubled or overtaken.
pub async fn run(args: BenchArgs, desk: &Desk) -> Outcome {
    let (global, printer) = (&desk.global, &desk.printer);
    let wanted = [("intake", "web", !args.road_only), ("road", "web,worker,scheduler", !args.intake_only)];
    let mut runs = Vec::new();
    for (name, roles, _) in wanted.iter().filter(|(_, _, wanted)| *wanted) {
        let progress =
            printer.progress(&format!("Measuring {name}: {} messages, {} hotels", args.messages, args.hotels));
        let run = place(global, &args, name, roles).await;
        progress.finish_and_clear();
        runs.push(run?);
    }
    let reading = Reading::measure();
    let report = BenchReport { messages: args.messages, hotels: args.hotels, chats: args.chats, runs, reading };
    printer.report(&report)?;
    Ok(if report.is_clean() { Exit::Done } else { Exit::No })
}

/// Finds a place for one run: a file in a temporary folder, or a schema of its own on PostgreSQL.
async fn place(global: &Global, args: &BenchArgs, name: &str, roles: &str) -> anyhow::Result<Run> {
    let folder = Folder::make("bench")?;
    match &global.database_url {
        Some(url) if url.starts_with("postgres") => {
            let scratch = Scratch::make(url, &format!("bench_{}", SystemClock.new_id().simple())).await?;
            let run = measure(args, name, roles, (&folder, &scratch.url())).await;
            scratch.remove().await?;
            run
        }
        _ => {
            let url = format!("sqlite:{}", folder.path().join("bench.db").display());
            measure(args, name, roles, (&folder, &url)).await
        }
    }
}

async fn measure(args: &BenchArgs, name: &str, roles: &str, (folder, url): (&Folder, &str)) -> anyhow::Result<Run> {
    for number in 0..args.hotels {
        folder.hotel(&format!("h{number}"), &hotel(number))?;
    }
    let sandbox = trial::sandbox(Options { deepseek_latency: args.model_latency, ..Options::for_load() }).await?;
    declare(&sandbox, args.hotels)?;
    let start = Start { database_url: url, environment: secrets(), live_model: false };
    let environment = trial::environment(folder, &sandbox, &start);
    let store = trial::apply(folder, &environment).await?;
    let daemon = trial::serve(&environment, roles).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = Usage::of(&daemon.child)?;
    let plan = plan(args, &daemon.url);
    let written = load::write(&plan).await?;
    let checked = match name {
        "road" => Some(load::check(&sandbox, &plan, &written, PATIENCE).await),
        _ => None,
    };
    let after = Usage::of(&daemon.child)?;
    let ready_after = daemon.ready_after;
    daemon.end().await?;
    store.close().await;
    sandbox.stop().await;
    Ok(figures(name, store.engine(), ready_after, (before, after), (&written, checked.as_ref())))
}

fn figures(
    name: &str,
    engine: &str,
    ready_after: Duration,
    (before, after): (Usage, Usage),
    (written, checked): (&Written, Option<&Checked>),
) -> Run {
    let messages = written.posted_ms.len();
    let (took, latencies) = match checked {
        Some(checked) => (checked.took, &checked.latencies),
        None => (written.took, &written.acks),
    };
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    Run {
        name: name.to_owned(),
        engine: engine.to_owned(),
        messages,
        per_second: messages as f64 / took.as_secs_f64().max(1e-9),
        p50_ms: ms(load::quantile(latencies, 0.5)),
        p99_ms: ms(load::quantile(latencies, 0.99)),
        ack_p50_ms: ms(load::quantile(&written.acks, 0.5)),
        ack_p99_ms: ms(load::quantile(&written.acks, 0.99)),
        acks_per_second: written.acks.len() as f64 / written.took.as_secs_f64().max(1e-9),
        cpu_ms_per_message: ms(after.cpu.saturating_sub(before.cpu)) / messages.max(1) as f64,
        ready_ms: ms(ready_after),
        idle_mib: before.resident_mib,
        peak_mib: after.peak_mib,
        refused: written.refused,
        lost: checked.map(|checked| checked.lost),
        twice: checked.map(|checked| checked.twice),
        out_of_order: checked.map(|checked| checked.out_of_order),
    }
}

fn declare(sandbox: &Running, hotels: usize) -> anyhow::Result<()> {
    for number in 0..hotels {
        let id = FIRST_INSTANCE + number as u64;
        sandbox.declare(Declare::new(id, "token")).map_err(anyhow::Error::msg)?;
    }
    Ok(())
}

fn secrets() -> Environment {
    [("BENCH_TOKEN", "token"), ("BENCH_HOOK", "hook")].map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Coalescing off, no gap between sends: what is measured is the road, not the manners.
fn hotel(number: usize) -> String {
    let instance = FIRST_INSTANCE + number as u64;
    format!(
        "name: Hotel {number}\ntimezone: Europe/Moscow\nlanguages: [en, ru]\ncountry: RU\n\
         check_in_time: \"14:00\"\ncheck_out_time: \"12:00\"\n\
         whatsapp: {{ instance: \"{instance}\", token: env:BENCH_TOKEN, webhook_token: env:BENCH_HOOK, \
         receive: webhook, send_interval: 0ms }}\n\
         conversation: {{ coalesce: 0s }}\n\
         knowledge:\n  breakfast.hours: {{ en: 07:00-10:30 in the garden restaurant, ru: С 7:00 до 10:30 }}\n  \
         pool: yes\n  pets: no\n"
    )
}

fn plan(args: &BenchArgs, url: &str) -> Plan {
    let target = |number: usize| Target {
        hook: format!("{url}/hooks/h{number}/whatsapp"),
        token: "hook".to_owned(),
        instance: FIRST_INSTANCE + number as u64,
    };
    Plan {
        targets: (0..args.hotels).map(target).collect(),
        chats: args.chats,
        messages: args.messages,
        twice_every: 10,
        rate: args.rate,
        at_most: AT_MOST,
    }
}
