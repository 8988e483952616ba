#!/bin/sh
# Runs each fuzzer for some seconds. It starts from the seeds in the sources and from useful inputs of earlier runs.
# usage: run.sh PROGRAMS SECONDS NAME...
# PROGRAMS is the folder of the fuzz_NAME programs. It also gets the folders corpus/NAME and found/NAME. Each fuzzer
# prints one line; the status is 1 if one found something. SAVEMMS_FUZZ_KEEP names a folder for corpora and findings
# that is to outlive the build; SAVEMMS_SEED begins each fuzzer's chances at the same place every time.
programs=$1 seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd) || exit 1
keep=${SAVEMMS_FUZZ_KEEP:-$programs}
status=0
for name; do
	corpus=$keep/corpus/$name found=$keep/found/$name
	mkdir -p "$corpus" "$found" || exit 1
	case $name in	# a sound or film is decoded and encoded, and its decoder may need much memory
	sound|film) limits='-timeout=30 -rss_limit_mb=2048 -max_len=65536' ;;
	*) limits='-timeout=10 -rss_limit_mb=1024 -max_len=16384' ;;
	esac
	nice -n 10 "$programs/fuzz_$name" -max_total_time="$seconds" ${SAVEMMS_SEED:+-seed=$SAVEMMS_SEED} $limits \
		-dict="$here/$name.dict" -artifact_prefix="$found/" -print_final_stats=1 -verbosity=1 \
		"$corpus" "$here/seeds/$name" >"$found/log" 2>&1
	rc=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/log")
	edges=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$found/log" | tail -n 1)
	n=$(find "$found" -type f ! -name log | wc -l)
	printf 'fuzz %-10s %10s runs %6s edges %3d findings\n' "$name" "${runs:-?}" "${edges:-?}" "$n"
	if test "$rc" != 0 || test "$n" != 0; then
		status=1
		grep -aE 'ERROR|SUMMARY|broken:|runtime error|^ +#[0-9]+ .* in (charset|xml|request|pairs|multi|record|template|account|job|plan|settings|sniff|walk|dial|guard|net|ip|type|mime|mm7|carrier|av_|film_|plan_|rate_|child_|fuzz_av|LLVM)' \
			"$found/log" | head -n 12
		echo "its log: $found/log"
	fi
done
exit $status
