#!/bin/sh
# A handler that is kept running, in shell. jq reads the jobs, one process for all of them:
#
#     consumer orders_stream 'orders.*' --keep=jsonl -- examples/handler.sh
set -eu
tab=$(printf '\t')

# The work: put yours here. Exits 0 done, 65 hopeless, else again after the backoff, as a command for each job does.
# It may print what it likes: stdout is stderr here. A tab, a newline and a backslash in the body come as \t, \n, \\:
# printf '%b' "$body" brings them back.
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
