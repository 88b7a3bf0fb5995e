//! ISO 4217 currencies.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::Refusal;

/// An active ISO 4217 currency with its number and minor-unit exponent.
///
/// Codes without a minor unit (`XAU`, `XDR`, `XTS`) are not money here and do not parse.
///
/// ```
/// use meridian_terms::Currency;
/// let dinar = Currency::parse("KWD")?;
/// assert_eq!((dinar.code(), dinar.number(), dinar.exponent()), ("KWD", 414, 3));
/// assert!(Currency::parse("XAU").is_err());
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(u8);

/// Code, ISO number, exponent; sorted by code. Source: ISO 4217:2015, list one, as amended to 2025.
const TABLE: [(&str, u16, u8); 157] = [
    ("AED", 784, 2),
    ("AFN", 971, 2),
    ("ALL", 8, 2),
    ("AMD", 51, 2),
    ("ANG", 532, 2),
    ("AOA", 973, 2),
    ("ARS", 32, 2),
    ("AUD", 36, 2),
    ("AWG", 533, 2),
    ("AZN", 944, 2),
    ("BAM", 977, 2),
    ("BBD", 52, 2),
    ("BDT", 50, 2),
    ("BGN", 975, 2),
    ("BHD", 48, 3),
    ("BIF", 108, 0),
    ("BMD", 60, 2),
    ("BND", 96, 2),
    ("BOB", 68, 2),
    ("BRL", 986, 2),
    ("BSD", 44, 2),
    ("BTN", 64, 2),
    ("BWP", 72, 2),
    ("BYN", 933, 2),
    ("BZD", 84, 2),
    ("CAD", 124, 2),
    ("CDF", 976, 2),
    ("CHF", 756, 2),
    ("CLF", 990, 4),
    ("CLP", 152, 0),
    ("CNY", 156, 2),
    ("COP", 170, 2),
    ("CRC", 188, 2),
    ("CUP", 192, 2),
    ("CVE", 132, 2),
    ("CZK", 203, 2),
    ("DJF", 262, 0),
    ("DKK", 208, 2),
    ("DOP", 214, 2),
    ("DZD", 12, 2),
    ("EGP", 818, 2),
    ("ERN", 232, 2),
    ("ETB", 230, 2),
    ("EUR", 978, 2),
    ("FJD", 242, 2),
    ("FKP", 238, 2),
    ("GBP", 826, 2),
    ("GEL", 981, 2),
    ("GHS", 936, 2),
    ("GIP", 292, 2),
    ("GMD", 270, 2),
    ("GNF", 324, 0),
    ("GTQ", 320, 2),
    ("GYD", 328, 2),
    ("HKD", 344, 2),
    ("HNL", 340, 2),
    ("HTG", 332, 2),
    ("HUF", 348, 2),
    ("IDR", 360, 2),
    ("ILS", 376, 2),
    ("INR", 356, 2),
    ("IQD", 368, 3),
    ("IRR", 364, 2),
    ("ISK", 352, 0),
    ("JMD", 388, 2),
    ("JOD", 400, 3),
    ("JPY", 392, 0),
    ("KES", 404, 2),
    ("KGS", 417, 2),
    ("KHR", 116, 2),
    ("KMF", 174, 0),
    ("KPW", 408, 2),
    ("KRW", 410, 0),
    ("KWD", 414, 3),
    ("KYD", 136, 2),
    ("KZT", 398, 2),
    ("LAK", 418, 2),
    ("LBP", 422, 2),
    ("LKR", 144, 2),
    ("LRD", 430, 2),
    ("LSL", 426, 2),
    ("LYD", 434, 3),
    ("MAD", 504, 2),
    ("MDL", 498, 2),
    ("MGA", 969, 2),
    ("MKD", 807, 2),
    ("MMK", 104, 2),
    ("MNT", 496, 2),
    ("MOP", 446, 2),
    ("MRU", 929, 2),
    ("MUR", 480, 2),
    ("MVR", 462, 2),
    ("MWK", 454, 2),
    ("MXN", 484, 2),
    ("MYR", 458, 2),
    ("MZN", 943, 2),
    ("NAD", 516, 2),
    ("NGN", 566, 2),
    ("NIO", 558, 2),
    ("NOK", 578, 2),
    ("NPR", 524, 2),
    ("NZD", 554, 2),
    ("OMR", 512, 3),
    ("PAB", 590, 2),
    ("PEN", 604, 2),
    ("PGK", 598, 2),
    ("PHP", 608, 2),
    ("PKR", 586, 2),
    ("PLN", 985, 2),
    ("PYG", 600, 0),
    ("QAR", 634, 2),
    ("RON", 946, 2),
    ("RSD", 941, 2),
    ("RUB", 643, 2),
    ("RWF", 646, 0),
    ("SAR", 682, 2),
    ("SBD", 90, 2),
    ("SCR", 690, 2),
    ("SDG", 938, 2),
    ("SEK", 752, 2),
    ("SGD", 702, 2),
    ("SHP", 654, 2),
    ("SLE", 925, 2),
    ("SOS", 706, 2),
    ("SRD", 968, 2),
    ("SSP", 728, 2),
    ("STN", 930, 2),
    ("SVC", 222, 2),
    ("SYP", 760, 2),
    ("SZL", 748, 2),
    ("THB", 764, 2),
    ("TJS", 972, 2),
    ("TMT", 934, 2),
    ("TND", 788, 3),
    ("TOP", 776, 2),
    ("TRY", 949, 2),
    ("TTD", 780, 2),
    ("TWD", 901, 2),
    ("TZS", 834, 2),
    ("UAH", 980, 2),
    ("UGX", 800, 0),
    ("USD", 840, 2),
    ("UYU", 858, 2),
    ("UZS", 860, 2),
    ("VED", 926, 2),
    ("VES", 928, 2),
    ("VND", 704, 0),
    ("VUV", 548, 0),
    ("WST", 882, 2),
    ("XAF", 950, 0),
    ("XCD", 951, 2),
    ("XOF", 952, 0),
    ("XPF", 953, 0),
    ("YER", 886, 2),
    ("ZAR", 710, 2),
    ("ZMW", 967, 2),
    ("ZWG", 924, 2),
];

