// SPDX-License-Identifier: Apache-2.0
//! What ends the engine thread's sleep: a pipe that is readable.

use std::sync::OnceLock;

static PIPE: OnceLock<[libc::c_int; 2]> = OnceLock::new();

fn pipe() -> [libc::c_int; 2] {
    *PIPE.get_or_init(|| {
        let mut ends = [-1; 2];
        // SAFETY: `ends` takes two descriptors; the other calls work on those two.
        unsafe {
            assert_eq!(libc::pipe(ends.as_mut_ptr()), 0, "cannot make a pipe");
            for end in ends {
                let flags = libc::fcntl(end, libc::F_GETFL);
                libc::fcntl(end, libc::F_SETFL, flags | libc::O_NONBLOCK);
                libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC);
            }
        }
        ends
    })
}

/// Makes the pipe readable; it stays so until [`clear`].
pub fn wake() {
    let [_, write] = pipe();
    // SAFETY: one byte from a live place. A full pipe is readable already.
    unsafe { libc::write(write, [1u8].as_ptr().cast(), 1) };
}

/// The end to poll.
pub fn descriptor() -> libc::c_int {
    pipe()[0]
}

/// Empties the pipe.
pub fn clear() {
    let mut bytes = [0u8; 64];
    // SAFETY: the buffer takes as many bytes as are asked for; the pipe does not block.
    while unsafe { libc::read(descriptor(), bytes.as_mut_ptr().cast(), bytes.len()) } > 0 {}
}
