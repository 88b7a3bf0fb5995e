//! The credentials' file: JSON, readable by its owner alone, replaced as a whole.
//!
//! A person has up to two credentials in it: the one in use, and its successor, which opens nothing until two people have
//! approved it. The people's book says which of them holds, by fingerprint.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use meridian_people::PersonId;

use crate::Credential;

/// Where credentials are kept.
#[derive(Debug, Clone)]
pub struct CredentialFile {
    path: PathBuf,
}

impl CredentialFile {
    /// The file at a path; it need not exist yet.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds; nothing where it does not exist.
    ///
    /// # Errors
    /// File, line and column of what cannot be read; others may read it.
    pub fn read(&self) -> Result<BTreeMap<PersonId, Vec<Credential>>, String> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(format!("{}: {error}", self.path.display())),
        };
        self.is_private()?;
        let by_name: BTreeMap<String, Vec<Credential>> = serde_json::from_slice(&bytes).map_err(|error| {
            format!("{}:{}:{}: {error}", self.path.display(), error.line(), error.column())
        })?;
        Ok(by_name.into_iter().map(|(name, credentials)| (PersonId(name), credentials)).collect())
    }

    /// Puts a credential behind the person's earlier one, which stays until the next is put: written beside, made durable,
    /// renamed.
    ///
    /// # Errors
    /// What the file system said.
    pub fn put(&self, person: &PersonId, credential: Credential) -> Result<(), String> {
        self.keep(person, credential, |_| true)
    }

    /// Puts a credential, keeping only those of the earlier ones that are still in use.
    ///
    /// # Errors
    /// What the file system said.
    pub fn keep(
        &self,
        person: &PersonId,
        credential: Credential,
        is_in_use: impl Fn(&Credential) -> bool,
    ) -> Result<(), String> {
        let mut all = self.read()?;
        let own = all.entry(person.clone()).or_default();
        own.retain(|known| *known != credential && is_in_use(known));
        own.push(credential);
        let too_many = own.len().saturating_sub(2);
        own.drain(..too_many);
        let by_name: BTreeMap<&str, &Vec<Credential>> =
            all.iter().map(|(person, credentials)| (person.0.as_str(), credentials)).collect();
        let bytes = serde_json::to_vec_pretty(&by_name).map_err(|error| error.to_string())?;
        let beside = self.path.with_extension("new");
        let told = |error: std::io::Error| format!("{}: {error}", beside.display());
        let mut file = private(&beside).map_err(told)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(told)?;
        std::fs::rename(&beside, &self.path).map_err(told)?;
        let folder =
            self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(told)
    }

    #[cfg(unix)]
    fn is_private(&self) -> Result<(), String> {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&self.path).map_err(|error| error.to_string())?.permissions().mode();
        if mode & 0o077 == 0 {
            return Ok(());
        }
        Err(format!("{}: others may read it; run chmod 600 on it", self.path.display()))
    }

    #[cfg(not(unix))]
    fn is_private(&self) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::File::create(path)
}
