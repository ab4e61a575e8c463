//! The disk as it is after the power has gone, from the trace that the shim has written.

use crate::random::Random;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What becomes of changes that no sync has made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survival {
    /// They are lost.
    OnlySynced,
    /// Some of them are there, in no order, whole or in sectors; the seed says which.
    Some(u64),
}

/// The unit that a disk writes whole.
const SECTOR: usize = 512;

enum Change {
    Write { offset: usize, data: Vec<u8> },
    Truncate(usize),
}

#[derive(Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
    mode: u32,
}

enum Naming {
    Create(PathBuf, usize),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Naming {
    fn directory(&self) -> Option<&Path> {
        match self {
            Naming::Create(path, _) | Naming::Unlink(path) | Naming::Rename(_, path) => path.parent(),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Naming::Create(path, file) => drop(names.insert(path.clone(), *file)),
            Naming::Unlink(path) => drop(names.remove(path)),
            Naming::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Change::Truncate(size) => content.resize(*size, 0),
            Change::Write { offset, data } => write_part(content, *offset, data, 0..data.len()),
        }
    }

    /// A part of it, as chance wants.
    fn apply_some(&self, content: &mut Vec<u8>, random: &mut Random) {
        match (self, random.below(4)) {
            (_, 0) => {}
            (Change::Write { offset, data }, 1) => {
                let mut at = 0;
                while at < data.len() {
                    let end = data.len().min(at + SECTOR - (offset + at) % SECTOR);
                    if random.one_in(2) {
                        write_part(content, *offset, data, at..end);
                    }
                    at = end;
                }
            }
            _ => self.apply(content),
        }
    }
}

fn write_part(content: &mut Vec<u8>, offset: usize, data: &[u8], part: Range<usize>) {
    let end = offset + part.end;
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset + part.start..end].copy_from_slice(&data[part]);
}

/// All files below a directory, and what of them is durable.
struct Disk {
    files: Vec<File>,
    /// Names as the process saw them.
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    pending_names: Vec<Naming>,
    by_inode: HashMap<u64, usize>,
}

impl Disk {
    /// Everything that was there before the worker began is durable.
    fn of_image(image: &Path, root: &Path) -> Self {
        let mut disk = Disk {
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            pending_names: Vec::new(),
            by_inode: HashMap::new(),
        };
        walk(image, &mut |path| {
            let mode = fs::metadata(path).unwrap().permissions().mode();
            disk.files.push(File { durable: fs::read(path).unwrap(), pending: Vec::new(), mode });
            disk.names.insert(root.join(path.strip_prefix(image).unwrap()), disk.files.len() - 1);
        });
        disk.durable_names = disk.names.clone();
        disk
    }

    fn replay(&mut self, record: &Record<'_>) {
        match record.kind {
            b'O' => self.open(record),
            b'W' => self.change(record, Change::Write { offset: record.offset as usize, data: record.data.to_vec() }),
            b'T' => self.change(record, Change::Truncate(record.offset as usize)),
            b'S' => self.sync(record),
            b'U' => self.name(Naming::Unlink(path(record.data))),
            b'R' => {
                let middle = record.data.iter().position(|b| *b == 0).unwrap();
                let (from, to) = (&record.data[..middle], &record.data[middle + 1..]);
                self.name(Naming::Rename(path(from), path(to)));
            }
            b'K' => {}
            other => panic!("a record of kind {other}"),
        }
    }

    fn open(&mut self, record: &Record<'_>) {
        let path = path(record.data);
        if record.offset == 1 {
            self.files.push(File { mode: 0o600, ..File::default() });
            self.by_inode.insert(record.inode, self.files.len() - 1);
            self.name(Naming::Create(path, self.files.len() - 1));
        } else {
            match self.names.get(&path) {
                Some(file) => self.by_inode.insert(record.inode, *file),
                // A directory, maybe with the number of a file that is gone.
                None => self.by_inode.remove(&record.inode),
            };
        }
    }

