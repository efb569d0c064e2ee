//! A file on its way to its name: it grows beside the place where it is to stand, and is put there when it is whole and on
//! the disk, in one step. Whoever looks never sees a part of it, whenever the work ends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Links that lead to one another have no end.
const MOST_LINKS: usize = 40;

/// A file that is being written.
///
/// A write that failed stays failed: what comes behind it is let go, and [`put`](Self::put) says what was wrong. So no
/// library above can take a file for whole that is not, or complains on its own when it is dropped.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: NamedTempFile,
    target: Target,
    /// Where the next byte goes and how long it is, or would be: libraries reckon with both, also behind a failure.
    place: u64,
    length: u64,
    failed: Option<(ErrorKind, Option<i32>)>,
    /// What fails is told at the end alone.
    tells_late: bool,
}

/// Where it is to stand.
#[derive(Debug)]
enum Target {
    /// Takes the place of what stands there, if anything does.
    File(PathBuf),
    /// A pipe or a device: what was written goes through it, which stays what it is.
    Stream(PathBuf),
}

impl NewFile {
    /// Begins a file. Of a link, what it leads to is written, and the link stays.
    ///
    /// # Errors
    /// Where nothing can be put there: it is a folder or write-protected, there is no folder for it, no room.
    pub fn create(path: &Path) -> io::Result<Self> {
        let target = target(path)?;
        let mut builder = Builder::new();
        // Hidden, so that a run over the folder passes over what an ended one left.
        builder.prefix(".pec-").suffix(".tmp");
        let file = match &target {
            Target::Stream(_) => builder.tempfile()?,
            Target::File(path) => {
                let permissions = permissions(path)?;
                #[cfg(unix)]
                if permissions.is_none() {
                    use std::os::unix::fs::PermissionsExt;
                    // As any new file: the user's mask takes away what it takes away.
                    builder.permissions(fs::Permissions::from_mode(0o666));
                }
                let file = builder.tempfile_in(folder(path))?;
                // What only its owner could read stays so.
                permissions.map_or(Ok(()), |kept| file.as_file().set_permissions(kept))?;
                file
            }
        };
        Ok(Self { file, target, place: 0, length: 0, failed: None, tells_late: false })
    }

    /// The same file, which tells at the end alone what failed: for a writer that does not bear failures, as one of zip
    /// archives that reckons with the places of what it wrote.
    pub const fn telling_late(mut self) -> Self {
        self.tells_late = true;
        self
    }

    /// Puts it in its place, whole and on the disk.
    ///
    /// # Errors
    /// The first write that failed, or what the system says; then what stood there before still does.
    pub fn put(mut self) -> io::Result<()> {
        if let Some((kind, code)) = self.failed {
            return Err(code.map_or_else(|| kind.into(), io::Error::from_raw_os_error));
        }
        match self.target {
            Target::File(path) => {
                // A rename that is on the disk before what it names would leave half a file after a power cut.
                self.file.as_file().sync_all()?;
                self.file.persist(&path).map_err(|error| error.error)?;
                // Not every file system knows this of a folder, and the file is whole with or without.
                let _ = File::open(folder(&path)).and_then(|folder| folder.sync_all());
                Ok(())
            }
            Target::Stream(path) => {
                self.file.rewind()?;
                let mut stream = OpenOptions::new().append(true).open(path)?;
                io::copy(&mut self.file, &mut stream)?;
                stream.flush()
            }
        }
    }

    /// The same file, where it is to stand on a disk.
    pub fn file(&self) -> Option<File> {
        match self.target {
            Target::File(_) => self.file.as_file().try_clone().ok(),
            Target::Stream(_) => None,
        }
    }

    /// Does the work on the file, unless some failed before.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut File) -> io::Result<T>, else_give: T) -> io::Result<T> {
        if self.failed.is_some() {
            return Ok(else_give);
        }
        let done = work(self.file.as_file_mut());
        if let Err(error) = &done
            && error.kind() != ErrorKind::Interrupted
        {
            self.failed = Some((error.kind(), error.raw_os_error()));
            if self.tells_late {
                return Ok(else_give);
            }
        }
        done
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.attempt(|file| file.write(bytes), bytes.len())?;
        self.place = self.place.saturating_add(written as u64);
        self.length = self.length.max(self.place);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(Write::flush, ())
    }
}

impl Seek for NewFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        let place = place.ok_or(ErrorKind::InvalidInput)?;
        self.place = self.attempt(|file| file.seek(SeekFrom::Start(place)), place)?;
        Ok(self.place)
    }
}

fn target(path: &Path) -> io::Result<Target> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => Ok(Target::Stream(path.to_owned())),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => behind_links(path),
    }
}

/// The file that links lead to, which need not be there yet.
fn behind_links(path: &Path) -> io::Result<Target> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        // An open file of this process, as behind /dev/stdout: what stands in it already is not ours.
        if path.starts_with("/proc") {
            return Ok(Target::Stream(path));
        }
        match fs::read_link(&path) {
            Ok(link) => path = folder(&path).join(link),
            Err(_) => return Ok(Target::File(path)),
        }
    }
    Err(io::Error::other("links that lead to one another"))
}

/// Those of the file that stands there.
fn permissions(path: &Path) -> io::Result<Option<fs::Permissions>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().readonly() => Err(ErrorKind::PermissionDenied.into()),
        Ok(metadata) => Ok(Some(metadata.permissions())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
