//! `meridian person`: what the hub's people sign in with.
//!
//! A credential is made here and lies in the credentials' file alone. The first ones count when the hub is founded; every
//! later one opens nothing until two people have approved it in the office, where its fingerprint is shown.

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use meridian_access::{CredentialFile, Fresh, fresh};
use meridian_people::PersonId;
use serde_json::json;

use crate::answer::Answer;
use crate::corridor_file::{CorridorFile, Files};
use crate::people;

/// Arguments of `meridian person`.
///
/// Example: meridian person add amina --config corridor/corridor.toml
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args)]
struct Whose {
    /// The person's id, as [[person]] has it
    person: String,
    /// The corridor's file
    #[arg(long)]
    config: PathBuf,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a person's first credential; the password is asked for, or the first line of standard input
    Add(Whose),
    /// Another password; the authenticator stays
    Password(Whose),
    /// Another secret for the authenticator; the password stays
    Totp(Whose),
    /// Who there is, with which roles and credentials
    List {
        /// The corridor's file
        #[arg(long)]
        config: PathBuf,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Runs `meridian person`.
pub fn run(args: &Args) -> Answer {
    let told = match &args.command {
        Command::Add(whose) => add(whose),
        Command::Password(whose) => password(whose),
        Command::Totp(whose) => totp(whose),
        Command::List { config, json } => list(config, *json),
    };
    told.map_or_else(Answer::Wrong, |()| Answer::Done)
}

/// The corridor's file, and the credentials beside it.
fn open(config: &Path) -> Result<(CorridorFile, CredentialFile), String> {
    let directory = config.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = config.file_name().and_then(|name| name.to_str()).ok_or("--config: name a file")?;
    let file: CorridorFile = Files::of(directory)?.toml(name)?;
    let credentials = people::credentials(&file, directory);
    Ok((file, credentials))
}

/// The person, who must be in the corridor's file.
fn known(whose: &Whose) -> Result<(PersonId, CredentialFile), String> {
    let (file, credentials) = open(&whose.config)?;
    let ids: Vec<PersonId> = people::entries(&file)
        .map(people::read)
        .map(|read| read.map(|(id, _)| id))
        .collect::<Result<_, _>>()?;
    let id = PersonId(whose.person.clone());
    if !ids.contains(&id) {
        let config = whose.config.display();
        return Err(format!("{config}: no [[person]] with roles has the id {id}; add id, name and roles"));
    }
    Ok((id, credentials))
}

fn add(whose: &Whose) -> Result<(), String> {
    let (id, file) = known(whose)?;
    if file.read()?.contains_key(&id) {
        return Err(format!("{id} has a credential; use meridian person password or meridian person totp"));
    }
    let made = fresh(&id.0, &asked_password(&id)?).map_err(|refusal| refusal.to_string())?;
    file.put(&id, made.credential.clone())?;
    tell(whose, &id, &made.credential.fingerprint(), Some(&made))
}

fn password(whose: &Whose) -> Result<(), String> {
    let (id, file) = known(whose)?;
    let newest = newest(&file, &id)?;
    let made = newest.with_password(&asked_password(&id)?).map_err(|refusal| refusal.to_string())?;
    file.put(&id, made.clone())?;
    tell(whose, &id, &made.fingerprint(), None)
}

fn totp(whose: &Whose) -> Result<(), String> {
    let (id, file) = known(whose)?;
    let made = newest(&file, &id)?.with_fresh_secret(&id.0).map_err(|refusal| refusal.to_string())?;
    file.put(&id, made.credential.clone())?;
    tell(whose, &id, &made.credential.fingerprint(), Some(&made))
}

fn newest(file: &CredentialFile, id: &PersonId) -> Result<meridian_access::Credential, String> {
    let all = file.read()?;
    let newest = all.get(id).and_then(|own| own.last()).cloned();
    newest.ok_or_else(|| format!("{id} has no credential yet; use meridian person add"))
}

/// The password: asked for twice at a terminal without showing it, otherwise the first line of standard input.
fn asked_password(id: &PersonId) -> Result<String, String> {
    if std::io::stdin().is_terminal() {
        let ask = |prompt: String| rpassword::prompt_password(prompt).map_err(|error| error.to_string());
        let first = ask(format!("Password of {id}: "))?;
        return match ask("Once more: ".into())? == first {
            true => Ok(first),
            false => Err("the two are not the same; try again".into()),
        };
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| error.to_string())?;
    let line = line.trim_end_matches(['\n', '\r']).to_owned();
    if line.is_empty() { Err("no password on standard input".into()) } else { Ok(line) }
}

fn tell(whose: &Whose, id: &PersonId, fingerprint: &[u8; 32], made: Option<&Fresh>) -> Result<(), String> {
    let fingerprint = blake3::Hash::from(*fingerprint).to_hex().to_string();
    if whose.json {
        let enrolment = made.map(|made| made.enrolment.as_str());
        println!("{}", json!({"person": id.0, "fingerprint": fingerprint, "enrolment": enrolment}));
        return Ok(());
    }
    if let Some(made) = made {
        println!("{}", made.enrolment.as_str());
        eprintln!("That is for {id}'s authenticator; it is not shown again.");
    }
    println!("{fingerprint}");
    eprintln!(
        "The fingerprint of the credential. A hub that is founded takes it when two people have approved it in the office."
    );
    Ok(())
}

fn list(config: &Path, is_json: bool) -> Result<(), String> {
    let (file, credentials) = open(config)?;
    let credentials = credentials.read()?;
    let mut rows = Vec::new();
    for entry in people::entries(&file) {
        let (id, roles) = people::read(entry)?;
        let roles: Vec<&str> = roles.iter().map(|role| role.word()).collect();
        let own = credentials.get(&id).map_or(&[][..], Vec::as_slice);
        let prints: Vec<String> =
            own.iter().map(|one| blake3::Hash::from(one.fingerprint()).to_hex().to_string()).collect();
        rows.push(json!({"person": id.0, "name": entry.name, "roles": roles, "fingerprints": prints}));
    }
    if is_json {
        println!("{}", serde_json::Value::Array(rows));
        return Ok(());
    }
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or("").to_owned();
        let roles: Vec<&str> =
            row["roles"].as_array().into_iter().flatten().filter_map(|role| role.as_str()).collect();
        let count = row["fingerprints"].as_array().map_or(0, Vec::len);
        println!("{}\t{}\t{}\t{count} credentials", text("person"), text("name"), roles.join(", "));
    }
    Ok(())
}
