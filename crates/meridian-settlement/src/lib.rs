//! Windows, nets and queues: settlement with the least liquidity.
