# build.sh: builds a tree for a test of this folder. Read by the test_*.sh.

# build FROM TO: builds the tree FROM in place and installs it in TO, which it is told is its place.
build() {
	cd "$1" && { test -x configure || ./autogen.sh; } && ./configure --prefix="$2" CFLAGS='-g -O2' &&
		make -s -j"$(nproc)" && make -s install
}

# build_this DIR SRC: sets prefix to SAVEMMS_PREFIX or, without it, to DIR/prefix, where this version is then installed.
build_this() {
	prefix=${SAVEMMS_PREFIX:-}
	if test -n "$prefix"; then return 0; fi
	prefix=$1/prefix
	cp -r "$2" "$1/src" && (build "$1/src" "$prefix") >"$1/build.log" 2>&1 && return 0
	tail -n 20 "$1/build.log"
	return 1
}
