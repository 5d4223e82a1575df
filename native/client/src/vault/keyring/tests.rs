use secrecy::SecretBox;
use tokio::net::UnixListener;

use super::*;

fn secret() -> Secret {
    SecretBox::new(Box::new(b"hunter2".to_vec()))
}

#[tokio::test]
async fn without_a_bus_every_call_says_at_once_that_there_is_no_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("unix:path={}", folder.path().join("no-bus").display());
    // Longer than any test waits: what ends these calls is not their patience.
    let patience = Duration::from_secs(3600);
    for bus in [None, Some(nowhere), Some("tcp:host=localhost,port=1".to_owned()), Some("unix:".to_owned())] {
        let keyring = Keyring::new(bus.clone(), patience);
        let errors = [
            keyring.put("hexpm", &secret()).await.unwrap_err(),
            keyring.get("hexpm").await.unwrap_err(),
            keyring.forget("hexpm").await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(
                (error.code, error.details.reason.as_deref()),
                (Code::Io, Some("no_keyring")),
                "{bus:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_bus_that_never_answers_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let listener = UnixListener::bind(&path).unwrap();
    let keyring = Keyring::new(Some(format!("unix:path={}", path.display())), Duration::from_millis(100));
    let silent = async {
        let accepted = listener.accept().await.unwrap();
        std::future::pending::<()>().await;
        drop(accepted);
    };
    let error = tokio::select! {
        error = keyring.get("hexpm") => error.unwrap_err(),
        () = silent => unreachable!("it waits for ever"),
    };
    assert_eq!((error.code, error.details.reason.as_deref()), (Code::Timeout, Some("keyring_locked")));
}
