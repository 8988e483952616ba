#!/bin/bash
# The bundle, and section 1 of README to the letter: on a bare Debian 12 and a bare Debian 11 with Apache, which have
# none of its libraries, an ordinary user installs it behind Apache's CGI. It saves an image, an animation, a sound
# and a film, encodes, sends, shows the hosted page, and draws letters. The bundle is upgraded while it runs, works by
# its line in the crontab alone, and says what it misses.
# usage: test_bundle.sh FOLDER SRC
# SAVEMMS_BUNDLE may name a savemms-VERSION-x86_64.sh, which is then not built. The libraries that were built once
# stay in SAVEMMS_CACHE.
set -u
work=$1 src=$2
. "$src/tests/install/root.sh"
. "$src/tests/install/check.sh"

host=http://bare.example/mms
api=$host/API/wxml/1.3/
opt=/home/customer/opt/savemms
bin="$opt/current/bin/savemms -C /home/customer/savemms"
python=/usr/bin/python3

# --- what README says ---------------------------------------------------------------------------------------------

# Prints the n-th command of README's section about shared hosting.
readme() {
	sed -n '/^1\. Shared hosting/,/^2\. A server/s/^       //p' "$src/README" | sed -n "$1p"
}

scp() { cp "$1" "$root/home/customer/${2#*:}" && chmod 644 "$root/home/customer/${2#*:}"; }
ssh() { shift; customer "$(printf '%s ' "$@")"; }

build() {
	if test -n "${SAVEMMS_BUNDLE:-}"; then mkdir -p "$work/build" && cp "$SAVEMMS_BUNDLE" "$work/build/"; return; fi
	mkdir -p "$work/build" "$root_cache/bundle-libraries" && cp -r "$src" "$work/src" && cd "$work/src" &&
		{ test -x configure || ./autogen.sh; } && cd "$work/build" && ../src/configure >configure.out 2>&1 &&
		mkdir -p bundle && ln -s "$root_cache/bundle-libraries" bundle/libraries && eval "$(readme 1)"
}

# --- in the root --------------------------------------------------------------------------------------------------

# customer COMMAND: runs a shell command as the customer of the host.
customer() {
	root_run "$root" runuser -u customer -- env -i HOME=/home/customer USER=customer PATH=/usr/bin:/bin /bin/sh -c "cd && $1"
}

# web ARGS...: curl of this machine in the root's network, because the root has none.
web() {
	local inside spaces=(--net)
	read -r _ inside <"$root.pids" || return 1
	if test "$(id -u)" != 0; then spaces+=(--user --preserve-credentials); fi
	nsenter --target "${inside% }" "${spaces[@]}" curl -s --max-time 60 --resolve bare.example:80:127.0.0.1 "$@"
}

