//! What tokens cost, in whole millionths of a dollar. The table is configuration: prices change a few times a year.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Dollars for a million tokens, in millionths: 0.15 USD is 150,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Read from the vendor's cache.
    pub hit: i64,
    /// Read anew.
    pub miss: i64,
    /// Written.
    pub output: i64,
}

/// The prices of one model from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The model's id.
    pub model: String,
    /// Since when.
    pub valid_from: Timestamp,
    /// Outside the peak hours.
    pub off_peak: Rates,
    /// Within them.
    pub peak: Rates,
}

/// The tokens of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read from the vendor's cache.
    pub hit: u64,
    /// Read anew.
    pub miss: u64,
    /// Written.
    pub output: u64,
}

/// The price table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices(pub Vec<Price>);

impl Default for Prices {
    /// The vendor's pricing page of November 2026.
    fn default() -> Self {
        let rates = |hit, miss, output| Rates { hit, miss, output };
        let price = |model: &str, off_peak, peak| Price {
            model: model.to_owned(),
            valid_from: Timestamp::UNIX_EPOCH,
            off_peak,
            peak,
        };
        Self(vec![
            price("deepseek-flash", rates(3_000, 150_000, 600_000), rates(6_000, 300_000, 1_200_000)),
            price("deepseek-v4-pro", rates(22_000, 660_000, 1_980_000), rates(44_000, 1_320_000, 3_960_000)),
        ])
    }
}

impl Prices {
    /// The cost in micro-dollars, rounded up. A model that is not in the table costs as much as the dearest in it: a
    /// budget must not be overrun because a name is new.
    pub fn cost(&self, model: &str, at: Timestamp, tokens: Tokens) -> i64 {
        let valid = self.0.iter().filter(|price| price.valid_from <= at);
        let own = valid.clone().filter(|price| price.model == model).max_by_key(|price| price.valid_from);
        let Some(price) = own.or_else(|| valid.max_by_key(|price| price.peak.output)) else { return 0 };
        let rates = if is_peak(at) { price.peak } else { price.off_peak };
        let part = |tokens: u64, rate: i64| i128::from(tokens) * i128::from(rate);
        let total = part(tokens.hit, rates.hit) + part(tokens.miss, rates.miss) + part(tokens.output, rates.output);
        i64::try_from((total + 999_999) / 1_000_000).unwrap_or(i64::MAX)
    }
}

/// 01:00 to 04:00 and 06:00 to 10:00 UTC from Monday to Friday. Chinese public holidays are off-peak for the vendor
/// and peak here: the calendar changes by decree, and too high an estimate harms nobody.
pub fn is_peak(at: Timestamp) -> bool {
    let utc: Zoned = at.to_zoned(TimeZone::UTC);
    let working = !matches!(utc.weekday(), Weekday::Saturday | Weekday::Sunday);
    working && matches!(utc.hour(), 1..4 | 6..10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: Tokens = Tokens { hit: 2_000, miss: 300, output: 200 };

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn peak_hours_are_two_windows_of_the_working_week() {
        for (instant, peak) in [
            ("2026-11-23T00:59:59Z", false),
            ("2026-11-23T01:00:00Z", true),
            ("2026-11-23T03:59:59Z", true),
            ("2026-11-23T04:00:00Z", false),
            ("2026-11-23T06:00:00Z", true),
            ("2026-11-23T09:59:59Z", true),
            ("2026-11-23T10:00:00Z", false),
            ("2026-11-22T02:00:00Z", false), // a Sunday
        ] {
            assert_eq!(is_peak(at(instant)), peak, "{instant}");
        }
    }

    #[test]
    fn cost_follows_model_band_and_date() {
        let mut prices = Prices::default();
        // 2,000 x 0.003 + 300 x 0.15 + 200 x 0.60 = 171 millionths
        assert_eq!(prices.cost("deepseek-flash", at("2026-11-23T12:00:00Z"), TOKENS), 171);
        assert_eq!(prices.cost("deepseek-flash", at("2026-11-23T07:00:00Z"), TOKENS), 342);
        assert_eq!(prices.cost("deepseek-v4-pro", at("2026-11-23T12:00:00Z"), TOKENS), 638);
        assert_eq!(prices.cost("someone-new", at("2026-11-23T12:00:00Z"), TOKENS), 638, "the dearest");

        let dearer = Rates { hit: 0, miss: 0, output: 10_000_000 };
        let from = at("2027-01-01T00:00:00Z");
        prices.0.push(Price { model: "deepseek-flash".into(), valid_from: from, off_peak: dearer, peak: dearer });
        assert_eq!(prices.cost("deepseek-flash", at("2026-12-31T23:59:59Z"), TOKENS), 171);
        assert_eq!(prices.cost("deepseek-flash", from, TOKENS), 2_000);
    }

    #[test]
    fn nothing_costs_nothing_and_a_fraction_rounds_up() {
        let noon = at("2026-11-23T12:00:00Z");
        assert_eq!(Prices::default().cost("deepseek-flash", noon, Tokens::default()), 0);
        assert_eq!(Prices::default().cost("deepseek-flash", noon, Tokens { hit: 1, ..Tokens::default() }), 1);
    }
}
