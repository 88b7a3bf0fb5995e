//! Working time of three systems whose weeks differ, as rows: question, moment or day, expected answer.

use meridian_settlement::{Calendar, common_value_date};
use meridian_terms::{Day, Moment};

const IRAN: &str = "offset,1970-01-01,+03:30\nweekend,1970-01-01,Thursday Friday\nhours,08:00,16:30\ncut_off,15:30\n\
    holiday,2026-03-21,Nowruz # illustrative\n";
const RUSSIA: &str = "offset,1970-01-01,+04:00\noffset,2014-10-26,+03:00\nweekend,1970-01-01,Saturday Sunday\n\
    hours,01:00,21:00\ncut_off,18:00\n";
const EMIRATES: &str = "offset,1970-01-01,+04:00\nweekend,1970-01-01,Friday Saturday\nweekend,2022-01-01,Saturday Sunday\n\
    hours,08:00,16:00\n";

fn calendar(name: &str) -> Calendar {
    let text = match name {
        "IR" => IRAN,
        "RU" => RUSSIA,
        _ => EMIRATES,
    };
    Calendar::parse(text).unwrap()
}

#[test]
fn working_time_follows_the_rows() {
    let rows = "
        IR rest      2026-03-19                 weekend
        IR rest      2026-03-21                 Nowruz
        IR rest      2026-03-22                 -
        AE rest      2021-12-31                 weekend
        AE rest      2022-01-07                 -
        AE rest      2022-01-08                 weekend
        IR open      2026-03-18T08:00:00+03:30  true
        IR open      2026-03-18T07:59:59+03:30  false
        IR open      2026-03-18T16:30:00+03:30  false
        IR open      2026-03-20T12:00:00+03:30  false
        RU open      2014-10-24T16:30:00Z       true
        RU open      2014-10-24T17:30:00Z       false
        RU open      2014-10-27T17:30:00Z       true
        IR value     2026-03-18T15:29:59+03:30  2026-03-18
        IR value     2026-03-18T15:30:00+03:30  2026-03-22
        RU value     2026-03-20T17:59:00+03:00  2026-03-20
        RU value     2026-03-20T18:00:00+03:00  2026-03-23
        AE value     2026-03-20T15:59:59+04:00  2026-03-20
        IR opening   2026-03-18T09:00:00+03:30  2026-03-18T05:30:00Z
        IR opening   2026-03-18T17:00:00+03:30  2026-03-22T04:30:00Z
        RU opening   2026-03-21T12:00:00+03:00  2026-03-22T22:00:00Z
        RU cut_off   2026-03-20T18:00:00+03:00  2026-03-23T15:00:00Z
        RU cut_off   2026-03-20T12:00:00+03:00  2026-03-20T15:00:00Z";
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let words: Vec<&str> = row.split_whitespace().collect();
        let calendar = calendar(words[0]);
        let at = || Moment::parse(words[2]).unwrap();
        let told = match words[1] {
            "rest" => calendar.rest(Day::parse(words[2]).unwrap()).unwrap_or("-").to_owned(),
            "open" => calendar.is_open(at()).to_string(),
            "value" => calendar.value_date(at()).unwrap().to_string(),
            "opening" => calendar.next_opening(at()).unwrap().to_string(),
            _ => calendar.next_cut_off(at()).unwrap().to_string(),
        };
        assert_eq!(told, words[3], "in row: {row}");
    }
}

#[test]
fn a_trade_across_two_weeks_settles_on_a_day_both_work() {
    let (iran, russia) = (calendar("IR"), calendar("RU"));
    let rows = [
        ("2026-03-18", 0, "2026-03-18"),
        ("2026-03-18", 1, "2026-03-23"),
        ("2026-03-19", 0, "2026-03-23"),
        ("2026-03-19", 2, "2026-03-25"),
    ];
    for (from, days, expected) in rows {
        let found = common_value_date(&[&iran, &russia], Day::parse(from).unwrap(), days).unwrap();
        assert_eq!(found.to_string(), expected, "from {from} plus {days}");
    }
    let never = Calendar::parse("offset,1970-01-01,+00:00\nweekend,1970-01-01,Saturday Sunday Monday Tuesday Wednesday\nhours,08:00,16:00").unwrap();
    let refusal = common_value_date(&[&iran, &never], Day::parse("2026-03-18").unwrap(), 0).unwrap_err();
    assert_eq!(refusal.code, "settlement.no_business_day");
}

#[test]
fn a_malformed_calendar_names_its_line() {
    let whole = "offset,1970-01-01,+03:00\nweekend,1970-01-01,Sunday\nhours,08:00,16:00\n";
    let rows = [
        (whole.replace("Sunday", "Sonntag"), "line 2"),
        (whole.replace("+03:00", "03:00"), "line 1"),
        (whole.replace("08:00,16:00", "16:00,08:00"), "hours"),
        (format!("{whole}holiday,2026-02-30,never\n"), "line 4"),
        (format!("{whole}cut_off,17:00\n"), "cut-off"),
        (String::new(), "offset"),
        (whole.replace("Sunday", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"), "line 2"),
    ];
    for (text, words) in rows {
        let refusal = Calendar::parse(&text).unwrap_err();
        assert_eq!(refusal.code, "settlement.calendar_malformed");
        assert!(refusal.what.contains(words), "{}", refusal.what);
    }
}
