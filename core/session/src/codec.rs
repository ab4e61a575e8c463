//! The form of records: members in a fixed order, lists with their length. The reader takes nothing that the writer does not
//! write, and bounds every list; what it refuses is `store.corrupt`.

use crate::keys::{OurKem, Secret, TheirKey};
use crate::limits::{DID_BYTES, ID_BYTES};
use crate::published::is_id;
use crate::suite::Suite;
use talos_contracts::{Error, ErrorCode};
use talos_identity::Did;
use zeroize::{Zeroize, Zeroizing};

pub(crate) fn corrupt(why: &str) -> Error {
    Error::new(ErrorCode::StoreCorrupt, why)
}

/// Writes into a buffer that erases what it leaves behind when it grows.
pub struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// Begins with the byte that says what it is.
    pub fn new(kind: u8, room: usize) -> Self {
        let mut writer = Writer(Zeroizing::new(Vec::with_capacity(room)));
        writer.bytes(&[kind]);
        writer
    }

    /// What was written.
    pub fn done(self) -> Zeroizing<Vec<u8>> {
        self.0
    }

    /// Bytes whose number the reader knows.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if self.0.capacity() - self.0.len() < bytes.len() {
            let mut larger = Vec::with_capacity(2 * (self.0.len() + bytes.len()));
            larger.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = Zeroizing::new(larger);
        }
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn u16(&mut self, x: u16) {
        self.bytes(&x.to_be_bytes());
    }

    /// A u32.
    pub fn u32(&mut self, x: u32) {
        self.bytes(&x.to_be_bytes());
    }

    /// A u64.
    pub fn u64(&mut self, x: u64) {
        self.bytes(&x.to_be_bytes());
    }

    /// Yes or no.
    pub fn flag(&mut self, x: bool) {
        self.bytes(&[u8::from(x)]);
    }

    /// Bytes with their number.
    pub fn lp(&mut self, x: &[u8]) {
        self.u32(x.len() as u32);
        self.bytes(x);
    }

    /// Whether there is something, and what.
    pub fn option<T>(&mut self, x: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(x.is_some());
        if let Some(x) = x {
            write(self, x);
        }
    }

    pub(crate) fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.u32(items.len() as u32);
        items.for_each(|item| write(self, item));
    }
}

/// Reads what a [`Writer`] wrote.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// At the beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    /// Ends, where nothing is left.
    pub fn done<T>(self, read: T) -> Result<T, Error> {
        if self.0.is_empty() { Ok(read) } else { Err(corrupt("a record goes on after its end")) }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(|| corrupt("a record is too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    /// So many bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| corrupt("a record is too short"))
    }

    /// A byte.
    pub fn u8(&mut self) -> Result<u8, Error> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    fn u16(&mut self) -> Result<u16, Error> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// A u32.
    pub fn u32(&mut self) -> Result<u32, Error> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// A u64.
    pub fn u64(&mut self) -> Result<u64, Error> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// Yes or no.
    pub fn flag(&mut self) -> Result<bool, Error> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(corrupt("neither yes nor no")),
        }
    }

    /// Thirty-two secret bytes.
    pub fn secret(&mut self) -> Result<Secret, Error> {
        let bytes = self.take(32)?;
        Ok(Secret::from_bytes(bytes.try_into().map_err(|_| corrupt("a record is too short"))?))
    }

    pub(crate) fn key(&mut self) -> Result<TheirKey, Error> {
        Ok(TheirKey(self.array()?))
    }

    /// Bytes with their number, which is at most so much.
    pub fn lp(&mut self, most: usize) -> Result<&'a [u8], Error> {
        let len = self.count(most)?;
        self.take(len)
    }

    /// Text of at most so many bytes.
    pub fn text(&mut self, most: usize) -> Result<&'a str, Error> {
        std::str::from_utf8(self.lp(most)?).map_err(|_| corrupt("not UTF-8"))
    }

    /// A DID.
    pub fn did(&mut self) -> Result<String, Error> {
        let text = self.text(DID_BYTES)?;
        Did::parse(text).map_err(|_| corrupt("not a DID"))?;
        Ok(text.to_owned())
    }

    pub(crate) fn id(&mut self) -> Result<String, Error> {
        let text = self.text(ID_BYTES)?;
        if is_id(text) { Ok(text.to_owned()) } else { Err(corrupt("not the id of a prekey")) }
    }

    pub(crate) fn suite(&mut self) -> Result<Suite, Error> {
        Suite::from_number(self.u16()?).map_err(|_| corrupt("not a suite"))
    }

    fn count(&mut self, most: usize) -> Result<usize, Error> {
        usize::try_from(self.u32()?).ok().filter(|len| *len <= most).ok_or_else(|| corrupt("a list is too long"))
    }

    /// Whether there is something, and what.
    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<Option<T>, Error> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    pub(crate) fn list<T>(
        &mut self,
        most: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        (0..self.count(most)?).map(|_| read(self)).collect()
    }

    pub(crate) fn kem(&mut self) -> Result<OurKem, Error> {
        let seed = self.take(64)?;
        Ok(OurKem::from_seed(seed.try_into().map_err(|_| corrupt("a record is too short"))?))
    }
}
