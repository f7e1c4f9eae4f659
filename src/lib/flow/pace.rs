//! Long work in many transactions, beside which others come to their turn.

use crate::store::{Result, Store, StoreError};
use std::time::{Duration, Instant};

/// After holding the writer for this long, others get their turn.
const LONGEST_HOLD: Duration = Duration::from_millis(200);
/// Who waits for SQLite's writer looks again at least every 100 ms (`sqliteDefaultBusyCallback`), and nobody queues:
/// only a longer break lets every other program in.
const BREAK: Duration = Duration::from_millis(110);
/// A busy database is tried again so often, with a longer break each time: 110 ms, 220 ms … 1.1 s.
const TRIES: u32 = 10;
/// A transaction is to take about so long: the more rows it has, the fewer times each page is written.
const AIM: Duration = Duration::from_millis(100);
/// Rows of the first transaction.
const FIRST: usize = 500;
/// No transaction has fewer rows than the one, or more than the other: they are in memory.
const FEWEST: usize = 100;
const MOST: usize = 4_000;

/// Leaves SQLite's only writer to others after each while, and finds out how many rows one transaction may have.
pub(super) struct Pace<'s> {
    store: &'s Store,
    rows: usize,
    held: Duration,
    left_at: Instant,
}

impl<'s> Pace<'s> {
    pub(super) fn of(store: &'s Store) -> Self {
        Self { store, rows: FIRST, held: Duration::ZERO, left_at: Instant::now() }
    }

    /// How many rows the next transaction should have.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Runs a transaction, again if the database was busy, after a break if enough was held before.
    pub(super) async fn hold<T, F>(&mut self, work: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        if self.held > LONGEST_HOLD && self.store.engine() == "sqlite" {
            tokio::time::sleep(BREAK.saturating_sub(self.left_at.elapsed())).await;
            self.held = Duration::ZERO;
        }
        let begun = Instant::now();
        let mut outcome = work().await;
        for again in 1..TRIES {
            if !outcome.as_ref().is_err_and(StoreError::is_passing) {
                break;
            }
            tokio::time::sleep(BREAK * again).await;
            outcome = work().await;
        }
        self.left_at = Instant::now();
        self.learn(self.left_at - begun);
        outcome
    }

    fn learn(&mut self, took: Duration) {
        self.held += took;
        self.rows = match took {
            took if took < AIM / 2 => self.rows * 2,
            took if took > AIM * 2 => self.rows / 2,
            _ => self.rows,
        };
        self.rows = self.rows.clamp(FEWEST, MOST);
    }
}
