//! Bodies, in and out, and the memory that they take.

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::mailbox::limits::FRAME_BYTES;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

/// How long a body may take, either way.
const TIME: Duration = Duration::from_secs(120);
/// How long an answer waits for memory.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long, and how much of, a body is read that nobody wants, so that its sender hears why.
const DISCARD_TIME: Duration = Duration::from_secs(5);
const DISCARD_BYTES: usize = FRAME_BYTES + 1024 * 1024;
/// Memory is counted in units of so many bytes.
const UNIT: usize = 1024;
/// An answer goes out in pieces, so that a slow reader is seen between two of them.
const PIECE: usize = 64 * 1024;

/// The memory for bodies that are under way.
#[derive(Clone)]
pub struct Memory(Arc<Semaphore>);

/// A part of it, given back when dropped.
pub type Share = OwnedSemaphorePermit;

/// A body with the memory that it takes.
pub struct Held {
    pub bytes: Bytes,
    _share: Share,
}

impl Memory {
    pub fn new(bytes: usize) -> Self {
        // Less than one answer would let nothing through.
        Memory(Arc::new(Semaphore::new((bytes / UNIT).clamp(units(2 * FRAME_BYTES) as usize, Semaphore::MAX_PERMITS))))
    }

    /// Reads a body of at most so many bytes.
    pub async fn read(&self, body: Body, most: usize) -> Result<Held, Error> {
        let said = HttpBody::size_hint(&body);
        if said.lower() > most as u64 {
            discard(body).await;
            return Err(too_large(most));
        }
        let expected = said.upper().map_or(most, |upper| most.min(usize::try_from(upper).unwrap_or(most)));
        let Ok(share) = self.0.clone().try_acquire_many_owned(units(expected)) else {
            discard(body).await;
            return Err(busy());
        };
        let read = timeout(TIME, Limited::new(body, most).collect()).await;
        let read =
            read.map_err(|_| Error::new(ErrorCode::MailboxRequestExpired, "the body took more than 2 minutes"))?;
        let bytes = read.map(|body| body.to_bytes()).map_err(|error| match error.is::<LengthLimitError>() {
            true => too_large(most),
            false => Error::new(ErrorCode::MalformedSize, "the body ended early"),
        })?;
        Ok(Held { bytes, _share: share })
    }

    /// Room for an answer of so many bytes.
    pub async fn room(&self, bytes: usize) -> Result<Share, Error> {
        let room = self.0.clone().acquire_many_owned(units(bytes));
        timeout(PATIENCE, room).await.map_err(|_| busy())?.map_err(|_| busy())
    }
}

/// Reads what nobody wants.
pub async fn discard(body: Body) {
    let mut body = Limited::new(body, DISCARD_BYTES);
    let _ = timeout(DISCARD_TIME, async { while let Some(Ok(_)) = body.frame().await {} }).await;
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

fn too_large(most: usize) -> Error {
    Error::new(ErrorCode::MailboxTooLarge, format!("the body has more than {most} bytes"))
}

fn busy() -> Error {
    Error::new(ErrorCode::MailboxBusy, "too many bytes are under way")
}

/// An answer that holds its memory until it has been sent, and not for ever.
pub struct Pieces {
    left: Bytes,
    ends: Instant,
    _share: Share,
}

impl Pieces {
    pub fn new(bytes: Bytes, share: Share) -> Self {
        Pieces { left: bytes, ends: Instant::now() + TIME, _share: share }
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        if Instant::now() > self.ends {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        let size = self.left.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}

/// Something that has to go out in time.
pub async fn in_time<T>(going: impl Future<Output = T>) -> Option<T> {
    timeout_at(Instant::now() + TIME, going).await.ok()
}
