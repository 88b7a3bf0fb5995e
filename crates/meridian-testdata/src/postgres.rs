//! Real PostgreSQL servers for tests and benches: a primary, and standbys that follow it.
//!
//! They come from the machine's own packages (Debian's `postgresql`), run as an unprivileged user on a Unix socket and a
//! loopback port in a directory that goes with them, and end with it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A running server.
pub struct Postgres {
    binaries: PathBuf,
    data: PathBuf,
    port: u16,
}

/// Where `initdb` lies, if PostgreSQL is installed.
#[must_use]
pub fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    versions.into_iter().rev().find(|path| path.join("initdb").exists())
}

impl Postgres {
    /// A new primary below `directory`, with these lines in its configuration. Fsync is on, as a bank has it.
    ///
    /// # Errors
    /// In words, also when PostgreSQL is not installed.
    pub fn primary(directory: &Path, name: &str, lines: &str) -> Result<Self, String> {
        let server = Self::at(directory, name)?;
        let data = server.data.display().to_string();
        server.tool(
            "initdb",
            &["-D", &data, "-A", "trust", "-U", "postgres", "-k", "-N", "-E", "UTF8", "--locale=C"],
        )?;
        let hba =
            "local all all trust\nhost all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n";
        fs::write(server.data.join("pg_hba.conf"), hba).map_err(|error| error.to_string())?;
        server.start(lines)?;
        Ok(server)
    }

    /// A new standby of this server, following as `name`.
    ///
    /// # Errors
    /// In words.
    pub fn standby(&self, directory: &Path, name: &str, lines: &str) -> Result<Self, String> {
        let server = Self::at(directory, name)?;
        let (data, port) = (server.data.display().to_string(), self.port.to_string());
        let from = [
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-U",
            "postgres",
            "-D",
            &data,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
        ];
        server.tool("pg_basebackup", &from)?;
        let follow = format!(
            "primary_conninfo = 'host=127.0.0.1 port={port} user=postgres application_name={name}'\n{lines}"
        );
        server.start(&follow)?;
        Ok(server)
    }

    fn at(directory: &Path, name: &str) -> Result<Self, String> {
        let binaries = binaries().ok_or("PostgreSQL is not installed")?;
        let data = directory.join(name);
        fs::create_dir_all(&data).map_err(|error| error.to_string())?;
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).map_err(|error| error.to_string())?;
        if is_root() {
            // PostgreSQL refuses to run as root.
            let (user, group) = postgres_user().ok_or("there is no user postgres to run it as")?;
            for path in [directory, &data] {
                chown(path, Some(user), Some(group)).map_err(|error| error.to_string())?;
            }
        }
        // The port is free now; whoever takes it in between makes the start fail, loudly.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        Ok(Self { binaries, data, port: port.map_err(|error| error.to_string())?.port() })
    }

    fn start(&self, lines: &str) -> Result<(), String> {
        let fixed = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\nlogging_collector = off\n",
            self.port,
            self.data.display()
        );
        let conf = self.data.join("postgresql.auto.conf");
        fs::write(&conf, format!("{fixed}{lines}\n")).map_err(|error| error.to_string())?;
        if is_root()
            && let Some((user, group)) = postgres_user()
        {
            chown(&conf, Some(user), Some(group)).map_err(|error| error.to_string())?;
        }
        let (data, log) =
            (self.data.display().to_string(), self.data.join("server.log").display().to_string());
        self.tool("pg_ctl", &["-D", &data, "-l", &log, "-w", "-t", "60", "start"]).map(drop)
    }

    /// Starts a stopped server again, with these lines in its configuration.
    ///
    /// # Errors
    /// In words.
    pub fn start_again(&self, lines: &str) -> Result<(), String> {
        self.start(lines)
    }

    /// Runs one of PostgreSQL's programs as its user; its standard output.
    ///
    /// # Errors
    /// What it said.
    pub fn tool(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let path = self.binaries.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        // The server inherits what pg_ctl has: a pipe would never end.
        if program == "pg_ctl" {
            let status =
                command.args(arguments).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).status();
            return match status {
                Ok(status) if status.success() => Ok(String::new()),
                other => Err(format!("{program}: {other:?}; {}", self.last_words())),
            };
        }
        let done = command.args(arguments).current_dir("/").output();
        let Output { status, stdout, stderr } = done.map_err(|error| format!("{program}: {error}"))?;
        if status.success() {
            return Ok(String::from_utf8_lossy(&stdout).into_owned());
        }
        Err(format!("{program}: {}", String::from_utf8_lossy(&stderr)))
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.data.join("server.log")).unwrap_or_default();
        let from = log.len().saturating_sub(600);
        log.get(from..).unwrap_or_default().to_owned()
    }

    /// Runs statements; what they print, unaligned.
    ///
    /// # Errors
    /// What the server said.
    pub fn sql(&self, statements: &str) -> Result<String, String> {
        let port = self.port.to_string();
        let printed = self.tool(
            "psql",
            &[
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-U",
                "postgres",
                "-d",
                "postgres",
                "-v",
                "ON_ERROR_STOP=1",
                "-XqtAc",
                statements,
            ],
        )?;
        Ok(printed.trim().to_owned())
    }

    /// Where it listens on loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// For a client: host, port, user, database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("host=127.0.0.1 port={} user=postgres dbname=postgres", self.port)
    }

    /// Kill -9 of the whole server: the postmaster and every process it started.
    pub fn kill(&self) {
        let pid = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        let Some(pid) = pid.lines().next().and_then(|line| line.trim().parse::<u32>().ok()) else { return };
        let children = Command::new("ps").args(["--ppid", &pid.to_string(), "-o", "pid="]).output();
        let children =
            children.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
        let all = std::iter::once(pid.to_string()).chain(children.split_whitespace().map(str::to_owned));
        drop(Command::new("kill").arg("-9").args(all).stderr(Stdio::null()).status());
    }

    /// Makes a standby the primary.
    ///
    /// # Errors
    /// What it said.
    pub fn promote(&self) -> Result<(), String> {
        let data = self.data.display().to_string();
        self.tool("pg_ctl", &["-D", &data, "-w", "-t", "60", "promote"]).map(drop)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data.display().to_string();
        if self.data.join("postmaster.pid").exists()
            && self.tool("pg_ctl", &["-D", &data, "-m", "immediate", "-t", "20", "stop"]).is_err()
        {
            self.kill();
        }
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// The user and group ids of `postgres`.
fn postgres_user() -> Option<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.starts_with("postgres:"))?;
    let mut ids = line.split(':').skip(2);
    Some((ids.next()?.parse().ok()?, ids.next()?.parse().ok()?))
}
