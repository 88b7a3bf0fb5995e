//! Settlement windows, nets, and the queue that settles most with least
