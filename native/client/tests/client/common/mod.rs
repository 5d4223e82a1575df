//! What the tests of this crate share: clients, and a peer that answers whatever bytes a test wants.

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use hexide_client::{Client, Config, CpuBudget};
use hexide_core::registry::key::HEXPM_PUBLIC_KEY;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub fn cpu() -> CpuBudget {
    CpuBudget::new(NonZeroUsize::MIN)
}

/// Both hosts at `base`.
pub fn config(base: &str) -> Config {
    Config {
        api_url: format!("{base}/api"),
        repo_url: format!("{base}/repo"),
        connect_timeout: Duration::from_secs(30),
        timeout: Duration::from_secs(30),
        retries: 0,
        http_concurrency: 8,
        api_key: None,
        api_otp: None,
        api_organization: None,
        api_repository: None,
        repo_key: None,
        repo_name: "hexpm".to_owned(),
        repo_organization: None,
        repo_public_key: Some(HEXPM_PUBLIC_KEY.to_owned()),
        repo_verify: true,
        repo_verify_origin: true,
        tarball_max_size: Some(16 << 20),
        tarball_max_uncompressed_size: Some(128 << 20),
        docs_tarball_max_size: Some(16 << 20),
        docs_tarball_max_uncompressed_size: Some(128 << 20),
        http_proxy: None,
        https_proxy: None,
        no_proxy: None,
        cacerts_path: None,
        unsafe_https: false,
        user_agent_fragment: None,
        oauth_client_id: "a-client".to_owned(),
        cache_dir: None,
        cache_max_size: Some(256 << 20),
        cache_login: None,
        offline: false,
    }
}

pub fn client(base: &str) -> Client {
    client_with(config(base))
}

pub fn client_with(config: Config) -> Client {
    Client::new(config, cpu()).unwrap()
}

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Arrived {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads one HTTP/1.1 request; `None` when the peer closes before.
    pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let mut first = lines.next().unwrap().split(' ');
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut arrived = Self {
            method: first.next().unwrap().to_owned(),
            target: first.next().unwrap().to_owned(),
            headers,
            body: Vec::new(),
        };
        let length = arrived.header("content-length").map_or(0, |text| text.parse().unwrap());
        arrived.body = vec![0; length];
        stream.read_exact(&mut arrived.body).await.ok()?;
        Some(arrived)
    }
}

/// What a peer does with a request.
pub enum Answer {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends a head at once, then a body byte by byte with a pause before each.
    Drip(&'static str, String, Duration),
    /// Sends these bytes, then holds the connection and says nothing more.
    Hang(Vec<u8>),
}

/// A complete reply with a body.
pub fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut text = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    Answer::Bytes(format!("{text}\r\n{body}").into_bytes())
}

pub fn json(status: u16, body: &str) -> Answer {
    reply(status, &[("content-type", "application/json; charset=utf-8")], body)
}

/// The smallest package.
pub fn package() -> Answer {
    json(200, r#"{"name":"pa"}"#)
}

/// A peer on loopback that notes each request and answers as it was told.
pub struct Peer {
    pub address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    accepting: JoinHandle<()>,
}

impl Peer {
    /// `answer` gets the request and how many came before it.
    pub async fn start(answer: impl Fn(usize, &Arrived) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&arrived), Arc::new(answer));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&answer)));
            }
        });
        Self { address, arrived, accepting }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    /// The only request.
    pub fn only(&self) -> Arrived {
        let mut all = self.arrived();
        assert_eq!(all.len(), 1, "one request was expected: {all:?}");
        all.remove(0)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Arrived>>>,
    answer: Arc<impl Fn(usize, &Arrived) -> Answer>,
) {
    let Some(request) = Arrived::read(&mut stream).await else { return };
    let answer = {
        let mut seen = seen.lock().unwrap();
        let answer = answer(seen.len(), &request);
        seen.push(request);
        answer
    };
    match answer {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::Drip(head, body, pause) => {
            let _ = stream.write_all(head.as_bytes()).await;
            for byte in body.into_bytes() {
                tokio::time::sleep(pause).await;
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        }
        Answer::Hang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            // Until the other side gives up.
            let _ = stream.read(&mut [0; 1]).await;
        }
    }
}

/// An address on loopback where nobody listens.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
