#!/bin/bash
# Builds the Debian packages, looks at them with lintian, and installs them in bare roots that are booted by their own
# systemd: behind lighttpd by README's commands to the letter, with a save, an encode and a send; behind Apache the
# same; an upgrade; a purge with and without customers.
# usage: test_deb.sh FOLDER SRC
set -u
work=$1 src=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$here/root.sh"
. "$here/check.sh"
. "$here/build.sh"
. "$src/tests/deps.sh"
trap 'for root in "$work"/*.pids; do test ! -e "$root" || root_end "${root%.pids}"; done' EXIT

# --- the packages --------------------------------------------------------------------
packages=${SAVEMMS_PACKAGES:-$work/packages}

lint() {
	cd "$packages" || return 1
	lintian --allow-root -EviIL +pedantic ./*.changes >"$work/lint.log" 2>&1
	! grep -E '^[A-Z]: ' "$work/lint.log" | grep -vE '^(N|O): '
}

# The packages of a list of tests/deps.sh, and those of a field of debian/control.
packages_of() { echo "$1" | sed -n 's/^\([^ ]\{1,\}\) .*/\1/p' | sort; }
field() { sed -n "/^$1:/,/^[^ ]/p" "$src/debian/control" | sed -e '1b' -e '/^[^ ]/d' | tr ',' '\n' | sed -e "s/^$1://" -e 's/^ *//' | grep .; }

same_build_deps() {
	diff <(packages_of "$build_deps" | grep -v '^build-essential$') <(field Build-Depends | grep -vE '<!nocheck>|^debhelper|^dh-' | sort)
}

same_run_deps() {
	diff <(packages_of "$run_deps") <({ field Depends; field Recommends; } | sed 's/ .*//' | sort -u |
		grep -vE '^\$|savemms|^lighttpd$|^apache2$|^procps$')
}

same_version() {
	local version
	version=$(sed -n 's/^AC_INIT(\[savemms\], \[\([^]]*\)\].*/\1/p' "$src/configure.ac")
	head -n 1 "$src/debian/changelog" | grep "^savemms ($version-"
}

# --- a root with the packages ------------------------------------------------------------
# boot NAME PACKAGE...: a root in $work/NAME, booted, with the built packages in /root/debs and what the tests need in /root.
boot() {
	local dir=$work/$1
	shift
	root_make bookworm systemd systemd-sysv dbus curl python3 "$@" || return
	root_unpack "$root_tar" "$dir" && mkdir -p "$dir/root/debs" "$dir/root/tree/tests" "$dir/root/tree/debian" "$dir/root/try/media" &&
		cp "$packages"/*.deb "$dir/root/debs" && cp -r "$src/tests/fakes" "$dir/root/tree/tests" &&
		cp -r "$src/debian/tests" "$dir/root/tree/debian" && cp "$work/film.mp4" "$dir/root/try/media" &&
		mkdir -p "$dir/var/www/html" && cp "$src/www/sample.jpg" "$dir/var/www/html/picture.jpg" && root_boot "$dir"
}

make_film() {
	ffmpeg -v error -y -f lavfi -i testsrc2=size=640x360:rate=25:duration=3 -f lavfi -i sine=frequency=440:duration=3 \
		-pix_fmt yuv420p -c:v libx264 -c:a aac "$work/film.mp4" </dev/null
}

# in_root COMMAND...: in the current root, whose folder is $root.
in_root() { root_run "$root" "$@"; }

# by_readme HOW PATTERN [SED]: HOW (root_apt or root_run) runs that line in the folder of the packages, with words put in
# by sed where the reader puts in his own.
by_readme() {
	local line
	line=$(readme "$2" | sed "${3:-}")
	test -n "$line" || { echo "README has no line $2"; return 1; }
	echo "+ $line"
	"$1" "$root" sh -c "cd /root/debs && $line"
}

active() { in_root systemctl is-active --quiet "$@"; }
enabled() { in_root systemctl is-enabled --quiet "$@"; }
# Servers that have just been started or reloaded have some seconds for it.
answers() {
	local ends=$((SECONDS + 20))
	until test "$(in_root curl -s -m 20 -o /dev/null -w '%{http_code}' "http://127.0.0.1$1")" = "$2"; do
		test $SECONDS -lt $ends || return 1
		sleep 0.2
	done
}
install_built() { in_root sh -c "dpkg -i /root/debs/$1_*.deb"; }
save_encode_send() { in_root env AUTOPKGTEST_TMP=/root/try /root/tree/debian/tests/save-encode-send; }
no_folder() { test ! -e "$root/$1"; }

# The request of README's section on the first save, with a key, host and picture of this test.
first_save() {
	local request
	request=$(sed -n '/^    <REQUEST>/,/^    <\/REQUEST>/p' "$src/README" | sed -e "s:the key:$key:" \
		-e 's|https://shop.example/|http://bare.example/|')
	in_root curl -sS -m 60 -H 'Content-Type: text/xml' --data-binary "$request" http://localhost/API/wxml/1.3/ |
		grep '<STATUS>Success</STATUS><MMSID>'
}

units_are_right() {
	in_root systemd-analyze --man=no verify savemms.service savemms.socket savemms-helper.service savemms-helper.timer
}

# The socket stays the same and the program becomes another.
upgrade() {
	local socket before
	socket=$(in_root stat -c %i /run/savemms/fcgi.sock)
	before=$(in_root systemctl show -p MainPID --value savemms.service)
	install_built savemms && answers /readyz 200 &&
		test "$(in_root stat -c %i /run/savemms/fcgi.sock)" = "$socket" &&
		test "$(in_root systemctl show -p MainPID --value savemms.service)" != "$before"
}

# A body that another site of the server takes: only savemms has limits of its own.
others_keep_their_limits() {
	in_root sh -c "head -c 700000 /dev/zero >/root/body && curl -s -o /dev/null -w '%{http_code}' --data-binary @/root/body http://127.0.0.1/other" |
		grep -v 413
}

key_of() { sed -n 's/^api_key: *//p' "$work/account"; }

# --- the checks --------------------------------------------------------------------------
why=$(root_why_not)
test -n "$why" || why=$(root_no_boot)
if test -n "$why"; then echo "skipped: $why"; exit 77; fi

check 'the packages have the version of the tree' same_version
check 'the lists of packages to build with are the same' same_build_deps
check 'the lists of packages to run with are the same' same_run_deps
must 'dpkg-buildpackage' build_packages "$packages" "$src"
check 'lintian has nothing to say' lint
must 'a film' make_film

root=$work/lighttpd
must 'a root with lighttpd' boot lighttpd lighttpd
check 'lighttpd serves' answers /picture.jpg 200
before=$(in_root systemctl show -p MainPID --value lighttpd.service)
must 'README: apt install, lighttpd' by_readme root_apt 'apt install'
check 'lighttpd was reloaded, not restarted' test "$(in_root systemctl show -p MainPID --value lighttpd.service)" = "$before"
check 'the socket runs' active savemms.socket
check 'the timer runs' active savemms-helper.timer
check 'both are there after a boot' enabled savemms.socket savemms-helper.timer
check 'the units are right' units_are_right
by_readme root_run 'savemms -C .* account add shop' >"$work/account"
check 'README: account add' grep '^api_key: ' "$work/account"
check 'README: readyz' by_readme root_run 'curl http://localhost/readyz' | tee "$work/ready"
check 'it is ready' grep '^ok$' "$work/ready"
printf '\noutgoing-allow = 127.0.0.0/8\n' >>"$root/var/lib/savemms/savemms.conf"
check 'the settings are read' in_root systemctl restart savemms.service
key=$(key_of)
check 'README: the first save' first_save
check 'a save, an encode, a send behind lighttpd' save_encode_send
check 'other pages keep their limits' others_keep_their_limits
check 'an upgrade keeps the socket' upgrade
check 'lighttpd serves what it served' answers /picture.jpg 200
check 'removing savemms-lighttpd' in_root apt-get remove savemms-lighttpd
check 'lighttpd serves on without it' answers /picture.jpg 200
check 'and no longer passes on' answers /readyz 404
check 'it comes back enabled' install_built savemms-lighttpd
check 'and passes on' answers /readyz 200
in_root apt-get purge savemms savemms-lighttpd >"$work/purge" 2>&1
check 'a purge names the instance that it keeps' grep 'instance in /var/lib/savemms is kept' "$work/purge"
check 'and keeps it' test -s "$root/var/lib/savemms/savemms.conf"
check 'no unit is left' test -z "$(in_root systemctl list-units --plain --no-legend 'savemms*')"
root_end "$root"

root=$work/apache2
must 'a root with Apache' boot apache2 apache2
check 'README: apt install, Apache' by_readme root_apt 'apt install' s/-lighttpd/-apache2/
# AH00558 is about the name of the root
check 'Apache takes its configuration without a warning' in_root sh -c '! apache2ctl configtest 2>&1 | grep -v -e "Syntax OK" -e AH00558'
check 'it is ready behind Apache' answers /readyz 200
check 'purging an instance without accounts' in_root apt-get purge savemms savemms-apache2
check 'removes it' no_folder var/lib/savemms
check 'Apache serves on without it' answers /picture.jpg 200
check 'the packages come back' by_readme root_apt 'apt install' s/-lighttpd/-apache2/
check 'a save, an encode, a send behind Apache' save_encode_send
check 'Apache serves what it served' answers /picture.jpg 200
end_checks
