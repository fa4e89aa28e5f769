#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kbox image build, given what means harm: each archive becomes an image that is
# in order, or one line says why not; nothing else happens to the host.
# Run: limit 240

# shellcheck disable=SC2153 # set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"

secret=not-for-guests-$RANDOM$RANDOM
mkdir outside hostile
echo $secret >outside/secret
outside() {
	find outside -printf '%P %y %m %s %T@\n' && cat outside/secret
}
before=$(outside)

# What is wrong with the end of a build of $1, which left "new.ext4" or not.
verdict() {
	local got=$2 checked

	case $got,$1 in
	125,*)
		[ "$(wc -l <err)" -eq 1 ] || echo "not one line: $(head -n 3 err)"
		! LC_ALL=C grep -q '[[:cntrl:]]' err || echo "control characters: $(cat -v err)"
		[ ! -e new.ext4 ] || echo "leaves an image"
		;;
	0,*/refused-*) echo "taken" ;;
	0,*)
		[ ! -s err ] || echo "says $(head -n 3 err)"
		checked=$(e2fsck -fn new.ext4 2>&1) || echo "$checked"
		! grep -q "$secret" new.ext4 || echo "has the secret in it"
		;;
	*) echo "status $got: $(head -n 3 err)" ;;
	esac
}

# harmless NAME FOLDER: of all that is in the folder.
harmless() {
	local bad='' what source got taken=0 refused=0

	for source in "$2"/*; do
		timeout 60 "$KBOX" image build -o new.ext4 "$source" >out 2>err </dev/null
		got=$?
		what=$(verdict "$source" $got)
		[ -z "$what" ] || bad+="${source##*/}: $what"$'\n'
		if [ $got -eq 0 ]; then taken=$((taken + 1)); else refused=$((refused + 1)); fi
		rm -f new.ext4
	done
	check "$1" "$bad" ""
	# Both ends are reached, or nothing was tested.
	[ $taken -gt 20 ] && [ $refused -gt 100 ]
	result "$1: some are taken, many are not" $? "$taken taken, $refused refused"
	check "$1: nothing outside was touched" "$(outside)" "$before"
	check "$1: nothing is left" "$(echo *)" "err hostile out outside"
}

"$TESTS/hostile-archives.py" hostile 20261124 260 "$PWD/outside" >/dev/null
harmless "archives and container images that mean harm" hostile
harmless "libarchive's own examples" "$ARCHIVES"

# Small, and more than anybody wants; the reason is seen whatever the name is.
python3 - <<'END'
import gzip, tarfile
info = tarfile.TarInfo("same")
with open("many.tgz", "wb") as out:
    out.write(gzip.compress(info.tobuf() * 2048) * 2048)
with tarfile.open("long.tar", "w") as out:
    out.addfile(tarfile.TarInfo("d/" * 3000 + "end"))
END
"$KBOX" image build -o new.ext4 many.tgz 2>err
check "many files in few bytes" "$?,$(cat err)" "125,kbox: many.tgz: refused: unpacking makes it more than 100 times larger; --limit allows it"
"$KBOX" image build -o new.ext4 long.tar 2>err
check "a long name: status" $? 125
match "a long name: the line is short, and says why" "$(tail -c 60 err),$(wc -lc <err)" '.*its name is too long,  *1 *(9[0-9]{2}|10[0-2][0-9])'
finish
