//! What holds secrets neither prints nor is cloned, and is erased.

use crate::*;
use std::fmt::{Debug, Display};
use zeroize::ZeroizeOnDrop;

/// Whether a type has a trait: the constant of the bounded impl is preferred where the bound holds.
macro_rules! has {
    ($type:ty: $bound:path) => {{
        #[allow(dead_code, reason = "where every type has the trait")]
        trait Without {
            const HAS: bool = false;
        }
        impl<T> Without for T {}
        #[allow(dead_code, reason = "only its constant is used")]
        struct Of<T>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "where no type has the trait")]
        impl<T: $bound> Of<T> {
            const HAS: bool = true;
        }
        <Of<$type>>::HAS
    }};
}

macro_rules! silent {
    ($($type:ty),*) => {
        $(
            assert!(!has!($type: Debug), "{} prints", stringify!($type));
            assert!(!has!($type: Display), "{} prints", stringify!($type));
            assert!(!has!($type: Clone), "{} is cloned", stringify!($type));
        )*
    };
}

#[test]
fn secrets_and_what_holds_them_neither_print_nor_are_cloned() {
    assert!(has!(Sid: Debug) && has!(Sid: Clone));
    silent!(Secret, OurKey, OurKem, MessageKey, Session, Agent, Sealed, Opened, Content, Received, state::StoreKey);
    silent!(Step<'static, ()>, state::Change);
}

#[test]
fn the_crates_below_erase_their_copies() {
    fn erased<T: ZeroizeOnDrop>() {}
    erased::<Secret>();
    erased::<OurKem>();
    erased::<x25519_dalek::StaticSecret>();
    erased::<x25519_dalek::SharedSecret>();
    erased::<ml_kem::ml_kem_768::DecapsulationKey>();
    erased::<chacha20poly1305::ChaCha20Poly1305>();
    erased::<sha2::Sha256>();
    erased::<zeroize::Zeroizing<Vec<u8>>>();
}
