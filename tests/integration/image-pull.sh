#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kbox image pull, from a registry on the loopback: what was put there comes back,
# and what is wrong with it, or with the way there, is said.
# Run: limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"

command -v docker-registry skopeo umoci >/dev/null
result "the programs of the test are there" $?

# The registry says which port it got.
cat >registry.yml <<END
version: 0.1
log: {level: info}
storage: {filesystem: {rootdirectory: $WORK/registry}}
http: {addr: '127.0.0.1:0'}
END
docker-registry serve registry.yml >registry.log 2>&1 &
registry=$!
trap 'kill "$registry" 2>/dev/null; wait' EXIT
has_port() {
	port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' registry.log)
	[ -n "$port" ]
}
wait_for 20 has_port
result "the registry listens" $? "$(cat registry.log)"
host=127.0.0.1:$port

push() {
	skopeo copy -q --all --dest-tls-verify=false "$1" "docker://$host/$2"
}

files_of() {
	"$KBOX" image export -o files.tar "$1" && python3 "$TESTS/image-walk.py" tar files.tar
}

# An image of two layers, and another for another platform under the same name.
image musl
"$KBOX" image export -f oci -c gzip --ref t -o layout musl.ext4
python3 - <<'END'
import io, tarfile
with tarfile.open("upper.tar", "w") as tar:
    for name, data in (("etc/upper", b"up"), ("etc/.wh.passwd", b"")):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
END
umoci raw add-layer --image layout:t upper.tar
umoci config --image layout:t --config.entrypoint /bin/sh --config.entrypoint=-c \
	--config.cmd 'echo $GREETING; cat /etc/upper; ls /etc/passwd' --config.env GREETING=hello \
	--config.user 12:34 --config.workingdir /usr
umoci tag --image layout:t arm
umoci config --image layout:arm --architecture arm64 --config.env GREETING=arm
python3 - <<'END'
import hashlib, json
index = json.load(open("layout/index.json"))
for image in index["manifests"]:
    tag = image.pop("annotations")["org.opencontainers.image.ref.name"]
    image["platform"] = {"os": "linux", "architecture": "arm64" if tag == "arm" else "amd64"}
both = json.dumps({"schemaVersion": 2, "manifests": index["manifests"],
                   "mediaType": "application/vnd.oci.image.index.v1+json"}).encode()
digest = hashlib.sha256(both).hexdigest()
open("layout/blobs/sha256/" + digest, "wb").write(both)
index["manifests"] = [{"mediaType": "application/vnd.oci.image.index.v1+json",
                       "digest": "sha256:" + digest, "size": len(both),
                       "annotations": {"org.opencontainers.image.ref.name": "both"}}]
json.dump(index, open("layout/index.json", "w"))
END
push oci:layout:both some/both:v1
result "put into the registry" $?
"$KBOX" image build -o wanted.ext4 --ref both layout && files_of wanted.ext4 >wanted

"$KBOX" image pull --insecure -o new.ext4 "$host/some/both:v1" >out 2>err
check "pulled: status" $?,"$(cat out err)" 0,
files_of new.ext4 >got
[ "$(wc -l <got)" -gt 20 ] && cmp -s got wanted
result "pulled: every file is the same" $? "$(diff got wanted | head -n 20 | cut -c1-300)"
fsck "pulled: clean" new.ext4
match "pulled: runs as it says" "$("$KBOX" run new.ext4 2>&1)" "hello
up.*/etc/passwd.*"
digest=$(sha256sum <(skopeo inspect --raw --tls-verify=false "docker://$host/some/both:v1") | cut -d' ' -f1)
rm new.ext4
"$KBOX" image pull --insecure "docker://$host/some/both@sha256:$digest" >out 2>err
check "by its digest, with a name from its own" $?,"$(cat out err)" 0,
check "by its digest: every file is the same" "$(files_of both.ext4 | cmp - wanted && echo same)" same

# The one that is for arm64 has another variable.
"$KBOX" image pull --insecure --platform linux/arm64 -o arm.ext4 "$host/some/both:v1" >out 2>err
check "another platform: status" $?,"$(cat out err)" 0,
check "another platform" "$("$KBOX" run --no-config arm.ext4 grep -c GREETING=arm /.kbox/config.json)" 1

