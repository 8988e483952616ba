#!/bin/sh
# Breaks each rule of tests/house.sh in a copy of the sources, and checks that house.sh reports the
# breach and names the file. For the unchanged copy, and for things that only look like a breach, it
# must report nothing. Many breaches are planted in one copy, each in files of its own. The same is
# done for tests/loops.sh, with objects of files that need each other, and for tests/format.sh.
# srcdir names the sources. The status is 1, with a line for each breach that was not noticed.
srcdir=${srcdir:-.}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
copy=$work/copy report=$work/report bad=0
folders="lib/base lib/base/text lib/base/journal lib/rights lib/model lib/request lib/media lib/blob lib/store lib/store/bdb lib/store/check lib/store/kv lib/store/rules lib/net \
	lib/send lib/personal lib/ops cgi cgi/api cgi/public cgi/console cgi/rest helper transcode transcode/cage \
	transcode/image transcode/av transcode/av/film transcode/personal admin admin/carrier admin/backup admin/doctor"

# Copies the sources without built files.
mkdir "$copy" || exit 1
(cd "$srcdir" && {
	printf '%s\n' HACKING SECURITY README ChangeLog configure.ac autogen.sh
	find lib cgi helper transcode admin man www docs tests bench apache lighttpd -type f \
	    \( -name '*.[ch]' -o -name '*.def' -o -name '*.inc' -o -name '*.in' -o -name '*.sh' -o -name '*.py' \
	    -o -name '*.awk' -o -name '*.js' -o -name '*.css' -o -name '*.html' -o -name '*.[1-8]' \
	    -o -name README -o -name tour \)
} | tar -cf - -T -) | tar -C "$copy" -xf - || exit 1
chmod -R u+w "$copy"

fault() {
	echo "$*"
	bad=1
}

# house: writes the report of house.sh about the copy and returns its status.
house() {
	srcdir=$copy sh "$copy/tests/house.sh" > "$report" 2>&1
}

# said HEADING LINE: checks that a line that begins with LINE is below a heading that begins with HEADING.
said() {
	heading="== $1" line=$2 awk '/^== / { on = index($0, ENVIRON["heading"]) == 1; next }
	    on && index($0, ENVIRON["line"]) == 1 { found = 1 } END { exit !found }' "$report" ||
	    fault "house.sh does not say \"$1\" of $2"
}

# put FILE LINE...: writes the lines to a new file of the copy, or appends them to an existing one.
put() {
	file=$copy/$1
	shift
	printf '%s\n' "$@" >> "$file"
}

# lines N TEXT: prints N lines of TEXT.
lines() {
	awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) print text }'
}

# ---- the unchanged copy -----------------------------------------------------------
house || fault "house.sh ends with a fault on the sources as they are"
[ -s "$report" ] && fault "house.sh is not silent on the sources as they are:" && cat "$report"

# ---- breaches ---------------------------------------------------------------------
functions="strcpy strcat strncpy strncat sprintf vsprintf gets strtok system popen tmpnam mktemp \
	atoi atol atoll alloca rand srand asctime ctime gmtime localtime"
starters="fork vfork clone execl execlp execle execv execve execvp execvpe fexecve posix_spawn posix_spawnp"
mark="TO""DO"

# A pattern of house.sh and a header that it matches.
libraries='fcgi fcgiapp.h
libxml/ libxml/parser.h
iconv\.h iconv.h
curl/ curl/curl.h
magic\.h magic.h
db\.h db.h
vips/ vips/vips.h
pango/ pango/pangocairo.h
libavformat/ libavformat/avformat.h
libavcodec/(avcodec|bsf)\.h libavcodec/avcodec.h
libavfilter/ libavfilter/avfilter.h
libav libavutil/frame.h
opencore opencore-amrnb/interf_enc.h
zint\.h zint.h
sodium sodium.h
md5\.h|md\.h md5.h
zlib\.h zlib.h
jansson jansson.h
ini\.h ini.h
microhttpd microhttpd.h
seccomp\.h seccomp.h
linux/landlock\.h linux/landlock.h'

