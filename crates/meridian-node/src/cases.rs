//! Cases of screening: what is not clear is a case, and what is a case does not go on until two people let it.
//!
//! ```text
//!  a payment's names are not clear
//!     |   one record of the journal: the case, with all that was found, and the payment refused under its number
//!     +--> refused at once (MS03, a reference, no reason)       two people release the case
//!             the debtor agent sends it again, in a new message:  the same names, the same hits, the lists in force:
//!             it passes, and the journal says by which case
//!
//!  a payment in flight is no longer clear, after other lists came into force
//!     +--> HIGH: rejected at once; its payer waits for seconds
//!     +--> NORM: held. Its money stays reserved, no answer is taken. Released, it goes on in the same record; refused,
//!          both legs are voided in the same record.
//! ```
//!
//! The verdict is computed on the shell's threads and handed in as a record; what becomes of it is decided here, where the
//! money is decided, so no caller can pass a case over.

use meridian_screening::casework::{self, CaseId, Decision, Link, Record};
use meridian_terms::{Bic, Moment, Refusal, Retry, Uetr};
use {meridian_cards as cards, meridian_pay as pay};

use crate::{Command, Event, Hub};

/// What a participant is called in casework.
#[must_use]
pub fn participant_subject(bic: &Bic) -> String {
    format!("participant {bic}")
}

/// What a card scheme is called in casework.
#[must_use]
pub fn scheme_subject(scheme: &cards::SchemeId) -> String {
    format!("scheme {scheme}")
}

/// What a deal is called in casework.
#[must_use]
pub fn deal_subject(deal: &str) -> String {
    format!("deal {deal}")
}

/// What a card merchant is called in casework: its number (field 42) at its acquiring institution (field 32).
#[must_use]
pub fn merchant_subject(request: &cards::Request) -> String {
    format!("merchant {} {}", request.key.institution.trim(), request.acceptor.trim())
}

/// What a payment is called in casework.
#[must_use]
pub fn payment_subject(uetr: Uetr) -> String {
    format!("payment {uetr}")
}

/// The payment a subject names, if it is one.
pub(crate) fn payment_of(subject: &str) -> Option<Uetr> {
    Uetr::parse(subject.strip_prefix("payment ")?).ok()
}

/// What the record of a screening says of its subject.
enum Judged {
    /// It may go on: clear, explained by good-guy entries, or released by two people.
    Free(Option<Link>),
    /// It may not, under this case.
    Case(CaseId, Option<Link>),
    /// It was screened under other lists than those in force.
    Stale,
}

impl Hub {
    /// A screening's record, and what was asked of the hub with it.
    ///
    /// # Errors
    /// `screening.held` where a payment in flight stays held; whatever the book concerned refuses.
    pub(crate) fn decide_screened(
        &self,
        record: &Record,
        asked: Option<&Command>,
        at: Moment,
    ) -> Result<Event, Refusal> {
        let judged = self.judge(record, at)?;
        let Some(asked) = asked else {
            return match judged {
                Judged::Free(link) | Judged::Case(_, link) => {
                    Ok(Event::All(link.into_iter().map(|link| Event::Case(Box::new(link))).collect()))
                }
                Judged::Stale => Err(stale(&record.subject)),
            };
        };
        let (verdict, link) = match judged {
            Judged::Free(link) => (pay::Verdict::Clear, link),
            Judged::Case(case, link) => (pay::Verdict::Hit { case: case.0 }, link),
            Judged::Stale => (pay::Verdict::Unavailable, None),
        };
        let is_hit = matches!(verdict, pay::Verdict::Hit { .. });
        let is_free = verdict == pay::Verdict::Clear;
        let clearance = pay::Clearance { list: record.lists_digest, verdict };
        let asked = match asked {
            Command::Pay(pay::Command::Submit(instruction, _)) => {
                Command::Pay(pay::Command::Submit(instruction.clone(), clearance))
            }
            Command::Pay(pay::Command::Rescreen(uetr, _)) => {
                if is_hit && self.is_held_in_flight(*uetr) {
                    return match link {
                        Some(link) => Ok(Event::All(vec![Event::Case(Box::new(link))])),
                        None => {
                            Err(casework::Denial::Held.refusal(&record.subject).retry(Retry::AfterAMoment))
                        }
                    };
                }
                Command::Pay(pay::Command::Rescreen(*uetr, clearance))
            }
            other => other.clone(),
        };
        let mut event = self.decide(&asked, at)?;
        if let Command::Card(cards::Command::Ask { from, request, .. }) = &asked
            && !is_free
        {
            event = Event::Card(declined(from, request, at));
        }
        Ok(match link {
            Some(link) => Event::All(vec![Event::Case(Box::new(link)), event]),
            None => event,
        })
    }

