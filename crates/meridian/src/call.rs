//! `meridian call`: one signed request to a hub, as a participant's gateway would make it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use meridian_http::client::{Call, Client, Signer};
use meridian_http::tls;
use meridian_node::Clock;

use crate::answer::Answer;
use crate::key;
use crate::trouble::trouble;

/// Arguments of `meridian call`.
///
/// Example: meridian call --hub http://127.0.0.1:8080 --as XONERUMM --key bank.key POST /v1/quotes quote.json
#[derive(clap::Args)]
pub struct Args {
    /// The hub's address
    #[arg(long)]
    hub: String,
    /// Who calls: a participant's BIC
    #[arg(long = "as")]
    bic: String,
    /// The participant's key
    #[arg(long)]
    key: PathBuf,
    /// Makes it happen once, however often it is sent
    #[arg(long)]
    idempotency_key: Option<String>,
    /// The participant's TLS certificate, PEM
    #[arg(long, requires_all = ["private_key", "authorities"])]
    certificate: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long)]
    private_key: Option<PathBuf>,
    /// Who signs the hub's certificate, PEM
    #[arg(long)]
    authorities: Option<PathBuf>,
    /// GET, POST, PUT or DELETE
    method: String,
    /// The path: /v1/mailbox?after=0
    path: String,
    /// The body's file; - is standard input
    body: Option<PathBuf>,
}

/// Runs `meridian call`.
pub fn run(args: Args) -> Answer {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Answer::Wrong(error.to_string()),
    };
    runtime.block_on(go(&args)).unwrap_or_else(Answer::Wrong)
}

async fn go(args: &Args) -> Result<Answer, String> {
    let body = match &args.body {
        None => Vec::new(),
        Some(file) if file == Path::new("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            bytes
        }
        Some(file) => read(file)?,
    };
    let kind = if body.first() == Some(&b'<') { "application/xml" } else { "application/json" };
    let tls = match (&args.certificate, &args.private_key, &args.authorities) {
        (Some(certificate), Some(private_key), Some(authorities)) => {
            Some(tls::client(&read(certificate)?, &read(private_key)?, &read(authorities)?)?)
        }
        _ => None,
    };
    let signer = Signer { bic: args.bic.clone(), key: Some(Arc::new(key::read(&args.key)?)) };
    let mut client = Client::new(&args.hub, signer, tls)?;
    let method = args.method.to_ascii_uppercase();
    let call = Call {
        method: &method,
        path: &args.path,
        kind,
        headers: &[],
        idempotency_key: args.idempotency_key.as_deref(),
        body: body.into(),
    };
    let (status, answer) = client.call(&call, Clock::System.now()).await?;
    let mut out = std::io::stdout().lock();
    out.write_all(&answer).and_then(|()| out.write_all(b"\n")).map_err(|error| error.to_string())?;
    Ok(if status < 300 { Answer::Done } else { Answer::Refused })
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| trouble(file, &error))
}
