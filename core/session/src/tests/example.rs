//! The worked example, byte for byte.

use super::*;
use crate::handshake::{Agreement, Transcript};
use crate::kdf::MessageKey;
use crate::ratchet::Ratchet;
use crate::{aead, frame};
use talos_contracts::scalar::B64;
use talos_crypto::hash;

fn key(byte: u8) -> OurKey {
    OurKey::from_secret(Secret::from_bytes(&[byte; 32]))
}

/// Design page "Evidence and trust", section 2: th, SK, SID and the frame, here without padding.
#[test]
fn the_design_example_comes_out_on_both_sides() {
    let (did_a, did_b) = (did(1), did(9));
    let (agree_a, ephemeral, agree_b, spk, opk) = (key(3), key(4), key(6), key(7), key(8));
    let transcript = Transcript {
        suite: Suite::X25519,
        initiator: &did_a,
        responder: &did_b,
        initiator_agree: agree_a.public(),
        responder_agree: agree_b.public(),
        ephemeral: ephemeral.public(),
        spk_id: "spk-1",
        spk: spk.public(),
        opk_id: "opk-1",
        opk: Some(opk.public()),
        pq_id: "",
        pq: &[],
        ciphertext: &[],
        bundle: &hash::sha256(&[b"bundle-stand-in"]),
    };
    let th = transcript.hash();
    assert_eq!(th[..], hex("eaa972be2b6e5713a6205fedbf3e6909dc873ac1771ebc000955f1a1d6a90e5a"));
    let (spk_b, opk_b) = (spk.public(), opk.public());
    let of_a = Agreement::initiator(&agree_a, &ephemeral, &agree_b.public(), &spk_b, Some(&opk_b), None).unwrap();
    let of_b = Agreement::responder(&agree_b, &spk, Some(&opk), &agree_a.public(), &ephemeral.public(), None).unwrap();
    let (a, b) = (of_a.keys(&th, None), of_b.keys(&th, None));
    for keys in [&a, &b] {
        assert_eq!(keys.root.0.expose()[..], hex("e7c5c10288ef328c175edf8ca9c3fcbecf7a4d59db44f12a742d2ab5c42221bf"));
        assert_eq!(keys.sid.0[..], hex("d8d56c61f8ade0e433097315f7fbeaea"));
    }
    assert_eq!(a.exporter.0.expose(), b.exporter.0.expose());

    let ratchet = Ratchet::initiator(&a.root, key(5), &spk_b).unwrap();
    let sending = ratchet.send(&mut Given(&[])).unwrap();
    let header = Header {
        kind: Kind::Message,
        suite: Suite::X25519,
        sid: a.sid,
        ratchet_key: sending.ratchet_key,
        previous: sending.previous,
        number: sending.number,
        nonce: [0xaa; 12],
        commitment: sending.key.commitment(),
    };
    let expected =
        hex("01020001d8d56c61f8ade0e433097315f7fbeaea50a61409b1ddd0325e9b16b700e719e9772c07000b1bd7786e907c653d20495d\
         0000000000000000aaaaaaaaaaaaaaaaaaaaaaaa8cfd852e401d3131d894e52c53749028776d330c33641f7a79aad62b6a2ab1a6\
         6c9d2952c24bf86fae1183bc1cdfdf262c95f49bd8");
    let padded = frame::seal(&header, &sending.key, &th, b"hello", 64).unwrap();
    assert_eq!(padded[..104], expected[..104]);
    // The example has no padding, which is no frame of this page: its ciphertext is checked below the frame.
    let aad = [b"talos/session/1 aad\0", &th[..], &expected[..104]].concat();
    let opened = aead::open(&sending.key.cipher_key(), &[0xaa; 12], &aad, &expected[104..]).unwrap();
    assert_eq!(opened[..], *b"hello");
    assert_eq!(Frame::parse(&expected).unwrap_err().code, ErrorCode::SessionMalformed);
}

