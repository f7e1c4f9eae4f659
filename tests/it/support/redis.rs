//! A Redis of a test's own, which may be flushed and killed.

use super::postgres::free_port;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Killed when dropped.
pub struct Redis {
    port: u16,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Redis {
    /// Starts one on a free port.
    pub async fn start() -> Redis {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let process = spawn(port, folder.path());
        let redis = Redis { port, process, _folder: folder };
        redis.answers().await;
        redis
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Forgets everything.
    pub async fn flush(&self) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("it listens");
        stream.write_all(b"FLUSHALL\r\n").await.expect("it reads");
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await.expect("it answers");
        assert_eq!(&answer, b"+OK\r\n");
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill().expect("it is killed");
        self.process.wait().expect("it is gone");
    }

    /// Starts it again on the same port, empty.
    pub async fn revive(&mut self) {
        self.process = spawn(self.port, self._folder.path());
        self.answers().await;
    }

    async fn answers(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(Instant::now() < deadline, "redis-server does not come up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(port: u16, folder: &std::path::Path) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
        .arg(port.to_string())
        .arg("--dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("`redis-server` is installed (Debian: apt-get install redis-server; `tests/run` does it)")
}
