//! The settlement part of `corridor.toml`: calendars, windows, policies, sub-caps.
//!
//! ```toml
//! [[calendar]]
//! name = "RU"
//! file = "calendars/RU.csv"       # rows: offset, weekend, hours, cut_off, holiday
//!
//! [[window]]
//! currency = "RUB"
//! agent = "XSTLRUMM"              # a participant with role settlement-agent
//! model = "multilateral"          # or bilateral, gross
//! calendar = "RU"
//! patience_minutes = 30           # how long the agent may be silent before it is asked again
//!
//! [[policy]]
//! participant = "XVOLRUMM"
//! class = "normal"                # or urgent
//! wait_minutes = 120              # payments short of cover wait so long; without an entry they are refused at once
//!
//! [[sub_cap]]
//! participant = "XVOLRUMM"
//! most = "RUB 1000000.00"         # of a closed window's credit, before it is settled
//! ```

use meridian_settlement::{Calendar, Circuit, Class, Command, Model, Policy, State};
use meridian_terms::{Bic, Currency, Micros, Refusal};
use serde::Deserialize;
use toml::Spanned;

use crate::boot::money;
use crate::corridor_file::{CorridorFile, Files};

/// When a national settlement system works.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarEntry {
    name: Spanned<String>,
    /// Its rows, by path within the directory.
    file: Spanned<String>,
}

/// How a currency settles.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowEntry {
    currency: Spanned<String>,
    agent: Spanned<String>,
    model: Spanned<String>,
    calendar: Spanned<String>,
    patience_minutes: Option<Spanned<i64>>,
}

/// What becomes of a participant's payments short of cover.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyEntry {
    participant: Spanned<String>,
    class: Spanned<String>,
    wait_minutes: Spanned<i64>,
}

/// How much unsettled credit a participant may spend.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubCapEntry {
    participant: Spanned<String>,
    most: Spanned<String>,
}

/// Half an hour: agents answer in minutes, and are asked again within the day.
const PATIENCE_MINUTES: i64 = 30;

/// What the file asks of settlement, in order: circuits, policies, sub-caps.
///
/// # Errors
/// The place of what cannot be, why, and what to do: `corridor.toml:12:9: ...`.
pub(crate) fn commands(name: &str, file: &CorridorFile, files: &Files) -> Result<Vec<Command>, String> {
    let read = Read { name, file, files };
    let calendars = file.calendar.iter().map(|entry| read.calendar(entry)).collect::<Result<Vec<_>, _>>()?;
    let mut commands = Vec::new();
    for entry in &file.window {
        commands.push(Command::OpenCircuit(read.circuit(entry, &calendars)?));
    }
    for entry in &file.policy {
        commands.push(read.policy(entry)?);
    }
    for entry in &file.sub_cap {
        commands.push(read.sub_cap(entry)?);
    }
    Ok(commands)
}

/// Whether settlement has this already.
pub(crate) fn is_so(state: &State, command: &Command) -> bool {
    match command {
        Command::OpenCircuit(circuit) => state.circuit(circuit.currency) == Some(circuit),
        Command::SetPolicy { participant, class, policy } => state.policy(participant, *class) == *policy,
        Command::SetSubCap { participant, most } => {
            state.sub_cap(participant, most.currency()) == most.minor()
        }
        _ => false,
    }
}

struct Read<'a> {
    name: &'a str,
    file: &'a CorridorFile,
    files: &'a Files,
}

