//! GTFS feeds as services of a network: timetables that somebody publishes already.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use meridian_terms::Day;

use crate::distance::{Place, great_circle};
use crate::network::Mode;
use crate::table::{Problem, Row, rows};

/// What a feed does not say and a network needs.
#[derive(Debug, Clone)]
pub struct GtfsTerms {
    /// How its trips travel.
    pub mode: Mode,
    /// Railway gauge in millimetres.
    pub gauge: Option<u16>,
    /// Where its stops lie: ISO 3166.
    pub country: String,
    /// Minutes its clocks are ahead of UTC.
    pub ahead_of_utc: i32,
    /// Stops that take freight; all of them where none is named.
    pub terminals: BTreeSet<String>,
    /// Price of a TEU and kilometre in cents, since a feed has only fares.
    pub cents_per_teu_km: u32,
}

/// The tables a feed becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GtfsTables {
    /// `nodes.csv`.
    pub nodes: String,
    /// `services.csv`.
    pub services: String,
    /// What was left out or filled in, and how often.
    pub notes: Vec<String>,
}

/// More services than this are not a freight timetable.
const MOST_SERVICES: usize = 100_000;

/// A calendar of a feed.
#[derive(Debug, Clone, Default)]
struct Calendar {
    weekdays: [bool; 7],
    validity: Option<(Day, Day)>,
    added: BTreeSet<Day>,
    removed: BTreeSet<Day>,
}

/// A stop of a trip: minute of arrival and departure, counted from its day's start; none where the feed leaves it open.
struct Call {
    sequence: u32,
    stop: usize,
    times: Option<(i32, i32)>,
}

