//! A power cut, as far as software can make one: `cargo xtask power-cut --rounds 30`.
//!
//! Each round makes an ext4 of its own in a file, mounts it, runs the real `meridian ledger` on it, loads it over its
//! protocol and kills it with SIGKILL in the middle. The file is copied at once: what was only in the page cache of the
//! mounted file system is not in it. The copy is mounted, the ledger started on it, and everything that was
//! acknowledged is asked again: each transfer must be known. Torn sectors and a disk that lies are not simulated here;
//! the simulated medium of meridian-journal does that.
//!
//! Needs root, mkfs.ext4 and loop devices; where they are not there it says so and passes.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use meridian_batch::{Client, Operation, Outcome, Reply, write_transfer};
use meridian_ledger::{Account, Kind, Transfer, TransferId};
use meridian_terms::{Currency, Money};

type Told<T> = Result<T, Box<dyn Error>>;

fn main() -> Told<()> {
    let mut rounds = 30_u32;
    let mut binary =
        std::env::current_exe()?.parent().and_then(Path::parent).map(|folder| folder.join("meridian"));
    let mut arguments = std::env::args().skip(1);
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--rounds" => rounds = arguments.next().ok_or("--rounds N")?.parse()?,
            "--binary" => binary = arguments.next().map(PathBuf::from),
            other => return Err(format!("{other}: use --rounds N, --binary PATH").into()),
        }
    }
    let binary =
        binary.filter(|path| path.exists()).ok_or("build meridian first, or name it with --binary")?;
    if let Err(why) = try_mount() {
        println!("skipped: no file system of its own can be mounted here ({why})");
        return Ok(());
    }
    let (mut acknowledged, mut cut) = (0, 0);
    for round in 0..rounds {
        let (known, was_in_flight) = one_round(round, &binary)?;
        acknowledged += known;
        cut += u32::from(was_in_flight);
        println!("round {round}: {known} acknowledged, all known after the cut");
    }
    println!(
        "{rounds} rounds: {acknowledged} transfers acknowledged, none lost; {cut} rounds were cut with requests in flight"
    );
    Ok(())
}