    /// Whether a scheme on either side of a card request is held: then nothing of it passes.
    pub(crate) fn blocks_card(&self, command: &cards::Command, at: Moment) -> Option<Event> {
        let cards::Command::Ask { from, request, route, .. } = command else { return None };
        if self.cases.is_idle() {
            return None;
        }
        let issuer = route.as_ref().ok().map(|(issuer, _)| issuer);
        let is_held = |scheme: &cards::SchemeId| self.cases.blocks(&scheme_subject(scheme)).is_some();
        let is_known = self.cards.transaction(request.key.id()).is_some();
        (!is_known && (is_held(from) || issuer.is_some_and(is_held)))
            .then(|| Event::Card(declined(from, request, at)))
    }

    /// A payment in flight that waits for two people instead of being rejected: one that has the time.
    fn is_held_in_flight(&self, uetr: Uetr) -> bool {
        let is_refused = |subject: &str| {
            self.cases.case_of(subject).is_some_and(|(_, case)| !case.is_open() && case.word() == "refused")
        };
        let has_time = self.pay.payment(uetr).is_some_and(|payment| {
            payment.stage.is_undecided() && payment.instruction.priority == pay::Priority::Norm
        });
        has_time && !is_refused(&payment_subject(uetr))
    }

    fn judge(&self, record: &Record, at: Moment) -> Result<Judged, Refusal> {
        if self.cases.is_released(record) {
            return Ok(Judged::Free(None));
        }
        if let Some((id, case)) = self.cases.case_of(&record.subject) {
            let is_same =
                case.record.lists_digest == record.lists_digest && case.record.fields == record.fields;
            if case.is_open() && is_same && record.decision() != Decision::Clear {
                // It came again while it waits; a good-guy entry may have come in between.
                return Ok(match casework::decide(&self.cases, &screened(record), at)? {
                    event @ casework::Event::Cleared { .. } => Judged::Free(self.cases.links([event]).pop()),
                    _ => Judged::Case(id, None),
                });
            }
        }
        match casework::decide(&self.cases, &screened(record), at) {
            Ok(event) => {
                let held = match &event {
                    casework::Event::Held { case, .. } => Some(*case),
                    _ => None,
                };
                let link = self.cases.links([event]).pop();
                Ok(held.map_or_else(|| Judged::Free(link.clone()), |case| Judged::Case(case, link.clone())))
            }
            Err(refusal) if refusal.code == casework::Denial::Rejected.code() => {
                let standing = self.cases.blocks(&record.subject);
                standing.map(|case| Judged::Case(case, None)).ok_or(refusal)
            }
            Err(refusal) if refusal.code == casework::Denial::ListsNotInForce.code() => Ok(Judged::Stale),
            Err(refusal) => Err(refusal),
        }
    }

