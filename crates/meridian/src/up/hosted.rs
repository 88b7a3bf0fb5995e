//! The day's hub: in this process, or, for the scene in which it is killed, in a process of its own on the same journal.
//!
//! Both live by the script's clock and answer at the same address, so participants do not know which of them they talk to.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use meridian_corridor::Network;
use meridian_http::{Oracles, Service};
use meridian_journal::{FileJournal, LogSettings};
use meridian_node::{Clock, Node, NodeSettings};
use meridian_screening::ListSet;
use meridian_terms::Moment;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::answer::Answer;
use crate::boot;
use crate::corridor_file::{CorridorFile, Files};
use crate::journal_choice::Choice;

/// Where the example lies in a checkout.
const EXAMPLE: &str = "examples/north-south";
/// How long connections have to end before the hub goes without them.
const PATIENCE: Duration = Duration::from_secs(2);

/// A corridor, read.
pub(crate) struct Corridor {
    pub(crate) directory: Option<PathBuf>,
    pub(crate) files: Files,
    pub(crate) file: CorridorFile,
    pub(crate) start: Moment,
    pub(crate) network: Arc<Network>,
    pub(crate) lists: Arc<ListSet>,
    oracles: Oracles,
}

impl Corridor {
    /// The corridor of a directory; without one the example's, beside the work or built in.
    pub(crate) fn read(directory: Option<&Path>) -> Result<Self, String> {
        let directory = directory.or_else(|| Some(Path::new(EXAMPLE)).filter(|example| example.is_dir()));
        let files = directory.map_or_else(|| Ok(Files::example()), Files::of)?;
        let file: CorridorFile = files.toml("corridor.toml")?;
        if !file.is_example {
            return Err(
                "corridor.toml:1:1: is_example is not set; a real corridor is run with meridian serve".into(),
            );
        }
        let start =
            file.day.as_deref().ok_or("corridor.toml:1:1: no day; say when the example day begins")?;
        let start = Moment::parse(start).map_err(|refusal| format!("corridor.toml: {refusal}"))?;
        let network = Arc::new(files.network()?);
        let lists = Arc::new(files.lists(&file.lists, start.day())?);
        let oracles = files.oracles()?;
        Ok(Self { directory: directory.map(Path::to_owned), files, file, start, network, lists, oracles })
    }

    fn service(&self, node: &Node, data: &Path, address: SocketAddr) -> Service {
        let desk = boot::desk(&self.file, self.lists.clone());
        let (network, oracles) = (self.network.clone(), self.oracles.clone());
        let mut service =
            boot::service(node, &self.file, desk, network, oracles, format!("http://{address}"));
        service.statistics.journal = Some(Choice::File(data.to_owned()).reader());
        service
    }
}

fn node(data: &Path, clock: Clock) -> Result<(Node, JoinHandle<Result<(), String>>), String> {
    let journal = FileJournal::open(data, LogSettings { segment_bytes: 4 * 1024 * 1024 })
        .map_err(|error| error.to_string())?;
    let settings = NodeSettings { snapshot_every: 0, ..NodeSettings::default() };
    Node::start(Box::new(journal), clock, settings).map_err(|error| error.to_string())
}

/// The hub in this process.
pub(crate) struct Hosted {
    pub(crate) node: Node,
    pub(crate) address: SocketAddr,
    writer: JoinHandle<Result<(), String>>,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Hosted {
    /// Opens the journal in `data` and answers on a listener.
    pub(crate) fn start(
        corridor: &Corridor,
        data: &Path,
        clock: Clock,
        listener: TcpListener,
    ) -> Result<Self, String> {
        let (node, writer) = node(data, clock)?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let router = meridian_http::router(corridor.service(&node, data, address));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router).with_graceful_shutdown(async {
            // The sender gone is an end too.
            drop(stopped.await);
        });
        let server = tokio::spawn(server.into_future());
        Ok(Self { node, address, writer, stop, server })
    }

