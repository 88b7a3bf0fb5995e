//! One binary: the contract for every engine, crashes by the thousand, damage.

mod contract;
mod crashes;
mod damage;
