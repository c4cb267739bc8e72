# shellcheck shell=bash disable=SC2154 # nats, origin, unprocessed and work are scripts/demo's
# What became of the jobs: asked of the streams, read from the programs' logs, and compared.

# ask API BODY prints JetStream's answer, one line of JSON.
ask() { "$nats" request --raw "\$JS.API.$1" "$2" </dev/null 2>/dev/null; }

# look_at STREAM sets messages, last_seq and held: how many of its messages are held letters.
look_at() {
  local answer
  answer=$(ask "STREAM.INFO.$1" '{"subjects_filter":">"}') || return 1
  [[ $answer =~ \"state\":\{\"messages\":([0-9]+) ]] && messages=${BASH_REMATCH[1]} || return 1
  [[ $answer =~ \"last_seq\":([0-9]+) ]] && last_seq=${BASH_REMATCH[1]} || return 1
  held=$(grep -o "\"natsq\.held\.$origin\.[^\"]*\":1" <<<"$answer" | wc -l)
}

# The origin is empty and the other stream has held letters only. A job on its way between the two may be seen in
# neither, so nothing may have been stored since the last look either.
is_settled() {
  local messages last_seq held before=$state
  look_at "$origin" || return 1
  origin_left=$messages state=$last_seq
  look_at "$unprocessed" || return 1
  unprocessed_left=$messages held_left=$held state+=" $last_seq"
  ((origin_left == 0 && unprocessed_left == held_left)) && [[ $state == "$before" ]]
}

# said PROGRAM... -- SED_EXPRESSION prints what it extracts from their lines, behind the time.
said() {
  local files=()
  while [[ $1 != -- ]]; do
    files+=("$work/$1.log")
    shift
  done
  sed -n "s/^[^ ]* $2\$/\\1/p" "${files[@]}"
}

# Bodies of the held letters, read from the stream itself.
held_bodies() {
  local seq=1 answer
  while answer=$(ask "STREAM.MSG.GET.$unprocessed" "{\"seq\":$seq,\"next_by_subj\":\"natsq.held.$origin.>\"}") &&
    [[ $answer =~ \"seq\":([0-9]+) ]]; do
    seq=$((BASH_REMATCH[1] + 1))
    if [[ $answer =~ \"data\":\"([^\"]*)\" ]]; then base64 -d <<<"${BASH_REMATCH[1]}"; fi
    echo
  done
  [[ $answer == *'"err_code":10037'* ]] || die 1 "the held letters cannot be read: $answer"
}

# One file of sorted bodies for each of the three places where a job can be.
collect_bodies() {
  said publisher -- 'published order no\. \([0-9]*\)' | sed 's/^/order-/' | sort -u >"$work/published"
  said consumer-1 consumer-2 -- 'received \(.*\) from stream sequence # [0-9]*' | sort -u >"$work/worked"
  held_bodies | sort -u >"$work/held"
  sort -u "$work/worked" "$work/held" >"$work/accounted"
}

count_lines() { wc -l | tr -d ' '; }

row() { printf '  %-*s %4d%s\n' $((${#unprocessed} + 8)) "$1" "$2" "${3:+   $3}"; }

print_table() {
  local failed died
  failed=$(said consumer-1 consumer-2 -- 'error processing \(.*\)' | wc -l)
  died=$(said consumer-1 consumer-2 -- '\(.*\) will be processed via DLQ' | wc -l)
  printf '\n'
  row published "$(wc -l <"$work/published")" 'jobs'
  row worked "$(wc -l <"$work/worked")" 'of them'
  row retried "$((failed - died))" 'failed attempts, made again after the backoff'
  row died "$died" 'failed last attempts'
  row 'put back' "$(said dlq -- 'reprocessing order \(.*\)' | wc -l)" 'dead jobs, by dlq, for fresh attempts'
  row held "$(wc -l <"$work/held")" 'died once more: they wait for a person'
  row "left in $origin" "$origin_left"
  row "left in $unprocessed" "$unprocessed_left" 'the held ones'
  printf '\n'
}

# By the bodies, not by counts: two errors could make a sum right.
check_bodies() {
  local missing strange
  missing=$(comm -23 "$work/published" "$work/accounted" | paste -sd' ')
  strange=$(comm -13 "$work/published" "$work/accounted" | paste -sd' ')
  [[ -z $missing ]] || die 1 "LOST, neither worked nor held: $missing"
  [[ -z $strange ]] || die 1 "worked or held, but never published: $strange"
  [[ -s $work/published ]] || die 1 "nothing was published"
  say "every published job was worked or is held, compared by their bodies"
}

report() {
  collect_bodies
  print_table
  check_bodies
}
