//! Why the register refuses, in order of precedence.

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
    NO_SOURCE: "register.no_source", "the entry does not say where it is published",
        "what others rest on can be looked up", "cite the official publication or notice";
    NOBODY_BOUND: "register.nobody_bound", "the instrument names no party and no grouping",
        "an instrument binds somebody", "name its parties";
    EXISTS: "register.exists", "an instrument of this name is entered", "a name is used for one instrument",
        "amend its dates, or choose another name";
    UNKNOWN: "register.unknown", "the register has no such instrument", "only what is entered can be cited",
        "enter the instrument first";
    NO_CHANGE: "register.no_change", "the register says so already", "an amendment changes something", "nothing";
    MEMBER_ALREADY: "register.member_already", "the country is a member on some of these days",
        "one membership at a time", "end the earlier one first";
    NO_MEMBER: "register.no_member", "there is no such membership", "only a member leaves", "correct the entry";
    ENDS_BEFORE: "register.ends_before_start", "the membership would end before it begins", "a window's end lies after its start",
        "correct the day";
    RESTS_ALREADY: "register.rests_already", "this rests on the instrument already", "a reliance is entered once", "nothing";
    NOT_BOUND: "register.not_bound", "a country concerned is not bound by the instrument",
        "a link rests on an instrument that binds both its countries", "cite an instrument that both are parties to";
    NOT_IN_FORCE: "register.not_in_force", "the instrument is not in force",
        "nothing is opened on an instrument that has no effect", "wait for its entry into force, or cite another";
}

pub(crate) fn refuse(row: Row, detail: impl Into<String>) -> Refusal {
    let (code, what, rule, next) = row;
    let detail = detail.into();
    let what = if detail.is_empty() { what.to_owned() } else { format!("{what}: {detail}") };
    Refusal::new(code, what).rule(rule).next(next)
}
