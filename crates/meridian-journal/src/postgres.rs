//! The journal in PostgreSQL: what a bank already runs, backs up and audits.
//!
//! ```text
//! meridian_fence     ledger, epoch, owner      one row: who may append
//! meridian_journal   ledger, position, ...     one row for each batch, primary key (ledger, position)
//! meridian_snapshot  ledger, position, part    a state in parts of 16 MB
//! ```
//!
//! An append is one statement that takes a share of the fence's row and inserts behind it; a new term updates that row,
//! so it waits for what is in flight and shuts out what comes later. The update is itself a synchronous commit, later in
//! the same log: once it is answered, everything before it is on the standby too. So the end of the journal is read only
//! *after* the fence is taken, and a commit that was visible here alone is never built upon.
//!
//! A connection that breaks leaves an append unknown. It is asked again: touch the fence in our own epoch, look what
//! stands at the position: our batch is success, nothing is sent again byte for byte, another's is a conflict.
//!
//! Promotion of a standby is the business of Patroni, pg-auto-failover or the cloud; see docs/guide/high-availability.md.

use std::str::FromStr;
use std::time::{Duration, Instant};

use meridian_terms::Moment;
use tokio::runtime::Runtime;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row};

use crate::frame::identity;
use crate::{Batch, Durability, Epoch, Id, Journal, JournalError, Lease, Position, Stored};

/// A snapshot lies in rows of at most so many bytes.
const PART: usize = 16 * 1024 * 1024;

const SCHEMA: &str = "
create table if not exists meridian_fence (
    ledger text primary key, epoch bigint not null, owner text not null, since timestamptz not null default now());
create table if not exists meridian_journal (
    ledger text not null, position bigint not null, epoch bigint not null, at bigint not null,
    id bytea not null, body bytea not null, primary key (ledger, position));
alter table meridian_journal alter column body set storage external;
create table if not exists meridian_snapshot (
    ledger text not null, position bigint not null, part int not null, digest bytea not null, state bytea not null,
    primary key (ledger, position, part));
alter table meridian_snapshot alter column state set storage external;
";

const APPEND: &str = "
with allowed as (select 1 from meridian_fence where ledger = $1 and epoch = $2 for share)
insert into meridian_journal (ledger, position, epoch, at, id, body)
select $1, position, $2, at, id, body
from unnest($3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[]) as new (position, at, id, body), allowed
where (select coalesce(max(position) + 1, 0) from meridian_journal where ledger = $1) = $7";

const READ: &str = "
select position, epoch, at, id, body from (
    select *, sum(octet_length(body)) over (order by position) - octet_length(body) as before
    from (select * from meridian_journal where ledger = $1 and position >= $2 order by position limit 4096) page
) sized where before < $3 order by position";

/// How a journal in PostgreSQL is reached.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// Hosts, port, user and database as libpq writes them; several hosts are tried until one takes writes.
    pub url: String,
    /// Which journal of the database.
    pub ledger: String,
    /// How many standbys a commit must wait for. Zero is for development: a lost disk is then a lost journal.
    pub standbys: u8,
    /// How long a broken connection is tried again before an append is given up as unknown.
    pub patience: Duration,
}

impl PostgresSettings {
    /// The usual ones: one synchronous standby, half a minute of patience.
    #[must_use]
    pub fn new(url: impl Into<String>, ledger: impl Into<String>) -> Self {
        Self { url: url.into(), ledger: ledger.into(), standbys: 1, patience: Duration::from_secs(30) }
    }
}

/// A journal in PostgreSQL.
pub struct PostgresJournal {
    settings: PostgresSettings,
    runtime: Runtime,
    client: Client,
    tail: Position,
    tail_id: Id,
    /// The identity of the batch before a position: where a reader goes on.
    cursor: (Position, Id),
    copies: u8,
    failed: Option<String>,
    is_reading: bool,
}

