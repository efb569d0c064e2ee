//! Huge pages of memory: quicker where much of it is looked at here and there, and more of it, as hardly one is full.

/// Does without them. Where the system refuses, the command goes on as it is.
pub fn do_without() {
    #[cfg(target_os = "linux")]
    rustix::thread::disable_transparent_huge_pages(true).unwrap_or_default();
}
