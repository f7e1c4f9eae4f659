//! A day as people say it, `24 July`, in the languages the bot speaks; in others in digits.

use crate::domain::language::Language;
use jiff::civil::Date;

const EN: &str = "January February March April May June July August September October November December";
const RU: &str = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря";
const DE: &str = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember";
const ES: &str = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre";
const FR: &str = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre";
const IT: &str = "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre";
const TR: &str = "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık";
const AR: &str = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر";
const TH: &str = "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม";

/// Day and month.
pub(super) fn in_words(date: Date, language: Language) -> String {
    let (day, month) = (date.day(), date.month());
    let named =
        |months: &str| months.split(' ').nth(usize::from(month.unsigned_abs()) - 1).unwrap_or_default().to_owned();
    match language.as_str() {
        "en" => format!("{day} {}", named(EN)),
        "ru" => format!("{day} {}", named(RU)),
        "de" => format!("{day}. {}", named(DE)),
        "es" => format!("{day} de {}", named(ES)),
        "fr" if day == 1 => format!("1er {}", named(FR)),
        "fr" => format!("{day} {}", named(FR)),
        "it" => format!("{day} {}", named(IT)),
        "tr" => format!("{day} {}", named(TR)),
        "ar" => format!("{day} {}", named(AR)),
        "th" => format!("{day} {}", named(TH)),
        "zh" | "ja" => format!("{month}月{day}日"),
        "ko" => format!("{month}월 {day}일"),
        _ => format!("{day:02}.{month:02}.{}", date.year()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_is_told_in_the_guests_language() {
        for (language, text) in [
            ("en", "1 December"),
            ("ru", "1 декабря"),
            ("de", "1. Dezember"),
            ("fr", "1er décembre"),
            ("es", "1 de diciembre"),
            ("zh", "12月1日"),
            ("th", "1 ธันวาคม"),
            ("pl", "01.12.2026"),
        ] {
            assert_eq!(in_words(date(2026, 12, 1), Language::parse(language).expect("a code")), text);
        }
        for months in [EN, RU, DE, ES, FR, IT, TR, AR, TH] {
            assert_eq!(months.split(' ').count(), 12, "{months}");
        }
    }
}
