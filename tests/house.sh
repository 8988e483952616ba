#!/bin/sh
# Checks the rules of HACKING: which folder may include which, which file may use an
# outside library, who may start programs, functions that are not used here, sizes of files
# and functions, how many parameters functions take and where they are declared, marks of
# unfinished work, and texts that refer to files and functions. Prints file and line of each
# breach; the status is 1 if there is one. srcdir names the sources.
# tests/planted.sh breaks each of these rules and checks that it is reported.
srcdir=${srcdir:-.}
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT
cd "$srcdir" || exit 1

# breach TEXT: reads the offending lines and adds them to the report under TEXT.
breach() {
	lines=$(cat)
	[ -n "$lines" ] || return 0
	printf '== %s\n%s\n' "$1" "$lines" >> "$report"
}

code=$(find lib cgi helper transcode admin -name '*.[ch]')
[ "$(echo "$code" | wc -l)" -gt 40 ] || echo "too few sources found in $srcdir" | breach "the test itself"

# ---- who may include whom ---------------------------------------------------------
# An include names the folder, relative to lib or to the top. Each edge is one line:
# FOLDER-OF-THE-FILE FOLDER-OF-THE-HEADER FILE:LINE HEADER
edges=$(grep -nE '^#include "' $code $(find lib cgi helper transcode admin -name '*.def') /dev/null |
    while IFS=: read -r file line text; do
	header=${text#*\"}
	header=${header%\"*}
	if [ -f "lib/$header" ]; then header=lib/$header; fi
	case $header in
	*/*) [ -f "$header" ] || header=nowhere/$header ;;
	*) header=nowhere/$header ;;
	esac
	echo "${file%/*} ${header%/*} $file:$line $header"
    done)
[ "$(echo "$edges" | wc -l)" -gt 400 ] || echo "too few includes found" | breach "the test itself"
echo "$edges" | awk '$2 ~ /^nowhere/ { print $3, $4 }' | breach "an include names the folder"

# may FOLDER OTHER...: files in FOLDER may include only from FOLDER and from the OTHER folders. A name
# that ends in .h allows that header only.
known=" "
may() {
	folder=$1
	shift
	known="$known$folder "
	[ -d "$folder" ] || echo "$folder is not there" | breach "the rules about folders"
	echo "$edges" | awk -v from="$folder" -v list="$*" 'BEGIN { n = split(list, w, " "); for (i = 1; i <= n; i++) ok[w[i]] = 1 }
	    $1 == from && $2 != from && !($2 in ok) && !($4 in ok) { print $3, $4 }' | breach "$folder includes only from: $*"
}
low="lib/base lib/base/text lib/rights lib/model"
data="$low lib/request lib/media lib/blob lib/store lib/store/kept/kept.h"
every="$data lib/net lib/send lib/personal lib/ops"
may lib/base lib/base/text lib/base/journal
may lib/base/journal
may lib/base/text
may lib/rights lib/base
may lib/model lib/base lib/base/text lib/rights
may lib/request $low
may lib/media $low
may lib/blob $low
may lib/store $low lib/store/kv lib/store/rules lib/store/queue lib/store/kept
may lib/store/kept $low lib/store lib/store/kv lib/store/rules lib/store/queue
may lib/store/queue $low lib/store lib/store/kv lib/store/rules
may lib/store/kv $low
may lib/store/bdb $low lib/store/kv/kv.h
may lib/store/rules $low lib/store/kv/kv.h lib/store/session.h
may lib/store/check $low lib/store lib/store/kv lib/store/queue lib/store/rules lib/store/kept
may lib/net $data
may lib/send $data lib/net
may lib/personal $data lib/net lib/send
may lib/ops $every
may cgi $every cgi/api cgi/console cgi/public cgi/rest
may cgi/api $every cgi
may cgi/public $every cgi
may cgi/rest $every cgi cgi/api cgi/public/media_file.h
may cgi/console $every cgi cgi/api cgi/public/media_file.h
may helper $every
may transcode/cage $low
may transcode/image $every transcode transcode/cage
may transcode/av $every transcode transcode/cage transcode/av/film/av_film.h
may transcode/av/film $every transcode transcode/av
may transcode/personal $every transcode transcode/cage transcode/image
may transcode $every transcode/cage transcode/image transcode/av transcode/personal
may admin $every admin/carrier admin/backup
may admin/serve $every admin
may admin/doctor $every admin admin/backup
may admin/import $every admin
may admin/carrier $every admin
may admin/backup $every admin
folders=$(echo "$code" | sed 's|/[^/]*$||' | sort -u)
for folder in $folders; do
	case $known in *" $folder "*) ;; *) echo "$folder" ;; esac
	n=$(echo "$code" | grep -c "^$folder/[^/]*$")
	[ "$n" -le 45 ] || echo "$folder: $n sources, at most 45"
done | breach "folders: each has its rule and at most 45 sources"

# Data and rules do no I/O. The exceptions in these folders are named.
grep -nE '^#include (<(unistd|fcntl|poll|dirent|netdb|sys/(socket|stat|mman))\.h>|"base/(file|proc|disk)\.h")' \
    $(find lib/model lib/request lib/media lib/send -name '*.[ch]') /dev/null |
    grep -vE '^lib/(model/settings(_use)?|media/(media_magic|transcode(_next)?)|send/(mime|transport_[a-z0-9]*))\.c:' |
    breach "data and rules do no I/O"

# library HEADER-PATTERN FILES: only FILES may include the header.
library() {
	pattern=$1
	shift
	allowed=$(printf '|%s' "$@")
	grep -nE "^#include <($pattern)" $code | grep -vE "^(${allowed#|}):" | breach "<$pattern> is included by $* only"
}
library 'fcgi' 'cgi/fcgi\.c'
library 'libxml/' 'lib/request/xmltree\.c'
library 'iconv\.h' 'lib/request/charset\.c'
library 'curl/' 'lib/net/http_client[a-z_]*\.c'
library 'magic\.h' 'transcode/identify\.c'
library 'db\.h' 'lib/store/bdb/bdb[a-z_]*\.c'
library 'vips/' 'transcode/(image|personal)/[a-z_]*\.c' 'transcode/[a-z]*\.c'
library '(jpeglib|jerror)\.h' 'transcode/image/jpeg_rows\.c'
library 'pango/' 'transcode/personal/render_text\.c'
library 'libavformat/' 'transcode/av/av_demux\.c' 'transcode/av/av_facts\.c' 'transcode/av/av_mux\.c'
library 'libavcodec/(avcodec|bsf)\.h' 'transcode/av/av_codecs?\.c' 'transcode/av/av_encode\.c' 'transcode/av/film/film_copy\.c'
library 'libavfilter/' 'transcode/av/av_filter\.c'
library 'libav' 'transcode/av/(film/)?[a-z_]*\.c'
library 'opencore' 'transcode/av/av_amr\.c'
library 'zint\.h' 'transcode/personal/render_barcode\.c'
library 'sodium' 'lib/base/crypt\.c'
library 'md5\.h|md\.h' 'lib/base/md5hex\.c'
library 'zlib\.h' 'lib/request/gunzip\.c'
library 'jansson' 'lib/request/json_tree\.c'
library 'ini\.h' 'lib/model/settings\.c'
library 'systemd/' 'lib/base/journal/journal\.c'
library 'microhttpd' 'admin/carrier/carrier_http\.c'
library 'seccomp\.h' 'transcode/cage/cage_seccomp\.c'
library 'linux/landlock\.h' 'lib/rights/landlock\.c'
grep -nE '^#include <(fcgi|libxml|curl|magic|db\.h|vips|jpeglib|libav|opencore|pango|zint|sodium|ini|jansson|seccomp)' $(echo "$code" | grep '\.h$') /dev/null |
    breach "no header includes a third party's"

# libmagic reads bytes from strangers: no program with a database or a secret is linked with it.
grep -n 'MAGIC_' $(find lib cgi helper admin -name Makefile.inc) /dev/null |
    breach "libmagic is linked with savemms-transcode only"

# Prints the code with comments and strings blanked and with its line numbers.
plain() {
	awk '{
		line = $0; out = ""
		while (length(line) > 0) {
			if (inside) {
				i = index(line, "*/")
				if (i == 0) { line = ""; break }
				line = substr(line, i + 2); inside = 0
			} else if (match(line, /\/\*|\/\/|"([^"\\]|\\.)*"/)) {
				out = out substr(line, 1, RSTART - 1)
				tok = substr(line, RSTART, 2)
				if (tok == "/*") { inside = 1; line = substr(line, RSTART + 2) }
				else if (tok == "//") line = ""
				else { out = out "\"\""; line = substr(line, RSTART + RLENGTH) }
			} else { out = out line; line = "" }
		}
		print FILENAME ":" FNR ":" out
	}' "$1"
}
blanked=$(for f in $code; do plain "$f"; done)

