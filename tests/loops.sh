#!/bin/sh
# No loops between files: who reads a file need not know the files that use it. Two files that call
# each other, or three in a ring, are one file in truth, or lack one that both may use. Judged by the
# symbols of the built objects: A needs B when A uses a function or variable that B defines.
# objdir is where the objects are, srcdir where their sources are. Names the files of each loop;
# status 1 if there is one. tests/planted.sh builds a loop and sees that it is noticed.
srcdir=$(cd "${srcdir:-.}" && pwd) objdir=${objdir:-.}
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT

# Lines "OBJECT: SYMBOL KIND ..." of all objects. Automake puts the program's name and a dash before
# the file's where a program has its own flags. An object whose source is gone is of an earlier build.
symbols() {
	cd "$objdir" || exit
	for folder in lib cgi helper transcode admin; do
		[ ! -d "$folder" ] || find "$folder" -name '*.o'
	done | while read -r object; do
		name=${object##*/}
		name=${name##*-}
		[ ! -f "$srcdir/${object%/*}/${name%.o}.c" ] || echo "$object"
	done | xargs -r nm -A -P -g
}

# Lines "A.c B.c": A needs B. Each program has a main; nobody calls one.
needs() {
	awk '$2 == "main" { next }
	    { sub(/[^\/]*-/, "", $1); sub(/\.o:$/, ".c", $1) }
	    $3 ~ /^[Uvw]$/ { used[$1 " " $2]; next }
	    { by[$2] = $1 }
	    END { for (u in used) { split(u, w, " "); if (w[2] in by && by[w[2]] != w[1]) print w[1], by[w[2]] } }' | sort -u
}

# Loops that are still there: lines to take out when they are mended.
known='lib/store/store_(account|image).c
lib/store/store_(posted|template).c
lib/store/check[a-z_]*.c
transcode/av/(av|av_film|av_sound|film_decode).c
transcode/av/av_(codec|demux).c'

edges=$( (symbols) | needs)
[ "$(echo "$edges" | wc -l)" -gt "${least:-400}" ] || echo "too few uses found in $objdir" >> "$report"

# tsort orders what can be ordered, and names the rest on its standard error.
echo "$edges" | grep -vE "$(echo "$known" | sed 's/\./\\./; s/.*/^& &$/')" | tsort 2>&1 > /dev/null |
    sed -n 's|^tsort:.* loop.*|== these files need each other|p; s|^tsort: \(.*\.c\)$|\1|p' >> "$report"

cat "$report"
! [ -s "$report" ]