impl Currency {
    /// AED.
    pub const AED: Self = Self(0);
    /// AMD.
    pub const AMD: Self = Self(3);
    /// AZN.
    pub const AZN: Self = Self(9);
    /// BYN.
    pub const BYN: Self = Self(23);
    /// CNY.
    pub const CNY: Self = Self(30);
    /// EUR.
    pub const EUR: Self = Self(43);
    /// GBP.
    pub const GBP: Self = Self(46);
    /// GEL.
    pub const GEL: Self = Self(47);
    /// INR.
    pub const INR: Self = Self(60);
    /// IRR.
    pub const IRR: Self = Self(62);
    /// JPY.
    pub const JPY: Self = Self(66);
    /// KGS.
    pub const KGS: Self = Self(68);
    /// KWD.
    pub const KWD: Self = Self(73);
    /// KZT.
    pub const KZT: Self = Self(75);
    /// RUB.
    pub const RUB: Self = Self(113);
    /// TMT.
    pub const TMT: Self = Self(132);
    /// TRY.
    pub const TRY: Self = Self(135);
    /// USD.
    pub const USD: Self = Self(141);
    /// UZS.
    pub const UZS: Self = Self(143);

    /// The currency with this alphabetic code.
    ///
    /// # Errors
    /// `currency.unknown`, ISO reason AM03.
    pub fn parse(code: &str) -> Result<Self, Refusal> {
        match TABLE.binary_search_by(|row| row.0.cmp(code)) {
            Ok(index) => Ok(Self(u8::try_from(index).unwrap_or(u8::MAX))),
            Err(_) => {
                Err(Refusal::new("currency.unknown", format!("{code:?} is not an active currency code"))
                    .rule("ISO 4217 list one, currencies with a minor unit")
                    .next("use three capital letters such as INR")
                    .iso("AM03"))
            }
        }
    }

    /// The currency with this ISO 4217 number, as card messages carry it (field 49: `356`).
    ///
    /// # Errors
    /// `currency.unknown`, ISO reason AM03.
    pub fn from_number(number: u16) -> Result<Self, Refusal> {
        match TABLE.iter().position(|row| row.1 == number) {
            Some(index) => Ok(Self(u8::try_from(index).unwrap_or(u8::MAX))),
            None => {
                Err(Refusal::new("currency.unknown", format!("{number:03} is not an active currency number"))
                    .rule("ISO 4217 list one, currencies with a minor unit")
                    .next("use a number such as 356")
                    .iso("AM03"))
            }
        }
    }

    /// Every currency, in order of code.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).take(TABLE.len()).map(Self)
    }

    fn row(self) -> &'static (&'static str, u16, u8) {
        &TABLE[usize::from(self.0)]
    }

    /// The alphabetic code: `INR`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The numeric code: 356.
    #[must_use]
    pub fn number(self) -> u16 {
        self.row().1
    }

    /// How many decimals the minor unit has.
    #[must_use]
    pub fn exponent(self) -> u8 {
        self.row().2
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Stored as the ISO number, so that a longer table reads yesterday's journal.
impl BorshSerialize for Currency {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        self.number().serialize(writer)
    }
}

impl BorshDeserialize for Currency {
    fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let number = u16::deserialize_reader(reader)?;
        Self::from_number(number)
            .map_err(|refusal| borsh::io::Error::new(borsh::io::ErrorKind::InvalidData, refusal.to_string()))
    }
}
