//! ISO 20022 messages: schema tables, one validating pass, exact writing
