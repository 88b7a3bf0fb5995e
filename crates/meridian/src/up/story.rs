//! The day's story in seven steps: what is told of each, and the evidence for it, found again in the journal.
//!
//! A scene says what happened in words, and what proves it: the number of an event it was told, or how to recognise the
//! events in the journal. When the day is over the journal is read once, without a node, and every piece of evidence gets the
//! numbers of its events; what is not found there is not shown as proved.

use std::path::Path;

use meridian_journal::{FileJournal, Journal, Position};
use meridian_node::{Event, Record, read_records};
use meridian_pay as pay;
use meridian_terms::{Moment, Uetr};
use serde_json::{Value, json};

/// The steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A shut link, opened by two people.
    Link,
    /// A listed carrier, a licensed line.
    Goods,
    /// Two ways for the goods, with and without a railway.
    Way,
    /// A certificate that is missing.
    Certificate,
    /// A hub that is killed.
    Crash,
    /// A window that nets.
    Window,
    /// A day's difference.
    WhatIf,
}

impl Step {
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Link, "link", "A link is shut, and two people open it"),
        (Self::Goods, "goods", "A carrier is replaced, and a line waits for its licence"),
        (Self::Way, "way", "Machinery goes south, pistachios come north"),
        (Self::Certificate, "certificate", "Customs waits for a certificate and for its money"),
        (Self::Crash, "crash", "The hub is killed between reservation and decision"),
        (Self::Window, "window", "The window nets the day"),
        (Self::WhatIf, "what-if", "Had the agreement begun a day later"),
    ];
}

/// How the events of a piece of evidence are known.
pub(crate) enum Seen {
    /// It is this one.
    Event(u64),
    /// They are those that look so.
    Where(Box<dyn Fn(&Event) -> bool + Send>),
    /// Nothing was to happen: evidence that comes from an answer alone.
    Nowhere,
}

impl Seen {
    /// Events that look so; what stands inside another event is looked at by itself.
    pub(crate) fn such(is: impl Fn(&Event) -> bool + Send + 'static) -> Self {
        Self::Where(Box::new(is))
    }

    /// Everything that happened to a payment.
    pub(crate) fn payment(uetr: Uetr) -> Self {
        Self::such(move |event| match event {
            Event::Pay(pay::Event::Reserved(reservation)) => reservation.instruction.uetr == uetr,
            Event::Pay(pay::Event::Committed { uetr: of, .. } | pay::Event::Rejected { uetr: of, .. }) => {
                *of == uetr
            }
            Event::Pay(pay::Event::Refused { instruction, .. }) => instruction.uetr == uetr,
            _ => false,
        })
    }
}

struct Shown {
    step: Step,
    what: String,
    facts: Value,
    seen: Seen,
}

/// What was told, and what proves it.
#[derive(Default)]
pub(crate) struct Story {
    told: Vec<(Step, Moment, String)>,
    shown: Vec<Shown>,
}

impl Story {
    /// A sentence of a step.
    pub(crate) fn tell(&mut self, step: Step, at: Moment, words: impl Into<String>) {
        self.told.push((step, at, words.into()));
    }

    /// A piece of evidence; `facts` are its ids, codes and figures.
    pub(crate) fn show(&mut self, step: Step, what: impl Into<String>, facts: Value, seen: Seen) {
        self.shown.push(Shown { step, what: what.into(), facts, seen });
    }

    /// The story as one document: each step with its words and its evidence, whose events are numbered as the journal in
    /// `data` has them.
    ///
    /// # Errors
    /// A journal that cannot be read; evidence the journal does not have.
    pub(crate) fn document(&self, data: &Path) -> Result<Value, String> {
        let mut found: Vec<Vec<u64>> = self
            .shown
            .iter()
            .map(|one| match one.seen {
                Seen::Event(number) => vec![number],
                _ => Vec::new(),
            })
            .collect();
        let mut number = 0;
        each_record(data, |record| {
            number += 1;
            for (shown, events) in self.shown.iter().zip(&mut found) {
                if let Seen::Where(is) = &shown.seen
                    && holds(&record.event, is)
                {
                    events.push(number);
                }
            }
        })?;
        let steps = Step::ALL.iter().enumerate().map(|(place, (step, name, title))| {
            let words: Vec<Value> = self
                .told
                .iter()
                .filter(|(of, ..)| of == step)
                .map(|(_, at, words)| json!({"at": at.to_string(), "words": words}))
                .collect();
            let mut evidence = Vec::new();
            for (shown, events) in self.shown.iter().zip(&found).filter(|(shown, _)| shown.step == *step) {
                if events.is_empty() && !matches!(shown.seen, Seen::Nowhere) {
                    return Err(format!("the journal has nothing of: {}", shown.what));
                }
                let mut one = json!({"what": shown.what, "events": events});
                if let (Some(one), Some(facts)) = (one.as_object_mut(), shown.facts.as_object()) {
                    one.extend(facts.clone());
                }
                evidence.push(one);
            }
            Ok(json!({"step": place + 1, "name": name, "title": title, "words": words, "evidence": evidence}))
        });
        // A corridor of one's own need not have every scene.
        let steps: Vec<Value> = steps.collect::<Result<_, String>>()?;
        Ok(steps.into_iter().filter(|step| step["words"] != json!([])).collect())
    }
}

/// Whether an event, or one inside it, looks so.
fn holds(event: &Event, is: &impl Fn(&Event) -> bool) -> bool {
    is(event)
        || match event {
            Event::Once(_, inner) => holds(inner, is),
            Event::All(events) => events.iter().any(|event| holds(event, is)),
            Event::Settle(_, payments) => payments.iter().any(|event| is(&Event::Pay(event.clone()))),
            Event::Office(done) => done.effects.iter().any(|effect| holds(effect, is)),
            Event::Goods(done) => done.deal.as_ref().is_some_and(|deal| is(&Event::Deal(deal.clone()))),
            _ => false,
        }
}

/// Reads a journal from its first record to its last, beside whoever writes it.
pub(crate) fn each_record(data: &Path, mut look: impl FnMut(&Record)) -> Result<(), String> {
    let mut journal = FileJournal::open_reading(data).map_err(|error| error.to_string())?;
    let (end, _) = journal.tail();
    let mut at = Position(0);
    while at < end {
        let batches = journal.read_from(at, 8 * 1024 * 1024).map_err(|error| error.to_string())?;
        if batches.is_empty() {
            break;
        }
        for batch in batches {
            read_records(&batch)?.iter().for_each(&mut look);
            at = Position(batch.position.0 + 1);
        }
    }
    Ok(())
}

/// Tells a story's document to a person.
pub(crate) fn print(story: &Value) {
    for step in story.as_array().into_iter().flatten() {
        println!("{}. {}", step["step"], step["title"].as_str().unwrap_or(""));
        for said in step["words"].as_array().into_iter().flatten() {
            let at = said["at"].as_str().unwrap_or("");
            let at = at.get(..16).unwrap_or(at).replace('T', " ");
            println!("   {at}  {}", said["words"].as_str().unwrap_or(""));
        }
        for one in step["evidence"].as_array().into_iter().flatten() {
            let events: Vec<String> =
                one["events"].as_array().into_iter().flatten().map(ToString::to_string).collect();
            let events = match &events[..] {
                [] => String::new(),
                [one] => format!(" (event {one})"),
                many => format!(" (events {})", many.join(", ")),
            };
            println!("      - {}{events}", one["what"].as_str().unwrap_or(""));
        }
        println!();
    }
}
