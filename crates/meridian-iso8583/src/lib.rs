//! ISO 8583 messages: a dialect is data
