//! Resolution: is there such an account, whose is it, and which account stands behind a proxy (acmt.023, acmt.024).
//!
//! ```text
//!  debtor agent --acmt.023--> hub --acmt.023--> creditor agent
//!                              |  proxy: the directory names agent and account
//!  debtor agent <--acmt.024-- hub <--acmt.024-- creditor agent, or the deadline (AB08)
//!                              names are compared and masked here
//! ```

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Moment, Refusal};

use crate::refusal::{self as no, refuse};
use crate::{Event, Participant, State};

/// Names a resolution; derived from who asked in which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct ResolutionId(pub u128);

impl ResolutionId {
    /// The resolution that this participant asked for in this message.
    #[must_use]
    pub fn of(by: &Bic, message_id: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(by.as_str().as_bytes());
        hasher.update(message_id.as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(u128::from_be_bytes(first))
    }
}

impl std::fmt::Display for ResolutionId {
    /// 32 hexadecimal digits: what `Vrfctn/Id` carries and `Rpt/OrgnlId` brings back.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A name for an account that is easier to remember: kind (`MBNO`, `EMAL`...) and value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct ProxyKey {
    /// ISO 20022 external proxy account type.
    pub kind: String,
    /// What the customer knows it by.
    pub value: String,
}

/// What a proxy stands for.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proxy {
    /// Where the account is kept; only this agent changes the entry.
    pub agent: Bic,
    /// The account, as the agent names it.
    pub account: String,
}

/// What a debtor agent asks.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ResolutionRequest {
    /// Who asks.
    pub by: Bic,
    /// The message it came in.
    pub message_id: String,
    /// The asker's own reference, told back.
    pub reference: String,
    /// Where the account is kept; a proxy says it by itself.
    pub agent: Option<Bic>,
    /// Which account.
    pub account: Option<String>,
    /// Or the proxy for it.
    pub proxy: Option<ProxyKey>,
    /// Whose the asker believes it to be.
    pub name: Option<String>,
}

/// What a creditor agent answers.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ResolutionAnswer {
    /// To which question.
    pub id: ResolutionId,
    /// Who answers.
    pub by: Bic,
    /// Whether the account is there and may be credited.
    pub is_verified: bool,
    /// If not, why: AC01, AC04, AC06...
    pub reason: Option<String>,
    /// Whose the account is.
    pub name: Option<String>,
}

/// What is known in the end.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Outcome {
    /// When.
    pub at: Moment,
    /// Whether a payment may be sent there.
    pub is_verified: bool,
    /// If not, why.
    pub reason: Option<String>,
    /// The account's name as the asker may see it: its own spelling when it was right, masked otherwise.
    pub name: Option<String>,
}

/// A question and, in the end, its answer.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Resolution {
    /// What was asked.
    pub request: ResolutionRequest,
    /// Who is asked; nobody when the hub could answer by itself.
    pub agent: Option<Bic>,
    /// Which account.
    pub account: String,
    /// Until when the agent may answer; afterwards until when it is remembered.
    pub deadline: Moment,
    /// The answer.
    pub outcome: Option<Outcome>,
}

/// A question comes in: passed on, or answered at once when there is nobody to pass it to.
pub(crate) fn ask(state: &State, request: &ResolutionRequest, at: Moment) -> Result<Event, Refusal> {
    state
        .participants
        .get(&request.by)
        .ok_or_else(|| refuse(no::UNKNOWN_PARTICIPANT, request.by.as_str()))?;
    let id = ResolutionId::of(&request.by, &request.message_id);
    if let Some(known) = state.resolutions.get(&id) {
        if known.request == *request {
            return Ok(Event::ResolutionTold { id, at });
        }
        return Err(refuse(no::MESSAGE_ID_REUSED, request.message_id.clone()));
    }
    let behind = request.proxy.as_ref().map(|key| state.proxies.get(key));
    let (agent, account, reason) = match (behind, &request.agent, &request.account) {
        (Some(None), ..) => (None, String::new(), Some("BE23")),
        (Some(Some(proxy)), ..) => (Some(proxy.agent.clone()), proxy.account.clone(), None),
        (None, Some(agent), Some(account)) => (Some(agent.clone()), account.clone(), None),
        (None, None, _) => (None, String::new(), Some("RC06")),
        (None, _, None) => (None, String::new(), Some("AC01")),
    };
    let standing = agent.as_ref().and_then(|agent| unreachable(state.participants.get(agent)));
    let reason = reason.or(standing);
    let outcome =
        reason.map(|reason| Outcome { at, is_verified: false, reason: Some(reason.into()), name: None });
    let deadline = match outcome {
        Some(_) => at.plus(state.settings.resolution_memory),
        None => at.plus(state.settings.resolution_deadline),
    };
    Ok(Event::Resolving {
        id,
        at,
        resolution: Box::new(Resolution { request: request.clone(), agent, account, deadline, outcome }),
    })
}

