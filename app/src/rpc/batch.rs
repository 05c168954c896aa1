//! Batches: opening, filling, closing, looking back.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use transfer::wire::{
    AnnounceAnswer, AnnounceRequest, BatchId, CloseAnswer, CloseRequest, OpenBatchRequest, OpenedBatch,
    Receipt, RenewGrantRequest, RenewedGrant, ReportAnswer, ReportRequest, SignUploadRequest,
    SignUrlsRequest, SignedUpload, SignedUrls,
};

#[cfg(feature = "ssr")]
use super::answer;
#[cfg(feature = "ssr")]
use crate::backend::backend;
use crate::error::AppError;
use crate::history::{BatchSummary, LeftBatch};

/// Opens a batch.
///
/// # Errors
/// `SignedOut`, `Forbidden`, or `Store` when no grant can be made.
#[server(prefix = "/api/rpc", endpoint = "open_batch", input = Json, output = Json)]
pub async fn open_batch(request: OpenBatchRequest) -> Result<OpenedBatch, AppError> {
    answer(backend()?.open_batch(request).await)
}

/// Takes a page of items. Called by the worker.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Conflict` when the batch is closed, `TooLarge` for more than a page.
#[server(prefix = "/api/rpc", endpoint = "announce", input = Json, output = Json)]
pub async fn announce(request: AnnounceRequest) -> Result<AnnounceAnswer, AppError> {
    answer(backend()?.announce(request).await)
}

/// Issues a fresh grant. Called by the worker.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Conflict` when the batch is closed, `Unsupported`, `Store`.
#[server(prefix = "/api/rpc", endpoint = "renew_grant", input = Json, output = Json)]
pub async fn renew_grant(request: RenewGrantRequest) -> Result<RenewedGrant, AppError> {
    answer(backend()?.renew_grant(request).await)
}

/// Presigns a page of URLs. Called by the worker.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Conflict` when the batch is closed, `TooLarge` for more than a page.
#[server(prefix = "/api/rpc", endpoint = "sign_urls", input = Json, output = Json)]
pub async fn sign_urls(request: SignUrlsRequest) -> Result<SignedUrls, AppError> {
    answer(backend()?.sign_urls(request).await)
}

/// Presigns what an upload in parts needs. Called by the worker.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Conflict` when the batch is closed, `TooLarge` for more than a page.
#[server(prefix = "/api/rpc", endpoint = "sign_upload", input = Json, output = Json)]
pub async fn sign_upload(request: SignUploadRequest) -> Result<SignedUpload, AppError> {
    answer(backend()?.sign_upload(request).await)
}

/// Notes what became of a page of items. Called by the worker.
///
/// # Errors
/// `SignedOut`, `NotFound`, `TooLarge` for more than a page.
#[server(prefix = "/api/rpc", endpoint = "report", input = Json, output = Json)]
pub async fn report(request: ReportRequest) -> Result<ReportAnswer, AppError> {
    answer(backend()?.report(request).await)
}

/// Compares the store with the ledger, and closes the batch if all is there. Called by the worker.
///
/// # Errors
/// `SignedOut`, `NotFound`, `Store` when it cannot be listed.
#[server(prefix = "/api/rpc", endpoint = "close_batch", input = Json, output = Json)]
pub async fn close_batch(request: CloseRequest) -> Result<CloseAnswer, AppError> {
    answer(backend()?.close_batch(request).await)
}

/// The person's latest batches, newest first.
///
/// # Errors
/// `SignedOut` if nobody is signed in.
#[server(prefix = "/api/rpc", endpoint = "recent_batches", input = Json, output = Json)]
pub async fn recent_batches() -> Result<Vec<BatchSummary>, AppError> {
    answer(backend()?.recent_batches().await)
}

/// What is needed to go on with an open batch that was begun elsewhere.
///
/// # Errors
/// `SignedOut`, `NotFound` if there is no such batch or it is not this person's, `Conflict` when it is over.
#[server(prefix = "/api/rpc", endpoint = "adopt_batch", input = Json, output = Json)]
pub async fn adopt_batch(request: BatchId) -> Result<LeftBatch, AppError> {
    answer(backend()?.adopt_batch(request).await)
}

/// The receipt of a batch.
///
/// # Errors
/// `SignedOut`, or `NotFound` if there is no such batch or it is not this person's.
#[server(name = ReceiptOf, prefix = "/api/rpc", endpoint = "receipt", input = Json, output = Json)]
pub async fn receipt(request: BatchId) -> Result<Receipt, AppError> {
    answer(backend()?.receipt(request).await)
}
