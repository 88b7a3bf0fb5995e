//! National card schemes accept each other
