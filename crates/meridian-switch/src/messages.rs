//! What each kind of message asks of the book, and what is answered.

use std::sync::Arc;

use meridian_cards::{Command, Event, Key, Outcome, Request, Response, Role, SchemeId, response_to};
use meridian_iso8583::{Draft, Message};
use meridian_terms::{Refusal, Retry};

use crate::hub::{Hub, HubError};
use crate::inbound::{self, Unfit};
use crate::link::Shared;
use crate::outbound;
use crate::switch::Inner;

/// How often a question is asked again that a moment may mend.
const ATTEMPTS: u32 = 3;

type Route = Result<(SchemeId, meridian_cards::RangeKey), meridian_cards::Unroutable>;

/// A decline as the log has it: never silent, never with the card number.
fn declined(request: &Request, response: Response, refusal: &Refusal) -> String {
    format!("declined {response}, {} reference {}: {refusal}", request.card, request.key.rrn)
}

impl<H: Hub> Inner<H> {
    /// 0100, 0200 and their repeats.
    pub(crate) async fn request(self: &Arc<Self>, link: &Shared, message: &Message<'_>) {
        let Some(answer) = inbound::answer(message) else { return };
        let (request, account) = match inbound::request(message, &self.settings.tokeniser) {
            Ok(read) => read,
            Err(why) => return self.unfit(link, answer, why),
        };
        let id = request.key.id();
        let scheme = link.settings.scheme.clone();
        let asked = self
            .ask_routed(&scheme, &account, |route, table| Command::Ask {
                from: scheme.clone(),
                request: Box::new(request.clone()),
                route,
                table,
            })
            .await;
        match asked {
            Ok(Event::Asked { opening, deadline, .. }) => {
                let issuer = opening.parties.issuer.clone();
                let forwarded = outbound::request(message, &opening, &self.settings.institution);
                self.keep_account(id, &account);
                self.wait_for_issuer(id, link, answer, *opening, deadline);
                let is_sent = match self.with_pin(message, forwarded, &scheme, &issuer, &account) {
                    Ok(draft) => self.links.get(&issuer).is_some_and(|to| self.send(to, draft)),
                    Err(error) => {
                        self.log(&scheme, &format!("a PIN was not translated: {error}"));
                        false
                    }
                };
                if !is_sent && let Ok(event) = self.ask_again(&scheme, Command::Undelivered(id)).await {
                    self.decided(&event, None).await;
                }
            }
            Ok(Event::Declined { response, refusal, request, .. }) => {
                self.log(&scheme, &declined(&request, response, &refusal));
                self.send(link, outbound::refused(answer, response, &link.settings.responses));
            }
            Ok(Event::Taken { outcome, opening, .. }) => {
                self.keep_account(id, &account);
                self.wake(&opening.parties.issuer);
                let answer = outbound::outcome(answer, &outcome, Some(&opening), &link.settings.responses);
                self.send(link, answer);
            }
            Ok(_) => {}
            Err(HubError::Refused(refusal)) if refusal.code == "cards.known" => {
                self.repeat_answer(link, answer, &request).await;
            }
            // The answer to the first of them is the answer to both.
            Err(HubError::Refused(refusal)) if refusal.code == "cards.in_progress" => {}
            Err(error) => self.refused(link, answer, &error),
        }
    }

    /// The PIN block under the issuer's key; without one in the request there is none to translate.
    fn with_pin(
        &self,
        message: &Message<'_>,
        draft: Draft,
        from: &SchemeId,
        to: &SchemeId,
        account: &str,
    ) -> Result<Draft, crate::SecurityError> {
        let Some(block) = message.data(52) else { return Ok(draft) };
        let block = self.security().translate_pin(from, to, &block, account)?;
        Ok(draft.set(52, block))
    }

    /// A repeat of what was answered gets the same answer.
    async fn repeat_answer(&self, link: &Shared, answer: Draft, request: &Request) {
        let id = request.key.id();
        let look = move |state: &meridian_cards::State| {
            let known = state.transaction(id)?;
            Some((known.outcome.clone(), known.opening.clone()))
        };
        if let Ok(Some((Some(outcome), opening))) = self.hub.read(look).await {
            let answer = outbound::outcome(answer, &outcome, opening.as_ref(), &link.settings.responses);
            self.send(link, answer);
        }
    }

