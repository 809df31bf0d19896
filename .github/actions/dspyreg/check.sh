#!/usr/bin/env bash
# Check a version: annotations, the job's summary, outputs, and a report for a comment.
#
#     PROGRAM=qa TO=production AGAINST=qa@production FAIL=true bash check.sh
#
# What comes from programs and people goes through files and jq, and never as it is to where the
# runner would take a line of it for a command.
set -euo pipefail

readonly most_of_a_comment=65000 most_of_a_summary=1000000 # the limits: 65,536 and 1 MiB
work=$(mktemp -d "$RUNNER_TEMP/dspyreg-check.XXXXXX")

annotate() { # KIND TITLE: an annotation for each JSON text on standard input
    jq --raw-output --arg kind "$1" --arg title "$2" '
        def data: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
        def property: data | gsub(":"; "%3A") | gsub(","; "%2C");
        "::\($kind) title=\($title | property)::\(data)"'
}

whole_lines() { # BYTES: as many lines of standard input as fit, and a word if that was not all
    LC_ALL=C awk -v most="$1" '
        (size += length($0) + 1) > most { print "\n… the rest is too long for this place"; exit }
        { print }'
}

as_markdown() { # the document of `check` on standard input
    jq --raw-output '
        def code: "`" + (gsub("`"; "\u0027") | gsub("\\s+"; " ") | gsub("\\|"; "\\|")) + "`";
        (if .label then "\(.program)@\(.label)" else .program end) as $what
        | "### \(if .passed then "✅" else "❌" end) \($what | code) → \(.to_stage // .environment | code)",
        (if .notices == [] then empty else "" end),
        (.notices[] | "- " + code),
        (if .findings == [] then empty else
            "\n|  | rule | finding |\n|---|---|---|",
            (.findings[]
                | "| \(if .passed then "✅" else "❌" end) | \(.rule | code) | \(.message | code) |")
        end), ""'
}

compared() { # VERSION: what is better and what differs, if there is something to compare with
    local live there=0
    live=$(dspyreg resolve --json -- "$AGAINST" 2>"$work/error.json") || there=$?
    case $there in
        0) live=$(jq --raw-output '"\(.program)@\(.label)"' <<<"$live") ;;
        3) printf "Nothing to compare with: there is no \`%s\`.\n" "$AGAINST" && return ;;
        *) cat "$work/error.json" >&2 && return "$there" ;;
    esac
    if [ "$live" = "$1" ]; then return; fi
    dspyreg compare --md --quiet -- "$live" "$1"
    echo
    dspyreg diff --md --quiet -- "$live" "$1"
}

words=(--json)
if [ -n "$TO" ]; then words+=(--to "$TO"); fi
status=0
dspyreg check "${words[@]}" -- "$PROGRAM" >"$work/check.json" 2>"$work/error.json" || status=$?
if [ ! -s "$work/check.json" ]; then # it could not answer
    jq '.error | .message + (if .hint then "; \(.hint)" else "" end)' "$work/error.json" |
        annotate error "$PROGRAM"
    exit "$status"
fi

passed=$(jq .passed "$work/check.json")
label=$(jq --raw-output '.label // ""' "$work/check.json")
version=$(jq --raw-output '.program' "$work/check.json")${label:+@$label}
digest=
if [ -n "$label" ]; then
    digest=$(dspyreg resolve --json -- "$version" | jq --raw-output .digest)
fi

as_markdown <"$work/check.json" >"$work/report.md"
if [ -n "$AGAINST" ] && [ -n "$label" ]; then compared "$version" >>"$work/report.md"; fi
whole_lines "$most_of_a_comment" <"$work/report.md" >"$work/comment.md"
whole_lines "$most_of_a_summary" <"$work/report.md" >>"$GITHUB_STEP_SUMMARY"
{
    echo "label=$label"
    echo "digest=$digest"
    echo "passed=$passed"
    echo "report=$work/comment.md"
} >>"$GITHUB_OUTPUT"

kind=error
if [ "$FAIL" = false ]; then kind=warning; fi
title="$version${TO:+ to $TO}"
jq '.notices[]' "$work/check.json" | annotate notice "$title"
jq '.failures[]' "$work/check.json" | annotate "$kind" "$title"
if [ "$passed" != true ] && [ "$FAIL" != false ]; then exit 1; fi
