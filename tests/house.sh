#!/bin/sh
# The rules of the house (HACKING): who may include whom, one outside library one
# file, who may start programs, functions we do not use, sizes of files and
# functions, marks of unfinished work. Says file and line of each breach; status 1
# if there is one. srcdir names the sources.
srcdir=${srcdir:-.}
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT
cd "$srcdir" || exit 1

# breach TEXT: reads offending lines and keeps them for the report.
breach() {
	lines=$(cat)
	[ -n "$lines" ] || return 0
	printf '== %s\n%s\n' "$1" "$lines" >> "$report"
}

code=$(find lib cgi helper transcode admin -name '*.[ch]')
[ "$(echo "$code" | wc -l)" -gt 40 ] || echo "too few sources found in $srcdir" | breach "the test itself"

# Where a quoted include is found: own folder, lib, lib/base.
headers() {
	(cd "$1" && ls ./*.h) 2>/dev/null | sed 's|^\./||'
}

# no_headers_of FOLDER FILE...: the files include nothing that lies in FOLDER only.
no_headers_of() {
	folder=$1
	shift
	for h in $(headers "$folder"); do
		[ "$folder" != lib ] && [ -f "lib/$h" ] && continue
		grep -n "^#include \"\($folder/\)\{0,1\}$h\"" "$@" /dev/null
	done
}

no_headers_of lib $(find lib/base -name '*.[ch]') | breach "lib/base knows nothing of lib"
for program in cgi helper transcode admin; do
	no_headers_of "$program" $(find lib -name '*.[ch]') | breach "lib knows nothing of $program"
	for other in cgi helper transcode admin; do
		[ "$program" = "$other" ] && continue
		grep -n "^#include \"$other/" $(find "$program" -name '*.[ch]') /dev/null |
		    breach "$program and $other are strangers"
	done
done

# Data and rules: no I/O. They include none of what does things.
rules="lib/request/authorise.c lib/request/validate.c lib/net/address_policy.c lib/media/budget.c lib/media/budget_limit.c lib/media/type_rules.c lib/model/text.c lib/request/pairs.c
	lib/media/budget_facts.c lib/media/budget_rounds.c lib/media/encode_job.c lib/send/choose_class.c lib/send/compose_largest.c lib/send/air.c
	lib/model/account.c lib/model/template.c lib/model/job.c lib/base/record.c lib/model/error.c lib/model/media.c lib/send/page.c"
for f in $rules; do
	[ -f "$f" ] || echo "$f is not there" | breach "the list of rules"
	grep -nE '^#include "(store|kv|blob|dial|fetch|proc|transcode)\.h"' "$f" /dev/null
done | breach "data and rules do no I/O"

# library HEADER-PATTERN FILES: only FILES include it.
library() {
	pattern=$1
	shift
	allowed=$(printf '|%s' "$@")
	grep -nE "^#include <($pattern)" $code | grep -vE "^(${allowed#|}):" | breach "<$pattern> is included by $* only"
}
library 'fcgi' 'cgi/fcgi\.c'
library 'libxml/' 'lib/xmltree\.c' 'lib/parse\.c' 'lib/charset\.c'
library 'curl/' 'lib/dial\.c' 'lib/dial_keep\.c' 'lib/dial_url\.c'
library 'magic\.h' 'lib/classify\.c'
library 'db\.h' 'lib/kv_bdb[a-z_]*\.c'
library 'vips/' 'transcode/[a-z_]*\.c'
library 'pango/' 'transcode/card_text\.c'
library 'libavformat/' 'transcode/av/av_demux\.c' 'transcode/av/av_mux\.c'
library 'libavcodec/(avcodec|bsf)\.h' 'transcode/av/av_codec\.c' 'transcode/av/av_encode\.c' 'transcode/av/av_copy\.c'
library 'libavfilter/' 'transcode/av/av_filter\.c'
library 'libav' 'transcode/av/[a-z_]*\.c'
library 'zint\.h' 'transcode/card_code\.c'
library 'sodium' 'lib/base/crypt\.c'
library 'md5\.h|md\.h' 'lib/base/md5hex\.c'
library 'ini\.h' 'lib/settings\.c'
library 'microhttpd' 'admin/carrier_http\.c'
library 'seccomp\.h' 'transcode/cage_seccomp\.c'
library 'linux/landlock\.h' 'transcode/cage_landlock\.c'
grep -nE '^#include <(fcgi|libxml|curl|magic|db\.h|vips|libav|pango|zint|sodium|ini|seccomp)' $(echo "$code" | grep '\.h$') /dev/null |
    breach "no header includes a third party's"

# Comments and strings blanked, line numbers kept: what follows looks at code only.
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
    grep -avE '^(lib/base/proc\.c|cgi/start_helper\.c|transcode/[a-z_]*\.c):' | breach "who may start programs"
echo "$blanked" | grep -aE '[^a-zA-Z0-9_>.]open(at)?[ ]*\([^;]*O_(RDONLY|WRONLY|RDWR)' | grep -av O_CLOEXEC |
    breach "descriptors that would leak into programs"

# Spelt so that this file does not hold them.
grep -snE "TO""DO|FIX""ME|XX""X" $code README HACKING SECURITY man/* www/*.html www/*.css /dev/null | grep -v "[.-]XX""XXXX" |
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

# The ChangeLog's newest entry is this version.
version=$(sed -n 's/^AC_INIT(\[savemms\], \[\([^]]*\)\].*/\1/p' configure.ac)
head -1 ChangeLog | grep -q "^savemms $version " || echo "ChangeLog: the newest entry is not $version" | breach "ChangeLog"

cat "$report"
! [ -s "$report" ]
