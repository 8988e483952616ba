# stage.sh: a stage is a function or command that writes to its log in $logs and ends with a status. A counter reads
# from the log how many tests it had. Read by tests/stages.sh and tests/install/run.sh, which set logs, passed and failed.

# stage NAME COUNTER COMMAND...: runs the command and adds up its tests. COUNTER gets the status and prints
# "passed failed" from the log.
stage() {
	local name=$1 counter=$2 log=$logs/${1//[^A-Za-z0-9]/-}.log start=$SECONDS status p f
	shift 2
	printf '%-44s ' "$name"
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	read -r p f < <("$counter" "$status" "$log")
	if test $status != 0 && test "$f" = 0; then f=1; fi
	passed=$((passed + p)) failed=$((failed + f))
	printf '%4d passed %3d failed  %4d s\n' "$p" "$f" $((SECONDS - start))
	if test "$f" != 0; then
		echo "---- end of $log"
		grep -aE '^(FAILED|ERROR|FAIL:|E  )|error:|: warning:|\[  FAILED|\[  ERROR' "$log" | head -n 40
		tail -n 25 "$log"
		echo "----"
	fi
	return $((f != 0))
}

# A stage that counts as one check, passed or failed.
count_one() { if test "$1" = 0; then echo 1 0; else echo 0 1; fi; }
