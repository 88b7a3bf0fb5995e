//! Frames and transfers, bent: none panics, and what is read is written to the same bytes.

use meridian_batch::{
    FRAME_BYTES, Head, LARGEST_BODY, Operation, Reply, parse_transfer, read_balances, write_transfer,
};
use meridian_testdata::{bent, runs};

use crate::world::request;

#[test]
fn no_frame_panics_and_what_is_read_is_written_the_same() {
    let transfers = request(3, |n| u128::from(n) + 1);
    let mut body = Vec::new();
    transfers.iter().for_each(|transfer| write_transfer(transfer, 0, &mut body));
    let mut samples: Vec<Vec<u8>> = body.chunks_exact(128).map(<[u8]>::to_vec).collect();
    samples.push(Head::of(Operation::Transfer, 7, &body).write().to_vec());
    samples.push(Head::of(Operation::History, u64::MAX, b"abc").write().to_vec());
    samples.push(vec![9; 30]);
    bolero::check!().with_iterations(runs(20_000)).with_max_len(16).for_each(move |recipe: &[u8]| {
        let (_, bytes) = bent(&samples, recipe);
        if let Some(head) = bytes.first_chunk::<FRAME_BYTES>()
            && let Ok(read) = Head::read(head)
        {
            assert!(read.length <= LARGEST_BODY);
            assert_eq!(Head::read(&read.write()), Ok(read));
        }
        if let Ok(transfer) = parse_transfer(&bytes) {
            let mut written = Vec::new();
            write_transfer(&transfer, 0, &mut written);
            assert_eq!(parse_transfer(&written), Ok(transfer));
        }
        let _ = (Reply::read(&bytes), read_balances(&bytes));
    });
}
