"""The completion script of bash (4 and later)."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Final

from dspyreg.cli.completions.grammar import CHOICES, FROM_REGISTRY, CandidateKind, parents, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dspyreg.cli.completions.grammar import CompletedCommand

_SCRIPT: Final = r"""# bash completion for dspyreg. Made by `dspyreg completion bash`; do not edit.

# The commands that stand behind a command, in $found.
_dspyreg_commands() {
    case $1 in
@COMMANDS@
        *) return 1 ;;
    esac
}

# The options of a command, in $found.
_dspyreg_options() {
    case $1 in
@OPTIONS@
    esac
}

# What stands behind "COMMAND OPTION", or as "COMMAND NUMBER", in $kind; nothing behind a flag.
_dspyreg_kind() {
    case $1 in
@KINDS@
        *) kind= ;;
    esac
}

# Split a line as the shell will, but not at @ : and =; the last of $words is being typed.
_dspyreg_split() {
    local char mark= word= begun= i
    escaped=
    for (( i = 0; i < ${#1}; i++ )); do
        char=${1:i:1}
        if [[ $mark && $char == "$mark" ]]; then
            mark=
        elif [[ $mark ]]; then
            word+=$char
        elif [[ $char == [\'\"] ]]; then
            mark=$char begun=1
        elif [[ $char == \\ ]]; then
            (( ++i ))
            word+=${1:i:1} begun=1 escaped=1
        elif [[ $char == [[:space:]] ]]; then
            [[ $begun ]] && words+=("$word")
            word= begun= escaped=
        elif [[ $char == '~' && -z $begun && ${1:i+1:1} == / ]]; then
            word=$HOME begun=1
        else
            word+=$char begun=1
        fi
    done
    words+=("$word")
}

# Ask the registry that the line names, in $found. What it holds is read, and never expanded.
_dspyreg_ask() {
    local command=dspyreg line
    [[ ${words[0]} == */* ]] && command=${words[0]}
    while IFS= read -r line; do
        [[ $line == *[!A-Za-z0-9._+@:~-]* ]] || found+=("$line")
    done < <("$command" __complete ${store:+--store "$store"} "$1" "$2" 2> /dev/null < /dev/null)
}

_dspyreg() {
    local -a words=() found=()
    local verb= option= kind= store= program= lead= current whole word escaped
    local -i count=0 i
    COMPREPLY=()
    _dspyreg_split "${COMP_LINE:0:COMP_POINT}"
    current=${words[${#words[@]} - 1]}
    for (( i = 1; i < ${#words[@]} - 1; i++ )); do
        word=${words[i]}
        if [[ $kind ]]; then
            [[ $option == --store ]] && store=$word
            kind=
        elif [[ $word == --store=* ]]; then
            store=${word#*=}
        elif [[ $word == -?* ]]; then
            option=$word
            _dspyreg_kind "$verb $word"
        elif _dspyreg_commands "$verb"; then
            verb+=${verb:+ }$word
        else
            (( count++ )) || program=${word%%@*}
        fi
    done
    found=()
    if [[ -z $kind && $current == --*=* ]]; then
        lead=${current%%=*}=
        current=${current#*=}
        _dspyreg_kind "$verb ${lead%=}"
    elif [[ -z $kind && $current == -* ]]; then
        kind=option
    elif [[ -z $kind ]] && _dspyreg_commands "$verb"; then
        kind=command
    elif [[ -z $kind ]]; then
        _dspyreg_kind "$verb $count"
    fi
    case ${kind:-option} in
        command) ;;
        option) [[ $lead ]] || _dspyreg_options "$verb" ;;
        label) _dspyreg_ask label "$program@$current" ;;
        @ASKED@) _dspyreg_ask "$kind" "$current" ;;
@CHOICES@
        subject)
            _dspyreg_ask selector "$current"
            compopt -o default 2> /dev/null
            ;;
        file) compopt -o default 2> /dev/null ;;
        directory) compopt -o dirnames 2> /dev/null ;;
    esac
    # Bash replaces $2, which begins behind the last @ : or = of the word: tell only that much.
    # Where a word with a backslash begins, nobody knows.
    [[ $escaped ]] && return
    whole=$lead$current
    for word in "${found[@]}"; do
        [[ $word == "$current"* ]] || continue
        word=$lead$word
        COMPREPLY+=("${word#"${whole%"$2"}"}")
    done
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[@:] ]] && compopt -o nospace 2> /dev/null
    return 0
}

complete -o nosort -F _dspyreg dspyreg 2> /dev/null || complete -F _dspyreg dspyreg
"""


def script(commands: list[CompletedCommand]) -> str:
    """Return the script."""
    subcommands = (
        _row(quote(name), f"found=({' '.join(map(short, subs))})")
        for name, subs in parents(commands).items()
    )
    options = (
        _row(quote(each.name), f"found=({' '.join(n for o in each.options for n in o.names)})")
        for each in commands
    )
    choices = (_row(kind, f"found=({' '.join(words)})") for kind, words in CHOICES.items())
    kinds = "|".join(kind for kind in FROM_REGISTRY if kind is not CandidateKind.LABEL)
    return (
        _SCRIPT.replace("@COMMANDS@", "\n".join(subcommands))
        .replace("@OPTIONS@", "\n".join(options))
        .replace("@KINDS@", "\n".join(_kinds(commands)))
        .replace("@CHOICES@", "\n".join(choices))
        .replace("@ASKED@", kinds)
    )


def _kinds(commands: list[CompletedCommand]) -> Iterator[str]:
    """Yield the rows of ``_dspyreg_kind``; options of the top mean the same everywhere."""
    top = {name for option in commands[0].options for name in option.names if option.kind}
    for command in commands:
        for option in command.options:
            wanted = [n for n in option.names if option.kind and (n not in top or not command.name)]
            yield from _behind(command, option.kind, wanted)
        for at, argument in enumerate(command.arguments):
            key = (
                quote(command.name + " ") + "[0-9]*" if argument.repeats else f"{command.name} {at}"
            )
            yield _row(key if argument.repeats else quote(key), f"kind={argument.kind}")


def _behind(
    command: CompletedCommand, kind: CandidateKind | None, names: Iterable[str]
) -> Iterator[str]:
    for name in names:
        key = quote(f"{command.name} {name}") if command.name else f"*{quote(' ' + name)}"
        yield _row(key, f"kind={kind}")


def _row(pattern: str, does: str) -> str:
    return f"        {pattern}) {does} ;;"
