#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# nodejs: event loop, worker threads, child processes, servers, WebAssembly.

cat >test.mjs <<'EOF'
import { execFile, fork, spawn, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, scrypt } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';

const log = console.log;
if (process.argv[2] === 'child') {
	process.on('message', m => process.send(m * 2, () => process.disconnect()));
} else {
	log('exec', (await promisify(execFile)('sh', ['-c', 'echo out; echo $0', 'arg'])).stdout.split('\n'));
	log('status', spawnSync('sh', ['-c', 'exit 3']).status, spawnSync('sh', ['-c', 'kill -9 $$']).signal);
	const cat = spawn('tr', ['a-z', 'A-Z']);
	cat.stdin.end('through a pipe');
	log('pipe', (await cat.stdout.toArray()).join(''));
	const child = fork('test.mjs', ['child']);
	child.send(21);
	log('fork', (await once(child, 'message'))[0]);
	await once(child, 'exit');

	const shared = new Int32Array(new SharedArrayBuffer(4));
	const code = `const { workerData, parentPort } = require('worker_threads');
		for (let i = 0; i < 10000; i++) Atomics.add(workerData, 0, 1);
		parentPort.postMessage(process.pid);`;
	await Promise.all([1, 2, 3, 4].map(() => once(new Worker(code, { eval: true, workerData: shared }), 'exit')));
	log('workers', shared[0]);

	await Promise.all([...Array(200).keys()].map(i => fs.promises.writeFile(`f${i}`, `${i}`)));
	const texts = await Promise.all([...Array(200).keys()].map(i => fs.promises.readFile(`f${i}`, 'utf8')));
	log('files', texts.reduce((a, b) => a + +b, 0), (await fs.promises.readdir('.')).length);
	await pipeline(fs.createReadStream('/bin/bash'), zlib.createGzip(), zlib.createGunzip(), fs.createWriteStream('bash'));
	log('streams', fs.readFileSync('bash').equals(fs.readFileSync('/bin/bash')));
	const watcher = fs.watch('.');
	const change = once(watcher, 'change');
	fs.writeFileSync('watched', 'x');
	log('watch', (await change)[1]);
	watcher.close();
	fs.mkdirSync('a/b/c', { recursive: true });
	fs.rmSync('a', { recursive: true });
	log('removed', fs.existsSync('a'));
	try { fs.openSync('/nothere'); } catch (e) { log('error', e.code, e.errno); }

	const server = http.createServer((q, r) => r.end(q.url.repeat(1000))).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const get = p => fetch(`http://127.0.0.1:${server.address().port}${p}`).then(r => r.text());
	log('http', (await Promise.all([...Array(30).keys()].map(i => get(`/${i}`)))).join('').length);
	server.close(); server.closeAllConnections();
	const unix = net.createServer(s => s.pipe(s)).listen('socket');
	await once(unix, 'listening');
	const s = net.connect('socket');
	s.write('echo');
	log('unix', (await once(s, 'data'))[0].toString());
	s.end(); unix.close();

	log('hash', createHash('sha256').update('x'.repeat(1e6)).digest('hex').slice(0, 16), randomBytes(8).length);
	log('scrypt', (await promisify(scrypt)('p', 's', 16)).toString('hex'));
	log('keys', generateKeyPairSync('ed25519').publicKey.asymmetricKeyType);
	const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
	log('wasm', (await WebAssembly.instantiate(wasm)).instance.exports.add(40, 2));
	let n = 0;
	for (let i = 0; i < 3e7; i++) n = (n * 31 + i) | 0;
	log('jit', n);
	const big = [];
	for (let i = 0; i < 3e5; i++) big.push({ i, s: `${i}` });
	log('heap', big.length);
	const alive = setInterval(() => {}, 1000);
	const signal = once(process, 'SIGUSR2');
	process.kill(process.pid, 'SIGUSR2');
	log('signal', (await signal)[0]);
	clearInterval(alive);
	const start = Date.now();
	await sleep(50);
	log('sleep', Date.now() - start >= 49, os.hostname(), os.tmpdir(), path.resolve('x/..') === process.cwd());
	process.exitCode = 4;
}
EOF
node test.mjs 2>&1
echo "status $?"
echo 'console.log(process.argv.length, require("fs").readFileSync(0, "utf8"))' >script.js
echo input | node script.js a b
node -e 'throw new Error("thrown")' 2>&1 | grep -m 1 thrown
node -p '[1, 2, 3].map(x => x ** 2).join()'
