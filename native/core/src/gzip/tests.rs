use std::io::{Read as _, Write as _};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::{Fault, Member, compress, inflate, inflate_at_once};

fn stream(bytes: &[u8], limit: Option<u64>) -> Result<Vec<u8>, Fault> {
    let mut member = Member::new(bytes, limit)?;
    let mut out = Vec::new();
    match member.read_to_end(&mut out) {
        Ok(_) => Ok(out),
        Err(_) => Err(member.fault().unwrap()),
    }
}

#[test]
fn a_limit_is_the_first_size_that_passes() {
    let bytes = compress(&[7; 1000]).unwrap();
    for read in [stream, inflate] {
        assert_eq!(read(&bytes, Some(1000)), Ok(vec![7; 1000]));
        assert_eq!(read(&bytes, Some(999)), Err(Fault::TooLarge(999)));
        assert_eq!(read(&bytes, Some(0)), Err(Fault::TooLarge(0)));
    }
    assert_eq!(inflate(&compress(b"").unwrap(), Some(0)), Ok(Vec::new()));
}

#[test]
fn a_claimed_length_allocates_no_more_than_the_bytes_could_hold() {
    let mut bytes = compress(b"small").unwrap();
    let length = bytes.len();
    bytes[length - 4..].copy_from_slice(&(15_u32 << 20).to_le_bytes());
    assert_eq!(inflate_at_once(&bytes, None), None);
    assert_eq!(inflate(&bytes, None), Err(Fault::Corrupt));
}

#[test]
fn what_follows_a_member_is_seen_both_ways() {
    let one = compress(b"content").unwrap();
    let two = [one.as_slice(), &one].concat();
    assert_eq!(inflate_at_once(&two, None), None);
    assert_eq!(inflate(&two, None), Err(Fault::Trailing));
    assert_eq!(inflate(&[one.as_slice(), b"\0"].concat(), None), Err(Fault::Trailing));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_of_inflating_agree(
        content in prop::collection::vec(0..8_u8, 0..20_000),
        level in 0..10_u32,
        change in proptest::option::of((any::<prop::sample::Index>(), 1..=255_u8)),
    ) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(&content).unwrap();
        let by_zlib = encoder.finish().unwrap();
        let by_libdeflate = compress(&content).unwrap();
        for mut bytes in [by_zlib, by_libdeflate] {
            if let Some((index, bits)) = change {
                let at = index.index(bytes.len());
                bytes[at] ^= bits;
            }
            prop_assert_eq!(inflate(&bytes, None), stream(&bytes, None));
            if change.is_none() {
                prop_assert_eq!(stream(&bytes, None), Ok(content.clone()));
            }
        }
    }
}
