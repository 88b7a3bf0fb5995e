//! Clients: banks that pay, recall and resend; agents that answer, late, twice or never; card switches.
//!
//! A client knows only what it was told. What it does not hear of, it asks again, under the same reference.

use std::collections::{BTreeMap, BTreeSet};

use meridian_cards as cards;
use meridian_node::{Command, Done, Event};
use meridian_pay::{
    self as pay, Answer, AnswerStatus, Clearance, Fault, Fixed, Instruction, Notice, Priority, Quote,
    QuoteRequest, RecallAnswer, Return, Verdict,
};
use meridian_settlement as settlement;
use meridian_terms::{Bic, Currency, Moment, Money, Party, Refusal, Uetr};

use crate::chance::Chance;
use crate::opening::{self, BANKS, CARD, FIRST_LIST, bank};

/// What a client sends: on what matter, in whose name, what.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) matter: Matter,
    pub(crate) actor: String,
    pub(crate) command: Command,
}

/// Whose business an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matter {
    /// A payment, by its place among the payments.
    Payment(usize),
    /// A card request, by its place.
    Card(usize),
    /// A question for quotes.
    Quotes,
    /// Anything else.
    Other,
}

/// A payment a bank wants made once, however often it has to ask.
#[derive(Debug)]
struct Wish {
    instruction: Instruction,
    is_settled: bool,
    asked_at: usize,
}

#[derive(Debug)]
struct CardWish {
    request: cards::Request,
    is_settled: bool,
    asked_at: usize,
}

/// How many steps a client waits for an answer before it asks again.
const PATIENCE: usize = 4;

pub(crate) struct Clients {
    chance: Chance,
    /// Whether a payment that is asked for again carries the reference it had.
    keeps_reference: bool,
    wishes: Vec<Wish>,
    card_wishes: Vec<CardWish>,
    tokeniser: cards::Tokeniser,
    route: Option<(cards::SchemeId, cards::RangeKey)>,
    table: u64,
    references: u128,
    pub(crate) list: [u8; 32],
    /// Letters of agents that take their time: not before which step.
    slow: Vec<(usize, Letter)>,
    /// Payments somebody was told are final, and how.
    pub(crate) told_final: BTreeMap<Uetr, String>,
    /// Payments the hub says it knows.
    pub(crate) known: BTreeSet<Uetr>,
}

/// A letter about settlement.
pub(crate) fn settles(actor: &str, command: settlement::Command) -> Letter {
    Letter { matter: Matter::Other, actor: actor.to_owned(), command: Command::Settle(command) }
}

fn letter(matter: Matter, actor: &str, command: pay::Command) -> Letter {
    Letter { matter, actor: actor.to_owned(), command: Command::Pay(command) }
}

impl Clients {
    pub(crate) fn new(seed: u64, keeps_reference: bool) -> Self {
        Self {
            chance: Chance::new(seed ^ 0xc11e),
            keeps_reference,
            wishes: Vec::new(),
            card_wishes: Vec::new(),
            tokeniser: cards::Tokeniser::new([9; 32]),
            route: None,
            table: 0,
            references: 1_000,
            list: FIRST_LIST,
            slow: Vec::new(),
            told_final: BTreeMap::new(),
            known: BTreeSet::new(),
        }
    }

    /// Where cards of the issuing scheme belong, by the table in force.
    pub(crate) fn learn_table(&mut self, (table, version): (&cards::Table, u64), now: Moment) {
        let found = table.route(CARD, now.day()).ok();
        self.route = found.map(|range| (range.scheme.clone(), range.key()));
        self.table = version;
    }

    /// What clients send in this step of their own accord.
    pub(crate) fn act(&mut self, step: usize, now: Moment) -> Vec<Letter> {
        let mut sent = Vec::new();
        if self.chance.happens(600) {
            sent.extend(self.wish(step, now));
        }
        if self.chance.happens(200) {
            sent.push(self.ask_quotes());
        }
        if self.chance.happens(150) {
            sent.push(self.move_cover());
        }
        if self.chance.happens(250) {
            sent.extend(self.card_request(step));
        }
        sent.append(&mut self.overdue(step, PATIENCE));
        let slow = std::mem::take(&mut self.slow);
        let (due, later): (Vec<_>, Vec<_>) = slow.into_iter().partition(|(when, _)| *when <= step);
        self.slow = later;
        sent.extend(due.into_iter().map(|(_, letter)| letter));
        sent
    }

