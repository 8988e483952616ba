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

# build_packages DIR SRC: builds the Debian packages of the tree SRC in DIR/src, so that they are in DIR, as README has it.
# What DIR has already is taken as it is: run.sh has the tests share them. make check is a stage of its own in ./runtests,
# so the unit tests are left out here.
build_packages() {
	if ls "$1"/*.changes >/dev/null 2>&1; then return 0; fi
	rm -rf "$1" && mkdir -p "$1/src" && cp -a "$2/." "$1/src/" && cd "$1/src" || return 1
	rm -f configure
	DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -us -uc -b >"$1/build.log" 2>&1 && return
	tail -n 40 "$1/build.log"
	return 1
}
