//! How a hotel's number is doing, in words.

use crate::words;
use hotelbot::domain::hotel::Hotel;
use hotelbot::domain::number_health::{self, HoldReason, NumberSeen};
use jiff::Timestamp;

/// What spares the number, or should; nobody has to do anything about it at once.
pub fn spared(hotel: &Hotel, seen: &NumberSeen, now: Timestamp) -> Option<String> {
    let answered = |percent: i64| {
        let of = format!("{} of {} new contacts of 30 days answered", seen.answered, seen.lately);
        format!("{of} ({percent} %); Green API advises 30 % and more, else WhatsApp may suspend the number")
    };
    let Some(hold) = number_health::hold(hotel, seen, now) else {
        return number_health::low_replies(seen).map(answered);
    };
    let why = match hold.why {
        HoldReason::WarmUp => format!("{} today, and the number is new", seen.today),
        HoldReason::PerDay => format!("{} today are enough (`per_day`)", seen.today),
        HoldReason::FewReplies => format!("only {} of {} answered (`min_replies`)", seen.answered, seen.lately),
        HoldReason::Ailed => "WhatsApp suspended or blocked the number".to_owned(),
    };
    let until = words::moment(hold.until, now, &hotel.time_zone());
    Some(format!("new contacts wait until {until}: {why}"))
}