    /// What was asked and not answered for so many steps, again.
    pub(crate) fn overdue(&mut self, step: usize, patience: usize) -> Vec<Letter> {
        let mut again = Vec::new();
        for place in 0..self.wishes.len() {
            let wish = &mut self.wishes[place];
            if wish.is_settled || wish.asked_at + patience > step {
                continue;
            }
            wish.asked_at = step;
            if !self.keeps_reference {
                let bits = u128::from(self.chance.next()) << 64 | u128::from(self.chance.next());
                wish.instruction.uetr = Uetr::from_bits(bits);
                wish.instruction.message_id = format!("M-{bits:x}");
            }
            again.push(self.submit(place));
        }
        for place in 0..self.card_wishes.len() {
            let wish = &mut self.card_wishes[place];
            if wish.is_settled || wish.asked_at + patience > step {
                continue;
            }
            wish.asked_at = step;
            again.push(if self.chance.happens(300) { self.reverse(place) } else { self.ask_card(place) });
        }
        again
    }

    /// How many still do not know what became of what they asked.
    pub(crate) fn waiting(&self) -> usize {
        self.wishes.iter().filter(|wish| !wish.is_settled).count()
            + self.card_wishes.iter().filter(|wish| !wish.is_settled).count()
    }

    /// A payment within one currency.
    fn wish(&mut self, step: usize, now: Moment) -> Option<Letter> {
        let amount = Money::new(self.chance.between(100, 900).into(), Currency::INR);
        let (from, to) = if self.chance.happens(500) { (1, 2) } else { (2, 1) };
        self.pays(step, now, (from, to), (amount, amount), None)
    }

    fn pays(
        &mut self,
        step: usize,
        now: Moment,
        (from, to): (usize, usize),
        (source, target): (Money, Money),
        quote: Option<&Quote>,
    ) -> Option<Letter> {
        let bits = u128::from(self.chance.next()) << 64 | u128::from(self.chance.next());
        let party = |of: usize| Party {
            name: format!("Invented party {of}"),
            country: bank(of).0.country(),
            lei: None,
            address: None,
        };
        let place = self.wishes.len();
        let instruction = Instruction {
            uetr: Uetr::from_bits(bits),
            message_id: format!("M-{bits:x}"),
            end_to_end_id: format!("E-{place}"),
            priority: if self.chance.happens(600) { Priority::High } else { Priority::Norm },
            accepted_at: now,
            source,
            target,
            quote: quote.map(|quote| quote.id),
            debtor: party(from),
            debtor_account: "1".into(),
            debtor_agent: bank(from).0,
            creditor_agent: bank(to).0,
            creditor: party(to),
            creditor_account: "2".into(),
            bearer: pay::Bearer::default(),
            charges: Vec::new(),
            intermediaries: Vec::new(),
            purpose: None,
            document: None,
            remittance: String::new(),
        };
        self.wishes.push(Wish { instruction, is_settled: false, asked_at: step });
        Some(self.submit(place))
    }

    fn submit(&mut self, place: usize) -> Letter {
        let instruction = self.wishes[place].instruction.clone();
        let verdict = match self.chance.below(30) {
            0 => Verdict::Hit { case: 1 },
            1 => Verdict::Unavailable,
            _ => Verdict::Clear,
        };
        let clearance = Clearance { list: self.list, verdict };
        let actor = instruction.debtor_agent.to_string();
        letter(Matter::Payment(place), &actor, pay::Command::Submit(Box::new(instruction), clearance))
    }

    fn ask_quotes(&mut self) -> Letter {
        let (agent, from) = bank(self.chance.below(2));
        let to = if from == Currency::RUB { Currency::INR } else { Currency::RUB };
        let fixed = if self.chance.happens(500) { Fixed::Source } else { Fixed::Target };
        let currency = if fixed == Fixed::Source { from } else { to };
        let amount = Money::new(self.chance.between(100, 900).into(), currency);
        let id = self.chance.next().into();
        let actor = agent.to_string();
        letter(
            Matter::Quotes,
            &actor,
            pay::Command::AskQuotes(QuoteRequest {
                id,
                agent,
                creditor_agent: None,
                from,
                to,
                fixed,
                amount,
                bearer: pay::Bearer::default(),
                own_charge: None,
            }),
        )
    }