# Makes the root: Apache, whose programs run as the customer, as a host arranges it in one way or another. The web
# server also serves the customer's media and takes the postbacks.
host_up() {
	root_unpack "$root_tar" "$root" && root_start "$root" || return 1
	cat >"$work/host.conf" <<-'END'
		ServerName bare.example
		DocumentRoot /home/customer/public_html
		<Directory /home/customer/public_html>
			AllowOverride All
			Require all granted
		</Directory>
		ScriptAlias /hook /home/customer/hook.cgi
		<Directory /home/customer>
			Require all granted
		</Directory>
	END
	root_run "$root" sh -ec '
		useradd -m -s /bin/sh customer
		chmod 711 /home/customer
		a2enmod -q cgid rewrite env >/dev/null
		cat >/etc/apache2/sites-enabled/000-default.conf
		sed -i "s/www-data/customer/" /etc/apache2/envvars' <"$work/host.conf" || return 1
	customer 'mkdir -p public_html/files && cat >hook.cgi && chmod 755 hook.cgi' <<-'END' || return 1
		#!/bin/sh
		{ cat; echo; } >>/home/customer/hooks
		printf 'Content-Type: text/plain\n\nok\n'
	END
	cp "$work"/media/* "$root/home/customer/public_html/files/"
	root_run "$root" apache2ctl start
}

make_media() {
	mkdir -p "$work/media" && cd "$work/media" &&
		ffmpeg -v error -f lavfi -i testsrc=s=640x480 -frames:v 1 picture.jpg &&
		ffmpeg -v error -f lavfi -i testsrc=s=320x240:d=2:r=5 moving.gif &&
		ffmpeg -v error -f lavfi -i sine=d=3 -ac 1 -ar 22050 sound.wav &&
		ffmpeg -v error -f lavfi -i testsrc=s=320x240:d=2 -f lavfi -i sine=d=2 -c:v mpeg4 -c:a libmp3lame film.avi &&
		ffmpeg -v error -f lavfi -i color=white:s=640x480 -frames:v 1 white.jpg
}

# --- requests -----------------------------------------------------------------------------------------------------

# call ACTION XML: prints the answer.
call() {
	printf '<REQUEST><ACTION>%s</ACTION><API_KEY>%s</API_KEY>%s</REQUEST>' "$1" "$key" "$2" |
		web -H 'Content-Type: text/xml' --data-binary @- "$api"
}

element() { sed -n "s:.*<$1>\([^<]*\)</$1>.*:\1:p" | head -n 1; }

# save ELEMENT FILE: prints the MMSID.
save() {
	call saveMMS "<SUBJECT>s</SUBJECT><NAME>n</NAME><FALLBACKSMSTEXT>Look:</FALLBACKSMSTEXT><SLIDE><$1><URL>http://bare.example/files/$2</URL></$1><TEXT>Letters of $2</TEXT></SLIDE>" |
		tee "$work/answer" | element MMSID
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		if test $SECONDS -ge $end; then return 1; fi
		sleep 0.3
	done
}

posted() { grep -q "$2" <(grep "MMSID.*$1" "$root/home/customer/hooks" 2>/dev/null); }

# rendition MMSID FILE: fetches the first rendition.
rendition() {
	local url
	url=$(call getMMSIDDetails "<MMSID>$1</MMSID>" | sed 's/<RENDITION>/\n&/g' | sed -n '/^<RENDITION>/p' | element URL)
	test -n "$url" && web -f -o "$2" "$url"
}

is() { case $(file -b "$1") in $2) ;; *) file "$1"; false ;; esac; }

# medium ELEMENT FILE KIND: saves it, waits for the postback, and compares what file(1) says of the rendition.
medium() {
	local id
	id=$(save "$1" "$2")
	if test -z "$id"; then cat "$work/answer"; return 1; fi
	wait_for 90 posted "$id" N003 || { cat "$root/home/customer/hooks"; return 1; }
	rendition "$id" "$work/rendition" && is "$work/rendition" "$3"
}

film_is_whole() {
	medium VIDEO film.avi '*MP4*' &&
		ffprobe -v error -show_entries stream=codec_name -of csv=p=0 "$work/rendition" | sort | tr '\n' ' ' |
		grep -qx 'aac h264 '
}

# A request in windows-1252 needs one of the C library's converters, which are files.
charset_works() {
	local id
	id=$(printf '<?xml version="1.0" encoding="windows-1252"?><REQUEST><ACTION>saveMMS</ACTION><API_KEY>%s</API_KEY><SUBJECT>s</SUBJECT><NAME>n</NAME><SLIDE><TEXT>\200\344</TEXT></SLIDE></REQUEST>' "$key" |
		web -H 'Content-Type: text/xml' --data-binary @- "$api" | element MMSID)
	test -n "$id" && call getMMSIDDetails "<MMSID>$id</MMSID>" | grep -q '€ä'
}

# send TO: sends the saved image and prints the tracking id.
send() {
	call sendSavedMMS "<MMSID>$image</MMSID><TO>$1</TO><FROM>15550199</FROM>" | tee "$work/answer" | element TRACKINGID
}

outbox() { test -s "$root/home/customer/savemms/outbox/$1"; }

sends_mms() {
	local id
	id=$(send 15550100001)
	wait_for 30 outbox "$id.mms" && grep -q 'image/jpeg' "$root/home/customer/savemms/outbox/$id.mms"
}

# The recipient whose carrier has no MMS gets the link to the page, and the page shows text and picture.
shows_page() {
	local id link picture
	id=$(send 19955500100)
	wait_for 30 outbox "$id.sms" || { cat "$work/answer"; return 1; }
	link=$(grep -oE "$host/m/[A-Za-z0-9]{32}" "$root/home/customer/savemms/outbox/$id.sms" | head -n 1)
	web -f -o "$work/page" "$link" && grep -q 'Letters of picture.jpg' "$work/page" || return 1
	picture=$(grep -oE '<img[^>]*src="[^"]*"' "$work/page" | sed 's/.*src="//; s/"$//' | head -n 1)
	web -f -o "$work/picture" "$host/m/$picture" && is "$work/picture" '*JPEG image data*'
}

# --- letters ------------------------------------------------------------------------------------------------------

# drawn TEXT: draws it with an image template, and prints how many columns from the first to the last have ink.
drawn() {
	customer "$bin image-template render $template out.jpg --data v='$1'" >/dev/null &&
		$python -c 'import sys; from PIL import Image
box = Image.open(sys.argv[1]).convert("L").point(lambda v: 255 * (v < 128)).getbbox()
print(box[2] - box[0] if box else 0)' "$root/home/customer/out.jpg"
}

# A letter that no font has is drawn as a box, and all boxes are as wide as each other. Eight W are far wider than
# eight l in any font with letters.
draws_letters() {
	local narrow wide
	customer 'printf "[text]\nx = 10\ny = 100\nwidth = 620\nheight = 90\nfont = Noto Sans\nsize = 40\ncolor = #000000\nalign = left\ntext = {\$v|x}\n" >form'
	template=$(customer "$bin image-template add mms t$SECONDS --background public_html/files/white.jpg --from form" |
		sed -n 's/^id: //p')
	narrow=$(drawn "$1") wide=$(drawn "$2")
	echo "$1 is $narrow columns wide, $2 $wide"
	test "$narrow" -gt 10 && test "$wide" -gt $((narrow * 2))
}

# --- the bundle as such -------------------------------------------------------------------------------------------

# No process of the customer's has a library or file mapped that is not the bundle's or the instance's.
maps_nothing_else() {
	local found
	found=$(customer 'for p in $(ls /proc | grep "^[0-9]"); do
		case $(readlink /proc/$p/exe 2>/dev/null) in
		/home/customer/opt/*) sed -n "s:.*[0-9]  *\(/.*\):\1:p" /proc/$p/maps 2>/dev/null ;;
		esac; done' | sort -u)
	echo "$found" | grep -q '/lib/savemms/libc.so.6$' || { echo "no process was seen"; return 1; }
	! echo "$found" | grep -vE '^/home/customer/(opt/savemms/[^/]+|savemms)/|^/memfd:|^/dev/zero|^/SYSV'
}

no_helper() { customer '! grep -l savemms-helper /proc/[0-9]*/comm 2>/dev/null | grep -q .'; }

# Makes a newer bundle of this one: it differs in one file.
make_newer() {
	customer 'rm -rf newer && mkdir newer && cd newer && sh ../savemms-bundle --unpack && cd savemms-* &&
		echo newer >>share/doc/savemms/ChangeLog && echo 9.9.9-newer >share/savemms/bundle'
}

upgrades() {
	local before after id
	before=$(readlink "$root$opt/current")
	customer "cd newer/savemms-* && ./install --no-try" >"$work/upgrade" 2>&1 || { cat "$work/upgrade"; return 1; }
	after=$(readlink "$root$opt/current")
	test "$after" = 9.9.9-newer && test -d "$root$opt/$before" || { echo "$before, $after"; return 1; }
	! grep -i 'busy\|changed by hand\|account' "$work/upgrade" && medium IMAGE picture.jpg '*JPEG image data*'
}

# A helper of the version before, which would stay for ever, ends, and one of the new version takes over.
relieves_the_helper() {
	local before
	customer "ln -sfn 9.9.9-newer $opt/current"
	customer "rm -rf $opt/9.9.10-newest; cd newer/savemms-* && echo 9.9.10-newest >share/savemms/bundle"
	customer "$opt/9.9.9-newer/libexec/savemms/savemms-helper -C savemms --stay </dev/null >/dev/null 2>&1 &"
	wait_for 10 eval '! no_helper' || return 1
	customer "cd newer/savemms-* && ./install --no-try" || return 1
	wait_for 20 customer '! ls -l /proc/[0-9]*/exe 2>/dev/null | grep "9.9.9-newer/.*savemms-helper"'
}

# The crontab keeps its other lines, and has ours once however often it is installed.
writes_crontab() {
	root_run "$root" sh -c 'cat >/usr/bin/crontab && chmod 755 /usr/bin/crontab' <<-'END'
		#!/bin/sh
		case $1 in
		-l) cat $HOME/.crontab ;;
		-) cat >$HOME/.crontab.new && mv $HOME/.crontab.new $HOME/.crontab ;;
		*) exit 1 ;;
		esac
	END
	customer 'echo "0 4 * * * backup" >.crontab; for i in 1 2; do opt/savemms/current/install --no-try; done' || return 1
	cat "$root/home/customer/.crontab"
	test "$(wc -l <"$root/home/customer/.crontab")" = 2 && grep -qx '0 4 \* \* \* backup' "$root/home/customer/.crontab" &&
		grep -qxF "* * * * * '$opt/current/libexec/savemms/savemms-helper' -C '/home/customer/savemms' --drain" "$root/home/customer/.crontab"
}

