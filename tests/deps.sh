# deps.sh: what savemms needs on Debian 12, and how to install it. quickstart and runtests read this file.
#
#	run_deps	what a server needs, besides the libraries
#	build_deps	what builds savemms, and with it the libraries
#	demo_deps	what ./quickstart needs besides these two
#	test_deps	what ./runtests needs besides these three
#	bundle_deps	what "make bundle" needs besides the first two; ./runtests --install makes one
#
# debian/control says the same of the packages; tests/install/test_deb.sh compares.
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
libjpeg-dev       module libjpeg
libsodium-dev     module libsodium
libmd-dev         module libmd
libseccomp-dev    module libseccomp
libinih-dev       module inih
libjansson-dev    module jansson
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
ca-certificates   file /etc/ssl/certs/ca-certificates.crt
fonts-noto-core   package fonts-noto-core
fonts-noto-color-emoji  package fonts-noto-color-emoji
fonts-noto-cjk    package fonts-noto-cjk
'
demo_deps='
lighttpd          program lighttpd
libvips-tools     program vips
curl              program curl
python3           file /usr/bin/python3
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
debhelper         program dh
apache2-dev       program dh_apache2
lintian           program lintian
mmdebstrap        program mmdebstrap
systemd-container program systemd-nspawn
util-linux        program nsenter
'
bundle_deps='
binutils          program readelf
dpkg-dev          program dpkg-source
file              program file
fontconfig        program fc-cache
libtool           program libtoolize
libcgif-dev       file /usr/include/cgif.h
libdav1d-dev      module dav1d
libexif-dev       module libexif
libimagequant-dev module imagequant
libjpeg62-turbo-dev  module libjpeg
liblcms2-dev      module lcms2
liblzma-dev       module liblzma
libmagic-mgc      file /usr/lib/file/magic.mgc
libmp3lame-dev    file /usr/include/lame/lame.h
liborc-0.4-dev    module orc-0.4
libpng-dev        module libpng
libwebp-dev       module libwebp
libx264-dev       module x264
libzimg-dev       module zimg
meson             program meson
nasm              program nasm
ninja-build       program ninja
xz-utils          program xz
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
	log=$(mktemp) || return 1
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

# Servers of these packages need not run as services for us, because savemms starts its own. One that is not installed
# yet must not begin to serve port 80 just because a demonstration or a test needs its program; one that is installed is
# its operator's, and is let alone, whatever apt-get does to it.
services='lighttpd apache2 kannel prometheus'
policy=/usr/sbin/policy-rc.d
have_service() { have_dep package "$1"; }

# While apt-get works, policy-rc.d keeps those that are new from being started, and only those. It goes when this
# shell ends, however that happens. Where the machine has a policy of its own, that one is kept.
hold_services() {
	held= new_services=
	for service in $services; do
		have_service $service || new_services="$new_services $service"
	done
	if test -n "$new_services" && ! test -e $policy; then
		held=yes
		trap 'remove_policy' EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM
		# invoke-rc.d names the service, deb-systemd-invoke its unit
		printf '#!/bin/sh\ncase ${1%%.service} in %s) exit 101 ;; esac\nexit 0\n' \
			"$(echo $new_services | tr ' ' '|')" | $root tee $policy >/dev/null
		$root chmod 755 $policy
	fi
}

remove_policy() {
	if test -n "$held"; then $root rm -f $policy; fi
	held=
}

# What was installed for us is not started at the next boot either, and the operator is told.
free_services() {
	if test -n "$held"; then
		remove_policy
		trap - EXIT INT TERM
	fi
	for service in $new_services; do
		have_service $service || continue
		if test -d /run/systemd/system; then $root systemctl disable --quiet "$service" 2>/dev/null; fi
		echo "$service is installed, but not started; to have it as a service: systemctl enable --now $service"
	done
	return 0
}
