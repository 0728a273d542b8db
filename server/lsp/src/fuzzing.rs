//! What `fuzz/` may see of the crate's inside.

use std::io::{self, Read};

use crate::codec::{Frame, FrameReader};

/// The bodies of all frames in a stream; `None` stands for a header that makes no sense.
pub fn bodies(input: impl Read) -> io::Result<Vec<Option<Vec<u8>>>> {
    let mut frames = FrameReader::new(input);
    let mut bodies = Vec::new();
    while let Some(frame) = frames.next_frame()? {
        bodies.push(match frame {
            Frame::Body(body) => Some(body),
            Frame::Malformed(_) => None,
        });
    }
    Ok(bodies)
}
