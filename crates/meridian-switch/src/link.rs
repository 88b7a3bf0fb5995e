//! A link to a scheme's switch: its settings, its line of the moment, and how messages become frames on it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use meridian_cards::SchemeId;
use meridian_iso8583::{Dialect, Draft, Fault, Framing, Message};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::security::{Security, SecurityError};
use crate::{ResponseMap, Tls};

/// How many frames may wait for a line before new ones are turned away.
const FRAMES: usize = 16_384;

/// Who calls whom.
#[derive(Debug)]
pub enum Endpoint {
    /// The hub calls the scheme's switch, again and again until it answers.
    Call(String),
    /// The scheme's switch calls the hub; a new line replaces the old one.
    Listen(TcpListener),
}

/// What an operator sets for a link. The dialect numbers its fields as ISO 8583:1987 does.
#[derive(Debug, Clone)]
pub struct LinkSettings {
    /// Whose.
    pub scheme: SchemeId,
    /// How its messages are written.
    pub dialect: &'static Dialect,
    /// How they are told apart on the line.
    pub framing: Framing,
    /// Encryption of the line, if any.
    pub tls: Option<Tls>,
    /// Its response codes.
    pub responses: ResponseMap,
    /// Whether the hub signs on when the line stands; otherwise the scheme does.
    pub signs_on: bool,
    /// How long a line may be silent before it is probed (0800, 301); silent twice as long, it is dropped.
    pub echo_every: Duration,
    /// After how long an unacknowledged advice is repeated.
    pub repeat_after: Duration,
    /// How long to wait before calling again.
    pub call_again_after: Duration,
}

impl LinkSettings {
    /// Usual spans: probe after 30 s of silence, repeat after 10 s, call again after 1 s.
    #[must_use]
    pub fn new(scheme: SchemeId, dialect: &'static Dialect, framing: Framing) -> Self {
        Self {
            scheme,
            dialect,
            framing,
            tls: None,
            responses: ResponseMap::default(),
            signs_on: false,
            echo_every: Duration::from_secs(30),
            repeat_after: Duration::from_secs(10),
            call_again_after: Duration::from_secs(1),
        }
    }
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSent {
    #[error("there is no line")]
    NoLine,
    #[error("the line takes no more")]
    Full,
    #[error("{0}")]
    Unwritable(#[from] Fault),
    #[error("{0}")]
    Security(#[from] SecurityError),
}

struct Line {
    number: u64,
    frames: mpsc::Sender<Vec<u8>>,
}

/// A link as the switch runs it.
pub(crate) struct Link {
    pub(crate) settings: LinkSettings,
    line: Mutex<Option<Line>>,
    lines: AtomicU64,
    traces: AtomicU64,
    /// Network management requests of ours that await their answer, by trace number.
    awaited: Mutex<BTreeMap<u64, oneshot::Sender<String>>>,
    /// Advices sent and not acknowledged: when last.
    sent: Mutex<BTreeMap<u64, Instant>>,
    /// Told when there may be an advice to send.
    pub(crate) wake: Notify,
}

impl Link {
    pub(crate) fn new(settings: LinkSettings) -> Self {
        Self {
            settings,
            line: Mutex::new(None),
            lines: AtomicU64::new(0),
            traces: AtomicU64::new(900_000),
            awaited: Mutex::default(),
            sent: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// A new line replaces the old: its number, and the frames to be written on it.
    pub(crate) fn attach(&self) -> (u64, mpsc::Receiver<Vec<u8>>) {
        let number = self.lines.fetch_add(1, Ordering::SeqCst) + 1;
        let (frames, written) = mpsc::channel(FRAMES);
        *held(&self.line) = Some(Line { number, frames });
        held(&self.sent).clear();
        (number, written)
    }

    /// The line is gone; whether it was still the link's.
    pub(crate) fn detach(&self, number: u64) -> bool {
        let mut line = held(&self.line);
        let is_current = line.as_ref().is_some_and(|line| line.number == number);
        if is_current {
            *line = None;
        }
        is_current
    }

    pub(crate) fn is_current(&self, number: u64) -> bool {
        held(&self.line).as_ref().is_some_and(|line| line.number == number)
    }

    /// Encodes, seals and queues a message for the line.
    pub(crate) fn send(&self, draft: Draft, security: &dyn Security) -> Result<(), NotSent> {
        let frames = held(&self.line).as_ref().map(|line| line.frames.clone()).ok_or(NotSent::NoLine)?;
        let message = self.seal(draft, security)?;
        let mut frame = Vec::with_capacity(message.len() + 4);
        self.settings.framing.write(message.len(), &mut frame)?;
        frame.extend_from_slice(&message);
        frames.try_send(frame).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotSent::Full,
            mpsc::error::TrySendError::Closed(_) => NotSent::NoLine,
        })
    }

    /// The message's bytes, with its MAC in the last field where the link has one (64 behind one bitmap, else 128): over
    /// every byte before the field.
    fn seal(&self, draft: Draft, security: &dyn Security) -> Result<Vec<u8>, NotSent> {
        let dialect = self.settings.dialect;
        let plain = draft.encode(dialect)?;
        if !security.has_mac(&self.settings.scheme) {
            return Ok(plain);
        }
        let field = if Message::decode(dialect, &plain)?.bitmaps() > 1 { 128 } else { 64 };
        let draft = draft.set(field, vec![0; 8]);
        let open = draft.encode(dialect)?;
        let width = Message::decode(dialect, &open)?.wire(field).map_or(0, <[u8]>::len);
        let mac = security.make_mac(&self.settings.scheme, &open[..open.len() - width])?;
        Ok(draft.set(field, mac.to_vec()).encode(dialect)?)
    }

    /// Whether a message carries the MAC the link asks for.
    pub(crate) fn verify(&self, message: &Message<'_>, security: &dyn Security) -> Result<(), SecurityError> {
        if !security.has_mac(&self.settings.scheme) {
            return Ok(());
        }
        let field = if message.has(128) { 128 } else { 64 };
        let mac = message.data(field).ok_or(SecurityError::WrongMac)?;
        let width = message.wire(field).map_or(0, <[u8]>::len);
        let bytes = message.bytes();
        security.verify_mac(&self.settings.scheme, &bytes[..bytes.len() - width], &mac)
    }

    /// A trace number for a network management message of ours, and where its answer will come.
    pub(crate) fn await_answer(&self) -> (u64, oneshot::Receiver<String>) {
        let trace = self.traces.fetch_add(1, Ordering::SeqCst) % 1_000_000;
        let (answer, awaited) = oneshot::channel();
        held(&self.awaited).insert(trace, answer);
        (trace, awaited)
    }

    pub(crate) fn answered(&self, trace: u64, response: String) {
        if let Some(awaited) = held(&self.awaited).remove(&trace) {
            // Whoever waited may have given up.
            drop(awaited.send(response));
        }
    }

    /// Whether an advice is to be sent now, and whether that repeats it.
    pub(crate) fn is_due(&self, advice: u64) -> (bool, bool) {
        match held(&self.sent).get(&advice) {
            None => (true, false),
            Some(last) => (last.elapsed() >= self.settings.repeat_after, true),
        }
    }

    pub(crate) fn note_sent(&self, advice: u64) {
        held(&self.sent).insert(advice, Instant::now());
    }

    pub(crate) fn note_acknowledged(&self, advice: u64) {
        held(&self.sent).remove(&advice);
    }
}

/// The lock of a value that is whole after every statement, so that a panic elsewhere cannot have spoiled it.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

pub(crate) type Shared = Arc<Link>;