#[test]
fn randomness_is_drawn_in_the_order_of_section_12() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    // Private SPK, then d and z.
    let bytes: Vec<u8> = (0u8..96).collect();
    let validity = Validity { iat: NOW, exp: NOW + WEEK };
    let terms = BundleTerms { suites: Suite::ALL, spk_id: "s", pq_id: "p", validity };
    let envelope = b.agent.make_bundle(&sign_key(2), terms, &mut Given(&bytes)).unwrap().commit();
    let bundle = published::verify_bundle(&envelope, &did(2), NOW).unwrap();
    let spk = OurKey::from_secret(Secret::from_bytes(bytes[..32].try_into().unwrap()));
    let pq = OurKem::from_seed(bytes[32..].try_into().unwrap());
    assert_eq!(bundle.body().spk.key, B64(spk.public().0));
    assert_eq!(bundle.body().pq.as_ref().unwrap().key, B64(*pq.public()));
    // EK_A, m, DHs_A; then a nonce, since the chain is there.
    let bytes: Vec<u8> = (100u8..196).collect();
    let begin = Begin { bundle: &bundle, one_time_key: None, heals: None };
    let sid = a.agent.begin(begin, NOW, &mut Given(&bytes)).unwrap().commit().sid;
    let sealed = a.agent.seal(&sid, b"hello", NOW, &mut Given(&[7; 12])).unwrap().commit();
    let container = Container::parse(&sealed.bytes).unwrap();
    let at = |from: usize| OurKey::from_secret(Secret::from_bytes(bytes[from..from + 32].try_into().unwrap())).public();
    assert_eq!(container.ephemeral, at(0));
    assert_eq!(container.frame.header().ratchet_key, at(64));
    assert_eq!(container.frame.header().nonce, [7; 12]);
    // Accepting draws nothing; the answer starts a chain and so draws a ratchet key first.
    b.agent.receive(&sealed.bytes, NOW).unwrap().commit();
    let bytes = [[9u8; 32].as_slice(), &[8; 12]].concat();
    let answer = b.agent.seal(&sid, b"hi", NOW, &mut Given(&bytes)).unwrap().commit();
    let answer = Frame::parse(&answer.bytes).unwrap();
    assert_eq!(answer.header().ratchet_key, key(9).public());
    assert_eq!(answer.header().nonce, [8; 12]);
    assert!(b.agent.seal(&sid, b"hi", NOW, &mut Given(&[1; 11])).is_err());
}

#[test]
fn an_auditor_opens_the_frame_that_is_disclosed_and_no_other() {
    let (mut a, mut b, sid) = answered();
    let sealed = a.agent.seal(&sid, b"paid", NOW, &mut a.random).unwrap().commit();
    let received = b.receive(&sealed.bytes, NOW).unwrap();
    assert_eq!(received.opened.message_key.expose(), sealed.message_key.expose());
    assert_eq!(received.opened.frame_hash, sealed.frame_hash);
    let th = a.session(sid).transcript_hash();
    assert_eq!(th, b.session(sid).transcript_hash());
    let open = |frame: &[u8], hash, th, mk: &MessageKey| {
        opening::open(frame, &hash, &th, mk).map(|data| data.to_vec()).map_err(|error| error.code)
    };
    assert_eq!(open(&sealed.bytes, sealed.frame_hash, th, &sealed.message_key).unwrap(), b"paid");
    let other = a.agent.seal(&sid, b"other", NOW, &mut a.random).unwrap().commit();
    let mismatch = Err(ErrorCode::SessionOpeningMismatch);
    assert_eq!(open(&sealed.bytes, other.frame_hash, th, &sealed.message_key), mismatch);
    assert_eq!(open(&other.bytes, other.frame_hash, th, &sealed.message_key), mismatch);
    assert_eq!(open(&sealed.bytes, sealed.frame_hash, B64([0; 32]), &sealed.message_key), mismatch);
    let forged = flipped(&sealed.bytes, 110, 1);
    assert_eq!(open(&forged, frame_hash(&forged), th, &sealed.message_key), mismatch);
    assert_eq!(open(&sealed.bytes[1..], sealed.frame_hash, th, &sealed.message_key), Err(ErrorCode::SessionMalformed));
}

#[test]
fn exporters_are_equal_on_both_sides_and_differ_by_label_and_session() {
    let (mut a, mut b, sid) = answered();
    let value = a.agent.export(&sid, "inv", 16, NOW).unwrap();
    assert_eq!(value, b.agent.export(&sid, "inv", 16, NOW).unwrap());
    assert_eq!(value.len(), 16);
    assert_ne!(value[..], a.agent.export(&sid, "inw", 16, NOW).unwrap()[..]);
    for (label, len) in [("", 16), ("Inv", 16), ("inv", 15), ("inv", 65), (&"x".repeat(65), 16)] {
        assert_eq!(a.agent.export(&sid, label, len, NOW).unwrap_err().code, ErrorCode::MalformedValue);
    }
    assert!(a.agent.export(&sid, &"x".repeat(64), 64, NOW).is_ok());
    let bundle = b.bundle(NOW);
    let renewed = a.renew(&bundle, sid, NOW);
    assert_ne!(value[..], a.agent.export(&renewed, "inv", 16, NOW).unwrap()[..]);
}

