//! A scheme's own response codes, to and from the hub's.

use std::collections::BTreeMap;

use meridian_cards::Response;

/// What a scheme writes into field 39 for each of the hub's codes. What is not named is the same on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseMap {
    to_scheme: BTreeMap<Response, String>,
    from_scheme: BTreeMap<String, Response>,
}

impl ResponseMap {
    /// A map of (hub's code, scheme's code) pairs; where several of the hub's codes share one of the scheme's, the first
    /// named is what it means coming in.
    ///
    /// ```
    /// use meridian_cards::Response;
    /// use meridian_switch::ResponseMap;
    /// let map = ResponseMap::new([("51", "116"), ("05", "100"), ("57", "100")]).unwrap();
    /// assert_eq!(map.outgoing(Response::INSUFFICIENT_FUNDS), "116");
    /// assert_eq!(map.incoming("100"), Response::DO_NOT_HONOUR);
    /// assert_eq!(map.incoming("00"), Response::APPROVED);
    /// assert_eq!(map.incoming("???"), Response::DO_NOT_HONOUR);
    /// ```
    #[must_use]
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let mut map = Self::default();
        for (ours, theirs) in pairs {
            let ours = Response::parse(ours)?;
            map.to_scheme.insert(ours, theirs.to_owned());
            map.from_scheme.entry(theirs.to_owned()).or_insert(ours);
        }
        Some(map)
    }

    /// What the scheme is written.
    #[must_use]
    pub fn outgoing(&self, response: Response) -> String {
        self.to_scheme.get(&response).cloned().unwrap_or_else(|| response.to_string())
    }

    /// What the scheme means. A code nobody knows is never an approval: do not honour.
    #[must_use]
    pub fn incoming(&self, code: &str) -> Response {
        let known = self.from_scheme.get(code).copied().or_else(|| Response::parse(code));
        known.unwrap_or(Response::DO_NOT_HONOUR)
    }
}
