# check.sh: counts what a test of this folder found. Read by the test_*.sh.

checks_passed=0 checks_failed=0

# check WHAT COMMAND...: one check, passed when the command succeeds. What the command says is shown.
check() {
	local what=$1 status
	shift
	"$@"
	status=$?
	if test $status = 0; then
		checks_passed=$((checks_passed + 1))
		echo "ok: $what"
	else
		checks_failed=$((checks_failed + 1))
		echo "FAILED: $what (status $status: $*)"
	fi
}

# must WHAT COMMAND...: a check without which the rest of the test makes no sense.
must() {
	local before=$checks_failed
	check "$@"
	if test $checks_failed != $before; then end_checks; fi
}

# end_checks: says the counts, as run.sh reads them, and ends the test.
end_checks() {
	echo "$checks_passed passed, $checks_failed failed"
	test $checks_failed = 0
	exit
}

# readme PATTERN: the first command of that form in README of the tree $src, as it stands there, but in one line.
readme() {
	sed -n -e ':a' -e '/\\$/{N;s/\\\n *//;ba' -e '}' -e "s|^ *\($1.*\)|\1|p" "$src/README" | head -n 1
}