/// Why a statement gave no answer.
enum Trouble {
    /// The connection broke, or the server went away: what it did is unknown.
    Lost(String),
    /// The server said no.
    Refused(JournalError),
}

fn trouble(error: &tokio_postgres::Error) -> Trouble {
    let words = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
    match error.code() {
        None => Trouble::Lost(words),
        Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Trouble::Lost(words),
        // Class 57: the operator shuts down or starts up; class 08: the connection.
        Some(code) if code.code().starts_with("57") || code.code().starts_with("08") => Trouble::Lost(words),
        Some(code) if *code == SqlState::DISK_FULL => Trouble::Refused(JournalError::Full(words)),
        Some(_) => Trouble::Refused(JournalError::Io(format!("PostgreSQL: {words}"))),
    }
}

impl From<Trouble> for JournalError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Lost(why) => Self::Io(format!("PostgreSQL: {why}")),
            Trouble::Refused(error) => error,
        }
    }
}

impl PostgresJournal {
    /// Connects to the server that takes writes, refuses it when its settings could lose what it acknowledged, and makes
    /// the tables where they are not there.
    ///
    /// # Errors
    /// [`JournalError::Io`], also naming a setting that is not safe.
    pub fn open(settings: PostgresSettings) -> Result<Self, JournalError> {
        let mut journal = Self::connect(settings, false)?;
        journal.check_settings()?;
        journal.run(SCHEMA)?;
        journal.find_tail()?;
        Ok(journal)
    }

