#!/bin/sh
# Tests the operator's command with an instance of its own: exit statuses, which output goes where, modes of
# files, and that a command that fails changes nothing. It runs in the build folder.
savemms=$PWD/savemms
hostile_log=$PWD/tests/hostile_log
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset SAVEMMS_CONF
umask 022
bad=0

# expect STATUS WORD...: runs savemms and checks its exit status. The output is in out and err.
expect() {
	want=$1
	shift
	"$savemms" "$@" >out 2>err </dev/null
	got=$?
	[ "$got" = "$want" ] && return
	echo "savemms $*: status $got, not $want"
	cat out err
	bad=1
}

# holds FILE PATTERN: checks that a line of the file matches.
holds() {
	grep -qE -- "$2" "$1" && return
	echo "no line matches $2 in $1:"
	cat "$1"
	bad=1
}

same() {
	[ "$1" = "$2" ] && return
	echo "not the same: '$1' and '$2'"
	bad=1
}

# Wrong usage is status 2, with a pointer to the help on stderr and nothing on stdout.
expect 2
holds err "savemms help"
expect 2 nonsense
expect 2 account
expect 2 account nonsense
expect 2 account list
holds err SAVEMMS_CONF
expect 2 --nonsense
expect 2 init
expect 2 init a b
expect 2 status --port 1
[ ! -s out ] || bad=1
expect 0 --version
holds out '^savemms [0-9]'
expect 0 help
holds out '^  savemms account add NAME'
expect 0 account --help
expect 0 job retry --help
holds out 'all-dead'
expect 2 help nonsense

# init accepts only new or empty folders. Nobody else may read what it makes.
expect 0 init i --demo
holds out '^api_key: [A-Za-z0-9]{32}$'
same "$(stat -c %a i i/savemms.conf i/db i/media i/log i/run | tr '\n' ' ')" "700 600 700 700 700 700 "
same "$(find i -perm /077)" ""
expect 1 init i
holds err 'instance already'
mkdir full && : >full/x
expect 1 init full
same "$(ls full)" x

# One that fails midway ends at once, and gives the folder back empty, and the next one succeeds there. A store that
# would run out of descriptors later is not opened.
files=16
while [ $files -le 40 ]; do
	(ulimit -n $files; timeout 20 "$savemms" init again >out 2>err </dev/null)
	got=$?
	if [ $got = 1 ]; then
		holds err 'the folder is empty again$'
	elif [ $got = 0 ] && [ -e again/savemms.conf ]; then
		rm -rf again/* || bad=1
	else
		echo "init with $files descriptors: status $got"
		cat err
		bad=1
	fi
	[ "$got" != 0 ] || [ $files -ge 27 ] || { echo "init with $files descriptors found enough"; bad=1; }
	same "$(ls -A again)" ""
	files=$((files + 1))
done
same "$got" 0
expect 0 init again
same "$(grep -v '^#' i/savemms.conf | grep .)" "outgoing-allow = 127.0.0.0/8
outgoing-ports = any"
sed 's/^#\([a-z]\)/\1/' i/savemms.conf >all.conf	# every default may also be set
mkdir j && cp all.conf j/savemms.conf
expect 1 -C j account list		# there is no store, and no command makes one by accident
[ ! -e j/db/templates ] || bad=1

# accounts
export SAVEMMS_CONF="$work/i"
expect 0 account add shop throughput=3 api=off --password word
holds out '^user: shop$'
expect 1 account add shop
expect 2 account add 'a b'
expect 2 account add y nonsense=1
expect 2 account add y throughput=x
expect 2 account add y throughput
expect 2 account add y --password ''
expect 2 account add y --password a --password-stdin
expect 1 account add y --password-stdin		# stdin is empty
expect 1 account show y
expect 2 account set shop
expect 2 account set shop min-interval=7 throughput=bad
expect 0 account show shop
holds out '^min-interval=0$'
holds out '^throughput=3$'
old=$(sed -n 's/^api_key: //p' out)
expect 0 account rotate-key shop
holds out '^api_key: [A-Za-z0-9]{32}$'
[ "$(sed -n 's/^api_key: //p' out)" != "$old" ] || bad=1
expect 0 account set shop min-interval=7
expect 0 account list
same "$(cut -f2,3 out | sort | tr '\t\n' '= ')" "demo=on shop=off "
expect 0 account remove shop
expect 1 account remove shop

# Templates and jobs that do not exist.
for words in 'template show 7' 'template delete 7' 'template export 7 new' 'job show 7' 'job retry 7' 'job discard 7'; do
	expect 1 $words
	holds err 'there is no (template|job) 7'
done
[ ! -e new ] || bad=1
expect 2 template show x
expect 2 job retry
expect 2 job retry 7 --all-dead
expect 0 job retry --all-dead
expect 0 template list
[ ! -s out ] || bad=1
expect 1 template list --account nobody

# status, and output that cannot be written.
expect 0 status --json
holds out '^[{].*"accounts":1,"templates":0,.*[}]$'
"$savemms" status >/dev/full 2>err && bad=1
holds err 'full disk'

# root works as the owner: a store that root's command recovers stays open to the server.
if [ "$(id -u)" = 0 ]; then
	chmod 711 . && chown -R nobody i && rm -f i/db/__db.* i/log/* || bad=1
	expect 0 account add owned
	same "$(find i ! -user nobody)" ''
	chown -R root i || bad=1
fi

# restore reads regular files of the backup only, and no more bytes than MANIFEST says.
hashed() { # writes new lines for the files of backup $1 into its MANIFEST
	{
		grep -vE '^(file .*|end)$' "$1/MANIFEST"
		for file in db/store.db db/log.0000000001 savemms.conf; do
			echo "file $file $(sha256sum <"$1/$file" | cut -d' ' -f1) $(stat -c %s "$1/$file")"
		done
		echo end
	} >manifest
	cp manifest "$1/MANIFEST"
}
expect 0 init k
expect 0 -C k account add shop
expect 0 -C k backup good
expect 0 restore good r
rm -rf r
for what in fifo sparse link extra sums name log; do
	cp -r good bad || bad=1
	case $what in
	fifo) rm bad/savemms.conf && mkfifo bad/savemms.conf && says='no regular file' ;;
	sparse) truncate -s 1T bad/savemms.conf && says='more bytes than MANIFEST says' ;;
	link) mv bad/savemms.conf conf && ln -s ../conf bad/savemms.conf && says='savemms.conf' ;;
	extra) sed -i 's/^bytes .*/bytes 18446744073709551615/' bad/MANIFEST && says='MB free, and the backup needs' ;;
	sums) sed -i 's/^\(file .* \)[0-9]*$/\19223372036854775807/' bad/MANIFEST && says='MB free, and the backup needs' ;;
	name) echo "set_data_dir /" >bad/db/DB_CONFIG && sed -i 's|^file db/store.db|file db/DB_CONFIG|' bad/MANIFEST &&
		says='not the manifest of a backup' ;;
	log) "$hostile_log" bad/db "$work/outside" && rm -f outside && hashed bad && says='cannot be' ;;
	esac || bad=1
	timeout 20 "$savemms" restore bad r >out 2>err </dev/null
	got=$?
	[ $got = 1 ] || { echo "restore of a bad backup ($what): status $got"; cat err; bad=1; }
	holds err "$says"
	[ ! -e r/savemms.conf ] && [ ! -e outside ] || { echo "restore of a bad backup ($what) left something"; bad=1; }
	rm -rf bad r
