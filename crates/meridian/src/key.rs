//! `meridian key`: Ed25519 keys for participants and people, and the signatures that open a link.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use meridian_http::signature::SigningKey;

use crate::answer::Answer;
use crate::corridor_file::{CorridorFile, Files};
use crate::rules::{from_hex, link_text, to_hex};
use crate::trouble::trouble;

/// Arguments of `meridian key`.
///
/// Example: meridian key new bank.key
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a key, keeps it in a new file and prints its public half
    New {
        /// The file; it must not exist
        file: PathBuf,
    },
    /// Prints the public half of a key
    Public {
        /// The file
        file: PathBuf,
    },
    /// Signs a link of a corridor's file; prints the signature for its `signatures`
    SignLink {
        /// The corridor's file
        #[arg(long)]
        config: PathBuf,
        /// The two countries: IN-RU
        #[arg(long)]
        link: String,
        /// The key of whoever signs
        #[arg(long)]
        key: PathBuf,
    },
}

/// Runs `meridian key`.
pub fn run(args: Args) -> Answer {
    let told = match args.command {
        Command::New { file } => new(&file),
        Command::Public { file } => read(&file).map(|key| to_hex(&key.public())),
        Command::SignLink { config, link, key } => sign_link(&config, &link, &key),
    };
    match told {
        Ok(line) => {
            println!("{line}");
            Answer::Done
        }
        Err(why) => Answer::Wrong(why),
    }
}

fn new(file: &Path) -> Result<String, String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut seed = [0; 32];
    std::fs::File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut seed)).map_err(told)?;
    let key = SigningKey::from_seed(&seed).map_err(|refusal| refusal.to_string())?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file).map_err(told)?;
    writeln!(opened, "{}", to_hex(&seed)).map_err(told)?;
    Ok(to_hex(&key.public()))
}

/// The key in a file.
pub(crate) fn read(file: &Path) -> Result<SigningKey, String> {
    let bytes = std::fs::read(file).map_err(|error| trouble(file, &error))?;
    parse(&file.display().to_string(), &bytes)
}

/// A key as its file has it: 64 hexadecimal digits of its seed.
pub(crate) fn parse(name: &str, bytes: &[u8]) -> Result<SigningKey, String> {
    let seed = std::str::from_utf8(bytes).ok().and_then(|text| from_hex(text.trim()));
    let seed = seed.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let seed =
        seed.ok_or_else(|| format!("{name}:1:1: not 64 hexadecimal digits; make one with meridian key new"))?;
    SigningKey::from_seed(&seed).map_err(|refusal| refusal.to_string())
}

fn sign_link(config: &Path, link: &str, key: &Path) -> Result<String, String> {
    let directory = config.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = config.file_name().and_then(|name| name.to_str()).ok_or("--config: name a file")?;
    let file: CorridorFile = Files::of(directory)?.toml(name)?;
    let wanted: Vec<&str> = link.split('-').collect();
    let is_it = |entry: &&crate::corridor_file::LinkEntry| {
        let [a, b] = &entry.countries;
        wanted == [a.as_str(), b.as_str()] || wanted == [b.as_str(), a.as_str()]
    };
    let entry = file.link.iter().find(is_it).ok_or_else(|| format!("{name}: no [[link]] between {link}"))?;
    Ok(to_hex(&read(key)?.sign(link_text(entry).as_bytes())))
}