impl Read<'_> {
    fn wrong<T>(&self, at: &Spanned<T>, why: impl std::fmt::Display) -> String {
        format!("{}: {why}", self.files.place(self.name, at.span().start))
    }

    fn term<T>(&self, at: &Spanned<String>, parse: impl Fn(&str) -> Result<T, Refusal>) -> Result<T, String> {
        parse(at.as_ref()).map_err(|refusal| self.wrong(at, refusal))
    }

    fn calendar(&self, entry: &CalendarEntry) -> Result<(String, Calendar), String> {
        let path: &String = entry.file.as_ref();
        let text = self.files.text(path).map_err(|why| self.wrong(&entry.file, why))?;
        let calendar = Calendar::parse(text).map_err(|refusal| match Calendar::wrong_line(text) {
            Some(line) => format!("{path}:{line}:1: {refusal}"),
            None => format!("{path}:1:1: {refusal}"),
        })?;
        Ok((entry.name.as_ref().clone(), calendar))
    }

    fn circuit(&self, entry: &WindowEntry, calendars: &[(String, Calendar)]) -> Result<Circuit, String> {
        let currency = self.term(&entry.currency, Currency::parse)?;
        let agent = self.term(&entry.agent, Bic::parse)?;
        let is_agent = |known: &&crate::corridor_file::ParticipantEntry| {
            known.bic == agent.as_str() && known.role == "settlement-agent"
        };
        if self.file.participant.iter().find(is_agent).is_none() {
            let why = format!("{agent} is no [[participant]] with role settlement-agent; add it");
            return Err(self.wrong(&entry.agent, why));
        }
        let named = calendars.iter().find(|(name, _)| name == entry.calendar.as_ref());
        let calendar = named.map(|(_, calendar)| calendar.clone()).ok_or_else(|| {
            let why = format!("no [[calendar]] is named {:?}; add it", entry.calendar.as_ref());
            self.wrong(&entry.calendar, why)
        })?;
        let model = match entry.model.as_ref().as_str() {
            "multilateral" => Model::MultilateralNet,
            "bilateral" => Model::BilateralNet,
            "gross" => Model::Gross,
            other => {
                let why = format!("{other:?} is no model; write multilateral, bilateral or gross");
                return Err(self.wrong(&entry.model, why));
            }
        };
        let patience = match &entry.patience_minutes {
            None => PATIENCE_MINUTES,
            Some(minutes) if *minutes.as_ref() > 0 => *minutes.as_ref(),
            Some(minutes) => return Err(self.wrong(minutes, "patience is above zero; write minutes")),
        };
        Ok(Circuit { currency, agent, model, calendar, patience: Micros::minutes(patience) })
    }

    fn participant(&self, bic: &Spanned<String>) -> Result<Bic, String> {
        let parsed = self.term(bic, Bic::parse)?;
        match self.file.participant.iter().any(|known| known.bic == parsed.as_str()) {
            true => Ok(parsed),
            false => Err(self.wrong(bic, format!("{parsed} is no [[participant]]; add it or correct it"))),
        }
    }

    fn policy(&self, entry: &PolicyEntry) -> Result<Command, String> {
        let participant = self.participant(&entry.participant)?;
        let class = match entry.class.as_ref().as_str() {
            "urgent" => Class::Urgent,
            "normal" => Class::Normal,
            other => {
                let why = format!("{other:?} is no class; write urgent (HIGH) or normal (NORM)");
                return Err(self.wrong(&entry.class, why));
            }
        };
        let policy = match *entry.wait_minutes.as_ref() {
            0 => Policy::Refuse,
            minutes if minutes > 0 => Policy::Wait(Micros::minutes(minutes)),
            _ => return Err(self.wrong(&entry.wait_minutes, "write minutes, or 0 to refuse at once")),
        };
        Ok(Command::SetPolicy { participant, class, policy })
    }

    fn sub_cap(&self, entry: &SubCapEntry) -> Result<Command, String> {
        let participant = self.participant(&entry.participant)?;
        let most = self.term(&entry.most, money)?;
        if most.is_negative() {
            return Err(self.wrong(&entry.most, "a sub-cap is zero or above"));
        }
        Ok(Command::SetSubCap { participant, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTICIPANTS: &str = r#"
name = "x"
hub = "XHUBRUMM"
lists = []
[[participant]]
bic = "XSTLRUMM"
name = "Agent"
country = "RU"
role = "settlement-agent"
cover = []
"#;

    fn told(more: &str, calendar: &str) -> String {
        let directory = std::env::temp_dir()
            .join(format!("meridian-settlement-{}", blake3::hash(more.as_bytes()).to_hex()));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("corridor.toml"), format!("{PARTICIPANTS}{more}")).unwrap();
        std::fs::write(directory.join("RU.csv"), calendar).unwrap();
        let files = Files::of(&directory).unwrap();
        let read = files.toml("corridor.toml").and_then(|file| commands("corridor.toml", &file, &files));
        std::fs::remove_dir_all(&directory).unwrap();
        match read {
            Ok(commands) => format!("{} commands", commands.len()),
            Err(why) => why,
        }
    }

    const CALENDAR: &str =
        "offset,1970-01-01,+03:00\nweekend,1970-01-01,Saturday Sunday\nhours,09:00,18:00\n";

    #[test]
    fn what_cannot_be_is_refused_at_its_place_with_the_next_step() {
        let calendar = "[[calendar]]\nname = \"RU\"\nfile = \"RU.csv\"\n";
        let window = |key: &str, value: &str| {
            let mut keys = [
                ("currency", "\"RUB\""),
                ("agent", "\"XSTLRUMM\""),
                ("model", "\"multilateral\""),
                ("calendar", "\"RU\""),
                ("patience_minutes", "30"),
            ];
            keys.iter_mut().filter(|(name, _)| *name == key).for_each(|entry| entry.1 = value);
            let lines: Vec<String> = keys.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
            format!("{calendar}[[window]]\n{}", lines.concat())
        };
        // PARTICIPANTS has ten lines, the calendar three; the window's first key stands on line 15.
        for (key, value, expected) in [
            ("none", "", "1 commands"),
            ("currency", "\"ROUBLE\"", "corridor.toml:15:12: "),
            (
                "agent",
                "\"XVOLRUMM\"",
                "corridor.toml:16:9: XVOLRUMM is no [[participant]] with role settlement-agent; add it",
            ),
            (
                "model",
                "\"net\"",
                "corridor.toml:17:9: \"net\" is no model; write multilateral, bilateral or gross",
            ),
            ("calendar", "\"KZ\"", "corridor.toml:18:12: no [[calendar]] is named \"KZ\"; add it"),
            ("patience_minutes", "0", "corridor.toml:19:20: patience is above zero; write minutes"),
        ] {
            let told = told(&window(key, value), CALENDAR);
            assert!(told.starts_with(expected), "{key}: {told}");
        }
        let told_of_rows = told(&window("none", ""), "offset,1970-01-01,+03:00\nhours,nine,18:00\n");
        assert!(told_of_rows.starts_with("RU.csv:2:1: settlement.calendar_malformed"), "{told_of_rows}");
        let policy = "[[policy]]\nparticipant = \"XSTLRUMM\"\nclass = \"fast\"\nwait_minutes = 5\n";
        assert!(told(policy, CALENDAR).starts_with("corridor.toml:13:9: \"fast\" is no class"));
    }
}
