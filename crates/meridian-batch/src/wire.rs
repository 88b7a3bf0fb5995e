//! Transfers and frames as bytes, little-endian.

use meridian_ledger::{Account, AccountId, Balancing, CODES, Phase, Transfer, TransferId};
use meridian_terms::{Currency, Moment, Money};

/// Bytes of a transfer on the wire.
pub const TRANSFER_BYTES: usize = 128;
/// Bytes before a frame's body.
pub const FRAME_BYTES: usize = 32;
/// The largest body a frame may have: 8,190 transfers fit.
pub const LARGEST_BODY: usize = 1024 * 1024;
/// The first bytes of every frame.
const MAGIC: [u8; 4] = *b"MBP1";

/// In the flags of a transfer: it happens only together with the one after it.
pub const LINKED: u8 = 1;

/// What a frame asks or answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Transfers, 128 bytes each; answered by the moment and two bytes of outcome each.
    Transfer,
    /// Accounts to be opened, all or none, in borsh; answered by nothing, or by the refusal in words.
    Open,
    /// Account ids, 16 bytes each; answered by presence and four sums each, 80 bytes.
    Balances,
    /// An account id and how many entries at most (u32); answered by the newest entries, 128 bytes each.
    History,
    /// A request that could not be read, with words; the connection ends.
    Broken,
}

impl Operation {
    const ALL: [Self; 5] = [Self::Transfer, Self::Open, Self::Balances, Self::History, Self::Broken];

    fn number(self) -> u16 {
        self as u16 + 1
    }

    fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.number() == number)
    }
}

/// What stands before a body.
///
/// ```text
/// 0 magic "MBP1"   4 operation u16   6 zero u16   8 length of body u32   12 crc32 of body
/// 16 request u64: chosen by the asker, repeated in the answer             24 zero u64
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// What is asked or answered.
    pub operation: Operation,
    /// Bytes of the body.
    pub length: usize,
    /// The asker's number.
    pub request: u64,
    checksum: u32,
}

impl Head {
    /// The head of a body.
    #[must_use]
    pub fn of(operation: Operation, request: u64, body: &[u8]) -> Self {
        Self { operation, length: body.len(), request, checksum: crc32fast::hash(body) }
    }

    /// As bytes.
    #[must_use]
    pub fn write(&self) -> [u8; FRAME_BYTES] {
        let mut bytes = [0; FRAME_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..6].copy_from_slice(&self.operation.number().to_le_bytes());
        bytes[8..12].copy_from_slice(&u32::try_from(self.length).unwrap_or(u32::MAX).to_le_bytes());
        bytes[12..16].copy_from_slice(&self.checksum.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.request.to_le_bytes());
        bytes
    }

    /// From bytes.
    ///
    /// # Errors
    /// In words, when they are no head or announce more than [`LARGEST_BODY`].
    pub fn read(bytes: &[u8; FRAME_BYTES]) -> Result<Self, String> {
        if bytes[..4] != MAGIC {
            return Err("a frame begins with MBP1".into());
        }
        let number = u16::from_le_bytes([bytes[4], bytes[5]]);
        let operation =
            Operation::from_number(number).ok_or_else(|| format!("no operation has number {number}"))?;
        let length = usize::try_from(u32_at(bytes, 8)).unwrap_or(usize::MAX);
        if length > LARGEST_BODY {
            return Err(format!("a body of {length} bytes; at most {LARGEST_BODY} are taken"));
        }
        let request = u64::from(u32_at(bytes, 16)) | u64::from(u32_at(bytes, 20)) << 32;
        Ok(Self { operation, length, request, checksum: u32_at(bytes, 12) })
    }

    /// Whether the body arrived as it was sent.
    #[must_use]
    pub fn is_sound(&self, body: &[u8]) -> bool {
        body.len() == self.length && crc32fast::hash(body) == self.checksum
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

pub(crate) fn u128_at(bytes: &[u8], at: usize) -> u128 {
    bytes.get(at..at + 16).and_then(|bytes| bytes.try_into().ok()).map_or(0, u128::from_le_bytes)
}

/// The outcome of a transfer: zero is done, else the place of the refusal in [`CODES`], plus one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome(pub u16);

impl Outcome {
    /// It happened.
    pub const DONE: Self = Self(0);
    /// It would have happened, but another of its chain could not.
    pub const CHAIN_FAILED: Self = Self(1000);
    /// Its chain is not closed in this request.
    pub const CHAIN_OPEN: Self = Self(1001);
    /// Its bytes are no transfer.
    pub const UNREADABLE: Self = Self(1002);

    pub(crate) fn refused(denial: meridian_ledger::Denial) -> Self {
        Self(u16::try_from(denial as usize + 1).unwrap_or(u16::MAX))
    }

    /// The ledger's code, where it was refused.
    #[must_use]
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::DONE => None,
            Self::CHAIN_FAILED => Some("ledger.chain_failed"),
            Self::CHAIN_OPEN => Some("ledger.chain_open"),
            Self::UNREADABLE => Some("ledger.unreadable"),
            Self(number) => CODES.get(usize::from(number) - 1).map(|row| row.1),
        }
    }
}

/// Currencies by ISO number, so that reading one is a look and not a search.
pub(crate) struct Currencies([Option<Currency>; 1000]);

impl Currencies {
    pub(crate) fn new() -> Self {
        let mut table = [None; 1000];
        for currency in Currency::all() {
            if let Some(place) = table.get_mut(usize::from(currency.number())) {
                *place = Some(currency);
            }
        }
        Self(table)
    }
}

