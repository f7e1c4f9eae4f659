//! Switches for misbehaviour: each is on for the next so many occasions, or for a share of them drawn from a seed.

use serde::{Deserialize, Serialize};

/// A fault that is switched on, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Switch<F> {
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: F,
    /// For how many occasions; absent means until it is switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How many occasions pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// The share of occasions that go wrong, 0 to 1; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Where the draws start, so that a run can be repeated.
    #[serde(default)]
    pub seed: u64,
    /// Only for these: method names, notification types, or texts a prompt contains; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
}

impl<F> Switch<F> {
    /// On until it is switched off.
    pub fn on(fault: F) -> Self {
        Self { fault, times: None, skip: 0, probability: None, seed: 0, only: Vec::new() }
    }

    /// On for the next `times` occasions.
    pub fn next(fault: F, times: u32) -> Self {
        Self { times: Some(times), ..Self::on(fault) }
    }

    /// The same, restricted to these methods, notification types or prompt texts.
    #[must_use]
    pub fn only(mut self, names: &[&str]) -> Self {
        self.only = names.iter().map(ToString::to_string).collect();
        self
    }

    /// Counts one occasion; true if the fault strikes.
    fn strikes(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if self.probability.is_some_and(|share| draw(&mut self.seed) >= share) {
            return false;
        }
        if let Some(times) = &mut self.times {
            *times = times.saturating_sub(1);
        }
        true
    }
}

/// All faults that are switched on in one place, oldest first.
#[derive(Debug)]
pub struct Switches<F>(Vec<Switch<F>>);

impl<F> Default for Switches<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Clone> Switches<F> {
    /// Switches one more fault on.
    pub fn add(&mut self, switch: Switch<F>) {
        self.0.push(switch);
    }

    /// Switches everything off.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What is switched on.
    #[must_use]
    pub fn list(&self) -> &[Switch<F>] {
        &self.0
    }

    /// Whether nothing is switched on; the hot path asks this first.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first fault that `wanted` accepts and that strikes now, for an occasion that `concerns` the given names.
    pub fn take<T>(&mut self, concerns: impl Fn(&str) -> bool, wanted: impl Fn(&F) -> Option<T>) -> Option<T> {
        let mut found = None;
        for switch in &mut self.0 {
            let Some(fault) = wanted(&switch.fault) else { continue };
            if (switch.only.is_empty() || switch.only.iter().any(|name| concerns(name))) && switch.strikes() {
                found = Some(fault);
                break;
            }
        }
        if found.is_some() {
            self.0.retain(|switch| switch.times != Some(0));
        }
        found
    }
}

/// A step of SplitMix64: a well mixed number from a counter. Different counters never give the same number.
#[must_use]
pub fn mix(counter: u64) -> u64 {
    let mut mixed = counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
fn draw(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(1);
    (mix(*seed) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(switch: Switch<char>, occasions: usize) -> Vec<bool> {
        let mut switches = Switches::default();
        switches.add(switch);
        (0..occasions).map(|_| switches.take(|_| true, |fault| Some(*fault)).is_some()).collect()
    }

    #[test]
    fn a_switch_for_the_next_two_strikes_twice() {
        assert_eq!(strikes(Switch::next('x', 2), 4), [true, true, false, false]);
    }

    #[test]
    fn skipped_occasions_pass_first() {
        assert_eq!(strikes(Switch { skip: 1, ..Switch::next('x', 1) }, 3), [false, true, false]);
    }

    #[test]
    fn a_probability_repeats_with_its_seed() {
        let switch = Switch { probability: Some(0.3), seed: 7, ..Switch::on('x') };

        let struck = strikes(switch.clone(), 1000);

        assert_eq!(struck, strikes(switch, 1000));
        let count = struck.iter().filter(|hit| **hit).count();
        assert!((230..370).contains(&count), "{count} of 1000");
    }

    #[test]
    fn only_the_named_are_struck() {
        let mut switches = Switches::default();
        switches.add(Switch::on('x').only(&["sendMessage"]));

        assert_eq!(switches.take(|name| name == "getSettings", |fault| Some(*fault)), None);
        assert_eq!(switches.take(|name| name == "sendMessage", |fault| Some(*fault)), Some('x'));
    }
}
