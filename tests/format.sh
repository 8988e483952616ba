#!/bin/sh
# Checks the form of the sources: each file is as clang-format writes it with .clang-format, and no line has more than
# 100 columns (a tab is 8) unless it is a text that must not be broken. Prints file and line of each breach; the
# status is 1 if there is any. Without clang-format the test is skipped (77); ./runtests installs it.
srcdir=${srcdir:-.}
cd "$srcdir" || exit 1
command -v clang-format >/dev/null || { echo "clang-format is not there"; exit 77; }

sources=$(find lib cgi helper transcode admin bench tests -name '*.[ch]')
[ "$(echo "$sources" | wc -l)" -gt "${least:-500}" ] || { echo "too few sources found in $srcdir"; exit 1; }
said=$(echo "$sources" | xargs clang-format --style=file --dry-run 2>&1 | grep -E '^[^ ].*warning:' | cut -d' ' -f1)
# Tables in lib/model have texts, too, but these can be broken.
wide=$(for f in $sources $(find lib/model -name '*.def'); do expand "$f" | awk -v f="$f" 'length($0) > 100 && (!/"/ || f ~ /def$/) { print f ":" FNR ": " length($0) " columns" }'; done)
if [ -n "$said$wide" ]; then
	printf '== not in the form of .clang-format\n%s\n%s\n' "$said" "$wide"
	exit 1
fi