# What somebody changed in the web folder stays.
keeps_changes() {
	customer 'echo "# mine" >>public_html/mms/.htaccess && opt/savemms/current/install --no-try' >"$work/kept" || return 1
	grep 'changed by hand' "$work/kept" && grep -q '^# mine$' "$root/home/customer/public_html/mms/.htaccess" &&
		test -e "$root/home/customer/public_html/mms/.htaccess.savemms"
}

# While it is upgraded and sent back fifteen times, no save fails.
upgrades_under_load() {
	local saved=0 failed=0 n
	customer 'cd newer/savemms-* && for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do ./install --no-try && ln -sfn "$(cat ../../opt/savemms/before)" ../../opt/savemms/current.x &&
		mv -T ../../opt/savemms/current.x ../../opt/savemms/current; done' >"$work/upgrade" 2>&1 &
	n=$!
	while kill -0 $n 2>/dev/null; do
		if test -n "$(save IMAGE picture.jpg)"; then saved=$((saved + 1)); else failed=$((failed + 1)); cat "$work/answer"; fi
	done
	wait $n || { cat "$work/upgrade"; return 1; }
	echo "$saved saved, $failed failed"
	test $saved -gt 0 && test $failed = 0
}

set_conf() { customer "sed -i '/^$1 =/d' savemms/savemms.conf && echo '$1 = $2' >>savemms/savemms.conf"; }