plant_includes() {
	for folder in $folders; do
		case $folder in
		admin*) put "$folder/planted.c" '#include "cgi/app.h"' ;;
		*) put "$folder/planted.c" '#include "admin/admin.h"' ;;
		esac
	done
	put cgi/api/planted_console.c '#include "cgi/console/console.h"'
	put lib/store/planted_send.c '#include "send/compose.h"'
	put lib/store/bdb/planted_store.c '#include "store/store.h"'
	put lib/base/planted_bare.c '#include "buf.h"' '#include "base/nowhere.h"'
	put lib/model/planted.def '#include "store/store.h"'
	for folder in lib/model lib/request lib/media lib/send; do
		put "$folder/planted_io.c" '#include <unistd.h>' '#include "base/file.h"'
	done
	put lib/ops/planted_library.c "$(echo "$libraries" | sed 's/.* \(.*\)/#include <\1>/')"
	put lib/base/planted.h '#include <sodium.h>'
	put transcode/image/planted_av.c '#include <libavcodec/avcodec.h>'
	put helper/Makefile.inc 'savemms_helper_LDADD += $(MAGIC_LIBS)'
}

expect_includes() {
	for folder in $folders; do
		said "$folder includes only from: " "$folder/planted.c:1 "
	done
	said "cgi/api includes only from: " "cgi/api/planted_console.c:1 "
	said "lib/store includes only from: " "lib/store/planted_send.c:1 "
	said "lib/store/bdb includes only from: " "lib/store/bdb/planted_store.c:1 "
	said "lib/model includes only from: " "lib/model/planted.def:1 "
	said "an include names the folder" "lib/base/planted_bare.c:1 "
	said "an include names the folder" "lib/base/planted_bare.c:2 "
	for folder in lib/model lib/request lib/media lib/send; do
		said "data and rules do no I/O" "$folder/planted_io.c:1:"
		said "data and rules do no I/O" "$folder/planted_io.c:2:"
	done
	n=0
	while read -r pattern header; do
		n=$((n + 1))
		said "<$pattern> is included by " "lib/ops/planted_library.c:$n:#include <$header>"
	done <<-END
	$libraries
	END
	said "<libavcodec/(avcodec|bsf)\.h> is included by " transcode/image/planted_av.c:1:
	said "no header includes a third party's" lib/base/planted.h:1:
	said "libmagic is linked with savemms-transcode only" helper/Makefile.inc:
}

plant_code() {
	put lib/ops/planted_function.c "$(printf '\t%s(p);\n' $functions)"
	put lib/ops/planted_start.c "$(printf '\tpid = %s(p);\n' $starters)"
	put lib/ops/planted_open.c '	fd = open(path, O_RDONLY);' '	fd = openat(dir, path, O_WRONLY | O_CREAT, 0600);'
	put lib/store/planted_change.c '	rc = txn_begin(&txn, st, KV_FAST);'
	put lib/ops/planted_mark.c "/* $mark: the rest */"
	put lib/ops/planted_long_file.c "$(lines 401 'extern int x;')"
	put lib/ops/planted_long_function.c 'void' 'planted(void)' '{' "$(lines 51 '	x++;')" '}'
	put lib/ops/planted_parameters.c 'static void' 'planted_many(int a, int (*b)(int, int), int c,' '    int d, int e, int f)' '{' '}'
	put lib/ops/planted_parameters.h 'void planted_declared(int a, int b, int c, int d, int e, int f)' \
	    '    __attribute__((format(printf, 2, 3)));'
	put lib/ops/planted_shared.h 'int first_planted(void);' 'int second_planted(void);' 'int planted_shared_third(void);'
	put lib/ops/planted_shared_a.c 'int' 'first_planted(void)' '{' '}'
	put lib/ops/planted_shared_b.c 'int' 'second_planted(void)' '{' '}' 'int' 'planted_shared_third(void)' '{' '}'
	# These are at the limits, or in comments and texts: no breach.
	put lib/base/planted_fine.h '#define FINE(a, b, c, d, e, f) fine(a, b, c, d, e, f)' \
	    'struct fine { int (*planted_fine_member)(int, int, int, int, int, int); };' \
	    'void planted_fine_five(int a, int (*b)(int, int), int c, int d, int e);' \
	    '/* void planted_fine_six(int, int, int, int, int, int); */' \
	    'int planted_fine_here(void);' 'int planted_fine_there(void);'
	put lib/base/planted_fine_here.c 'int' 'planted_fine_here(void)' '{' '	f("a, b, c, d, e, f", 1, 2, 3, 4, 5, 6);' '}'
	put lib/base/planted_fine_there.c 'int' 'planted_fine_there(void)' '{' '}' 'static int' 'first_planted(void)' '{' '}'
	fine=lib/base/planted_fine.c
	put $fine '#include "base/buf.h"' '/*' "$(printf ' * %s(p) fork() open(path, O_RDONLY)\n' $functions)" \
	    ' */' 'void' 'planted(void)' '{' '	puts("strcpy(p) fork() open(path, O_RDONLY)");' \
	    "$(lines 48 '	x++;')" '	fd = open(path, O_RDONLY | O_CLOEXEC);' '}'
	put $fine "$(lines $((400 - $(wc -l < "$copy/$fine"))) 'extern int x;')"
}

