//! The rules of `corridor.toml`: spans, bounds, fees, eligible purposes, and the signatures that open a link.

use meridian_http::signature::is_signed;
use meridian_node::Hub;
use meridian_pay::{self as pay, CapKey, Direction, Fee, PurposeRule, Settings};
use meridian_terms::{Bic, Country, Currency, Day, Micros, Money, Refusal, Window};

use crate::boot::money;
use crate::corridor_file::{CapEntry, CorridorFile, Files, LinkEntry};

/// The settings of the file, where it says something; what it does not say stays as it is.
pub(crate) fn settings(file: &CorridorFile, known: &Settings) -> Result<Settings, Refusal> {
    let mut settings = known.clone();
    let times = &file.times;
    let spans = [
        (times.quote, &mut settings.quote_life),
        (times.high, &mut settings.high_deadline),
        (times.norm_chase, &mut settings.norm_chase),
        (times.accepted_pending, &mut settings.accepted_pending),
        (times.recall, &mut settings.recall_deadline),
        (times.resolution, &mut settings.resolution_deadline),
        (times.oldest_acceptance, &mut settings.oldest_acceptance),
    ];
    for (seconds, span) in spans {
        if let Some(seconds) = seconds {
            *span = Micros::seconds(seconds);
        }
    }
    if let Some(days) = file.memory_days {
        settings.memory = Micros::days(days);
    }
    if !file.pivots.is_empty() {
        settings.pivots = file.pivots.iter().map(|code| Currency::parse(code)).collect::<Result<_, _>>()?;
    }
    for (country, currency) in &file.national {
        settings.national.insert(Country::parse(country)?, Currency::parse(currency)?);
    }
    Ok(settings)
}

/// What a cap bounds; exactly one thing.
pub(crate) fn cap(entry: &CapEntry, currency: Currency) -> Result<CapKey, String> {
    let told = |refusal: Refusal| refusal.to_string();
    let bic = |text: &String| Bic::parse(text).map_err(told);
    let mut keys = Vec::new();
    if let Some(whose) = &entry.participant {
        keys.push(CapKey::Participant(bic(whose)?, currency));
    }
    if let Some(country) = &entry.country {
        keys.push(CapKey::Country(Country::parse(country).map_err(told)?, currency));
    }
    if let Some(provider) = &entry.provider {
        keys.push(CapKey::Provider(bic(provider)?, currency));
    }
    if let Some([from, to]) = &entry.pair {
        let (from, to) = (Currency::parse(from).map_err(told)?, Currency::parse(to).map_err(told)?);
        if from != currency {
            return Err(format!("the cap of {from}/{to} is counted in {from}"));
        }
        keys.push(CapKey::Pair(from, to));
    }
    if let Some([from, to]) = &entry.bilateral {
        keys.push(CapKey::Bilateral(bic(from)?, bic(to)?, currency));
    }
    if let Some(whose) = &entry.net_debit {
        keys.push(CapKey::NetDebit(bic(whose)?, currency));
    }
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => Ok(key),
        _ => Err("name one of participant, country, provider, pair, bilateral, net_debit".into()),
    }
}

/// Whether everything in the file can be put in force, before anything is.
pub(crate) fn check(name: &str, file: &CorridorFile, files: &Files) -> Result<(), String> {
    settings(file, &Settings::default()).map_err(|refusal| format!("{name}: {refusal}"))?;
    for entry in &file.cap {
        let most = money(&entry.most).map_err(|refusal| format!("{name}: cap: {refusal}"))?;
        cap(entry, most.currency()).map_err(|why| format!("{name}: cap {}: {why}", entry.most))?;
    }
    for pack in &file.purposes {
        read_purposes(pack, files.get(pack)?)?;
    }
    for entry in &file.link {
        match &entry.opened_by {
            Some(people) => signed(file, entry, people).map_err(|why| format!("{name}: {why}"))?,
            // Two people of the hub open it in the office.
            None if file.person.iter().any(|person| !person.roles.is_empty()) => {}
            None => {
                let link = entry.countries.join("-");
                return Err(format!("{name}: link {link}: name two people in opened_by"));
            }
        }
    }
    Ok(())
}

/// Purposes, fees and access agents that the file asks for and the hub does not have.
pub(crate) fn wanted(hub: &Hub, file: &CorridorFile, files: &Files) -> Result<Vec<pay::Command>, String> {
    let mut wanted = Vec::new();
    let mut purposes = Vec::new();
    for name in &file.purposes {
        purposes.extend(read_purposes(name, files.get(name)?)?);
    }
    if hub.pay.purposes() != purposes {
        wanted.push(pay::Command::PutPurposes(purposes));
    }
    let told = |refusal: Refusal| refusal.to_string();
    for entry in &file.fee {
        let nominal = money(&entry.nominal).map_err(told)?;
        let most = entry.most.as_deref().map(money).transpose().map_err(told)?;
        let fee = Fee {
            nominal: nominal.minor(),
            basis_points: entry.basis_points,
            most: most.map(|most| most.minor()),
        };
        let country = Country::parse(&entry.country).map_err(told)?;
        if hub.pay.fee(country, nominal.currency()) != fee {
            wanted.push(pay::Command::SetFee(country, nominal.currency(), Some(fee)));
        }
    }
    for entry in &file.intermediary {
        let provider = Bic::parse(&entry.provider).map_err(told)?;
        let currency = Currency::parse(&entry.currency).map_err(told)?;
        let agent = Bic::parse(&entry.agent).map_err(told)?;
        if hub.pay.intermediary(&provider, currency) != Some(&agent) {
            wanted.push(pay::Command::NameIntermediary { provider, currency, agent });
        }
    }
    Ok(wanted)
}

