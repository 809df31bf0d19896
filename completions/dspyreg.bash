# bash completion for dspyreg. Made by `dspyreg completion bash`; do not edit.

# The commands that stand behind a command, in $found.
_dspyreg_commands() {
    case $1 in
        '') found=(register checkout cat score history trends compare approve evidence check plan promote demote deploy rollback archive restore undo redo list show status resolve board log diff compat bump upgrade-path convert init config trust verify gc completion demo) ;;
        evidence) found=(add list cat) ;;
        config) found=(show apply edit) ;;
        *) return 1 ;;
    esac
}

# The options of a command, in $found.
_dspyreg_options() {
    case $1 in
        '') found=(--version --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        register) found=(--version --bump --metric --metrics-file --from-result --meta --meta-file --tag --changelog --class --parent --redact --allow-secrets --allow-pickle --any-file --exist-ok --force --reason --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        checkout) found=(--output -o --force --link --yes -y --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        cat) found=(--path --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        score) found=(--file --reason --redact --allow-secrets --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        history) found=(--metric --since --interval --limit --plot --csv --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        trends) found=(--since --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        compare) found=(--md --all --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        approve) found=(--to --reason --redact --allow-secrets --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        evidence) found=(--store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        'evidence add') found=(--file --note --redact --allow-secrets --failed --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        'evidence list') found=(--at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        'evidence cat') found=(--at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        check) found=(--to --env --md --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        plan) found=(--env --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        promote) found=(--to --reason --redact --allow-secrets --force --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        demote) found=(--reason --redact --allow-secrets --force --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        deploy) found=(--env --select --reason --redact --allow-secrets --force --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        rollback) found=(--env --to --as-new-version --reason --redact --allow-secrets --force --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        archive) found=(--reason --redact --allow-secrets --force --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        restore) found=(--reason --redact --allow-secrets --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        undo) found=(--reason --redact --allow-secrets --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        redo) found=(--reason --redact --allow-secrets --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        list) found=(--stage --all --limit --offset --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        show) found=(--prompt --all --allow-pickle --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        status) found=(--env --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        resolve) found=(--at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        board) found=(--at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        log) found=(-n --number --seq --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        diff) found=(--md --allow-pickle --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        compat) found=(--allow-pickle --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        bump) found=(--at-most --class --allow-pickle --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        upgrade-path) found=(--allow-pickle --at --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        convert) found=(--output -o --force --allow-pickle --yes -y --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        init) found=(--preset --shared --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        config) found=(--store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        'config show') found=(--store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        'config apply') found=(--reason --redact --allow-secrets --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        'config edit') found=(--reason --redact --allow-secrets --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        trust) found=(--place --yes -y --dry-run --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        verify) found=(--dry-run --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        gc) found=(--grace --undo-window --yes -y --dry-run --operation-id --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        completion) found=(--store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
        demo) found=(--keep --store --as --json --quiet -q --events --trust --allow-network-fs --help) ;;
    esac
}