/// From stop, to stop, calendar, minutes on the way, days after the service day.
type Key<'a> = (usize, usize, &'a str, i32, i32);

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const SHORT: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Turns a feed (its files by name) into tables of a network: every terminal a node, every two terminals of a trip a
/// service, with all departures of a day together. Blank times between two known ones are filled in evenly, as the standard
/// allows them; frequencies are not read.
///
/// # Errors
/// Every problem with file, row and column.
pub fn import_gtfs(files: &BTreeMap<String, Vec<u8>>, terms: &GtfsTerms) -> Result<GtfsTables, Vec<Problem>> {
    let mut feed = Feed::default();
    let mut problems = Vec::new();
    let file = |name: &str| files.get(name).map_or(&[][..], Vec::as_slice);
    for name in ["stops.txt", "trips.txt", "stop_times.txt"] {
        if !files.contains_key(name) {
            problems.push(Problem {
                place: format!("{name}:1:1"),
                what: "the file is missing; a feed has it".into(),
            });
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut read = |name: &str, needed: &[&str], take: &mut dyn FnMut(&Row<'_>) -> Result<(), Problem>| {
        if files.contains_key(name) {
            rows(name, file(name), needed, &mut problems, take);
        }
    };
    read("stops.txt", &["stop_id", "stop_name", "stop_lat", "stop_lon"], &mut |row| feed.stop(row));
    read("calendar.txt", &["service_id", "start_date", "end_date"], &mut |row| feed.calendar(row));
    read("calendar_dates.txt", &["service_id", "date", "exception_type"], &mut |row| feed.exception(row));
    read("trips.txt", &["trip_id", "service_id", "route_id"], &mut |row| {
        feed.trips.insert(
            row.text("trip_id").to_owned(),
            (row.text("service_id").to_owned(), row.text("route_id").to_owned()),
        );
        Ok(())
    });
    read(
        "stop_times.txt",
        &["trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time"],
        &mut |row| feed.call(row),
    );
    if !problems.is_empty() {
        return Err(problems);
    }
    feed.tables(terms).map_err(|problem| vec![problem])
}

#[derive(Default)]
struct Feed {
    stops: Vec<(String, String, Place)>,
    by_id: BTreeMap<String, usize>,
    calendars: BTreeMap<String, Calendar>,
    trips: BTreeMap<String, (String, String)>,
    calls: BTreeMap<String, Vec<Call>>,
}

impl Feed {
    fn stop(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        // Entrances and boarding areas have no place of their own.
        if row.optional("stop_lat").is_none() {
            return Ok(());
        }
        let degrees = |column: &str, most: f64| {
            let value = row.text(column).parse::<f64>();
            let value =
                value.map_err(|_| row.problem(column, format!("{:?}; write degrees", row.text(column))))?;
            if value.abs() <= most { Ok(value) } else { Err(row.problem(column, "not on this earth")) }
        };
        let place = Place::new(degrees("stop_lat", 90.0)?, degrees("stop_lon", 180.0)?);
        self.by_id.insert(row.text("stop_id").to_owned(), self.stops.len());
        self.stops.push((row.text("stop_id").to_owned(), row.text("stop_name").to_owned(), place));
        Ok(())
    }

    fn calendar(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let calendar = self.calendars.entry(row.text("service_id").to_owned()).or_default();
        calendar.weekdays = WEEKDAYS.map(|day| row.text(day) == "1");
        calendar.validity = Some((day(row, "start_date")?, day(row, "end_date")?));
        Ok(())
    }

    fn exception(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let day = day(row, "date")?;
        let calendar = self.calendars.entry(row.text("service_id").to_owned()).or_default();
        match row.text("exception_type") {
            "1" => calendar.added.insert(day),
            "2" => calendar.removed.insert(day),
            other => return Err(row.problem("exception_type", format!("{other:?}; use 1 or 2"))),
        };
        Ok(())
    }

    fn call(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let id = row.text("stop_id");
        let stop = self.by_id.get(id).copied();
        let stop = stop.ok_or_else(|| {
            row.problem("stop_id", format!("no stop {id} with a place; add it to stops.txt"))
        })?;
        let sequence = row.text("stop_sequence");
        let sequence = sequence
            .parse()
            .map_err(|_| row.problem("stop_sequence", format!("{sequence:?}; write a number")))?;
        let times = match (clock(row, "arrival_time")?, clock(row, "departure_time")?) {
            (Some(arrival), Some(departure)) => Some((arrival, departure)),
            (one, other) => one.or(other).map(|time| (time, time)),
        };
        let trip = row.text("trip_id");
        match self.calls.get_mut(trip) {
            Some(calls) => calls.push(Call { sequence, stop, times }),
            None => {
                self.calls.insert(trip.to_owned(), vec![Call { sequence, stop, times }]);
            }
        }
        Ok(())
    }

    fn tables(mut self, terms: &GtfsTerms) -> Result<GtfsTables, Problem> {
        // Departures by minute of the day, and a route that runs them.
        let mut services: BTreeMap<Key<'_>, (BTreeSet<u16>, &str)> = BTreeMap::new();
        let (mut filled, mut untimed, mut unknown) = (0, 0, 0);
        for (trip, calls) in &mut self.calls {
            let Some((calendar, route)) = self.trips.get(trip) else {
                unknown += 1;
                continue;
            };
            calls.sort_by_key(|call| call.sequence);
            match fill(calls) {
                Some(count) => filled += count,
                None => {
                    untimed += 1;
                    continue;
                }
            }
            let is_terminal = |call: &&Call| {
                terms.terminals.is_empty() || terms.terminals.contains(&self.stops[call.stop].0)
            };
            let calls: Vec<&Call> = calls.iter().filter(is_terminal).collect();
            for (place, from) in calls.iter().enumerate() {
                for to in &calls[place + 1..] {
                    let (Some((_, leaves)), Some((arrives, _))) = (from.times, to.times) else { continue };
                    if from.stop == to.stop || arrives < leaves {
                        continue;
                    }
                    let leaves = leaves - terms.ahead_of_utc;
                    let key = (
                        from.stop,
                        to.stop,
                        calendar.as_str(),
                        arrives - leaves - terms.ahead_of_utc,
                        leaves.div_euclid(1440),
                    );
                    let minute = u16::try_from(leaves.rem_euclid(1440)).unwrap_or(0);
                    services.entry(key).or_insert_with(|| (BTreeSet::new(), route)).0.insert(minute);
                }
            }
            if services.len() > MOST_SERVICES {
                let what =
                    format!("more than {MOST_SERVICES} pairs of stops; name the terminals that take freight");
                return Err(Problem { place: "stop_times.txt:1:1".into(), what });
            }
        }
        let mut tables = GtfsTables::default();
        tables.nodes.push_str("id,name,country,kind,latitude,longitude\n");
        let used: BTreeSet<usize> = services.keys().flat_map(|(from, to, ..)| [*from, *to]).collect();
        for stop in used {
            let (id, name, place) = &self.stops[stop];
            let _ = writeln!(
                tables.nodes,
                "{},{},{},rail_terminal,{:.2},{:.2}",
                quoted(&format!("NS:{id}")),
                quoted(name),
                terms.country,
                place.north,
                place.east
            );
        }
        tables.services.push_str(
            "id,operator,from,to,mode,gauge_mm,pattern,days,dates,without,valid_from,valid_until,at,km,km_status,hours,hours_status,usd_per_teu,cost_status,departures_status,source\n",
        );
        let mut number = 0;
        for ((from, to, calendar, minutes, later), (departures, route)) in &services {
            let Some(calendar) = self.calendars.get(*calendar) else {
                unknown += 1;
                continue;
            };
            for timetable in calendar.timetables(*later) {
                let metres = great_circle(self.stops[*from].2, self.stops[*to].2);
                let at: Vec<String> = departures
                    .iter()
                    .map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60))
                    .collect();
                let cents = u64::from(terms.cents_per_teu_km) * metres / 1000;
                let _ = writeln!(
                    tables.services,
                    "G{number},{},{},{},{},{},scheduled,{timetable},{},{}.{:03},computed,{}.{:03},official,{}.{:02},illustrative,official,GTFS feed",
                    quoted(route),
                    quoted(&format!("NS:{}", self.stops[*from].0)),
                    quoted(&format!("NS:{}", self.stops[*to].0)),
                    terms.mode.word(),
                    terms.gauge.map_or_else(String::new, |gauge| gauge.to_string()),
                    at.join(";"),
                    metres / 1000,
                    metres % 1000,
                    minutes / 60,
                    minutes % 60 * 1000 / 60,
                    cents / 100,
                    cents % 100,
                );
                number += 1;
            }
        }
        for (count, words) in [
            (filled, "blank times were filled in evenly"),
            (untimed, "trips have no time at one end and were left out"),
            (unknown, "trips or calendars name what the feed does not have"),
        ] {
            if count > 0 {
                tables.notes.push(format!("{count} {words}"));
            }
        }
        Ok(tables)
    }
}

