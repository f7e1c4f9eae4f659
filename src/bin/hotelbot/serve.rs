//! `hotelbot serve`: the daemon, until SIGTERM or Ctrl-C.

use crate::args::{Role, ServeArgs};
use crate::desk::{Desk, make_folder};
use crate::fail::{Exit, Failure, Outcome};
use crate::logs;
use crate::printer::Printer;
use hotelbot::app::App;
use hotelbot::config::{DatabaseUrl, Settings};
use hotelbot::daemon::lock::{DatabaseLock, LockError};
use hotelbot::daemon::{self, Listeners, Options, Roles};
use hotelbot::store::{Durability, OpenOptions};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Connections to PostgreSQL, and readers of SQLite. Nothing is held while the model or the vendor is waited for.
const CONNECTIONS: u32 = 8;

/// Runs the daemon to its end.
pub async fn run(args: ServeArgs, desk: &Desk) -> Outcome {
    let mut flags = desk.flags();
    (flags.listen, flags.admin_listen) = (args.listen.clone(), args.admin_listen.clone());
    let settings = Settings::load(&flags, &desk.environment)?;
    logs::start_for_daemon(&settings, &desk.global);
    logs::warn(&settings);
    daemon::metrics::install()?;
    let _lock = lock(&settings)?;
    let listeners = listen(&settings, &args).await?;
    let app = App::open(&settings, &desk.environment, open_options(&settings, &args)).await?;
    if let Some(problem) = app.flow.store.role_problem().await? {
        tracing::warn!(problem, "the database connection may do more than it needs");
    }
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    let (ready, is_ready) = oneshot::channel();
    let address = listeners.public.as_ref().and_then(|listener| listener.local_addr().ok());
    let options = Options { roles: roles(&args.role), admin_token: settings.admin_token.value.clone() };
    let daemon = daemon::run(app.flow, listeners, options, ready, stop);
    let tell = async {
        if is_ready.await.is_ok() {
            announce(&desk.printer, address);
        }
    };
    let (ended, ()) = tokio::join!(daemon, tell);
    ended?;
    Ok(Exit::Done)
}

fn announce(printer: &Printer, address: Option<SocketAddr>) {
    match address {
        // Scripts wait for this line, so no `--quiet` takes it away.
        Some(address) => crate::printer::complain(&format!("ready on http://{address}\n")),
        None => printer.note("ready; no listener in this role"),
    }
}

fn open_options(settings: &Settings, args: &ServeArgs) -> OpenOptions {
    let sqlite = matches!(settings.database_url.value, DatabaseUrl::Sqlite(_));
    let durability = if args.unsafe_durability { Durability::Any } else { Durability::Required };
    OpenOptions { connections: CONNECTIONS, migrate: sqlite || args.migrate, create: sqlite, durability }
}

/// A second daemon on the same SQLite file would send everything twice.
fn lock(settings: &Settings) -> anyhow::Result<Option<DatabaseLock>> {
    let DatabaseUrl::Sqlite(path) = &settings.database_url.value else { return Ok(None) };
    make_folder(settings)?;
    match DatabaseLock::take(path) {
        Ok(lock) => Ok(Some(lock)),
        Err(error @ LockError::Taken(_)) => Err(Failure::new(Exit::Conflict, error.to_string())
            .hint("Stop the other daemon first; several daemons can share a PostgreSQL")
            .into()),
        Err(error) => Err(Failure::wrong("The database cannot be locked").because(error).into()),
    }
}

async fn listen(settings: &Settings, args: &ServeArgs) -> anyhow::Result<Listeners> {
    let web = args.role.contains(&Role::Web);
    let public = if web { Some(bind(settings.listen.value, "HOTELBOT_LISTEN").await?) } else { None };
    let admin = Some(bind(settings.admin_listen.value, "HOTELBOT_ADMIN_LISTEN").await?);
    Ok(Listeners { public, admin })
}

async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(Exit::Unavailable, format!("{address} cannot be listened on"))
            .because(error)
            .hint(format!("Choose another address with {setting}"))
            .into()
    })
}

fn roles(wanted: &[Role]) -> Roles {
    Roles {
        web: wanted.contains(&Role::Web),
        worker: wanted.contains(&Role::Worker),
        scheduler: wanted.contains(&Role::Scheduler),
    }
}

/// The first signal drains, the second ends at once: what is durable stays durable.
async fn stop_on_signal(stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    for code in [None, Some(130)] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        match code {
            None => stop.cancel(),
            Some(code) => std::process::exit(code),
        }
    }
}
