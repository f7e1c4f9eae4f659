//! How a simulated guest's words are read as an answer: as the daemon reads them.

use hotelbot::domain::simulate::Reading;
use hotelbot::domain::trigger::Question;
use hotelbot::nlu::answers;

/// What these words answer; `None` if they are no answer. Words that begin with "but" or its like complain.
#[expect(clippy::cast_precision_loss, reason = "a scale ends long before 2^52")]
pub fn read(question: &Question, text: &str) -> Option<Reading> {
    let answered = answers::read(question, text)?;
    let complains = answered.rest.is_some_and(|rest| rest.but);
    Some(Reading { answer: answered.answer, score: answered.score.map(|score| score as f64), complains })
}