done
cp -r good bad && rm bad/MANIFEST && mkfifo bad/MANIFEST || bad=1
timeout 20 "$savemms" restore bad r 2>err </dev/null
[ $? = 1 ] || { echo "restore waits for a FIFO"; bad=1; }
rm -rf bad r

# root works only where the settings, their folder and the folder that was named have one owner.
if [ "$(id -u)" = 0 ]; then
	mkdir -m 1777 shared && mkdir evil && cp i/savemms.conf shared/evil.conf || bad=1
	ln -s ../shared/evil.conf evil/savemms.conf
	chown -h nobody evil evil/savemms.conf shared/evil.conf || bad=1
	expect 1 -C evil status
	holds err 'all three belong to one user'
	chown root shared/evil.conf
	expect 1 -C evil status
	holds err 'all three belong to one user'
	chown nobody i/savemms.conf
	expect 1 -C i status
	holds err 'all three belong to one user'
	chown -R nobody i && chown root i/savemms.conf
	expect 1 serve i
	holds err 'all three belong to one user'
	chown -R root i
	mkdir theirs && mv i theirs/ && chown nobody theirs
	expect 1 -C theirs/i status
	holds err "another user owns or can change $work/theirs"
	chown root:nogroup theirs && chmod 775 theirs
	expect 1 -C theirs/i status
	holds err "another user owns or can change $work/theirs"
	chown nobody theirs && chmod 755 theirs
	mv theirs/i i

	# A folder in another's folder is made as that user; another's backup is not restored as root.
	expect 0 init theirs/new
	same "$(find theirs ! -user nobody)" ''
	chmod 755 . && chmod -R a+rX good
	expect 0 restore good theirs/restored
	same "$(find theirs ! -user nobody)" ''
	chown -R nobody good
	expect 1 restore good mine
	holds err 'root does not work in .*/good'
	chown -R root good

	# The owner's groups and a clean environment.
	if [ -x /usr/sbin/lighttpd ]; then
		chown -R nobody i || bad=1
		SECRET_OF_ROOT=1 "$savemms" serve i --port 0 >serve.out 2>serve.err </dev/null &
		serve=$!
		for n in $(seq 300); do
			grep -q '^ready' serve.out && break
			sleep 0.1
		done
		helper=$(pgrep -P $serve savemms-helper)
		tr '\0' '\n' <"/proc/$helper/environ" >environ
		holds environ '^SAVEMMS_CONF='
		holds environ "^HOME=$(getent passwd nobody | cut -d: -f6)\$"
		grep -q SECRET_OF_ROOT environ && { echo "the helper knows root's environment"; bad=1; }
		same "$(sed -n 's/^Groups:[[:space:]]*//p' "/proc/$helper/status" | tr -d ' ')" "$(id -g nobody)"
		same "$(sed -n 's/^Gid:[[:space:]]*//p' "/proc/$helper/status" | cut -f1)" "$(id -g nobody)"
		kill $serve
		wait $serve || { echo "serve: status $?"; cat serve.err; bad=1; }
		chown -R root i
	fi
fi

# An option that cannot be read is named, in one message.
expect 2 --nonsense
holds err "^savemms: there is no option '--nonsense'"
expect 2 template list --account
holds err "^savemms: '--account' needs a value"
expect 1 -C nowhere status
holds err 'savemms init'

# serve reports errors before it starts anything.
expect 1 serve nowhere
holds err 'savemms init'
expect 2 serve i --server nonsense
expect 2 serve i --module fcgid
expect 2 serve i --server apache --module fcgid --cgi
expect 2 serve i --port 70000
echo 'nonsense = 1' >>i/savemms.conf
expect 1 account list
holds err 'savemms.conf: line [0-9]*: '
exit $bad
