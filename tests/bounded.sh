#!/bin/bash
# Runs a test and ends it when it takes too long, so that one that hangs is one failure and has a name.
# usage: bounded.sh SECONDS PROGRAM [ARGUMENTS]
# The status is the program's. When the time is over, what its processes wait for is printed, all of them are killed and
# the status is 1.
limit=$1
shift
setsid "$@" &
program=$!
trap 'kill -KILL -- -$program; kill $clock 2>/dev/null; exit 1' TERM INT HUP
sleep "$limit" </dev/null >/dev/null 2>&1 &
clock=$!
wait -n -p first "$program" "$clock"
status=$?
if test "$first" = "$program"; then
	kill "$clock"
	exit $status
fi
echo "bounded.sh: $1: not over after $limit seconds"
for process in $(pgrep -s "$program"); do
	echo "process $process: $(tr '\0' ' ' <"/proc/$process/cmdline")"
	for thread in "/proc/$process/task"/*; do
		echo "  thread ${thread##*/}: $(sed -n 's/^State:[[:space:]]*//p' "$thread/status"), in $(cat "$thread/wchan" 2>/dev/null), system call $(cat "$thread/syscall" 2>/dev/null)"
	done
	if command -v gdb >/dev/null; then
		gdb -p "$process" -batch -ex 'thread apply all backtrace 20' </dev/null 2>/dev/null | grep -E '^(Thread|#)'
	fi
done
kill -KILL -- "-$program"
exit 1
