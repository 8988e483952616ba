#!/bin/sh
# Checks that mandoc finds no fault in the manual pages except references to pages that are
# not installed and long source lines; that every setting, account key and error code is in
# its page; and that the commands of savemms are in savemms(1).
# It runs in the build folder; srcdir names the sources. 77: mandoc is not installed.
srcdir=${srcdir:-.}
command -v mandoc >/dev/null || exit 77
bad=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

find_page() {
	if [ -f "man/$1" ]; then echo "man/$1"; else echo "$srcdir/man/$1"; fi
}

for page in $(cd "$srcdir/man" && ls | sed -n 's/\.in$//p; /\.[1-8]$/p' | sort -u); do
	file=$(find_page "$page")
	if ! [ -s "$file" ]; then
		echo "$page is not there"
		bad=1
		continue
	fi
	# The streams are kept apart because buffered output may split a line of the other.
	mandoc -Tlint -W style "$file" >"$work/out" 2>"$work/err"
	if cat "$work/out" "$work/err" |
	    grep -vE 'referenced manual not found|outdated mandoc.db|input text line longer'; then
		bad=1
	fi
	if grep -n '@[A-Z][A-Z]*@' "$file"; then
		bad=1
	fi
done

# has PAGE WORD...: checks that the page contains each word.
has() {
	page=$1
	shift
	for word; do
		grep -q "^\.It.* $word\$\|^\.It Cm $word" "$(find_page "$page")" && continue
		echo "$page does not explain $word"
		bad=1
	done
}

# tells PAGE WORD...: checks that a table of the page, in its second column, has each word.
tells() {
	page=$1
	shift
	[ $# -gt 10 ] || bad=1
	for word; do
		grep -q "^[A-Z_-]* *$word\( \|\$\)" "$(find_page "$page")" && continue
		echo "$page does not tell of $word"
		bad=1
	done
}

keys() {
	sed -n 's/^[A-Z]*([a-z_0-9]*, "\([a-z-]*\)".*/\1/p' "$srcdir/lib/model/$1"
}
[ "$(keys settings.def | wc -l)" -gt 20 ] || bad=1	# shows that the pattern above still reads the table
has savemms.conf.5 $(keys settings.def)
has savemms.1 $(keys account.def)
has savemms-api.7 $(sed -n 's/^ERR(\(E[0-9]*\),.*/\1/p' "$srcdir/lib/model/errors.def")
spelled=$(sed -n 's/^SPELLED([a-z_]*, "[^"]*", "\([a-z-][a-z-]*\)").*/\1/p; s/^ALIAS([a-z_]*, "\([a-z-]*\)").*/\1/p' "$srcdir/lib/model/request.def")
names() {
	sed -n "s/^NAME([A-Z_]*, [^,]*, \(.*\)).*/\1/p" "$srcdir/lib/model/answers.def" | cut -d, -f"$1" | sed -n 's/.*"\(.*\)".*/\1/p'
}
tells savemms-api-b.7 $spelled $(names 1)
tells savemms-api-c.7 $spelled $(names 2)
for dialect in b c; do
	has savemms-api-$dialect.7 $(sed -n 's/^TEXT(\(E[0-9]*\),.*/\1/p' "$srcdir/lib/model/errors_bc.def")
done
while read -r first second; do
	has savemms.1 "$first${second:+ $second}"
done <<END
$(sed -n 's/^	{ "\([a-z-]*\)", "\([a-z-]*\)".*/\1 \2/p; s/^	{ "\([a-z-]*\)", NULL.*/\1/p' "$srcdir/admin/main.c")
END
exit $bad
