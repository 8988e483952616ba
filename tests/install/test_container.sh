#!/bin/bash
# Builds and runs the container by README's commands: with podman as an ordinary user, or, where podman cannot run a
# container, by the same steps in a bare root file system, which is then read-only. SAVEMMS_CONTAINER=bare asks for that.
# usage: test_container.sh FOLDER SRC
set -u
work=$1 src=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$here/root.sh"
. "$here/check.sh"
. "$here/build.sh"
. "$src/tests/deps.sh"
packages=${SAVEMMS_PACKAGES:-$work/packages}
place=$work/place root=$work/root
url=http://127.0.0.1:8080
way=
trap 'for dir in "$place" "$root"; do test ! -e "$dir.pids" || root_end "$dir"; done' EXIT

# --- with podman --------------------------------------------------------------------------
# The place is a set of namespaces with a network of their own, whose port 8080 is free. podman 4.3 runs no container
# on a machine that has both kinds of control groups, so only one kind is seen there.
place_start() {
	local first
	unshare --mount --pid --net --fork --kill-child --mount-proc sh -c '
		umount /sys/fs/cgroup/unified 2>/dev/null
		ip link set lo up && : >"$1" || exit 1
		while :; do sleep 3600 & wait; done' sh "$work/place-is-ready" </dev/null >"$place.started" 2>&1 &
	first=$!
	root_await "$place" $first test -e "$work/place-is-ready" || return 1
	echo "$first $(cat /proc/$first/task/$first/children)" >"$place.pids"
}

# in_place NAMESPACES... -- COMMAND...: in the place; without --net, with the machine's network.
in_place() {
	local inside spaces=()
	while test "$1" != --; do spaces+=("$1"); shift; done
	shift
	read -r _ inside <"$place.pids" || return 1
	nsenter --target "${inside% }" --mount --pid "${spaces[@]}" -- "$@"
}

# as_operator NAMESPACES... -- COMMAND...: as the ordinary user in the folder in which the packages were made. The storage
# is the test's own; processes get no more descriptors than this machine grants.
as_operator() {
	local spaces=()
	while test "$1" != --; do spaces+=("$1"); shift; done
	shift
	in_place "${spaces[@]}" -- runuser -u "$test_user" -- env -i PATH="$PATH" HOME="$work/pod" LANG=C.UTF-8 \
		XDG_RUNTIME_DIR="$work/pod/runtime" CONTAINERS_STORAGE_CONF="$work/pod/storage.conf" \
		CONTAINERS_CONF="$work/pod/containers.conf" BUILDAH_ISOLATION=chroot \
		sh -c 'cd "$0" && exec "$@"' "$packages/src" "$@"
}

podman_ready() {
	local limit
	make_test_user && grep -q "^$test_user:" /etc/subuid || return 1
	limit=$(ulimit -Hn)
	if test "$limit" = unlimited || test "$limit" -gt 4096; then limit=4096; fi
	mkdir -p "$work/pod/runtime" && chmod 700 "$work/pod/runtime" || return 1
	printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrootless_storage_path = "%s"\nrunroot = "%s"\n' \
		"$work/pod/storage" "$work/pod/storage" "$work/pod/runtime/storage" >"$work/pod/storage.conf"
	printf '[containers]\nnetns = "host"\ndefault_ulimits = ["nofile=%s:%s", "nproc=1024:1024"]\n' \
		"$limit" "$limit" >"$work/pod/containers.conf"
	chown -R "$test_user" "$work/pod" && place_start || return 1
	as_operator -- podman import --quiet "$root_tar" localhost/base >/dev/null &&
		as_operator --net -- podman run --rm localhost/base true
}

# --- the same in a bare root ----------------------------------------------------------------
# Each podman_* has its bare_*, which understands the options that README's command has.
declare -A image
volume=$work/volume

