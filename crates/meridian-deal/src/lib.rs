//! The deal: contract, milestones, payout, statistics
