//! A small S3 client: one connection, one request at a time, nothing in between.

use std::env;
use std::time::SystemTime;

use bytes::Bytes;
use http_body_util::{BodyExt as _, combinators::BoxBody};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use sigv4::{BaseUrl, Credentials, Method, Payload, Request, Signer, Timestamp};
use tokio::net::TcpStream;

use crate::Result;

/// A body under way.
pub(crate) type Body = BoxBody<Bytes, std::convert::Infallible>;

/// A store and the keys to it.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) region: String,
    pub(crate) bucket: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

impl Endpoint {
    /// The Ceph that `cargo xtask` has started.
    pub(crate) fn of_ceph() -> Result<Self> {
        let said = |what: &str| {
            let name = format!("SLUICE_TEST_CEPH_{what}");
            env::var(&name).map_err(|_| format!("{name} is not set: run `cargo xtask bench store`"))
        };
        Ok(Self {
            url: said("ENDPOINT")?,
            region: said("REGION")?,
            bucket: said("BUCKET")?,
            access_key_id: said("ACCESS_KEY_ID")?,
            secret_access_key: said("SECRET_ACCESS_KEY")?,
        })
    }

    /// Makes the bucket; that it is there already is as good.
    pub(crate) async fn make_bucket(&self) -> Result<()> {
        let mut connection = Connection::open(self).await?;
        let status = connection.send(Method::Put, "", &[], empty(), 0).await?.0;
        if status.is_success() || status.as_u16() == 409 { Ok(()) } else { Err(refused("bucket", status)) }
    }
}

/// A connection that stays open.
pub(crate) struct Connection {
    signer: Signer,
    base: BaseUrl,
    root: String,
    sender: SendRequest<Body>,
}

impl Connection {
    pub(crate) async fn open(endpoint: &Endpoint) -> Result<Self> {
        let host = endpoint.url.trim_start_matches("http://");
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let credentials = Credentials {
            access_key_id: endpoint.access_key_id.clone(),
            secret_access_key: endpoint.secret_access_key.clone(),
            session_token: None,
        };
        Ok(Self {
            signer: Signer::s3(credentials, endpoint.region.clone()),
            base: BaseUrl::parse(&format!("{}/{}", endpoint.url, endpoint.bucket))
                .map_err(|error| format!("{}: {error:?}", endpoint.url))?,
            root: endpoint.url.clone(),
            sender,
        })
    }

    /// Sends a request; answers status, ETag and the answer's body.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        key: &str,
        query: &[(&str, &str)],
        body: Body,
        length: u64,
    ) -> Result<(http::StatusCode, String, Incoming)> {
        self.send_with(method, key, query, &[], (body, length)).await
    }

    /// The same with headers, which are signed.
    pub(crate) async fn send_with(
        &mut self,
        method: Method,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        (body, length): (Body, u64),
    ) -> Result<(http::StatusCode, String, Incoming)> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let time = Timestamp::from_unix_millis(u64::try_from(now.as_millis())?);
        let request = Request { method, base: &self.base, key, query, headers, payload: Payload::Unsigned };
        let signed = self.signer.sign_request(&request, time);
        let target = signed.url.strip_prefix(&self.root).unwrap_or(&signed.url);
        let mut request = http::Request::builder()
            .method(method.as_str())
            .uri(target)
            .header("host", self.root.trim_start_matches("http://"))
            .header("content-length", length);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in &signed.headers {
            request = request.header(*name, value);
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(body)?).await?;
        let etag = response.headers().get("etag").and_then(|etag| etag.to_str().ok());
        let etag = etag.unwrap_or_default().to_owned();
        Ok((response.status(), etag, response.into_body()))
    }

    /// Sends what must succeed; answers its ETag and its text.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        key: &str,
        query: &[(&str, &str)],
        body: Bytes,
    ) -> Result<(String, Bytes)> {
        let length = body.len() as u64;
        let body = http_body_util::Full::new(body).boxed();
        let (status, etag, body) = self.send(method, key, query, body, length).await?;
        let text = body.collect().await?.to_bytes();
        if status.is_success() { Ok((etag, text)) } else { Err(refused(key, status)) }
    }
}

pub(crate) fn empty() -> Body {
    http_body_util::Empty::new().boxed()
}

pub(crate) fn refused(what: &str, status: http::StatusCode) -> Box<dyn std::error::Error + Send + Sync> {
    format!("{what}: the store answered {status}").into()
}
