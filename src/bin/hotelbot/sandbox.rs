//! `hotelbot sandbox`: the emulators on one port, until Ctrl-C.

use crate::args::SandboxArgs;
use crate::fail::{Exit, Failure, Outcome};
use crate::printer::{Printer, Report};
use hotelbot::sandbox::{Options, Sandbox};
use serde::Serialize;
use tokio::net::TcpListener;

/// Where everything is.
#[derive(Serialize)]
struct Ready {
    url: String,
    green_api_url: String,
    deepseek_url: String,
    control_url: String,
    example: String,
}

/// Serves until interrupted.
pub async fn run(args: SandboxArgs, printer: &Printer) -> Outcome {
    let listener = TcpListener::bind(args.listen).await.map_err(|error| cannot_listen(&args, error))?;
    let options = Options {
        time_scale: args.time_scale,
        rate_limits: !args.no_rate_limits,
        deepseek_latency: args.model_latency,
        ..Options::default()
    };
    let running = Sandbox::start(listener, options)?;
    printer.report(&ready(&running.url))?;
    printer.note("Ctrl-C to stop");
    std::future::pending::<()>().await;
    Ok(Exit::Done)
}

fn cannot_listen(args: &SandboxArgs, error: std::io::Error) -> Failure {
    let message = format!("{} cannot be listened on", args.listen);
    let taken = error.kind() == std::io::ErrorKind::AddrInUse;
    let failure = if taken { Failure::new(Exit::Unavailable, message) } else { Failure::wrong(message) };
    failure.because(error).hint("Run `hotelbot sandbox --listen 127.0.0.1:0` to take a free port")
}

fn ready(url: &str) -> Ready {
    let instance = format!("{url}/waInstance1101000001");
    Ready {
        url: url.to_owned(),
        green_api_url: url.to_owned(),
        deepseek_url: url.to_owned(),
        control_url: format!("{url}/_sandbox"),
        example: format!(
            "curl -X POST {instance}/sendMessage/token \\\n    -H 'Content-Type: application/json' \\\n    \
             -d '{{\"chatId\": \"79210004567@c.us\", \"message\": \"Hello\"}}'"
        ),
    }
}

impl Report for Ready {
    fn text(&self) -> String {
        format!(
            "Emulating Green API and DeepSeek on {url}; any instance and any token are taken\n\n  \
             HOTELBOT_GREEN_API_URL={green}\n  HOTELBOT_DEEPSEEK_URL={deepseek}\n  switches  {control}\n\n\
             Send a message:\n  {example}\n",
            url = self.url,
            green = self.green_api_url,
            deepseek = self.deepseek_url,
            control = self.control_url,
            example = self.example,
        )
    }
}
