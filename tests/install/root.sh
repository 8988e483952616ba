# root.sh: bare root file systems of Debian, in which the tests of this folder install what an operator installs.
# Read by the bash scripts of tests/install.
#
#	root_make bookworm apache2 || exit		# sets root_tar; made once, then taken from the cache
#	root_unpack "$root_tar" "$work/root"
#	root_start "$work/root"
#	root_install "$work/root" /tmp/savemms.deb	# apt-get, with the machine's network
#	root_run "$work/root" savemms --version		# without any network but its own loopback
#	root_end "$work/root"				# ends every process in it by id, and removes it
#
# A started root is a set of namespaces of its own, whose mounts and processes all end with its first process. What is
# run in it reaches no network but its own 127.0.0.1, so that any port is free. All this needs root.
#
# SAVEMMS_CACHE names the folder that keeps the tars and every package that was downloaded (/var/tmp/savemms-roots).

root_cache=${SAVEMMS_CACHE:-/var/tmp/savemms-roots}
root_skipped=77		# the status that says "skipped" to automake, too
root_days=30		# a tar is made anew when it is older

# root_why_not: prints why no root can be made here; nothing if one can.
root_why_not() {
	local program
	if test "$(id -u)" != 0; then echo "it needs root"; return; fi
	for program in mmdebstrap unshare nsenter; do
		if ! command -v "$program" >/dev/null 2>&1; then echo "there is no $program"; return; fi
	done
	if ! unshare --mount --pid --net --fork true 2>/dev/null; then
		echo "namespaces cannot be made here by $(id -un)"
	fi
}

# root_cache_ready: makes the folder of the cache. Root believes what lies in it, so it must be nobody else's.
root_cache_ready() {
	if mkdir -p -m 755 "$root_cache" && test -O "$root_cache" && test ! -L "$root_cache" &&
		test -z "$(find "$root_cache" -maxdepth 0 -perm /022)"; then return 0; fi
	echo "$root_cache is not a folder that only $(id -un) can change: remove it, or name another with SAVEMMS_CACHE" >&2
	return 1
}

# root_make SUITE [PACKAGE...]: makes the tar of a minimal Debian of that release with the packages, unless the cache
# has it, and sets root_tar to its path. Prints "skipped: reason" and returns 77 where that cannot be done; a tar
# that should have been made but was not is a failure, and 1.
root_make() {
	local suite=$1 name lock why
	shift
	why=$(root_why_not)
	if test -n "$why"; then echo "skipped: $why"; return $root_skipped; fi
	root_cache_ready && mkdir -p "$root_cache/debs/$suite" || return 1
	name=$(printf '%s\n' "$@" | sort -u | tr '\n' '+')
	if test ${#name} -gt 150; then name=$(printf '%s' "$name" | sha256sum | cut -c 1-32); fi
	root_tar=$root_cache/$suite+${name%+}.tar
	exec {lock}>"$root_tar.lock" && flock "$lock" || return 1
	if test -z "$(find "$root_tar" -mtime -$root_days 2>/dev/null)"; then root_bootstrap "$suite" "$@"; fi
	local status=$?
	exec {lock}>&-
	return $status
}

# The package lists stay in the tar, and the packages come from the cache and go to it, so that a second root needs the
# network only for what the first did not have.
root_bootstrap() {
	local suite=$1 debs=$root_cache/debs/$1 log=$root_tar.log
	shift
	# each use links a package anew, which its ctime shows
	find "$debs" -name '*.deb' -ctime +60 -delete
	local IFS=,
	if mmdebstrap --variant=minbase ${*:+--include="$*"} --aptopt='Acquire::Languages "none"' \
			--aptopt='APT::Install-Recommends "false"' --aptopt='APT::Keep-Downloaded-Packages "true"' \
			--aptopt='APT::Get::Assume-Yes "true"' --dpkgopt=force-unsafe-io --dpkgopt=force-confold \
			--skip=cleanup/apt/lists,download/empty,essential/unlink \
			--setup-hook='mkdir -p "$1/var/cache/apt/archives"' \
			--setup-hook="find '$debs' -name '*.deb' -exec cp -lt \"\$1/var/cache/apt/archives\" '{}' + 2>/dev/null || cp -r '$debs/.' \"\$1/var/cache/apt/archives\"" \
			--customize-hook="find \"\$1/var/cache/apt/archives\" -name '*.deb' -exec mv -nt '$debs' '{}' +" \
			"$suite" "${root_tar%.tar}.new.tar" >"$log" 2>&1 && mv "${root_tar%.tar}.new.tar" "$root_tar"; then
		return 0
	fi
	echo "mmdebstrap could not make $root_tar:" >&2
	tail -n 15 "$log" >&2
	return 1
}

# root_unpack TAR DIR
root_unpack() {
	mkdir -p "$2" && tar -C "$2" --numeric-owner -xpf "$1" --exclude='./dev/*'
}

# Its own name, and the machine's name servers for root_online.
root_names() {
	echo "127.0.0.1 localhost bare.example" >"$1/etc/hosts" && echo bare.example >"$1/etc/hostname" &&
		mkdir -p "$1/var/cache/apt/archives" && rm -f "$1/etc/resolv.conf" || return 1
	cat /etc/resolv.conf >"$1/etc/resolv.conf" 2>/dev/null || return 0
}

# root_start DIR: starts the namespaces of the root in DIR. DIR.pids keeps the ids of their two first processes.
root_start() {
	local dir=$1 first
	root_names "$dir" || return 1
	rm -f "$dir/run/root-is-ready"
	# the first process takes in the orphans of all others
	unshare --mount --pid --net --uts --ipc --fork --kill-child /bin/sh -c '
		cd "$1" || exit 1
		mount --bind . . && cd "$1" && mount -t proc proc proc && mount -t tmpfs -o mode=755 dev dev || exit 1
		mkdir dev/pts dev/shm && mount -t tmpfs -o mode=1777 shm dev/shm || exit 1
		mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts || exit 1
		for d in null zero full random urandom tty; do : >dev/$d && mount --bind /dev/$d dev/$d || exit 1; done
		ln -s pts/ptmx dev/ptmx
		ln -s /proc/self/fd dev/fd
		for i in 0:in 1:out 2:err; do ln -s "/proc/self/fd/${i%:*}" "dev/std${i#*:}"; done
		ip link set lo up 2>/dev/null && hostname bare.example || exit 1
		exec chroot . /bin/sh -c ": >/run/root-is-ready; while :; do sleep 3600 & wait; done"' sh "$dir" \
		</dev/null >"$dir.started" 2>&1 &
	first=$!
	root_await "$dir" $first test -e "$dir/run/root-is-ready" || return 1
	echo "$first $(cat /proc/$first/task/$first/children)" >"$dir.pids"
}

# root_await DIR PID COMMAND...: waits up to 60 s for the command, while the first process of the root is there.
root_await() {
	local dir=$1 first=$2 ends=$((SECONDS + 60))
	shift 2
	until "$@"; do
		if ! kill -0 "$first" 2>/dev/null || test $SECONDS -ge $ends; then
			echo "the root in $dir did not start:" >&2
			cat "$dir.started" >&2
			kill -KILL "$first" 2>/dev/null	# takes all that it has started along
			rm -f "$dir.pids"
			return 1
		fi
		sleep 0.1
	done
}

# root_boot DIR: as root_start, but the first process is the root's own systemd (which it needs, with dbus), so that
# units are started as on a machine. Needs systemd-nspawn and root; root_no_boot says why it cannot be.
root_boot() {
	local dir=$1 first
	root_names "$dir" || return 1
	systemd-nspawn --directory="$dir" --boot --register=no --keep-unit --private-network --console=pipe \
		--resolv-conf=off --timezone=off --hostname=bare.example --quiet </dev/null >"$dir.started" 2>&1 &
	first=$!
	root_await "$dir" $first root_has_booted "$dir" $first
}

# Prints why root_boot cannot work here; nothing if it can.
root_no_boot() {
	if ! command -v systemd-nspawn >/dev/null 2>&1; then
		echo "there is no systemd-nspawn (Debian package systemd-container)"
	fi
}

root_has_booted() {
	local dir=$1 first=$2 inside
	inside=$(cat "/proc/$first/task/$first/children" 2>/dev/null)
	test "$(cat "/proc/${inside% }/comm" 2>/dev/null)" = systemd && echo "$first $inside" >"$dir.pids" || return 1
	case $(root_run "$dir" systemctl is-system-running 2>/dev/null) in running | degraded) ;; *) return 1 ;; esac
}