# What stands behind "COMMAND OPTION", or as "COMMAND NUMBER", in $kind; nothing behind a flag.
_dspyreg_kind() {
    case $1 in
        *' --store') kind=directory ;;
        *' --as') kind=free ;;
        *' --events') kind=file ;;
        *' --trust') kind=free ;;
        'register --version') kind=free ;;
        'register --bump') kind=bump ;;
        'register --metric') kind=free ;;
        'register --metrics-file') kind=file ;;
        'register --from-result') kind=file ;;
        'register --meta') kind=free ;;
        'register --meta-file') kind=file ;;
        'register --tag') kind=free ;;
        'register --changelog') kind=free ;;
        'register --class') kind=free ;;
        'register --parent') kind=free ;;
        'register --reason') kind=free ;;
        'register --operation-id') kind=free ;;
        'register 0') kind=program ;;
        'register '[0-9]*) kind=file ;;
        'checkout --output') kind=directory ;;
        'checkout -o') kind=directory ;;
        'checkout --at') kind=free ;;
        'checkout 0') kind=selector ;;
        'cat --path') kind=free ;;
        'cat --at') kind=free ;;
        'cat 0') kind=selector ;;
        'score --file') kind=file ;;
        'score --reason') kind=free ;;
        'score --operation-id') kind=free ;;
        'score 0') kind=selector ;;
        'score '[0-9]*) kind=free ;;
        'history --metric') kind=free ;;
        'history --since') kind=free ;;
        'history --interval') kind=interval ;;
        'history --limit') kind=free ;;
        'history --at') kind=free ;;
        'history 0') kind=program ;;
        'trends --since') kind=free ;;
        'trends --at') kind=free ;;
        'trends 0') kind=program ;;
        'compare --at') kind=free ;;
        'compare 0') kind=selector ;;
        'compare 1') kind=selector ;;
        'approve --to') kind=rung ;;
        'approve --reason') kind=free ;;
        'approve --operation-id') kind=free ;;
        'approve 0') kind=selector ;;
        'evidence add --file') kind=file ;;
        'evidence add --note') kind=free ;;
        'evidence add --operation-id') kind=free ;;
        'evidence add 0') kind=selector ;;
        'evidence add 1') kind=free ;;
        'evidence list --at') kind=free ;;
        'evidence list 0') kind=selector ;;
        'evidence cat --at') kind=free ;;
        'evidence cat 0') kind=selector ;;
        'evidence cat 1') kind=free ;;
        'check --to') kind=rung ;;
        'check --env') kind=environment ;;
        'check --at') kind=free ;;
        'check 0') kind=selector ;;
        'plan --env') kind=environment ;;
        'plan --at') kind=free ;;
        'plan 0') kind=selector ;;
        'promote --to') kind=rung ;;
        'promote --reason') kind=free ;;
        'promote --operation-id') kind=free ;;
        'promote 0') kind=selector ;;
        'demote --reason') kind=free ;;
        'demote --operation-id') kind=free ;;
        'demote 0') kind=selector ;;
        'deploy --env') kind=environment ;;
        'deploy --select') kind=strategy ;;
        'deploy --reason') kind=free ;;
        'deploy --operation-id') kind=free ;;
        'deploy 0') kind=selector ;;
        'rollback --env') kind=environment ;;
        'rollback --to') kind=label ;;
        'rollback --reason') kind=free ;;
        'rollback --operation-id') kind=free ;;
        'rollback 0') kind=program ;;
        'archive --reason') kind=free ;;
        'archive --operation-id') kind=free ;;
        'archive 0') kind=selector ;;
        'restore --reason') kind=free ;;
        'restore --operation-id') kind=free ;;
        'restore 0') kind=selector ;;
        'undo --reason') kind=free ;;
        'undo --operation-id') kind=free ;;
        'undo 0') kind=program ;;
        'redo --reason') kind=free ;;
        'redo --operation-id') kind=free ;;
        'redo 0') kind=program ;;
        'list --stage') kind=stage ;;
        'list --limit') kind=free ;;
        'list --offset') kind=free ;;
        'list --at') kind=free ;;
        'list 0') kind=program ;;
        'show --at') kind=free ;;
        'show 0') kind=selector ;;
        'status --env') kind=environment ;;
        'status --at') kind=free ;;
        'status 0') kind=program ;;
        'resolve --at') kind=free ;;
        'resolve 0') kind=selector ;;
        'board --at') kind=free ;;
        'log -n') kind=free ;;
        'log --number') kind=free ;;
        'log --seq') kind=free ;;
        'log --at') kind=free ;;
        'log 0') kind=program ;;
        'diff --at') kind=free ;;
        'diff 0') kind=subject ;;
        'diff 1') kind=subject ;;
        'compat --at') kind=free ;;
        'compat 0') kind=subject ;;
        'compat 1') kind=subject ;;
        'bump --at-most') kind=level ;;
        'bump --class') kind=free ;;
        'bump 0') kind=program ;;
        'bump 1') kind=file ;;
        'upgrade-path --at') kind=free ;;
        'upgrade-path 0') kind=program ;;
        'upgrade-path 1') kind=label ;;
        'upgrade-path 2') kind=label ;;
        'convert --output') kind=file ;;
        'convert -o') kind=file ;;
        'convert 0') kind=file ;;
        'init --preset') kind=preset ;;
        'config apply --reason') kind=free ;;
        'config apply --operation-id') kind=free ;;
        'config apply 0') kind=file ;;
        'config edit --reason') kind=free ;;
        'config edit --operation-id') kind=free ;;
        'gc --grace') kind=free ;;
        'gc --undo-window') kind=free ;;
        'gc --operation-id') kind=free ;;
        'completion 0') kind=shell ;;
        'demo --keep') kind=directory ;;
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
        program|selector|environment|rung|stage) _dspyreg_ask "$kind" "$current" ;;
        shell) found=(bash zsh fish) ;;
        bump) found=(auto major minor patch) ;;
        level) found=(major minor patch) ;;
        strategy) found=(aggressive best_score conservative manual) ;;
        interval) found=(day) ;;
        preset) found=(simple governed) ;;
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
