//! What would happen: one event, or the first refusal in order of precedence. Changes nothing.

use meridian_ledger as ledger;
use meridian_settlement as settlement;
use meridian_terms::{Bic, Country, Day, Moment, Refusal, Retry, Uetr};

use crate::caps::counted;
use crate::refusal::{self as no, refuse};
use crate::{
    Clearance, Command, Event, Instruction, Legs, LinkKey, Participant, Payment, Priority, Queueing,
    Reservation, Role, Stage, State, Verdict, account, admission, answers, purpose, queue, quote, resolution,
    returns, timers,
};

/// Decides a command at a moment.
///
/// # Errors
/// The first refusal in order of precedence. A payment refused on its merits is an event instead
/// ([`Event::Refused`]), so that a retry after a restart gets the same answer.
pub fn decide(
    state: &State,
    settlement: &settlement::State,
    money: &ledger::State,
    command: &Command,
    at: Moment,
) -> Result<Event, Refusal> {
    match command {
        Command::Configure(settings) => Ok(Event::Configured(settings.clone())),
        Command::Admit { participant, currencies } => {
            admission::admit(state, money, participant, currencies, at)
        }
        Command::Suspend(bic, is_suspended) => {
            known(state, bic)?;
            Ok(Event::Suspended(bic.clone(), *is_suspended))
        }
        Command::ProposeLink { .. } | Command::ApproveLink { .. } | Command::ShutLink { .. } => {
            admission::link(state, command, at)
        }
        Command::PutListInForce(digest) => Ok(Event::ListInForce(*digest)),
        Command::PutPurposes(rules) => Ok(Event::PurposesPut(rules.clone())),
        Command::SetFee(country, currency, fee) => Ok(Event::FeeSet(*country, *currency, *fee)),
        Command::SetCap { key, most, alarm_percent } => {
            Ok(Event::CapSet { key: key.clone(), most: *most, alarm_percent: *alarm_percent })
        }
        Command::Fund { participant, amount, reference } => {
            admission::fund(state, money, participant, *amount, *reference, true, at)
        }
        Command::Withdraw { participant, amount, reference } => {
            settlement.covers_withdrawal(money, participant, *amount)?;
            admission::fund(state, money, participant, *amount, *reference, false, at)
        }
        Command::NameIntermediary { provider, currency, agent } => {
            admission::name_intermediary(state, money, provider, *currency, agent, at)
        }
        Command::Allot { agent, provider, amount, reference, comes_back } => {
            admission::allot(state, money, (agent, provider), *amount, *reference, *comes_back, at)
        }
        Command::AgreeReversal(provider, agrees) => {
            quote::provider(state, provider)?;
            Ok(Event::ReversalAgreed(provider.clone(), *agrees))
        }
        Command::PublishRate(key, card) => quote::publish(state, key, card),
        Command::WithdrawRate(key) => Ok(Event::RateWithdrawn(key.clone())),
        Command::AskQuotes(request) => quote::quote(state, request, at),
        Command::RegisterProxy(key, proxy) => {
            active(state, &proxy.agent, Role::Bank)?;
            match state.proxies.get(key) {
                Some(known) if known.agent != proxy.agent => Err(refuse(no::PROXY_TAKEN, key.value.clone())),
                _ => Ok(Event::ProxyRegistered(key.clone(), proxy.clone())),
            }
        }
        Command::WithdrawProxy(key, by) => match state.proxies.get(key) {
            None => Err(refuse(no::PROXY_UNKNOWN, key.value.clone())),
            Some(known) if known.agent != *by => Err(refuse(no::NOT_YOURS, key.value.clone())),
            Some(_) => Ok(Event::ProxyWithdrawn(key.clone())),
        },
        Command::Resolve(request) => resolution::ask(state, request, at),
        Command::AnswerResolution(answer) => resolution::answer(state, answer, at),
        Command::Submit(instruction, clearance) => {
            submit(state, (settlement, money), instruction, clearance, at)
        }
        Command::Rescreen(uetr, clearance) => answers::rescreen(state, money, *uetr, clearance, at),
        Command::Answer(answer) => answers::take_answer(state, money, answer, at),
        Command::Conclude { uetr, by, is_accepted, evidence } => {
            answers::conclude(state, money, *uetr, by, *is_accepted, evidence, at)
        }
        Command::Recall { uetr, by, reason } => returns::recall(state, money, *uetr, by, reason, at),
        Command::AnswerRecall(answer) => returns::refuse_recall(state, answer, at),
        Command::Return(way_back) => returns::give_back(state, money, way_back, at),
        Command::AskStatus { uetr, by } => {
            let payment = find(state, *uetr)?;
            if *by != payment.instruction.debtor_agent && *by != payment.instruction.creditor_agent {
                return Err(refuse(no::NOT_YOURS, uetr.to_string()));
            }
            Ok(Event::StatusTold { uetr: *uetr, at, to: by.clone() })
        }
        Command::AskReport { by, currency, day } => {
            known(state, by)?;
            let holder = account::holder(by, state.intermediary(by, *currency));
            let id = ledger::AccountId::of(&holder, *currency, ledger::Kind::Cover);
            if money.account(id).is_none() {
                return Err(refuse(no::NO_ACCOUNT, format!("{holder} {currency}")));
            }
            Ok(Event::ReportTold { to: by.clone(), at, holder, currency: *currency, day: *day })
        }
        Command::Acknowledge { by, upto } => {
            let last = state.mailboxes.get(by).map_or(0, |mailbox| mailbox.last);
            if *upto > last {
                return Err(refuse(no::NO_SUCH_MESSAGE, format!("{upto}, the last is {last}")));
            }
            Ok(Event::Acknowledged { by: by.clone(), upto: *upto })
        }
        Command::Tick => timers::tick(state, money, at),
    }
}

