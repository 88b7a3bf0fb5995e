//! A file somebody named that cannot be used: which, why, and what to do about it.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// `orders.json: there is no such file; check the name, and the directory you are in`.
pub(crate) fn trouble(path: impl AsRef<Path>, error: &Error) -> String {
    let path = path.as_ref();
    let other = error.to_string();
    let (what, next) = match error.kind() {
        ErrorKind::NotFound
            if path.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && !parent.is_dir()) =>
        {
            ("its directory is not there", "make the directory, or check the name")
        }
        ErrorKind::NotFound => ("there is no such file", "check the name, and the directory you are in"),
        ErrorKind::PermissionDenied => {
            ("this user may not open it", "give the user the right, or name another file")
        }
        ErrorKind::IsADirectory => ("it is a directory", "name a file in it"),
        ErrorKind::NotADirectory => ("a part of it is a file", "name a directory"),
        ErrorKind::InvalidData => ("it is not UTF-8 text", "save it as UTF-8, or name another file"),
        ErrorKind::StorageFull => ("the disk is full", "make room, or name another disk"),
        _ => (other.as_str(), "see that the file can be read and written, then try again"),
    };
    format!("{}: {what}; {next}", path.display())
}

#[cfg(test)]
mod tests {
    use super::trouble;

    #[test]
    fn a_missing_file_is_told_with_the_next_step() {
        let error = std::fs::read("nothing.json").unwrap_err();
        let told = trouble("nothing.json", &error);
        assert_eq!(told, "nothing.json: there is no such file; check the name, and the directory you are in");
        let error = std::fs::write("/no/such/place/x", "").unwrap_err();
        let told = trouble("/no/such/place/x", &error);
        assert_eq!(
            told,
            "/no/such/place/x: its directory is not there; make the directory, or check the name"
        );
    }
}