# The steps of Containerfile: what it runs, and what it says of the program.
bare_build() {
	local container=$src/dist/container
	grep -q '^RUN .* sh /mnt/install /mnt /media$' "$container/Containerfile" || return 1
	image[env]=$(sed -n 's/^ENV //p' "$container/Containerfile")
	image[user]=$(sed -n 's/^USER //p' "$container/Containerfile")
	image[entry]=$(sed -n 's/^ENTRYPOINT \["\(.*\)"\]$/\1/p' "$container/Containerfile")
	root_unpack "$root_tar" "$root" && cp "$container"/* "$root/mnt/" && cp "$packages"/*.deb "$root/media/" &&
		root_start "$root" && root_apt "$root" sh /mnt/install /mnt /media || return 1
	root_stop "$root"
	rm -f "$root"/mnt/* "$root"/media/*
}

# as_user NSENTER-TARGET... -- COMMAND...: nsenter to there, as the user of the image, without any privilege.
bare_as_user() {
	local where=() ids=${image[user]}
	while test "$1" != --; do where+=("$1"); shift; done
	shift
	nsenter "${where[@]}" --mount --pid --net --ipc --uts --root --wd -- /usr/bin/env -i \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${image[env]}" "${settings[@]}" \
		${fork:+$fork} setpriv --reuid "${ids%:*}" --regid "${ids#*:}" --clear-groups --no-new-privs \
		--bounding-set=-all --inh-caps=-all "$@"
}

# bare_run OPTIONS... IMAGE: a volume that is not there yet begins as the image's folder.
bare_run() {
	settings=() tmpfs=() volume_at=
	while test $# -gt 1; do
		case $1 in
		--detach | --read-only) ;;
		--name | --publish) shift ;;
		--tmpfs) tmpfs+=("$2"); shift ;;
		--volume) volume_at=${2#*:}; shift ;;
		--env) settings+=("$2"); shift ;;
		*) echo "README gives podman run the option $1, which this test does not know"; return 1 ;;
		esac
		shift
	done
	if test ! -d "$volume"; then cp -a "$root$volume_at" "$volume" || return 1; fi
	bare_start
}

bare_start() {
	local inside dir
	root_start "$root" || return 1
	read -r _ inside <"$root.pids"
	inside=${inside% }
	for dir in "${tmpfs[@]}"; do nsenter --target "$inside" --mount mount -t tmpfs tmpfs "$root$dir" || return 1; done
	nsenter --target "$inside" --mount mount --bind "$volume" "$root$volume_at" &&
		nsenter --target "$inside" --mount mount -o remount,bind,ro "$root" || return 1
	fork='unshare --pid --fork --mount-proc --kill-child' bare_as_user --target "$inside" -- "${image[entry]}" >>"$work/bare.log" 2>&1 &
	bare_job=$!
	# this shell's child is nsenter, whose child is unshare, whose child is the first process
	local tries=0
	until bare_first=$(child_of "$(child_of "$(child_of $bare_job)")") && test -n "$bare_first"; do
		tries=$((tries + 1))
		test $tries -lt 100 && kill -0 $bare_job 2>/dev/null || return 1
		sleep 0.1
	done
}
# A function in the background is a shell of its own, whose child the command is.
child_of() { local list; list=$(cat "/proc/${1:-none}/task/${1:-none}/children" 2>/dev/null); echo "${list%% *}"; }

bare_end() {
	local signal=$1 ends=$((SECONDS + 10))
	kill -s "$signal" "$bare_first"
	while kill -0 "$bare_first" 2>/dev/null; do
		if test $SECONDS -ge $ends; then kill -s KILL "$bare_first"; fi
		sleep 0.1
	done
	wait "$bare_job"
	bare_status=$?
	root_stop "$root"
}

# --- one or the other -----------------------------------------------------------------------
# by_readme PATTERN [SED]: runs README's command with words put in by sed where the reader puts in his own.
by_readme() {
	local line net=--net
	line=$(readme "$1" | sed "${2:-}")
	test -n "$line" || { echo "README has no line $1"; return 1; }
	echo "+ $line"
	case $way:$line in
	podman:'podman build '*) as_operator -- sh -c "$line" ;;
	podman:*) as_operator --net -- sh -c "$line" ;;
	bare:'podman build '*) bare_build ;;
	bare:'podman run '*) eval "bare_run ${line#podman run }" ;;
	bare:'podman exec savemms '*) eval "inside ${line#podman exec savemms }" ;;
	esac
}

# inside COMMAND...: in the running container, as its user; as_root: as the container's root.
inside() {
	case $way in
	podman) as_operator --net -- podman exec savemms "$@" ;;
	bare) fork= bare_as_user --target "$bare_first" -- "$@" ;;
	esac
}
as_root() {
	case $way in
	podman) as_operator --net -- podman exec --user 0 savemms "$@" ;;
	bare) root_run "$root" "$@" ;;
	esac
}
stop() {
	case $way in
	podman) as_operator --net -- podman stop savemms && ended 0 ;;
	bare) bare_end TERM && ended 0 ;;
	esac
}
killed() {
	case $way in
	podman) as_operator --net -- podman kill --signal KILL savemms && as_operator --net -- podman wait savemms >/dev/null ;;
	bare) bare_end KILL ;;
	esac
	true
}
again() {
	case $way in
	podman) as_operator --net -- podman start savemms ;;
	bare) bare_start ;;
	esac && ready
}
ended() {
	case $way in
	podman) test "$(as_operator --net -- podman inspect --format '{{.State.ExitCode}}' savemms)" = "$1" ;;
	bare) test "$bare_status" = "$1" ;;
	esac
}
logged() {
	case $way in
	podman) as_operator --net -- podman logs savemms 2>&1 ;;
	bare) cat "$work/bare.log" ;;
	esac
}
# near COMMAND...: a program of this machine beside the container, in the same network.
near() {
	local pids inside=
	for pids in "$place.pids" "$root.pids"; do
		if test -e "$pids"; then read -r _ inside <"$pids"; fi
	done
	nsenter --target "${inside% }" --net -- "$@"
}

# --- what is looked at ------------------------------------------------------------------------
# soon SECONDS COMMAND...
soon() {
	local ends=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		test $SECONDS -lt $ends || return 1
		sleep 0.2
	done
}
no() { ! "$@"; }
ready() { soon 30 inside savemms-ready; }

# Everything that any layer of the image has where an instance or a key could be. The packages have certificates, no keys.
image_files() {
	local layers=("$root")
	if test $way = podman; then layers=("$work"/pod/storage/overlay/*/diff); fi
	find "${layers[@]}" -path '*/var/lib/savemms/*' -o -name savemms.conf ! -path '*/sysusers.d/*' -o -name 'savemms.unused' -o -path '*/mnt/*' -o -path '*/media/*'
	grep -rlE -e '^-----BEGIN [A-Z ]*PRIVATE KEY' "${layers[@]/%//etc}" "${layers[@]/%//root}" "${layers[@]/%//var/lib}" 2>/dev/null
}
no_secret() { no grep . <(image_files); }