/// The order of questions: known -> participants -> link -> verdict of the list in force -> age -> purpose -> quote
/// -> caps -> legs. What comes before the link is the sender's mistake and leaves no trace under the UETR.
fn submit(
    state: &State,
    books: (&settlement::State, &ledger::State),
    instruction: &Instruction,
    clearance: &Clearance,
    at: Moment,
) -> Result<Event, Refusal> {
    let Some(attempt) = state.attempt(instruction) else {
        return repeated(state, instruction, at);
    };
    let message = (instruction.debtor_agent.clone(), instruction.message_id.clone());
    if let Some(uetr) = state.message_ids.get(&message) {
        return Err(refuse(no::MESSAGE_ID_REUSED, format!("{} named {uetr}", instruction.message_id)));
    }
    let from = known(state, &instruction.debtor_agent)?.country;
    let to = known(state, &instruction.creditor_agent)?.country;
    match reserve(state, books, instruction, clearance, (from, to), attempt, at) {
        Ok(event) => Ok(event),
        // What a moment may mend is answered but not remembered: the same UETR may come again.
        Err(refusal) if refusal.retry == Retry::AfterAMoment => Err(refusal),
        Err(refusal) => {
            Ok(Event::Refused { instruction: Box::new(instruction.clone()), at, refusal, attempt })
        }
    }
}

/// A UETR that is known: the same message again is answered with how the payment stands; anything else is a mistake.
fn repeated(state: &State, instruction: &Instruction, at: Moment) -> Result<Event, Refusal> {
    let uetr = instruction.uetr;
    let first = &find(state, uetr)?.instruction;
    let same_message =
        first.message_id == instruction.message_id && first.debtor_agent == instruction.debtor_agent;
    match (same_message, first.content() == instruction.content()) {
        (true, true) => Ok(Event::Resent { uetr, at }),
        (true, false) => {
            Err(refuse(no::MESSAGE_ID_REUSED, format!("{}: other content", instruction.message_id)))
        }
        (false, true) => Err(refuse(no::KNOWN, uetr.to_string())),
        (false, false) => Err(refuse(no::OTHER_CONTENT, uetr.to_string())),
    }
}

