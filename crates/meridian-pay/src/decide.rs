//! What would happen: one event, or the first refusal in order of precedence. Changes nothing.

use meridian_ledger::{self as ledger, Account, AccountId, Kind, Transfer, TransferId};
use meridian_terms::{Bic, Country, Currency, Day, Moment, Money, Ratio, Refusal, Uetr};

use crate::caps::counted;
use crate::rate::{arbitrage, source_for, target_for};
use crate::refusal::{self as no, refuse};
use crate::{
    Answer, AnswerStatus, Clearance, Command, Event, Fault, Fixed, Instruction, Legs, LinkKey, Participant,
    Payment, Priority, Quote, QuoteId, QuoteRequest, RateCard, RateKey, RecallAnswer, Reservation, Return,
    Role, Stage, State, Verdict,
};

/// The name of the account that mirrors a currency's real money at its national settlement agent.
pub(crate) const MIRROR: &str = "SETTLEMENT-AGENT";

/// How many final payments or expired quotes one tick lets go.
const FORGET_AT_ONCE: usize = 1_000;

/// Decides a command at a moment.
///
/// # Errors
/// The first refusal in order of precedence. A payment refused on its merits is an event instead
/// ([`Event::Refused`]), so that a retry after a restart gets the same answer.
pub fn decide(state: &State, money: &ledger::State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Configure(settings) => Ok(Event::Configured(settings.clone())),
        Command::Admit { participant, currencies } => admit(state, money, participant, currencies, at),
        Command::Suspend(bic, is_suspended) => {
            known(state, bic)?;
            Ok(Event::Suspended(bic.clone(), *is_suspended))
        }
        Command::ProposeLink { key, instrument, in_force, by } => {
            if instrument.trim().is_empty() {
                return Err(refuse(no::LINK_INSTRUMENT, key.to_string()));
            }
            let (instrument, by) = (instrument.clone(), by.clone());
            Ok(Event::LinkProposed { key: *key, instrument, in_force: *in_force, by })
        }
        Command::ApproveLink { key, by } => {
            let link = state.links.get(key).ok_or_else(|| refuse(no::LINK_UNKNOWN, key.to_string()))?;
            if link.proposed_by == *by {
                return Err(refuse(no::LINK_SAME_PERSON, by.clone()));
            }
            Ok(Event::LinkOpened { key: *key, by: by.clone() })
        }
        Command::ShutLink { key, by } => {
            state.links.get(key).ok_or_else(|| refuse(no::LINK_UNKNOWN, key.to_string()))?;
            Ok(Event::LinkShut { key: *key, by: by.clone() })
        }
        Command::PutListInForce(digest) => Ok(Event::ListInForce(*digest)),
        Command::SetCap { key, most, alarm_percent } => {
            Ok(Event::CapSet { key: key.clone(), most: *most, alarm_percent: *alarm_percent })
        }
        Command::Fund { participant, amount, reference } => {
            fund(state, money, participant, *amount, *reference, true, at)
        }
        Command::Withdraw { participant, amount, reference } => {
            fund(state, money, participant, *amount, *reference, false, at)
        }
        Command::PublishRate(key, card) => publish(state, key, card),
        Command::WithdrawRate(key) => Ok(Event::RateWithdrawn(key.clone())),
        Command::AskQuotes(request) => quote(state, request, at),
        Command::Submit(instruction, clearance) => submit(state, money, instruction, clearance, at),
        Command::Rescreen(uetr, clearance) => rescreen(state, money, *uetr, clearance, at),
        Command::Answer(answer) => take_answer(state, money, answer, at),
        Command::Recall { uetr, by, reason } => recall(state, *uetr, by, reason, at),
        Command::AnswerRecall(answer) => refuse_recall(state, answer, at),
        Command::Return(way_back) => give_back(state, money, way_back, at),
        Command::AskStatus { uetr, by } => {
            let payment = find(state, *uetr)?;
            if *by != payment.instruction.debtor_agent && *by != payment.instruction.creditor_agent {
                return Err(refuse(no::NOT_YOURS, uetr.to_string()));
            }
            Ok(Event::StatusTold { uetr: *uetr, at, to: by.clone() })
        }
        Command::Acknowledge { by, upto } => {
            let last = state.mailboxes.get(by).map_or(0, |mailbox| mailbox.last);
            if *upto > last {
                return Err(refuse(no::NO_SUCH_MESSAGE, format!("{upto}, the last is {last}")));
            }
            Ok(Event::Acknowledged { by: by.clone(), upto: *upto })
        }
        Command::Tick => tick(state, money, at),
    }
}

