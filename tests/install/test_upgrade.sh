#!/bin/bash
# Upgrades from the previous release under load, and goes back: tests/e2e/test_upgrade_from.py with that release, which is
# built from the history (tests/install/previous names the commit) and kept in the cache.
# usage: test_upgrade.sh FOLDER SRC
#	FOLDER	the folder to work in
#	SRC	the tree. Its history is read from SRC/.git or, where runtests has made a copy without it, from the file
#		previous.tar that runtests put beside the copy.
# SAVEMMS_PREFIX names an installation of this version, if there is one already. SAVEMMS_CACHE names the folder that keeps
# what was built (/var/tmp/savemms-roots). The last line is "N passed, N failed", or "skipped: reason" with the status 77.
set -u
. "$(dirname "$0")/build.sh"
dir=$1 src=$(cd "$2" && pwd)
read -r commit <"$src/tests/install/previous"
. "$src/tests/install/root.sh"
cache=$root_cache
previous=$cache/savemms-$commit

fail() {
	echo "$*"
	echo "0 passed, 1 failed"
	exit 1
}

# Prints the source of the previous release as a tar.
history() {
	if test -r "$src/../previous.tar"; then cat "$src/../previous.tar"; else git -C "$src" archive "$commit"; fi
}

if ! history 2>/dev/null | tar -tf - >/dev/null 2>&1; then
	echo "skipped: the history of $src is not there, so that the previous release cannot be built"
	exit 77
fi
root_cache_ready && mkdir -p "$dir" || fail "no folder to work in"
exec 9>"$previous.lock" && flock 9 || fail "$previous.lock"
if ! test -e "$previous/built"; then
	rm -rf "$previous" && mkdir -p "$previous/src" && history | tar -C "$previous/src" -xf - &&
		(build "$previous/src" "$previous/prefix") >"$previous.log" 2>&1 && rm -rf "$previous/src" && : >"$previous/built" ||
		fail "the previous release could not be built; see $previous.log"
fi
exec 9>&-
build_this "$dir" "$src" || fail "this version could not be built"

as_user=() home=$HOME
if test "$(id -u)" = 0; then
	user=savemms-test
	id "$user" >/dev/null 2>&1 || useradd -m -s /bin/sh "$user" || fail "the user $user could not be made"
	as_user=(runuser -u "$user" --) home=$(getent passwd "$user" | cut -d: -f6)
fi
mkdir -p "$dir/tmp" && chmod 755 "$dir" "$previous" && chmod 1777 "$dir/tmp" || fail "$dir/tmp"
cd "$src/tests/e2e" && "${as_user[@]}" env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME="$home" LANG=C.UTF-8 \
	TMPDIR="$dir/tmp" PYTHONDONTWRITEBYTECODE=1 SAVEMMS_PREFIX="$prefix" SAVEMMS_PREVIOUS="$previous/prefix" \
	SAVEMMS_SLOW="${SAVEMMS_SLOW:-1}" timeout -s INT -k 60 900 /usr/bin/python3 -m pytest -q -p no:cacheprovider \
	--basetemp="$dir/tmp/e2e" -rfE test_upgrade.py test_upgrade_from.py >"$dir/pytest.out" 2>&1
status=$?
cat "$dir/pytest.out"
last=$(tail -n 1 "$dir/pytest.out")
passed=$(echo "$last" | grep -o '[0-9]* passed' | cut -d' ' -f1)
failed=$(echo "$last" | grep -oE '[0-9]+ (failed|errors?)' | cut -d' ' -f1 | awk '{ n += $1 } END { if (NR) print n }')
if test "$status" != 0 && test "${failed:-0}" = 0; then failed=1; fi
echo "${passed:-0} passed, ${failed:-0} failed"
test "${failed:-0}" = 0
