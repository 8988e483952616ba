#!/bin/sh
# Runs the walks of tests/fault, one after another. usage: run.sh LIBRARY SECONDS
# Each walk takes about SECONDS. With 0 a walk visits every point, failing one call and then all calls from there on.
# SAVEMMS_PREFIX names the installed programs. The status is 1 if a walk finds something.
library=$1 seconds=$2 status=0
here=$(cd "$(dirname "$0")" && pwd) || exit 1
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
walk() { $python "$here/walk.py" --library "$library" "$@" || status=1; }
if test "$seconds" = 0; then
	walk --every 1 --case text --case media --kind alloc --kind io --kind write
	walk --every 1 --case helper --kind alloc --kind io --kind write
	walk --every 1 --from-then-on --case text --case media --kind alloc --kind io --kind write
	$python "$here/kill.py" --every 1 || status=1
else
	walk --seconds "$seconds"
	walk --seconds "$seconds" --from-then-on --case media --kind write
	$python "$here/kill.py" --seconds "$seconds" || status=1
fi
exit $status