fn admit(
    state: &State,
    money: &ledger::State,
    participant: &Participant,
    currencies: &[Currency],
    at: Moment,
) -> Result<Event, Refusal> {
    if state.participants.contains_key(&participant.bic) {
        return Err(refuse(no::PARTICIPANT_EXISTS, participant.bic.as_str()));
    }
    let mut accounts = Vec::new();
    for currency in currencies {
        let mirror = Account::open(MIRROR, *currency, Kind::SettlementAgent);
        if money.account(mirror.id).is_none() {
            accounts.push(mirror);
        }
        accounts.push(Account::open(participant.bic.as_str(), *currency, Kind::Cover));
    }
    let opened = ledger::decide(money, &ledger::Command::Open(accounts), at)?;
    Ok(Event::Admitted { participant: participant.clone(), opened })
}

fn fund(
    state: &State,
    money: &ledger::State,
    participant: &Bic,
    amount: Money,
    reference: u128,
    comes_in: bool,
    at: Moment,
) -> Result<Event, Refusal> {
    known(state, participant)?;
    let mirror = AccountId::of(MIRROR, amount.currency(), Kind::SettlementAgent);
    let cover = AccountId::of(participant.as_str(), amount.currency(), Kind::Cover);
    let (debit, credit) = if comes_in { (mirror, cover) } else { (cover, mirror) };
    let transfer = Transfer::post(TransferId(reference), debit, credit, amount);
    let posted = ledger::decide(money, &ledger::Command::Transfer(vec![transfer]), at)?;
    Ok(Event::Funded { participant: participant.clone(), posted })
}

fn publish(state: &State, key: &RateKey, card: &RateCard) -> Result<Event, Refusal> {
    let provider = known(state, &key.provider)?;
    if provider.role != Role::FxProvider {
        return Err(refuse(no::WRONG_ROLE, key.provider.as_str()));
    }
    if card.base <= Ratio::ZERO {
        return Err(refuse(no::RATE_NOT_POSITIVE, format!("{}", card.base)));
    }
    if let Some(circle) = arbitrage(&state.rates, key, card) {
        return Err(refuse(no::RATE_ARBITRAGE, circle));
    }
    Ok(Event::RatePublished(key.clone(), card.clone()))
}

/// Every provider's offer, best for the debtor first; ties by provider.
fn quote(state: &State, request: &QuoteRequest, at: Moment) -> Result<Event, Refusal> {
    active(state, &request.agent, Role::Bank)?;
    if request.amount.minor() <= 0 {
        return Err(refuse(no::AMOUNT_NOT_POSITIVE, request.amount.to_string()));
    }
    let providers = state.participants.values().filter(|p| p.role == Role::FxProvider && !p.is_suspended);
    let mut offers: Vec<Quote> = Vec::new();
    for provider in providers {
        let direct = offer(state, request, &provider.bic, None, at);
        let pivots =
            state.settings.pivots.iter().copied().filter(|via| *via != request.from && *via != request.to);
        let routes = direct
            .into_iter()
            .chain(pivots.filter_map(|via| offer(state, request, &provider.bic, Some(via), at)));
        let better = |a: &Quote, b: &Quote| match request.fixed {
            Fixed::Source => b.target.minor().cmp(&a.target.minor()),
            Fixed::Target => a.source.minor().cmp(&b.source.minor()),
        };
        offers.extend(routes.min_by(better));
    }
    offers.sort_by(|a, b| match request.fixed {
        Fixed::Source => b.target.minor().cmp(&a.target.minor()).then(a.provider.cmp(&b.provider)),
        Fixed::Target => a.source.minor().cmp(&b.source.minor()).then(a.provider.cmp(&b.provider)),
    });
    if offers.is_empty() {
        return Err(refuse(no::NO_RATE, format!("{} to {}, {}", request.from, request.to, request.amount)));
    }
    Ok(Event::Quoted(offers))
}

