# Puts the tables of the .def files into a manual page: a line ".\" @NAME@" is
# replaced by the rows of one table, so that the pages say what the programs do.
#   awk -v lib=DIR -f tables.awk page.in > page
# NAME is SETTINGS, ACCOUNT, ERRORS, KINDS, FORMATS, CLASSES, CARRIERS or HANDSETS, or with a B or C for the dialect
# behind it: REQUEST, ANSWERS or TEXTS. An unknown NAME or a file that cannot be read ends with status 1.

function die(why) {
	print "tables.awk: " why > "/dev/stderr"
	failed = 1
	exit 1
}

# The next row of file into arg[1..n] with its macro's name in macro; 0 at the
# end. Strings lose their quotes. Other lines (comments, #ifdef) are skipped.
function row(file,	line, more, got) {
	for (;;) {
		got = (getline line < file)
		if (got < 0)
			die(file " cannot be read")
		if (got == 0)
			return 0
		if (line !~ /^[A-Z]+\(/)
			continue
		while (line !~ /\)$/ && (getline more < file) > 0)
			line = line more
		macro = substr(line, 1, index(line, "(") - 1)
		split_args(substr(line, index(line, "(") + 1))
		return 1
	}
}

function split_args(s,	i, c, quoted, a) {
	n = 0
	a = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == "\"") {
			quoted = !quoted
		} else if (!quoted && (c == "," || c == ")")) {
			gsub(/^[ \t]+|[ \t]+$/, "", a)
			arg[++n] = a
			a = ""
		} else {
			a = a c
		}
	}
}

