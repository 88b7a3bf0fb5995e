//! The protocol over a real socket: answers, and what broken or hostile clients get.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use meridian_batch::{Client, FRAME_BYTES, Head, LARGEST_BODY, Ledger, Operation, Outcome, Reply, Server};

use crate::world::{Slow, account, accounts, request, settings};

fn served() -> (tempfile::TempDir, Server) {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(directory.path(), &settings(10_000)).unwrap();
    let server = Server::start(Arc::new(ledger), "127.0.0.1:0".parse().unwrap()).unwrap();
    (directory, server)
}

#[test]
fn requests_sent_ahead_are_answered_each_once_with_their_own_number() {
    let (_directory, server) = served();
    let mut client = Client::connect(server.address()).unwrap();
    assert_eq!(client.open_accounts(&accounts()).unwrap(), Ok(()));
    assert!(client.open_accounts(&accounts()).unwrap().unwrap_err().contains("exists"));
    let mut slow = Slow::new();
    let mut expected = std::collections::BTreeMap::new();
    for number in 0..50 {
        let transfers = request(number, |n| u128::from(n) + 1);
        let mut body = Vec::new();
        transfers.iter().for_each(|transfer| meridian_batch::write_transfer(transfer, 0, &mut body));
        let asked = client.send(Operation::Transfer, &body).unwrap();
        expected.insert(asked, slow.ask(&transfers));
    }
    while !expected.is_empty() {
        let (answered, body) = client.receive().unwrap();
        let reply = Reply::read(&body).unwrap();
        let codes: Vec<_> = reply.outcomes.iter().map(|o| o.code().map(str::to_owned)).collect();
        assert_eq!(expected.remove(&answered), Some(codes));
    }
    let sums = client.balances(&[account(3), meridian_ledger::AccountId(9)]).unwrap();
    assert_eq!(sums, [slow.0.account(account(3)).map(|account| account.balances), None]);
    assert_eq!(client.history(account(3), 2).unwrap().len(), 2);
}

#[test]
fn broken_frames_end_their_own_connection_and_no_other() {
    let (_directory, server) = served();
    let mut good = Client::connect(server.address()).unwrap();
    good.open_accounts(&accounts()).unwrap().unwrap();
    let too_long = {
        let mut head = Head::of(Operation::Transfer, 1, b"").write();
        head[8..12].copy_from_slice(&(LARGEST_BODY as u32 + 1).to_le_bytes());
        head.to_vec()
    };
    let wrong_sum = {
        let mut frame = Head::of(Operation::Transfer, 1, b"abc").write().to_vec();
        frame.extend(b"abd");
        frame
    };
    let answer = Head::of(Operation::Broken, 1, b"").write().to_vec();
    for hostile in
        [b"GET / HTTP/1.1\r\n\r\n............................".to_vec(), too_long, wrong_sum, answer]
    {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(&hostile).unwrap();
        let mut told = Vec::new();
        // It may close before everything was sent; either way it ends.
        drop(stream.read_to_end(&mut told));
        assert!(told.is_empty() || told.len() > FRAME_BYTES);
    }
    // One that never finishes its frame waits alone.
    let mut slow = TcpStream::connect(server.address()).unwrap();
    slow.write_all(&Head::of(Operation::Transfer, 1, &[0; 128]).write()).unwrap();
    let transfers = request(0, |n| u128::from(n) + 1);
    assert!(good.transfer(&transfers).unwrap().outcomes.contains(&Outcome::DONE));
    // Bytes that are no transfers are refused, not guessed at.
    good.send(Operation::Transfer, &[7; 300]).unwrap();
    let (_, body) = good.receive().unwrap();
    assert_eq!(Reply::read(&body).unwrap().outcomes, [Outcome::UNREADABLE; 3]);
}

#[test]
fn only_this_machine_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::open(directory.path(), &settings(100)).unwrap());
    assert!(Server::start(ledger, "0.0.0.0:0".parse().unwrap()).is_err());
}
