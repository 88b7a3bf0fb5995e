//! Payments across two currencies: both legs or none
