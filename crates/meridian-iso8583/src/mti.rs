//! The message type: version, class, function, originator.

use std::fmt;

/// Four digits (ISO 8583:1987, 4.1.1): version, class, function, originator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mti([u8; 4]);

/// The third digit of the message type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// 0: a request, answered by a response.
    Request,
    /// 1: the response to a request.
    Response,
    /// 2: an advice: it happened.
    Advice,
    /// 3: the response to an advice.
    AdviceResponse,
    /// 4: a notification, without an answer (5: its acknowledgement).
    Notification,
    /// 5 to 9.
    Other,
}

impl Mti {
    /// A message type of four ASCII digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_digits(text.as_bytes().try_into().ok()?)
    }

    pub(crate) fn from_digits(digits: [u8; 4]) -> Option<Self> {
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The four digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("0000")
    }

    /// `0` 1987, `1` 1993, `2` 2003, `8` national, `9` private.
    #[must_use]
    pub fn version(self) -> char {
        char::from(self.0[0])
    }

    /// `1` authorisation, `2` financial, `3` file action, `4` reversal, `5` reconciliation, `6` administrative,
    /// `7` fee collection, `8` network management.
    #[must_use]
    pub fn class(self) -> char {
        char::from(self.0[1])
    }

    /// What the message does.
    #[must_use]
    pub fn function(self) -> Function {
        match self.0[2] {
            b'0' => Function::Request,
            b'1' => Function::Response,
            b'2' => Function::Advice,
            b'3' => Function::AdviceResponse,
            b'4' => Function::Notification,
            _ => Function::Other,
        }
    }

    /// Whether the fourth digit marks a repeat (1, 3 or 5).
    #[must_use]
    pub fn is_repeat(self) -> bool {
        matches!(self.0[3], b'1' | b'3' | b'5')
    }

    /// The type of the answer to a request or an advice: `0200` and `0201` are answered by `0210`.
    ///
    /// ```
    /// use meridian_iso8583::Mti;
    /// assert_eq!(Mti::parse("0421").unwrap().answer().unwrap().as_str(), "0430");
    /// assert_eq!(Mti::parse("0210").unwrap().answer(), None);
    /// ```
    #[must_use]
    pub fn answer(self) -> Option<Self> {
        let function = match self.function() {
            Function::Request => b'1',
            Function::Advice => b'3',
            _ => return None,
        };
        let originator = if self.is_repeat() { self.0[3] - 1 } else { self.0[3] };
        Some(Self([self.0[0], self.0[1], function, originator]))
    }

    /// The type of the repeat of a request or an advice: `0420` is repeated as `0421`.
    #[must_use]
    pub fn repeat(self) -> Self {
        if self.is_repeat() || self.0[3] >= b'5' {
            return self;
        }
        Self([self.0[0], self.0[1], self.0[2], self.0[3] + 1])
    }
}

impl fmt::Display for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
