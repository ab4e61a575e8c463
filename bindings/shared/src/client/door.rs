//! The operations `client.*`.

use crate::client::{Client, Known, Message};
use crate::operations::object_or_text;
use crate::sdk::{Door, lock};
use std::time::Duration;
use talos_contracts::*;
use talos_session::Session;

type Output = Result<Vec<u8>, Error>;

/// How long sending waits while too much is on its way, and closing for it to be gone.
const SEND_WAIT_MS: u64 = 30_000;
const CLOSE_WAIT_MS: u64 = 5_000;
/// How many messages, or frames, are given at once.
const AT_ONCE: u64 = 64;

fn wait(ms: Option<u64>, otherwise: u64) -> Duration {
    Duration::from_millis(ms.unwrap_or(otherwise))
}

fn count(max: Option<u64>) -> usize {
    usize::try_from(max.unwrap_or(AT_ONCE)).unwrap_or(usize::MAX)
}

fn shown(session: &Session, current: bool) -> ClientSession {
    ClientSession {
        peer: session.peer().to_owned(),
        sid: session.sid().to_contract(),
        suite: session.suite().number().into(),
        initiator: session.is_initiator(),
        answered: session.is_answered(),
        retired: session.is_retired(),
        current,
    }
}

fn told(message: Message) -> ClientMessage {
    use talos_session::Known::{First, Fresh, Renewed};
    ClientMessage {
        peer: message.peer,
        data: message.data.to_vec(),
        message_hash: message.message_hash,
        frame_hash: message.frame_hash,
        sid: message.sid.to_contract(),
        received: message.received,
        receipt_id: message.receipt,
        began: message.began.map(|known| match known {
            First => ClientBegan::First,
            Renewed => ClientBegan::Renewed,
            Fresh => ClientBegan::Fresh,
        }),
    }
}

impl Door {
    /// The operation of this id.
    pub(crate) fn client_run(&self, id: &str, input: &json::Value) -> Output {
        match id {
            "client.open" => self.client_open(&ClientOpenInput::read(input)?),
            "client.establish" => self.client_establish(&ClientEstablishInput::read(input)?),
            "client.send" => self.client_send(&ClientSendInput::read(input)?),
            "client.receive" => self.client_receive(&ClientReceiveInput::read(input)?),
            "client.unconfirmed" => self.client_unconfirmed(&ClientUnconfirmedInput::read(input)?),
            "client.outgoing" => self.client_outgoing(&ClientOutgoingInput::read(input)?),
            "client.carried" => self.client_carried(&ClientCarriedInput::read(input)?),
            "client.incoming" => self.client_incoming(&ClientIncomingInput::read(input)?),
            "client.sessions" => self.client_sessions(&ClientSessionsInput::read(input)?),
            "client.end" => self.client_end(&ClientEndInput::read(input)?),
            "client.prove" => self.client_prove(&ClientProveInput::read(input)?),
            "client.delivery" => self.client_delivery(&ClientDeliveryInput::read(input)?),
            "client.verify_proof" => self.client_verify_proof(ClientVerifyProofInput::read(input)?),
            "client.disclose" => self.client_disclose(&ClientDiscloseInput::read(input)?),
            "client.close" => self.client_close(&ClientCloseInput::read(input)?),
            _ => Err(Error::new(ErrorCode::OperationUnknown, format!("no operation {id:?}"))),
        }
    }

    fn client(&self, agent: &str) -> Result<Client, Error> {
        self.kernel()?;
        let unknown =
            || Error::new(ErrorCode::ClientNotOpen, format!("no client of {agent:?} is open behind this door"));
        lock(&self.clients).get(agent).cloned().ok_or_else(unknown)
    }

    fn client_open(&self, input: &ClientOpenInput) -> Output {
        let client = self.kernel()?.open_client(input)?;
        let output = ClientOpenOutput {
            agent: input.agent.clone(),
            did: client.did(),
            bundle: client.bundle()?,
            mailbox: client.mailbox().map(str::to_owned),
        };
        lock(&self.clients).insert(input.agent.clone(), client);
        Ok(output.canonical())
    }

    fn client_establish(&self, input: &ClientEstablishInput) -> Output {
        let client = self.client(&input.agent)?;
        client.establish(&input.peer, input.bundle.as_ref(), input.one_time_key.as_ref())?;
        let (sessions, _) = client.sessions(shown)?;
        let session = sessions.into_iter().find(|session| session.current && session.peer == input.peer);
        Ok(ClientEstablishOutput { session: session.ok_or(ErrorCode::SessionUnknown)? }.canonical())
    }