    /// 0110, 0210.
    pub(crate) async fn issuer_answer(&self, link: &Shared, message: &Message<'_>) {
        let scheme = link.settings.scheme.clone();
        let key = match inbound::key(message) {
            Ok(key) => key,
            Err(why) => return self.log(&scheme, &format!("an answer lacks field {}", why.field)),
        };
        let code = message.text(39).map(std::borrow::Cow::into_owned).unwrap_or_default();
        let approval = message.text(38).map(|text| text.trim_end().to_owned()).unwrap_or_default();
        let id = key.id();
        // Balances and chip data of the issuer go along with the answer.
        let passed = self.waiting_answer(id).map(|answer| {
            outbound::FROM_ISSUER.into_iter().fold(answer, |answer, field| match message.data(field) {
                Some(data) => answer.set(field, data.into_owned()),
                None => answer,
            })
        });
        let response = link.settings.responses.incoming(&code);
        let command = Command::Answer { from: scheme.clone(), id, response, approval };
        match self.ask_again(&scheme, command).await {
            Ok(event) => self.decided(&event, passed).await,
            Err(error) => self.log(&scheme, &format!("an answer was not taken: {error}")),
        }
    }

    /// Answers the acquirer when the issuer, or the hub for it, has decided.
    async fn decided(&self, event: &Event, from_issuer: Option<Draft>) {
        let (id, outcome) = match event {
            Event::Approved { id, response, approval, .. } => {
                let by = meridian_cards::DecidedBy::Issuer;
                (*id, Outcome { response: *response, approval: approval.clone(), by })
            }
            Event::Unapproved { id, response, by, .. } => {
                (*id, Outcome { response: *response, approval: String::new(), by: *by })
            }
            _ => return,
        };
        if !matches!(event, Event::Unapproved { is_reversed: true, .. }) {
            self.drop_account(id);
        }
        if self.answer_waiting(id, Some(&outcome), from_issuer) {
            return;
        }
        // Asked before a restart: the book still knows what to repeat.
        let look = move |state: &meridian_cards::State| {
            let known = state.transaction(id)?;
            Some((known.acquirer.clone(), known.request.clone()?, known.opening.clone()))
        };
        if let Ok(Some((acquirer, request, opening))) = self.hub.read(look).await
            && let Some(link) = self.links.get(&acquirer)
        {
            let answer = outbound::answer_from_book(&request);
            let answer = outbound::outcome(answer, &outcome, opening.as_ref(), &link.settings.responses);
            self.send(link, answer);
        }
    }

    /// 0120, 0220 and their repeats.
    pub(crate) async fn acquirer_advice(&self, link: &Shared, message: &Message<'_>) {
        let Some(answer) = inbound::answer(message) else { return };
        let read = inbound::request(message, &self.settings.tokeniser)
            .and_then(|read| Ok((read, inbound::original(message)?)));
        let ((request, account), original) = match read {
            Ok(read) => read,
            Err(why) => return self.unfit(link, answer, why),
        };
        let approval = message.text(38).map(|text| text.trim_end().to_owned()).unwrap_or_default();
        let scheme = link.settings.scheme.clone();
        let about = original.as_ref().map_or_else(|| request.key.id(), Key::id);
        let asked = self
            .ask_routed(&scheme, &account, |route, table| Command::Advise {
                from: scheme.clone(),
                request: Box::new(request.clone()),
                original: original.clone(),
                approval: approval.clone(),
                route,
                table,
            })
            .await;
        let response = match &asked {
            Ok(Event::Declined { request, response, refusal, .. }) => {
                self.log(&scheme, &declined(request, *response, refusal));
                *response
            }
            Ok(_) => Response::APPROVED,
            Err(HubError::Refused(refusal)) if refusal.code == "cards.known" => Response::APPROVED,
            Err(error) => return self.refused(link, answer, error),
        };
        let day = match &asked {
            Ok(Event::Completed { at, .. }) => at.day(),
            Ok(Event::Taken { opening, .. }) => opening.day,
            _ => self.hub.now().day(),
        };
        let answer = answer.set(15, outbound::month_day(day));
        self.keep_account(about, &account);
        self.links.values().for_each(|link| link.wake.notify_one());
        self.send(link, outbound::refused(answer, response, &link.settings.responses));
    }

