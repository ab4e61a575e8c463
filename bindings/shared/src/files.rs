//! Where symbolic links lead, for rules of the policy about paths.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use talos_contracts::{Error, ErrorCode, PolicyLink};
use talos_policy::RealPaths;

/// The files of this machine, as this process sees them.
///
/// What a link leads to can change between the decision and the call: only a tool that opens files
/// without following links closes that gap.
#[derive(Debug)]
pub struct SystemFiles;

impl RealPaths for SystemFiles {
    fn real_path(&self, path: &str) -> Result<String, Error> {
        let real = resolve(Path::new(path))?;
        real.into_os_string().into_string().map_err(|_| unresolved("its real name is not UTF-8"))
    }
}

/// The real path of what exists, and the rest as it is: a file that is yet to be written has none.
fn resolve(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_absolute() {
        return Err(unresolved("it is relative"));
    }
    match path.canonicalize() {
        Ok(real) => return Ok(real),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(unresolved(&error.to_string())),
        Err(_) => {}
    }
    // A link that leads nowhere decides where the file will be.
    if path.symlink_metadata().is_ok() {
        return Err(unresolved("it is a link that leads nowhere"));
    }
    match (path.parent(), path.components().next_back()) {
        (Some(parent), Some(Component::Normal(name))) => Ok(resolve(parent)?.join(name)),
        _ => Err(unresolved("a part of it does not exist, and .. follows")),
    }
}

/// Links that somebody states: whoever replays a decision, and the vectors.
#[derive(Debug)]
pub(crate) struct StatedLinks(pub Vec<PolicyLink>);

/// How many links lead to one another before a path goes nowhere (POSIX, SYMLOOP_MAX).
const MAX_LINKS: usize = 40;

impl RealPaths for StatedLinks {
    fn real_path(&self, path: &str) -> Result<String, Error> {
        if !path.starts_with('/') {
            return Err(unresolved("it is relative"));
        }
        let mut ahead: Vec<&str> = path.rsplit('/').collect();
        let (mut real, mut links) = (Vec::new(), 0);
        while let Some(part) = ahead.pop() {
            match part {
                "" | "." => continue,
                ".." => drop(real.pop()),
                _ => real.push(part),
            }
            let here: String = real.iter().flat_map(|part| ["/", part]).collect();
            let Some(link) = self.0.iter().find(|link| link.path == here) else { continue };
            links += 1;
            let target = link.real.as_deref().filter(|target| links <= MAX_LINKS && target.starts_with('/'));
            real.clear();
            ahead.extend(target.ok_or_else(|| unresolved("a link leads nowhere"))?.rsplit('/'));
        }
        Ok(if real.is_empty() { "/".to_owned() } else { real.iter().flat_map(|part| ["/", part]).collect() })
    }
}

fn unresolved(why: &str) -> Error {
    Error::new(ErrorCode::PolicyPathUnresolved, format!("the path could not be followed: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(path: &Path) -> Result<String, ErrorCode> {
        SystemFiles.real_path(path.to_str().unwrap()).map_err(|error| error.code)
    }

    #[test]
    fn stated_links_are_followed_like_those_of_a_file_system() {
        let link = |path: &str, real: Option<&str>| PolicyLink { path: path.to_owned(), real: real.map(str::to_owned) };
        let links = StatedLinks(vec![
            link("/a/link", Some("/b/./c")),
            link("/b", Some("/d")),
            link("/loop", Some("/loop/x")),
            link("/broken", None),
        ]);
        let real = |path: &str| links.real_path(path).map_err(|error| error.code);
        assert_eq!(real("/a/x/../link/y"), Ok("/d/c/y".to_owned()));
        assert_eq!(real("/a/link/../z"), Ok("/d/z".to_owned()));
        assert_eq!(real("/a/.."), Ok("/".to_owned()));
        for path in ["/loop/y", "/broken", "/broken/y", "a/link"] {
            assert_eq!(real(path), Err(ErrorCode::PolicyPathUnresolved), "{path}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn links_are_followed_and_what_is_yet_to_be_written_is_in_its_real_directory() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::fs::write(root.join("real/file"), "x").unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("link")).unwrap();
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("dangling")).unwrap();
        let expected = |tail: &str| Ok(root.join(tail).to_str().unwrap().to_owned());
        assert_eq!(real(&root.join("link/file")), expected("real/file"));
        assert_eq!(real(&root.join("link/new/deep")), expected("real/new/deep"));
        assert_eq!(real(&root.join("link/../real/./file")), expected("real/file"));
        let refused = Err(ErrorCode::PolicyPathUnresolved);
        assert_eq!(real(&root.join("dangling")), refused);
        assert_eq!(real(&root.join("dangling/x")), refused);
        assert_eq!(real(&root.join("new/../../etc")), refused);
        assert_eq!(real(&root.join("real/file/x")), refused);
        assert_eq!(real(Path::new("real/file")), refused);
    }
}
