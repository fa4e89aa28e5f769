#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian as a container image, with all that is odd, made an image and given back:
# every file stays as it was, and other programs take what is given.
# Run: root limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"

# equals NAME: the file got says of each file what the file wanted says.
equals() {
	[ "$(wc -l <got)" -gt 5000 ] && cmp -s got wanted
	result "$1: every file is the same" $? "$(diff got wanted | head -n 20 | cut -c1-300)"
}

walk_tar() {
	python3 "$TESTS/image-walk.py" tar "$1" >got
}

walk_image() {
	"$KBOX" -r "$1" -0 --ro -- python3 -c "$(cat "$TESTS/image-walk.py")" folder - >got
}

# about LAYOUT:TAG: what it says but for its layers.
about() {
	skopeo inspect --config "oci:$1" | python3 -c '
import json, sys
about = json.load(sys.stdin)
about.pop("history", None), about.pop("rootfs")
print(json.dumps(about, sort_keys=True))'
}

python3 "$TESTS/image-archives.py" odd source.tar "$IMAGES/debian.tar"
walk_tar source.tar && mv got wanted
umoci init --layout source
umoci new --image source:t
umoci raw add-layer --image source:t source.tar
umoci config --image source:t --config.entrypoint /bin/sh --config.entrypoint=-c \
	--config.cmd 'echo $GREETING; pwd; id -u' --config.user games \
	--config.env GREETING=hello --config.workingdir /usr/lib --config.label is=kept
rm source.tar

"$KBOX" image build -o source.ext4 source >out 2>err
check "made an image: status" $?,"$(cat out err)" 0,
walk_image source.ext4
equals "made an image"
fsck "made an image: clean" source.ext4

"$KBOX" image export -o given.tar source.ext4 >out 2>err
check "given as tar: status" $?,"$(cat out err)" 0,
walk_tar given.tar
equals "given as tar"
rm given.tar

"$KBOX" image export -f oci -c gzip --ref v1.2--a/b -o given source.ext4 >out 2>err
check "given as a layout: status" $?,"$(cat out err)" 0,
check "given as a layout: digests" "$(cd given/blobs/sha256 && sha256sum ./* | sed 's/ .*//')" \
	"$(cd given/blobs/sha256 && ls)"
check "given as a layout: its description" "$(about given:v1.2--a/b)" "$(about source:t)"
walk_tar "$(find given/blobs -size +1M)"
equals "given as a layout"
cp "$(find given/blobs -size +1M)" layer.gz
check "given as a layout: the layer's own digest" "$(gzip -dc layer.gz | sha256sum | cut -d' ' -f1)" \
	"$(skopeo inspect --config oci:given:v1.2--a/b | grep -o 'sha256:[0-9a-f]*' | cut -d: -f2)"

# What others make of it.
umoci unpack --rootless --image given:v1.2--a/b unpacked >out 2>err &&
	[ -x unpacked/rootfs/usr/bin/bash ] && [ "$(cat unpacked/rootfs/odd/old)" = old ]
result "given as a layout: umoci takes it" $? "$(tail -n 3 out err)"
chmod -R u+rwx unpacked && rm -rf unpacked
skopeo copy -q oci:given:v1.2--a/b docker-archive:saved.tar:some/name:t >out 2>err
check "given as a layout: skopeo takes it" $?,"$(cat out err)" 0,
"$KBOX" image build -o back.ext4 saved.tar && walk_image back.ext4
equals "given, and saved for docker"
check "given, and saved for docker: its command" "$("$KBOX" run back.ext4)" "hello
/usr/lib
5"
rm -rf saved.tar given layer.gz back.ext4

"$KBOX" image export -f oci-archive -o given.tar source.ext4 >out 2>err
check "given as an archive: status" $?,"$(cat out err)" 0,
skopeo copy -q oci-archive:given.tar:latest oci:copied:t >out 2>err
check "given as an archive: skopeo takes it" $?,"$(cat out err)" 0,
check "given as an archive: its description" "$(about copied:t)" "$(about source:t)"
"$KBOX" image build -o back.ext4 given.tar && walk_image back.ext4
equals "given as an archive, and made an image"
rm -rf copied source source.ext4

# The same image gives the same pieces; a layout of one that was no container image.
"$KBOX" image export -f oci-archive -o again.tar back.ext4
check "the same each time" "$(cmp again.tar given.tar && echo same)" same
rm -f again.tar given.tar back.ext4
mkdir -p tree/sub
echo text >tree/file
"$KBOX" image build -o tree.ext4 tree
python3 "$TESTS/image-walk.py" folder tree >wanted
for how in gzip zstd; do
	"$KBOX" image export -f oci -c "$how" -o "given.$how/" tree.ext4 >out 2>err
	check "with $how" $?,"$(cat out err)" 0,
	check "with $how: skopeo takes it" "$(skopeo inspect --format '{{.Os}}/{{.Architecture}}' \
		"oci:given.$how")" linux/amd64
	"$KBOX" image build -o back.ext4 "given.$how"
	"$KBOX" image export -o tree.tar back.ext4
	walk_tar tree.tar
	check "with $how: every file is the same" "$(cat got)" "$(cat wanted)"
done

# fails NAME STATUS PATTERN ARGUMENT...: one line, and nothing is made.
fails() {
	local name=$1 status=$2 pattern=$3

	shift 3
	ls -A >before
	"$KBOX" image export "$@" >out 2>err </dev/null
	check "$name: status" $? "$status"
	[ "$(wc -l <err)" -eq 1 ] && grep -qE "^kbox: .*($pattern)" err && [ ! -s out ]
	result "$name: says it" $? "$(head -n 5 out err)" "pattern: $pattern"
	check "$name: leaves nothing" "$(ls -A)" "$(cat before)"
}

touch out err before
fails "a folder that is there" 125 "given.gzip: exists" -f oci -o given.gzip tree.ext4
fails "no folder for a layout" 125 "No such file" -f oci -o none/new tree.ext4
fails "no folder for an archive" 125 "No such file" -f oci-archive -o none/new tree.ext4
fails "a layer with xz" 2 "only with gzip or zstd" -f oci -c xz -o new tree.ext4
fails "another format" 2 "not tar, oci or oci-archive" -f zip -o new tree.ext4
fails "a layout to standard output" 2 "missing" -f oci tree.ext4
fails "a tag of a tar archive" 2 "is for a layout" --ref t -o new tree.ext4
for tag in "" a: -a a/ a..b a---b "a b"; do
	fails "a tag '$tag'" 2 "not a tag" -f oci --ref "$tag" -o new tree.ext4
done
fails "not an image" 125 "tree/file" -f oci -o new tree/file
mkdir tree/.kbox
mkfifo tree/.kbox/config.json
"$KBOX" image build -o pipe.ext4 tree
fails "a description that is a pipe" 125 "not the description" -f oci -o new pipe.ext4
finish
