
_ipcmap_words()
{
	# Lists: -t pipe,un<TAB> completes what is behind the last comma.
	local lead=

	if [[ $2 == *,* ]]; then
		lead=${2%,*},
	fi
	mapfile -t COMPREPLY < <(compgen -P "$lead" -W "$1" -- "${2##*,}")
}

_ipcmap_values()
{
	local from=$1 cur=$2

	case $from in
	W:*) _ipcmap_words "${from#?:}" "$cur" ;;
	S:*)
		mapfile -t COMPREPLY < <(compgen -W "${from#?:}" -- "$cur"; compgen -f -X '!*.style' -- "$cur")
		compopt -o filenames
		;;
	P:*) mapfile -t COMPREPLY < <(compgen -W "$(ps -Ao pid= 2>/dev/null)" -- "$cur") ;;
	N:*) mapfile -t COMPREPLY < <(compgen -W "$(ps -Ao comm= 2>/dev/null | sort -u)" -- "$cur") ;;
	F:*)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames
		;;
	D:*)
		mapfile -t COMPREPLY < <(cd /sys/fs/cgroup 2>/dev/null && compgen -d -- "${cur#/}")
		compopt -o filenames
		;;
	esac
}

_ipcmap()
{
	local command=ipcmap cur=${COMP_WORDS[COMP_CWORD]} prev= from= i

	COMPREPLY=()
	if [[ ${1##*/} == ipcdump ]]; then
		command=dump
	elif [[ $COMP_CWORD -gt 1 && " $_ipcmap_commands " == *" ${COMP_WORDS[1]} "* ]]; then
		command=${COMP_WORDS[1]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			# What is traced completes as if it stood alone.
			if declare -F _command_offset >/dev/null; then
				_command_offset $((i + 1))
			else
				compopt -o bashdefault -o default
			fi
			return
		fi
	done
	[[ $COMP_CWORD -eq 0 ]] || prev=${COMP_WORDS[COMP_CWORD - 1]}
	# "--style=da" is three words to bash.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = && $COMP_CWORD -gt 1 ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	[[ $prev != -* ]] || from=$(_ipcmap_argument "$command:$prev")
	if [[ -n $from ]]; then
		_ipcmap_values "$from" "$cur"
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_ipcmap_options "$command")" -- "$cur")
	elif [[ $COMP_CWORD -eq 1 && $command == ipcmap ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$_ipcmap_commands" -- "$cur")
	elif [[ $command == render || $command == diff ]]; then
		mapfile -t COMPREPLY < <(compgen -f -X '!*.json' -- "$cur"; compgen -d -- "$cur")
		compopt -o filenames
	fi
}

complete -F _ipcmap ipcmap ipcdump
