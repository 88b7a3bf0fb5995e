//! `meridian serve`: the hub alone, for real use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use meridian_http::client::{Client, Signer};
use meridian_http::{Door, Service, api, router, tls};
use meridian_node::{Clock, Planner};
use meridian_register::Status;
use meridian_terms::Bic;

use crate::answer::Answer;
use crate::corridor_file::{CorridorFile, Files};
use crate::journal_choice::Choice;
use crate::{boot, keeper, people, rules, settlement_file};

/// How often the queue for cover is planned, where anything has changed.
const PLAN_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

/// Arguments of `meridian serve`.
///
/// Example: meridian serve --config corridor/corridor.toml
#[derive(clap::Args)]
pub struct Args {
    /// The corridor's file; networks, tariffs and lists lie beside it
    #[arg(long)]
    config: PathBuf,
    /// Follow the journal, answer reads, and take over when its leader is gone
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
    if !listen.ip().is_loopback() && file.tls.is_none() {
        let next = "name certificate, private_key and authorities in [tls], or listen on loopback";
        return Err(format!("{name}: listen {listen} is not loopback and would be unprotected; {next}"));
    }
    let tls = match &file.tls {
        None => None,
        Some(entry) => {
            let pem = |path: &str| files.get(path);
            let config =
                tls::server(pem(&entry.certificate)?, pem(&entry.private_key)?, pem(&entry.authorities)?);
            Some(config.map_err(|why| format!("{name}: tls: {why}"))?)
        }
    };
    rules::check(name, &file, &files)?;
    settlement_file::commands(name, &file, &files)?;
    let console = file.console.as_deref().map(|text| loopback(name, text)).transpose()?;
    let clock = Clock::System;
    let today = clock.now().day();
    let lists = Arc::new(files.lists(&file.lists, today)?);
    keeper::fit(name, &file, &lists, today)?;
    let credentials = people::credentials(&file, directory);
    let has_people = people::entries(&file).next().is_some();
    let founders = match has_people {
        true => {
            people::with_credentials(&file, &credentials.read()?).map_err(|why| format!("{name}: {why}"))?
        }
        false => Vec::new(),
    };
    if !has_people && let Some(public) = file.public_url.as_deref().filter(|_| file.tls.is_none()) {
        guarded(name, public)?;
    }
    let oracles = files.oracles()?;
    let network = oracles.corridor.as_ref().map_or_else(Arc::default, |corridor| corridor.network.clone());
    let choice = Choice::of(&file, directory)?;
    let (where_it_lies, standby, reader) = (choice.to_string(), args.standby, choice.reader());
    if standby {
        eprintln!("{} follows the journal in {where_it_lies} and waits to take over", file.name);
    }
    // A journal may wait for its medium: never on a thread of the runtime.
    let started = tokio::task::spawn_blocking(move || choice.start(standby, clock)).await;
    let (node, writer) = started.map_err(|error| error.to_string())??;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = file.public_url.clone().unwrap_or_else(|| format!("{scheme}://{listen}"));
    let desk = boot::desk(&file, lists.clone());
    let mut service = boot::service(&node, &file, desk.clone(), network, oracles, url.clone());
    service.statistics.journal = Some(reader);
    // A hub that has people keeps its door, whatever its file says now; a standby has one, whoever it will hear of.
    let is_founded = node.read(|hub| hub.has_people()).await.map_err(|error| error.to_string())?;
    service.door =
        (has_people || is_founded || standby).then(|| Arc::new(meridian_access::Door::at(credentials)));
    // What the file says is put before the hub by the node that leads: at once, or when a standby takes over.
    let begin = async {
        if !node.leads().await {
            return Err("the node has stopped before it led".to_owned());
        }
        let is_founded = node.read(|hub| hub.has_people()).await.map_err(|error| error.to_string())?;
        if is_founded {
            eprintln!("The hub has people: what the file asks for anew waits for them in the office");
        } else {
            for held in boot::set_up(&node, &file, &desk).await? {
                eprintln!("{held}");
            }
            boot::open_windows(&node, name, &file, &files).await?;
            boot::open_links(&node, &file).await?;
            let asked = (file.clone(), files.some(&file.purposes));
            let wanted = node.read(move |hub| rules::wanted(hub, &asked.0, &asked.1));
            for command in wanted.await.map_err(|error| error.to_string())?? {
                boot::ask(&node, command).await?;
            }
            if has_people {
                people::found(&node, &file, founders, ("the corridor's file", Status::Published)).await?;
            }
        }
        let planner = Planner::start(node.clone(), PLAN_EVERY).map_err(|error| error.to_string())?;
        let in_force = node.read(|hub| hub.pay.list_in_force()).await.map_err(|error| error.to_string())?;
        if lists.digest() == in_force.unwrap_or_default() {
            keeper::screen_again(&node, &desk).await?;
        }
        push_all(&file, &files, &service)?;
        let place = (directory.to_owned(), name.to_owned());
        keeper::start(place, file.clone(), files, lists, &service, desk);
        eprintln!("{} is at work on {url}; journal in {where_it_lies}", file.name);
        Ok(planner)
    };
    tokio::pin!(begin);
    let (mut planner, mut listener) = (None, None);
    if !standby {
        // Whoever can connect finds a hub that is set up.
        planner = Some((&mut begin).await?);
        listener = Some(bind(listen, standby).await?);
    }
    // Without TLS everything is on loopback and one door is enough.
    let router = if tls.is_some() { api(service.clone()) } else { router(service.clone()) };
    if let Some(console) = console {
        let operators = bind(console, standby).await?;
        tokio::spawn(meridian_http::serve(
            operators,
            meridian_http::operators(service.clone()),
            Door::default(),
            std::future::pending(),
        ));
        eprintln!("Console and metrics on http://{console}");
    }
    let stop = async {
        // Either way it ends: an error here only means that no signal can come.
        drop(tokio::signal::ctrl_c().await);
    };
    let serve = async {
        let listener = match listener {
            Some(listener) => listener,
            None => bind(listen, standby).await?,
        };
        let door = Door { tls, ..Door::default() };
        meridian_http::serve(listener, router, door, stop).await.map_err(|error| error.to_string())
    };
    tokio::pin!(serve);
    let mut writer = tokio::task::spawn_blocking(move || writer.join());
    loop {
        tokio::select! {
            begun = &mut begin, if planner.is_none() => planner = Some(begun?),
            served = &mut serve => {
                served?;
                break;
            }
            ended = &mut writer => {
                let why = ended.map_err(|error| error.to_string())?.map_err(|_| "the writer has panicked".to_owned())?;
                return why.map(|()| Answer::Done);
            }
        }
    }
    node.stop();
    Ok(Answer::Done)
}

