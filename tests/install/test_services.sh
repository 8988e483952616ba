#!/bin/bash
# What tests/deps.sh installs on a machine that serves already: the server that runs goes on, one that is new is not
# started, and no policy for services stays behind.
# usage: test_services.sh FOLDER SRC
# quick: one root, one small package
set -u
work=$1 src=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$here/root.sh"
. "$here/check.sh"
root=$work/root
trap 'root_end "$root"' EXIT

why=$(root_why_not)
test -n "$why" || why=$(root_no_boot)
if test -n "$why"; then echo "skipped: $why"; exit 77; fi

boot() {
	root_make bookworm systemd systemd-sysv dbus lighttpd apache2-bin apache2-data media-types && root_unpack "$root_tar" "$root" &&
		cp "$src/tests/deps.sh" "$root/root/" && root_boot "$root"
}
in_root() { root_run "$root" "$@"; }
active() { in_root systemctl is-active --quiet "$1"; }
enabled() { in_root systemctl is-enabled --quiet "$1"; }
no() { ! "$@"; }
main_pid() { in_root systemctl show -p MainPID --value lighttpd.service; }
install_missing() {
	root_apt "$root" sh -c '. /root/deps.sh; install_deps "lighttpd program lighttpd
apache2 package apache2
$1"' sh "${1:-}" >"$work/said" 2>&1
	local status=$?
	cat "$work/said"
	return $status
}

must 'a root with lighttpd that runs' boot
check 'lighttpd runs' active lighttpd
before=$(main_pid)
check 'Apache is installed' install_missing
check 'lighttpd runs on, as the same process' test "$(main_pid)" = "$before"
check 'lighttpd starts at a boot' enabled lighttpd
check 'Apache is not started' no active apache2
check 'nor is it at a boot' no enabled apache2
check 'the operator is told' grep -q 'systemctl enable --now apache2' "$work/said"
check 'no policy stays' test ! -e "$root/usr/sbin/policy-rc.d"
check 'a package that cannot be installed is a failure' no install_missing 'no-such-package program no-such'
check 'and leaves no policy' test ! -e "$root/usr/sbin/policy-rc.d"
in_root systemctl enable --now apache2 2>/dev/null || true
check 'another package is installed' install_missing 'bc program bc'
check 'what the operator has enabled since stays so' enabled apache2
end_checks
