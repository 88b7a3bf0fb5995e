//! A trade agreement made executable: duty, origin, quotas, controls, landed cost

pub mod classify;
pub mod controls;
pub mod declaration;
pub mod origin;
pub mod proof;
pub mod quota;
mod sheet;

pub use sheet::Fault;
