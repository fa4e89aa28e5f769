#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Java: a virtual machine with its own threads, signals, maps and collector.

cat >Test.java <<'EOF'
import java.io.*;
import java.net.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.stream.*;

public class Test {
	static int depth;

	static void recurse() {
		depth++;
		recurse();
	}

	public static void main(String[] args) throws Exception {
		ExecutorService pool = Executors.newFixedThreadPool(8);
		AtomicLong sum = new AtomicLong();
		List<Future<?>> jobs = new ArrayList<>();
		for (int i = 0; i < 200; i++) {
			int n = i;
			jobs.add(pool.submit(() -> sum.addAndGet(n)));
		}
		for (Future<?> job : jobs)
			job.get();
		pool.shutdown();
		System.out.println("pool " + sum);
		System.out.println("streams " + IntStream.range(0, 100000).parallel().mapToLong(i -> i % 7).sum());
		try {
			recurse();
		} catch (StackOverflowError e) {
			System.out.println("stack overflow " + (depth > 1000));
		}
		try {
			Object o = args.length > 100 ? "" : null;
			o.hashCode();
		} catch (NullPointerException e) {
			System.out.println("null pointer");
		}
		List<byte[]> garbage = new LinkedList<>();
		for (int i = 0; i < 1000; i++) {
			garbage.add(new byte[100000]);
			if (garbage.size() > 100)
				garbage.remove(0);
		}
		System.gc();
		System.out.println("collected " + garbage.size());

		Process p = new ProcessBuilder("sh", "-c", "read x; echo got $x; exit 3").redirectErrorStream(true).start();
		p.getOutputStream().write("line\n".getBytes());
		p.getOutputStream().close();
		System.out.println(new String(p.getInputStream().readAllBytes()).trim() + " " + p.waitFor());

		Path file = Paths.get("mapped");
		try (FileChannel c = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
			MappedByteBuffer map = c.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20);
			map.putInt(4096, 42);
			map.force();
			ByteBuffer b = ByteBuffer.allocate(4);
			c.read(b, 4096);
			System.out.println("mapped " + b.getInt(0) + " " + c.size() + " " + (c.tryLock() != null));
		}
		try (WatchService w = FileSystems.getDefault().newWatchService()) {
			Paths.get(".").register(w, StandardWatchEventKinds.ENTRY_CREATE);
			Files.writeString(Paths.get("created"), "x");
			System.out.println("watched " + w.poll(20, TimeUnit.SECONDS).pollEvents().get(0).context());
		}
		try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
			Thread t = new Thread(() -> {
				try (SocketChannel s = server.accept()) {
					s.write(ByteBuffer.wrap("hello".getBytes()));
				} catch (IOException e) {
					e.printStackTrace();
				}
			});
			t.start();
			try (Socket s = new Socket("127.0.0.1", ((InetSocketAddress) server.getLocalAddress()).getPort())) {
				System.out.println("tcp " + new String(s.getInputStream().readAllBytes()));
			}
			t.join();
		}
		System.out.println("files " + Files.list(Paths.get("/etc/apt")).map(f -> f.getFileName().toString()).sorted().collect(Collectors.toList()));
		System.out.println("home " + System.getProperty("user.home") + " " + ProcessHandle.current().info().command().get());
		Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
		System.exit(3);
	}
}
EOF
ecj -17 -proc:none Test.java 2>&1
echo "ecj: $?"
java -Xmx256m Test 2>&1
echo "status $?"
mkdir again && cd again || exit
java -Xint -Xmx64m -XX:+UseSerialGC -cp .. Test 2>&1 | sha256sum
java -Xmx256m -Xlog:disable -cp . Nothing 2>/dev/null
echo "status $?"
