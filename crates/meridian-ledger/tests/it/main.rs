//! One binary: tables of transfers, laws, statements.

mod laws;
mod statements;
mod tables;