# What the user can write to. podman adds memory of its own to a read-only container.
writable() {
	local also=
	if test $way = podman; then also='|run|var/tmp'; fi
	inside sh -c 'find / \( -path /proc -o -path /sys -o -path /dev \) -prune -o -writable ! -type l -print 2>/dev/null' |
		grep -vE "^/(tmp|var/lib/savemms$also)(/|$)"
}
nothing_writable() { no grep . <(writable); }
read_only() { as_root touch "$1" 2>&1 | grep 'Read-only file system'; }

# The programs by user, capabilities and name: all are those of the user, without capabilities.
programs() {
	inside sh -c 'for s in /proc/[0-9]*/status; do
		sed -n "s/^Name:\t//p; s/^Uid:\t//p; s/^CapEff:\t//p" $s 2>/dev/null | tr "\n\t" "  "; echo; done'
}
no_root() {
	programs >"$work/programs"
	cat "$work/programs"
	grep -q '^savemms-helper ' "$work/programs" && grep -q '^savemms.fcgi ' "$work/programs" &&
		grep -q '^lighttpd ' "$work/programs" && no grep -v ' 900 900 900 900 0000000000000000 $' <(grep . "$work/programs")
}

save_encode_send() {
	printf '#!/bin/bash\nexec %s "$@"\n' "$1" >"$work/in" && chmod 755 "$work/in" && near env SAVEMMS_IN="$work/in" \
		SAVEMMS_URL=$url AUTOPKGTEST_TMP="$work/try" "$packages/src/debian/tests/save-encode-send"
}
# The command that does the same as "inside", for another shell.
inside_command() {
	local inside
	case $way in
	podman)
		read -r _ inside <"$place.pids"
		echo "nsenter --target ${inside% } --mount --pid --net -- runuser -u $test_user -- env -i PATH=$PATH HOME=$work/pod" \
			"XDG_RUNTIME_DIR=$work/pod/runtime CONTAINERS_STORAGE_CONF=$work/pod/storage.conf" \
			"CONTAINERS_CONF=$work/pod/containers.conf podman exec savemms"
		;;
	bare)
		echo "nsenter --target $bare_first --mount --pid --net --root --wd -- /usr/bin/env -i PATH=/usr/bin:/bin" \
			"setpriv --reuid ${image[user]%:*} --regid ${image[user]#*:} --clear-groups --no-new-privs"
		;;
	esac
}

