//! A request with both `Content-Length` and `Transfer-Encoding` is how one request is hidden in another: the two ends of a
//! proxy may read different lengths (RFC 9112, 6.1). hyper drops the first, closes after the answer and never reads what is
//! hidden, but it does not say that there were two. The stream is therefore watched as it is read.
//!
//! Only what a client sends after the answer to the request before is looked at. Of a client that does not wait for
//! answers, later heads go unseen, and hyper's way holds for them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Whether the request that is being answered had two lengths.
#[derive(Clone, Default)]
pub(super) struct TwoLengths(Arc<AtomicBool>);

impl TwoLengths {
    /// See the type.
    pub(super) fn seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream whose heads are watched.
pub(super) struct Watched<S> {
    stream: S,
    head: Head,
    two: TwoLengths,
}

impl<S> Watched<S> {
    /// The stream, and what is seen on it.
    pub(super) fn new(stream: S) -> (Watched<S>, TwoLengths) {
        let two = TwoLengths::default();
        (Watched { stream, head: Head::default(), two: two.clone() }, two)
    }
}

/// What was seen of a head so far.
#[derive(Default)]
struct Head {
    /// Of the line that has not ended yet, as much as tells what it is.
    line: Vec<u8>,
    /// Lines that have ended.
    lines: usize,
    has_length: bool,
    has_encoding: bool,
    is_over: bool,
}

/// `transfer-encoding` with some white space around it.
const TELLING: usize = 24;

impl Head {
    fn read(&mut self, mut bytes: &[u8]) {
        while !self.is_over && !bytes.is_empty() {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let part = &bytes[..end.unwrap_or(bytes.len())];
            let room = TELLING.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let Some(end) = end else { return };
            self.end_line();
            bytes = &bytes[end + 1..];
        }
    }

    fn end_line(&mut self) {
        let line = self.line.trim_ascii();
        // An empty line before a request is allowed.
        self.is_over = line.is_empty() && self.lines > 0;
        self.lines += usize::from(!line.is_empty());
        if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            let name = line[..colon].trim_ascii();
            self.has_length |= name.eq_ignore_ascii_case(b"content-length");
            self.has_encoding |= name.eq_ignore_ascii_case(b"transfer-encoding");
        }
        self.line.clear();
    }

    fn has_two_lengths(&self) -> bool {
        self.has_length && self.has_encoding
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if !this.head.is_over && matches!(read, Poll::Ready(Ok(()))) {
            this.head.read(&buf.filled()[before..]);
            this.two.0.store(this.head.has_two_lengths(), Ordering::Relaxed);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.head = Head::default();
        Pin::new(&mut this.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.head = Head::default();
        Pin::new(&mut this.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_lengths(text: &str, pieces: usize) -> bool {
        let mut head = Head::default();
        text.as_bytes().chunks(pieces).for_each(|piece| head.read(piece));
        head.has_two_lengths()
    }

    #[test]
    fn two_lengths_are_seen_in_any_order_case_and_pieces_and_only_in_the_head() {
        let cases = [
            ("POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", true),
            ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\nHost: a\r\ncontent-LENGTH:4\r\n\r\n", true),
            ("\r\nPOST / HTTP/1.1\nContent-Length: 4\nTransfer-Encoding: chunked\n\n", true),
            ("POST / HTTP/1.1\r\nContent-Length: 4\r\nHost: a\r\n\r\nTransfer-Encoding: chunked\r\n", false),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nContent-Length: 4\r\n", false),
            ("POST / HTTP/1.1\r\nContent-Length-Of: 4\r\nX-Transfer-Encoding: chunked\r\n\r\n", false),
            ("POST /?content-length: HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false),
        ];
        for (text, expected) in cases {
            for pieces in [1, 2, 7, 1000] {
                assert_eq!(two_lengths(text, pieces), expected, "{text:?} in pieces of {pieces}");
            }
        }
    }
}
