#!/bin/bash
# The stages of ./runtests, run as an ordinary user, in the folder WORK that holds a copy of the tree as WORK/src.
# usage: stages.sh WORK [--quick | --long] [--no-distcheck]
# The stages of tests/install need root, so runtests has run them before; WORK/log has what they printed and counted.
# The last line of the output is "N passed, N failed".
set -u
work=$1
shift
quick= distcheck=yes e2e_seconds=2700
for option; do
	case $option in
	--quick) quick=yes ;;
	--long)
		export SAVEMMS_LONG=yes SAVEMMS_LOAD_SECONDS=600 SAVEMMS_KILLS=1000 SAVEMMS_FAULT_SECONDS=600 SAVEMMS_FUZZ_SECONDS=600
		e2e_seconds=21600 ;;
	--no-distcheck) distcheck= ;;
	*) echo "stages.sh: what is $option?" >&2; exit 2 ;;
	esac
done
src=$work/src logs=$work/log jobs=$(nproc)
passed=0 failed=0 begun=$SECONDS
mkdir -p "$logs" "$work/tmp"
export TMPDIR=$work/tmp PYTHONDONTWRITEBYTECODE=1 CMOCKA_MESSAGE_OUTPUT=STDOUT
export LSAN_OPTIONS=suppressions=$src/tests/lsan.supp:print_suppressions=0
unset MAKEFLAGS

. "$src/tests/stage.sh"

# Reads pytest's last line: "3 failed, 12 passed, 1 skipped, 2 errors in 3.21s".
count_pytest() {
	/usr/bin/python3 - "$2" <<-'END'
	import re, sys
	lines = [l for l in open(sys.argv[1], errors="replace") if re.search(r"\d+ (passed|failed|error)", l)]
	n = {w: int(k) for k, w in re.findall(r"(\d+) (passed|failed|error)", lines[-1])} if lines else {"failed": 1}
	print(n.get("passed", 0), n.get("failed", 0) + n.get("error", 0))
	END
}

# Reads the results of make check: a .trs and a .log for each test program. cmocka prints how many tests it had.
count_check() {
	/usr/bin/python3 "$src/tests/count_check.py" "$(cat "$2.dir")"
}

configure_in() {	# DIR OPTIONS...
	local dir=$1
	shift
	mkdir -p "$dir" && cd "$dir" || return 1
	if test -f config.status && test -f Makefile; then return 0; fi
	"$src/configure" --enable-werror "$@"
}

fresh_tree() { cd "$src" && { test -x configure || ./autogen.sh; }; }
build() { cd "$1" && make -j"$jobs"; }
unit() { echo "$1" >"$logs/$2.log.dir"; cd "$1" && make -k check VERBOSE=yes; }
install_into() { cd "$1" && make install; }
dist() { cd "$1" && make distcheck DISTCHECK_CONFIGURE_FLAGS= ; }

e2e() {	# PREFIX SLOWNESS OPTIONS...
	local prefix=$1 slow=$2
	shift 2
	# Each prefix has a folder of its own, because two may run side by side.
	cd "$src/tests/e2e" && SAVEMMS_PREFIX=$prefix SAVEMMS_SLOW=$slow timeout -s INT -k 60 $e2e_seconds /usr/bin/python3 -m pytest -q -p no:cacheprovider \
		--basetemp="$work/tmp/e2e-${prefix##*/}" --maxfail=40 -rfE --durations=10 "$@"
}

# An install in another place than configure was told, as an operator does it in a home directory. The first
# install is moved away meanwhile, so that nothing of it can be used.
install_elsewhere() {
	local other=$HOME/savemms-elsewhere status
	mv "$work/prefix" "$work/prefix.away" || return 1
	cd "$work/build" && make install prefix="$other" && e2e "$other" 1 -m smoke
	status=$?
	rm -rf "$other"
	mv "$work/prefix.away" "$work/prefix" && return $status
}

