//! In which language a message goes, and which of its wordings.

use super::conditions::{Truth, View, holds};
use crate::domain::hotel::Hotel;
use crate::domain::language::Language;
use crate::domain::stay::{Phone, Reservation};
use crate::domain::trigger::{Content, Texts};

/// Languages by the beginning of a phone number, longest beginning first where one contains another. Only where the
/// number tells the country and people there read the language; a country with several languages lists them in order.
const SPOKEN: &[(&str, &[&str])] = &[
    ("+1", &["en"]),
    ("+20", &["ar"]),
    ("+212", &["ar", "fr"]),
    ("+213", &["ar", "fr"]),
    ("+216", &["ar", "fr"]),
    ("+218", &["ar"]),
    ("+27", &["en"]),
    ("+30", &["el"]),
    ("+31", &["nl"]),
    ("+32", &["nl", "fr", "de"]),
    ("+33", &["fr"]),
    ("+34", &["es"]),
    ("+351", &["pt"]),
    ("+352", &["fr", "de"]),
    ("+353", &["en"]),
    ("+354", &["is"]),
    ("+355", &["sq"]),
    ("+356", &["en"]),
    ("+357", &["el", "tr"]),
    ("+358", &["fi", "sv"]),
    ("+359", &["bg"]),
    ("+36", &["hu"]),
    ("+370", &["lt"]),
    ("+371", &["lv", "ru"]),
    ("+372", &["et", "ru"]),
    ("+373", &["ro", "ru"]),
    ("+374", &["hy", "ru"]),
    ("+375", &["ru", "be"]),
    ("+377", &["fr"]),
    ("+380", &["uk", "ru"]),
    ("+381", &["sr"]),
    ("+382", &["sr"]),
    ("+385", &["hr"]),
    ("+386", &["sl"]),
    ("+387", &["bs"]),
    ("+389", &["mk"]),
    ("+39", &["it"]),
    ("+40", &["ro"]),
    ("+41", &["de", "fr", "it"]),
    ("+420", &["cs"]),
    ("+421", &["sk"]),
    ("+423", &["de"]),
    ("+43", &["de"]),
    ("+44", &["en"]),
    ("+45", &["da"]),
    ("+46", &["sv"]),
    ("+47", &["no", "nb"]),
    ("+48", &["pl"]),
    ("+49", &["de"]),
    ("+51", &["es"]),
    ("+52", &["es"]),
    ("+53", &["es"]),
    ("+54", &["es"]),
    ("+55", &["pt"]),
    ("+56", &["es"]),
    ("+57", &["es"]),
    ("+58", &["es"]),
    ("+591", &["es"]),
    ("+593", &["es"]),
    ("+595", &["es"]),
    ("+598", &["es"]),
    ("+60", &["ms", "en"]),
    ("+61", &["en"]),
    ("+62", &["id"]),
    ("+63", &["en", "fil"]),
    ("+64", &["en"]),
    ("+65", &["en", "zh"]),
    ("+66", &["th"]),
    ("+7", &["ru"]),
    ("+77", &["ru", "kk"]),
    ("+81", &["ja"]),
    ("+82", &["ko"]),
    ("+84", &["vi"]),
    ("+852", &["zh", "en"]),
    ("+853", &["zh", "pt"]),
    ("+855", &["km"]),
    ("+856", &["lo"]),
    ("+86", &["zh"]),
    ("+880", &["bn"]),
    ("+886", &["zh"]),
    ("+90", &["tr"]),
    ("+91", &["hi", "en"]),
    ("+92", &["ur", "en"]),
    ("+94", &["si", "en"]),
    ("+95", &["my"]),
    ("+961", &["ar", "fr"]),
    ("+962", &["ar"]),
    ("+964", &["ar"]),
    ("+965", &["ar"]),
    ("+966", &["ar"]),
    ("+968", &["ar"]),
    ("+971", &["ar", "en"]),
    ("+972", &["he"]),
    ("+973", &["ar"]),
    ("+974", &["ar"]),
    ("+976", &["mn"]),
    ("+977", &["ne"]),
    ("+98", &["fa"]),
    ("+992", &["tg", "ru"]),
    ("+993", &["tk", "ru"]),
    ("+994", &["az", "ru"]),
    ("+995", &["ka", "ru"]),
    ("+996", &["ky", "ru"]),
    ("+998", &["uz", "ru"]),
];

/// The guest's known language if there is a text in it, also when the hotel does not list it; else the hotel's languages
/// in order. An unknown language is guessed from the phone's country, but only when the hotel lists it.
pub fn language(known: Option<Language>, phone: &Phone, hotel: &Hotel, texts: &Texts) -> Option<Language> {
    let wished = known.or_else(|| guessed(phone, hotel));
    let has = |language: &Language| texts.contains_key(language);
    wished.filter(has).or_else(|| hotel.languages.iter().copied().find(has))
}

/// The first language of the phone's country that the hotel lists.
pub fn guessed(phone: &Phone, hotel: &Hotel) -> Option<Language> {
    let number = phone.number()?;
    let country = SPOKEN.iter().filter(|(beginning, _)| number.starts_with(beginning));
    let (_, spoken) = country.max_by_key(|(beginning, _)| beginning.len())?;
    let listed = |code: &&str| Language::parse(code).filter(|language| hotel.languages.contains(language));
    spoken.iter().find_map(listed)
}

/// The wording whose condition holds, the first in order, and its language; `None` if none has a text this guest could
/// be sent. A picture without words has its caption's languages.
pub fn words(content: &Content, view: &View<'_>) -> Option<(usize, Language)> {
    let holds = |filter| holds(filter, view) == Truth::Yes;
    let (index, variant) = content.variants.iter().enumerate().find(|(_, variant)| holds(&variant.filter))?;
    let known = known_language(view.reservation, view.facts.and_then(|facts| facts.language));
    let phone = &view.reservation.booking.phone;
    if !variant.text.is_empty() {
        return language(known, phone, view.hotel, &variant.text).map(|language| (index, language));
    }
    let media = content.media.as_ref()?;
    let captioned = language(known, phone, view.hotel, &media.caption);
    let silent = media.caption.is_empty().then(|| known.unwrap_or_else(|| view.hotel.fallback_language()));
    captioned.or(silent).map(|language| (index, language))
}

/// The template of a wording in a language, with the caption of what is sent beside it; of a picture without words the
/// caption alone, which may be empty.
pub fn template(content: &Content, variant: usize, language: Language) -> Option<String> {
    let variant = content.variants.get(variant)?;
    let caption = content.media.as_ref().map(|media| media.caption.get(&language).map_or("", String::as_str));
    match (variant.text.get(&language), caption) {
        (Some(text), None | Some("")) => Some(text.clone()),
        (Some(text), Some(caption)) => Some(format!("{text}\n\n{caption}")),
        (None, Some(caption)) if variant.text.is_empty() => Some(caption.to_owned()),
        (None, _) => None,
    }
}

/// The languages a wording has words in.
pub fn languages(content: &Content, variant: usize) -> impl Iterator<Item = Language> {
    let text = content.variants.get(variant).map(|variant| &variant.text).filter(|text| !text.is_empty());
    let texts = text.or(content.media.as_ref().map(|media| &media.caption));
    texts.into_iter().flat_map(|texts| texts.keys().copied())
}

/// What the guest is known to read: by the chat or, without one, by the reservation.
pub fn known_language(reservation: &Reservation, by_chat: Option<Language>) -> Option<Language> {
    by_chat.or(reservation.booking.language)
}
