//! Integration tests of the tariff pillar.

mod origin_bills;
mod origin_corpus;
mod origin_laws;