/// Listens; a standby waits for an address that its leader still has, on one machine.
async fn bind(address: std::net::SocketAddr, standby: bool) -> Result<tokio::net::TcpListener, String> {
    loop {
        match tokio::net::TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) if standby && error.kind() == std::io::ErrorKind::AddrInUse => {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            Err(error) => return Err(format!("{address}: {error}")),
        }
    }
}

fn loopback(name: &str, text: &str) -> Result<std::net::SocketAddr, String> {
    let address: std::net::SocketAddr = text.parse().map_err(|error| format!("{name}: console: {error}"))?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err(format!("{name}: console {address}: it speaks without TLS and stays on loopback")),
    }
}

/// Without people nobody signs in: the console must not be reached through somebody's proxy.
fn guarded(name: &str, public: &str) -> Result<(), String> {
    let host = public.split_once("://").map_or(public, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host);
    let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare).trim_matches(['[', ']']);
    let is_loopback =
        bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_loopback {
        return Ok(());
    }
    Err(format!(
        "{name}: public_url {public} is not loopback and nobody could sign in, so the console would be unprotected; \
         name the hub's people in [[person]] with roles, or speak TLS"
    ))
}

/// Starts pushing to every participant that has an endpoint.
fn push_all(file: &CorridorFile, files: &Files, service: &Service) -> Result<(), String> {
    for entry in &file.participant {
        let Some(endpoint) = &entry.endpoint else { continue };
        let told = |why: String| format!("{}: endpoint: {why}", entry.bic);
        let seed =
            file.hub_key.as_deref().ok_or_else(|| told("no hub_key; what is pushed is signed".into()))?;
        let key = Some(Arc::new(crate::key::parse(seed, files.get(seed)?)?));
        let split = endpoint.match_indices('/').nth(2).map_or(endpoint.len(), |(at, _)| at);
        let (base, path) = endpoint.split_at(split);
        let tls = match &file.tls {
            Some(entry) => {
                let pem = |path: &str| files.get(path);
                Some(tls::client(
                    pem(&entry.certificate)?,
                    pem(&entry.private_key)?,
                    pem(&entry.authorities)?,
                )?)
            }
            None => None,
        };
        let client = Client::new(base, Signer { bic: file.hub.clone(), key }, tls).map_err(told)?;
        let to = Bic::parse(&entry.bic).map_err(|refusal| refusal.to_string())?;
        let path = if path.is_empty() { "/" } else { path };
        tokio::spawn(meridian_http::push(service.clone(), to, path.to_owned(), client));
    }
    Ok(())
}