    /// The settlement agent confirms money, or a bank takes some back; each notice twice now and then.
    fn move_cover(&mut self) -> Letter {
        if self.chance.happens(700) {
            self.references += 1;
        }
        let reference = self.references;
        // The same reference always says the same.
        let (participant, currency) = bank(usize::try_from(reference % 3).unwrap_or(0));
        let moved = opening::moved(reference);
        let amount = Money::new(moved.abs(), currency);
        if moved > 0 {
            let (actor, command) = opening::funding(reference, participant.as_str(), amount);
            return Letter { matter: Matter::Other, actor, command };
        }
        letter(
            Matter::Other,
            &format!("withdraw {reference}"),
            pay::Command::Withdraw { participant, amount, reference },
        )
    }

    fn card_request(&mut self, step: usize) -> Option<Letter> {
        let place = self.card_wishes.len();
        let stan = u32::try_from(place + 1).ok()?;
        let request = cards::Request {
            key: cards::Key {
                sent: "0320093000".into(),
                stan,
                institution: "12345".into(),
                rrn: format!("{stan:012}"),
                terminal: "TERM0001".into(),
            },
            flow: if self.chance.happens(700) { cards::Flow::Single } else { cards::Flow::Dual },
            kind: cards::Kind::Purchase,
            service: cards::Service::Pos,
            card: self.tokeniser.card(CARD)?,
            amount: Money::new(self.chance.between(100, 900).into(), Currency::RUB),
            has_pin: false,
            processing_code: "000000".into(),
            local_time: "123000".into(),
            local_date: "0320".into(),
            category: "5411".into(),
            entry_mode: "051".into(),
            condition: "00".into(),
            acceptor: "SHOP1".into(),
            acceptor_name: "Invented shop".into(),
        };
        self.card_wishes.push(CardWish { request, is_settled: false, asked_at: step });
        Some(self.ask_card(place))
    }

    fn ask_card(&self, place: usize) -> Letter {
        let request = Box::new(self.card_wishes[place].request.clone());
        let route = self.route.clone().ok_or(cards::Unroutable::Unknown);
        self.card_letter(place, 0, cards::Command::Ask { from: scheme(0), request, route, table: self.table })
    }

    fn reverse(&self, place: usize) -> Letter {
        let original = self.card_wishes[place].request.key.clone();
        self.card_letter(place, 0, cards::Command::Reverse { from: scheme(0), original, remaining: None })
    }

    fn card_letter(&self, place: usize, of: usize, command: cards::Command) -> Letter {
        Letter {
            matter: Matter::Card(place),
            actor: scheme(of).as_str().to_owned(),
            command: Command::Card(command),
        }
    }

    /// A client hears an answer; says what it sends upon it.
    pub(crate) fn hear(
        &mut self,
        step: usize,
        now: Moment,
        matter: Matter,
        decided: &Result<Done, Refusal>,
    ) -> Vec<Letter> {
        match (matter, decided) {
            (Matter::Payment(place), Ok(_)) => self.wishes[place].is_settled = true,
            (Matter::Payment(place), Err(refusal)) if refusal.code == "pay.known" => {
                self.wishes[place].is_settled = true;
                self.known.insert(self.wishes[place].instruction.uetr);
            }
            // What a moment mends is asked again; the client's own mistakes are not among these worlds.
            (Matter::Payment(_), Err(_)) => {}
            (Matter::Quotes, Ok(Done { event: Event::Pay(pay::Event::Quoted { quotes, .. }), .. })) => {
                let Some(quote) = quotes.first().filter(|_| self.chance.happens(900)) else {
                    return Vec::new();
                };
                let places = if quote.source.currency() == Currency::RUB { (0, 1) } else { (1, 0) };
                return self
                    .pays(step, now, places, (quote.source, quote.target), Some(quote))
                    .into_iter()
                    .collect();
            }
            (Matter::Card(place), Ok(Done { event: Event::Card(event), .. })) => {
                return self.hear_card(step, place, event);
            }
            (Matter::Card(place), Err(refusal)) => {
                let is_under_way = refusal.code == "cards.in_progress" || refusal.code == "cards.table_stale";
                self.card_wishes[place].is_settled |= !is_under_way;
            }
            _ => {}
        }
        Vec::new()
    }

    fn hear_card(&mut self, step: usize, place: usize, event: &cards::Event) -> Vec<Letter> {
        self.card_wishes[place].is_settled = true;
        if !matches!(event, cards::Event::Asked { .. }) {
            return Vec::new();
        }
        let id = self.card_wishes[place].request.key.id();
        let code = if self.chance.happens(750) { "00" } else { "05" };
        let Some(response) = cards::Response::parse(code) else { return Vec::new() };
        let answer = cards::Command::Answer { from: scheme(1), id, response, approval: "A1B2C3".into() };
        let mut answer = self.card_letter(place, 1, answer);
        answer.matter = Matter::Other;
        self.in_time(step, answer)
    }

