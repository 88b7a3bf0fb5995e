//! Sanctions screening: Clear, Hit with its reasons, or Unavailable
