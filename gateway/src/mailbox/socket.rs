//! Frames as they come, over a WebSocket (`docs/spec/mailbox.md`, section 5).

use super::bells::Bell;
use super::body::in_time;
use super::desk::Desk;
use super::http::{acknowledge, read_ack};
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::identity::Did;
use talos_shared::mailbox::limits::PAGE_FRAMES;
use tokio::time::{Instant, interval_at};

/// How often a silent client is asked whether it is there.
const PING: Duration = Duration::from_secs(30);

/// Why a socket ends.
enum End {
    /// The client has gone.
    Gone,
    /// The mailbox ends.
    Ending,
    /// The client sent something else than acknowledgements, or the store refused.
    Refused(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        End::Refused(error)
    }
}

/// Serves one socket to its end.
pub async fn run(desk: Arc<Desk>, agent: Did, bell: Bell, socket: WebSocket) {
    let mut line = Line { desk, agent, bell, socket, after: 0, sent: BTreeSet::new() };
    let end = line.serve().await;
    let close = match end {
        End::Gone => return,
        End::Ending => CloseFrame { code: close_code::AWAY, reason: "".into() },
        End::Refused(error) => CloseFrame { code: close(error.code), reason: error.code.as_str().into() },
    };
    in_time(line.socket.send(Message::Close(Some(close)))).await;
}

fn close(code: ErrorCode) -> u16 {
    if code.status() < 500 { close_code::POLICY } else { close_code::ERROR }
}

struct Line {
    desk: Arc<Desk>,
    agent: Did,
    bell: Bell,
    socket: WebSocket,
    /// The last place that was sent.
    after: u64,
    /// Places that were sent and not acknowledged.
    sent: BTreeSet<u64>,
}

impl Line {
    async fn serve(&mut self) -> End {
        let mut ping = interval_at(Instant::now() + PING, PING);
        let desk = self.desk.clone();
        loop {
            if let Err(end) = self.send_frames().await {
                return end;
            }
            let has_room = self.room() > 0;
            let step = tokio::select! {
                message = self.socket.recv() => self.take(message).await,
                () = self.bell.wait(), if has_room => Ok(()),
                _ = ping.tick() => self.send(Message::Ping(Default::default())).await,
                () = desk.ending() => Err(End::Ending),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    fn room(&self) -> u64 {
        PAGE_FRAMES.saturating_sub(self.sent.len() as u64)
    }

    async fn send_frames(&mut self) -> Result<(), End> {
        self.bell.silence();
        while self.room() > 0 {
            let Some(page) = self.desk.frames(&self.agent, self.after, self.room()).await? else { break };
            self.after = page.places.last().copied().unwrap_or(self.after);
            self.sent.extend(&page.places);
            // INVARIANT: JSON that was written from texts is UTF-8.
            let text = String::from_utf8(page.text).map_err(|_| End::Refused(ErrorCode::InternalFault.into()))?;
            self.send(Message::Text(text.into())).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match in_time(self.socket.send(message)).await {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => Err(End::Gone),
        }
    }

    async fn take(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => {
                return Err(Error::new(ErrorCode::MalformedMediaType, "acknowledgements are text").into());
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
        };
        let ack = read_ack(text.as_bytes())?;
        self.sent.retain(|place| !ack.seqs.contains(place));
        acknowledge(&self.desk, self.agent.clone(), ack).await?;
        Ok(())
    }
}
