//! Bytes as hexadecimal text.

/// The two digits of each byte.
#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn pairs(digits: &[u8; 16]) -> [[u8; 2]; 256] {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
}

static LOWER: [[u8; 2]; 256] = pairs(b"0123456789abcdef");
static UPPER: [[u8; 2]; 256] = pairs(b"0123456789ABCDEF");

/// Bytes in lower case.
#[must_use]
pub fn lower(bytes: &[u8]) -> String {
    text(&LOWER, bytes)
}

/// Bytes in upper case.
#[must_use]
pub fn upper(bytes: &[u8]) -> String {
    text(&UPPER, bytes)
}

/// Writes bytes in lower case into `text`, as far as it is long enough: each takes two.
pub fn write_lower(bytes: &[u8], text: &mut [u8]) {
    write(&LOWER, bytes, text);
}

/// A SHA-256 checksum from its text, in either case.
#[must_use]
pub fn checksum(text: &str) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_bytes().as_chunks() else { return None };
    let pairs: &[[u8; 2]; 32] = pairs.try_into().ok()?;
    let mut bytes = [0; 32];
    for (place, [high, low]) in bytes.iter_mut().zip(pairs) {
        *place = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn text(pairs: &[[u8; 2]; 256], bytes: &[u8]) -> String {
    let mut text = vec![0; bytes.len() * 2];
    write(pairs, bytes, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

fn write(pairs: &[[u8; 2]; 256], bytes: &[u8], text: &mut [u8]) {
    let (places, _) = text.as_chunks_mut();
    for (place, byte) in places.iter_mut().zip(bytes) {
        *place = pairs.get(usize::from(*byte)).copied().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(lower(&bytes), bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        assert_eq!(upper(&bytes), bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>());
        let mut text = *b"......";
        write_lower(&[0x1f, 0xe0], &mut text);
        assert_eq!(&text, b"1fe0..");
    }

    #[test]
    fn a_checksum_is_read_in_either_case_and_nothing_else_is() {
        let bytes: [u8; 32] = std::array::from_fn(|place| u8::try_from(place * 8).unwrap_or(0));
        assert_eq!(checksum(&lower(&bytes)), Some(bytes));
        assert_eq!(checksum(&upper(&bytes)), Some(bytes));
        let text = lower(&bytes);
        let (shorter, _) = text.split_at(62);
        for wrong in [
            "",
            shorter,
            &format!("{text}00"),
            &format!("{shorter}0"),
            &format!("{shorter}+f"),
            &format!("{shorter}é"),
        ] {
            assert_eq!(checksum(wrong), None, "{wrong}");
        }
    }
}