# A film that is being encoded when the container is told to stop: the next start takes it up by itself.
save_long_film() {
	local key media
	key=$(inside savemms account show shop | sed -n 's/^api_key: *//p')
	near timeout 120 python3 -B "$src/tests/fakes/media_server.py" --port 8081 "$work/try/media" >"$work/media.out" 2>&1 &
	media=$!
	soon 20 grep -q '^ready ' "$work/media.out"
	near curl -sS -m 60 -H 'Content-Type: text/xml' --data-binary "<REQUEST><ACTION>saveMMS</ACTION><API_KEY>$key</API_KEY>
		<SUBJECT>Long</SUBJECT><NAME>Long</NAME><SLIDE><VIDEO><URL>http://127.0.0.1:8081/long.mp4</URL></VIDEO></SLIDE></REQUEST>" \
		$url/API/wxml/1.3/ >"$work/long"
	kill "$(child_of $media)"
	long=$(sed -n 's:.*<MMSID>\([0-9]*\)</MMSID>.*:\1:p' "$work/long")
	cat "$work/long"
	test -n "$long" && soon 20 encodes
}
encodes() { inside savemms job list | grep "encode.*leased by"; }
wrong_setting() {
	no inside env SAVEMMS_SET_THREADS=many savemms-start >"$work/wrong" 2>&1
	local status=$?
	cat "$work/wrong"
	test $status = 0 && grep -q 'threads is a number' "$work/wrong"
}
written_once() {
	inside cat /var/lib/savemms/savemms.conf >"$work/conf"
	test "$(grep -c '^spool-media = embed$' "$work/conf")" = 1 && no grep '^threads' "$work/conf"
}
is_ready() { inside savemms template show "$1" | grep -qiE '^state: *ready'; }
films() {
	mkdir -p "$work/try/media" && cp "$src/www/sample.jpg" "$work/try/media/picture.jpg" &&
		ffmpeg -v error -y -f lavfi -i testsrc2=size=640x360:rate=25:duration=3 -f lavfi -i sine=frequency=440:duration=3 \
			-pix_fmt yuv420p -c:v libx264 -c:a aac "$work/try/media/film.mp4" </dev/null &&
		ffmpeg -v error -y -f lavfi -i testsrc2=size=1280x720:rate=30:duration=8 -pix_fmt yuv420p \
			-c:v libx264 -preset ultrafast "$work/try/media/long.mp4" </dev/null
}

# --- the checks -----------------------------------------------------------------------------
why=$(root_why_not)
if test -n "$why"; then echo "skipped: $why"; exit 77; fi

must 'dpkg-buildpackage' build_packages "$packages" "$src"
must 'films' films
# The base has what the packages need already, so that it is kept with the other roots.
needed() {
	for package in "$packages"/savemms_*.deb "$packages"/savemms-lighttpd_*.deb; do
		dpkg-deb -f "$package" Depends | tr , '\n'
	done | sed -e 's/^ *//' -e 's/[ |].*//' | grep -vE '^(savemms|systemd)$' | sort -u
}
base() { root_make bookworm systemd-standalone-sysusers fonts-noto-cjk fonts-noto-color-emoji $(needed); }
must 'a root to build on' base
if test "${SAVEMMS_CONTAINER:-}" != bare && command -v podman >/dev/null && podman_ready >"$work/podman.log" 2>&1; then
	way=podman
	echo "with podman, as $test_user"
else
	way=bare
	echo "in a bare root, because podman runs no container here or was not asked for"
	test ! -e "$work/podman.log" || cat "$work/podman.log"
	root_stop "$place"
fi

must 'README: podman build' by_readme 'podman build' 's|podman build|& --build-arg BASE=localhost/base|'
check 'the image has no secret' no_secret
options="--env SAVEMMS_SET_OUTGOING_ALLOW=127.0.0.0/8 --env SAVEMMS_SET_OUTGOING_PORTS=any --env SAVEMMS_SET_SPOOL_MEDIA=embed"
must 'README: podman run' by_readme 'podman run' "s|--env |$options &|;s|https://your.host|$url|"
must 'it is ready' ready
check 'the volume has an instance' inside test -s /var/lib/savemms/savemms.conf
check 'README: podman exec' by_readme 'podman exec savemms savemms account add'
check 'the web server answers from outside' test "$(near curl -s -m 20 $url/readyz)" = ok
check 'a save, an encode, a send' save_encode_send "$(inside_command)"
check 'the programs have no privileges' no_root
check 'nothing is writable but the volume and memory' nothing_writable
check 'even root cannot write' read_only /usr/bin/savemms
check 'nor beside the instance' read_only /var/lib/other
check 'requests are logged' grep 'saveMMS account=tester' <(logged)
check 'the helper logs there, too' grep 'savemms-helper.*encode' <(logged)

check 'a film is under way' save_long_film
check 'it ends in time by itself' stop
check 'it starts again' again
check 'the helper goes on with the film' soon 300 is_ready "$long"
check 'what was stored is there' inside savemms template show 100001
check 'a wrong setting is said, and nothing is started' wrong_setting
killed
check 'it starts after a kill' again
check 'with its settings, which are written once' written_once
check 'and has what was stored' inside savemms template show 100001
check 'the store is whole' inside savemms check
check 'it ends in time' stop
end_checks
