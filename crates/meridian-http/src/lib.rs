//! The hub's API and console
