//! A trade agreement made executable: duty, origin, quotas, controls, landed cost

pub mod assess;
pub mod bulk;
pub mod classify;
pub mod controls;
pub mod declaration;
pub mod diff;
pub mod duty;
pub mod import;
pub mod measure;
pub mod origin;
pub mod pack;
pub mod policy;
pub mod proof;
pub mod quota;
mod sheet;
mod tables;

pub use sheet::Fault;
pub use tables::Tables;
