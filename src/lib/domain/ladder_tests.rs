use super::*;
use crate::domain::alert::{Act, Cause, Raising, StayPhase, Step, Through, Whereabouts};
use crate::domain::ids::{AlertId, ChatId, HotelId};
use crate::domain::understanding::{Sentiment, Topic};
use uuid::Uuid;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_783_868_400 + seconds).expect("in range")
}

fn alert() -> Alert {
    let cause = Cause {
        topic: Topic::Noise,
        severity: None,
        label: Sentiment::Negative,
        confidence: None,
        reason: None,
        department: None,
        words: "loud".to_owned(),
        language: None,
        suggested_reply: None,
    };
    let hotel = HotelId::parse("astoria").expect("an id");
    let (id, chat) = (AlertId(Uuid::from_u128(1)), ChatId(Uuid::from_u128(2)));
    let raising = Raising { hotel, id, number: 1, chat, at: at(0) };
    Alert::raised(raising, &cause, Whereabouts { phase: StayPhase::InHouse, reservation: None })
}

fn contact(id: &str, minutes: u64, departments: &[&str]) -> StaffContact {
    StaffContact {
        id: id.into(),
        name: id.into(),
        whatsapp: Some("+79210000001".into()),
        telegram: None,
        email: None,
        webhook: None,
        departments: departments.iter().map(|one| (*one).to_owned()).collect(),
        after: Duration::from_secs(minutes * 60),
    }
}

fn told(contact: &str, round: i64, seconds: i64, fate: Fate) -> Told {
    Told { contact: contact.into(), round, at: at(seconds), fate }
}

/// Whom it tells and when it looks again, in seconds after the alert.
fn look(alert: &Alert, contacts: &[StaffContact], told: &[Told], seconds: i64) -> (Vec<String>, Option<i64>) {
    let sla = SlaPolicy { first_response: Duration::from_secs(600), resolution: Duration::from_secs(14_400) };
    let rung = next(alert, &in_order(contacts, None), told, &sla, at(seconds));
    let look_at = rung.look_at.map(|look_at| look_at.duration_since(at(0)).as_secs());
    (rung.tell.iter().map(|contact| contact.id.clone()).collect(), look_at)
}

#[test]
fn the_first_contact_is_told_at_once_and_the_next_when_nobody_answers() {
    let contacts = [contact("desk", 0, &[]), contact("manager", 0, &[])];
    let alert = alert();
    assert_eq!(look(&alert, &contacts, &[], 0), (vec!["desk".into()], Some(0)));
    let reached = [told("desk", 0, 0, Fate::Confirmed)];
    assert_eq!(look(&alert, &contacts, &reached, 1), (vec![], Some(600)));
    assert_eq!(look(&alert, &contacts, &reached, 600), (vec!["manager".into()], Some(600)));
}

#[test]
fn who_cannot_be_reached_is_not_waited_for() {
    let contacts = [contact("desk", 0, &[]), contact("manager", 10, &[])];
    let alert = alert();
    let silent = [told("desk", 0, 0, Fate::OnItsWay)];
    assert_eq!(look(&alert, &contacts, &silent, 59), (vec![], Some(60)));
    assert_eq!(look(&alert, &contacts, &silent, 60).0, vec!["manager"]);
    assert_eq!(look(&alert, &contacts, &[told("desk", 0, 0, Fate::Failed)], 2).0, vec!["manager"]);
}

#[test]
fn a_contacts_own_time_counts() {
    let contacts = [contact("desk", 0, &[]), contact("manager", 3, &[])];
    let reached = [told("desk", 0, 0, Fate::Confirmed)];
    assert_eq!(look(&alert(), &contacts, &reached, 1), (vec![], Some(180)));
    assert_eq!(look(&alert(), &contacts, &reached, 180).0, vec!["manager"]);
}

#[test]
fn everybody_is_told_again_until_somebody_takes_it() {
    let contacts = [contact("desk", 0, &[]), contact("manager", 0, &[])];
    let all = [told("desk", 0, 0, Fate::Confirmed), told("manager", 0, 600, Fate::Confirmed)];
    assert_eq!(look(&alert(), &contacts, &all, 700), (vec![], Some(1200)));
    assert_eq!(look(&alert(), &contacts, &all, 1200), (vec!["desk".into(), "manager".into()], Some(1800)));
}

#[test]
fn what_was_taken_is_told_again_only_if_it_is_not_resolved_in_time() {
    let contacts = [contact("desk", 0, &[])];
    let mut alert = alert();
    let act = |seconds| Act { at: at(seconds), by: "desk".into(), through: Through::Chat };
    assert!(alert.step(Step::Acknowledge, act(30)));
    let reached = [told("desk", 0, 0, Fate::Confirmed)];
    assert_eq!(look(&alert, &contacts, &reached, 40), (vec![], Some(14_430)));
    assert_eq!(look(&alert, &contacts, &reached, 14_430).0, vec!["desk"]);
    assert!(alert.step(Step::Resolve, act(14_500)));
    assert_eq!(look(&alert, &contacts, &reached, 99_999), (vec![], None));
}

#[test]
fn those_of_the_department_come_first_and_nobody_is_left_out() {
    let contacts =
        [contact("desk", 0, &["front_desk"]), contact("technician", 0, &["engineering"]), contact("boss", 0, &[])];
    let order =
        |department| in_order(&contacts, department).iter().map(|contact| contact.id.as_str()).collect::<Vec<_>>();
    assert_eq!(order(Some("engineering")), ["technician", "boss", "desk"]);
    assert_eq!(order(None), ["desk", "technician", "boss"]);
}

#[test]
fn a_hotel_without_contacts_is_looked_at_again() {
    assert_eq!(look(&alert(), &[], &[], 0), (vec![], Some(600)));
}