    /// 0400, 0420 and their repeats.
    pub(crate) async fn reversal(&self, link: &Shared, message: &Message<'_>) {
        let Some(answer) = inbound::answer(message) else { return };
        let read =
            inbound::original(message).and_then(|original| Ok((original, inbound::remaining(message)?)));
        let (original, remaining) = match read {
            Ok((Some(original), remaining)) => (original, remaining),
            Ok((None, _)) => {
                let why = Unfit { field: 90, response: Response::FORMAT };
                return self.unfit(link, answer, why);
            }
            Err(why) => return self.unfit(link, answer, why),
        };
        let scheme = link.settings.scheme.clone();
        if let Some(account) = inbound::account_number(message) {
            self.keep_account(original.id(), &account);
        }
        let answer = answer.set(15, outbound::month_day(self.hub.now().day()));
        let command = Command::Reverse { from: scheme.clone(), original, remaining };
        let response = match self.ask_again(&scheme, command).await {
            Ok(Event::ReversedUnseen { .. }) => Response::NOT_FOUND,
            Ok(Event::Reversed { at, id, .. }) => {
                let issuer = move |state: &meridian_cards::State| {
                    Some(state.transaction(id)?.opening.as_ref()?.parties.issuer.clone())
                };
                if let Ok(Some(issuer)) = self.hub.read(issuer).await {
                    self.wake(&issuer);
                }
                let answer = answer.set(15, outbound::month_day(at.day()));
                self.send(link, outbound::refused(answer, Response::APPROVED, &link.settings.responses));
                return;
            }
            Ok(_) => Response::APPROVED,
            Err(error) => return self.refused(link, answer, &error),
        };
        self.send(link, outbound::refused(answer, response, &link.settings.responses));
    }

    /// 0130, 0230, 0410, 0430: an advice of ours is known there.
    pub(crate) async fn acknowledgement(&self, link: &Shared, message: &Message<'_>) {
        let scheme = link.settings.scheme.clone();
        let trace = message.number(11).unwrap_or(u64::MAX);
        let of = scheme.clone();
        let look = move |state: &meridian_cards::State| {
            let waiting = &state.queue(&of)?.waiting;
            let advice = waiting.values().find(|advice| outbound::trace_number(advice.number) == trace)?;
            let last = waiting.values().filter(|other| other.transaction == advice.transaction).count() == 1;
            Some((advice.number, advice.transaction, last))
        };
        let Ok(Some((number, id, is_last))) = self.hub.read(look).await else { return };
        let code = message.text(39).map(std::borrow::Cow::into_owned).unwrap_or_default();
        let response = link.settings.responses.incoming(&code);
        let command = Command::AcknowledgeAdvice { by: scheme.clone(), number, response };
        match self.ask_again(&scheme, command).await {
            Ok(_) => {
                link.note_acknowledged(number);
                if is_last {
                    self.drop_account(id);
                }
                link.wake.notify_one();
            }
            Err(HubError::Refused(refusal)) if refusal.code == "cards.no_advice" => {}
            Err(error) => self.log(&scheme, &error.to_string()),
        }
    }

    /// 0500, 0502, 0520, 0522.
    pub(crate) async fn reconciliation(&self, link: &Shared, message: &Message<'_>) {
        let Some(answer) = inbound::answer(message) else { return };
        let scheme = link.settings.scheme.clone();
        let day = match inbound::settlement_day(message, self.hub.now().day()) {
            Ok(day) => day,
            Err(why) => return self.unfit(link, answer, why),
        };
        let is_issuer = message.mti().as_str().ends_with(['2', '3']);
        let role = if is_issuer { Role::Issuer } else { Role::Acquirer };
        let theirs = Box::new(inbound::totals(message));
        let command = Command::Reconcile { scheme: scheme.clone(), role, day, theirs };
        match self.hub.ask(scheme.as_str(), command).await {
            Ok(Event::Reconciled { ours, theirs, .. }) => {
                let is_equal = ours == theirs;
                if !is_equal {
                    self.log(&scheme, &format!("totals of {day} as {} differ", role.word()));
                }
                let response = if is_equal { Response::APPROVED } else { Response::RECONCILE_ERROR };
                let answer = outbound::reconciliation(answer, &ours, is_equal, role);
                self.send(link, outbound::refused(answer, response, &link.settings.responses));
            }
            Ok(_) => {}
            Err(error) => self.refused(link, answer, &error),
        }
    }

