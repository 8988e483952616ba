#!/bin/sh
# Checks that files do not form loops: to understand a file, nobody should need the files that use it. Two
# files that call each other, or three in a ring, are really one file, or lack one that both may use. The
# test uses the symbols of the built objects: A needs B when A uses a function or variable that B defines.
# objdir is where the objects are, and srcdir where their sources are. The test prints the files of each
# loop; the status is 1 if there is one. tests/planted.sh builds a loop and checks that it is noticed.
srcdir=$(cd "${srcdir:-.}" && pwd) objdir=${objdir:-.}
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT

# Prints lines "OBJECT: SYMBOL KIND ..." of all objects. Automake puts the program's name and a dash before
# the file's name where a program has its own flags. Objects without a source are from an earlier build.
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

# Prints lines "A.c B.c" where A needs B. Each program has a main, which nobody calls.
needs() {
	awk '$2 == "main" { next }
	    { sub(/[^\/]*-/, "", $1); sub(/\.o:$/, ".c", $1) }
	    $3 ~ /^[Uvw]$/ { used[$1 " " $2]; next }
	    { by[$2] = $1 }
	    END { for (u in used) { split(u, w, " "); if (w[2] in by && by[w[2]] != w[1]) print w[1], by[w[2]] } }' | sort -u
}

edges=$( (symbols) | needs)
[ "$(echo "$edges" | wc -l)" -gt "${least:-400}" ] || echo "too few uses found in $objdir" >> "$report"

# tsort orders what it can, and names the rest on its standard error.
echo "$edges" | tsort 2>&1 > /dev/null |
    sed -n 's|^tsort:.* loop.*|== these files need each other|p; s|^tsort: \(.*\.c\)$|\1|p' >> "$report"

cat "$report"
! [ -s "$report" ]
