//! What the console answers from: tariffs and the network, immutable once loaded.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_corridor::{Network, Overlay};
use meridian_tariff::Tables;
use meridian_tariff::classify::Index;
use meridian_tariff::pack::Pack;

/// Every tariff and the network. What is not there has no page.
#[derive(Debug, Clone, Default)]
pub struct Oracles {
    /// Tariffs by the importing territory's ISO 3166 code.
    pub tariffs: BTreeMap<String, Tariff>,
    /// The network with its what-ifs.
    pub corridor: Option<Corridor>,
}

/// One territory's tariff.
#[derive(Debug, Clone)]
pub struct Tariff {
    /// Its duties.
    pub pack: Pack,
    /// Agreements, origin, proofs, controls, quotas.
    pub tables: Tables,
    /// Its descriptions, to be found by words.
    pub index: Index,
}

impl Tariff {
    /// A tariff with the index over its descriptions.
    #[must_use]
    pub fn new(pack: Pack, tables: Tables) -> Self {
        let index = Index::of_pack(&pack);
        Self { pack, tables, index }
    }
}

/// A network and the what-ifs that may be laid over it.
#[derive(Debug, Clone)]
pub struct Corridor {
    /// The network.
    pub network: Arc<Network>,
    /// What-ifs by the name of their file, without its ending.
    pub overlays: BTreeMap<String, Overlay>,
}