impl Calendar {
    /// The timetable cells of this calendar for trips that leave so many days after their service day: `days,dates,without`
    /// and the validity; one for its weekdays and one for its added dates.
    fn timetables(&self, later: i32) -> Vec<String> {
        let mut cells = Vec::new();
        let shifted = |days: &BTreeSet<Day>| {
            days.iter().map(|day| day.plus(later).to_string()).collect::<Vec<_>>().join(";")
        };
        if let Some((from, until)) = self.validity {
            let running = (0_i32..7)
                .filter(|day| self.weekdays[usize::try_from((day - later).rem_euclid(7)).unwrap_or(0)]);
            let days: Vec<&str> = running.map(|day| SHORT[usize::try_from(day).unwrap_or(0)]).collect();
            if !days.is_empty() {
                cells.push(format!(
                    "{},,{},{},{}",
                    days.join(";"),
                    shifted(&self.removed),
                    from.plus(later),
                    until.plus(later)
                ));
            }
        }
        if !self.added.is_empty() {
            cells.push(format!(",{},,,", shifted(&self.added)));
        }
        cells
    }
}

/// Fills blank times evenly between known ones; how many, or nothing where an end has none.
fn fill(calls: &mut [Call]) -> Option<usize> {
    let known: Vec<usize> = (0..calls.len()).filter(|place| calls[*place].times.is_some()).collect();
    if known.first() != Some(&0) || known.last() != Some(&calls.len().checked_sub(1)?) {
        return None;
    }
    let mut filled = 0;
    for pair in known.windows(2) {
        let (from, to) = (calls[pair[0]].times?.1, calls[pair[1]].times?.0);
        let parts = i32::try_from(pair[1] - pair[0]).ok()?;
        for (step, place) in (1..parts).zip(pair[0] + 1..pair[1]) {
            let time = from + (to - from) * step / parts;
            calls[place].times = Some((time, time));
            filled += 1;
        }
    }
    Some(filled)
}

/// `20260320`.
fn day(row: &Row<'_>, column: &str) -> Result<Day, Problem> {
    let text = row.text(column);
    let parsed = (text.len() == 8 && text.is_ascii())
        .then(|| Day::parse(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])));
    parsed.and_then(Result::ok).ok_or_else(|| row.problem(column, format!("{text:?}; write 20260320")))
}

/// `25:10:00` in minutes; trips may pass midnight.
fn clock(row: &Row<'_>, column: &str) -> Result<Option<i32>, Problem> {
    let Some(text) = row.optional(column) else { return Ok(None) };
    let mut parts = text.split(':').map(|part| part.trim().parse::<i32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(hours), Some(minutes)) => Ok(Some(hours * 60 + minutes)),
        _ => Err(row.problem(column, format!("{text:?}; write 18:30:00"))),
    }
}

/// A cell of CSV.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