    /// 0600, 0620: taken note of; the hub has no text to answer with.
    pub(crate) fn administrative(&self, link: &Shared, message: &Message<'_>) {
        let Some(answer) = inbound::answer(message) else { return };
        let is_advice = message.mti().function() == meridian_iso8583::Function::Advice;
        let response = if is_advice { Response::APPROVED } else { Response::INVALID_TRANSACTION };
        self.log(&link.settings.scheme, &format!("administrative message {}", message.mti()));
        self.send(link, outbound::refused(answer, response, &link.settings.responses));
    }

    /// 0800: 001 sign-on, 002 sign-off, 161 a new key (TR-31 in field 48), 162 a new key wanted, 301 echo.
    pub(crate) async fn network(self: &Arc<Self>, link: &Shared, message: &Message<'_>) {
        let Some(answer) = inbound::answer(message) else { return };
        let scheme = link.settings.scheme.clone();
        let code = message.text(70).map(std::borrow::Cow::into_owned).unwrap_or_default();
        let block = message.text(48).map(std::borrow::Cow::into_owned);
        let response = match code.as_str() {
            "001" => {
                self.session(&scheme, true).await;
                Response::APPROVED
            }
            "002" => {
                self.session(&scheme, false).await;
                Response::APPROVED
            }
            "301" => Response::APPROVED,
            "161" => match self.security().take_key(&scheme, block.as_deref().unwrap_or("")) {
                Ok(()) => Response::APPROVED,
                Err(error) => {
                    self.log(&scheme, &format!("a key was not taken: {error}"));
                    Response::MALFUNCTION
                }
            },
            "162" => {
                let (inner, link) = (self.clone(), link.clone());
                tokio::spawn(async move {
                    let scheme = &link.settings.scheme;
                    let given = match inner.security().give_key(scheme) {
                        Ok(block) => inner.ask_network(&link, "161", Some(block)).await,
                        Err(error) => Err(error.to_string()),
                    };
                    if let Err(error) = given {
                        inner.log(scheme, &format!("a key was not given: {error}"));
                    }
                });
                Response::APPROVED
            }
            _ => Response::INVALID_TRANSACTION,
        };
        self.send(link, outbound::refused(answer, response, &link.settings.responses));
    }

    /// Routes a card and asks; once more when the table has changed meanwhile.
    async fn ask_routed(
        &self,
        scheme: &SchemeId,
        account: &str,
        command: impl Fn(Route, u64) -> Command,
    ) -> Result<Event, HubError> {
        let mut attempt = 0;
        loop {
            let routing = self.routing();
            let (table, version) = routing.as_ref();
            let route =
                table.route(account, self.hub.now().day()).map(|range| (range.scheme.clone(), range.key()));
            match self.hub.ask(scheme.as_str(), command(route, *version)).await {
                Err(HubError::Refused(refusal))
                    if refusal.code == "cards.table_stale" && attempt < ATTEMPTS =>
                {
                    self.refresh_routing().await;
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// Asks, again after a moment where that may help: an answer or reversal must not be lost to a full queue.
    async fn ask_again(&self, scheme: &SchemeId, command: Command) -> Result<Event, HubError> {
        let mut attempt = 0;
        loop {
            match self.hub.ask(scheme.as_str(), command.clone()).await {
                Err(HubError::Refused(refusal))
                    if refusal.retry == Retry::AfterAMoment
                        && refusal.code == "node.busy"
                        && attempt < ATTEMPTS =>
                {
                    attempt += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(u64::from(attempt) * 10)).await;
                }
                outcome => return outcome,
            }
        }
    }

    fn unfit(&self, link: &Shared, answer: Draft, why: Unfit) {
        self.log(&link.settings.scheme, &format!("field {} is missing or not understood", why.field));
        self.send(link, outbound::refused(answer, why.response, &link.settings.responses));
    }

    fn refused(&self, link: &Shared, answer: Draft, error: &HubError) {
        let response = match error {
            HubError::Refused(refusal) => response_to(refusal),
            HubError::Stopped => Response::INOPERATIVE,
        };
        self.log(&link.settings.scheme, &format!("answered {response}: {error}"));
        self.send(link, outbound::refused(answer, response, &link.settings.responses));
    }
}
