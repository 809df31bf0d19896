"""The words of every error: one table, by room. A key is for ever; its words may change.

A value is a message, or a message and the hint that goes with it. Braces name the facts that the
error carries. Hints that several errors share, or that depend on the case, are in ``HINTS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEMAND: Final = "a metric, one of {comparisons}, and a number: {example}"

_SELECTORS: Final = (
    "try qa, qa@1.1.0, qa@^1.2, qa@production, qa@production~1, qa@stage:staging, "
    "qa@#3 or qa@b3:1f2e3d"
)

TEXTS: Final[dict[str, str | tuple[str, str]]] = {
    # errors
    "contract-mismatch": "{version} does not fit {program}: {problems}",
    "corrupt": ("{where}: {what}", "run `dspyreg verify`"),
    "not-found": "no {kind} {name}",
    "outcome-unknown": (
        "outcome unknown of operation {operation_id}: {cause}",
        "look for {operation_id} in `dspyreg log` before you try again",
    ),
    "unsupported-format": ("{where} has format {found}", "upgrade dspyreg"),
    # model
    "entry-too-long": "too much for one entry of the log",
    "label-invalid": (
        "Invalid version format: {text!r}",
        "use letters, digits, '.', '_', '+', and '-' but not first",
    ),
    "label-not-semver": (
        "Invalid version format: {text!r}",
        "labels are SemVer 2.0.0, such as 1.4.0",
    ),
    "not-utf8": "{kind} is not valid UTF-8",
    "program-name-invalid": ("not a program name: {text!r}", "use {rule}"),
    "program-name-is-device": "not a program name: {text!r} is a device on some systems",
    "program-name-too-long": "program name of {length} characters; at most {longest}",
    "range-invalid": ("not a range: {text!r}", "try ^1.2, ~1.2 or '>=1.0,<2'"),
    "selector-digest-invalid": (
        "not a digest: {text!r}",
        "b3: and at least 6 lower-case hex digits",
    ),
    "selector-incomplete": ("nothing after the @ of {text!r}", _SELECTORS),
    "selector-invalid": ("not a selector: {text!r}", "only ~1 is possible"),
    "selector-number-invalid": ("not a number: {text!r}", _SELECTORS),
    "deployment-missing": "{deployment} is live in {environment}, and has no record",
    "stage-missing": "a version has no stage",
    "version-missing": "other names refer to it, and it does not exist",
    "word-invalid": ("not a {kind}: {text!r}", "one line of 1 to {longest} characters"),
    # formats
    # compare
    # policy
    "comparison-unknown": ("{text} is no comparison", _DEMAND),
    "demand-without-comparison": ("{text} demands nothing", _DEMAND),
    "demand-without-number": ("{text} is no finite number", _DEMAND),
    "margin-without-sign": (
        "a change against what is live has a sign, and {digits} has none",
        "-2% may fall by two percent of what is live, +0.01 must rise by 0.01",
    ),
    "need-in-percent": ("{digits}% is no number", "85% is 0.85"),
    "threshold-in-percent": (
        "{digits}% is a change, and belongs under against_live",
        "a number here has no %: 85% is 0.85",
    ),
    # config
    "command-length": "{key} takes a command of 1 to {longest} characters",
    "command-unprintable": "the command {command} has control characters",
    "command-without-run": "a command needs `run`, the command line for the shell",
    "count-expected": "{key} takes a whole number from 0 up, not {value}",
    "document-anchor": "anchors and aliases are not accepted; repeat the value",
    "document-character": "the character {character} is not accepted",
    "document-malformed": "not YAML: {reason}",
    "document-merge-key": "merge keys are not accepted; repeat the keys, or quote `<<` as text",
    "document-number": "not YAML: an escape or a number out of range",
    "document-repeated": "a second document begins; only one is accepted",
    "document-tag": "tags such as {tag} are not accepted; to keep text as text, quote it",
    "document-too-deep": "nested more than {depth} deep",
    "document-too-large": "the document is larger than {mebibytes} MiB",
    "document-too-long": "more than {values} keys and values",
    "environment-has-title": (
        "environment {environment} has the title of stage `{stage}`",
        "rename it, or let it belong to that stage",
    ),
    "environment-of-another-stage": (
        "environment `{environment}` has the name of a stage but belongs to `{stage}`",
        "rename it, or let it belong to the stage of its name",
    ),
    "first-stage-has-policy": (
        "the first stage, `{stage}`, takes no policy",
        "policies of registrations are under `registration:`",
    ),
    "format-unknown": "format takes {format}, not {value}",
    "fraction-expected": ("{key} takes a number from 0 to 1, not {value}", "90% is 0.9"),
    "item-repeated": "{kind} {item} is repeated in {key}",
    "duplicate-key": "duplicate key {key!r}",
    "key-repeated": "{key} is already defined on line {first}",
    "list-expected": "{key} takes a list, not {value}",
    "mapping-expected": "expected keys and values, not {value}",
    "metric-both-ways": "metric {metric} is both lower_is_better and higher_is_better",
    "name-invalid": (
        "{name} cannot name a stage or environment",
        "use {rule}; at most {longest}, no dot at the end",
    ),
    "name-like-label": "no {kind} can be called {name}; it looks like the label of a version",
    "name-misspelled": "unknown {kind} {name}; did you mean {nearest}?",
    "name-reserved": "no {kind} can be called `{name}`; the word is reserved",
    "name-unknown": ("unknown {kind} {name}", "one of: {valid}"),
    "names-differ-in-case": "{kind} `{name}` and `{other}` differ only in case",
    "number-expected": "{key} takes a finite number from 0 up, not {value}",
    "policy-empty": (
        "the policy {policy} is empty",
        "leave it out, or name what it demands: {keys}",
    ),
    "policy-without-demand": (
        "the policy {policy} demands nothing",
        "leave it out, or name what it demands",
    ),
    "size-expected": "{key} takes a size such as 500MB, 64 KiB or 1 GiB, not {value}",
    "stage-has-two-policies": "stage `{stage}` already has a policy, as {other}",
    "stages-too-few": "a ladder needs at least {fewest} stages",
    "text-expected": "expected text, not {value}",
    "text-unquoted": "{text} is read as {meaning}; quote it",
    "time-expected": "{key} takes a time such as 30s, 10m, 1h or 2d, not {value}",
    "time-out-of-range": "{key} takes a time from {least} to {longest}, not {value}",
    "title-invalid": "{title} cannot be a title",
    "title-taken": "title {title} is already a name of stage `{stage}`",
    "truth-expected": "{key} takes true or false, not {value}",
    "value-empty": "{key} is empty",
    "value-invalid": "{reason}",
    # lifecycle
    "approval-too-early": (
        "{version} is in {stage}; approvals for {rung} count once it is in {below}"
    ),
    "approval-without-rung": ("which rung?", "name it with --to=RUNG"),
    "bump-without-meaning": (
        "a bump has no meaning for {strategy} labels",
        "leave it out, or give a label",
    ),
    "changelog-missing": ("the configuration requires a changelog", "--changelog=TEXT"),
    "demote-from-here": "Cannot demote {version} from {stage}",
    "digest-ambiguous": ("{digest} could be any of {versions}", "name one by its label"),
    "digest-not-found": "no version of {program} with a digest like {name}",
    "environment-ambiguous": ("which environment?", "name one with --env=NAME: {known}"),
    "force-without-reason": ("force needs a reason", "--force --reason=WHY"),
    "gain-too-small": (
        "{best} ({best_score}) is less than {percent}% better than {live} ({live_score}), which "
        "is live",
        "--select=aggressive takes the best score, whatever the gain",
    ),
    "goal-unknown": "{goal!r} is no rung or environment",
    "label-meant-other": (
        "{version} was registered with other content before that was undone",
        "a label never changes its meaning; choose another",
    ),
    "label-missing": ("a label must be given", "--version=1.2.0"),
    "label-reserved": "{label!r} cannot be a label",
    "latest-not-found": "no version of {name} that is not archived",
    "live-not-found": "no live version of {name} in {environment}",
    "live-score-missing": (
        "{live} is live and has no score to compare {best} with",
        "measure it",
    ),
    "newest-is-not-live": (
        "{version} is the newest in {rung}, but {live} is live in {environment}",
        "say which: `{command}`",
    ),
    "none-on-rung": "no version of {program} is in {rung}",
    "none-reached": (
        "no version of {program} has reached {goal}",
        "`dspyreg promote {program}@VERSION --to {rung}` first",
    ),
    "not-admitted": (
        "Validation failed: {version} may not go to {goal}",
        "--force --reason=WHY overrides a policy",
    ),
    "not-registrable": (
        "Validation failed: {program} may not be registered",
        "--force --reason=WHY overrides what the configuration demands",
    ),
    "number-not-found": "no version #{name} of {program}",
    "numbers-exhausted": "after {last} there is no number left",
    "previous-not-found": "no previous version of {program} in {environment}",
    "program-differs-in-case": (
        "{program} differs from {other} only in case",
        "some file systems cannot tell them apart; choose another name",
    ),
    "program-registered": (
        "the same program is registered as {version}",
        "--version=LABEL or --force registers it again",
    ),
    "program-unreadable": (
        "no program can be read: {reason}",
        "--any-file registers it as another file",
    ),
    "promote-again": "Cannot promote {version}: it is in {stage} already",
    "promote-archived": "Cannot promote {version}: it is archived",
    "promote-deprecated": (
        "Cannot promote {version}: it is deprecated",
        "`dspyreg rollback {program} --to {label}` makes it live again",
    ),
    "promote-down": (
        "Cannot promote from {stage} to {target}: that is down",
        "`dspyreg demote {version}`",
    ),
    "promote-to-first": "Cannot promote to {rung}: it is the first rung",
    "promote-too-far": (
        "Cannot promote from {stage} to {target}; must be in {needed} first",
        "`{command}` goes one rung up",
    ),
    "promote-what": (
        "which version of {program}, or which rung?",
        "`dspyreg promote {program}@VERSION` or `dspyreg promote {program} --to {above}`",
    ),
    "range-not-found": "no version of {program} in the range {name}",
    "redo-conflict": (
        "entry {seq} cannot be redone: the same names were changed by {entries}",
        "undo those first, newest first",
    ),
    "redo-out-of-order": (
        "entry {seq} cannot be redone: an older entry that it depends on is undone",
        "redo that one first; `dspyreg redo` takes the newest undo",
    ),
    "restore-what": "{version} is not archived or deprecated",
    "rollback-disabled": "rollback is disabled in {environment}",
    "rollback-never-live": (
        "Cannot rollback to {stage} version {version}: it was never live in {environment}"
    ),
    "rollback-nothing-before": (
        "No previous version to rollback to in {environment}",
        "`{command} --to VERSION` takes any that was live there",
    ),
    "rung-unknown": "{rung!r} is not a rung of the ladder",
    "score-ambiguous": (
        "no version of {program} that could go there has a score among {metrics}",
        "`metrics.primary` in `dspyreg config edit` decides",
    ),
    "score-missing": (
        "no version of {program} that could go there has a score",
        "measure one: `dspyreg score {program}@VERSION METRIC=NUMBER`",
    ),
    "scores-unlike": (
        "the scores of {program} are {reason}",
        "`metrics.scale` in `dspyreg config edit` says which: percent or fraction",
    ),
    "stage-empty": "no version of {program} in {name}",
    "state-unsound": ("{faults}", "undo what came later first"),
    "strategy-manual": (
        "the strategy is manual: a person chooses what of {program} goes live",
        "`dspyreg deploy {program}@VERSION`",
    ),
    "strategy-unknown": ("not a strategy: {strategy!r}", "one of: {known}"),
    "undo-conflict": (
        "entry {seq} cannot be undone: the same names were changed by {entries}",
        "undo those first, newest first",
    ),
    "version-and-strategy": (
        "a version and a strategy contradict each other",
        "`dspyreg deploy {program} --select {strategy}`",
    ),
    "version-archived": "{version} is archived",
    "version-exists-other": (
        "Version {label} already exists, with other content",
        "a label never changes its meaning",
    ),
    "version-exists-same": (
        "Version {label} already exists, with the same content",
        "--exist-ok accepts that",
    ),
    "version-live": (
        "{version} is live in {environments}",
        "{commands} first, or --force --reason=WHY to withdraw it",
    ),
    "version-not-found": (
        "no version {name} of {program}",
        "versions: {versions}; environments: {environments}",
    ),
    "version-too-low": "{environment} needs stage {needed}; {version} is {stage}",
    "version-unnamed": ("which version of {program}?", "`dspyreg {example}` names one"),
    # backends
    "entry-damaged": "it is damaged",
    "entry-damaged-or-missing": "it is damaged or missing",
    "file-has-links": (
        "{path} has {count} names (hard links), and writing would change them all",
        "give the store a file of its own: cp -p {old} {new} && mv {new} {old}",
    ),
    "store-has-link": "it is a link, and links in a store are not followed",
    "store-has-other-file": "it is {kind}, and not {wanted}",
    "store-on-network": (
        "the store is on {kind}, where locks and syncs may not hold",
        "if you know that they do, use --allow-network-fs",
    ),
    "log-unreadable": "cannot read the log: {reason}",
    "log-not-writable": "cannot write the log: {reason}",
    "blob-not-stored": "cannot store a blob: {reason}",
    "blobs-not-stored": "cannot store blobs: {reason}",
    "blob-unreadable": "cannot look at {digest}: {reason}",
    "blobs-not-listed": "cannot list {path}: {reason}",
    "file-not-deleted": "cannot delete {path}: {reason}",
    "source-not-regular": "{path} is not a regular file",
    "source-changed": "{path} changed while it was being read",
    "store-not-made": "cannot create {directory}: {reason}",
    "store-not-shared": "cannot share {directory}: {reason}",
    "store-unreadable": "cannot read {path}: {reason}",
    "store-path-taken": "{directory} exists and is not a registry",
    "format-no-registry": "its first line is not that of a registry",
    "format-no-number": "its second line names no format",
    "format-too-long": "it has more than the two lines of format 1",
    "address-invalid": (
        "cannot open that address: a store is a directory",
        "give the path of a directory; ./ before it makes anything a path",
    ),
    "scheme-unknown": (
        "cannot open an address with the scheme {scheme!r}: a store is a directory",
        "give the path of a directory; ./ before it makes anything a path",
    ),
    "local-store-unsupported": "a local store is not supported on this system yet",
    # store
    "blob-absent": "it is missing",
    "blob-invalid": "{reason}",
    "blob-not-opened": "cannot open blob {digest}: {reason}",
    "blob-not-read": "cannot read a blob: {reason}",
    "blob-not-text": "it is not text: {reason}",
    "digest-differs": "its bytes have the digest {digest}",
    "gc-list-invalid": "it is not a list of gc",
    "index-impossible": "no index could be made: {reason}",
    "index-lost": ("the index could not be read: {reason}", "try again"),
    "size-differs": "it has {size} bytes, not {expected}",
    "log-replaced": (
        "{reason}: the log was replaced while this ran",
        "run the command again",
    ),
    # system, known_registries
    "no-home": (
        "there is no home to keep known_registries in",
        "set HOME or XDG_CONFIG_HOME, or say it with --trust or DSPYREG_TRUST",
    ),
    "list-not-writable": (
        "cannot write {path}: {reason}",
        "nothing was trusted; set HOME or XDG_CONFIG_HOME, or say it with --trust or DSPYREG_TRUST",
    ),
    "list-not-regular": "{path} is not a regular file",
    "list-of-another": "{path} belongs to another user",
    "list-writable-by-others": ("others may write {path}", "chmod 600 {path}"),
    "trust-invalid": (
        "not the digest of commands: {text!r}",
        "`dspyreg trust --dry-run` shows it; `all` trusts whatever the store says",
    ),
    "now-invalid": "DSPYREG_NOW is not a time: {text!r}",
    "actor-unknown": ("cannot determine the actor", "--as=NAME or DSPYREG_ACTOR"),
    "store-of-another": (
        "{store} belongs to another user ({owner}), and is used only if you say so",
        "`dspyreg trust --place --store {store_argument}` says so for good; "
        "--store=PATH and DSPYREG_STORE mean it for once",
    ),
    # hooks
    # registry: transaction
    "blob-collected": ("blob {digest} was collected on {date}", "register the same content again"),
    "blob-missing": ("blob {digest} is not there", "`dspyreg verify` tells more"),
    "commands-moved": (
        "the configuration starts something else by now",
        "`dspyreg trust` shows it",
    ),
    "file-changed": ("a file changed while it was being registered", "try again"),
    "hook-not-trusted": "the hook before {operation}, {command}, was {why}",
    "hooks-overtaken": ("others keep changing what the hooks were asked about", "try again"),
    "hooks-too-deep": (
        "commands that call dspyreg are nested more than {limit} deep",
        "a hook or a policy's command calls dspyreg, which runs it again",
    ),
    "not-a-path": "not a path: {path!r}",
    "operation-id-empty": ("the operation id is empty", '--operation-id="$RUN_ID-$JOB"'),
    "operation-id-taken": (
        "operation id {key!r} was used for another request, entry {seq}",
        "`dspyreg log --seq {seq}` shows it; choose another id",
    ),
    "overtaken": ("others keep changing what this needs", "try again"),
    "path-unreadable": "cannot read {path}: {reason}",
    "reason-missing": ("force needs a reason", "--force --reason=WHY"),
    "redact-and-allow": "secrets are redacted or allowed, not both",
    "secrets-found": "there are secrets in it",
    "vetoed": "vetoed by {command}: {why}",
    # registry: read
    "at-invalid": (
        "invalid --at {text!r}: expected a sequence number, a date or an ISO 8601 time",
        "for example 12, 2026-11-20 or 2026-11-20T19:02:11Z",
    ),
    "interval-unknown": ("unknown interval {interval!r}", "day"),
    "since-invalid": (
        "invalid --since {text!r}: expected a duration, a date or an ISO 8601 time",
        "for example 30d or 2026-11-20",
    ),
    # registry: artifacts
    "version-expected": "{name} is not a registered version",
    "checkout-into-protected": (
        "{version} has a file in {segment}, and no checkout writes there: {path}",
        "`dspyreg cat {version} --path {path}` prints it",
    ),
    "checkout-into-registry": (
        "{version} would be written into the registry",
        "name another directory",
    ),
    "contract-unreadable": "{reason}",
    "file-in-the-way": ("{paths} is in the way", "--force replaces a file"),
    "files-in-the-way": ("{paths} are in the way", "--force replaces a file"),
    "input-changed": ("{path} changed while it was being read", "try again"),
    "input-empty": "{path} has no files",
    "input-holds-registry": ("{path} contains the registry itself", "name a smaller directory"),
    "input-is-link": ("{path} is a link", "a version holds bytes; put the file itself there"),
    "input-name-invalid": "{path!r} has a name that cannot be stored",
    "input-not-regular": "{path} is not a regular file",
    "input-protected": (
        "{path} belongs to {segment} and could not be checked out",
        "name a smaller directory",
    ),
    "is-a-directory": ("{path} is a directory", "check out somewhere else"),
    "link-not-named": ("--link needs the name of the link", "--output=LINK --link"),
    "not-a-directory": ("{path} is in the way", "check out somewhere else"),
    "not-a-link": ("{path} is not a link", "name another, or leave out --link"),
    "not-a-state": (
        "{path} is not a state saved by DSPy: {reason}",
        "program.save writes one to a name that ends in .json",
    ),
    "nothing-to-register": ("nothing to register", "name a file or a directory"),
    "path-unwritable": "cannot write {path}: {reason}",
    "pickle-not-allowed": (
        "{path} is a pickle",
        "--allow-pickle reads examples, dates and containers in it",
    ),
    "replaces-working-directory": (
        "{path} is the working directory and would be replaced",
        "run it from another directory",
    ),
    "secret-in-large-file": (
        "{path} holds a secret and is above 64 MiB, so it cannot be redacted",
        "take it out yourself, or use --allow-secrets",
    ),
    "secret-in-other-file": (
        "{path} holds a secret and is not a JSON state, so it cannot be redacted",
        "take it out yourself, or use --allow-secrets",
    ),
    "state-is-directory": ("{path} is a directory", "name the state in it"),
    "version-has-several-files": (
        "{version} has several files; name one",
        "--path=FILE, one of {paths}",
    ),
    "version-path-repeated": "two files would be {path!r} in the version",
    # registry: gate
    # registry: change
    "bump-unknown": ("unknown bump {bump!r}", "major, minor, patch or auto"),
    "duration-invalid": ("{reason}", "a number and s, m, h, d or w"),
    "configuration-in-use": "versions use stages or environments that this configuration removes",
    "configuration-moved": (
        "another configuration was put in force meanwhile",
        "`dspyreg config show` shows it",
    ),
    "label-and-bump": ("a label and a bump contradict each other", "give one of them"),
    "metric-not-a-number": "metric {metric} is not a number: {value!r}",
    "metric-not-finite": "metric {metric} is {value}, which cannot be compared",
    "not-a-program": (
        "rollback takes a program, not {text!r}",
        "`dspyreg rollback {program} --to {label}`",
    ),
    "not-a-regular-file": "{path} is not a regular file",
    "not-json": "{what} is not JSON: {reason}",
    "not-undone": ("entry {seq} is not undone", "`dspyreg undo {seq}` undoes it"),
    "not-your-entry": (
        "the newest to {operation}, entry {seq} ({changed_by}), is by {actor}",
        "`dspyreg {operation} {seq}` if that is the one",
    ),
    "nothing-in-entry": "entry {seq} changed nothing that could be undone",
    "nothing-measured": ("nothing was measured", "`dspyreg score {selector} accuracy=0.92`"),
    "nothing-to-redo": "there is nothing to redo",
    "nothing-to-undo": "there is nothing to undo",
    "preset-unknown": ("no preset {name!r}", "one of: {presets}"),
    "registry-in-use": (
        "the registry is in use, and preset {preset} would replace its configuration",
        "`dspyreg config edit` changes the one in force",
    ),
    "result-names-no-file": (
        "the result names no file",
        "name one, or let the result say program_path",
    ),
    "result-names-no-program": (
        "the result names no program",
        "name it, or let the result say program_name or signature_name",
    ),
    "results-not-registered": (
        "integration.auto_register_optimizations is off: results without a name are not registered",
        "name the program",
    ),
    "undo-in-use": ("{faults}", "undo what came later first"),
    "values-not-comparable": ("the values of {metric} are {difference}", "{settled}"),
    # registry: analyse
    "target-not-found": "Target version not found: {cause}",
    "upgrade-reversed": (
        "{program}@{from_} does not come before {program}@{to}",
        "`dspyreg upgrade-path {program} {to} {from_}`",
    ),
    # registry: open
    # integrations
    "class-path-invalid": ("not a class: {path!r}", "pkg.mod:QA"),
    "class-not-in-module": "there is no {name} in {module}",
    "module-not-importable": "cannot import {module}: {reason}",
    "class-needs-arguments": (
        "cannot make {path} without arguments: {reason}",
        "name a program in the module instead of its class",
    ),
    "dspy-missing": ("this needs DSPy: {reason}", "pip install 'dspyreg[dspy]'"),
    "dspy-too-old": (
        "loading needs DSPy 2.6 or later, and here is {installed}",
        "pip install 'dspyreg[dspy]'; registering works with this one",
    ),
    "program-is-class": ("{name} is a class", "give {name}()"),
    "not-a-dspy-program": "not a DSPy program: {kind}",
    "lm-is-text": ("lm= is a text, {lm!r}", "lm=dspy.LM({lm!r})"),
    "into-or-program": (
        "load into a program, or load one that was saved whole",
        "into=QA() or program=True",
    ),
    "whole-program-not-allowed": (
        "{version} was saved whole: loading it executes what is in it",
        "allow_pickle=True, if you trust whoever saved it",
    ),
    "modules-missing": (
        "{version} needs modules that are not here: {modules}",
        "put them on the path; or save it with save_program=True, "
        "modules_to_serialize=[{modules}], and register that",
    ),
    "whole-program-not-loaded": (
        "{version} cannot be loaded whole: {reason}",
        "load it with the DSPy, and beside the code, that it was saved with",
    ),
    "lm-not-buildable": (
        "{version}: this DSPy cannot build its language model: {reason}",
        "lm=, a language model of your own",
    ),
    "state-not-loaded": (
        "{version}: DSPy failed to load it: {reason}",
        "the program is as it was; try again",
    ),
    "trainset-not-countable": ("trainset={trainset!r} cannot be counted", "give a list"),
    "program-not-savable": (
        "DSPy cannot save this program: {reason}",
        "program.save(directory, save_program=True) saves it whole; register that",
    ),
    "not-a-whole-program": ("{version} is no program saved whole", "give into= and a program"),
    "is-a-whole-program": ("{version} is a program saved whole", "program=True loads it"),
    "state-ambiguous": ("which file of {version}?", "path=, one of {paths}"),
    "state-is-pickle": (
        "{file} of {version} is a pickle",
        "allow_pickle=True reads examples, dates and containers from it, nothing else",
    ),
    "state-not-readable": "{file} of {version} is no state that can be loaded: {reason}",
    "contract-invalid": "{reason}",
    "model-call-missing": (
        "{version} does not say how its language model is called",
        "lm=, a language model of your own",
    ),
    "model-call-untrusted": (
        "{version} says where its language model is called",
        "lm=, a language model of your own; or trusted=True, if you trust who saved it",
    ),
    "code-untrusted": (
        "{version} holds code that an optimizer wrote",
        "trusted=True, if you trust who saved it",
    ),
    # cli
    "answer-unwritable": "cannot write the result: {reason}",
    "argument-missing": ("Missing argument '{argument}'.", "`dspyreg register --help`"),
    "cat-has-no-json": ("cat writes bytes and has no --json", "`dspyreg show --json`"),
    "checked-out-differs": "differs from the registered {name}",
    "command-misspelt": ("no command {name!r}", "did you mean {near!r}?"),
    "command-unknown": ("no command {name!r}", "`{parent} --help` lists them"),
    "completion-has-no-json": "completion prints a script and has no --json",
    "demo-has-no-json": "demo prints a tour and has no --json",
    "demo-has-own-store": ("demo uses a store of its own", "--keep DIR leaves it in DIR"),
    "directory-not-empty": ("{path} is not empty", "name a new directory"),
    "directory-unusable": "cannot use {path}: {reason}",
    "editor-failed": "the editor exited with status {status}; nothing was changed",
    "editor-invalid": ("invalid editor command {command!r}", "set VISUAL or EDITOR"),
    "editor-missing": (
        "no editor is set",
        "set VISUAL or EDITOR, or `dspyreg config show` and `dspyreg config apply FILE`",
    ),
    "editor-not-started": ("cannot start the editor {editor}: {reason}", "set VISUAL or EDITOR"),
    "evidence-cat-has-no-json": (
        "evidence cat writes bytes and has no --json",
        "`dspyreg evidence list --json`",
    ),
    "input-invalid": "{file}: {reason}",
    "input-not-a-mapping": "{file} is not a mapping of names to values",
    "input-not-utf8": "{file} is not UTF-8",
    "input-too-large": "{file} is larger than {mebibytes} MiB",
    "input-unreadable": "cannot read {file}: {reason}",
    "level-unknown": ("invalid level {level!r}", "one of: patch, minor, major"),
    "no-temporary-directory": "cannot make a temporary directory: {reason}",
    "no-terminal": ("{question}? There is no terminal to ask on", "--yes confirms it"),
    "demo-not-a-directory": ("{path} is not a directory", "name a new directory"),
    "not-a-pair": "invalid {word!r}: expected NAME=VALUE",
    "number-invalid": "invalid number {text!r}: expected a whole number of {least} or more",
    "shell-unknown": ("no completion for {shell!r}", "one of: bash, zsh, fish"),
    "two-formats": "--json cannot be combined with {option}",
}

HINTS: Final = {
    # errors
    "not-strict": "strict=False tolerates names that the program lacks, other types and tools",
    # model
    "fewer-changes": "record fewer metrics or tags at a time; at most some 200",
    "label-without-v": "without the v: {bare}",
    "largest-member": "most of it is its {member}",
    "range-bound": "{bound} is not SemVer",
    # formats
    # compare
    # policy
    # config
    "relayed": "{advice}",
    # lifecycle
    "command-first": "`{command}` first",
    "command-next": "next: `{command}`",
    "command-or-force": "`{command}`, or --force --reason=WHY",
    "label-is-number": "bare numbers are versions' numbers: qa@#3",
    "label-names-stage": "it names a stage or an environment",
    "names-known": "there are {known}",
    "program-in-other-case": "did you mean {other}?",
    "programs-listed": "`dspyreg list` shows the programs there are",
    "restore-brings-back": "`dspyreg restore {version}` brings it back",
    "restore-first": "`dspyreg restore {version}` first",
    "rollback-to": "`dspyreg rollback {program} --env {environment} --to {label}`",
    # backends
    "store-may-be-link": "only the store as a whole may be a link; a bind mount is no link",
    "store-is-yours": "{store} is yours: `chmod -R u+rwX {store_argument}`",
    "store-is-shared": (
        "{store} belongs to {owner} and is shared by the group {group}: join it; or, if you are "
        "in it, {owner} runs `dspyreg --store {store_argument} init --shared`"
    ),
    "store-is-of-another": (
        "{store} belongs to {owner}, group {group}; {owner} can share it with a group: "
        "`chgrp -R GROUP {store_argument}`, then `dspyreg --store {store_argument} init --shared`"
    ),
    "store-read-only": "the store cannot be written from here; reading it works",
    "disk-full": "make room and try again",
    "try-again": "try again",
    "path-without-scheme": "give the path alone, without file://",
    "create-registry": "run `dspyreg init`",
    # store
    # system, known_registries
    # hooks
    # registry: transaction
    "secrets-in-names": "take it out, or say --allow-secrets to keep it in the log",
    "secrets-in-words": (
        "--redact keeps the words without them, --allow-secrets keeps them as they are"
    ),
    "trust": "`dspyreg trust` shows what this registry runs, and asks",
    # registry: read
    # registry: artifacts
    "files-of-version": "{paths}",
    # registry: gate
    # registry: change
    "preset-similar": "did you mean {near}?",
    "secrets-in-files": "--redact stores it without them, --allow-secrets stores it as it is",
    # registry: analyse
    "files-with-pickle": "it has {paths}; --allow-pickle reads examples and dates in a pickle",
    "files-without-state": "it has {paths}",
    # registry: open
    # integrations
    # cli
}


def message(problem: str, facts: Mapping[str, Any]) -> str:
    """Return the message of a problem."""
    text = TEXTS.get(problem, problem)
    text = text if isinstance(text, str) else text[0]
    return text.format_map(facts) if problem in TEXTS else text


def hint(problem: str, key: str | None, facts: Mapping[str, Any]) -> str | None:
    """Return the hint under a key of ``HINTS``, or else the one that belongs to the problem."""
    if key is not None:
        return HINTS[key].format_map(facts) if key in HINTS else key
    text = TEXTS.get(problem, problem)
    return None if isinstance(text, str) else text[1].format_map(facts)
