//! `meridian serve`: the hub alone, for real use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use meridian_node::Clock;

use crate::answer::Answer;
use crate::boot;
use crate::corridor_file::{CorridorFile, Files};
use crate::journal_choice::Choice;

/// Arguments of `meridian serve`.
///
/// Example: meridian serve --config corridor/corridor.toml
#[derive(clap::Args)]
pub struct Args {
    /// The corridor's file; networks, tariffs and lists lie beside it
    #[arg(long)]
    config: PathBuf,
    /// Follow the journal and take over when its leader is gone
    #[arg(long)]
    standby: bool,
}

/// Runs `meridian serve`.
pub fn run(args: Args) -> Answer {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Answer::Wrong(error.to_string()),
    };
    runtime.block_on(go(&args)).unwrap_or_else(Answer::Wrong)
}

async fn go(args: &Args) -> Result<Answer, String> {
    let directory =
        args.config.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = args.config.file_name().and_then(|name| name.to_str()).ok_or("--config: name a file")?;
    let files = Files::of(directory)?;
    let file: CorridorFile = files.toml(name)?;
    let missing = |key: &str| format!("{name}:1:1: no {key}; meridian serve needs it");
    if file.is_example {
        return Err(format!("{name}: is_example is set; an example is run with meridian up"));
    }
    let listen: std::net::SocketAddr = file
        .listen
        .as_deref()
        .ok_or_else(|| missing("listen"))?
        .parse()
        .map_err(|error| format!("{name}: listen: {error}; write it like 127.0.0.1:8080"))?;
    if !listen.ip().is_loopback() {
        let next = "listen on loopback behind a proxy that ends TLS, until the hub's own TLS is configured";
        return Err(format!("{name}: listen {listen} is not loopback and would be unprotected; {next}"));
    }
    let clock = Clock::System;
    let today = clock.now().day();
    let lists = Arc::new(files.lists(&file.lists, today)?);
    if lists.lists().is_empty() {
        return Err(format!(
            "{name}: lists is empty; screening fails closed, so name at least one watch list"
        ));
    }
    if lists.has_test_list() {
        return Err(format!(
            "{name}: a watch list is marked TEST; real payments are screened against real lists"
        ));
    }
    let oldest = file.oldest_list_days.ok_or_else(|| missing("oldest_list_days"))?;
    for list in lists.lists() {
        if today.number() - list.published.number() > oldest {
            return Err(format!(
                "{name}: the list {} is of {}, older than {oldest} days; fetch it again",
                list.name, list.published
            ));
        }
    }
    let network = Arc::new(files.network().unwrap_or_default());
    let choice = Choice::of(&file, directory)?;
    let (where_it_lies, standby) = (choice.to_string(), args.standby);
    if standby {
        eprintln!("{} follows the journal in {where_it_lies} and waits to take over", file.name);
    }
    // A journal may wait for its medium: never on a thread of the runtime.
    let started = tokio::task::spawn_blocking(move || choice.start(standby, clock)).await;
    let (node, writer) = started.map_err(|error| error.to_string())??;
    boot::set_up(&node, &file, &lists).await?;
    boot::open_links(&node, &file).await?;
    let listener =
        tokio::net::TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    let url = file.public_url.clone().unwrap_or_else(|| format!("http://{listen}"));
    let service = boot::service(&node, &file, lists, network, url.clone());
    eprintln!("{} is at work on {url}; journal in {where_it_lies}", file.name);
    let serve = axum::serve(listener, meridian_http::router(service)).with_graceful_shutdown(async {
        // Either way it ends: an error here only means that no signal can come.
        drop(tokio::signal::ctrl_c().await);
    });
    let writer = tokio::task::spawn_blocking(move || writer.join());
    tokio::select! {
        served = serve => served.map_err(|error| error.to_string())?,
        ended = writer => {
            let why = ended.map_err(|error| error.to_string())?.map_err(|_| "the writer has panicked".to_owned())?;
            return why.map(|()| Answer::Done);
        }
    }
    node.stop();
    Ok(Answer::Done)
}
