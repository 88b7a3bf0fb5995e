//! The ledger over TCP on loopback. There is no authentication: whoever reaches the port moves money, so only this
//! machine's own addresses are taken.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use meridian_ledger::{Account, AccountId};

use crate::wire::{FRAME_BYTES, Head, Operation, u128_at, write_balances, write_transfer};
use crate::{Ledger, LedgerError};

/// How many connections are taken.
const CONNECTIONS: usize = 64;
/// How many answers may wait for a client that does not read; then its connection ends.
const UNREAD: usize = 8_192;
/// The most entries one question for history gets.
const HISTORY: u32 = 8_000;

/// A server at work; dropping it ends its connections.
pub struct Server {
    address: SocketAddr,
    stops: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts on an address of this machine alone.
    ///
    /// # Errors
    /// Where the address is not loopback, or taken.
    pub fn start(ledger: Arc<Ledger>, address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let why = format!("{address} is not loopback, and this protocol has no authentication");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let (stops, open) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (stop, opened) = (Arc::clone(&stops), Arc::clone(&open));
        let accepting = std::thread::Builder::new().name("accept".into()).spawn(move || {
            let count = Arc::new(AtomicUsize::new(0));
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::Acquire) {
                    return;
                }
                // Over the limit the connection is closed at once: the client sees it and may come again.
                if count.fetch_add(1, Ordering::AcqRel) < CONNECTIONS {
                    let (ledger, count) = (Arc::clone(&ledger), Arc::clone(&count));
                    if let Ok(copy) = stream.try_clone() {
                        let mut open = opened.lock().unwrap_or_else(PoisonError::into_inner);
                        open.retain(|stream: &TcpStream| stream.peer_addr().is_ok());
                        open.push(copy);
                    }
                    let serve = move || {
                        // A broken connection is the client's affair; what it was answered stands.
                        drop(serve(&ledger, &stream));
                        drop(stream.shutdown(Shutdown::Both));
                        count.fetch_sub(1, Ordering::AcqRel);
                    };
                    drop(std::thread::Builder::new().name("connection".into()).spawn(serve));
                } else {
                    count.fetch_sub(1, Ordering::AcqRel);
                }
            }
        })?;
        Ok(Self { address, stops, open, accepting: Some(accepting) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stops.store(true, Ordering::Release);
        // A connection to itself wakes the accepting thread.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

type Frame = (Head, Vec<u8>);

/// Where answers go; a client that does not read them is cut off.
#[derive(Clone)]
struct Answers {
    frames: SyncSender<Frame>,
    stream: Arc<TcpStream>,
}

impl Answers {
    fn send(&self, operation: Operation, request: u64, body: Vec<u8>) {
        let head = Head::of(operation, request, &body);
        if self.frames.try_send((head, body)).is_err() {
            drop(self.stream.shutdown(Shutdown::Both));
        }
    }
}

fn serve(ledger: &Ledger, stream: &TcpStream) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    stream.set_nodelay(true).map_err(told)?;
    let (frames, waiting) = sync_channel(UNREAD);
    let writing = stream.try_clone().map_err(told)?;
    let answers = Answers { frames, stream: Arc::new(stream.try_clone().map_err(told)?) };
    let writer = std::thread::Builder::new().name("answers".into());
    let writer = writer.spawn(move || drop(write_answers(writing, &waiting))).map_err(told)?;
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let ended = loop {
        match read_frame(&mut reader) {
            Ok(Some((head, body))) => {
                if let Err(error) = ask(ledger, &answers, head, body) {
                    answers.send(Operation::Broken, head.request, error.to_string().into_bytes());
                    break Err(error.to_string());
                }
            }
            Ok(None) => break Ok(()),
            Err(why) => {
                answers.send(Operation::Broken, 0, why.clone().into_bytes());
                break Err(why);
            }
        }
    };
    drop(answers);
    drop(writer.join());
    ended
}

fn read_frame(reader: &mut impl Read) -> Result<Option<Frame>, String> {
    let mut head = [0; FRAME_BYTES];
    match reader.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.to_string()),
    }
    let head = Head::read(&head)?;
    let mut body = Vec::with_capacity(head.length);
    reader.take(head.length as u64).read_to_end(&mut body).map_err(|error| error.to_string())?;
    if !head.is_sound(&body) {
        return Err("the body did not arrive as its checksum says".into());
    }
    Ok(Some((head, body)))
}

fn ask(ledger: &Ledger, answers: &Answers, head: Head, body: Vec<u8>) -> Result<(), LedgerError> {
    let (operation, request) = (head.operation, head.request);
    match operation {
        Operation::Transfer => {
            let answers = answers.clone();
            ledger.submit_waiting(
                body,
                Box::new(move |reply| match reply {
                    Some(reply) => answers.send(operation, request, reply.write()),
                    None => answers.send(Operation::Broken, request, b"the ledger has stopped".to_vec()),
                }),
            )
        }
        Operation::Open => {
            let accounts: Vec<Account> =
                borsh::from_slice(&body).map_err(|error| LedgerError::Unreadable(error.to_string()))?;
            let words = match ledger.open_accounts(accounts)? {
                Ok(()) => Vec::new(),
                Err(refusal) => refusal.to_string().into_bytes(),
            };
            answers.send(operation, request, words);
            Ok(())
        }
        Operation::Balances => {
            let ids: Vec<AccountId> = body.chunks_exact(16).map(|id| AccountId(u128_at(id, 0))).collect();
            let found = ledger.look(move |state| {
                let mut out = Vec::with_capacity(ids.len() * 80);
                ids.iter().for_each(|id| write_balances(state.account(*id), &mut out));
                out
            })?;
            answers.send(operation, request, found);
            Ok(())
        }
        Operation::History => {
            let most = body.get(16..20).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes);
            let entries = ledger.history(AccountId(u128_at(&body, 0)), most.min(HISTORY) as usize)?;
            let mut out = Vec::with_capacity(entries.len() * 128);
            for (_, entry) in entries {
                let moved = meridian_ledger::Transfer { amount: entry.amount, ..entry.transfer };
                write_transfer(&moved, 0, &mut out);
            }
            answers.send(operation, request, out);
            Ok(())
        }
        Operation::Broken => Err(LedgerError::Unreadable("this is an answer, not a question".into())),
    }
}

/// Writes what waits in one go: many small answers cost one call.
fn write_answers(mut stream: TcpStream, waiting: &Receiver<Frame>) -> io::Result<()> {
    let mut out = Vec::new();
    while let Ok((head, body)) = waiting.recv() {
        out.clear();
        for (head, body) in std::iter::once((head, body)).chain(waiting.try_iter().take(1_024)) {
            out.extend(head.write());
            out.extend(body);
        }
        stream.write_all(&out)?;
    }
    Ok(())
}