# The host starts no helper at all: the line that the installer printed for the crontab does the work.
works_by_cron() {
	local id line
	set_conf helper-program none
	wait_for 30 no_helper || return 1
	line=$(sed -n 's/.*\(\* \* \* \* \* .*--drain\)$/\1/p' "$work/installed" | head -n 1)
	test -n "$line" || { echo "no line for the crontab"; return 1; }
	id=$(save VIDEO film.avi)
	sleep 2
	! posted "$id" N003 && customer "env -i HOME=/home/customer /bin/sh -c \"${line#'* * * * * '}\"" && posted "$id" N003 &&
		rendition "$id" "$work/rendition" && is "$work/rendition" '*MP4*'
	local status=$?
	customer "sed -i '/^helper-program =/d' savemms/savemms.conf"
	return $status
}

# Without its fonts it draws nothing, and says why.
misses_fonts() {
	local err
	customer "mv $opt/current/share/savemms/fonts $opt/current/share/savemms/gone"
	err=$(customer "$bin image-template render $template out.jpg --data v=x" 2>&1) && err="it was drawn: $err"
	customer "$opt/current/libexec/savemms/savemms-helper -C savemms --drain"
	customer "mv $opt/current/share/savemms/gone $opt/current/share/savemms/fonts"
	echo "$err"
	grep -q 'no fonts are installed' <<<"$err" && grep -q 'fonts: missing' "$root/home/customer/savemms/log/savemms.log"
}