    fn name(&mut self, naming: Naming) {
        naming.apply(&mut self.names);
        self.pending_names.push(naming);
    }

    fn change(&mut self, record: &Record<'_>, change: Change) {
        self.files[self.by_inode[&record.inode]].pending.push(change);
    }

    fn sync(&mut self, record: &Record<'_>) {
        let Some(id) = self.by_inode.get(&record.inode).copied() else {
            let directory = path(record.data);
            self.name_durably(|naming| naming.directory() == Some(&directory));
            return;
        };
        let file = &mut self.files[id];
        for change in std::mem::take(&mut file.pending) {
            change.apply(&mut file.durable);
        }
        // A journal that holds a file's data holds the name that it was made under.
        self.name_durably(|naming| matches!(naming, Naming::Create(_, made) if *made == id));
    }

    fn name_durably(&mut self, which: impl Fn(&Naming) -> bool) {
        let durable = &mut self.durable_names;
        self.pending_names.retain(|naming| {
            let now = which(naming);
            if now {
                naming.apply(durable);
            }
            !now
        });
    }

    fn lose_power(&mut self, survival: Survival) {
        let Survival::Some(seed) = survival else { return };
        let mut random = Random::new(seed);
        for file in &mut self.files {
            for change in std::mem::take(&mut file.pending) {
                change.apply_some(&mut file.durable, &mut random);
            }
        }
        let survive = random.below(self.pending_names.len() as u64 + 1) as usize;
        for naming in self.pending_names.drain(..survive) {
            naming.apply(&mut self.durable_names);
        }
    }

    fn write(&self, root: &Path, target: &Path) {
        for (name, file) in &self.durable_names {
            // The index of the write-ahead log is shared memory, not storage.
            if name.to_string_lossy().ends_with("-shm") {
                continue;
            }
            let to = target.join(name.strip_prefix(root).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let file = &self.files[*file];
            fs::write(&to, &file.durable).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(file.mode & 0o777)).unwrap();
        }
    }
}

struct Record<'a> {
    kind: u8,
    inode: u64,
    offset: u64,
    data: &'a [u8],
}

fn records(trace: &[u8]) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    let mut rest = trace;
    while !rest.is_empty() {
        // The last record is cut where another thread's write killed the worker meanwhile: that write was told to nobody.
        let Some(head) = rest.first_chunk::<32>() else { break };
        let number = |i: usize| u64::from_le_bytes(head[i * 8..][..8].try_into().unwrap());
        let end = 32 + number(3) as usize;
        if end > rest.len() {
            break;
        }
        records.push(Record { kind: number(0) as u8, inode: number(1), offset: number(2), data: &rest[32..end] });
        rest = &rest[end..];
    }
    records
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

fn file_name(bytes: &[u8]) -> String {
    path(bytes).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn walk(directory: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

/// What a trace holds: how many syncs, how many writes, and the file at which the worker was killed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traced {
    /// Syncs that took effect, by the file's name.
    pub syncs: BTreeMap<String, u64>,
    /// Writes and truncations.
    pub writes: u64,
    /// The name of the file at which the worker was killed.
    pub killed_at: Option<String>,
}

/// Builds in `target` what the disk holds after the power has gone: `image` was on it when the worker began to work in
/// `root`, and `trace` is what the worker did.
pub fn rebuild(image: &Path, root: &Path, trace: &Path, survival: Survival, target: &Path) -> Traced {
    let root = root.canonicalize().unwrap();
    let trace = fs::read(trace).unwrap();
    let mut disk = Disk::of_image(image, &root);
    let mut traced = Traced::default();
    for record in records(&trace) {
        disk.replay(&record);
        match record.kind {
            b'S' => *traced.syncs.entry(file_name(record.data)).or_default() += 1,
            b'W' | b'T' => traced.writes += 1,
            b'K' => traced.killed_at = Some(file_name(record.data)),
            _ => {}
        }
    }
    disk.lose_power(survival);
    disk.write(&root, target);
    traced
}