    /// The case that keeps a payment from going on though its own names are clear: that of an agent, of its provider, of the
    /// deal it pays.
    pub(crate) fn blocked_with(&self, instruction: &pay::Instruction) -> Option<CaseId> {
        if self.cases.is_idle() {
            return None;
        }
        let provider = instruction.quote.and_then(|id| self.pay.quote(id)).map(|quote| &quote.provider);
        let agents = [&instruction.debtor_agent, &instruction.creditor_agent].into_iter().chain(provider);
        let deal =
            instruction.document.as_deref().and_then(|cited| cited.strip_prefix("deal/")?.split('/').next());
        agents
            .chain(&instruction.intermediaries)
            .find_map(|bic| self.cases.blocks(&participant_subject(bic)))
            .or_else(|| self.cases.blocks(&deal_subject(deal?)))
    }

    /// Whether a participant or a scheme was screened under the lists in force and may take part.
    ///
    /// # Errors
    /// `screening.not_screened`, `screening.held`, `screening.rejected`, `screening.lists_not_in_force`.
    pub(crate) fn is_cleared(&self, subject: &str) -> Result<(), Refusal> {
        // A hub without a list lets nothing pass; who is admitted before the first list is screened when it comes.
        if self.cases.lists().is_none() { Ok(()) } else { self.cases.may_settle(subject) }
    }

    /// Other lists come into force, for payments and for cases alike.
    pub(crate) fn lists_in_force(&self, digest: [u8; 32], at: Moment) -> Result<Vec<Event>, Refusal> {
        let told = self.decide_pay(&pay::Command::PutListInForce(digest), at)?;
        let casework = casework::decide(&self.cases, &casework::Command::PutListsInForce { digest }, at)?;
        let links = self.cases.links([casework]).into_iter().map(|link| Event::Case(Box::new(link)));
        Ok([Event::Pay(told)].into_iter().chain(links).collect())
    }

    /// What casework says, and what it does to a payment that waits for it in flight: released it goes on, refused it ends.
    pub(crate) fn case_effects(
        &self,
        command: &casework::Command,
        at: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let event = casework::decide(&self.cases, command, at)?;
        let outcome = match &event {
            casework::Event::Approved { case, .. } => {
                self.cases.case(*case).and_then(|known| match &known.standing {
                    casework::Standing::Proposed(proposal) => Some((known, proposal.outcome)),
                    _ => None,
                })
            }
            casework::Event::Refused { case, .. } => {
                self.cases.case(*case).map(|known| (known, casework::Outcome::Reject))
            }
            _ => None,
        };
        let mut effects = Vec::new();
        if let Some((case, outcome)) = outcome
            && let Some(uetr) = payment_of(&case.record.subject)
            && self.pay.payment(uetr).is_some_and(|payment| payment.stage.is_undecided())
        {
            // A release holds under the lists it was decided under; a refusal under any.
            let screened_under = case.record.lists_digest;
            let clearance = match outcome {
                casework::Outcome::Release => {
                    pay::Clearance { list: screened_under, verdict: pay::Verdict::Clear }
                }
                casework::Outcome::Reject => pay::Clearance {
                    list: self.pay.list_in_force().unwrap_or(screened_under),
                    verdict: pay::Verdict::Hit { case: 0 },
                },
            };
            let command = pay::Command::Rescreen(uetr, clearance);
            effects.push(Event::Pay(self.decide_pay(&command, at)?));
        }
        effects.extend(self.cases.links([event]).into_iter().map(|link| Event::Case(Box::new(link))));
        Ok(effects)
    }
}

/// A card request that screening does not let pass: response 62 and no reason, as for what is on the stop list.
fn declined(from: &cards::SchemeId, request: &cards::Request, at: Moment) -> cards::Event {
    let refusal = Refusal::new("cards.stopped", "card, merchant or institution is stopped")
        .rule("screening fails closed")
        .next("ask the hub with the retrieval reference")
        .iso("62");
    let (from, request) = (from.clone(), Box::new(request.clone()));
    cards::Event::Declined { from, request, at, response: cards::Response::RESTRICTED, refusal }
}

fn screened(record: &Record) -> casework::Command {
    casework::Command::Screened(Box::new(record.clone()))
}

fn stale(subject: &str) -> Refusal {
    casework::Denial::ListsNotInForce.refusal(subject).retry(Retry::AfterAMoment)
}
