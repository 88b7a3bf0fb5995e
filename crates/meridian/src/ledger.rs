//! `meridian ledger`: the ledger alone, for whoever has transfers by the thousand.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use meridian_batch::{Ledger, Server, Settings};
use meridian_node::Clock;

use crate::answer::Answer;

/// Arguments of `meridian ledger`.
///
/// Example: meridian ledger .meridian/ledger --listen 127.0.0.1:3001
#[derive(clap::Args)]
pub struct Args {
    /// The ledger's directory; it is made where it is not there
    directory: PathBuf,
    /// Where to listen: an address of this machine alone, for the protocol has no authentication
    #[arg(long, default_value = "127.0.0.1:3001")]
    listen: SocketAddr,
}

/// Runs `meridian ledger` until it is told to stop.
pub fn run(args: &Args) -> Answer {
    let settings = Settings::new(|| Clock::System.now());
    let served =
        Ledger::open(&args.directory, &settings).map_err(|error| error.to_string()).and_then(|ledger| {
            let ledger = Arc::new(ledger);
            Server::start(Arc::clone(&ledger), args.listen)
                .map(|server| (ledger, server))
                .map_err(|error| error.to_string())
        });
    let (_ledger, server) = match served {
        Ok(served) => served,
        Err(why) => return Answer::Wrong(why),
    };
    eprintln!("the ledger in {} is at work on {}", args.directory.display(), server.address());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Answer::Wrong(error.to_string()),
    };
    // Either way it ends: an error here only means that no signal can come.
    drop(runtime.block_on(tokio::signal::ctrl_c()));
    Answer::Done
}
