#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# python3: processes, threads, shared memory, files.

cat >test.py <<'EOF'
import concurrent.futures, ctypes, fcntl, hashlib, mmap, multiprocessing as mp
import os, queue, select, shutil, signal, subprocess, sys, tempfile, threading
from multiprocessing import shared_memory

def square(n):
    return n * n

def add(counter, times):
    for _ in range(times):
        with counter.get_lock():
            counter.value += 1

def fill(name):
    shm = shared_memory.SharedMemory(name)
    shm.buf[:5] = b"hello"
    shm.close()

def processes():
    done = subprocess.run(["sh", "-c", "cat; echo err >&2; exit 3"], input=b"in",
                          capture_output=True, check=False)
    print("run", done.returncode, done.stdout, done.stderr)
    with subprocess.Popen(["cat"], stdin=-1, stdout=-1, text=True) as cat:
        print("communicate", len(cat.communicate("x" * 300000)[0]), cat.wait())
    try:
        subprocess.run(["sleep", "5"], timeout=0.1, check=False)
    except subprocess.TimeoutExpired as e:
        print("timeout", e.cmd)
    try:
        subprocess.run(["./nothere"], check=False)
    except OSError as e:
        print("errno", e.errno)
    print("preexec", subprocess.check_output(["umask"], shell=True, umask=0o27, cwd="/"))
    print("group", subprocess.run(["sh", "-c", "kill 0"], start_new_session=True, check=False).returncode)
    print("spawn", os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "exit 9"], {}), 0)[1]))

def threads():
    jobs, results = queue.Queue(), []
    def work():
        while (n := jobs.get()) is not None:
            results.append(n * n)
    pool = [threading.Thread(target=work) for _ in range(20)]
    [t.start() for t in pool]
    [jobs.put(n) for n in list(range(1000)) + [None] * 20]
    [t.join() for t in pool]
    print("threads", sum(results))
    event, barrier = threading.Event(), threading.Barrier(5)
    waiting = [threading.Thread(target=lambda: (barrier.wait(), event.wait())) for _ in range(5)]
    [t.start() for t in waiting]
    print("event", event.wait(0.05))
    event.set()
    [t.join() for t in waiting]
    with concurrent.futures.ThreadPoolExecutor(8) as ex:
        print("executor", sum(ex.map(lambda p: len(open(p, "rb").read()) > 0, ["/bin/true"] * 100)))

def several(method):
    ctx = mp.get_context(method)
    with ctx.Pool(3) as pool:
        print(method, "pool", sum(pool.map(square, range(1000))))
    counter = ctx.Value("i", 0)
    workers = [ctx.Process(target=add, args=(counter, 200)) for _ in range(3)]
    [w.start() for w in workers]
    [w.join() for w in workers]
    print(method, "value", counter.value)
    here, there = ctx.Pipe()
    here.send({"a": [1, 2]})
    print(method, "pipe", there.recv())
    q = ctx.Queue()
    [q.put("x" * 100000) for _ in range(5)]
    print(method, "queue", sum(len(q.get()) for _ in range(5)))
    shm = shared_memory.SharedMemory(create=True, size=10000)
    p = ctx.Process(target=fill, args=(shm.name,))
    p.start(); p.join()
    print(method, "shared", bytes(shm.buf[:5]))
    shm.close(); shm.unlink()

def maps():
    with open("mapped", "w+b") as f:
        f.truncate(1 << 20)
        with mmap.mmap(f.fileno(), 0) as m:
            m[1000:1005] = b"mmap!"
            print("map", os.pread(f.fileno(), 5, 1000), m.find(b"map!"))
            os.pwrite(f.fileno(), b"write", 4096)
            print("coherent", m[4096:4101])
            if os.fork() == 0:
                m[0:5] = b"child"
                os._exit(0)
            os.wait()
            print("child", m[:5])
            m.flush()
            m.resize(2 << 20)
            m[-1] = 7
        print("size", os.fstat(f.fileno()).st_size, hashlib.sha1(open("mapped", "rb").read()).hexdigest())
    with mmap.mmap(-1, 4096) as m:
        if os.fork() == 0:
            m[:4] = b"anon"
            os._exit(0)
        os.wait()
        print("anonymous", m[:4])

def files():
    with tempfile.TemporaryDirectory(dir=".") as d:
        for i in range(300):
            open(f"{d}/{i}", "w").write(str(i))
        print("scandir", sum(e.stat().st_size for e in os.scandir(d)))
        shutil.copytree(d, "copied")
        print("walk", sum(len(f) for _, _, f in os.walk("copied")))
        shutil.make_archive("made", "zip", "copied")
    fd = os.memfd_create("m", os.MFD_ALLOW_SEALING)
    os.write(fd, b"sealed")
    fcntl.fcntl(fd, 1033, 2 | 4 | 8)
    try:
        os.write(fd, b"x")
    except OSError as e:
        print("seal", e.errno)
    os.sendfile(1, os.open("/etc/hostname", os.O_RDONLY), 0, 100)
    sys.stdout.flush()
    with open("locked", "w") as f:
        fcntl.lockf(f, fcntl.LOCK_EX)
        pid = os.fork()
        if pid == 0:
            try:
                fcntl.lockf(open("locked", "w"), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as e:
                os._exit(e.errno)
        print("lock", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os.setxattr("locked", "user.name", b"value")
    print("xattr", os.getxattr("locked", "user.name"), os.listxattr("locked"))
    print("copy_file_range", os.copy_file_range(os.open("/bin/true", 0), os.open("copy", os.O_RDWR | os.O_CREAT), 1000))

def signals():
    got = []
    signal.signal(signal.SIGUSR1, lambda s, f: got.append(s))
    os.kill(os.getpid(), signal.SIGUSR1)
    print("signal", got)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    os.kill(os.getpid(), signal.SIGUSR2)
    print("sigwait", signal.sigtimedwait([signal.SIGUSR2], 1).si_signo)
    r, w = os.pipe()
    os.set_blocking(w, False)
    signal.set_wakeup_fd(w)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    signal.signal(signal.SIGALRM, lambda s, f: None)
    print("wakeup", select.select([r], [], [], 5)[0] == [r], os.read(r, 1))
    pid = os.fork()
    if pid == 0:
        ctypes.string_at(0)
    print("fault", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

if __name__ == "__main__":
    processes()
    threads()
    several("fork")
    several("spawn")
    several("forkserver")
    maps()
    files()
    signals()
    sys.exit(5)
EOF
python3 -u test.py 2>&1
