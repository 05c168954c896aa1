//! HTTP/1.1 connections.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::Body;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::fault::{Cut, Faults};
use crate::gate::Gate;

/// A client that takes longer to send its headers is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests under way may go on after a shutdown began.
const GRACE: Duration = Duration::from_secs(10);
/// After an accept that failed, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What answers: the gate, behind the faults of a test.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    pub(crate) gate: Arc<Gate>,
    pub(crate) faults: Option<Faults>,
    /// Counts them, on every listener of the store.
    pub(crate) connections: Arc<AtomicU64>,
}

impl Front {
    async fn answer(&self, connection: u64, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        match &self.faults {
            None => Ok(self.gate.answer(request.map(Body::from)).await),
            Some(faults) => faults.answer(&self.gate, connection, request).await,
        }
    }
}

/// Accepts until `shutdown`, then waits for what is under way.
pub(crate) async fn serve(
    front: Front,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(front.clone(), stream, stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            // Reaps what has ended; without it the set would grow for ever.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    stop.send_replace(true);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finished).await.is_err() {
        tracing::warn!("requests were cut off, they took too long to finish");
    }
    Ok(())
}

async fn connection(front: Front, stream: TcpStream, mut stopping: watch::Receiver<bool>) {
    // Answers are small and complete; waiting to fill a packet only adds latency.
    let _ = stream.set_nodelay(true);
    let number = front.connections.fetch_add(1, Ordering::Relaxed) + 1;
    let service = service_fn(move |request| {
        let front = front.clone();
        async move { front.answer(number, request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients leave in the middle all the time.
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke");
    }
}

/// Ends once the store is shutting down.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
