//! Bodies of what an authority says of its licences.

use serde::{Deserialize, Serialize};

/// `POST /v1/licences`: the authority enters a licence, or ends one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "one is read from a request and used at once")]
pub enum LicenceAct {
    /// Leave to move a quantity of goods.
    Issue {
        /// Its number.
        id: String,
        /// The kind of document, as controls name it: `export licence`.
        document: String,
        /// Whose it is.
        holder: String,
        /// For which goods: prefixes of the Harmonised System.
        codes: Vec<String>,
        /// To which countries; empty: any.
        #[serde(default)]
        destinations: Vec<String>,
        /// For which end use; without it any.
        end_use: Option<String>,
        /// How much: `20000`.
        quantity: String,
        /// In which unit: `kg`.
        unit: String,
        /// The first day it may be used.
        from: String,
        /// The first day it may not; without it, it does not end.
        until: Option<String>,
    },
    /// The licence ends.
    Revoke {
        /// Its number.
        id: String,
    },
}