# Lines of at most 79 columns, for the reader of the source.
function fold(s,	word, k, i, out, used) {
	k = split(s, word, " ")
	for (i = 1; i <= k; i++) {
		if (used > 0 && used + 1 + length(word[i]) > 79) {
			out = out "\n"
			used = 0
		}
		if (used == 0 && word[i] ~ /^[.']/)
			word[i] = "\\&" word[i]
		out = out (used > 0 ? " " : "") word[i]
		used += length(word[i]) + (used > 0)
	}
	return out
}

# Text for roff: one sentence a line, nothing taken for a request.
function roff(s,	sentence, k, i, out) {
	gsub(/\\/, "\\e", s)
	k = split(s, sentence, /\. /)
	for (i = 1; i <= k; i++)
		out = out (i > 1 ? ".\n" : "") fold(sentence[i])
	return out
}

function value(s) {
	return s == "" ? "Empty by default." : "Default:\n.Ql \\&" s " ."
}

# When a setting takes effect that "savemms reload" does not bring into effect.
function effect(when) {
	if (when == "NOW")
		return ""
	if (when != "WEB" && when != "HELPER" && when != "BOTH")
		die("unknown time of effect: " when)
	return "A change takes effect when " (when == "WEB" ? "the web server's program is" : \
	    when == "HELPER" ? "the helper is" : "the web server's program and the helper are") " started again.\n"
}

function settings(file) {
	while (row(file)) {
		print ".It Ic " arg[2]
		if (macro == "NUM")
			printf "%s\nA number from %s to %s, default %s.\n", roff(arg[7]), arg[5], arg[6], arg[4]
		else
			printf "%s\n%s\n", roff(arg[6]), value(arg[4])
		printf "%s", effect(arg[3])
	}
}

function account(file) {
	while (row(file)) {
		print ".It Ic " arg[2]
		if (macro == "NUM")
			printf "%s\nA number from %s to %s, default %s.\n", roff(arg[6]), arg[4], arg[5], arg[3]
		else if (macro == "FLAG")
			printf "%s\n.Cm on\nor\n.Cm off ,\ndefault %s.\n", roff(arg[4]), arg[3] == "true" ? "on" : "off"
		else
			printf "%s\n%s\n", roff(arg[5]), value(arg[3])
	}
}

function errors(file) {
	while (row(file)) {
		print ".It " arg[1]
		print roff(arg[2])
	}
}

function list(s, lead) {
	gsub(/,/, ", " lead, s)
	return lead s
}

function kinds(file,	e) {
	while (row(file)) {
		if (macro != "KIND")
			continue
		e = (arg[7] == "NULL") ? "" : ", " arg[7]
		print ".It Ic " arg[2]
		printf "pair\n.Ql slide_N_%s ;\n", arg[3]
		print fold("extensions " list(arg[10], ".") "; types " list(arg[9], "") "; errors " arg[5] \
		    " (cannot be fetched), " arg[6] " (too big)" (e == "" ? "" : "; postback" substr(e, 2)) ".")
	}
}

# Tables of formats, networks and handsets, for a literal display.
function formats(file) {
	while (row(file))
		if (macro == "FORMAT")
			printf "%-7s %-5s %-15s %s\n", arg[1], tolower(arg[2]), arg[4], list(arg[5], ".")
}

function carriers(file) {
	while (row(file))
		printf "%-12s %8s bytes  %s\n", arg[1], arg[2], arg[4]
}

function classes(file) {
	while (row(file))
		printf "%-4s %8s bytes, %4s pixels, sound %5s in films, %6s alone, %s\n", arg[1], arg[2], arg[3], arg[4], arg[5], tolower(arg[6])
}

function handsets(file) {
	while (row(file))
		printf "%-14s %-18s %-8s %s\n", arg[1], arg[2], os[arg[3]], arg[4] == 0 ? "what the network takes" : arg[4] " bytes"
}

# One line of a table of names, for a literal display: A's name and the other dialect's.
function pair(a, other, more) {
	printf "%-23s %s\n", a == "" || a == "NULL" ? "-" : a, other more
}

# How C takes a field, for those that are not texts.
function taken(type) {
	return type == "NUMBER" ? "string or integer" : type == "FLAG" ? "true, false or a string" : ""
}

# The fields of requests, as dialect B or C writes them.
function requests(file, dialect,	k, i, name, element, type, a, bc, known, word) {
	while (row(file)) {
		if (macro == "FIELD") {
			name[++k] = arg[1]
			element[arg[1]] = arg[2]
			type[arg[1]] = arg[3]
		} else if (macro == "ALIAS" || macro == "SPELLED") {
			a[arg[1]] = macro == "ALIAS" ? element[arg[1]] : arg[2]
			bc[arg[1]] = macro == "ALIAS" ? arg[2] : arg[3]
			known[arg[1]] = 1
		}
	}
	for (i = 1; i <= k; i++) {
		word = tolower(element[name[i]])
		gsub(/_/, "-", word)
		if (name[i] in known)
			word = bc[name[i]]
		more = dialect == "C" && taken(type[name[i]]) != "" ? sprintf("%*s%s", 30 - length(word), "", taken(type[name[i]])) : ""
		if (word != "")
			pair(name[i] in known ? a[name[i]] : element[name[i]], word, more)
	}
}

# The elements of answers: B's names, or the members of C.
function answers(file, dialect,	word) {
	while (row(file)) {
		word = dialect == "B" ? arg[3] : arg[4]
		if (word != "NULL")
			pair(arg[2], word, "")
	}
}

# The texts of errors that are others in B or C.
function texts(file, dialect) {
	while (row(file)) {
		print ".It " arg[1]
		print roff(dialect == "B" ? arg[2] : arg[3])
	}
}

BEGIN {
	os["OS_IOS"] = "iOS"
	os["OS_ANDROID"] = "Android"
	os["OS_OTHER"] = "Other"
}

/^\.\\" @[A-Z]+@$/ {
	name = $2
	if (name == "@SETTINGS@")
		settings(lib "/settings.def")
	else if (name == "@ACCOUNT@")
		account(lib "/account.def")
	else if (name == "@ERRORS@")
		errors(lib "/errors.def")
	else if (name == "@KINDS@")
		kinds(lib "/media.def")
	else if (name == "@FORMATS@")
		formats(lib "/media.def")
	else if (name == "@CLASSES@")
		classes(lib "/classes.def")
	else if (name == "@CARRIERS@")
		carriers(lib "/carriers.def")
	else if (name == "@HANDSETS@")
		handsets(lib "/handsets.def")
	else if (name ~ /^@REQUEST[BC]@$/)
		requests(lib "/request.def", substr(name, 9, 1))
	else if (name ~ /^@ANSWERS[BC]@$/)
		answers(lib "/answers.def", substr(name, 9, 1))
	else if (name ~ /^@TEXTS[BC]@$/)
		texts(lib "/errors_bc.def", substr(name, 7, 1))
	else
		die("no table " name)
	next
}
{
	print
}
END {
	exit failed
}