# root_enter DIR NAMESPACES... -- COMMAND...: runs the command in the root with a plain environment.
root_enter() {
	local first inside dir=$1 spaces=()
	shift
	while test "$1" != --; do spaces+=("$1"); shift; done
	shift
	read -r first inside <"$dir.pids" || return 1
	nsenter --target "${inside% }" --mount --pid --uts --ipc --root --wd "${spaces[@]}" -- /usr/bin/env -i \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# root_run DIR COMMAND...: in the root, as root, reaching only what listens in the root. Standard input is passed on.
root_run() { local dir=$1; shift; root_enter "$dir" --net -- "$@"; }

# root_online DIR COMMAND...: the same with the machine's network.
root_online() { local dir=$1; shift; root_enter "$dir" -- "$@"; }

# root_apt DIR COMMAND...: runs a command that uses apt, with the machine's network. apt asks nothing and installs no
# recommendations there. What was downloaded goes to the cache, and comes from it.
root_apt() {
	local dir=$1 debs status
	debs=$root_cache/debs/$(. "$dir/etc/os-release" && echo "$VERSION_CODENAME")
	mkdir -p "$debs"
	find "$debs" -name '*.deb' -exec cp -lnt "$dir/var/cache/apt/archives" '{}' + 2>/dev/null
	root_online "$@"
	status=$?
	find "$dir/var/cache/apt/archives" -name '*.deb' -exec cp -lnt "$debs" '{}' + 2>/dev/null
	return $status
}

# root_install DIR WHAT...: apt-get installs packages, and files of packages that are named by a path.
root_install() { local dir=$1; shift; root_apt "$dir" apt-get -q install "$@"; }

# root_stop DIR: ends all processes of the root; the files stay.
root_stop() {
	local first inside tries=0
	read -r first inside <"$1.pids" 2>/dev/null || return 0
	kill -KILL "${inside% }" 2>/dev/null
	while kill -0 "$first" 2>/dev/null && test $tries -lt 100; do sleep 0.1; tries=$((tries + 1)); done
	wait "$first" 2>/dev/null
	rm -f "$1.pids" "$1.started"
}

# root_end DIR: the same, and removes the root. Nothing of the machine is mounted where this process sees it.
root_end() {
	root_stop "$1"
	if test -d "$1"; then rm -rf --one-file-system "$1"; fi
}