echo "$blanked" | grep -aE '[^a-zA-Z0-9_>.](strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|system|popen|tmpnam|mktemp|atoi|atol|atoll|alloca|rand|srand|asctime|ctime|gmtime|localtime)[ ]*\(' |
    breach "functions we do not use"
echo "$blanked" | grep -aE '[^a-zA-Z0-9_>.](fork|vfork|clone|execl|execlp|execle|execv|execve|execvp|execvpe|fexecve|posix_spawn|posix_spawnp)[ ]*\(' |
    grep -avE '^(lib/base/(proc|successor)\.c|transcode/(image/)?[a-z_]*\.c):' | breach "who may start programs"
echo "$blanked" | grep -aE '[^a-zA-Z0-9_>.]open(at)?[ ]*\([^;]*O_(RDONLY|WRONLY|RDWR)' | grep -av O_CLOEXEC |
    breach "descriptors that would leak into programs"
echo "$blanked" | grep -aE '^lib/store/[^:]*:[0-9]+:.*[^a-zA-Z0-9_>.]txn_begin[ ]*\([^;]*KV_(FAST|DURABLE|GROW)' |
    breach "what the store changes is a step, which txn_run() runs"

# functions: prints FILE:LINE KIND NAME PARAMETERS of each function in the code on stdin. KIND is
# declared, defined, or static for a function that is defined with static.
functions() {
	awk '
	function params(s,    i, c, deep, n) {
		n = 1
		for (i = 1; i <= length(s); i++) {
			c = substr(s, i, 1)
			if (c == "(") deep++
			else if (c == ")" && --deep == 0) break
			else if (c == "," && deep == 1) n++
		}
		return n
	}
	function add(piece) {
		if (text !~ /\(/ && piece ~ /\(/) where = file ":" number
		text = text " " piece
	}
	function say(kind,    at, name) {
		gsub(/__attribute__ *\(\(([^()]|\([^()]*\))*\)\)/, "", text)
		if (text ~ /^[ \t]*_Static_assert/ || text ~ /=/ || !match(text, /[A-Za-z_][A-Za-z0-9_]* *\(/)) return
		at = RSTART
		name = substr(text, RSTART, RLENGTH - 1)
		gsub(/ /, "", name)
		print where, (kind == "defined" && text ~ /(^|[ \t])static[ \t]/ ? "static" : kind), name, params(substr(text, at))
	}
	{
		file = $0; sub(/:.*/, "", file)
		line = $0; sub(/^[^:]*:/, "", line)
		number = line; sub(/:.*/, "", number); sub(/^[^:]*:/, "", line)
		if (file != last) { last = file; deep = 0; text = ""; define = 0 }
		if (define || line ~ /^[ \t]*#/) { define = line ~ /\\$/; next }
		while (match(line, /[{};]/)) {
			c = substr(line, RSTART, 1)
			at = RSTART
			if (deep == 0) add(substr(line, 1, at - 1))
			line = substr(line, at + 1)
			if (c == ";" && deep == 0) { say("declared"); text = "" }
			if (c == "{" && deep++ == 0) { say("defined"); text = "" }
			if (c == "}" && deep > 0) deep--
		}
		if (deep == 0) add(line)
	}'
}
signatures=$(echo "$blanked" | functions)
[ "$(echo "$signatures" | wc -l)" -gt 1000 ] || echo "too few functions found" | breach "the test itself"

# The function with eight is libmicrohttpd's: MHD_AccessHandlerCallback.
echo "$signatures" | awk '$4 > 5 { print $1 ": " $3 "() has " $4 }' |
    grep -vE '^admin/carrier/carrier_http\.c:[0-9]+: [a-z_]+\(\) has 8$' | breach "functions take at most five parameters"

# The functions that a header declares are in one .c file, or else all have the header's name as prefix. If
# several programs define a name, the one in the header's folder counts.
echo "$signatures" | awk '
	$2 == "static" { next }
	{ file = $1; sub(/:.*/, "", file); folder = file; sub(/\/[^\/]*$/, "", folder) }
	$2 == "defined" && file ~ /\.c$/ { where[$3] = file; near[folder, $3] = file }
	$2 == "declared" && file ~ /\.h$/ { n++; header[n] = file; dir[n] = folder; name[n] = $3; at[n] = $1 }
	END {
		for (i = 1; i <= n; i++) {
			c[i] = (dir[i], name[i]) in near ? near[dir[i], name[i]] : where[name[i]]
			if (c[i] != "" && !((header[i], c[i]) in seen)) { seen[header[i], c[i]] = 1; files[header[i]]++ }
		}
		for (i = 1; i <= n; i++) {
			stem = header[i]; sub(/.*\//, "", stem); sub(/\.h$/, "", stem)
			if (files[header[i]] > 1 && c[i] != "" && name[i] != stem && index(name[i], stem "_") != 1)
				print at[i] ": " name[i] "() is in " c[i]
		}
	}' | breach "a header declares the functions of one .c file, or has its name before theirs"

# ---- texts that refer to files ----------------------------------------------------
# there NAME FOLDER...: succeeds if one of the folders has a file of that name, which may hold a *.
there() {
	name=$1
	shift
	for place; do
		for file in "$place"/$name; do
			[ -f "$file" ] && return 0
		done
	done
	return 1
}

# names FILE: prints the file names that it contains, as LINE:NAME, but those of what make bundle makes.
names() {
	grep -noE '[A-Za-z0-9_./*-]+\.(c|h|def|inc|js|sh|py|awk|conf\.in)\>' "$1" | grep -v ':savemms-.*-x86_64\.sh$'
}

for folder in $folders; do
	if ! [ -f "$folder/README" ]; then
		echo "$folder: no README"
		continue
	fi
	n=$(wc -l < "$folder/README")
	[ "$n" -ge 3 ] && [ "$n" -le 20 ] || echo "$folder/README: $n lines"
	names "$folder/README" | while IFS=: read -r line name; do
		there "$name" "$folder" . lib || echo "$folder/README:$line: $name is not there"
	done
done | breach "each folder has a README of at most 20 lines, which names files that are there"

# A path begins at the top or below lib. A name without a folder is a file of any folder.
everywhere=$(find lib cgi helper transcode admin tests bench man www -type d)
for text in README HACKING SECURITY docs/tour; do
	names "$text" | while IFS=: read -r line name; do
		case $name in
		*/*) there "$name" . lib ;;
		*) there "$name" $everywhere ;;
		esac || echo "$text:$line: $name is not there"
	done
done | breach "texts name files that are there"

# The tour has FILE: FUNCTION(), FUNCTION()... for each step.
steps=$(grep -oE '[a-z0-9_/]+\.c: [a-z0-9_]+\(\)(, [a-z0-9_]+\(\))*' docs/tour)
[ "$(echo "$steps" | wc -l)" -gt 20 ] || echo "docs/tour: too few steps found" | breach "the test itself"
echo "$steps" | while IFS=: read -r file list; do
	for name in $(echo "$list" | tr -d '(),'); do
		grep -q "^$name(" "$file" || echo "docs/tour: $file has no $name()"
	done
done | breach "the tour names functions that are there"
n=$(wc -l < docs/tour)
[ "$n" -le 100 ] || echo "docs/tour: $n lines, at most 100" | breach "the tour takes two screens"

# The words are split so that this file does not contain them.
grep -snE "TO""DO|FIX""ME|XX""X" $code README HACKING SECURITY docs/tour $(printf '%s/README ' $folders) man/* www/*.html www/*.css /dev/null | grep -v "[.-]XX""XXXX" |
    breach "marks of unfinished work"

for f in $code; do
	n=$(wc -l < "$f")
	[ "$n" -le 400 ] || echo "$f: $n lines"
done | breach "files have at most 400 lines"

# A function begins with { in the first column and ends with } there.
for f in $(echo "$code" | grep '\.c$'); do
	awk '/^{/ { start = FNR } /^}$/ && start { if (FNR - start - 1 > 50) print FILENAME ":" start ": " FNR - start - 1 " lines"; start = 0 }' "$f"
done | breach "functions have at most 50 lines"

# Every end-to-end test is in the tarball.
for f in tests/e2e/*.py tests/fakes/*.py; do
	grep -q "^	$f\( \|\$\)" tests/e2e/files.inc || echo "$f"
done | breach "not listed in tests/e2e/files.inc"

for f in tests/install/*.sh; do
	grep -q "[ 	]$f\( \|\$\)" tests/Makefile.inc || echo "$f"
done | breach "not listed in tests/Makefile.inc"

# The ChangeLog's newest entry is this version.
version=$(sed -n 's/^AC_INIT(\[savemms\], \[\([^]]*\)\].*/\1/p' configure.ac)
head -1 ChangeLog | grep -q "^savemms $version " || echo "ChangeLog: the newest entry is not $version" | breach "ChangeLog"

cat "$report"
! [ -s "$report" ]
