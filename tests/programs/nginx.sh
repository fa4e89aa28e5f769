#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# nginx and curl: static files, a proxy, TLS, workers of another user, reload.

chmod 755 . && mkdir -p www/sub logs
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
	-keyout key.pem -out cert.pem 2>/dev/null
echo index >www/index.html
seq 200000 >www/big
cp /bin/bash www/program
cat >conf <<EOF
worker_processes 2;
pid $PWD/pid;
error_log $PWD/logs/error info;
events { worker_connections 100; }
http {
	access_log $PWD/logs/access;
	client_body_temp_path $PWD/body;
	proxy_temp_path $PWD/proxy;
	fastcgi_temp_path $PWD/fastcgi;
	uwsgi_temp_path $PWD/uwsgi;
	scgi_temp_path $PWD/scgi;
	sendfile on;
	server {
		listen 127.0.0.1:8080;
		root $PWD/www;
		gzip on;
		gzip_types application/octet-stream;
		location /sub/ { autoindex on; }
		location /proxy/ { proxy_pass http://unix:$PWD/upstream:/; }
		location /aio/ { alias $PWD/www/; aio threads; directio 4k; }
	}
	server { listen unix:$PWD/upstream; root $PWD/www; }
	server {
		listen 127.0.0.1:8443 ssl http2;
		ssl_certificate $PWD/cert.pem;
		ssl_certificate_key $PWD/key.pem;
		root $PWD/www;
	}
}
EOF
nginx -t -q -c "$PWD/conf" && nginx -c "$PWD/conf"
curl -s http://127.0.0.1:8080/
for url in http://127.0.0.1:8080/{big,program,proxy/big,aio/program} https://localhost:8443/big; do
	curl -s --cacert cert.pem "$url" | sha256sum
done
curl -s --compressed -r 100-119 http://127.0.0.1:8080/big | od -c | head -n 1
curl -s -o /dev/null -w '%{http_code} %{size_download}\n' http://127.0.0.1:8080/nothere
curl -s -o /dev/null -w '%{http_version} %{ssl_verify_result}\n' --http2 --cacert cert.pem https://localhost:8443/
curl -s http://127.0.0.1:8080/sub/ | grep -c 'Index of'
curl -sI http://127.0.0.1:8080/big | grep -i '^content-length'
seq 40 | xargs -P 8 -I{} curl -s http://127.0.0.1:8080/big -o out.{}
sha256sum out.* | cut -d' ' -f1 | sort | uniq -c
curl -s --no-progress-meter --parallel "http://127.0.0.1:8080/{big,program,index.html}" -o 'p.#1' && cmp p.program www/program && echo parallel
ps -o user= --ppid "$(cat pid)" | sort
old=$(pgrep -P "$(cat pid)" | sort | head -n 1)
nginx -s reload -c "$PWD/conf"
while kill -0 "$old" 2>/dev/null; do sleep 0.05; done
curl -s http://127.0.0.1:8080/
nginx -s quit -c "$PWD/conf"
while [ -e pid ]; do sleep 0.05; done
# A line is written when its answer has been sent.
wc -l <logs/access
curl -s http://127.0.0.1:8080/
echo "curl: $?"
grep -cE 'emerg|alert|crit' logs/error
curl -s "file://$PWD/www/index.html"