impl State {
    /// Which attempt under its UETR an instruction would be, or none when the UETR is taken. A payment refused for
    /// what may change (a quote that ran out, a provider short of money, a cap) may be tried again under the same
    /// UETR in a new message, at another quote; its legs then have ids of their own.
    #[must_use]
    pub fn attempt(&self, instruction: &Instruction) -> Option<u8> {
        let Some(earlier) = self.payments.get(&instruction.uetr) else { return Some(0) };
        let Stage::Refused(refusal) = &earlier.stage else { return None };
        let first = &earlier.instruction;
        let may_change = Instruction {
            message_id: first.message_id.clone(),
            accepted_at: first.accepted_at,
            source: first.source,
            target: first.target,
            quote: first.quote,
            ..instruction.clone()
        };
        let again = refusal.retry == Retry::SameRequest
            && first.message_id != instruction.message_id
            && may_change == *first;
        again.then(|| earlier.attempt.checked_add(1)).flatten()
    }
}

fn reserve(
    state: &State,
    (settlement, money): (&settlement::State, &ledger::State),
    instruction: &Instruction,
    clearance: &Clearance,
    (from, to): (Country, Country),
    attempt: u8,
    at: Moment,
) -> Result<Event, Refusal> {
    active(state, &instruction.debtor_agent, Role::Bank)?;
    active(state, &instruction.creditor_agent, Role::Bank)?;
    link_open(state, from, to, at.day())?;
    cleared(state, clearance)?;
    fresh_enough(state, instruction, at)?;
    purpose::eligible(state, instruction, (from, to), at.day())?;
    if instruction.source.minor() <= 0 || instruction.target.minor() <= 0 {
        return Err(refuse(no::AMOUNT_NOT_POSITIVE, instruction.source.to_string()));
    }
    let legs = legs_of(state, instruction, at)?;
    let fee = state.fee(to, instruction.target.currency()).on(instruction.target)?;
    if fee.minor() >= instruction.target.minor() {
        return Err(refuse(no::BELOW_LEAST, format!("the fee {fee} takes all of {}", instruction.target)));
    }
    within_caps(state, &counted(state, &legs))?;
    let list = clearance.list;
    let reserved = match queue::reserve(settlement, money, instruction, &legs, attempt, at) {
        Ok(reserved) => reserved,
        // Money may come in: the payment waits, or may be tried again, with another provider too.
        Err(refusal) if queue::is_short(&refusal) => {
            let queued = queue::line_up(state, settlement, money, instruction, &legs, at)
                .ok_or_else(|| refusal.retry(Retry::SameRequest))?;
            let instruction = instruction.clone();
            return Ok(Event::Queued(Box::new(Queueing {
                instruction,
                at,
                legs,
                list,
                attempt,
                fee,
                queued,
            })));
        }
        Err(refusal) => return Err(refusal),
    };
    let settings = &state.settings;
    let deadline = match instruction.priority {
        Priority::High => at.plus(settings.high_deadline),
        Priority::Norm => at.plus(settings.norm_chase),
    };
    let instruction = instruction.clone();
    let reservation = Reservation { instruction, at, legs, deadline, list, attempt, fee, reserved };
    Ok(Event::Reserved(Box::new(reservation)))
}

pub(crate) fn known<'a>(state: &'a State, bic: &Bic) -> Result<&'a Participant, Refusal> {
    state.participants.get(bic).ok_or_else(|| refuse(no::UNKNOWN_PARTICIPANT, bic.as_str()))
}

pub(crate) fn active<'a>(state: &'a State, bic: &Bic, role: Role) -> Result<&'a Participant, Refusal> {
    let participant = known(state, bic)?;
    if participant.role != role {
        return Err(refuse(no::WRONG_ROLE, bic.as_str()));
    }
    if participant.is_suspended {
        return Err(refuse(no::SUSPENDED, bic.as_str()));
    }
    Ok(participant)
}

fn link_open(state: &State, from: Country, to: Country, day: Day) -> Result<(), Refusal> {
    let key = LinkKey::between(from, to);
    if from == to || state.links.get(&key).is_some_and(|link| link.is_open(day)) {
        return Ok(());
    }
    Err(refuse(no::LINK_SHUT, key.to_string()))
}

