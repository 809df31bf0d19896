# fish completion for dspyreg. Made by `dspyreg completion fish`; do not edit.

# The options that take a value, and the commands of commands.
set -g __dspyreg_valued ' --store' ' --as' ' --events' ' --trust' 'register --version' 'register --bump' 'register --metric' 'register --metrics-file' 'register --from-result' 'register --meta' 'register --meta-file' 'register --tag' 'register --changelog' 'register --class' 'register --parent' 'register --reason' 'register --operation-id' 'checkout --output' 'checkout -o' 'checkout --at' 'cat --path' 'cat --at' 'score --file' 'score --reason' 'score --operation-id' 'history --metric' 'history --since' 'history --interval' 'history --limit' 'history --at' 'trends --since' 'trends --at' 'compare --at' 'approve --to' 'approve --reason' 'approve --operation-id' 'evidence add --file' 'evidence add --note' 'evidence add --operation-id' 'evidence list --at' 'evidence cat --at' 'check --to' 'check --env' 'check --at' 'plan --env' 'plan --at' 'promote --to' 'promote --reason' 'promote --operation-id' 'demote --reason' 'demote --operation-id' 'deploy --env' 'deploy --select' 'deploy --reason' 'deploy --operation-id' 'rollback --env' 'rollback --to' 'rollback --reason' 'rollback --operation-id' 'archive --reason' 'archive --operation-id' 'restore --reason' 'restore --operation-id' 'undo --reason' 'undo --operation-id' 'redo --reason' 'redo --operation-id' 'list --stage' 'list --limit' 'list --offset' 'list --at' 'show --at' 'status --env' 'status --at' 'resolve --at' 'board --at' 'log -n' 'log --number' 'log --seq' 'log --at' 'diff --at' 'compat --at' 'bump --at-most' 'bump --class' 'upgrade-path --at' 'convert --output' 'convert -o' 'init --preset' 'config apply --reason' 'config apply --operation-id' 'config edit --reason' 'config edit --operation-id' 'gc --grace' 'gc --undo-window' 'gc --operation-id' 'demo --keep'
set -g __dspyreg_nested 'evidence add' 'evidence list' 'evidence cat' 'config show' 'config apply' 'config edit'

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
complete -c dspyreg -l store -x -a '(__fish_complete_directories (__dspyreg_typed))' -d 'The registry\'s directory.'
complete -c dspyreg -l as -x -d 'Who acts.'
complete -c dspyreg -l json -d 'One JSON document on standard output.'
complete -c dspyreg -l quiet -s q -d 'No talk on standard error.'
complete -c dspyreg -l events -r -F -d 'Append events as JSON; - is stderr.'
complete -c dspyreg -l trust -x -d 'Let commands with this digest run; or all.'
complete -c dspyreg -l allow-network-fs -d 'Write to a store on NFS, SMB or FUSE.'
complete -c dspyreg -l help -d 'Show this message and exit.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a register -d 'Store files as a new version of a program.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a checkout -d 'Write a version\'s files below a directory.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a cat -d 'Write one file of a version to standard output.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a score -d 'Append measurements to a version.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a history -d 'Show what was measured of a program\'s versions.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a trends -d 'Show which way each metric of a program goes.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a compare -d 'Say which of two versions is better.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a approve -d 'Approve a version for a rung, in your name.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a evidence -d 'Add evidence to a version, or show it.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a check -d 'Say whether a version would be let through.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a plan -d 'Say what deploying a version would come to.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a promote -d 'Move a version one rung up the ladder.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a demote -d 'Move a version one rung down.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a deploy -d 'Make a version live in an environment.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a rollback -d 'Make live again what was live before.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a archive -d 'Retire a version; its bytes stay.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a restore -d 'Bring an archived or deprecated version back.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a undo -d 'Take an entry of the log back.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a redo -d 'Take an undo back.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a list -d 'List programs, or the versions of one.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a show -d 'Show a version, and what has happened to it.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a status -d 'Show where a program stands.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a resolve -d 'Print the label that a selector means.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a board -d 'Show the stages as columns.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a log -d 'Show what happened, newest first.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a diff -d 'Show what differs between two programs.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a compat -d 'Say whether callers of one program can use another.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a bump -d 'Say which label a file deserves, and why.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a upgrade-path -d 'Show the steps from one version to another.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a convert -d 'Write an old state as today\'s DSPy loads it.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a init -d 'Make an empty registry.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a config -d 'Show the configuration, or put one in force.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a trust -d 'Let the commands of a registry run as you.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a verify -d 'Check every byte; mend what can be rebuilt.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a gc -d 'Delete the bytes of versions that are gone.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a completion -d 'Print the completion script of a shell.'
complete -c dspyreg -n '__dspyreg_at "" 0' -f -a demo -d 'Play a tour on real programs, in a store of its own.'
complete -c dspyreg -n '__dspyreg_at "evidence" 0' -f -a add -d 'Add evidence to a version; the newest under a name counts.'
complete -c dspyreg -n '__dspyreg_at "evidence" 0' -f -a list -d 'List the evidence on a version, oldest first.'
complete -c dspyreg -n '__dspyreg_at "evidence" 0' -f -a cat -d 'Write the newest file under a name to standard output.'
complete -c dspyreg -n '__dspyreg_at "config" 0' -f -a show -d 'Show the configuration in force: the YAML as it was written.'
complete -c dspyreg -n '__dspyreg_at "config" 0' -f -a apply -d 'Put a configuration in force, whole; it is kept in the log and can be undone.'
complete -c dspyreg -n '__dspyreg_at "config" 0' -f -a edit -d 'Change the configuration in your editor, and put it in force.'
complete -c dspyreg -n '__dspyreg_at ""' -l version -d 'Print the version and exit.'
complete -c dspyreg -n '__dspyreg_at "register"' -l version -x -d 'The label, such as 1.2.0.'
complete -c dspyreg -n '__dspyreg_at "register"' -l bump -x -a 'auto major minor patch' -d 'Which number goes up: major, minor, patch or auto.'
complete -c dspyreg -n '__dspyreg_at "register"' -l metric -x -d 'A measurement.'
complete -c dspyreg -n '__dspyreg_at "register"' -l metrics-file -r -F -d 'JSON or YAML.'
complete -c dspyreg -n '__dspyreg_at "register"' -l from-result -r -F -d 'An optimizer\'s result: scores, metadata, and what it tells of the program.'
complete -c dspyreg -n '__dspyreg_at "register"' -l meta -x -d 'Metadata; the value JSON or text.'
complete -c dspyreg -n '__dspyreg_at "register"' -l meta-file -r -F -d 'JSON or YAML.'
complete -c dspyreg -n '__dspyreg_at "register"' -l tag -x -d 'A tag.'
complete -c dspyreg -n '__dspyreg_at "register"' -l changelog -x -d 'What is new.'
complete -c dspyreg -n '__dspyreg_at "register"' -l class -x -d 'Capture the contract from this class; needs dspy.'
complete -c dspyreg -n '__dspyreg_at "register"' -l parent -x -d 'The version it was made from; by default what was checked out, else the latest.'
complete -c dspyreg -n '__dspyreg_at "register"' -l redact -d 'Store states and words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "register"' -l allow-secrets -d 'Store secrets as well; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "register"' -l allow-pickle -d 'Read pickled states too: examples, dates and containers, nothing else.'
complete -c dspyreg -n '__dspyreg_at "register"' -l any-file -d 'Register what no program can be read from as well.'
complete -c dspyreg -n '__dspyreg_at "register"' -l exist-ok -d 'The same content again is fine; new metrics and tags are recorded on it.'
complete -c dspyreg -n '__dspyreg_at "register"' -l force -d 'Register what is registered as the latest already, or, with --reason, what the configuration would refuse.'
complete -c dspyreg -n '__dspyreg_at "register"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "register"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "register"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "register"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "register" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "register" 1+' -F
complete -c dspyreg -n '__dspyreg_at "checkout"' -l output -s o -x -a '(__fish_complete_directories (__dspyreg_typed))' -d 'The directory; or a file, for a version of one file.'
complete -c dspyreg -n '__dspyreg_at "checkout"' -l force -d 'Replace files with other content.'
complete -c dspyreg -n '__dspyreg_at "checkout"' -l link -d 'Let -o be a symbolic link, moved in one step.'
complete -c dspyreg -n '__dspyreg_at "checkout"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "checkout"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "checkout" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "cat"' -l path -x -d 'Which file, if several.'
complete -c dspyreg -n '__dspyreg_at "cat"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "cat" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "score"' -l file -r -F -d 'JSON or YAML.'
complete -c dspyreg -n '__dspyreg_at "score"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "score"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "score"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "score"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "score"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "score" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "score" 1+' -x
complete -c dspyreg -n '__dspyreg_at "history"' -l metric -x -d 'Not the score, but this metric.'
complete -c dspyreg -n '__dspyreg_at "history"' -l since -x -d 'Only since then: a duration such as 30d, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "history"' -l interval -x -a 'day' -d 'day: averages by day.'
complete -c dspyreg -n '__dspyreg_at "history"' -l limit -x -d 'At most so many versions or measurements, the newest.'
complete -c dspyreg -n '__dspyreg_at "history"' -l plot -d 'Draw it.'
complete -c dspyreg -n '__dspyreg_at "history"' -l csv -d 'Comma-separated values.'
complete -c dspyreg -n '__dspyreg_at "history"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "history" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "trends"' -l since -x -d 'Only since then: a duration such as 30d, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "trends"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "trends" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "compare"' -l md -d 'Markdown, for a pull request.'
complete -c dspyreg -n '__dspyreg_at "compare"' -l all -d 'All of the metadata, however long.'
complete -c dspyreg -n '__dspyreg_at "compare"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "compare" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "compare" 1' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "approve"' -l to -x -k -a '(__dspyreg_ask rung)' -d 'The rung; the next one up without.'
complete -c dspyreg -n '__dspyreg_at "approve"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "approve"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "approve"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "approve"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "approve"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "approve" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "evidence add"' -l file -r -F -d 'A report; kept for ever.'
complete -c dspyreg -n '__dspyreg_at "evidence add"' -l note -x -d 'A few words on it.'
complete -c dspyreg -n '__dspyreg_at "evidence add"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "evidence add"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "evidence add"' -l failed -d 'It did not pass.'
complete -c dspyreg -n '__dspyreg_at "evidence add"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "evidence add"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "evidence add" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "evidence add" 1' -x
complete -c dspyreg -n '__dspyreg_at "evidence list"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "evidence list" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "evidence cat"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "evidence cat" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "evidence cat" 1' -x
complete -c dspyreg -n '__dspyreg_at "check"' -l to -x -k -a '(__dspyreg_ask rung)' -d 'The rung; the next one up without.'
complete -c dspyreg -n '__dspyreg_at "check"' -l env -x -k -a '(__dspyreg_ask environment)' -d 'Not promote, but deploy there.'
complete -c dspyreg -n '__dspyreg_at "check"' -l md -d 'Markdown, for a pull request.'
complete -c dspyreg -n '__dspyreg_at "check"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "check" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "plan"' -l env -x -k -a '(__dspyreg_ask environment)' -d 'The environment.'
complete -c dspyreg -n '__dspyreg_at "plan"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "plan" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "promote"' -l to -x -k -a '(__dspyreg_ask rung)' -d 'The rung; without a version: its newest.'
complete -c dspyreg -n '__dspyreg_at "promote"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "promote"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "promote"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "promote"' -l force -d 'Overrule what a policy finds; needs --reason.'
complete -c dspyreg -n '__dspyreg_at "promote"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "promote"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "promote"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "promote" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "demote"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "demote"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "demote"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "demote"' -l force -d 'Withdraw it where it is protected; needs --reason.'
complete -c dspyreg -n '__dspyreg_at "demote"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "demote"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "demote"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "demote" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l env -x -k -a '(__dspyreg_ask environment)' -d 'The environment.'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l select -x -a 'aggressive best_score conservative manual' -d 'Which version: conservative, aggressive, best_score or manual.'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l force -d 'Overrule what a policy finds; needs --reason.'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "deploy"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "deploy" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l env -x -k -a '(__dspyreg_ask environment)' -d 'The environment.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l to -x -k -a '(__dspyreg_ask label)' -d 'Not the one before, but this.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l as-new-version -d 'Register a copy and make that live.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l force -d 'Also to what was never live; needs --reason.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "rollback"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "rollback" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "archive"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "archive"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "archive"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "archive"' -l force -d 'Withdraw it where it is protected; needs --reason.'
complete -c dspyreg -n '__dspyreg_at "archive"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "archive"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "archive"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "archive" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "restore"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "restore"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "restore"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "restore"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "restore"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "restore" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "undo"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "undo"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "undo"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "undo"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "undo"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "undo"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "undo" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "redo"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "redo"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "redo"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "redo"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "redo"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "redo"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "redo" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "list"' -l stage -x -k -a '(__dspyreg_ask stage)' -d 'Only versions on this stage.'
complete -c dspyreg -n '__dspyreg_at "list"' -l all -d 'Archived versions as well.'
complete -c dspyreg -n '__dspyreg_at "list"' -l limit -x -d 'At most so many.'
complete -c dspyreg -n '__dspyreg_at "list"' -l offset -x -d 'Leave out so many at first.'
complete -c dspyreg -n '__dspyreg_at "list"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "list" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "show"' -l prompt -d 'Instructions, fields and demos instead.'
complete -c dspyreg -n '__dspyreg_at "show"' -l all -d 'All of the metadata, however long.'
complete -c dspyreg -n '__dspyreg_at "show"' -l allow-pickle -d 'Read pickled states too: examples, dates and containers, nothing else.'
complete -c dspyreg -n '__dspyreg_at "show"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "show" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "status"' -l env -x -k -a '(__dspyreg_ask environment)' -d 'The environment.'
complete -c dspyreg -n '__dspyreg_at "status"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "status" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "resolve"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "resolve" 0' -x -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "board"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "log"' -s n -l number -x -d 'At most so many.'
complete -c dspyreg -n '__dspyreg_at "log"' -l seq -x -d 'One entry, whole.'
complete -c dspyreg -n '__dspyreg_at "log"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "log" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "diff"' -l md -d 'Markdown, for a pull request.'
complete -c dspyreg -n '__dspyreg_at "diff"' -l allow-pickle -d 'Read pickled states too: examples, dates and containers, nothing else.'
complete -c dspyreg -n '__dspyreg_at "diff"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "diff" 0' -F -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "diff" 1' -F -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "compat"' -l allow-pickle -d 'Read pickled states too: examples, dates and containers, nothing else.'
complete -c dspyreg -n '__dspyreg_at "compat"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "compat" 0' -F -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "compat" 1' -F -k -a '(__dspyreg_ask selector)'
complete -c dspyreg -n '__dspyreg_at "bump"' -l at-most -x -a 'major minor patch' -d 'patch, minor or major: exit code 1 if it is more.'
complete -c dspyreg -n '__dspyreg_at "bump"' -l class -x -d 'Capture the contract from this class; needs dspy.'
complete -c dspyreg -n '__dspyreg_at "bump"' -l allow-pickle -d 'Read pickled states too: examples, dates and containers, nothing else.'
complete -c dspyreg -n '__dspyreg_at "bump" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "bump" 1' -F
complete -c dspyreg -n '__dspyreg_at "upgrade-path"' -l allow-pickle -d 'Read pickled states too: examples, dates and containers, nothing else.'
complete -c dspyreg -n '__dspyreg_at "upgrade-path"' -l at -x -d 'As of an entry, a date or a time.'
complete -c dspyreg -n '__dspyreg_at "upgrade-path" 0' -x -k -a '(__dspyreg_ask program)'
complete -c dspyreg -n '__dspyreg_at "upgrade-path" 1' -x -k -a '(__dspyreg_ask label)'
complete -c dspyreg -n '__dspyreg_at "upgrade-path" 2' -x -k -a '(__dspyreg_ask label)'
complete -c dspyreg -n '__dspyreg_at "convert"' -l output -s o -r -F -d 'Where to write it; standard output otherwise.'
complete -c dspyreg -n '__dspyreg_at "convert"' -l force -d 'Replace a file with other content.'
complete -c dspyreg -n '__dspyreg_at "convert"' -l allow-pickle -d 'Read pickled states too: examples, dates and containers, nothing else.'
complete -c dspyreg -n '__dspyreg_at "convert"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "convert" 0' -F
complete -c dspyreg -n '__dspyreg_at "init"' -l preset -x -a 'simple governed' -d 'Begin with simple (no gates) or governed.'
complete -c dspyreg -n '__dspyreg_at "init"' -l shared -d 'Let the group of the directory write to it.'
complete -c dspyreg -n '__dspyreg_at "config apply"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "config apply"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "config apply"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "config apply"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "config apply"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "config apply"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "config apply" 0' -F
complete -c dspyreg -n '__dspyreg_at "config edit"' -l reason -x -d 'Why; kept in the log.'
complete -c dspyreg -n '__dspyreg_at "config edit"' -l redact -d 'Keep your words without the secrets in them.'
complete -c dspyreg -n '__dspyreg_at "config edit"' -l allow-secrets -d 'Keep what looks like a secret; it stays in the log.'
complete -c dspyreg -n '__dspyreg_at "config edit"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "config edit"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "config edit"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "trust"' -l place -d 'Use a store of another user where it is found; run nothing of it.'
complete -c dspyreg -n '__dspyreg_at "trust"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "trust"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "verify"' -l dry-run -d 'Mend nothing.'
complete -c dspyreg -n '__dspyreg_at "gc"' -l grace -x -d 'Younger bytes stay.'
complete -c dspyreg -n '__dspyreg_at "gc"' -l undo-window -x -d 'What can be undone stays.'
complete -c dspyreg -n '__dspyreg_at "gc"' -l yes -s y -d 'Do not ask.'
complete -c dspyreg -n '__dspyreg_at "gc"' -l dry-run -d 'Say what would happen; write nothing.'
complete -c dspyreg -n '__dspyreg_at "gc"' -l operation-id -x -d 'A key for this change: repeated with it, the change is made once.'
complete -c dspyreg -n '__dspyreg_at "completion" 0' -x -a 'bash zsh fish'
complete -c dspyreg -n '__dspyreg_at "demo"' -l keep -x -a '(__fish_complete_directories (__dspyreg_typed))' -d 'Leave the store there, to look around.'
