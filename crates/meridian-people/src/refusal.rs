//! Why people are refused, in order of precedence.

use meridian_terms::Refusal;

pub(crate) type Row = (&'static str, &'static str, &'static str, &'static str);

macro_rules! rows {
    ($($name:ident: $code:literal, $what:literal, $rule:literal, $next:literal;)*) => {
        $(pub(crate) const $name: Row = ($code, $what, $rule, $next);)*
        /// Every code of this crate, in order of precedence, with what it says and the next step.
        pub const CODES: &[(&str, &str, &str)] = &[$(($code, $what, $next)),*];
    };
}

rows! {
    FOUNDED: "people.founded", "there are people already", "a hub is founded once", "propose to admit a person";
    TOO_FEW: "people.too_few", "the first people cannot work the two-person rule",
        "somebody proposes admissions and somebody else approves them", "name at least two, with operator among their roles";
    UNKNOWN: "people.unknown", "nobody here has this name", "acts are signed with a name of the hub's own", "sign in again";
    SUSPENDED: "people.suspended", "this person is suspended", "the suspended do nothing", "ask an operator to propose the restoration";
    NO_RIGHT: "people.no_right", "none of this person's roles may do this", "the table of rights", "ask somebody whose role may";
    TAKES_TWO: "people.takes_two", "this act takes two people", "whatever lets something through is seen by another",
        "propose it; another approves";
    TAKES_ONE: "people.takes_one", "this act takes one person", "stopping is quick", "do it";
    NO_PROPOSAL: "people.no_proposal", "there is no such proposal", "what is approved was proposed", "look at the open proposals";
    NOT_OPEN: "people.not_open", "the proposal is no longer open", "a proposal is decided once", "propose it again";
    OTHER_MATTER: "people.other_matter", "what was approved is not what was proposed", "the second person approves what they saw",
        "look at the proposal again";
    SAME_PERSON: "people.same_person", "whoever proposes does not approve", "the two-person rule", "let somebody else approve it";
    NOT_YOURS: "people.not_yours", "another person proposed this", "whoever proposed takes back", "let it expire, or refuse to approve";
    LAST_ONE: "people.last_one", "nobody would be left to admit or restore people",
        "two who are not suspended can always restore a third", "restore or admit somebody first";
}

pub(crate) fn refuse(row: Row, detail: impl Into<String>) -> Refusal {
    let (code, what, rule, next) = row;
    let detail = detail.into();
    let what = if detail.is_empty() { what.to_owned() } else { format!("{what}: {detail}") };
    Refusal::new(code, what).rule(rule).next(next)
}
