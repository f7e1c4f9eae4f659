//! What is not resolved, and what of it waits longer than its hotel promises.

use super::view::overdue;
use crate::words;
use hotelbot::domain::alert::Alert;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::ids::HotelId;
use hotelbot::store::Store;
use hotelbot::store::alerts::AlertFilter;
use jiff::Timestamp;

/// More open alerts than people could ever look after.
const LOOKED_THROUGH: i64 = 10_000;

/// See the module.
pub struct Open(Vec<Alert>);

impl Open {
    /// Of every hotel.
    pub async fn of(store: &Store) -> anyhow::Result<Self> {
        let filter = AlertFilter { limit: LOOKED_THROUGH, ..AlertFilter::default() };
        Ok(Self(store.alerts(&filter).await?.into_iter().map(|view| view.alert).collect()))
    }

    /// How many of a hotel.
    pub fn count(&self, hotel: &HotelId) -> i64 {
        let count = self.0.iter().filter(|alert| alert.hotel == *hotel).count();
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    /// Those that wait too long, the gravest first.
    pub fn overdue(&self, hotel: &Hotel, now: Timestamp) -> Vec<&Alert> {
        self.0.iter().filter(|alert| alert.hotel == hotel.id && alert.is_overdue(&hotel.sla, now)).collect()
    }

    /// What is late at a hotel, in words; `None` when nothing is.
    pub fn late(&self, hotel: &Hotel, now: Timestamp) -> Option<String> {
        let late = self.overdue(hotel, now);
        let first = late.first()?;
        let why = overdue(first, &hotel.sla, now)?;
        let which = format!("alert {} ({}, {})", first.number, first.topic, first.severity);
        Some(match late.len() {
            1 => format!("{which}: {why}"),
            many => format!("{} wait too long; {which}: {why}", words::count(many, "alert", "alerts")),
        })
    }
}
