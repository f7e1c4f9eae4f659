//! Files that are told in parts: interrupted, gone on with, and what comes in their middle.

use super::{Desk, booking, source, teller};
use crate::support::on_both_engines;
use crate::support::world::World;
use futures_util::FutureExt;
use hotelbot::domain::ids::ReservationId;
use hotelbot::domain::stay::{Booking, ReservationStatus};
use hotelbot::domain::stay_change::{ByHand, Told};
use hotelbot::flow::stays::{Replan, Replanned, Source, Tellings};
use hotelbot::ports::Clock;
use hotelbot::store::StoreError;
use std::sync::{Arc, Mutex};

on_both_engines!(
    a_long_file_that_is_interrupted_is_gone_on_with_and_all_of_it_is_there,
    before_it_is_decided_on_nothing_of_a_long_file_is_there,
    what_comes_in_the_middle_of_an_import_comes_after_it,
    what_was_staged_by_a_killed_program_is_found_and_thrown_away,
);

/// Something that fails once, when so many parts followed.
fn failing_in_part(part: usize) -> Replan {
    let times = Arc::new(Mutex::new(0));
    Arc::new(move |_, _, _, _| {
        let mut times = times.lock().expect("no panic");
        *times += 1;
        let fails = *times == part;
        async move {
            if fails {
                return Err(StoreError::Refused("no".to_owned()));
            }
            Ok(Replanned { planned: 1, ..Replanned::default() })
        }
        .boxed()
    })
}

/// More than is told in one transaction.
fn long_file() -> Vec<Booking> {
    (0..2600).map(|n| booking(&format!("R{n:04}"), &format!("+7900{n:07}"))).collect()
}

async fn a_long_file_that_is_interrupted_is_gone_on_with_and_all_of_it_is_there(world: World) {
    let desk = Desk::new(world).await;
    let file = long_file();
    let tried = desk.teller.try_import(desk.hotel.clone(), "csv", source(&file)).await.expect("tried");
    assert_eq!((tried.told, tried.created, tried.first), (2600, 2600, true));
    for table in ["reservations", "staged", "imports"] {
        assert_eq!(desk.world.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }

    let interrupted = teller(&desk.world).following(failing_in_part(3));
    assert!(desk.try_to(&interrupted, &file).await.is_err());

    let left = desk.world.store.unfinished_imports().await.expect("looked");
    let left: Vec<i64> = left.iter().map(|import| import.left).collect();
    let told = desk.world.number("SELECT COUNT(*) FROM reservations").await;
    assert!(told > 0, "two parts of it are told");
    assert_eq!(left, [2600 - told]);
    let rest = desk.teller.finish(&desk.hotel, None).await.expect("told");
    assert_eq!(i64::try_from(rest.told).expect("few"), 2600 - told);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 2600);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations WHERE silent_before IS NOT NULL").await, 2600);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM imports WHERE created = 2600 AND open = 0").await, 1);
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM staged").await, 0);
    assert!(desk.world.store.unfinished_imports().await.expect("looked").is_empty());
    let again = desk.import(&file).await;
    assert_eq!((again.told, again.same, again.first), (2600, 2600, false));
}

async fn before_it_is_decided_on_nothing_of_a_long_file_is_there(world: World) {
    let desk = Desk::new(world).await;
    let file = long_file();
    let broken: Source = Arc::new(move || {
        let told: Vec<Result<Told, String>> = file.iter().cloned().map(|booking| Ok(Told::whole(booking))).collect();
        Ok(Box::new(told.into_iter().chain([Err("the file ended".to_owned())])) as Tellings)
    });

    assert!(desk.teller.import(desk.hotel.clone(), "csv", broken).await.is_err());

    for table in ["reservations", "guests", "imports", "staged"] {
        assert_eq!(desk.world.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
}

async fn what_comes_in_the_middle_of_an_import_comes_after_it(world: World) {
    let desk = Desk::new(world).await;
    let mut file = long_file();
    // The same reservation twice: the last row counts, however far away it is.
    file.push(Booking { room: Some("7".to_owned()), ..file[2200].clone() });
    assert!(desk.try_to(&teller(&desk.world).following(failing_in_part(2)), &file).await.is_err());
    let here = Booking { status: ReservationStatus::CheckedIn, ..file[2000].clone() };
    let gone = ByHand { status: Some(ReservationStatus::Cancelled), ..ByHand::default() };

    desk.teller.deliver(desk.hotel.clone(), vec![Told::whole(here)], false).await.expect("told");
    desk.teller.set(desk.hotel.clone(), ReservationId::from("R2100"), gone, false).await.expect("set").expect("known");
    let short = Booking { room: Some("8".to_owned()), ..file[2300].clone() };
    desk.import(&[short]).await;
    desk.teller.finish(&desk.hotel, None).await.expect("told");

    assert_eq!(desk.stay("R2000").await.booking.status, ReservationStatus::CheckedIn);
    assert_eq!(desk.stay("R2100").await.booking.status, ReservationStatus::Cancelled);
    assert_eq!(desk.stay("R2200").await.booking.room.as_deref(), Some("7"));
    assert_eq!(desk.stay("R2300").await.booking.room.as_deref(), Some("8"));
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 2600);
}

async fn what_was_staged_by_a_killed_program_is_found_and_thrown_away(world: World) {
    let desk = Desk::new(world).await;
    let told: Vec<Told> = long_file().into_iter().map(Told::whole).collect();
    let (killed, hotel) = (desk.world.clock.new_id(), &desk.hotel.id);
    desk.world.store.stage(hotel, killed, &told).await.expect("staged");
    assert!(desk.try_to(&teller(&desk.world).following(failing_in_part(1)), &long_file()).await.is_err());
    let later = uuid::Uuid::max();

    let abandoned = desk.world.store.abandoned(later).await.expect("looked");

    assert_eq!(abandoned, [(hotel.clone(), killed)], "the import that counts is not abandoned");
    assert!(desk.world.store.abandoned(killed).await.expect("looked").is_empty(), "it is not old enough");
    let open = desk.world.store.unfinished_imports().await.expect("looked")[0].id;
    for import in [killed, open] {
        desk.world.store.unstage(hotel, import).await.expect("swept");
    }
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM staged").await, 2600, "what counts stays");
    desk.teller.finish(&desk.hotel, None).await.expect("told");
    assert_eq!(desk.world.number("SELECT COUNT(*) FROM reservations").await, 2600);
}
