//! Frames on a line.

use meridian_iso8583::Framing;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;

/// Reads frames off a line, many at a time where many have come.
pub(crate) struct Frames<S> {
    line: ReadHalf<S>,
    framing: Framing,
    buffer: Vec<u8>,
    at: usize,
}

impl<S: AsyncRead> Frames<S> {
    pub(crate) fn new(line: ReadHalf<S>, framing: Framing) -> Self {
        Self { line, framing, buffer: Vec::with_capacity(64 * 1024), at: 0 }
    }

    /// The next message; nothing when the line has ended. Safe to be dropped while it waits.
    ///
    /// # Errors
    /// The line's own, or a header that is no length: the line cannot be read on.
    pub(crate) async fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        loop {
            let rest = &self.buffer[self.at..];
            let broken = |fault| std::io::Error::new(std::io::ErrorKind::InvalidData, fault);
            if let Some(length) = self.framing.read(rest).map_err(broken)? {
                let start = self.framing.len();
                if let Some(message) = rest.get(start..start + length) {
                    let message = message.to_vec();
                    self.at += start + length;
                    // A frame of nothing only shows that the line stands.
                    if length == 0 {
                        continue;
                    }
                    return Ok(Some(message));
                }
            }
            if self.at > 0 {
                self.buffer.drain(..self.at);
                self.at = 0;
            }
            if self.line.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// Writes frames until nobody has any left or the line breaks; flushes when none waits.
pub(crate) async fn write<S: AsyncWrite>(mut line: WriteHalf<S>, mut frames: mpsc::Receiver<Vec<u8>>) {
    let mut together = Vec::with_capacity(64 * 1024);
    while let Some(frame) = frames.recv().await {
        together.clear();
        together.extend_from_slice(&frame);
        while together.len() < 60 * 1024 {
            match frames.try_recv() {
                Ok(frame) => together.extend_from_slice(&frame),
                Err(_) => break,
            }
        }
        if line.write_all(&together).await.is_err() || line.flush().await.is_err() {
            break;
        }
    }
    drop(line.shutdown().await);
}
