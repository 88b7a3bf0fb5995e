//! Payment keys: PIN blocks, MACs, DUKPT, TR-31 and the payment HSM.
