#!/bin/sh
# Tests the operator's command with an instance of its own: exit statuses, which output goes where, modes of
# files, and that a command that fails changes nothing. It runs in the build folder.
savemms=$PWD/savemms
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
