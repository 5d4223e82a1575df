use super::*;

/// Cheap, so that the tests are quick.
const CHEAP: Cost = Cost { memory: 64, passes: 2, lanes: 2 };

fn secret(text: &str) -> Secret {
    SecretBox::new(Box::new(text.as_bytes().to_vec()))
}

fn sealed() -> Sealed {
    let nonce = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let salt = b"a salt of bytes!".to_vec();
    seal_with(&secret("a long-lived key"), &secret("correct horse"), "hexpm", CHEAP, salt, nonce).unwrap()
}

/// The key is of the reference implementation in C, the ciphertext of OpenSSL.
#[test]
fn sealing_is_what_other_implementations_compute() {
    let data = [
        0x68, 0x9f, 0x24, 0xec, 0xd0, 0xeb, 0x95, 0x19, 0x3c, 0x9b, 0x6e, 0x94, 0x36, 0x3b, 0x42, 0x67, 0x61,
        0x5b, 0x2e, 0xba, 0x7b, 0x3b, 0x2e, 0x27, 0xf4, 0xe2, 0x5c, 0xed, 0xde, 0x03, 0x7f, 0x28,
    ];
    assert_eq!(sealed().data, data);
}

#[test]
fn what_was_sealed_opens_and_shows_nowhere() {
    let sealed = seal(&secret("hunter2"), &secret("correct horse"), "hexpm").unwrap();
    assert_eq!(sealed.cost, Cost::DEFAULT);
    let opened = open(&sealed, &secret("correct horse"), "hexpm").unwrap();
    assert_eq!(opened.expose_secret(), b"hunter2");
    assert!(!format!("{opened:?}{sealed:?}").contains("hunter2"));
    assert!(!sealed.data.windows(7).any(|window| window == b"hunter2"));
}

#[test]
fn no_two_sealings_share_salt_or_nonce() {
    let seal = || {
        seal_with(
            &secret("s"),
            &secret("p"),
            "a",
            CHEAP,
            random::<SALT>().unwrap().to_vec(),
            random().unwrap(),
        )
        .unwrap()
    };
    let (one, other) = (seal(), seal());
    assert_ne!(one.salt, other.salt);
    assert_ne!(one.nonce, other.nonce);
    assert_ne!(one.data, other.data);
}

#[test]
fn another_password_account_or_byte_is_refused_as_a_wrong_password() {
    let good = sealed();
    let mut changed = good.clone();
    changed.data[3] ^= 1;
    let mut cheaper = good.clone();
    cheaper.cost.passes = 1;
    let mut salted = good.clone();
    salted.salt[0] ^= 1;
    for (sealed, password, account) in [
        (&good, "wrong horse", "hexpm"),
        (&good, "correct horse", "hexpm:acme"),
        (&changed, "correct horse", "hexpm"),
        (&cheaper, "correct horse", "hexpm"),
        (&salted, "correct horse", "hexpm"),
    ] {
        let error = open(sealed, &secret(password), account).unwrap_err();
        assert_eq!(error.code, Code::Unauthorized);
        assert_eq!(error.details.reason.as_deref(), Some("wrong_password"));
        assert!(!error.message.contains(password));
    }
}

#[test]
fn impossible_parts_and_costs_are_refused_before_any_work() {
    let most = Cost::MOST;
    let cost = |memory, passes, lanes| Sealed { cost: Cost { memory, passes, lanes }, ..sealed() };
    let broken = [
        cost(most.memory + 1, 1, 1),
        cost(u32::MAX, u32::MAX, u32::MAX),
        cost(64, most.passes + 1, 1),
        cost(1024, 1, most.lanes + 1),
        cost(0, 1, 1),
        cost(64, 0, 1),
        cost(64, 1, 0),
        // Each lane needs eight blocks.
        cost(15, 1, 2),
        Sealed { salt: vec![0; 7], ..sealed() },
        Sealed { salt: vec![0; MAX_SALT + 1], ..sealed() },
        Sealed { nonce: vec![0; 11], ..sealed() },
        Sealed { nonce: vec![0; 16], ..sealed() },
        Sealed { data: vec![0; TAG - 1], ..sealed() },
        Sealed { data: vec![0; MAX_SECRET + TAG + 1], ..sealed() },
    ];
    for sealed in broken {
        let error = open(&sealed, &secret("correct horse"), "hexpm").unwrap_err();
        assert_eq!(error.code, Code::BadConfig, "{:?}", sealed.cost);
    }
}

#[test]
fn the_empty_secret_and_the_longest_one_open_and_a_longer_one_is_refused() {
    for length in [0, MAX_SECRET] {
        let long: Secret = SecretBox::new(Box::new(vec![7; length]));
        let sealed = seal_with(&long, &secret("p"), "a", CHEAP, vec![0; SALT], random().unwrap()).unwrap();
        assert_eq!(open(&sealed, &secret("p"), "a").unwrap().expose_secret(), long.expose_secret());
    }
    let longer: Secret = SecretBox::new(Box::new(vec![7; MAX_SECRET + 1]));
    assert_eq!(seal(&longer, &secret("p"), "a").unwrap_err().code, Code::TooLarge);
}