/// Appends a transfer.
///
/// ```text
///  0 id           16 debit account   32 credit account   48 amount (minor units, signed)
/// 64 pending id: what is posted or voided                80 reference
/// 96 deadline, microseconds since 1970, zero is none     104 ISO currency number u16
/// 106 phase: 0 post, 1 up to the debit's limit, 2 up to the credit's, 3 pend, 4 post pending, 5 void pending
/// 107 flags: 1 linked with the next                      108 zero to 128
/// ```
pub fn write_transfer(transfer: &Transfer, flags: u8, out: &mut Vec<u8>) {
    let (phase, of, deadline) = match transfer.phase {
        Phase::Post => (0_u8, 0, 0),
        Phase::PostUpTo(Balancing::Debit) => (1, 0, 0),
        Phase::PostUpTo(Balancing::Credit) => (2, 0, 0),
        Phase::Pend { deadline } => (3, 0, deadline.map_or(0, Moment::micros)),
        Phase::PostPending(of) => (4, of.0, 0),
        Phase::VoidPending(of) => (5, of.0, 0),
    };
    let mut bytes = [0; TRANSFER_BYTES];
    bytes[..16].copy_from_slice(&transfer.id.0.to_le_bytes());
    bytes[16..32].copy_from_slice(&transfer.debit.0.to_le_bytes());
    bytes[32..48].copy_from_slice(&transfer.credit.0.to_le_bytes());
    bytes[48..64].copy_from_slice(&transfer.amount.minor().to_le_bytes());
    bytes[64..80].copy_from_slice(&of.to_le_bytes());
    bytes[80..96].copy_from_slice(&transfer.reference.to_le_bytes());
    bytes[96..104].copy_from_slice(&deadline.to_le_bytes());
    bytes[104..106].copy_from_slice(&transfer.amount.currency().number().to_le_bytes());
    bytes[106] = phase;
    bytes[107] = flags;
    out.extend_from_slice(&bytes);
}

/// The transfer of these bytes, and its flags; `None` when they are none.
pub(crate) fn read_transfer(bytes: &[u8], currencies: &Currencies) -> Option<(Transfer, u8)> {
    let bytes: &[u8; TRANSFER_BYTES] = bytes.try_into().ok()?;
    let currency = (*currencies.0.get(usize::from(u16::from_le_bytes([bytes[104], bytes[105]])))?)?;
    let of = TransferId(u128_at(bytes, 64));
    let phase = match bytes[106] {
        0 => Phase::Post,
        1 => Phase::PostUpTo(Balancing::Debit),
        2 => Phase::PostUpTo(Balancing::Credit),
        3 => {
            let micros = u64_at(bytes, 96).cast_signed();
            Phase::Pend { deadline: (micros != 0).then(|| Moment::from_micros(micros)) }
        }
        4 => Phase::PostPending(of),
        5 => Phase::VoidPending(of),
        _ => return None,
    };
    let transfer = Transfer {
        id: TransferId(u128_at(bytes, 0)),
        debit: AccountId(u128_at(bytes, 16)),
        credit: AccountId(u128_at(bytes, 32)),
        amount: Money::new(u128_at(bytes, 48).cast_signed(), currency),
        phase,
        reference: u128_at(bytes, 80),
    };
    Some((transfer, bytes[107]))
}

/// The transfer of 128 bytes, as [`write_transfer`] wrote them.
///
/// # Errors
/// In words.
pub fn parse_transfer(bytes: &[u8]) -> Result<Transfer, String> {
    let read = read_transfer(bytes, &Currencies::new());
    read.map(|(transfer, _)| transfer).ok_or_else(|| "these bytes are no transfer".into())
}

/// The answer to a request of transfers: when, and what became of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The moment the request was decided.
    pub at: Moment,
    /// One for each transfer, in order.
    pub outcomes: Vec<Outcome>,
}

impl Reply {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + self.outcomes.len() * 2);
        bytes.extend(self.at.micros().to_le_bytes());
        bytes.extend(self.outcomes.iter().flat_map(|outcome| outcome.0.to_le_bytes()));
        bytes
    }

    /// From an answer's body.
    ///
    /// # Errors
    /// In words.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let (at, outcomes) = body.split_first_chunk::<8>().ok_or("an answer begins with its moment")?;
        let outcomes = outcomes.chunks_exact(2).map(|pair| Outcome(u16::from_le_bytes([pair[0], pair[1]])));
        Ok(Self { at: Moment::from_micros(i64::from_le_bytes(*at)), outcomes: outcomes.collect() })
    }
}

/// Appends an account's presence and sums: 1 or 0 and zeros to 16, then debits pending, debits posted, credits pending,
/// credits posted.
pub(crate) fn write_balances(account: Option<&Account>, out: &mut Vec<u8>) {
    out.extend(u128::from(account.is_some()).to_le_bytes());
    let sums = account.map(|account| account.balances).unwrap_or_default();
    for sum in [sums.debits_pending, sums.debits_posted, sums.credits_pending, sums.credits_posted] {
        out.extend(sum.to_le_bytes());
    }
}

/// The sums of an account as [`Operation::Balances`] answers them; `None` where there is no such account.
#[must_use]
pub fn read_balances(bytes: &[u8]) -> Option<meridian_ledger::Balances> {
    (u128_at(bytes, 0) == 1).then(|| meridian_ledger::Balances {
        debits_pending: u128_at(bytes, 16).cast_signed(),
        debits_posted: u128_at(bytes, 32).cast_signed(),
        credits_pending: u128_at(bytes, 48).cast_signed(),
        credits_posted: u128_at(bytes, 64).cast_signed(),
    })
}
