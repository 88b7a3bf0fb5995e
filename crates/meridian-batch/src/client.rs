//! A client of [`crate::Server`]: requests may be sent before earlier ones are answered.

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use meridian_ledger::{Account, AccountId, Balances, Transfer};

use crate::wire::{
    FRAME_BYTES, Head, Operation, Reply, TRANSFER_BYTES, parse_transfer, read_balances, write_transfer,
};

/// Requests gather until so many bytes are to be sent.
const GATHER: usize = 32 * 1024;

/// A connection to a ledger. Requests gather and leave together, at the latest when an answer is waited for: one call and
/// one wake of the server for all of them.
pub struct Client {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    gathered: Vec<u8>,
    next: u64,
}

fn invalid(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// The socket's.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let writer = TcpStream::connect(address)?;
        writer.set_nodelay(true)?;
        let reader = BufReader::with_capacity(64 * 1024, writer.try_clone()?);
        Ok(Self { reader, writer, gathered: Vec::new(), next: 1 })
    }

    /// Sends a request and gives its number; [`Client::receive`] has the answer. It leaves with [`Client::flush`], or when
    /// an answer is waited for.
    ///
    /// # Errors
    /// The socket's.
    pub fn send(&mut self, operation: Operation, body: &[u8]) -> io::Result<u64> {
        let request = self.next;
        self.next += 1;
        self.gathered.extend(Head::of(operation, request, body).write());
        if body.len() < GATHER {
            self.gathered.extend_from_slice(body);
        } else {
            self.flush()?;
            self.writer.write_all(body)?;
        }
        if self.gathered.len() >= GATHER {
            self.flush()?;
        }
        Ok(request)
    }

    /// Sends what has gathered.
    ///
    /// # Errors
    /// The socket's.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.write_all(&self.gathered)?;
        self.gathered.clear();
        Ok(())
    }

    /// The next answer: the request's number and the body.
    ///
    /// # Errors
    /// The socket's; the server's words when it could not read a request or has stopped.
    pub fn receive(&mut self) -> io::Result<(u64, Vec<u8>)> {
        if self.reader.buffer().is_empty() {
            self.flush()?;
        }
        let mut head = [0; FRAME_BYTES];
        self.reader.read_exact(&mut head)?;
        let head = Head::read(&head).map_err(invalid)?;
        let mut body = vec![0; head.length];
        self.reader.read_exact(&mut body)?;
        if !head.is_sound(&body) {
            return Err(invalid("the answer did not arrive as its checksum says"));
        }
        if head.operation == Operation::Broken {
            return Err(invalid(String::from_utf8_lossy(&body)));
        }
        Ok((head.request, body))
    }

    fn ask(&mut self, operation: Operation, body: &[u8]) -> io::Result<Vec<u8>> {
        let asked = self.send(operation, body)?;
        let (answered, body) = self.receive()?;
        if asked == answered { Ok(body) } else { Err(invalid("an answer to another request")) }
    }

    /// Transfers one by one.
    ///
    /// # Errors
    /// As [`Client::receive`].
    pub fn transfer(&mut self, transfers: &[Transfer]) -> io::Result<Reply> {
        let mut body = Vec::with_capacity(transfers.len() * TRANSFER_BYTES);
        transfers.iter().for_each(|transfer| write_transfer(transfer, 0, &mut body));
        Reply::read(&self.ask(Operation::Transfer, &body)?).map_err(invalid)
    }

    /// Opens accounts, all or none; inside, the refusal in words.
    ///
    /// # Errors
    /// As [`Client::receive`].
    pub fn open_accounts(&mut self, accounts: &Vec<Account>) -> io::Result<Result<(), String>> {
        let words = self.ask(Operation::Open, &borsh::to_vec(accounts)?)?;
        Ok(if words.is_empty() { Ok(()) } else { Err(String::from_utf8_lossy(&words).into_owned()) })
    }

    /// The sums of accounts; `None` where there is no such account.
    ///
    /// # Errors
    /// As [`Client::receive`].
    pub fn balances(&mut self, accounts: &[AccountId]) -> io::Result<Vec<Option<Balances>>> {
        let body: Vec<u8> = accounts.iter().flat_map(|id| id.0.to_le_bytes()).collect();
        Ok(self.ask(Operation::Balances, &body)?.chunks_exact(80).map(read_balances).collect())
    }

    /// The newest transfers that touched an account, newest first, with what moved.
    ///
    /// # Errors
    /// As [`Client::receive`].
    pub fn history(&mut self, account: AccountId, most: u32) -> io::Result<Vec<Transfer>> {
        let mut body = account.0.to_le_bytes().to_vec();
        body.extend(most.to_le_bytes());
        let found = self.ask(Operation::History, &body)?;
        found.chunks_exact(TRANSFER_BYTES).map(|bytes| parse_transfer(bytes).map_err(invalid)).collect()
    }
}