    /// Opens it again where it was.
    pub(crate) async fn again(
        corridor: &Corridor,
        data: &Path,
        clock: Clock,
        address: SocketAddr,
    ) -> Result<Self, String> {
        let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
        Self::start(corridor, data, clock, listener)
    }

    /// Ends it; the journal is free for another.
    pub(crate) async fn stop(mut self) -> Result<(), String> {
        // A server that has ended already needs no telling.
        let _ = self.stop.send(());
        if tokio::time::timeout(PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        self.node.stop();
        drop(self.node);
        let writer = self.writer;
        let ended = tokio::task::spawn_blocking(move || writer.join()).await;
        ended.map_err(|error| error.to_string())?.map_err(|_| "the writer has panicked".to_owned())?
    }
}

/// The hub in a process of its own. Whoever lets go of it kills it.
pub(crate) struct Apart(Child);

impl Apart {
    /// Starts it and waits until it answers.
    pub(crate) async fn start(
        corridor: &Corridor,
        data: &Path,
        at: Moment,
        address: SocketAddr,
    ) -> Result<Self, String> {
        let told = |error: std::io::Error| format!("a hub of its own: {error}");
        let mut command = Command::new(std::env::current_exe().map_err(told)?);
        command.arg("example-hub").arg("--data").arg(data);
        command.arg("--at").arg(at.to_string()).arg("--address").arg(address.to_string());
        if let Some(directory) = &corridor.directory {
            command.arg("--corridor").arg(directory);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(told)?;
        let said = child.stdout.take().ok_or("a hub of its own has no output")?;
        let apart = Self(child);
        let read = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(said).read_line(&mut line).map(|_| line)
        });
        let line = read.await.map_err(|error| error.to_string())?.map_err(told)?;
        if line.trim() == READY { Ok(apart) } else { Err("a hub of its own did not start".into()) }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Kills it as `kill -9` does; says by which signal it ended.
    pub(crate) fn kill(mut self) -> Result<i32, String> {
        let told = |error: std::io::Error| error.to_string();
        self.0.kill().map_err(told)?;
        let status = self.0.wait().map_err(told)?;
        status.signal().ok_or_else(|| format!("it ended by itself: {status}"))
    }

    /// Lets it end what it is doing.
    pub(crate) async fn end(mut self) -> Result<(), String> {
        drop(self.0.stdin.take());
        let waited = tokio::task::spawn_blocking(move || self.0.wait()).await;
        let status = waited.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("a hub of its own ended with {status}")) }
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What it says once it answers.
const READY: &str = "ready";

/// Arguments of the example day's hub in a process of its own.
#[derive(clap::Args)]
pub struct Args {
    /// The corridor's directory; without it the example built in
    #[arg(long)]
    corridor: Option<PathBuf>,
    /// Where the journal lies
    #[arg(long)]
    data: PathBuf,
    /// What the script's clock shows
    #[arg(long)]
    at: String,
    /// Where to answer, on loopback
    #[arg(long)]
    address: SocketAddr,
}

/// Runs the hub until its standard input ends, or somebody kills it.
pub fn run(args: &Args) -> Answer {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Answer::Wrong(error.to_string()),
    };
    match runtime.block_on(serve(args)) {
        Ok(()) => Answer::Done,
        Err(why) => Answer::Wrong(why),
    }
}

async fn serve(args: &Args) -> Result<(), String> {
    if !args.address.ip().is_loopback() {
        return Err(format!("{} is not loopback; an example's hub answers nowhere else", args.address));
    }
    let corridor = Corridor::read(args.corridor.as_deref())?;
    let at = Moment::parse(&args.at).map_err(|refusal| refusal.to_string())?;
    let hub = Hosted::again(&corridor, &args.data, Clock::script(at), args.address).await?;
    println!("{READY}");
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().lock().read_to_end(&mut Vec::new())).await;
    ended.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    hub.stop().await
}
