"""The completion script of fish (3 and later)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.cli.completions.grammar import CHOICES, FROM_REGISTRY, CandidateKind, parents, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.cli.completions.grammar import CompletedCommand, Option

_SCRIPT: Final = r"""# fish completion for dspyreg. Made by `dspyreg completion fish`; do not edit.

# The options that take a value, and the commands of commands.
set -g __dspyreg_valued @VALUED@
set -g __dspyreg_nested @NESTED@

# Tell what the line says: the command, how many words of its own it has, the first, the store.
function __dspyreg_said
    set -l verb ''
    set -l count 0
    set -l program ''
    set -l store ''
    set -l option ''
    set -l words (commandline -opc)
    for word in $words[2..]
        if test -n "$option"
            test "$option" = --store; and set store $word
            set option ''
        else if string match -q -- '--store=*' $word
            set store (string replace -- --store= '' $word)
        else if string match -q -- '-*' $word
            contains -- " $word" $__dspyreg_valued; and set option $word
            contains -- "$verb $word" $__dspyreg_valued; and set option $word
        else if test -z "$verb"
            set verb $word
        else if test $count = 0; and contains -- "$verb $word" $__dspyreg_nested
            set verb "$verb $word"
        else
            test $count = 0; and set program $word
            set count (math $count + 1)
        end
    end
    printf '%s\n' $verb $count $program $store
end

# Is this command typed, and so many words behind it? "1+" words are one or more.
function __dspyreg_at
    set -l said (__dspyreg_said)
    test "$said[1]" = "$argv[1]"; or return 1
    switch "$argv[2]"
        case ''
            return 0
        case '*+'
            test $said[2] -ge (string replace + '' $argv[2])
        case '*'
            test $said[2] = $argv[2]
    end
end

function __dspyreg_typed
    commandline -ct | string replace -r -- '^--[^=]*=' '' | string replace -r '^[\'"]' ''
end

# Ask the registry that the line names for names of a kind.
function __dspyreg_ask
    set -l said (__dspyreg_said)
    set -l typed (__dspyreg_typed)
    string match -q -- '-*' $typed; and return
    set -l words (commandline -opc)
    set -l command dspyreg
    string match -q -- '*/*' $words[1]; and set command (__dspyreg_at_home $words[1])
    set -l asked __complete
    test -n "$said[4]"; and set -a asked --store (__dspyreg_at_home $said[4])
    test $argv[1] = label; and set typed (string replace -r '@.*' '' -- $said[3])@$typed
    $command $asked $argv[1] "$typed" 2>/dev/null </dev/null |
        string match -r -- '^[A-Za-z0-9._+@:~-]+$'
end

function __dspyreg_at_home
    if string match -q -- '~/*' $argv[1]
        echo $HOME(string sub -s 2 -- $argv[1])
    else
        echo $argv[1]
    end
end

complete -c dspyreg -f
@COMPLETE@
"""
_ACTIONS: Final = {
    **{kind: f"-x -k -a '(__dspyreg_ask {kind})'" for kind in FROM_REGISTRY},
    **{kind: f"-x -a '{' '.join(words)}'" for kind, words in CHOICES.items()},
    CandidateKind.SUBJECT: "-r -F -k -a '(__dspyreg_ask selector)'",
    CandidateKind.FILE: "-r -F",
    CandidateKind.DIRECTORY: "-x -a '(__fish_complete_directories (__dspyreg_typed))'",
    CandidateKind.FREE: "-x",
}


def script(commands: list[CompletedCommand]) -> str:
    """Return the script."""
    nested = [command.name for command in commands if " " in command.name]
    return (
        _SCRIPT.replace("@VALUED@", " ".join(dict.fromkeys(map(_quoted, _valued(commands)))))
        .replace("@NESTED@", " ".join(map(_quoted, nested)))
        .replace("@COMPLETE@", "\n".join(_rows(commands)))
    )


def _valued(commands: list[CompletedCommand]) -> Iterator[str]:
    common = commands[0].options
    for command in commands:
        for option in command.options:
            if option.kind is not None and (not command.name or option not in common):
                yield from (f"{command.name} {name}" for name in option.names)


def _rows(commands: list[CompletedCommand]) -> Iterator[str]:
    top = commands[0].options
    common = [option for option in top if all(option in command.options for command in commands)]
    yield from (f"complete -c dspyreg {_option(option)}" for option in common)
    for parent, subs in parents(commands).items():
        for sub in subs:
            yield f"{_at(parent, '0')} -f -a {short(sub)} -d {_quoted(sub.help)}"
    for command in commands:
        own = [option for option in command.options if option not in common]
        yield from (f"{_at(command.name)} {_option(option)}" for option in own)
        for at, argument in enumerate(command.arguments):
            number = f"{at}+" if argument.repeats else str(at)
            yield f"{_at(command.name, number)} {_ACTIONS[argument.kind].removeprefix('-r ')}"


def _at(command: str, count: str = "") -> str:
    condition = f'__dspyreg_at "{command}" {count}'.strip()
    return f"complete -c dspyreg -n {_quoted(condition)}"


def _option(option: Option) -> str:
    names = (f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
    value = "" if option.kind is None else f" {_ACTIONS[option.kind]}"
    return f"{' '.join(names)}{value} -d {_quoted(option.help)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
