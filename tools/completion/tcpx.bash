# SPDX-License-Identifier: GPL-2.0
#
# bash completion for tcpxize, tcpxstat, tcpxplot and tcpxlab. Options are those that --help tells,
# so that none is missing.

_tcpx_options()
{
	"$1" --help 2>/dev/null | grep -oE -- '(^|[ [,])--[a-z][a-z-]*' | tr -d ' [,' | sort -u
}

# What an option takes, or what may follow a word of a filter; nothing: files
_tcpx_values()
{
	case ${1##*/}:$2 in
	tcpxize:--way)
		echo bpf seccomp preload ;;
	tcpxize:--wire | tcpxstat:--protocol | tcpxplot:--protocol)
		echo 6 253 ;;
	tcpxize:--cc)
		cat /proc/sys/net/tcpx/available_congestion_control 2>/dev/null ;;
	tcpxstat:state | tcpxstat:exclude)
		echo established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait closed close-wait \
			last-ack listening closing all connected synchronized bucket big ;;
	tcpxstat:sport | tcpxstat:dport)
		echo '= != < <= > >=' ;;
	tcpxstat:-D | tcpxstat:--diag) ;;
	tcpxstat:*)
		echo state exclude sport dport src dst and or not ;;
	esac
}

_tcpx()
{
	local word=$2

	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_tcpx_options "$1")" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_tcpx_values "$1" "$3")" -- "$word")
	fi
	# What tcpxize runs
	if [[ ${1##*/} == tcpxize && ${#COMPREPLY[@]} == 0 && $word != -* ]]; then
		mapfile -t COMPREPLY < <(compgen -c -- "$word")
	fi
}

complete -o default -F _tcpx tcpxize tcpxstat tcpxplot tcpxlab
