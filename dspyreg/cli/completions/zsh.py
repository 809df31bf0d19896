"""The completion script of zsh."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Final

from dspyreg.cli.completions.grammar import CHOICES, FROM_REGISTRY, CandidateKind, parents, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.cli.completions.grammar import Argument, CompletedCommand, Option

_SCRIPT: Final = r"""#compdef dspyreg
# zsh completion for dspyreg. Made by `dspyreg completion zsh`; do not edit.

# What may stand behind a command: its own commands in $commands, the rest in $specs.
_dspyreg_grammar() {
    case $1 in
@GRAMMAR@
    esac
}

# Complete a name that the registry holds which the line names; its kind is the last argument.
_dspyreg_ask() {
    local kind=$@[-1] text=${(Q)PREFIX} store= command=dspyreg
    local -a found open whole
    local -i at
    [[ $PREFIX == -* ]] && return 1
    for (( at = 2; at <= $#typed; at++ )); do
        case $typed[at] in
            (--store) store=$typed[at+1] ;;
            (--store=*) store=${typed[at]#*=} ;;
        esac
    done
    store=${${(Q)store}/#\~\//$HOME/}
    [[ $typed[1] == */* ]] && command=${${(Q)typed[1]}/#\~\//$HOME/}
    [[ $kind == label ]] && text=${${(Q)line[1]}%%@*}@$text
    found=(${(f)"$("$command" __complete ${store:+--store} $store "$kind" "$text" 2> /dev/null \
        < /dev/null)"})
    found=(${found:#*[^A-Za-z0-9._+@:~-]*})
    open=(${(M)found:#*[@:]})
    whole=(${found:#*[@:]})
    compadd "$@[1,-2]" -S '' -a open
    compadd "$@[1,-2]" -a whole
}

_dspyreg_behind() {
    local curcontext=$curcontext state line result=1
    local -a specs commands
    local -A opt_args
    _dspyreg_grammar "$1"
    (( $#specs )) || return 1
    (( $#commands )) && specs+=('(-): :->command' '(-)*:: :->rest')
    _arguments -C -s $specs && result=0
    case $state in
        (command) _describe -t commands command commands && result=0 ;;
        (rest) _dspyreg_behind "${1:+$1 }$words[1]" && result=0 ;;
    esac
    return result
}

_dspyreg() {
    local -a typed=("${words[@]}")
    _dspyreg_behind ''
}

if [[ $funcstack[1] == _dspyreg ]]; then
    _dspyreg "$@"
else
    compdef _dspyreg dspyreg
fi
"""
_ACTIONS: Final = {
    **{kind: f"_dspyreg_ask {kind}" for kind in FROM_REGISTRY},
    **{kind: f"({' '.join(words)})" for kind, words in CHOICES.items()},
    CandidateKind.SUBJECT: "{_dspyreg_ask selector; _files}",
    CandidateKind.FILE: "_files",
    CandidateKind.DIRECTORY: "_files -/",
    CandidateKind.FREE: " ",
}


def script(commands: list[CompletedCommand]) -> str:
    """Return the script."""
    subs = parents(commands)
    rows = [row for command in commands for row in _case(command, subs.get(command.name, []))]
    return _SCRIPT.replace("@GRAMMAR@", "\n".join(f"        {row}" for row in rows))


def _case(command: CompletedCommand, subs: list[CompletedCommand]) -> Iterator[str]:
    yield f"({quote(command.name)})"
    if subs:
        yield "    commands=("
        yield from (f"        {quote(f'{short(sub)}:{sub.help}')}" for sub in subs)
        yield "    )"
    yield "    specs=("
    for option in command.options:
        yield from (f"        {quote(_option(option, name))}" for name in option.names)
    yield from (f"        {quote(_argument(argument))}" for argument in command.arguments)
    yield "    )"
    yield "    ;;"


def _option(option: Option, name: str) -> str:
    others = f"({' '.join(option.names)})" if len(option.names) > 1 else ""
    before = "*" if option.repeats else others
    text = option.help.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    if option.kind is None:
        return f"{before}{name}[{text}]"
    sign = "=" if name.startswith("--") else "+"
    return f"{before}{name}{sign}[{text}]{_value(option.kind)}"


def _argument(argument: Argument) -> str:
    return ("*" if argument.repeats else "") + _value(argument.kind)


def _value(kind: CandidateKind) -> str:
    return f":{'value' if kind is CandidateKind.FREE else kind}:{_ACTIONS[kind]}"
