//! A seeded world of crashes, torn writes and lost messages
