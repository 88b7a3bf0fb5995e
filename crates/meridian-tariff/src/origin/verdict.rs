//! The answer, and the tree that explains it.

use std::collections::BTreeSet;

/// Three-valued: what the law says, or which fact is missing to say it. Never a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The product originates.
    Qualifies,
    /// It does not: every leaf that stood in the way.
    Fails(Vec<Shortfall>),
    /// It cannot be told until these facts are stated.
    Unknown(BTreeSet<String>),
}

/// One condition not met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shortfall {
    /// The condition, as a sentence.
    pub leaf: String,
    /// What the bill of materials has.
    pub have: String,
    /// What the condition needs.
    pub need: String,
}

/// How one node of the tree came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Met.
    Met,
    /// Not met.
    NotMet,
    /// A fact is missing.
    Unknown,
}

impl Outcome {
    /// `met`, `not met`, `unknown`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::Unknown => "unknown",
        }
    }
}

/// One node of the explanation: it mirrors the rule, so a console can draw it as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The condition, as a sentence.
    pub condition: String,
    /// How it came out.
    pub outcome: Outcome,
    /// The figure or fact found; empty for a node that only joins others.
    pub have: String,
    /// The figure or fact asked for.
    pub need: String,
    /// The facts missing.
    pub missing: BTreeSet<String>,
    /// Lines of the bill (from 0) that break the condition and are tolerated by the agreement.
    pub tolerated: BTreeSet<usize>,
    /// The nodes below.
    pub children: Vec<Finding>,
}

impl Finding {
    pub(crate) fn leaf(condition: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            condition: condition.into(),
            outcome,
            have: String::new(),
            need: String::new(),
            missing: BTreeSet::new(),
            tolerated: BTreeSet::new(),
            children: Vec::new(),
        }
    }

    pub(crate) fn have(mut self, have: impl Into<String>) -> Self {
        self.have = have.into();
        self
    }

    pub(crate) fn need(mut self, need: impl Into<String>) -> Self {
        self.need = need.into();
        self
    }

    pub(crate) fn missing(mut self, facts: impl IntoIterator<Item = String>) -> Self {
        self.missing.extend(facts);
        self
    }

    /// The verdict this tree carries.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.outcome {
            Outcome::Met => Verdict::Qualifies,
            Outcome::NotMet => {
                let mut shortfalls = Vec::new();
                self.shortfalls(&mut shortfalls);
                Verdict::Fails(shortfalls)
            }
            Outcome::Unknown => {
                let mut facts = BTreeSet::new();
                self.needs(&mut facts);
                Verdict::Unknown(facts)
            }
        }
    }

    fn shortfalls(&self, into: &mut Vec<Shortfall>) {
        if self.outcome != Outcome::NotMet {
            return;
        }
        if !self.need.is_empty() {
            into.push(Shortfall {
                leaf: self.condition.clone(),
                have: self.have.clone(),
                need: self.need.clone(),
            });
        }
        self.children.iter().for_each(|child| child.shortfalls(into));
    }

    fn needs(&self, into: &mut BTreeSet<String>) {
        if self.outcome != Outcome::Unknown {
            return;
        }
        into.extend(self.missing.iter().cloned());
        self.children.iter().for_each(|child| child.needs(into));
    }
}