    fn client_send(&self, input: &ClientSendInput) -> Output {
        let client = self.client(&input.agent)?;
        let posted = client.send(&input.peer, &input.data, wait(input.wait_ms, SEND_WAIT_MS))?;
        Ok(ClientSendOutput {
            message_hash: posted.sent.message_hash,
            frame_hash: posted.sent.frame_hash,
            sid: posted.sent.sid.to_contract(),
            receipt_id: posted.receipt_id,
        }
        .canonical())
    }

    fn client_receive(&self, input: &ClientReceiveInput) -> Output {
        let messages = self.client(&input.agent)?.receive(count(input.max), wait(input.wait_ms, 0))?;
        Ok(ClientReceiveOutput { messages: messages.into_iter().map(told).collect() }.canonical())
    }

    fn client_unconfirmed(&self, input: &ClientUnconfirmedInput) -> Output {
        let messages = self.client(&input.agent)?.unconfirmed()?;
        Ok(ClientUnconfirmedOutput { messages: messages.into_iter().map(told).collect() }.canonical())
    }

    fn client_outgoing(&self, input: &ClientOutgoingInput) -> Output {
        let frames = self.client(&input.agent)?.outgoing(count(input.max))?.into_iter();
        let frames = frames.map(|frame| ClientFrame { id: frame.id, peer: frame.peer, bytes: frame.bytes }).collect();
        Ok(ClientOutgoingOutput { frames }.canonical())
    }

    fn client_carried(&self, input: &ClientCarriedInput) -> Output {
        let erased = self.client(&input.agent)?.carried(&input.ids)?;
        Ok(ClientCarriedOutput { erased: erased as u64 }.canonical())
    }

    fn client_incoming(&self, input: &ClientIncomingInput) -> Output {
        let (frame_hash, peer) = self.client(&input.agent)?.incoming(&input.bytes)?;
        Ok(ClientIncomingOutput { frame_hash, peer }.canonical())
    }

    fn client_sessions(&self, input: &ClientSessionsInput) -> Output {
        let (mut sessions, waits) = self.client(&input.agent)?.sessions(shown)?;
        sessions.retain(|session| input.peer.as_ref().is_none_or(|peer| *peer == session.peer));
        let (outgoing, incoming) = (waits.outgoing as u64, waits.incoming as u64);
        Ok(ClientSessionsOutput { sessions, outgoing, incoming }.canonical())
    }

    fn client_end(&self, input: &ClientEndInput) -> Output {
        let sent = self.client(&input.agent)?.end(&input.peer)?;
        Ok(ClientEndOutput { sid: sent.sid.to_contract(), frame_hash: sent.frame_hash }.canonical())
    }

    fn client_prove(&self, input: &ClientProveInput) -> Output {
        let known = self.client(&input.agent)?.known(&input.hash)?;
        let receipt_id = known.receipt.ok_or_else(|| {
            Error::new(ErrorCode::ReceiptUnknown, "the receipt of the message is not on disk yet: ask again")
        })?;
        let text =
            self.kernel()?.prove(&AuditProveInput { receipt_id: Some(receipt_id), ..AuditProveInput::default() })?;
        Ok(ClientProveOutput { bundle: talos_audit::bundle::parse(&text)? }.canonical())
    }

    fn client_delivery(&self, input: &ClientDeliveryInput) -> Output {
        let known = self.client(&input.agent)?.known(&input.frame_hash)?;
        let read = |text: Vec<u8>| talos_crypto::dsse::Unverified::parse(&text).map(|envelope| envelope.to_envelope());
        Ok(ClientDeliveryOutput { receipt: known.delivery.map(read).transpose()? }.canonical())
    }

    fn client_verify_proof(&self, input: ClientVerifyProofInput) -> Output {
        self.client(&input.agent)?;
        let verdict = self.kernel()?.verify_bundle(&object_or_text(&input.bundle))?;
        Ok(ClientVerifyProofOutput { valid: verdict.is_ok(), reason: verdict.err().map(|error| error.code) }
            .canonical())
    }

    fn client_disclose(&self, input: &ClientDiscloseInput) -> Output {
        let Known { opening, .. } = self.client(&input.agent)?.known(&input.frame_hash)?;
        let opening = opening.ok_or_else(|| {
            Error::new(
                ErrorCode::ClientUnknownMessage,
                "the frame and its key were not kept: open the client with keep_days",
            )
        })?;
        let opening = SessionOpening {
            frame: opening.frame,
            transcript_hash: opening.transcript_hash,
            message_key: Seed::new(*opening.message_key.expose()),
        };
        Ok(ClientDiscloseOutput { opening }.canonical())
    }

    fn client_close(&self, input: &ClientCloseInput) -> Output {
        let client = self.client(&input.agent)?;
        let outgoing = client.close(wait(input.wait_ms, CLOSE_WAIT_MS))?;
        lock(&self.clients).remove(&input.agent);
        Ok(ClientCloseOutput { outgoing: outgoing as u64 }.canonical())
    }
}
