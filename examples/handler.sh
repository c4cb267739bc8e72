#!/bin/sh
# A handler that is kept running, in shell. One jq process reads all jobs:
#
#     consumer orders_stream 'orders.*' --keep=jsonl -- examples/handler.sh
set -eu
tab=$(printf '\t')

# Replace this with your own work. Exit codes are those of a command for each job: 0 done, 65 hopeless, else retry.
# Its output goes to stderr. A tab, a newline and a backslash in the body arrive as \t, \n and \\: printf '%b' "$body"
# restores them.
work() { # SEQ SUBJECT BODY
  case $3 in
    '') return 65 ;;
    fail*) return 1 ;;
  esac
}

jq --unbuffered -r '[.seq, .subject, .body // .body_base64] | @tsv' |
  while IFS=$tab read -r seq subject body; do
    status=0
    work "$seq" "$subject" "$body" </dev/null >&2 || status=$?
    case $status in
      0) printf '{"seq":%s,"verdict":"done"}\n' "$seq" ;;
      65) printf '{"seq":%s,"verdict":"hopeless","error":"an order without a body"}\n' "$seq" ;;
      *) printf '{"seq":%s,"verdict":"retry","error":"exit %s"}\n' "$seq" "$status" ;;
    esac
  done
