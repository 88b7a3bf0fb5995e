//! The one writer: all books in one state, journal, outbox, timers, views