fn offer(
    state: &State,
    request: &QuoteRequest,
    provider: &Bic,
    via: Option<Currency>,
    at: Moment,
) -> Option<Quote> {
    let card = |from, to| {
        let key = RateKey { provider: provider.clone(), from, to };
        state.rates.get(&key).filter(|card| card.valid.contains(at))
    };
    let cards = match via {
        None => vec![card(request.from, request.to)?],
        Some(via) => vec![card(request.from, via)?, card(via, request.to)?],
    };
    let base = cards.iter().try_fold(Ratio::ONE, |product, card| product.checked_mul(&card.base))?;
    // Tiers are by source amount; with the target fixed, the base rate says about how much that is.
    let about = match request.fixed {
        Fixed::Source => request.amount,
        Fixed::Target => source_for(request.amount, &base, request.from).ok()?,
    };
    let improved = match via {
        None => cards[0].rate_for(about.minor(), &request.agent)?,
        Some(_) if about.minor() <= cards[0].most => base,
        Some(_) => return None,
    };
    let (source, target) = match request.fixed {
        Fixed::Source => (request.amount, target_for(request.amount, &improved, request.to).ok()?),
        Fixed::Target => (source_for(request.amount, &improved, request.from).ok()?, request.amount),
    };
    if source.minor() <= 0 || target.minor() <= 0 || source.minor() > cards[0].most {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&request.id.to_be_bytes());
    hasher.update(request.agent.as_str().as_bytes());
    hasher.update(provider.as_str().as_bytes());
    hasher.update(via.map_or("", Currency::code).as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Some(Quote {
        id: QuoteId(u128::from_be_bytes(id)),
        provider: provider.clone(),
        agent: request.agent.clone(),
        source,
        target,
        rate: improved,
        via,
        expires: at.plus(state.settings.quote_life),
        is_used: false,
    })
}

/// The order of questions: known -> participants -> link -> verdict of the list in force -> age -> quote -> caps
/// -> legs. What comes before the link is the sender's mistake and leaves no trace under the UETR.
fn submit(
    state: &State,
    money: &ledger::State,
    instruction: &Instruction,
    clearance: &Clearance,
    at: Moment,
) -> Result<Event, Refusal> {
    if let Some(earlier) = state.payments.get(&instruction.uetr) {
        let same = earlier.instruction.content() == instruction.content();
        return Err(refuse(if same { no::KNOWN } else { no::OTHER_CONTENT }, instruction.uetr.to_string()));
    }
    let message = (instruction.debtor_agent.clone(), instruction.message_id.clone());
    if let Some(uetr) = state.message_ids.get(&message) {
        return Err(refuse(no::MESSAGE_ID_REUSED, format!("{} named {uetr}", instruction.message_id)));
    }
    let from = known(state, &instruction.debtor_agent)?.country;
    let to = known(state, &instruction.creditor_agent)?.country;
    match reserve(state, money, instruction, clearance, (from, to), at) {
        Ok(reservation) => Ok(Event::Reserved(Box::new(reservation))),
        // What a moment may mend is answered but not remembered: the same UETR may come again.
        Err(refusal) if refusal.retry == meridian_terms::Retry::AfterAMoment => Err(refusal),
        Err(refusal) => Ok(Event::Refused { instruction: Box::new(instruction.clone()), at, refusal }),
    }
}

fn reserve(
    state: &State,
    money: &ledger::State,
    instruction: &Instruction,
    clearance: &Clearance,
    (from, to): (Country, Country),
    at: Moment,
) -> Result<Reservation, Refusal> {
    active(state, &instruction.debtor_agent, Role::Bank)?;
    active(state, &instruction.creditor_agent, Role::Bank)?;
    link_open(state, from, to, at.day())?;
    cleared(state, clearance)?;
    fresh_enough(state, instruction, at)?;
    if instruction.source.minor() <= 0 || instruction.target.minor() <= 0 {
        return Err(refuse(no::AMOUNT_NOT_POSITIVE, instruction.source.to_string()));
    }
    let legs = legs_of(state, instruction, at)?;
    within_caps(state, &legs)?;
    let chain = legs.reservations(instruction.uetr, 0);
    let reserved = ledger::decide(money, &ledger::Command::Transfer(chain), at)?;
    let settings = &state.settings;
    let deadline = match instruction.priority {
        Priority::High => at.plus(settings.high_deadline),
        Priority::Norm => at.plus(settings.norm_chase),
    };
    Ok(Reservation { instruction: instruction.clone(), at, legs, deadline, list: clearance.list, reserved })
}

fn known<'a>(state: &'a State, bic: &Bic) -> Result<&'a Participant, Refusal> {
    state.participants.get(bic).ok_or_else(|| refuse(no::UNKNOWN_PARTICIPANT, bic.as_str()))
}

fn active<'a>(state: &'a State, bic: &Bic, role: Role) -> Result<&'a Participant, Refusal> {
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

