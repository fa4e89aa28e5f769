#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# python3: asyncio, sqlite3, ssl, sockets, HTTP.

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
	-keyout key.pem -out cert.pem 2>/dev/null
cat >test.py <<'EOF'
import array, asyncio, http.server, os, signal, socket, socketserver, sqlite3, ssl, struct
import subprocess, sys, threading, urllib.request

async def echo(reader, writer):
    while data := await reader.read(4096):
        writer.write(data.upper())
        await writer.drain()
    writer.close()

async def talk(n, **kwargs):
    reader, writer = await asyncio.open_connection(**kwargs)
    writer.write(b"a" * n)
    got = await reader.readexactly(n)
    writer.close()
    return got.count(b"A")

async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print("tcp", sum(await asyncio.gather(*[talk(1000 + i, host="127.0.0.1", port=port) for i in range(50)])))
    here = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    here.load_cert_chain("cert.pem", "key.pem")
    there = ssl.create_default_context(cafile="cert.pem")
    secure = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=here)
    port = secure.sockets[0].getsockname()[1]
    print("tls", await talk(200000, host="127.0.0.1", port=port, ssl=there, server_hostname="localhost"))
    unix = await asyncio.start_unix_server(echo, "socket")
    path = "socket"
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"unix")
    print("unix", await reader.readexactly(4))
    proc = await asyncio.create_subprocess_exec("sh", "-c", "read x; echo $x$x; exit 4", stdin=-1, stdout=-1)
    print("subprocess", await proc.communicate(b"ab\n"), proc.returncode)
    many = [await asyncio.create_subprocess_exec("sh", "-c", f"exit {i}") for i in range(10)]
    print("many", [await p.wait() for p in many])
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.05)
    except asyncio.TimeoutError:
        print("timeout")
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, done.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await done.wait()
    print("signal")
    print("thread", await asyncio.to_thread(sum, range(1000)))

def sockets():
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with open("/etc/hostname") as f:
        socket.send_fds(a, [b"fd"], [f.fileno()])
    msg, fds, _, _ = socket.recv_fds(b, 10, 1)
    print("fds", msg, os.read(fds[0], 100))
    b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    a.send(b"x")
    _, anc, _, _ = b.recvmsg(10, 100)
    pid, uid, gid = struct.unpack("3i", anc[0][2])
    print("credentials", pid == os.getpid(), uid, gid)
    u, v = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
    u.bind(("127.0.0.1", 0))
    v.sendto(b"datagram", u.getsockname())
    print("udp", u.recvfrom(100)[0])
    s = socket.socket(socket.AF_INET6)
    s.bind(("::1", 0))
    s.listen()
    c = socket.create_connection(s.getsockname()[:2])
    print("ipv6", s.accept()[1][0])
    c.close()
    try:
        socket.create_connection(("127.0.0.1", 1))
    except OSError as e:
        print("refused", e.errno)
    print("resolved", socket.getaddrinfo("localhost", 80, socket.AF_INET)[0][4], socket.gethostname())

def http_server():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass
    open("page", "w").write("y" * 500000)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever).start()
        url = f"http://127.0.0.1:{server.server_port}/page"
        print("http", sum(len(urllib.request.urlopen(url).read()) for _ in range(20)))
        server.shutdown()

def database():
    db = sqlite3.connect("db")
    print("wal", db.execute("pragma journal_mode=wal").fetchone())
    db.execute("create table t (a integer primary key, b text)")
    with db:
        db.executemany("insert into t values (?, ?)", ((i, str(i) * 10) for i in range(5000)))
    def reader():
        other = sqlite3.connect("db", timeout=10)
        counts.append(other.execute("select count(*), max(length(b)) from t").fetchone())
    counts = []
    readers = [threading.Thread(target=reader) for _ in range(5)]
    [t.start() for t in readers]
    [t.join() for t in readers]
    print("readers", set(counts))
    pid = os.fork()
    if pid == 0:
        child = sqlite3.connect("db")
        with child:
            child.execute("delete from t where a % 2")
        os._exit(0)
    os.waitpid(pid, 0)
    print("rows", db.execute("select count(*) from t").fetchone(), db.execute("pragma integrity_check").fetchone())

sockets()
asyncio.run(main())
http_server()
database()
EOF
python3 -u test.py 2>&1
