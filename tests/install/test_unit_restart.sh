#!/bin/bash
# Restarts savemms.service under load, in a booted systemd: no request fails, and the helper goes on with its films. The
# system is this machine's own, in an overlay that is thrown away, with the network of its own that systemd-nspawn makes.
# usage: test_unit_restart.sh FOLDER SRC
# SAVEMMS_PREFIX names an installation of this version, if there is one already. The last line is "N passed, N failed",
# or "skipped: reason" with the status 77.
set -u
. "$(dirname "$0")/build.sh"
dir=$1 src=$(cd "$2" && pwd)

skip() {
	echo "skipped: $*"
	exit 77
}

fail() {
	echo "$*"
	echo "0 passed, 1 failed"
	exit 1
}

# The rest of this script in a namespace of its own, whose mounts end with it.
if test "${SAVEMMS_INSIDE:-}" != yes; then
	test "$(id -u)" = 0 || skip "only root can boot a system"
	command -v systemd-nspawn >/dev/null || skip "there is no systemd-nspawn"
	mkdir -p "$dir" || fail "no folder to work in"
	SAVEMMS_INSIDE=yes exec unshare -m bash "$0" "$dir" "$src"
fi

build_this "$dir" "$src" || fail "this version could not be built"
layer=$dir/layer root=$dir/layer/root
mkdir -p "$layer" && mount -t tmpfs tmpfs "$layer" && mkdir "$layer/up" "$layer/work" "$root" || fail "no memory for files"
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/up,workdir=$layer/work" "$root" || skip "overlays cannot be mounted here"
out=$root/root/out units=$root/etc/systemd/system
rm -rf "$root/opt/savemms" && mkdir -p "$out" && cp -r "$prefix" "$root/opt/savemms" || fail "the root could not be filled"
for unit in savemms.service savemms-helper.service; do
	sed 's|@LIBEXEC@|/opt/savemms/libexec/savemms|' "$src/systemd/$unit.in" >"$units/$unit" || fail "$unit"
done
cp "$src/systemd/savemms.socket" "$src/systemd/savemms-helper.timer" "$units" || fail "units"
cp "$src/tests/e2e/fastcgi.py" "$src/tests/e2e/client.py" "$src/tests/install/restart_load.py" "$src/www/sample.jpg" "$out" || fail "load"
ffmpeg -loglevel error -y -f lavfi -i testsrc=size=640x480:rate=25:duration=15 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
	"$out/film.mp4" || fail "the film could not be made"
: >"$root/etc/machine-id"
cat >"$units/savemms-test.target" <<-'END'
	[Unit]
	Requires=basic.target
	After=basic.target
	Wants=savemms-test.service
	AllowIsolate=yes
END
cat >"$units/savemms-test.service" <<-'END'
	[Unit]
	After=basic.target
	[Service]
	Type=oneshot
	ExecStart=/bin/bash /root/out/inside.sh
	StandardOutput=file:/root/out/said
	StandardError=file:/root/out/said
	ExecStopPost=/bin/systemctl --no-block poweroff
	TimeoutStartSec=300
END
cat >"$out/inside.sh" <<-'END'
	cd /root/out || exit 1
	echo booted
	id savemms 2>/dev/null || useradd --system --user-group --home-dir /var/lib/savemms savemms
	install -d -m 700 -o savemms -g savemms /var/lib/savemms
	runuser -u savemms -- /opt/savemms/bin/savemms init /var/lib/savemms --demo >init
	systemctl start savemms.socket savemms-helper.timer
	PYTHONDONTWRITEBYTECODE=1 python3 restart_load.py "$(sed -n 's/^api_key: //p' init)" >result 2>&1
	echo $? >status
	journalctl -u savemms.service --no-pager -n 40
	tail -n 40 /var/lib/savemms/log/savemms.log
END
timeout 400 systemd-nspawn --directory="$root" --boot --register=no --keep-unit --private-network --console=pipe \
	-- --unit=savemms-test.target </dev/null >"$dir/boot.log" 2>&1
if ! test -e "$out/status"; then
	tail -n 20 "$dir/boot.log" "$out/said" 2>/dev/null
	grep -q . "$out/said" 2>/dev/null || skip "systemd does not boot here"
	fail "the test inside did not end"
fi
cat "$out/result"
if test "$(cat "$out/status")" = 0; then
	echo "1 passed, 0 failed"
else
	cat "$out/said"
	fail "a restart was noticed"
fi
