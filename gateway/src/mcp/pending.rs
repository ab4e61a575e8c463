//! The requests that wait for an answer, in both directions.

use crate::mcp::id::Id;
use std::collections::{HashMap, HashSet, VecDeque};
use talos_shared::contracts::{Error, ErrorCode};

/// Requests of a client that may wait at the same time.
const OPEN_MAX: usize = 65_536;
/// Cancelled requests whose answer may still come.
const CANCELLED_MAX: usize = 1_024;
/// Requests of a server that may wait at the same time.
const SERVER_MAX: usize = 65_536;

/// What the answer is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Waiting {
    /// The client.
    Client,
    /// The client, and what we know of tools.
    Tools { generation: u64 },
    /// Us.
    OwnTools { generation: u64 },
    /// The client, after the call is settled.
    Call { call: String },
}

/// A request of the client, or of our own, to the server.
#[derive(Clone, Debug)]
pub struct Request {
    pub waiting: Waiting,
    /// Whether the client has cancelled it.
    pub cancelled: bool,
    /// Whether it is on its way; the server cannot answer it before.
    pub sent: bool,
}

/// Whether a request may be written to the server now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It is marked as sent.
    Go,
    /// The client has cancelled it: it is closed, and never sent.
    Cancelled,
    /// It was answered already.
    Answered,
}

/// What a client's cancellation comes to.
#[derive(Debug)]
pub enum Cancelling {
    /// Nothing was sent, and nothing will be: the server need not hear of it.
    Unsent,
    /// The server has it, or it is not known here. Of too many cancelled requests, the oldest is
    /// handed back.
    Tell(Option<Request>),
}

/// All of them.
#[derive(Default)]
pub struct Pending {
    open: HashMap<Id, Request>,
    cancelled: VecDeque<Id>,
    server: HashSet<Id>,
    gone: bool,
}

impl Pending {
    /// Takes a request of the client. One id has one request at a time.
    pub fn open(&mut self, id: &Id, waiting: Waiting) -> Result<(), Error> {
        if self.gone {
            return Err(ErrorCode::McpServerGone.into());
        }
        if self.open.contains_key(id) {
            return Err(Error::new(ErrorCode::McpIdInUse, "a request with this id is open"));
        }
        if self.open.len() >= OPEN_MAX {
            return Err(Error::new(ErrorCode::RunExhausted, format!("{OPEN_MAX} requests are open")));
        }
        self.open.insert(id.clone(), Request { waiting, cancelled: false, sent: false });
        Ok(())
    }

    /// Whether a request is open.
    pub fn is_open(&self, id: &Id) -> bool {
        self.open.contains_key(id)
    }

    /// The request waits for another call from now on.
    pub fn renew(&mut self, id: &Id, call: &str) {
        if let Some(request) = self.open.get_mut(id) {
            request.waiting = Waiting::Call { call: call.to_owned() };
        }
    }

    /// Closes a request that was cancelled before it was sent; true if it was.
    pub fn drop_cancelled(&mut self, id: &Id) -> bool {
        let dropped = self.open.get(id).is_some_and(|request| request.cancelled && !request.sent);
        if dropped {
            self.open.remove(id);
        }
        dropped
    }

    /// Marks a request as sent, if it still may be. From here on a cancellation is the server's.
    pub fn send(&mut self, id: &Id) -> Sending {
        if self.drop_cancelled(id) {
            return Sending::Cancelled;
        }
        match self.open.get_mut(id) {
            Some(request) => {
                request.sent = true;
                Sending::Go
            }
            None => Sending::Answered,
        }
    }

    /// Takes a request out to answer it; whoever gets it is the only one to answer.
    pub fn take(&mut self, id: &Id) -> Option<Request> {
        self.open.remove(id)
    }

    /// Takes a request out that the server answers.
    pub fn answered(&mut self, id: &Id) -> Option<Request> {
        if self.open.get(id)?.sent { self.open.remove(id) } else { None }
    }

    /// The client does not wait any more. What was not sent never will be. What was sent the
    /// server may answer all the same, or never; of too many such requests the oldest is given up.
    pub fn cancel(&mut self, id: &Id) -> Cancelling {
        let Some(request) = self.open.get_mut(id) else { return Cancelling::Tell(None) };
        let again = std::mem::replace(&mut request.cancelled, true);
        if !request.sent {
            return Cancelling::Unsent;
        }
        if again {
            return Cancelling::Tell(None);
        }
        self.cancelled.push_back(id.clone());
        Cancelling::Tell(self.give_up_oldest())
    }

    fn give_up_oldest(&mut self) -> Option<Request> {
        if self.cancelled.len() <= CANCELLED_MAX {
            return None;
        }
        let oldest = self.cancelled.pop_front()?;
        if self.open.get(&oldest)?.cancelled { self.open.remove(&oldest) } else { None }
    }

    /// The server is gone: what is open is handed back, and nothing opens any more.
    pub fn close(&mut self) -> Vec<(Id, Request)> {
        self.gone = true;
        self.open.drain().collect()
    }

    /// Takes a request of the server.
    pub fn open_server(&mut self, id: &Id) -> bool {
        self.server.len() < SERVER_MAX && self.server.insert(id.clone())
    }

    /// The client answers, or the server does not wait any more.
    pub fn close_server(&mut self, id: &Id) -> bool {
        self.server.remove(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_request_and_one_answer() {
        let mut pending = Pending::default();
        let id = Id::Number(1);
        assert!(pending.open(&id, Waiting::Client).is_ok());
        assert_eq!(pending.open(&id, Waiting::Client).unwrap_err().code, ErrorCode::McpIdInUse);
        assert!(pending.open(&Id::Text("1".into()), Waiting::Client).is_ok());
        assert!(pending.answered(&id).is_none(), "not sent yet");
        assert_eq!(pending.send(&id), Sending::Go);
        assert!(pending.answered(&id).is_some());
        assert!(pending.answered(&id).is_none());
        assert_eq!(pending.send(&id), Sending::Answered);
    }

    #[test]
    fn what_is_cancelled_before_it_is_sent_is_never_sent() {
        let mut pending = Pending::default();
        let id = Id::Number(1);
        pending.open(&id, Waiting::Client).unwrap();
        assert!(!pending.drop_cancelled(&id));
        assert!(matches!(pending.cancel(&id), Cancelling::Unsent));
        assert!(matches!(pending.cancel(&id), Cancelling::Unsent));
        assert_eq!(pending.send(&id), Sending::Cancelled);
        assert!(!pending.is_open(&id));
        assert_eq!(pending.send(&id), Sending::Answered);
    }

    #[test]
    fn cancelled_requests_do_not_pile_up() {
        let mut pending = Pending::default();
        for number in 0..=CANCELLED_MAX as i64 {
            let id = Id::Number(number);
            pending.open(&id, Waiting::Client).unwrap();
            assert_eq!(pending.send(&id), Sending::Go);
            let Cancelling::Tell(oldest) = pending.cancel(&id) else { panic!("not sent") };
            assert_eq!(oldest.is_some(), number == CANCELLED_MAX as i64);
            assert!(matches!(pending.cancel(&id), Cancelling::Tell(None)));
        }
        assert!(!pending.is_open(&Id::Number(0)));
        assert_eq!(pending.close().len(), CANCELLED_MAX);
        assert_eq!(pending.open(&Id::Number(7), Waiting::Client).unwrap_err().code, ErrorCode::McpServerGone);
    }
}
