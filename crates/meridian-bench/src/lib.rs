//! Our figures, each with its physical limit in the same run