/// `docs/spec/session.md`, section 16.
mod page {
    use super::*;
    use crate::kdf::SessionKeys;
    use crate::state::StoreKey;

    const TH: &str = "eaa972be2b6e5713a6205fedbf3e6909dc873ac1771ebc000955f1a1d6a90e5a";
    const MESSAGE: &str = "01020001d8d56c61f8ade0e433097315f7fbeaea50a61409b1ddd0325e9b16b700e719e9772c07000b1bd7786e907c653d20495d0000000000000000aaaaaaaaaaaaaaaaaaaaaaaa8cfd852e401d3131d894e52c53749028776d330c33641f7a79aad62b6a2ab1a604f8453bc5e4130909d259f1d06a0ed6ee6d04a4a16035919bab4168305548be1573b24119469990c3377d2713f013de1edea334cbbf7efb8944ac0e596143936b9fce11499fa651eeda0250e29fbd1a";
    const ANSWER: &str = "01020001d8d56c61f8ade0e433097315f7fbeaeab307ae8660efaed4d6a65f6640896892ea4a1f0075555c489d1312a2e1677c280000000000000000bbbbbbbbbbbbbbbbbbbbbbbba494280b73b03d724874d78c3f972b64ba691647c2e0aa3eb20b9f4ef40a7aeabd6cff3e72deebfd366eaa997edd239350c2d339e2e8dd2e922710a8ac2ae853377a48ec3e8df3b9ecac3c9027b6d6d53a952b9f61a317ea91c260d9534a97ce29d5d247e97b447ce6ee420064057313";

    /// The handshake of the example as both sides have it; the keys must be equal.
    fn handshake(hybrid: bool, renewed: Option<&SessionKeys>) -> ([u8; 32], SessionKeys) {
        let (did_a, did_b) = (did(1), did(9));
        let (agree_a, ephemeral, agree_b, spk, opk) = (key(3), key(4), key(6), key(7), key(8));
        let pq = OurKem::from_seed([[10; 32], [11; 32]].concat().as_slice().try_into().unwrap());
        assert_eq!(
            hash::sha256(&[pq.public()]).0[..],
            hex("bc9dc2abe40f889444a481f1069f81c7d0d80eb2fd59180dc47d6d7106eccbb1")
        );
        let (ct, ss) = TheirKem::from_bytes(pq.public()).unwrap().encapsulate(&Secret::from_bytes(&[12; 32]));
        assert_eq!(hash::sha256(&[&ct]).0[..], hex("0b72a1558205ac73ed257c0f8b2152e6d103364afc14969b7c08c7938a63a080"));
        assert_eq!(ss.expose()[..], hex("9583ae4c652fd200b3788ca50cdb58d33ce3628ae49c2c1c3471013918104f8b"));
        let th = Transcript {
            suite: if hybrid { Suite::Hybrid } else { Suite::X25519 },
            initiator: &did_a,
            responder: &did_b,
            initiator_agree: agree_a.public(),
            responder_agree: agree_b.public(),
            ephemeral: ephemeral.public(),
            spk_id: "spk-1",
            spk: spk.public(),
            opk_id: "opk-1",
            opk: Some(opk.public()),
            pq_id: if hybrid { "pq-1" } else { "" },
            pq: if hybrid { pq.public() } else { &[] },
            ciphertext: if hybrid { &ct } else { &[] },
            bundle: &hash::sha256(&[b"bundle-stand-in"]),
        }
        .hash();
        let (spk_b, opk_b) = (spk.public(), opk.public());
        let exporter = renewed.map(|keys| &keys.exporter);
        let kem = hybrid.then_some(ss);
        let of_a = Agreement::initiator(&agree_a, &ephemeral, &agree_b.public(), &spk_b, Some(&opk_b), kem);
        let kem = hybrid.then_some((&pq, &ct[..]));
        let of_b = Agreement::responder(&agree_b, &spk, Some(&opk), &agree_a.public(), &ephemeral.public(), kem);
        let (a, b) = (of_a.unwrap().keys(&th, exporter), of_b.unwrap().keys(&th, exporter));
        assert_eq!(
            (a.root.0.expose(), a.sid, a.exporter.0.expose()),
            (b.root.0.expose(), b.sid, b.exporter.0.expose())
        );
        (th, a)
    }

