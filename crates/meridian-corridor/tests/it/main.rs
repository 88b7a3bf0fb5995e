//! The corridor's tests: laws over small random networks, tables of cases, the shipped pack, published figures.

mod laws;
mod pack;
mod rules;
mod world;
