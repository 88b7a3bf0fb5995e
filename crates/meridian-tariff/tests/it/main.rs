//! Integration tests of the tariff pillar.

mod origin_corpus;