/// Why an agent cannot be asked.
fn unreachable(agent: Option<&Participant>) -> Option<&'static str> {
    match agent {
        None => Some("AGNT"),
        Some(agent) if agent.role != crate::Role::Bank => Some("AGNT"),
        Some(agent) if agent.is_suspended => Some("AG11"),
        Some(_) => None,
    }
}

/// The agent answers; the hub compares the names and decides what the asker may see.
pub(crate) fn answer(state: &State, answer: &ResolutionAnswer, at: Moment) -> Result<Event, Refusal> {
    let known = state
        .resolutions
        .get(&answer.id)
        .ok_or_else(|| refuse(no::RESOLUTION_UNKNOWN, answer.id.to_string()))?;
    if known.agent.as_ref() != Some(&answer.by) {
        return Err(refuse(no::NOT_YOURS, answer.id.to_string()));
    }
    if known.outcome.is_some() {
        return Err(refuse(no::RESOLUTION_ANSWERED, answer.id.to_string()));
    }
    let outcome = match (answer.is_verified, &known.request.name, &answer.name) {
        (false, ..) => {
            let reason = answer.reason.clone().unwrap_or_else(|| "NARR".into());
            Outcome { at, is_verified: false, reason: Some(reason), name: None }
        }
        (true, Some(asked), Some(held)) => match likeness(asked, held) {
            Likeness::Same => Outcome { at, is_verified: true, reason: None, name: Some(asked.clone()) },
            Likeness::Close => {
                Outcome { at, is_verified: true, reason: None, name: Some(shown(state, held)) }
            }
            Likeness::Other => Outcome { at, is_verified: false, reason: Some("BE01".into()), name: None },
        },
        (true, None, Some(held)) => {
            Outcome { at, is_verified: true, reason: None, name: Some(shown(state, held)) }
        }
        (true, _, None) => Outcome { at, is_verified: true, reason: None, name: None },
    };
    Ok(Event::Resolved { id: answer.id, outcome, until: at.plus(state.settings.resolution_memory) })
}

/// Nobody has answered in time: the agent cannot be reached.
pub(crate) fn expire(state: &State, id: ResolutionId, at: Moment) -> Event {
    let outcome = Outcome { at, is_verified: false, reason: Some("AB08".into()), name: None };
    Event::Resolved { id, outcome, until: at.plus(state.settings.resolution_memory) }
}

fn shown(state: &State, name: &str) -> String {
    if state.settings.shows_names { name.to_owned() } else { masked(name) }
}

/// `Kerman Orchard` is shown as `K***** O******`: enough to recognise, too little to collect. One word more or less
/// than five letters shows as five, so that the length says nothing.
pub(crate) fn masked(name: &str) -> String {
    let words = name.split_whitespace().filter_map(|word| word.chars().next());
    words.map(|first| format!("{first}*****")).collect::<Vec<_>>().join(" ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    Same,
    Close,
    Other,
}

/// Case, order of words and punctuation do not matter; one letter wrong in a longer word, or a word left out, is close.
/// Names in different scripts cannot be compared here and count as close: the asker sees the mask and judges.
pub(crate) fn likeness(asked: &str, held: &str) -> Likeness {
    let words = |name: &str| {
        let mut words: Vec<Vec<char>> = name
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| word.to_lowercase().chars().collect())
            .collect();
        words.sort();
        words
    };
    let (asked, held) = (words(asked), words(held));
    if asked == held {
        return Likeness::Same;
    }
    let is_latin = |words: &[Vec<char>]| words.iter().flatten().all(char::is_ascii);
    if is_latin(&asked) != is_latin(&held) {
        return Likeness::Close;
    }
    let (short, long) = if asked.len() <= held.len() { (&asked, &held) } else { (&held, &asked) };
    let found = short.iter().filter(|word| long.iter().any(|other| one_letter_apart(word, other))).count();
    let enough = !short.is_empty() && found == short.len() && long.len() - short.len() <= short.len();
    if enough { Likeness::Close } else { Likeness::Other }
}

/// Equal, or of four letters and more with one letter exchanged, left out or put in.
fn one_letter_apart(one: &[char], other: &[char]) -> bool {
    if one == other {
        return true;
    }
    if one.len().min(other.len()) < 4 || one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let same_head = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let same_tail = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    same_head + same_tail + 1 >= one.len().max(other.len())
}
