#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Images of container images, made by other programs, and what they say of running
# them.
# Run: limit 240

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"

walk_image() {
	"$KBOX" -r "$1" -0 --ro -- python3 -c "$(cat "$TESTS/image-walk.py")" folder -
}

# Two layers: Debian, and one that changes it.
"$TESTS/image-archives.py" layer upper.tar
umoci init --layout oci
umoci new --image oci:t
umoci raw add-layer --image oci:t "$IMAGES/debian.tar"
umoci config --image oci:t --config.cmd /bin/sh --config.cmd=-c \
	--config.cmd 'echo $GREETING $PATH; pwd; id -u; id -g' --config.user games \
	--config.env GREETING=hello --config.env PATH=/usr/bin --config.workingdir /usr/lib
umoci tag --image oci:t one
umoci raw add-layer --image oci:t upper.tar
umoci config --image oci:t --config.entrypoint /bin/echo --config.cmd one --config.cmd two \
	--config.user 12:34
skopeo copy -q oci:oci:t docker-archive:saved.tar:some/name:t
skopeo copy -q oci:oci:t oci-archive:archive.tar:t

# One layer equals its source.
"$KBOX" image build -o one.ext4 --ref one oci >out 2>err
check "a layout: status" $? 0
check "a layout: says nothing" "$(cat out err)" ""
python3 "$TESTS/image-walk.py" tar "$IMAGES/debian.tar" >wanted
walk_image one.ext4 >got
[ "$(wc -l <got)" -gt 5000 ] && cmp -s got wanted
result "a layout: every file is the same" $? "$(diff got wanted | head -n 20 | cut -c1-300)"
fsck "a layout: clean" one.ext4

check "its command, user, variables and folder" "$("$KBOX" run one.ext4)" "hello /usr/bin
/usr/lib
5
60"
check "another command" "$("$KBOX" run one.ext4 sh -c 'echo $GREETING; pwd')" "hello
/usr/lib"
check "options come first" "$("$KBOX" run -w / --env GREETING=bye --change-id 7:8 one.ext4 -- \
	sh -c 'echo $GREETING; pwd; id -u')" "bye
/
7"
check "--no-config" "$("$KBOX" run --no-config one.ext4 sh -c 'echo $GREETING; pwd; id -u')" "
/
0"
check "-c" "$("$KBOX" run -c 'echo $GREETING' one.ext4)" hello
check "-S does without" "$("$KBOX" -S one.ext4 -- sh -c 'echo $GREETING; pwd')" "
/"
"$KBOX" run -0 one.ext4 -- sh -c 'echo nonsense >/.kbox/config.json'
"$KBOX" run one.ext4 true >out 2>err
check "a damaged description: status" $? 125
match "a damaged description" "$(cat err)" 'kbox: /.kbox/config.json: .*--no-config.*'
"$KBOX" run --no-config -0 one.ext4 sh -c 'echo "{\"config\":{\"User\":\"nobody2\"}}" >/.kbox/config.json'
match "an unknown user" "$("$KBOX" run one.ext4 true 2>&1)" 'kbox: .*no such user.*nobody2.*'
rm -f one.ext4

# Two layers, in three kinds of packing, are one and the same.
for source in oci saved.tar archive.tar; do
	ref=t
	[ "$source" != saved.tar ] || ref=some/name:t
	rm -f two.ext4
	"$KBOX" image build -o two.ext4 --ref "$ref" "$source"
	check "$source: status" $? 0
	fsck "$source: clean" two.ext4
	walk_image two.ext4 >got.$source
	check "$source: entry point with the command" "$("$KBOX" run two.ext4)" "one two"
	check "$source: entry point with arguments" "$("$KBOX" run two.ext4 three four)" "three four"
done
check "a layout and what docker saves" "$(cmp got.oci got.saved.tar && echo same)" same
check "a layout as folder and as archive" "$(cmp got.oci got.archive.tar && echo same)" same
inside() {
	"$KBOX" run --no-config two.ext4 sh -c "$1" 2>&1
}
check "a whiteout" "$(inside 'ls /etc/hostname /etc/gone-and-back')" \
	"ls: cannot access '/etc/hostname': No such file or directory
/etc/gone-and-back"
check "an opaque folder" "$(inside 'ls -A /etc/apt')" "new"
check "a link of a lower layer is followed" "$(inside 'cat /usr/lib/through-link')" through
check "a file in place of a folder" "$(inside 'cat /srv')" "no folder"
check "a folder that only got new files keeps its time" \
	"$(grep "^b'etc/default' " got.oci | cut -d' ' -f5)" "$(grep "^b'etc/default' " wanted | cut -d' ' -f5)"
rm -f two.ext4 got.*

# What is damaged, or cannot be decided.
fails() {
	local name=$1 pattern=$2

	shift 2
	"$KBOX" image build -o new.ext4 "$@" >out 2>err </dev/null
	check "$name: status" $? 125
	[ "$(wc -l <err)" -eq 1 ] && grep -qE "^kbox: .*($pattern)" err && [ ! -e new.ext4 ]
	result "$name: says it" $? "$(head -n 5 out err)" "pattern: $pattern"
}

fails "two images" "choose one with --ref" oci
fails "no such tag" "no image" --ref nothing oci
fails "another platform" "platform" --platform linux/arm64 --ref t oci
fails "another tag of docker's" "no image with that tag" --ref other saved.tar
layer=$(find oci/blobs -size +1M | head -n 1)
cp "$layer" layer
printf x | dd of="$layer" bs=1 seek=100000 conv=notrunc status=none
fails "a damaged layer" "another digest" --ref t oci
truncate -s -1 "$layer"
fails "a shortened layer" "not of the size" --ref t oci
rm "$layer"
fails "a missing layer" "No such file" --ref t oci
ln -s "$PWD/layer" "$layer"
fails "a layer that is a link to elsewhere" "symbolic links" --ref t oci
sed -i 's/sha256:/sha256:..\/..\//g' oci/index.json
fails "a digest that is a path" "not a SHA-256 digest" --ref t oci
echo '{"manifests": [' >oci/index.json
fails "broken JSON" "index.json" --ref t oci
python3 -c 'print("[" * 100000)' >oci/index.json
fails "deep JSON" "index.json" --ref t oci
for index in 1 '{"manifests": 1}' '{"manifests": [1, null, {}]}' '{"layers": []}' \
	'{"layers": {}, "config": []}' '{"manifests": [{"digest": -1, "size": "x"}]}'; do
	echo "$index" >oci/index.json
	fails "an index $index" "oci: " oci
done
finish
