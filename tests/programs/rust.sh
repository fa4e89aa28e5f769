#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Rust: rustc builds a program with threads, processes, panics and sockets.

cat >main.rs <<'EOF'
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{mpsc, Arc, Condvar, Mutex};
use std::time::Duration;
use std::{env, fs, panic, process, thread};

fn main() {
    let total = Arc::new(Mutex::new(0u64));
    let threads: Vec<_> = (0..16)
        .map(|n| {
            let total = total.clone();
            thread::spawn(move || for i in 0..1000 { *total.lock().unwrap() += n * i })
        })
        .collect();
    for t in threads { t.join().unwrap(); }
    println!("threads {}", total.lock().unwrap());

    let (send, receive) = mpsc::channel();
    for n in 0..8 { let send = send.clone(); thread::spawn(move || send.send(n * n).unwrap()); }
    drop(send);
    println!("channel {}", receive.iter().sum::<i32>());
    let pair = (Mutex::new(false), Condvar::new());
    let waited = pair.1.wait_timeout(pair.0.lock().unwrap(), Duration::from_millis(20)).unwrap();
    println!("condition timed out {}", waited.1.timed_out());

    panic::set_hook(Box::new(|_| {}));
    println!("panic {}", panic::catch_unwind(|| panic!("caught")).is_err());
    println!("thread panic {}", thread::spawn(|| panic!("in thread")).join().is_err());

    let mut child = Command::new("tr").args(["a-z", "A-Z"])
        .stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"through a pipe").unwrap();
    println!("{}", String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap());
    println!("{}", Command::new("sh").args(["-c", "kill -9 $$"]).status().unwrap());
    println!("{:?}", Command::new("./nothere").status().unwrap_err().kind());

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut c, _) = listener.accept().unwrap();
        let mut text = String::new();
        c.read_to_string(&mut text).unwrap();
        text.len()
    });
    TcpStream::connect(addr).unwrap().write_all(&vec![b'x'; 1_000_000]).unwrap();
    println!("tcp {}", server.join().unwrap());

    fs::create_dir_all("a/b").unwrap();
    fs::write("a/b/f", "contents").unwrap();
    let copied = fs::copy("/bin/true", "a/copy").unwrap() == fs::metadata("/bin/true").unwrap().len();
    println!("{} {copied} {}", fs::read_to_string("a/b/f").unwrap(), env::args().count());
    fs::remove_dir_all("a").unwrap();
    let mut words = BTreeMap::new();
    for i in 0..100_000u64 { *words.entry(i * 7919 % 13).or_insert(0) += 1; }
    println!("{words:?}");
    process::exit(5);
}
EOF
rustc -C opt-level=1 -o program main.rs 2>&1
echo "rustc: $?"
./program one two
echo "status $?"
echo 'fn main() { let v: Vec<i32> = vec![]; println!("{}", v[1]); }' | rustc --crate-name bad -o bad - && ./bad 2>/dev/null
echo "status $?"
echo 'fn main() { x }' | rustc - 2>&1 | head -n 1
