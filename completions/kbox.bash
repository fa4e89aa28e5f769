# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Completion for bash: sourced by bash-completion from its folder, or by hand.
# What can be completed is read from "kbox help", so that it is always what the
# program says.

# _kbox_words KBOX WORD...: verbs and options that "kbox help WORD..." lists.
_kbox_words() {
	"$1" help "${@:2}" 2>/dev/null | sed -nE '
		/erbs.*:$/,$ s/^  ([a-z]+) .*/\1/p
		s/^ {2,6}(-[A-Za-z0-9-].*)/\1/p' | sed -E 's/  .*//; s/\[.*//; s/[ =].*, / /' |
		tr ', ' '\n\n' | sed -nE 's/^([a-z]+|-[A-Za-z0-9]|--[a-z][a-z-]*)(=.*)?$/\1/p'
}

_kbox() {
	local kbox=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} word verbs=()
	local i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		# Verbs come first; behind other words there are files.
		[[ $word =~ ^[a-z]+$ ]] && [ ${#verbs[@]} -eq $((i - 1)) ] &&
			_kbox_words "$kbox" "${verbs[@]}" | grep -qx -- "$word" || break
		verbs+=("$word")
	done
	if [ ${#verbs[@]} -eq $((COMP_CWORD - 1)) ] || [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_kbox_words "$kbox" "${verbs[@]}")" -- "$cur")
	fi
}

complete -o default -o bashdefault -F _kbox kbox
