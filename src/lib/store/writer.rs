//! SQLite's one writer. A commit costs a flush to the disk; works that wait are run in one transaction and
//! committed together, each behind a savepoint of its own, so a failed one takes no other with it.

use super::{Result, StoreError, Tx};
use futures_util::future::BoxFuture;
use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot};

/// The most works in one commit. More would make the first wait for the last.
const MOST_WORKS: usize = 256;

/// Begins the first work.
const OPEN: &str = "SAVEPOINT work";
/// Keeps what the work before did, whatever this one does. After a failed one it keeps nothing, which is right too.
const NEXT: &str = "RELEASE work; SAVEPOINT work";

/// A work, given the statement that puts it behind a savepoint of its own.
type Run = Box<dyn for<'t> FnOnce(&'t mut Tx, &'static str) -> BoxFuture<'t, Finish> + Send>;
/// Tells the caller, given whether the commit succeeded.
type Finish = Box<dyn FnOnce(std::result::Result<(), String>) + Send>;

/// A handle; the last one dropped ends the writer.
#[derive(Clone)]
pub(super) struct Writer {
    first: mpsc::Sender<Work>,
    works: mpsc::Sender<Work>,
}

/// Which works a commit is for.
#[derive(Clone, Copy)]
pub(super) enum Lane {
    /// Somebody outside waits for an answer: the next commit is theirs alone.
    First,
    /// Everything else.
    Others,
}

enum Work {
    Run(Run),
    /// The last one: close the connection, then tell.
    Close(oneshot::Sender<()>),
}

/// What a work left behind.
enum Left<T> {
    Value(T),
    Failed(StoreError),
}

impl Writer {
    /// Starts the writer over a pool of one connection.
    pub(super) fn start(pool: SqlitePool) -> Self {
        let (first, first_queue) = mpsc::channel(4096);
        let (works, queue) = mpsc::channel(4096);
        tokio::spawn(write_all(pool, Queues { first: first_queue, others: queue }));
        Self { first, works }
    }

    pub(super) async fn run<T, F>(&self, lane: Lane, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let run: Run = Box::new(move |tx, before| {
            Box::pin(async move {
                let left = in_savepoint(tx, before, work).await;
                let finish: Finish = Box::new(move |commit| {
                    let outcome = match (left, commit) {
                        (Left::Failed(error), _) => Err(error),
                        (Left::Value(value), Ok(())) => Ok(value),
                        (Left::Value(_), Err(why)) => Err(StoreError::Unavailable(sqlx::Error::Protocol(why))),
                    };
                    // The caller may have gone away; the work is done all the same.
                    let _ = tell.send(outcome);
                });
                finish
            })
        });
        let closed = || StoreError::Unavailable(sqlx::Error::PoolClosed);
        let queue = match lane {
            Lane::First => &self.first,
            Lane::Others => &self.works,
        };
        queue.send(Work::Run(run)).await.map_err(|_| closed())?;
        told.await.map_err(|_| closed())?
    }

    /// Writes what waits and closes the connection. Works that come later hear that it is closed.
    pub(super) async fn close(&self) {
        let (tell, told) = oneshot::channel();
        if self.works.send(Work::Close(tell)).await.is_ok() {
            // An error means that the writer is gone already, which is what was wanted.
            let _ = told.await;
        }
    }
}

/// The works of each lane.
struct Queues {
    first: mpsc::Receiver<Work>,
    others: mpsc::Receiver<Work>,
}

impl Queues {
    /// What waits in one lane, the first one's unless it had the last commit; nothing when all handles are gone.
    async fn next(&mut self, first_had: &mut bool) -> Vec<Work> {
        let (lane, work) = if std::mem::take(first_had) && !self.others.is_empty() {
            (Lane::Others, self.others.recv().await)
        } else {
            tokio::select! {
                biased;
                Some(work) = self.first.recv() => (Lane::First, Some(work)),
                work = self.others.recv() => (Lane::Others, work),
            }
        };
        *first_had = matches!(lane, Lane::First);
        let queue = if *first_had { &mut self.first } else { &mut self.others };
        let more = std::iter::from_fn(|| queue.try_recv().ok()).take(MOST_WORKS - 1);
        work.into_iter().chain(more).collect()
    }
}

async fn write_all(pool: SqlitePool, mut queue: Queues) {
    let mut first_had = false;
    loop {
        let works = queue.next(&mut first_had).await;
        if works.is_empty() {
            return;
        }
        let mut closing = Vec::new();
        let mut runs = Vec::with_capacity(works.len());
        for work in works {
            match work {
                Work::Run(run) => runs.push(run),
                Work::Close(tell) => closing.push(tell),
            }
        }
        if !runs.is_empty() {
            write_together(&pool, runs).await;
        }
        if !closing.is_empty() {
            drop(queue);
            pool.close().await;
            closing.into_iter().for_each(|tell| {
                let _ = tell.send(());
            });
            return;
        }
    }
}

/// One transaction for all works. When it cannot even begin, each caller hears so: dropping `run` drops its channel.
async fn write_together(pool: &SqlitePool, works: Vec<Run>) {
    let mut tx = match pool.begin_with("BEGIN IMMEDIATE").await {
        Ok(transaction) => Tx::Sqlite(transaction),
        Err(error) => {
            tracing::error!(error = %error, "the database cannot be written to");
            return;
        }
    };
    let mut finishes = Vec::with_capacity(works.len());
    let mut before = OPEN;
    for run in works {
        finishes.push(run(&mut tx, before).await);
        before = NEXT;
    }
    let commit = tx.commit().await.map_err(|error| match error {
        StoreError::Unavailable(source) | StoreError::Bug(source) => source.to_string(),
        other => other.to_string(),
    });
    if let Err(why) = &commit {
        tracing::error!(error = %why, "a commit failed");
    }
    for finish in finishes {
        finish(commit.clone());
    }
}

/// The savepoint is left open: the next work or the commit ends it, with one crossing to the connection's thread fewer.
async fn in_savepoint<T, F>(tx: &mut Tx, before: &'static str, work: F) -> Left<T>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>>,
{
    if let Err(error) = plain(tx, before).await {
        return Left::Failed(error);
    }
    match work(tx).await {
        Ok(value) => Left::Value(value),
        Err(error) => {
            if let Err(rollback) = plain(tx, "ROLLBACK TO work").await {
                tracing::error!(error = %rollback, "a savepoint could not be rolled back");
            }
            Left::Failed(error)
        }
    }
}

async fn plain(tx: &mut Tx, sql: &'static str) -> Result<()> {
    if let Tx::Sqlite(transaction) = tx {
        sqlx::query(sql).execute(&mut **transaction).await?;
    }
    Ok(())
}
