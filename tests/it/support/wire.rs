//! A wire between a client and a server that can be cut at any point of a call.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// Where a wire is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nowhere.
    Nowhere,
    /// As soon as it is connected, before a byte was read.
    AtOnce,
    /// After the request came whole; the server never sees it.
    BeforeTheServer,
    /// After the request came whole and was passed on; nothing of the answer comes back.
    BeforeTheAnswer,
    /// After so many bytes of the answer.
    InTheAnswer(usize),
    /// Before the last bytes of the answer.
    BeforeTheEnd,
    /// Never: the request is taken, and nothing ever comes back.
    Silence,
}

/// A wire; cut off when dropped.
pub struct Wire {
    /// Where its near end is.
    pub url: String,
    carrying: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

impl Wire {
    /// Lays one to the server at this URL; every connection is cut there.
    pub async fn to(server: &str, cut: Cut) -> Wire {
        let far: SocketAddr = server.trim_start_matches("http://").parse().expect("an address");
        let near = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", near.local_addr().expect("an address"));
        let carrying = tokio::spawn(async move {
            while let Ok((stream, _)) = near.accept().await {
                tokio::spawn(async move {
                    // The client may be gone before we are: that is its right.
                    let _ = carry(stream, far, cut).await;
                });
            }
        });
        Wire { url, carrying }
    }
}

async fn carry(mut near: TcpStream, far: SocketAddr, cut: Cut) -> std::io::Result<()> {
    if cut == Cut::AtOnce {
        return near.set_zero_linger();
    }
    let request = one_request(&mut near).await?;
    match cut {
        Cut::Silence => {
            let mut rest = Vec::new();
            // Until the client gives up.
            near.read_to_end(&mut rest).await?;
            return Ok(());
        }
        Cut::BeforeTheServer => return near.set_zero_linger(),
        _ => {}
    }
    let mut server = TcpStream::connect(far).await?;
    server.write_all(&request).await?;
    let mut answer = vec![0; 64 * 1024];
    let length = server.read(&mut answer).await?;
    let passed = match cut {
        Cut::BeforeTheAnswer => 0,
        Cut::InTheAnswer(bytes) => bytes.min(length),
        Cut::BeforeTheEnd => length.saturating_sub(3),
        _ => length,
    };
    near.write_all(&answer[..passed]).await?;
    near.flush().await?;
    if cut == Cut::Nowhere {
        near.shutdown().await?;
        return Ok(());
    }
    // The end of a stream, not a reset, which would overtake the bytes before it.
    if passed == 0 { near.set_zero_linger() } else { near.shutdown().await }
}

/// The bytes of one request with a declared length.
async fn one_request(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).await?;
        bytes.extend_from_slice(&chunk[..read]);
        if read == 0 || is_whole(&bytes) {
            return Ok(bytes);
        }
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let length = String::from_utf8_lossy(&bytes[..head]).lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    bytes.len() >= head + 4 + length.unwrap_or(0)
}

/// An address where nobody ever accepts: its waiting places are all taken. Holds them until dropped.
pub struct Blackhole {
    /// Where it is.
    pub url: String,
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl Blackhole {
    /// Makes one.
    pub async fn open() -> Blackhole {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener = socket.listen(1).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let mut waiting = Vec::new();
        let patience = std::time::Duration::from_millis(300);
        while let Ok(connected) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
            waiting.push(connected.expect("connected"));
            assert!(waiting.len() < 100, "the waiting places never end");
        }
        Blackhole { url: format!("http://{address}"), _listener: listener, _waiting: waiting }
    }
}

/// A server with a certificate that nobody has signed, at `https://…`. It would answer 200 to anything.
pub fn untrusted() -> String {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_slice(include_bytes!("untrusted.crt")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("untrusted.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a configuration");
    let (config, listener) = (Arc::new(config), std::net::TcpListener::bind("127.0.0.1:0").expect("a port"));
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(config.clone()).expect("a connection");
            let mut tls = rustls::StreamOwned::new(connection, stream);
            let mut request = [0; 1024];
            if tls.read(&mut request).is_ok_and(|read| read > 0) {
                let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{\"idMessage\":\"TLS\"}");
            }
        }
    });
    url
}