    /// A participant fetches its mailbox; says what it sends upon it.
    pub(crate) fn fetch(&mut self, step: usize, whose: &Bic, mail: &[(u64, Notice)]) -> Vec<Letter> {
        let mut sent = Vec::new();
        for (_, notice) in mail {
            match notice {
                Notice::Pay(instruction) => sent.append(&mut self.consider(step, whose, instruction.uetr)),
                Notice::Chase { uetr, .. } => sent.append(&mut self.consider(step, whose, *uetr)),
                Notice::Instruct { instruction, .. } | Notice::ChaseInstruction { instruction, .. } => {
                    sent.append(&mut self.settle(step, whose, instruction.id));
                }
                Notice::Status { uetr, status, .. } => {
                    if matches!(status.as_str(), "ACCC" | "ACSC" | "BLCK" | "RJCT") {
                        self.told_final.insert(*uetr, status.clone());
                    }
                    if status == "ACCC" && self.chance.happens(150) {
                        let (by, reason) = (whose.clone(), "CUST".to_owned());
                        let recall = pay::Command::Recall { uetr: *uetr, by, reason };
                        sent.push(letter(Matter::Other, whose.as_str(), recall));
                    }
                }
                Notice::Recall { uetr, .. } => {
                    let (uetr, by) = (*uetr, whose.clone());
                    let answer = match self.chance.below(3) {
                        0 => pay::Command::AnswerRecall(RecallAnswer { uetr, by, reason: "CUST".into() }),
                        1 => pay::Command::Return(Return {
                            uetr,
                            by,
                            fault: Fault::Destination,
                            quote: None,
                            reason: "FOCR".into(),
                        }),
                        _ => continue,
                    };
                    sent.push(letter(Matter::Other, whose.as_str(), answer));
                }
                _ => {}
            }
        }
        if let Some((upto, _)) = mail.last()
            && self.chance.happens(800)
        {
            let acknowledge = pay::Command::Acknowledge { by: whose.clone(), upto: *upto };
            sent.push(letter(Matter::Other, whose.as_str(), acknowledge));
        }
        sent
    }

    /// The creditor agent makes up its mind.
    fn consider(&mut self, step: usize, by: &Bic, uetr: Uetr) -> Vec<Letter> {
        let status = match self.chance.below(10) {
            0..=5 => AnswerStatus::Accepted,
            6 => AnswerStatus::Rejected("AC04".into()),
            7 => AnswerStatus::AcceptedPending,
            8 => AnswerStatus::Blocked,
            _ => return Vec::new(),
        };
        let answer = pay::Command::Answer(Answer { uetr, by: by.clone(), status });
        self.in_time(step, letter(Matter::Other, by.as_str(), answer))
    }

    /// A settlement agent moves the money, refuses, or stays silent.
    fn settle(&mut self, step: usize, by: &Bic, instruction: u128) -> Vec<Letter> {
        let answer = match self.chance.below(10) {
            0..=6 => settlement::AgentAnswer::Settled,
            7 => settlement::AgentAnswer::Refused("AM04".into()),
            _ => return Vec::new(),
        };
        let command = settlement::Command::AgentAnswer { by: by.clone(), instruction, answer };
        self.in_time(step, settles(by.as_str(), command))
    }

    /// At once, or late, or twice.
    fn in_time(&mut self, step: usize, letter: Letter) -> Vec<Letter> {
        match self.chance.below(10) {
            0 | 1 => {
                self.slow.push((step + 3 + self.chance.below(12), letter));
                Vec::new()
            }
            2 => vec![letter.clone(), letter],
            3 => {
                self.slow.push((step + 6, letter.clone()));
                vec![letter]
            }
            _ => vec![letter],
        }
    }

    /// Everybody who has a mailbox.
    pub(crate) fn mailboxes() -> impl Iterator<Item = Bic> {
        let agents = opening::AGENTS.into_iter().map(|(bic, _)| bic);
        BANKS.into_iter().map(|(bic, _)| bic).chain([opening::PROVIDER]).chain(agents).map(opening::known)
    }
}

fn scheme(of: usize) -> cards::SchemeId {
    opening::scheme(of).unwrap_or_else(|refusal| panic!("{refusal}"))
}