/// A pack of eligible purposes: `country,direction,purpose,needs_document,least,most,from,until,source`.
fn read_purposes(name: &str, bytes: &[u8]) -> Result<Vec<PurposeRule>, String> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(bytes);
    let headers = reader.headers().map_err(|error| format!("{name}: {error}"))?.clone();
    let mut rules = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| format!("{name}: {error}"))?;
        let line = row.position().map_or(0, csv::Position::line);
        let place = |column: usize, why: String| format!("{name}:{line}:{}: {why}", column + 1);
        let cell = |title: &str| -> Result<(usize, &str), String> {
            let column = headers.iter().position(|header| header == title);
            let column = column.ok_or_else(|| format!("{name}:1:1: no column {title}; add it"))?;
            Ok((column, row.get(column).unwrap_or("")))
        };
        let amount = |title: &str| -> Result<Option<Money>, String> {
            let (column, text) = cell(title)?;
            let amount = (!text.is_empty()).then(|| money(text)).transpose();
            amount.map_err(|refusal| place(column, refusal.to_string()))
        };
        let day = |title: &str| -> Result<Option<Day>, String> {
            let (column, text) = cell(title)?;
            let day = (!text.is_empty()).then(|| Day::parse(text)).transpose();
            day.map_err(|refusal| place(column, refusal.to_string()))
        };
        let (column, text) = cell("country")?;
        let country = Country::parse(text).map_err(|refusal| place(column, refusal.to_string()))?;
        let (column, text) = cell("direction")?;
        let direction =
            Direction::parse(text).ok_or_else(|| place(column, format!("{text:?}: write out or in")))?;
        let (column, text) = cell("purpose")?;
        if text != "*" && !(1..=4).contains(&text.len()) {
            return Err(place(column, format!("{text:?}: write an ISO purpose code of four letters, or *")));
        }
        let purpose = text.to_owned();
        let (column, text) = cell("needs_document")?;
        let needs_document = match text {
            "yes" => true,
            "no" => false,
            _ => return Err(place(column, format!("{text:?}: write yes or no"))),
        };
        let (column, source) = cell("source")?;
        if source.is_empty() {
            return Err(place(column, "no source: say where the rule is written".into()));
        }
        let from = day("from")?.unwrap_or_else(|| Day::from_number(0));
        let in_force = Window::new(from, day("until")?).map_err(|refusal| place(0, refusal.to_string()))?;
        rules.push(PurposeRule {
            country,
            direction,
            purpose,
            needs_document,
            least: amount("least")?,
            most: amount("most")?,
            in_force,
            source: source.to_owned(),
        });
    }
    Ok(rules)
}

/// What two people sign to open a link: everything it rests on, a line each.
pub(crate) fn link_text(entry: &LinkEntry) -> String {
    let [a, b] = &entry.countries;
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    let from = entry.from.as_deref().unwrap_or("-");
    let until = entry.until.as_deref().unwrap_or("-");
    format!("meridian link\n{a}-{b}\n{}\n{from}\n{until}\n", entry.instrument)
}

/// Both people are known and have signed what the link rests on.
pub(crate) fn signed(file: &CorridorFile, entry: &LinkEntry, people: &[String; 2]) -> Result<(), String> {
    let name = entry.countries.join("-");
    let text = link_text(entry);
    let signatures = entry.signatures.as_ref().ok_or_else(|| {
        format!("link {name}: no signatures; each of the two people makes theirs with meridian key sign-link")
    })?;
    for (person, signature) in people.iter().zip(signatures) {
        let known = file.person.iter().find(|known| known.name == *person);
        let known = known.ok_or_else(|| format!("link {name}: no [[person]] is named {person}"))?;
        let key =
            known.key.as_deref().ok_or_else(|| format!("person {person}: no key to sign links with"))?;
        let key = blake3::Hash::from_hex(key)
            .map_err(|_| format!("person {person}: the key is not 64 hexadecimal digits"))?;
        let signature = from_hex(signature)
            .ok_or_else(|| format!("link {name}: a signature is 128 hexadecimal digits"))?;
        if !is_signed(key.as_bytes(), text.as_bytes(), &signature) {
            return Err(format!(
                "link {name}: the signature of {person} is not over this instrument and these dates"
            ));
        }
    }
    Ok(())
}

/// Bytes from hexadecimal digits.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Hexadecimal digits of bytes.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