    /// Connects to any server that has the journal, a standby too: it is read as far as that server has it.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn open_reading(settings: PostgresSettings) -> Result<Self, JournalError> {
        let mut journal = Self::connect(settings, true)?;
        journal.find_tail()?;
        Ok(journal)
    }

    /// For a standby node that waits its turn: a journal to lead on, where a server takes writes and no living node of
    /// this ledger holds its lock. The lock decides who tries; safety is the fence.
    ///
    /// # Errors
    /// [`JournalError::Io`] for settings that are not safe. No server that takes writes is no error: it is not yet time.
    pub fn try_lead(settings: PostgresSettings) -> Result<Option<Self>, JournalError> {
        let Ok(mut journal) = Self::connect(settings, false) else { return Ok(None) };
        if !journal.lock()? {
            return Ok(None);
        }
        journal.check_settings()?;
        journal.run(SCHEMA)?;
        journal.find_tail()?;
        Ok(Some(journal))
    }

    /// Holds the ledger's lock for as long as this connection lives; `false` when another's does.
    fn lock(&self) -> Result<bool, Trouble> {
        let lock = "select pg_try_advisory_lock(hashtextextended($1, 0))";
        let rows = self.query(lock, &[&self.settings.ledger])?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }

    fn connect(settings: PostgresSettings, is_reading: bool) -> Result<Self, JournalError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| JournalError::Io(error.to_string()))?;
        let client = runtime.block_on(reach(&settings, is_reading))?;
        Ok(Self {
            settings,
            runtime,
            client,
            tail: Position(0),
            tail_id: Id::default(),
            cursor: (Position(0), Id::default()),
            copies: 1,
            failed: None,
            is_reading,
        })
    }

    fn run(&self, statements: &str) -> Result<(), JournalError> {
        let done = self.runtime.block_on(self.client.batch_execute(statements));
        done.map_err(|error| trouble(&error).into())
    }

    fn query(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Trouble> {
        self.runtime.block_on(self.client.query(statement, values)).map_err(|error| trouble(&error))
    }

    fn show(&self, name: &str) -> Result<String, JournalError> {
        let rows = self.query(&format!("show {name}"), &[])?;
        Ok(rows.first().map(|row| row.get::<_, String>(0)).unwrap_or_default())
    }

    /// Settings under which an acknowledged commit survives the loss of a machine; the first that is not so is refused.
    fn check_settings(&mut self) -> Result<(), JournalError> {
        let unsafe_setting = |name: &str, is: &str, needs: &str| {
            JournalError::Io(format!(
                "PostgreSQL: {name} is {is:?}, which can lose what was acknowledged; set {needs}"
            ))
        };
        for (name, needs) in [("fsync", "on"), ("full_page_writes", "on"), ("data_checksums", "on")] {
            let is = self.show(name)?;
            if is != needs {
                return Err(unsafe_setting(name, &is, needs));
            }
        }
        let commit = self.show("synchronous_commit")?;
        if commit != "on" && commit != "remote_apply" {
            return Err(unsafe_setting("synchronous_commit", &commit, "on"));
        }
        let names = self.show("synchronous_standby_names")?;
        let standbys = standbys_waited_for(&names);
        if standbys < self.settings.standbys {
            let needs =
                format!("'ANY {} (a, b)' with the names of your standbys", self.settings.standbys.max(1));
            return Err(unsafe_setting("synchronous_standby_names", &names, &needs));
        }
        self.copies = standbys.saturating_add(1);
        Ok(())
    }

    fn find_tail(&mut self) -> Result<(), JournalError> {
        let last =
            "select position, id from meridian_journal where ledger = $1 order by position desc limit 1";
        let rows = self.query(last, &[&self.settings.ledger])?;
        (self.tail, self.tail_id) = match rows.first() {
            Some(row) => (Position(position(row.get(0)).0 + 1), id(row.get(1))?),
            None => (Position(0), Id::default()),
        };
        Ok(())
    }

    /// Connects again, as long as patience lasts.
    fn reconnect(&mut self, until: Instant) -> Result<(), String> {
        loop {
            let reached = self.runtime.block_on(reach(&self.settings, self.is_reading));
            match reached {
                Ok(client) => {
                    self.client = client;
                    return Ok(());
                }
                Err(error) if Instant::now() >= until => return Err(error.to_string()),
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }

    /// Sends a group until it is known what became of it.
    fn settle(&mut self, lease: &Lease, expected: Position, group: &[Stored]) -> Result<(), JournalError> {
        let until = Instant::now() + self.settings.patience;
        let mut lost = match self.send(lease, expected, group) {
            Ok(()) => return Ok(()),
            Err(Trouble::Refused(error)) => return Err(error),
            Err(Trouble::Lost(why)) => why,
        };
        loop {
            if Instant::now() >= until {
                return Err(JournalError::Unknown(lost));
            }
            if let Err(why) = self.reconnect(until) {
                return Err(JournalError::Unknown(format!("{lost}; {why}")));
            }
            // The lock only tells standbys that somebody is at work; where another holds it, the fence decides.
            match self.lock().and_then(|_| self.look(lease, expected, group)) {
                Ok(true) => return Ok(()),
                Ok(false) => match self.send(lease, expected, group) {
                    Ok(()) => return Ok(()),
                    Err(Trouble::Refused(error)) => return Err(error),
                    Err(Trouble::Lost(why)) => lost = why,
                },
                Err(Trouble::Refused(error)) => return Err(error),
                Err(Trouble::Lost(why)) => {
                    lost = why;
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
    }

    fn send(&self, lease: &Lease, expected: Position, group: &[Stored]) -> Result<(), Trouble> {
        let positions: Vec<i64> = group.iter().map(|stored| signed(stored.position)).collect();
        let moments: Vec<i64> = group.iter().map(|stored| stored.at.micros()).collect();
        let ids: Vec<&[u8]> = group.iter().map(|stored| &stored.id.0[..]).collect();
        let bodies: Vec<&[u8]> = group.iter().map(|stored| &stored.body[..]).collect();
        let epoch = lease.epoch.0.cast_signed();
        let values: [&(dyn ToSql + Sync); 7] =
            [&self.settings.ledger, &epoch, &positions, &moments, &ids, &bodies, &signed(expected)];
        match self.runtime.block_on(self.client.execute(APPEND, &values)) {
            Ok(rows) if rows == group.len() as u64 => Ok(()),
            Ok(_) => Err(self.why_not(lease, expected)),
            // Somebody stands at the position: ourselves, by an earlier sending that arrived late, or another.
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                if self.look(lease, expected, group)? { Ok(()) } else { Err(self.why_not(lease, expected)) }
            }
            Err(error) => Err(trouble(&error)),
        }
    }

    fn why_not(&self, lease: &Lease, expected: Position) -> Trouble {
        let state =
            "select epoch, (select coalesce(max(position) + 1, 0) from meridian_journal where ledger = $1)
            from meridian_fence where ledger = $1";
        let rows = match self.query(state, &[&self.settings.ledger]) {
            Ok(rows) => rows,
            Err(trouble) => return trouble,
        };
        let (epoch, tail) = rows.first().map_or((0, 0), |row| (row.get::<_, i64>(0), row.get::<_, i64>(1)));
        Trouble::Refused(if Epoch(epoch.cast_unsigned()) == lease.epoch {
            JournalError::Conflict { tail: position(tail), expected }
        } else {
            JournalError::Fenced(Epoch(epoch.cast_unsigned()))
        })
    }

    /// Whether a group of ours stands in the journal, after a touch of the fence that waits for what is in flight and
    /// proves on the standby whatever it finds here.
    fn look(&self, lease: &Lease, expected: Position, group: &[Stored]) -> Result<bool, Trouble> {
        let touch = "update meridian_fence set since = now() where ledger = $1 and epoch = $2";
        let epoch = lease.epoch.0.cast_signed();
        let touched = self.runtime.block_on(self.client.execute(touch, &[&self.settings.ledger, &epoch]));
        if touched.map_err(|error| trouble(&error))? == 0 {
            return Err(self.why_not(lease, expected));
        }
        let found =
            "select id from meridian_journal where ledger = $1 and position >= $2 order by position limit $3";
        let count = i64::try_from(group.len()).unwrap_or(i64::MAX);
        let rows = self.query(found, &[&self.settings.ledger, &signed(expected), &count])?;
        let ours = rows.iter().zip(group).all(|(row, stored)| row.get::<_, &[u8]>(0) == stored.id.0);
        match (rows.is_empty(), ours && rows.len() == group.len()) {
            (true, _) => Ok(false),
            (_, true) => Ok(true),
            _ => Err(self.why_not(lease, expected)),
        }
    }

    fn before(&self, from: Position) -> Result<Id, JournalError> {
        if from.0 == 0 {
            return Ok(Id::default());
        }
        if self.cursor.0 == from {
            return Ok(self.cursor.1);
        }
        let one = "select id from meridian_journal where ledger = $1 and position = $2";
        let rows = self.query(one, &[&self.settings.ledger, &signed(Position(from.0 - 1))])?;
        rows.first().map_or_else(|| Ok(Id::default()), |row| id(row.get(0)))
    }
}

/// A connection to a server of the list: one that takes writes, unless only reading is asked.
async fn reach(settings: &PostgresSettings, is_reading: bool) -> Result<Client, JournalError> {
    let told = |why: String| JournalError::Io(format!("PostgreSQL: {why}"));
    let mut config = Config::from_str(&settings.url).map_err(|error| told(error.to_string()))?;
    config.connect_timeout(Duration::from_secs(5)).application_name("meridian");
    if !is_reading {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    let (client, connection) = config.connect(NoTls).await.map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        told(format!("{error}{cause}"))
    })?;
    tokio::spawn(async move {
        // It ends with the client; what it says then, the statement in flight has said.
        drop(connection.await);
    });
    // A commit that is cancelled while it waits for its standby would be visible and not durable: nothing may cancel.
    let safe = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = 0";
    client.batch_execute(safe).await.map_err(|error| told(error.to_string()))?;
    Ok(client)
}

/// How many standbys a commit waits for: `ANY 1 (a, b)` and `FIRST 2 (..)` say it, a bare list means one.
fn standbys_waited_for(names: &str) -> u8 {
    let names = names.trim();
    if names.is_empty() {
        return 0;
    }
    let (before, list) = names.split_once('(').unwrap_or(("", names));
    if list.trim_matches([')', ' ']).is_empty() {
        return 0;
    }
    before.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(1)
}

fn signed(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

fn position(number: i64) -> Position {
    Position(u64::try_from(number).unwrap_or(0))
}

fn id(bytes: &[u8]) -> Result<Id, JournalError> {
    bytes
        .try_into()
        .map(Id)
        .map_err(|_| JournalError::Io("PostgreSQL: an identity is not 32 bytes long".into()))
}

impl Journal for PostgresJournal {
    fn acquire(&mut self, owner: &str) -> Result<Lease, JournalError> {
        let take = "insert into meridian_fence (ledger, epoch, owner) values ($1, 1, $2)
            on conflict (ledger) do update set epoch = meridian_fence.epoch + 1, owner = $2, since = now()
            returning epoch";
        let until = Instant::now() + self.settings.patience;
        let rows = loop {
            match self.query(take, &[&self.settings.ledger, &owner]) {
                Ok(rows) => break rows,
                // A term that was begun and not heard of harms nobody: the next one is higher.
                Err(Trouble::Lost(why)) => self.reconnect(until).map_err(|_| JournalError::Unknown(why))?,
                Err(Trouble::Refused(error)) => return Err(error),
            }
        };
        let epoch = rows.first().map_or(0, |row| row.get::<_, i64>(0));
        self.failed = None;
        self.lock()?;
        self.find_tail()?;
        Ok(Lease { epoch: Epoch(epoch.cast_unsigned()) })
    }

    fn append(
        &mut self,
        lease: &Lease,
        expected: Position,
        batches: &[Batch],
    ) -> Result<Position, JournalError> {
        if let Some(why) = &self.failed {
            return Err(JournalError::Io(format!("the journal failed before: {why}")));
        }
        let (mut before, mut at) = (self.tail_id, expected);
        if expected != self.tail {
            return match self.why_not(lease, expected).into() {
                JournalError::Conflict { expected, .. } => {
                    Err(JournalError::Conflict { tail: self.tail, expected })
                }
                other => Err(other),
            };
        }
        let mut group = Vec::with_capacity(batches.len());
        for batch in batches {
            before = identity(before, at, lease.epoch, batch.at, &batch.body);
            let (position, epoch, body) = (at, lease.epoch, batch.body.clone());
            group.push(Stored { position, epoch, id: before, at: batch.at, body });
            at.0 += 1;
        }
        match self.settle(lease, expected, &group) {
            Ok(()) => {
                (self.tail, self.tail_id) = (at, before);
                Ok(at)
            }
            Err(error) => {
                let goes_on = matches!(
                    error,
                    JournalError::Fenced(_) | JournalError::Conflict { .. } | JournalError::Full(_)
                );
                if !goes_on {
                    self.failed = Some(error.to_string());
                }
                Err(error)
            }
        }
    }

    fn read_from(&mut self, from: Position, max_bytes: usize) -> Result<Vec<Stored>, JournalError> {
        let most = i64::try_from(max_bytes.max(1)).unwrap_or(i64::MAX);
        let read = |journal: &Self| journal.query(READ, &[&journal.settings.ledger, &signed(from), &most]);
        let rows = match read(self) {
            Ok(rows) => rows,
            // Reading again harms nobody.
            Err(Trouble::Lost(_)) => {
                self.reconnect(Instant::now() + self.settings.patience).map_err(JournalError::Io)?;
                read(self)?
            }
            Err(Trouble::Refused(error)) => return Err(error),
        };
        let mut before = self.before(from)?;
        let mut expected = from;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let stored = Stored {
                position: position(row.get(0)),
                epoch: Epoch(row.get::<_, i64>(1).cast_unsigned()),
                at: Moment::from_micros(row.get(2)),
                id: id(row.get(3))?,
                body: row.get(4),
            };
            let is_next = stored.position == expected
                && identity(before, stored.position, stored.epoch, stored.at, &stored.body) == stored.id;
            if !is_next {
                return Err(JournalError::Damaged {
                    segment: "table meridian_journal".into(),
                    offset: expected.0,
                    why: format!("batch {} does not follow the one before it", expected.0),
                });
            }
            (before, expected) = (stored.id, Position(expected.0 + 1));
            found.push(stored);
        }
        self.cursor = (expected, before);
        if self.is_reading && expected > self.tail {
            (self.tail, self.tail_id) = self.cursor;
        }
        Ok(found)
    }

    fn tail(&self) -> (Position, Id) {
        (self.tail, self.tail_id)
    }

    fn save_snapshot(&mut self, at: Position, state: &[u8]) -> Result<(), JournalError> {
        let digest = blake3::hash(state);
        let digest: &[u8] = digest.as_bytes();
        let Self { client, settings, runtime, .. } = self;
        let ledger = &settings.ledger;
        let saving = async {
            let transaction = client.transaction().await?;
            let gone = "delete from meridian_snapshot where ledger = $1 and (position = $2 or position not in
                (select distinct position from meridian_snapshot where ledger = $1 order by position desc limit 1))";
            transaction.execute(gone, &[ledger, &signed(at)]).await?;
            let put = "insert into meridian_snapshot (ledger, position, part, digest, state)
                values ($1, $2, $3, $4, $5)";
            let empty: [&[u8]; 1] = [&[]];
            let parts = state.chunks(PART).chain(empty.into_iter().take(usize::from(state.is_empty())));
            for (number, part) in parts.enumerate() {
                let number = i32::try_from(number).unwrap_or(i32::MAX);
                transaction.execute(put, &[ledger, &signed(at), &number, &digest, &part]).await?;
            }
            transaction.commit().await
        };
        runtime.block_on(saving).map_err(|error| trouble(&error).into())
    }

    fn latest_snapshot(&mut self) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        let all = "select distinct position from meridian_snapshot where ledger = $1 and position <= $2
            order by position desc";
        for row in self.query(all, &[&self.settings.ledger, &signed(self.tail)])? {
            let at: i64 = row.get(0);
            let parts = "select digest, state from meridian_snapshot where ledger = $1 and position = $2 order by part";
            let rows = self.query(parts, &[&self.settings.ledger, &at])?;
            let state: Vec<u8> = rows.iter().flat_map(|row| row.get::<_, &[u8]>(1).iter().copied()).collect();
            let digest = rows.first().map_or(&[][..], |row| row.get::<_, &[u8]>(0));
            // An unsound snapshot is passed over: the journal itself is the truth.
            if blake3::hash(&state).as_bytes() == digest {
                return Ok(Some((position(at), state)));
            }
        }
        Ok(None)
    }

    fn archive_before(&mut self, _at: Position) -> Result<(), JournalError> {
        // History stays in its table; to partition it or move it to cheaper storage is the database's business.
        Ok(())
    }

    fn beside(&mut self) -> Result<Option<Box<dyn Journal>>, JournalError> {
        Ok(Some(Box::new(Self::open_reading(self.settings.clone())?)))
    }

    fn durability(&self) -> Durability {
        Durability { copies: self.copies, is_flushed: true }
    }
}

#[cfg(test)]
mod tests {
    use super::standbys_waited_for;

    #[test]
    fn the_number_of_standbys_is_read_as_postgresql_reads_it() {
        for (names, expected) in [
            ("", 0),
            ("a", 1),
            ("a, b", 1),
            ("ANY 1 (a,b)", 1),
            ("FIRST 2 (a, b, c)", 2),
            ("2 (a, b)", 2),
            ("ANY 3 (*)", 3),
            ("*", 1),
        ] {
            assert_eq!(standbys_waited_for(names), expected, "{names}");
        }
    }
}