valgrind_unit() {
	cd "$work/build" || return 1
	local program bad=0
	local -x SAVEMMS_VALGRIND=yes
	for program in $(make -s print-unit-tests); do
		# The cage allows fewer resources and system calls than valgrind needs. swscale fills more of a picture than
		# is asked of it and x264 reads it, but the files are the same whatever the memory held before.
		case ${program##*/} in test_cage|seed_film) continue ;; esac
		echo "== $program"
		"$src/tests/bounded.sh" 1800 valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
			--child-silent-after-fork=yes --suppressions="$src/tests/valgrind.supp" "./$program" || bad=1
	done
	return $bad
}

# The FastCGI program and the helper run under valgrind behind wrappers, in an installation of their own.
valgrind_e2e() {
	local name prefix=$work/prefix
	for name in savemms.fcgi savemms-helper; do
		mv "$prefix/libexec/savemms/$name" "$prefix/libexec/savemms/$name.real" || return 1
		cat >"$prefix/libexec/savemms/$name" <<-END
		#!/bin/sh
		exec valgrind --quiet --error-exitcode=99 --log-file=$logs/valgrind-$name.%p \\
			--leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \\
			--suppressions=$src/tests/valgrind.supp "$prefix/libexec/savemms/$name.real" "\$@"
		END
		chmod 755 "$prefix/libexec/savemms/$name"
	done
	e2e "$prefix" 8 -m smoke
	local status=$?
	for name in savemms.fcgi savemms-helper; do
		mv -f "$prefix/libexec/savemms/$name.real" "$prefix/libexec/savemms/$name"
	done
	if cat "$logs"/valgrind-savemms* | grep .; then status=1; fi
	return $status
}

crash() {
	cd "$work/build" && make -s check-crash
}

# Every k-th allocation and I/O call of a save fails, and a save is killed at every k-th system call.
fault() {
	cd "$work/build" && SAVEMMS_PREFIX="$work/prefix" make -s check-fault FAULT_SECONDS="${SAVEMMS_FAULT_SECONDS:-8}"
}

# The fuzzers are built with clang in a folder of their own; see tests/fuzz/README.
fuzz() {
	# The short run begins at the same place each time. What is found by chance is for the long one.
	if test -z "${SAVEMMS_LONG:-}"; then local -x SAVEMMS_SEED=${SAVEMMS_SEED:-1}; fi
	cd "$work/build" && make -s fuzz SECONDS="${SAVEMMS_FUZZ_SECONDS:-10}"
}

quickstart_once() {
	cd "$src" && ./quickstart --once --port "$(free_port)" --dir "$work/demo" --build "$work/quick-build"
}

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# add_track NAME: what a track of stages printed to a file of its own, and what it counted.
add_track() {
	local p f
	cat "$logs/$1"
	read -r p f <"$logs/$1.count" || { p=0; f=1; }
	passed=$((passed + ${p:-0})) failed=$((failed + f))
}

finish() {
	echo "== $((SECONDS - begun)) s; logs in $logs"
	echo "$passed passed, $failed failed"
	test "$failed" = 0
	exit
}

if test -e "$logs/install"; then add_track install; fi
stage 'fresh tree: autogen' count_one fresh_tree &&
	stage 'configure' count_one configure_in "$work/build" --prefix="$work/prefix" CFLAGS='-g -O2' &&
	stage 'build with gcc, warnings are errors' count_one build "$work/build" &&
	stage 'install' count_one install_into "$work/build" || finish
stage 'unit tests' count_check unit "$work/build" unit-tests
if test -n "$quick"; then
	stage 'end to end, short' count_pytest e2e "$work/prefix" 1 -m 'not slow'
	finish
fi
export SAVEMMS_LOAD_SECONDS=${SAVEMMS_LOAD_SECONDS:-60} SAVEMMS_KILLS=${SAVEMMS_KILLS:-100}

# Stages that need a processor but no clock run beside the end-to-end tests, which mostly wait, at a lower priority.
beside() {
	passed=0 failed=0
	renice -n 10 -p "$BASHPID" >/dev/null
	if stage 'configure with sanitizers' count_one configure_in "$work/asan" --enable-sanitize \
			--prefix="$work/asan-prefix" CFLAGS='-g -O1' && stage 'build with sanitizers' count_one build "$work/asan"; then
		stage 'install with sanitizers' count_one install_into "$work/asan" && : >"$logs/asan-installed"
		stage 'unit tests with sanitizers' count_check unit "$work/asan" unit-tests-with-sanitizers
	fi
	if stage 'configure for clang' count_one configure_in "$work/clang" CC=clang; then
		stage 'build with clang, warnings are errors' count_one build "$work/clang"
	fi
	stage 'unit tests under valgrind' count_one valgrind_unit
	stage 'fuzzers, a few seconds each' count_one fuzz
	if test -n "$distcheck"; then stage 'make distcheck' count_one dist "$work/build"; fi
	echo "$passed $failed" >"$logs/beside.count"
}
beside >"$logs/beside" 2>&1 &
beside=$!

# The end-to-end tests with sanitizers run beside those without, because they mostly wait, too.
sanitized() {
	passed=0 failed=0
	while test ! -e "$logs/asan-installed" && kill -0 "$beside" 2>/dev/null; do sleep 1; done
	if test -e "$logs/asan-installed"; then
		stage 'end to end with sanitizers' count_pytest e2e "$work/asan-prefix" 4 -m 'not slow'
	fi
	echo "$passed $failed" >"$logs/sanitized.count"
}
sanitized >"$logs/sanitized" 2>&1 &
sanitized=$!

stage 'end to end' count_pytest e2e "$work/prefix" 1.5
stage 'install with another prefix' count_pytest install_elsewhere
stage 'crash test of the store' count_one crash
stage 'faults at every k-th call' count_one fault
stage 'quickstart --once' count_one quickstart_once
stage 'end to end under valgrind' count_pytest valgrind_e2e
wait "$beside" "$sanitized"
add_track sanitized
add_track beside
finish
