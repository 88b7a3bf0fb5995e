//! Where filler goes when an odd number of digits is packed two to a byte.

/// Which end of the packed digits holds the filler nibble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The digits are right-aligned: `0858`.
    Left,
    /// The digits are left-aligned: `8580`.
    Right,
}

/// The filler of packed digits. A message whose filler is another is refused, so that what decodes encodes alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// Where it goes.
    pub side: Side,
    /// The nibble, 0 to 15; 0 and 15 are in use.
    pub nibble: u8,
}

impl Padding {
    /// Reads `left`, `right`, `leftF` or `rightF`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (side, nibble) = match text {
            "left" => (Side::Left, 0),
            "right" => (Side::Right, 0),
            "leftF" => (Side::Left, 15),
            "rightF" => (Side::Right, 15),
            _ => return None,
        };
        Some(Self { side, nibble })
    }
}