misses_certificates() {
	customer "mv $opt/current/share/savemms/authorities.pem $opt/current/share/savemms/gone &&
		$opt/current/libexec/savemms/savemms-helper -C savemms --drain; mv $opt/current/share/savemms/gone $opt/current/share/savemms/authorities.pem"
	grep -q 'certificates: missing' "$root/home/customer/savemms/log/savemms.log"
}

# --- one host -----------------------------------------------------------------------------------------------------

installs() {
	local status
	cd "$work/build" && eval "$(readme 2)" || return 1
	eval "$(readme 3 | sed 's|https://your.host|http://bare.example|')" >"$work/installed" 2>&1
	status=$?
	cat "$work/installed"
	key=$(sed -n 's/^ *api_key: //p' "$work/installed")
	return $status
}

says() { grep -qE "$1" "$work/installed"; }

try_host() {
	local suite=$1
	root=$work/$suite
	must "$suite: a bare root with Apache" host_up
	must "$suite: README's commands install it" installs
	check "$suite: no library of savemms's is there" eval '! ls $root/usr/lib/x86_64-linux-gnu | grep -E "libvips|libav|libmagic|libsodium|libpango"'
	check "$suite: the installer saw the web server" says '^ *web server: *answers, and runs savemms$'
	check "$suite: it saved an MMS" says '^ *save: *an MMS can be saved$'
	check "$suite: it saw that the helper lives" says '^ *helper: *lives on after the request'
	check "$suite: the configurations name the place of the programs" grep -qxF "s:@LIBEXEC@:$opt/current/libexec/savemms:" "$root$opt/current/share/savemms/web/words.sed"
	check "$suite: it told of seccomp" says '^ *seccomp: *active'
	check "$suite: it told of Landlock" says '^ *landlock: *(active|missing)'
	set_conf outgoing-allow 127.0.0.0/8
	set_conf carrier-none 'mms=no prefixes=199'
	wait_for 30 no_helper # the one that the trial started has the settings of before
	customer "$bin account set mms postback-url=http://bare.example/hook senders=15550199"
	check "$suite: a picture" medium IMAGE picture.jpg '*JPEG image data*'
	image=$(save IMAGE picture.jpg)
	check "$suite: an animation, by the bundle's gifsicle" medium IMAGE moving.gif 'GIF image data*'
	check "$suite: a sound" medium AUDIO sound.wav '*MPEG*layer III*'
	check "$suite: a film" film_is_whole
	check "$suite: a request in windows-1252" charset_works
	check "$suite: an MMS goes out" sends_mms
	check "$suite: the hosted page" shows_page
	check "$suite: letters" draws_letters llllllll WWWWWWWW
	check "$suite: letters of Cyrillic" draws_letters іііііііі ШШШШШШШШ
	save IMAGE picture.jpg >/dev/null
	check "$suite: nothing of the host is mapped" maps_nothing_else
}

why=$(root_why_not)
if test -n "$why"; then echo "skipped: $why"; exit $root_skipped; fi
trap 'if test -n "${root:-}"; then root_end "$root"; fi' EXIT
must "media to save" make_media
must "README: $(readme 1)" build
check "under 35 MB are to be downloaded" eval 'test "$(stat -c %s "$work"/build/savemms-*-x86_64.sh)" -lt 35000000'
for suite in bookworm bullseye; do
	root_make $suite apache2 || exit
	try_host $suite
	if test $suite = bookworm; then
		check "the line in the crontab alone encodes a film" works_by_cron
		check "without fonts" misses_fonts
		check "without certificates" misses_certificates
		must "a newer bundle" make_newer
		check "it is upgraded while it runs" upgrades
		check "no save fails during thirty changes of version" upgrades_under_load
		check "an upgrade relieves the helper" relieves_the_helper
		check "the crontab" writes_crontab
		check "the web folder keeps what was changed" keeps_changes
	fi
	root_end "$root"
	root=
done
end_checks
