//! A linear model over hashed features, as a file: `HBSC`, version 1, little-endian.
//!
//! `magic[4] · u16 version · u8 bits · u8 classes · u8 piece_min · u8 piece_max · u8 row · u8 feature_version ·
//! f32 scale[classes] · f32 bias[classes] · f32 temperature · f32 threshold · f32 threshold_online ·
//! u32 crc of the training set · i8 weight[2^bits][classes] · u32 crc of all before`

use super::features::{PIECES, ROW, VERSION};

const MAGIC: &[u8; 4] = b"HBSC";
const FILE_VERSION: u16 = 1;
/// More classes than any model of ours has; scores are kept on the stack.
pub const MOST_CLASSES: usize = 16;

/// What a weights file says before its weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Head {
    /// The table has `2^bits` rows.
    pub bits: u8,
    /// What one step of a weight is worth, by class.
    pub scale: Vec<f32>,
    /// Added to each class.
    pub bias: Vec<f32>,
    /// What logits are divided by.
    pub temperature: f32,
    /// At this probability of unhappiness the reader alerts by itself.
    pub threshold: f32,
    /// The same while another reader looks, too.
    pub threshold_online: f32,
    /// Of what it was trained on.
    pub trained_on: u32,
}

/// A model whose weights are part of the program.
#[derive(Debug)]
pub struct Model {
    /// What the file says of itself.
    pub head: Head,
    weights: &'static [u8],
}

/// Why a file is no weights file of this program.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelError {
    /// Cut off, or damaged.
    #[error("the checksum of the weights is wrong")]
    Damaged,
    /// Something else, or of another version.
    #[error("the weights were made for another version of the program")]
    Foreign,
}

impl Model {
    /// Reads a weights file and verifies its checksum.
    pub fn load(file: &'static [u8]) -> Result<Self, ModelError> {
        let (body, sum) = file.split_last_chunk::<4>().ok_or(ModelError::Damaged)?;
        if crc32(body) != u32::from_le_bytes(*sum) {
            return Err(ModelError::Damaged);
        }
        let (head, weights) = head(body).ok_or(ModelError::Foreign)?;
        if weights.len() != head.scale.len() << head.bits {
            return Err(ModelError::Foreign);
        }
        Ok(Self { head, weights })
    }

    /// The logits of a message's features, one a class; unused places are zero.
    pub fn logits(&self, features: &[u32]) -> [f32; MOST_CLASSES] {
        let classes = self.head.scale.len();
        let mut sums = [0_i32; MOST_CLASSES];
        for feature in features {
            let at = *feature as usize * classes;
            for (sum, weight) in sums.iter_mut().zip(&self.weights[at..at + classes]) {
                *sum += i32::from(weight.cast_signed());
            }
        }
        let length = (features.len().max(1) as f32).sqrt();
        let mut logits = [0.0; MOST_CLASSES];
        for (class, logit) in logits.iter_mut().enumerate().take(classes) {
            let value = sums[class] as f32 * self.head.scale[class] / length + self.head.bias[class];
            *logit = value / self.head.temperature;
        }
        logits
    }
}

fn head(body: &[u8]) -> Option<(Head, &[u8])> {
    let mut bytes = Bytes(body);
    let known = bytes.take::<4>()? == *MAGIC && u16::from_le_bytes(bytes.take()?) == FILE_VERSION;
    let [bits, classes, shortest, longest, row, version] = bytes.take()?;
    let features = (shortest, longest) == PIECES && row == ROW && version == VERSION;
    if !known || !features || usize::from(classes) > MOST_CLASSES || !(1..=24).contains(&bits) {
        return None;
    }
    let (scale, bias) = (bytes.floats(classes)?, bytes.floats(classes)?);
    let [temperature, threshold, threshold_online] = [bytes.float()?, bytes.float()?, bytes.float()?];
    let trained_on = u32::from_le_bytes(bytes.take()?);
    Some((Head { bits, scale, bias, temperature, threshold, threshold_online, trained_on }, bytes.0))
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn float(&mut self) -> Option<f32> {
        self.take().map(f32::from_le_bytes).filter(|value| value.is_finite())
    }

    fn floats(&mut self, count: u8) -> Option<Vec<f32>> {
        (0..count).map(|_| self.float()).collect()
    }
}

/// The file of a model; `weights` are by feature, then by class.
pub fn file(head: &Head, weights: &[i8]) -> Vec<u8> {
    let classes = u8::try_from(head.scale.len()).unwrap_or(u8::MAX);
    let mut out = MAGIC.to_vec();
    out.extend(FILE_VERSION.to_le_bytes());
    out.extend([head.bits, classes, PIECES.0, PIECES.1, ROW, VERSION]);
    let numbers = [head.temperature, head.threshold, head.threshold_online];
    let floats = head.scale.iter().chain(&head.bias).chain(&numbers);
    out.extend(floats.flat_map(|value| value.to_le_bytes()));
    out.extend(head.trained_on.to_le_bytes());
    out.extend(weights.iter().map(|weight| weight.cast_unsigned()));
    let sum = crc32(&out);
    out.extend(sum.to_le_bytes());
    out
}

/// The checksum of zip and Ethernet (polynomial `EDB88320`, reflected).
pub fn crc32(bytes: &[u8]) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|byte| {
        (0..8).fold(byte as u32, |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    });
    let step = |sum: u32, byte: &u8| (sum >> 8) ^ table[((sum ^ u32::from(*byte)) & 0xff) as usize];
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Vec<u8> {
        let head = Head {
            bits: 1,
            scale: vec![0.5, 1.0],
            bias: vec![0.0, -1.0],
            temperature: 1.0,
            threshold: 0.3,
            threshold_online: 0.6,
            trained_on: 7,
        };
        file(&head, &[1, 2, -3, 4])
    }

    #[test]
    fn a_written_model_is_read_and_weighs_as_written() {
        let model = Model::load(small().leak()).unwrap();

        assert_eq!(model.head.trained_on, 7);
        assert_eq!(model.logits(&[1])[..2], [-1.5, 3.0]);
        assert_eq!(model.logits(&[])[..2], [0.0, -1.0]);
    }

    #[test]
    fn one_turned_bit_or_a_missing_end_is_noticed() {
        for at in 0..small().len() {
            let mut file = small();
            file[at] ^= 4;
            assert_eq!(Model::load(file.leak()).err(), Some(ModelError::Damaged), "byte {at}");
            assert_eq!(Model::load(small()[..at].to_vec().leak()).err(), Some(ModelError::Damaged), "cut at {at}");
        }
    }

    #[test]
    fn weights_of_other_features_are_refused() {
        let mut file = small();
        file[11] += 1;
        let end = file.len() - 4;
        let sum = crc32(&file[..end]).to_le_bytes();
        file[end..].copy_from_slice(&sum);

        assert_eq!(Model::load(file.leak()).err(), Some(ModelError::Foreign));
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
