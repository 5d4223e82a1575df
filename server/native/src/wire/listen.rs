//! Connections: taken in, bounded in number and time, and brought to an end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt;

use crate::wire::{Limits, Peer};

/// How long taking in connections rests after it failed: the usual cause is too many open files, which
/// others must close first.
const REST: Duration = Duration::from_millis(100);

/// Serves until `stop` changes; then takes in no more, gives what is in flight its time, and closes.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await.ok()?;
            Some((listener.accept().await, permit))
        };
        let next = tokio::select! {
            _ = stop.changed() => break,
            next = next => next,
        };
        while connections.try_join_next().is_some() {}
        match next {
            Some((Ok((stream, peer)), permit)) => {
                let connection = converse(stream, peer, router.clone(), limits, stop.clone(), permit);
                connections.spawn(connection);
            }
            Some((Err(error), _)) => {
                tracing::warn!(%error, "a connection could not be taken in");
                sleep(REST).await;
            }
            None => break,
        }
    }
    drop(listener);
    let rest = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.stop_grace, rest).await.is_err() {
        tracing::warn!(open = connections.len(), "connections were cut off at the end");
        connections.shutdown().await;
    }
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    // Replies are written whole: waiting to fill a packet would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nodelay");
    }
    // Else a client that asks and does not read would keep its place for ever.
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(limits.read_timeout));
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.read_timeout)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection broke off");
    }
}
