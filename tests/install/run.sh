#!/bin/bash
# Runs the tests of this folder, as the user that started ./runtests: what an operator installs is installed in bare
# root file systems, which needs root (root.sh).
# usage: run.sh WORK SRC [quick]
#	WORK	the folder to work in; logs are in WORK/log
#	SRC	the tree, which the tests copy before they build in it
#	quick	only the tests that say so in a line "# quick: ..."; ./runtests without options runs them
# Each test_*.sh is started as "test_x.sh FOLDER SRC" with a new folder of its own. Its last line is "N passed, N failed", or
# "skipped: reason" with the status 77. WORK/log/install.count gets "passed failed". The tests share SAVEMMS_PACKAGES, a
# folder for the Debian packages: the first that needs them makes them.
set -u
work=$1 src=$2 quick=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
logs=$work/log passed=0 failed=0
mkdir -p "$logs" || exit 1
. "$src/tests/stage.sh"
export SAVEMMS_PACKAGES=$work/install/packages
rm -rf "$SAVEMMS_PACKAGES"

# Reads the last line of a test. One that ends in another way has failed.
count_install() {
	local line
	line=$(tail -n 1 "$2")
	case $line in
	'skipped: '*) echo "    $line" >"$logs/install.skipped"; echo 0 0 ;;
	*' passed, '*' failed') set -- $line; echo "$1 $3" ;;
	*) echo 0 1 ;;
	esac
}

run_test() {
	local name=$1 dir=$work/install/$1 status
	mkdir -p "$dir" || return 1
	timeout -k 30 1800 bash "$here/$name.sh" "$dir" "$src"
	status=$?
	rm -rf --one-file-system "$dir"
	if test $status = 77; then status=0; fi
	return $status
}

for test in "$here"/test_*.sh; do
	test -e "$test" || continue
	name=$(basename "$test" .sh)
	if test -n "$quick" && ! grep -q '^# quick:' "$test"; then continue; fi
	stage "install: ${name#test_}" count_install run_test "$name"
	if test -e "$logs/install.skipped"; then cat "$logs/install.skipped"; rm "$logs/install.skipped"; fi
done
rm -rf "$SAVEMMS_PACKAGES"
echo "$passed $failed" >"$logs/install.count"