fn run(program: &str, arguments: &[&str]) -> Told<()> {
    let done = Command::new(program).args(arguments).stdout(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{program} {}: {}", arguments.join(" "), String::from_utf8_lossy(&done.stderr)).into())
}

/// A file system in a file, mounted; it is taken down when this goes.
struct Disk {
    mounted: PathBuf,
}

impl Disk {
    fn mount(image: &Path, mounted: &Path) -> Told<Self> {
        fs::create_dir_all(mounted)?;
        run("mount", &["-o", "loop", &image.display().to_string(), &mounted.display().to_string()])?;
        Ok(Self { mounted: mounted.to_owned() })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The killed process may not be quite gone: the mount ends with it.
        drop(run("umount", &["-l", &self.mounted.display().to_string()]));
    }
}

fn make_image(image: &Path) -> Told<()> {
    File::create(image)?.set_len(768 * 1024 * 1024)?;
    run("mkfs.ext4", &["-q", "-F", &image.display().to_string()])
}

fn try_mount() -> Told<()> {
    let scratch = tempfile::tempdir()?;
    let image = scratch.path().join("try.img");
    make_image(&image)?;
    Disk::mount(&image, &scratch.path().join("try")).map(drop)
}

/// The real ledger, and where it listens; killed when this goes.
struct Running(Child);

impl Running {
    fn start(binary: &Path, directory: &Path) -> Told<(Self, Client)> {
        let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(binary);
        command.arg("ledger").arg(directory).args(["--listen", &free.to_string()]).stderr(Stdio::null());
        let running = Self(command.spawn()?);
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            match Client::connect(free) {
                Ok(client) => return Ok((running, client)),
                Err(error) if Instant::now() > until => return Err(error.into()),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL, which is the point.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn accounts() -> Vec<Account> {
    (0..50).map(|n| Account::open(&format!("BANK{n:02}"), Currency::INR, Kind::SettlementAgent)).collect()
}

/// The transfers of a request: of a size that changes, so that groups begin and end everywhere in a page.
fn request(number: u64, accounts: &[Account]) -> Vec<u8> {
    let count = 1 + number * number % 400;
    let mut body = Vec::new();
    for part in 0..count {
        let n = number * 1_000 + part;
        let place = |n: u64| usize::try_from(n % 50).unwrap_or(0);
        let amount = Money::new(i128::from(n % 97) + 1, Currency::INR);
        let (debit, credit) = (accounts[place(n)].id, accounts[place(n + 1 + n % 48)].id);
        write_transfer(&Transfer::post(TransferId(u128::from(n) + 1), debit, credit, amount), 0, &mut body);
    }
    body
}

/// How many transfers were acknowledged, and whether something was in flight when the power went.
fn one_round(round: u32, binary: &Path) -> Told<(u64, bool)> {
    let scratch = tempfile::tempdir()?;
    let (image, copy) = (scratch.path().join("disk.img"), scratch.path().join("copy.img"));
    make_image(&image)?;
    let accounts = accounts();
    let (mut sent, mut answered) = (0_u64, std::collections::BTreeSet::new());
    {
        let disk = Disk::mount(&image, &scratch.path().join("disk"))?;
        let (mut running, mut client) = Running::start(binary, &disk.mounted.join("data"))?;
        client.open_accounts(&accounts)??;
        let until = Instant::now() + Duration::from_millis(300 + u64::from(round % 10) * 170);
        let mut requests = std::collections::BTreeMap::new();
        while Instant::now() < until {
            while requests.len() < 16 {
                requests.insert(client.send(Operation::Transfer, &request(sent, &accounts))?, sent);
                sent += 1;
            }
            let (request, body) = client.receive()?;
            all_are(&body, |outcome| outcome == Outcome::DONE)?;
            answered.extend(requests.remove(&request));
        }
        running.0.kill()?;
        // At once, before anything may be written back.
        run("cp", &["--sparse=always", &image.display().to_string(), &copy.display().to_string()])?;
        // What the ledger had answered before it was killed and we had not read is acknowledged too.
        while let Ok((request, _)) = client.receive() {
            answered.extend(requests.remove(&request));
        }
    }
    let disk = Disk::mount(&copy, &scratch.path().join("copy"))?;
    let (_running, mut client) = Running::start(binary, &disk.mounted.join("data"))?;
    let mut known = 0;
    for number in &answered {
        let body = request(*number, &accounts);
        client.send(Operation::Transfer, &body)?;
        let (_, answer) = client.receive()?;
        all_are(&answer, |outcome| outcome.code() == Some("ledger.exists"))
            .map_err(|why| format!("round {round}, request {number}: acknowledged and lost: {why}"))?;
        known += body.len() as u64 / 128;
    }
    // What was in flight happened whole or not at all, and is done once either way.
    for number in (0..sent).filter(|number| !answered.contains(number)) {
        client.send(Operation::Transfer, &request(number, &accounts))?;
        let (_, answer) = client.receive()?;
        let outcomes = Reply::read(&answer)?.outcomes;
        let first = outcomes.first().copied().unwrap_or(Outcome::DONE);
        if outcomes.iter().any(|outcome| *outcome != first) {
            return Err(format!("round {round}, request {number}: happened in part").into());
        }
    }
    Ok((known, (answered.len() as u64) < sent))
}

fn all_are(body: &[u8], is: impl Fn(Outcome) -> bool) -> Told<()> {
    match Reply::read(body)?.outcomes.into_iter().find(|outcome| !is(*outcome)) {
        None => Ok(()),
        Some(other) => Err(format!("an outcome was {:?}", other.code().unwrap_or("done")).into()),
    }
}
