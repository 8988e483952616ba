# deps.sh: what savemms needs on Debian 12, and how to install it. quickstart and runtests read this file.
#
# Each line of a list has a Debian package and how to see that it is installed: a program in PATH or /usr/sbin, a file,
# or a pkg-config module.

build_deps='
build-essential   program cc
autoconf          program autoconf
automake          program automake
pkg-config        program pkg-config
libfcgi-dev       file /usr/include/fcgiapp.h
libxml2-dev       module libxml-2.0
libcurl4-openssl-dev  module libcurl
libdb-dev         file /usr/include/db.h
libmagic-dev      module libmagic
libvips-dev       module vips
libsodium-dev     module libsodium
libmd-dev         module libmd
libseccomp-dev    module libseccomp
libinih-dev       module inih
libpango1.0-dev   module pangocairo
libzint-dev       file /usr/include/zint.h
libmicrohttpd-dev module libmicrohttpd
zlib1g-dev        module zlib
libsystemd-dev    module libsystemd
libavformat-dev   module libavformat
libavcodec-dev    module libavcodec
libavfilter-dev   module libavfilter
libavutil-dev     module libavutil
libopencore-amrnb-dev  module opencore-amrnb
'
run_deps='
gifsicle          program gifsicle
lighttpd          program lighttpd
libvips-tools     program vips
curl              program curl
ca-certificates   file /etc/ssl/certs/ca-certificates.crt
python3           file /usr/bin/python3
fonts-noto-core   package fonts-noto-core
fonts-noto-color-emoji  package fonts-noto-color-emoji
fonts-noto-cjk    package fonts-noto-cjk
'
test_deps='
apache2           program apache2
ffmpeg            program ffmpeg
libavcodec-extra  package libavcodec-extra59
libapache2-mod-fcgid  file /usr/lib/apache2/modules/mod_fcgid.so
libcmocka-dev     module cmocka
python3-pytest    file /usr/lib/python3/dist-packages/pytest/__init__.py
mandoc            program mandoc
clang             program clang
clang-format      program clang-format
libclang-rt-14-dev  package libclang-rt-14-dev
strace            program strace
valgrind          program valgrind
xz-utils          program xz
iproute2          program ip
wrk               program wrk
zbar-tools        program zbarimg
dmtx-utils        program dmtxread
python3-zxing-cpp package python3-zxing-cpp
python3-pil       package python3-pil
python3-numpy     package python3-numpy
pango1.0-tools    program pango-view
libxml2-utils     program xmllint
w3c-sgml-lib      file /usr/share/xml/w3c-sgml-lib/schema/dtd/REC-SMIL2-20051213/SMIL21Mobile.dtd
tshark            program tshark
libmime-tools-perl  file /usr/share/perl5/MIME/Parser.pm
kannel            program bearerbox
kannel-extras     file /usr/lib/kannel/test/fakesmsc
chromium          program chromium
chromium-driver   program chromedriver
python3-selenium  file /usr/lib/python3/dist-packages/selenium/__init__.py
npm               program npm
tidy              program tidy
prometheus        program promtool
'

PATH=$PATH:/usr/sbin:/sbin

have_dep() {
	case $1 in
	program) command -v "$2" >/dev/null 2>&1 ;;
	file) test -e "$2" ;;
	module) pkg-config --exists "$2" 2>/dev/null ;;
	package) test "$(dpkg-query -W -f '${db:Status-Abbrev}' "$2" 2>/dev/null)" = 'ii ' ;;
	esac
}

# missing_deps LIST: prints the packages of the list that are missing.
missing_deps() {
	echo "$1" | while read -r package how what; do
		if test -n "$package" && ! have_dep "$how" "$what"; then echo "$package"; fi
	done | tr '\n' ' '
}

# install_deps LIST: installs what is missing and asks nothing. If it cannot, it says on stderr what to install and
# returns 1.
install_deps() {
	missing=$(missing_deps "$1")
	if test -z "$missing"; then return 0; fi
	root=
	if test "$(id -u)" != 0; then
		if ! sudo -n true 2>/dev/null; then
			echo "These packages are missing: $missing" >&2
			echo "Neither root nor sudo is at hand. Have them installed:" >&2
			echo "    apt-get install --no-install-recommends $missing" >&2
			return 1
		fi
		root='sudo -n'
	fi
	echo "installing with apt-get: $missing"
	log=$(mktemp)
	hold_services
	if $root apt-get -q update >"$log" 2>&1 && $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
	    --no-install-recommends -o Dpkg::Options::=--force-confold install $missing >>"$log" 2>&1; then
		rm -f "$log"
	else
		tail -n 20 "$log" >&2
		echo "apt-get could not install: $missing (all it said is in $log)" >&2
	fi
	free_services
	missing=$(missing_deps "$1")
	if test -n "$missing"; then
		echo "These packages are still missing: $missing" >&2
		return 1
	fi
}

# A web server that is installed for us need not run as a service, because savemms starts its own. During the
# installation policy-rc.d keeps services from being started. Afterwards those of our packages are disabled.
hold_services() {
	held=
	if ! test -e /usr/sbin/policy-rc.d; then
		held=yes
		printf '#!/bin/sh\nexit 101\n' | $root tee /usr/sbin/policy-rc.d >/dev/null
		$root chmod 755 /usr/sbin/policy-rc.d
	fi
}

free_services() {
	if test -n "$held"; then $root rm -f /usr/sbin/policy-rc.d; fi
	for service in lighttpd apache2 kannel prometheus; do
		case " $missing " in
		*" $service "*) if test -d /run/systemd/system; then $root systemctl disable "$service" >/dev/null 2>&1; fi ;;
		esac
	done
	return 0
}
