//! A trade agreement made executable: duty, origin, quotas, controls, landed cost

pub mod origin;
