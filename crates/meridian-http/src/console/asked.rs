//! What a page was asked: the pairs of a query, read by name. An empty field is one that was not stated.

use std::fmt::{Display, Write as _};

use meridian_terms::{Currency, Decimal, Money};

/// A query.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked(pub(crate) Vec<(String, String)>);

/// One choice of a list.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

impl Asked {
    pub(crate) fn stated(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.trim());
        found.filter(|value| !value.is_empty())
    }

    /// What was stated, or nothing.
    pub(crate) fn text(&self, key: &str) -> String {
        self.stated(key).unwrap_or_default().to_owned()
    }

    /// Every value of a key that may be stated several times.
    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let stated = self.0.iter().filter(move |(known, value)| known == key && !value.trim().is_empty());
        stated.map(|(_, value)| value.trim())
    }

    /// Words between semicolons.
    pub(crate) fn words(&self, key: &str) -> Vec<String> {
        let words = self.stated(key).unwrap_or_default().split(';').map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// `yes`, `no`, or not stated.
    pub(crate) fn answer(&self, key: &str) -> Option<bool> {
        match self.stated(key) {
            Some("yes") => Some(true),
            Some("no") => Some(false),
            _ => None,
        }
    }

    /// A value in its type.
    ///
    /// # Errors
    /// The field's name and why it cannot be read.
    pub(crate) fn read<T, E: Display>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, String> {
        let parsed = self.stated(key).map(parse).transpose();
        parsed.map_err(|error| format!("{}: {error}", key.replace('_', " ")))
    }

    pub(crate) fn decimal(&self, key: &str) -> Result<Option<Decimal>, String> {
        self.read(key, Decimal::parse)
    }

    /// An amount in the currency of another field.
    pub(crate) fn money(&self, key: &str, currency: Currency) -> Result<Option<Money>, String> {
        self.read(key, |text| Money::parse(text, currency))
    }

    /// The same question with another value for one key, as a query.
    pub(crate) fn with(&self, key: &str, value: &str) -> String {
        let others = self.0.iter().filter(|(known, value)| known != key && !value.trim().is_empty());
        let mut query = String::new();
        for (name, value) in others.map(|(name, value)| (name.as_str(), value.as_str())).chain([(key, value)])
        {
            let joint = if query.is_empty() { "?" } else { "&" };
            let _ = write!(query, "{joint}{}={}", encoded(name), encoded(value));
        }
        query
    }

    /// Choices for a key, the stated one chosen, else the first.
    pub(crate) fn choices(&self, key: &str, all: impl IntoIterator<Item = (String, String)>) -> Vec<Choice> {
        let stated = self.stated(key);
        let of = |(value, label): (String, String)| {
            let is_chosen = stated == Some(value.as_str());
            Choice { value, label, is_chosen }
        };
        all.into_iter().map(of).collect()
    }
}

/// Percent-encoding of a query's part (RFC 3986: unreserved characters stand for themselves).
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// Text as it stands in markup.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// How far a figure can be relied on, where its source says that it is no fact; nothing for one that is.
pub(crate) fn doubt<'a>(told: impl IntoIterator<Item = &'a str>) -> &'static str {
    let mut worst = "";
    for text in told {
        if text.contains("illustrat") || text.contains("invented") {
            return "illustrative";
        }
        if text.contains("estimated") {
            worst = "estimated";
        }
    }
    worst
}