expect_code() {
	n=0
	for name in $functions; do
		n=$((n + 1))
		said "functions we do not use" "lib/ops/planted_function.c:$n:"
	done
	n=0
	for name in $starters; do
		n=$((n + 1))
		said "who may start programs" "lib/ops/planted_start.c:$n:"
	done
	said "descriptors that would leak" lib/ops/planted_open.c:1:
	said "descriptors that would leak" lib/ops/planted_open.c:2:
	said "what the store changes is a step" lib/store/planted_change.c:1:
	said "marks of unfinished work" lib/ops/planted_mark.c:1:
	said "marks of unfinished work" HACKING:
	said "marks of unfinished work" lib/net/README:
	said "files have at most 400 lines" "lib/ops/planted_long_file.c: 401 "
	said "functions have at most 50 lines" "lib/ops/planted_long_function.c:3: 51 "
	said "functions take at most five parameters" "lib/ops/planted_parameters.c:2: planted_many() has 6"
	said "functions take at most five parameters" "lib/ops/planted_parameters.h:1: planted_declared() has 6"
	said "a header declares the functions of one .c file" "lib/ops/planted_shared.h:1: first_planted() is in lib/ops/planted_shared_a.c"
	said "a header declares the functions of one .c file" "lib/ops/planted_shared.h:2: second_planted() is in lib/ops/planted_shared_b.c"
	grep 'planted_shared_third()' "$report" && fault "house.sh complains of a name that begins with the header's"
	grep planted_fine "$report" && fault "house.sh complains of what is right"
}

# Folders, texts, tests and versions.
plant_tree() {
	mkdir "$copy/lib/planted"
	put lib/planted/planted.c 'extern int x;'
	for i in $(seq $((46 - $(find "$copy/lib/blob" -maxdepth 1 -name '*.[ch]' | wc -l)))); do
		: > "$copy/lib/blob/planted$i.c"
	done
	put lib/net/README 'Begin with nowhere.c.' "$mark"
	put lib/send/README "$(lines 20 words)"
	put HACKING 'See lib/nowhere.c and elsewhere.h.' "$mark"
	put SECURITY 'See transcode/nowhere.c.'
	put README 'See cgi/nowhere.def.'
	put docs/tour '    cgi/fcgi.c: worker(), planted()' '    cgi/nowhere.c: planted()' "$(lines 100 words)"
	put tests/e2e/test_planted.py 'pass'
	put tests/install/test_planted.sh true
	put tests/fakes/planted.py 'pass'
	sed -i '1s/^savemms [^ ]*/savemms 0.0.0/' "$copy/ChangeLog"
}

expect_tree() {
	said "folders: each has its rule" lib/planted
	said "folders: each has its rule" "lib/blob: 46 sources"
	said "each folder has a README" "lib/planted: no README"
	said "each folder has a README" "lib/send/README: "
	for text in 'lib/net/README:[0-9]*: nowhere.c' 'HACKING:[0-9]*: lib/nowhere.c' 'HACKING:[0-9]*: elsewhere.h' \
	    'SECURITY:[0-9]*: transcode/nowhere.c' 'README:[0-9]*: cgi/nowhere.def' 'docs/tour:[0-9]*: cgi/nowhere.c'; do
		grep -q "^$text is not there" "$report" || fault "house.sh does not say \"$text is not there\""
	done
	said "the tour names functions that are there" "docs/tour: cgi/fcgi.c has no planted()"
	said "the tour takes two screens" "docs/tour: "
	said "not listed in tests/e2e/files.inc" tests/e2e/test_planted.py
	said "not listed in tests/e2e/files.inc" tests/fakes/planted.py
	said "not listed in tests/Makefile.inc" tests/install/test_planted.sh
	said "ChangeLog" "ChangeLog: the newest entry is not "
}

plant_includes
plant_code
plant_tree
house && fault "house.sh ends well although rules are broken"
expect_includes
expect_code
expect_tree
cp "$report" "$work/all"

