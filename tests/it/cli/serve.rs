//! `hotelbot serve` and `hotelbot sandbox`: what runs until it is stopped.

use super::Folder;
use insta::assert_snapshot;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

fn start(folder: &Folder, args: &[&str]) -> Child {
    folder
        .command(args)
        .env("HOTELBOT_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// The address in the line by which scripts know that it is ready.
fn ready(child: &mut Child) -> String {
    let stderr = BufReader::new(child.stderr.as_mut().expect("piped"));
    let line = stderr.lines().map(|line| line.expect("text")).find(|line| line.starts_with("ready on http://"));
    line.expect("it becomes ready").trim_start_matches("ready on http://").to_owned()
}

fn status_of(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn the_daemon_says_when_it_is_ready_stands_alone_and_leaves_on_sigterm() {
    let folder = Folder::with_hotels();
    let args = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    let mut daemon = start(&folder, &args);

    let address = ready(&mut daemon);

    assert_eq!(status_of(&address, "/healthz"), "HTTP/1.1 200 OK");
    assert_eq!(status_of(&address, "/hooks/astoria/whatsapp"), "HTTP/1.1 405 Method Not Allowed");
    assert_snapshot!(folder.run_with(&args, "", &[("HOTELBOT_LOG", "error")]), @r"
    exit 4
    ---- stderr
    error: Another daemon already serves `./data/hotelbot.db`

    hint: Stop the other daemon first; several daemons can share a PostgreSQL
    ");
    kill_process(Pid::from_child(&daemon), Signal::TERM).expect("it runs");
    assert_eq!(daemon.wait().expect("it ends").code(), Some(0));
}

#[test]
fn the_sandbox_says_where_it_is() {
    let folder = Folder::new();
    let mut sandbox = start(&folder, &["sandbox", "--listen", "127.0.0.1:0"]);
    let mut lines = BufReader::new(sandbox.stdout.take().expect("piped")).lines();
    let mut screen = String::new();
    while !screen.contains("-d '{") {
        screen.push_str(&lines.next().expect("a line").expect("text"));
        screen.push('\n');
    }

    assert_snapshot!(folder.steady(&screen), @r#"
    Emulating Green API and DeepSeek on http://[ADDR]; any instance and any token are taken

      HOTELBOT_GREEN_API_URL=http://[ADDR]
      HOTELBOT_DEEPSEEK_URL=http://[ADDR]
      switches  http://[ADDR]/_sandbox

    Send a message:
      curl -X POST http://[ADDR]/waInstance1101000001/sendMessage/token \
        -H 'Content-Type: application/json' \
        -d '{"chatId": "79210004567@c.us", "message": "Hello"}'
    "#);
    kill_process(Pid::from_child(&sandbox), Signal::INT).expect("it runs");
    assert_eq!(sandbox.wait().expect("it ends").code(), Some(130));
}
