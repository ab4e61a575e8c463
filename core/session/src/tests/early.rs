//! The mutation that loses sessions: taking the new state before the frame has authenticated. It shows that the tests of
//! forgery would see it.

use super::*;
use crate::error::Refused;

/// `Session::opened` as several implementations had it.
fn open_committing_early(session: &mut Session, frame: &Frame<'_>) -> Result<(), Refused> {
    let located = session.ratchet.locate(frame, true)?;
    let key = located.key().copy();
    session.ratchet = session.ratchet.advanced(located, frame.header(), frame.hash());
    frame.authenticate(&key, &session.th)?;
    Ok(())
}

#[test]
fn committing_before_authentication_would_lose_the_session_to_one_forged_frame() {
    let (mut a, b, sid) = answered();
    let good = a.seal(sid, b"good");
    let forged = flipped(&good, good.len() - 1, 1);
    let before = b.session(sid).to_bytes();

    let mut early = b.session(sid).copy();
    assert!(open_committing_early(&mut early, &Frame::parse(&forged).unwrap()).is_err());
    assert_ne!(early.to_bytes(), before, "the check of forgery sees the mutation");
    assert!(early.opened(&Frame::parse(&good).unwrap(), true, NOW).is_err(), "and the message is lost");

    early = Session::from_bytes(&before).unwrap();
    assert!(early.opened(&Frame::parse(&forged).unwrap(), true, NOW).is_err());
    assert_eq!(early.to_bytes(), before);
    assert!(early.opened(&Frame::parse(&good).unwrap(), true, NOW).is_ok());
}

#[test]
fn a_new_chain_that_is_committed_early_would_lose_the_session_too() {
    let (mut a, mut b, sid) = answered();
    let ping = b.seal(sid, b"ping");
    a.open(&ping).unwrap();
    let good = a.seal(sid, b"good");
    // A ratchet key that nobody has.
    let forged = flipped(&good, 25, 1);
    let mut early = b.session(sid).copy();
    assert!(open_committing_early(&mut early, &Frame::parse(&forged).unwrap()).is_err());
    assert!(early.opened(&Frame::parse(&good).unwrap(), true, NOW).is_err());
}

#[test]
fn what_is_staged_and_dropped_never_was() {
    let (mut a, mut b, sid) = answered();
    let before = (a.state(), b.state());
    drop(a.agent.seal(&sid, b"x", NOW, &mut a.random).unwrap());
    let frame = a.seal(sid, b"x");
    drop(b.agent.receive(&frame, NOW).unwrap());
    assert_eq!(b.state(), before.1);
    assert_ne!(a.state(), before.0);
    let step = b.agent.receive(&frame, NOW).unwrap();
    let next = step.delta.sessions[&sid].as_ref().unwrap().to_bytes();
    step.commit();
    assert_eq!(b.session(sid).to_bytes(), next);
}