# fails NAME STATUS PATTERN ARGUMENT...: one line, and nothing is left.
fails() {
	local name=$1 status=$2 pattern=$3

	shift 3
	touch out err before
	ls -A >before
	env PATH="${path:-$PATH}" "$KBOX" image pull "$@" >out 2>err </dev/null
	check "$name: status" $? "$status"
	[ "$(wc -l <err)" -eq 1 ] && grep -qE "^kbox: .*($pattern)" err && [ ! -s out ]
	result "$name: says it" $? "$(head -n 5 out err)" "pattern: $pattern"
	check "$name: leaves nothing" "$(ls -A)" "$(cat before)"
}

fails "a platform that is not there" 125 "$host/some/both:v1: .*(no image found|ppc64)" --insecure \
	--platform linux/ppc64 -o new.ext4 "$host/some/both:v1"
fails "a name that exists" 125 "both.ext4: exists; name the image with -o" --insecure "$host/some/both:v1"
fails "another tag" 125 "$host/some/both:v2: .*manifest unknown" --insecure -o new.ext4 "$host/some/both:v2"
fails "another name" 125 "$host/none:v1: .*manifest unknown" --insecure "$host/none:v1"
fails "no reference" 125 "$host/UPPER: .*invalid reference format" --insecure "$host/UPPER"
fails "an empty one" 2 "not the name of an image" ""
fails "two" 2 "one image is needed" a b
fails "without --insecure" 125 "HTTP response to HTTPS client" -o new.ext4 "$host/some/both:v1"
fails "nobody listens" 125 "127.0.0.1:1/x:t: .*connection refused" --insecure -o new.ext4 127.0.0.1:1/x:t
fails "a platform that is none" 2 "needs OS/ARCH" --platform arm64 "$host/some/both:v1"
fails "no folder for it" 125 "none/new.ext4: cannot be written: No such file" -o none/new.ext4 "$host/some/both:v1"
fails "a folder with a colon" 125 "no folder with a colon" -o a:b/new.ext4 "$host/some/both:v1"
fails "a limit" 125 "more than 1 MiB; --limit" --insecure --limit 1M -o new.ext4 "$host/some/both:v1"
mkdir -p empty
path=$PWD/empty fails "no skopeo" 125 "skopeo, .*, is not installed" -o new.ext4 "$host/some/both:v1"

# A program in skopeo's place: what it says, and how it ends.
mkdir fake
cat >fake/skopeo <<'END'
#!/bin/sh
for last; do :; done
mkdir -p "${last#oci:}/blobs"
. "$FAKE"
END
chmod +x fake/skopeo
path=$PWD/fake:$PATH
export FAKE=$PWD/fake/does
echo 'exit 1' >"$FAKE"
fails "it says nothing" 125 "skopeo says not why" -o new.ext4 a
echo 'exit 0' >"$FAKE"
fails "it fetches nothing" 125 "skopeo fetched no image" -o new.ext4 a
# Told to end, kbox ends it, and leaves nothing.
echo 'trap "echo ended >\"$FAKE.ended\"; exit 1" TERM; : >"$FAKE.runs"; while :; do sleep 0.1; done' >"$FAKE"
PATH=$path "$KBOX" image pull -o new.ext4 a 2>err &
wait_for 20 [ -e "$FAKE.runs" ]
kill -TERM $!
wait $!
check "told to end: status" $? 143
check "told to end: so is skopeo" "$(cat "$FAKE.ended" err)" ended
check "told to end: leaves nothing" "$(find . -name '.kbox-pull*')" ""
path=

# Pieces that are not what the registry says.
layer=$(find registry -path '*/blobs/*' -name data -size +100k)
cp "$layer" layer
printf x | dd of="$layer" bs=1 seek=50000 conv=notrunc status=none
fails "a damaged layer" 125 "[Dd]igest did not match" --insecure -o new.ext4 "$host/some/both:v1"
truncate -s -1 "$layer"
fails "a shortened layer" 125 "$host/some/both:v1: " --insecure -o new.ext4 "$host/some/both:v1"
rm "$layer"
fails "a missing layer" 125 "blob unknown|404" --insecure -o new.ext4 "$host/some/both:v1"
finish
