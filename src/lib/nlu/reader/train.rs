//! Training: AdaGrad on a softmax (one class of several) or on independent logistic outputs (any number of topics).
//! The same examples and seed give the same file, byte for byte.

use super::model::{Head, crc32, file};

/// A labelled message.
#[derive(Clone, Debug)]
pub struct Example {
    /// As `features` gives them.
    pub features: Vec<u32>,
    /// The classes it belongs to, one bit each.
    pub classes: u32,
    /// How often it counts.
    pub weight: f32,
}

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// The table of weights has `2^bits` rows.
    pub bits: u8,
    /// How many classes there are.
    pub classes: usize,
    /// Whether a message has exactly one class.
    pub one_class: bool,
    /// How often all examples are seen.
    pub rounds: u32,
    /// The step of AdaGrad.
    pub rate: f32,
    /// Orders the examples.
    pub seed: u64,
}

/// Trains and returns the weights file. The thresholds are written as given.
pub fn train(course: &Course, examples: &[Example], thresholds: (f32, f32)) -> Vec<u8> {
    let mut learner = Learner::new(course);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut random = course.seed;
    for _ in 0..course.rounds {
        for last in (1..order.len()).rev() {
            order.swap(last, (next(&mut random) % (last as u64 + 1)) as usize);
        }
        order.iter().for_each(|at| learner.learn(&examples[*at]));
    }
    learner.file(thresholds, crc_of(examples))
}

/// The next number of a SplitMix sequence.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn crc_of(examples: &[Example]) -> u32 {
    let numbers = |example: &Example| {
        let own = [example.classes, example.weight.to_bits()];
        example.features.iter().copied().chain(own).flat_map(u32::to_le_bytes).collect::<Vec<u8>>()
    };
    crc32(&examples.iter().flat_map(numbers).collect::<Vec<u8>>())
}

struct Learner {
    course: Course,
    weights: Vec<f32>,
    squares: Vec<f32>,
    bias: Vec<f32>,
    bias_squares: Vec<f32>,
}

impl Learner {
    fn new(course: &Course) -> Self {
        let size = course.classes << course.bits;
        Self {
            course: *course,
            weights: vec![0.0; size],
            squares: vec![1e-4; size],
            bias: vec![0.0; course.classes],
            bias_squares: vec![1e-4; course.classes],
        }
    }

    fn learn(&mut self, example: &Example) {
        let classes = self.course.classes;
        let value = 1.0 / (example.features.len().max(1) as f32).sqrt();
        let guess = self.guess(&example.features, value);
        for (class, guess) in guess.iter().enumerate().take(classes) {
            let truth = f32::from(u8::from(example.classes >> class & 1 == 1));
            let slope = (guess - truth) * example.weight;
            if slope.abs() < 1e-5 {
                continue;
            }
            step(&mut self.bias[class], &mut self.bias_squares[class], slope * 0.1, self.course.rate);
            for feature in &example.features {
                let at = *feature as usize * classes + class;
                step(&mut self.weights[at], &mut self.squares[at], slope * value, self.course.rate);
            }
        }
    }

    fn guess(&self, features: &[u32], value: f32) -> Vec<f32> {
        let classes = self.course.classes;
        let mut logits = self.bias.clone();
        for feature in features {
            let at = *feature as usize * classes;
            for (logit, weight) in logits.iter_mut().zip(&self.weights[at..at + classes]) {
                *logit += weight * value;
            }
        }
        if self.course.one_class { softmax(&logits) } else { logits.iter().map(|logit| sigmoid(*logit)).collect() }
    }

    /// Rounds each class to steps of its own; single outliers are cut off rather than making all steps coarse.
    fn file(&self, thresholds: (f32, f32), trained_on: u32) -> Vec<u8> {
        let classes = self.course.classes;
        let scale: Vec<f32> = (0..classes).map(|class| self.reach(class) / 127.0).collect();
        let rounded = |(at, weight): (usize, &f32)| (weight / scale[at % classes]).round().clamp(-127.0, 127.0) as i8;
        let weights: Vec<i8> = self.weights.iter().enumerate().map(rounded).collect();
        let head = Head {
            bits: self.course.bits,
            scale: scale.clone(),
            bias: self.bias.clone(),
            temperature: 1.0,
            threshold: thresholds.0,
            threshold_online: thresholds.1,
            trained_on,
        };
        file(&head, &weights)
    }

    /// The size that only one weight in two thousand exceeds.
    fn reach(&self, class: usize) -> f32 {
        let of_class = self.weights.iter().skip(class).step_by(self.course.classes);
        let mut sizes: Vec<f32> = of_class.map(|weight| weight.abs()).filter(|size| *size > 0.0).collect();
        sizes.sort_unstable_by(f32::total_cmp);
        sizes.get(sizes.len() - sizes.len() / 2_000 - usize::from(!sizes.is_empty())).copied().unwrap_or(1.0)
    }
}

fn step(weight: &mut f32, squares: &mut f32, slope: f32, rate: f32) {
    *squares += slope * slope;
    *weight -= rate * slope / squares.sqrt();
}

/// Probabilities that add up to one.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// A probability by itself.
pub fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::super::model::Model;
    use super::*;

    fn examples() -> Vec<Example> {
        let example = |features: &[u32], classes| Example { features: features.to_vec(), classes, weight: 1.0 };
        vec![example(&[0, 2], 1), example(&[1, 2], 2), example(&[0, 3], 1), example(&[1, 3], 2)]
    }

    #[test]
    fn what_tells_the_classes_apart_is_learned_and_repeats_byte_for_byte() {
        let course = Course { bits: 2, classes: 2, one_class: true, rounds: 60, rate: 0.2, seed: 1 };

        let file = train(&course, &examples(), (0.3, 0.6));

        assert_eq!(train(&course, &examples(), (0.3, 0.6)), file);
        let model = Model::load(file.leak()).unwrap();
        let of = |features: &[u32]| softmax(&model.logits(features)[..2])[0];
        assert!(of(&[0, 2]) > 0.9 && of(&[1, 3]) < 0.1, "{} {}", of(&[0, 2]), of(&[1, 3]));
    }
}
