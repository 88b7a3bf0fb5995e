//! The double-entry ledger: pending, posted, voided; the sum of every currency is zero