pub(crate) fn cleared(state: &State, clearance: &Clearance) -> Result<(), Refusal> {
    match (&clearance.verdict, state.list) {
        (Verdict::Unavailable, _) | (_, None) => Err(refuse(no::SCREENING_UNAVAILABLE, "")),
        (_, Some(in_force)) if in_force != clearance.list => Err(refuse(no::SCREENING_STALE, "")),
        // A reference and no reason: what it was is for compliance, and text that tips off is itself an offence.
        (Verdict::Hit { case }, _) => Err(refuse(no::NOT_PROCESSED, format!("reference {case}"))),
        (Verdict::Clear, _) => Ok(()),
    }
}

fn fresh_enough(state: &State, instruction: &Instruction, at: Moment) -> Result<(), Refusal> {
    let oldest = match instruction.priority {
        Priority::High => state.settings.oldest_acceptance.0,
        Priority::Norm => state.settings.oldest_acceptance.0.saturating_mul(5),
    };
    if at.since(instruction.accepted_at).0 > oldest {
        return Err(refuse(no::TOO_OLD, instruction.accepted_at.to_string()));
    }
    Ok(())
}

fn legs_of(state: &State, instruction: &Instruction, at: Moment) -> Result<Legs, Refusal> {
    let agents = (instruction.debtor_agent.clone(), instruction.creditor_agent.clone());
    let (source, target) = (instruction.source, instruction.target);
    let Some(id) = instruction.quote else {
        if source.currency() != target.currency() {
            return Err(refuse(no::QUOTE_MISSING, format!("{source} to {target}")));
        }
        if source != target {
            return Err(refuse(no::QUOTE_NEEDLESS, format!("{source} and {target}")));
        }
        return Ok(Legs::within(agents.0, agents.1, source));
    };
    let quote = state.quotes.get(&id).ok_or_else(|| refuse(no::QUOTE_UNKNOWN, id.to_string()))?;
    if quote.agent != agents.0 {
        return Err(refuse(no::QUOTE_OTHER_AGENT, quote.agent.as_str()));
    }
    if quote.is_used {
        return Err(refuse(no::QUOTE_USED, id.to_string()));
    }
    if quote.expires <= at {
        return Err(refuse(no::QUOTE_EXPIRED, quote.expires.to_string()));
    }
    if (quote.source, quote.target) != (source, target) {
        let (quoted, asked) = ((quote.source, quote.target), (source, target));
        return Err(refuse(
            no::QUOTE_MISMATCH,
            format!("quoted {} for {}, sent {} for {}", quoted.0, quoted.1, asked.0, asked.1),
        ));
    }
    active(state, &quote.provider, Role::FxProvider)?;
    let at_agent = |currency| state.intermediary(&quote.provider, currency).cloned();
    let ends = ((source, at_agent(source.currency())), (target, at_agent(target.currency())));
    for agent in ends.0.1.iter().chain(&ends.1.1) {
        active(state, agent, Role::Bank)?;
    }
    let legs = Legs::across(agents.0, agents.1, quote.provider.clone(), ends.0, ends.1);
    if !instruction.intermediaries.is_empty() && !legs.intermediaries().eq(&instruction.intermediaries) {
        let named: Vec<&str> = instruction.intermediaries.iter().map(Bic::as_str).collect();
        return Err(refuse(no::INTERMEDIARY_OTHER, named.join(", ")));
    }
    Ok(legs)
}

/// Caps in order; what makes less of a use passes whatever the bound.
pub(crate) fn within_caps(state: &State, uses: &[(crate::CapKey, i128)]) -> Result<(), Refusal> {
    for (key, amount) in uses {
        if let Some(cap) = state.caps.get(key)
            && *amount > 0
            && cap.would_exceed(*amount)
        {
            let (used, most) = (cap.used, cap.most.unwrap_or(0));
            return Err(refuse(
                no::CAP_EXCEEDED,
                format!("{key}: used {used}, asked {amount}, at most {most}"),
            ));
        }
    }
    Ok(())
}

pub(crate) fn find(state: &State, uetr: Uetr) -> Result<&Payment, Refusal> {
    state.payments.get(&uetr).ok_or_else(|| refuse(no::UNKNOWN_PAYMENT, uetr.to_string()))
}