fn cleared(state: &State, clearance: &Clearance) -> Result<(), Refusal> {
    match (&clearance.verdict, state.list) {
        (Verdict::Unavailable, _) | (_, None) => Err(refuse(no::SCREENING_UNAVAILABLE, "")),
        (_, Some(in_force)) if in_force != clearance.list => Err(refuse(no::SCREENING_STALE, "")),
        (Verdict::Hit { .. }, _) => Err(refuse(no::REGULATORY, "")),
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
    Ok(Legs::across(agents.0, agents.1, quote.provider.clone(), source, target))
}

fn within_caps(state: &State, legs: &Legs) -> Result<(), Refusal> {
    for (key, amount) in counted(state, legs) {
        if let Some(cap) = state.caps.get(&key)
            && cap.would_exceed(amount)
        {
            let (used, most) = (cap.used, cap.most.unwrap_or(0));
            return Err(refuse(
                no::CAP_EXCEEDED,
                format!("{key:?}: used {used}, asked {amount}, at most {most}"),
            ));
        }
    }
    Ok(())
}

fn find(state: &State, uetr: Uetr) -> Result<&Payment, Refusal> {
    state.payments.get(&uetr).ok_or_else(|| refuse(no::UNKNOWN_PAYMENT, uetr.to_string()))
}

fn rescreen(
    state: &State,
    money: &ledger::State,
    uetr: Uetr,
    clearance: &Clearance,
    at: Moment,
) -> Result<Event, Refusal> {
    let payment = find(state, uetr)?;
    if !payment.stage.is_reserved() {
        return Err(refuse(no::WRONG_STAGE, payment.stage.word()));
    }
    match cleared(state, clearance) {
        Ok(()) => Ok(Event::Recleared { uetr, list: clearance.list }),
        Err(refusal) if refusal.code == no::REGULATORY.0 => reject(money, payment, "RR04", false, at),
        Err(refusal) => Err(refusal),
    }
}

fn take_answer(state: &State, money: &ledger::State, answer: &Answer, at: Moment) -> Result<Event, Refusal> {
    let payment = find(state, answer.uetr)?;
    let instruction = &payment.instruction;
    if answer.by != instruction.creditor_agent {
        return Err(refuse(no::NOT_YOURS, answer.uetr.to_string()));
    }
    // A deadline that has come counts at once, whether or not the timer has noticed it yet.
    let is_late = payment
        .stage
        .deadline()
        .is_some_and(|deadline| deadline <= at && instruction.priority == Priority::High);
    if is_late || !payment.stage.is_reserved() {
        let status = format!("{:?}", answer.status);
        return Ok(Event::LateAnswer { uetr: answer.uetr, at, by: answer.by.clone(), status });
    }
    match &answer.status {
        AnswerStatus::Rejected(reason) => reject(money, payment, reason, false, at),
        AnswerStatus::AcceptedPending if instruction.priority == Priority::High => {
            Err(refuse(no::HIGH_FORBIDS_ACWP, answer.uetr.to_string()))
        }
        AnswerStatus::AcceptedPending => Ok(Event::AcceptedPending {
            uetr: answer.uetr,
            deadline: at.plus(state.settings.accepted_pending),
        }),
        AnswerStatus::Accepted | AnswerStatus::Blocked => {
            if payment.cleared_under != state.list {
                return Err(refuse(no::SCREENING_STALE, answer.uetr.to_string()));
            }
            let chain = legs(payment).postings(payment.uetr(), 0);
            match ledger::decide(money, &ledger::Command::Transfer(chain), at) {
                Ok(posted) => {
                    let is_blocked = answer.status == AnswerStatus::Blocked;
                    Ok(Event::Committed { uetr: answer.uetr, at, is_blocked, posted })
                }
                // An account frozen in the meantime: neither leg may be posted, so both are voided.
                Err(_) => reject(money, payment, "AC06", false, at),
            }
        }
    }
}

/// Both legs voided. The ledger always lets go what it holds.
fn reject(
    money: &ledger::State,
    payment: &Payment,
    reason: &str,
    is_expiry: bool,
    at: Moment,
) -> Result<Event, Refusal> {
    let chain = legs(payment).voids(payment.uetr(), 0);
    let voided = ledger::decide(money, &ledger::Command::Transfer(chain), at)?;
    Ok(Event::Rejected { uetr: payment.uetr(), at, reason: reason.to_owned(), is_expiry, voided })
}

fn legs(payment: &Payment) -> &Legs {
    payment.legs.as_ref().unwrap_or_else(|| panic!("{} is reserved without legs", payment.uetr()))
}

fn recall(state: &State, uetr: Uetr, by: &Bic, reason: &str, at: Moment) -> Result<Event, Refusal> {
    let payment = find(state, uetr)?;
    if *by != payment.instruction.debtor_agent {
        return Err(refuse(no::NOT_YOURS, uetr.to_string()));
    }
    if !matches!(payment.stage, Stage::Committed { .. }) {
        return Err(refuse(no::WRONG_STAGE, payment.stage.word()));
    }
    let deadline = at.plus(state.settings.recall_deadline);
    Ok(Event::Recalled { uetr, at, deadline, reason: reason.to_owned() })
}

fn refuse_recall(state: &State, answer: &RecallAnswer, at: Moment) -> Result<Event, Refusal> {
    let payment = find(state, answer.uetr)?;
    if answer.by != payment.instruction.creditor_agent {
        return Err(refuse(no::NOT_YOURS, answer.uetr.to_string()));
    }
    if !matches!(payment.stage, Stage::Recalled { .. }) {
        return Err(refuse(no::WRONG_STAGE, payment.stage.word()));
    }
    Ok(Event::RecallRefused { uetr: answer.uetr, at, reason: answer.reason.clone() })
}

/// The side at fault bears the exchange risk: at the source's fault exactly the target amount goes back and the
/// source gets what that buys today; at the destination's fault exactly the source amount comes back and the
/// destination pays what that costs today. Without a quote the provider agrees to the original rate.
fn give_back(state: &State, money: &ledger::State, way_back: &Return, at: Moment) -> Result<Event, Refusal> {
    let payment = find(state, way_back.uetr)?;
    let instruction = &payment.instruction;
    if way_back.by != instruction.creditor_agent {
        return Err(refuse(no::NOT_YOURS, way_back.uetr.to_string()));
    }
    if !matches!(payment.stage, Stage::Committed { .. } | Stage::Recalled { .. }) {
        return Err(refuse(no::WRONG_STAGE, payment.stage.word()));
    }
    let (mut source, mut target) = (instruction.source, instruction.target);
    if let Some(id) = way_back.quote {
        let quote = state.quotes.get(&id).ok_or_else(|| refuse(no::QUOTE_UNKNOWN, id.to_string()))?;
        if quote.expires <= at {
            return Err(refuse(no::QUOTE_EXPIRED, quote.expires.to_string()));
        }
        let is_for_this = quote.agent == way_back.by
            && quote.source.currency() == target.currency()
            && quote.target.currency() == source.currency()
            && legs(payment).provider.as_ref() == Some(&quote.provider);
        let keeps_its_side = match way_back.fault {
            Fault::Source => quote.source == target,
            Fault::Destination => quote.target == source,
        };
        if quote.is_used || !is_for_this || !keeps_its_side {
            return Err(refuse(no::QUOTE_MISMATCH, format!("{} for {}", quote.source, quote.target)));
        }
        (source, target) = (quote.target, quote.source);
    }
    let chain = legs(payment).returned(way_back.uetr, source, target);
    let posted = ledger::decide(money, &ledger::Command::Transfer(chain), at)?;
    Ok(Event::Returned { uetr: way_back.uetr, at, reason: way_back.reason.clone(), source, posted })
}

/// Acts on the earliest deadline that has come, one a tick; with none due, lets go what need not be remembered.
fn tick(state: &State, money: &ledger::State, at: Moment) -> Result<Event, Refusal> {
    let due = state.deadlines.first().filter(|(deadline, _)| *deadline <= at);
    let Some(payment) = due.and_then(|(_, uetr)| state.payments.get(uetr)) else {
        return Ok(forget(state, at));
    };
    match &payment.stage {
        Stage::Sent { chases, .. }
            if payment.instruction.priority == Priority::Norm && *chases < state.settings.norm_chases =>
        {
            Ok(Event::Chased { uetr: payment.uetr(), at, deadline: at.plus(state.settings.norm_chase) })
        }
        Stage::Recalled { .. } => {
            Ok(Event::RecallRefused { uetr: payment.uetr(), at, reason: "NOAS".into() })
        }
        _ => reject(money, payment, "AB05", true, at),
    }
}

fn forget(state: &State, at: Moment) -> Event {
    let oldest = at.minus(state.settings.memory);
    let payments: Vec<(Moment, Uetr)> =
        state.finals.iter().take_while(|(since, _)| *since <= oldest).take(FORGET_AT_ONCE).copied().collect();
    let quotes: Vec<(Moment, QuoteId)> =
        state.quote_ends.iter().take_while(|(end, _)| *end <= at).take(FORGET_AT_ONCE).copied().collect();
    if payments.is_empty() && quotes.is_empty() { Event::Idle } else { Event::Forgotten { payments, quotes } }
}
