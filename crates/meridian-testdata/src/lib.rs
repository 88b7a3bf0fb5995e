//! Where the real-world test data lies.
//!
//! Tests run against schemas, tariffs, card vectors and watch lists that are not part of this repository.
//! They lie in `MERIDIAN_TEST_DATA`, or beside the checkout in `../shared/data`. A test that cannot find them
//! says so and passes, except where `MERIDIAN_TEST_DATA` is set: whoever names a folder wants the tests run.

use std::path::PathBuf;

mod bent;
pub mod postgres;

pub use bent::{bent, runs};

/// The file or folder `name` below the test data, or `None` (after printing `skipped: no test data`).
///
/// # Panics
/// When `MERIDIAN_TEST_DATA` is set and the data is not there.
pub fn find(name: &str) -> Option<PathBuf> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::var_os("MERIDIAN_TEST_DATA").map(PathBuf::from);
    let root = match &named {
        Some(folder) if folder.is_absolute() => folder.clone(),
        Some(folder) => workspace.join(folder),
        None => workspace.join("../shared/data"),
    };
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(named.is_none(), "MERIDIAN_TEST_DATA is set, but {} is not there", path.display());
    eprintln!("skipped: no test data ({name})");
    None
}
