//! The file of one reply: a mark, a checksum, the length of the head, the head as JSON, the body.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Says what the file is, and which form it has.
const MARK: &[u8] = b"hexide reply 1\n";

const CHECKSUM: usize = 32;

/// A reply that was kept.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) head: Head,
    pub(crate) body: Bytes,
}

/// What is known of it besides its body.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The address that answered, without query.
    pub(crate) url: String,
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) etag: Option<String>,
    /// When the server last said so, in seconds since 1970.
    pub(crate) fetched_at: u64,
}

/// The bytes of the file under that key; `None` for what no file can hold.
pub(super) fn encode(key: &[u8; 32], kept: &Kept) -> Option<Vec<u8>> {
    let head = serde_json::to_vec(&kept.head).ok()?;
    let length = u32::try_from(head.len()).ok()?.to_be_bytes();
    let checksum = checksum(key, [&length, &head, &kept.body]);
    Some([MARK, &checksum, &length, &head, &kept.body].concat())
}

/// The reply in a file, if it is whole and the one that is looked for.
pub(super) fn decode(key: &[u8; 32], file: &Bytes) -> Option<Kept> {
    let (checksum_found, rest) = file.strip_prefix(MARK)?.split_first_chunk::<CHECKSUM>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (head, body) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    if checksum(key, [length, head, body]) != *checksum_found {
        return None;
    }
    Some(Kept { head: serde_json::from_slice(head).ok()?, body: file.slice_ref(body) })
}

/// Over the key, too: a file under another's name is none.
fn checksum(key: &[u8; 32], parts: [&[u8]; 3]) -> [u8; CHECKSUM] {
    let whole = parts.iter().fold(Sha256::new().chain_update(key), |hash, part| hash.chain_update(part));
    whole.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_cut_short_or_changed_anywhere_is_no_reply() {
        let head = Head {
            url: "https://hex.test/names".to_owned(),
            status: 200,
            content_type: None,
            etag: Some("\"abc\"".to_owned()),
            fetched_at: 1,
        };
        let kept = Kept { head, body: Bytes::from_static(b"body") };
        let file = encode(&[7; 32], &kept).unwrap();
        let read = |file: &[u8]| decode(&[7; 32], &Bytes::copy_from_slice(file)).map(|kept| kept.body);
        assert_eq!(read(&file).as_deref(), Some(b"body".as_slice()));
        assert!(decode(&[8; 32], &file.clone().into()).is_none(), "another's name");
        for at in 0..file.len() {
            assert!(read(&file[..at]).is_none(), "cut at {at}");
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(read(&changed).is_none(), "changed at {at}");
        }
    }
}