# ---- a tree that is almost empty --------------------------------------------------
rm -rf "$copy/cgi" "$copy/helper" "$copy/transcode" "$copy/admin" "$copy/lib"
mkdir -p "$copy/lib/base" "$copy/cgi" "$copy/helper" "$copy/transcode" "$copy/admin"
echo > "$copy/docs/tour"
put lib/base/planted.c '#include "base/planted.h"'
house && fault "house.sh ends well although there is nothing to look at"
said "the test itself" "too few sources"
said "the test itself" "too few includes"
said "the test itself" "too few functions"
said "the test itself" "docs/tour: too few steps"
said "the rules about folders" "lib/model is not there"
cat "$report" >> "$work/all"

# ---- files that need each other ---------------------------------------------------
# object FILE TEXT: writes the source to the copy and compiles its object.
object() {
	mkdir -p "$copy/${1%/*}" "$work/objects/${1%/*}"
	put "$1.c" "$2"
	${CC:-cc} -c -o "$work/objects/$1.o" "$copy/$1.c" || fault "$1.c cannot be compiled"
}

# loops: writes the report of loops.sh about these objects and returns its status.
loops() {
	srcdir=$copy objdir=$work/objects least=$1 sh "$copy/tests/loops.sh" > "$report" 2>&1
}

object lib/planted/low 'int low(void) { return 1; }'
object lib/planted/high 'int low(void); int high(void) { return low(); }'
loops 0 || fault "loops.sh complains of files that need each other one way only"
[ -s "$report" ] && fault "loops.sh is not silent where there is no loop:" && cat "$report"
loops 400 && fault "loops.sh ends well although there is nothing to look at"
object lib/planted/ring_a 'int ring_b(void); int ring_a(void) { return ring_b(); }'
object lib/planted/ring_b 'int low(void); int ring_c(void); int ring_b(void) { return ring_c() + low(); }'
object lib/planted/ring_c 'int ring_a(void); int ring_c(void) { return ring_a(); }'
loops 0 && fault "loops.sh ends well although three files need each other"
for name in a b c; do
	grep -q "^lib/planted/ring_$name\.c\$" "$report" || fault "loops.sh does not name ring_$name.c"
done
grep -E 'low|high' "$report" && fault "loops.sh names files that are in no loop"

# ---- sources in another form ------------------------------------------------------
# form LEAST: writes the report of format.sh about the copy and returns its status.
form() {
	srcdir=$copy least=$1 sh "$copy/tests/format.sh" > "$report" 2>&1
}

if command -v clang-format > /dev/null; then
	mkdir -p "$copy/bench"
	cp "$srcdir/.clang-format" "$copy"
	find "$copy/lib" "$copy/cgi" "$copy/helper" "$copy/transcode" "$copy/admin" "$copy/bench" "$copy/tests" -name '*.[ch]' -exec rm {} +
	put lib/planted/formed.c '/* A text is not broken. */' 'static const char text[] =' "    \"$(lines 12 'ten words, ' | tr -d '\n')\";"
	form 0 || { fault "format.sh complains of what is right:"; cat "$report"; }
	form 500 && fault "format.sh ends well although there is nothing to look at"
	put tests/narrow.c 'int narrow( void )' '{' '    return 1;' '}'
	put lib/planted/wide.c "/* $(lines 12 'ten-words,' | tr -d '\n') */"
	form 0 && fault "format.sh ends well although two files have another form"
	for name in tests/narrow.c:1 lib/planted/wide.c:1; do
		grep -q "^$name:" "$report" || fault "format.sh does not name $name"
	done
	grep formed "$report" && fault "format.sh complains of what is right"
	mkdir -p "$copy/lib/model"
	put lib/model/wide.def "ROW(name, \"$(lines 12 'ten words, ' | tr -d '\n')\")"
	form 0
	grep -q '^lib/model/wide.def:1:' "$report" || fault "format.sh does not name a wide row of a table"
fi

# ---- every later rule must be broken here, too ------------------------------------
grep -o 'breach "[^"]*"' "$copy/tests/house.sh" | sed 's/^breach "//; s/"$//; s/\$[a-z]*\**/.*/g' |
    sort -u > "$work/rules"
[ "$(wc -l < "$work/rules")" -gt 15 ] || fault "too few rules found in house.sh"
while read -r rule; do
	grep -q "^== $rule\$" "$work/all" || fault "no breach is planted of \"$rule\""
done < "$work/rules"

exit $bad