    fn session(th: [u8; 32], keys: SessionKeys, initiator: bool) -> Session {
        use crate::session::Side;
        let ratchet = match initiator {
            true => Ratchet::initiator(&keys.root, key(5), &key(7).public()).unwrap(),
            false => Ratchet::responder(keys.root, key(7)),
        };
        Session {
            suite: Suite::X25519,
            sid: keys.sid,
            th,
            exporter: keys.exporter,
            peer: did(if initiator { 9 } else { 1 }).to_string(),
            side: Side::Responder { head: B64([0; 32]) },
            created: 0,
            used: 0,
            opened: None,
            retired: None,
            frames: 0,
            bytes: 0,
            ratchet,
        }
    }

    #[test]
    fn the_example_of_the_page_comes_out_in_suite_1() {
        let (th, keys) = handshake(false, None);
        assert_eq!(th[..], hex(TH));
        assert_eq!(
            keys.exporter.0.expose()[..],
            hex("0b349a575e84144236b37935feee7f31b95a0f2df255657d551a08321a86d5c3")
        );
        let (a, b) = (session(th, keys, true), session(th, handshake(false, None).1, false));
        let rk = |session: &Session| *session.ratchet.root.0.expose();
        assert_eq!(rk(&a)[..], hex("c42abe21a38ea51076cf0a169951df7b84c8699244b72b094a95ca59ec656a68"));
        let ck = a.ratchet.sending.as_ref().unwrap().key.0.expose();
        assert_eq!(ck[..], hex("0363567e9287e6d61189a05a8d98c03c55ee4ab2d73723fab5fe47e22e2abd11"));
        let (a, sealed) = a.sealed(Kind::Message, b"hello", 64, 0, &mut Given(&[0xaa; 12])).unwrap();
        assert_eq!(
            sealed.message_key.expose()[..],
            hex("e2664ef3fd52c215dc67f99ecc444cbbe9457190f659be3a2aaf52ffbbd883e3")
        );
        assert_eq!(sealed.bytes, hex(MESSAGE));
        assert_eq!(sealed.frame_hash.0[..], hex("3725fb45ef31a5374e297379ea10aec6febdc67d697025d925f3fc24988e3cb5"));
        let (b, _) = b.opened(&Frame::parse(&sealed.bytes).unwrap(), true, 0).unwrap();
        let drawn = [[0x0d; 32].as_slice(), &[0xbb; 12]].concat();
        let (b, answer) = b.sealed(Kind::Message, b"hi", 64, 0, &mut Given(&drawn)).unwrap();
        assert_eq!(answer.bytes, hex(ANSWER));
        assert_eq!(rk(&b)[..], hex("bf0d4e5ecd689e6d49fec4abd7f1c5fd108519b31209bc5e66f478310202fd9c"));
        let (a, opened) = a.opened(&Frame::parse(&answer.bytes).unwrap(), true, 0).unwrap();
        assert!(matches!(opened.content, Content::Message(data) if data[..] == *b"hi"));
        assert_eq!(a.export("inv", 16).unwrap()[..], hex("983eec262641d5139a3dfdf398fcada6"));
        let record = crate::state::Record::OneTimeKey("opk-1".to_owned());
        assert_eq!(record.name()[..], hex("22d9a7a827c47a100b190ff3865f1702"));
        let key = StoreKey::new(Secret::from_bytes(&[0x0e; 32]));
        let blob = key.encrypt(&a.sid().0, 1, &[0xcc; 12], b"state").unwrap();
        assert_eq!(blob, hex("01cccccccccccccccccccccccc9ac6e7f0d9492522d0d5bdc78a28b36192d658fb8b"));
    }

    #[test]
    fn the_example_of_the_page_comes_out_in_suite_2_and_renewed() {
        let (th, keys) = handshake(true, None);
        assert_eq!(th[..], hex("fcd0dae6f44c0e5654136f699d8e8eb7d781dd4fec01238b0619da8e8614d4ed"));
        assert_eq!(keys.root.0.expose()[..], hex("c9a9a2707c5dcdbe9f074e49c38fd7c94f652db4fb1b0a48b8cb7a9d59ab3ba5"));
        assert_eq!(keys.sid.0[..], hex("7b693c0f37ab1ddd19033dada2705168"));
        let (_, old) = handshake(false, None);
        let (_, renewed) = handshake(true, Some(&old));
        assert_eq!(
            renewed.root.0.expose()[..],
            hex("2a79b02f7680e96d66acd8fce5e7dc09484b15626753a25b1165a8fe47de99a6")
        );
        assert_eq!(renewed.sid.0[..], hex("d7c661ccec1853123383768686594e47"));
    }
}
