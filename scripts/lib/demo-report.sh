# shellcheck shell=bash disable=SC2154 # scripts/demo sets nats, origin, unprocessed and work
# What became of the jobs: compares the streams with the logs of the programs.

# ask API BODY: prints JetStream's answer, one line of JSON.
ask() { "$nats" request --raw "\$JS.API.$1" "$2" </dev/null 2>/dev/null; }

# look_at STREAM: sets messages, last_seq, and held, the number of held letters in it.
look_at() {
  local answer
  answer=$(ask "STREAM.INFO.$1" '{"subjects_filter":">"}') || return 1
  [[ $answer =~ \"state\":\{\"messages\":([0-9]+) ]] && messages=${BASH_REMATCH[1]} || return 1
  [[ $answer =~ \"last_seq\":([0-9]+) ]] && last_seq=${BASH_REMATCH[1]} || return 1
  held=$(grep -o "\"natsq\.held\.$origin\.[^\"]*\":1" <<<"$answer" | wc -l)
}

# The origin is empty and the DLQ holds only held letters. A job that moves between the two may be missed in both, so
# nothing may have been stored since the previous call.
is_settled() {
  local messages last_seq held before=$state
  look_at "$origin" || return 1
  origin_left=$messages state=$last_seq
  look_at "$unprocessed" || return 1
  unprocessed_left=$messages held_left=$held state+=" $last_seq"
  ((origin_left == 0 && unprocessed_left == held_left)) && [[ $state == "$before" ]]
}

# logged PROGRAM... -- SED_EXPRESSION: prints what the expression extracts from their lines after the time.
logged() {
  local files=()
  while [[ $1 != -- ]]; do
    files+=("$work/$1.log")
    shift
  done
  sed -n "s/^[^ ]* $2\$/\\1/p" "${files[@]}"
}

# The bodies of the held letters, from the stream.
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

# One file of sorted bodies for each place where a job can be.
collect_bodies() {
  logged publisher -- 'published order no\. \([0-9]*\)' | sed 's/^/order-/' | sort -u >"$work/published"
  logged consumer-1 consumer-2 -- 'received \(.*\) from stream sequence # [0-9]*' | sort -u >"$work/done"
  held_bodies | sort -u >"$work/held"
  sort -u "$work/done" "$work/held" >"$work/accounted"
}

count_lines() { wc -l | tr -d ' '; }

row() { printf '  %-*s %4d%s\n' $((${#unprocessed} + 8)) "$1" "$2" "${3:+   $3}"; }

print_table() {
  local failed died
  failed=$(logged consumer-1 consumer-2 -- 'error processing \(.*\)' | wc -l)
  died=$(logged consumer-1 consumer-2 -- '\(.*\) will be processed via DLQ' | wc -l)
  printf '\n'
  row published "$(wc -l <"$work/published")" 'jobs'
  row 'done' "$(wc -l <"$work/done")" 'of them'
  row retried "$((failed - died))" 'failed attempts, repeated after the backoff'
  row died "$died" 'failed last attempts'
  row 'put back' "$(logged dlq -- 'reprocessing order \(.*\)' | wc -l)" 'dead jobs, by dlq, for fresh attempts'
  row held "$(wc -l <"$work/held")" 'died again: they wait for a person'
  row "left in $origin" "$origin_left"
  row "left in $unprocessed" "$unprocessed_left" 'the held letters'
  printf '\n'
}

# Compares bodies, not counts, in which two errors could cancel out.
check_bodies() {
  local missing strange
  missing=$(comm -23 "$work/published" "$work/accounted" | paste -sd' ')
  strange=$(comm -13 "$work/published" "$work/accounted" | paste -sd' ')
  [[ -z $missing ]] || die 1 "LOST, neither done nor held: $missing"
  [[ -z $strange ]] || die 1 "done or held, but never published: $strange"
  [[ -s $work/published ]] || die 1 "nothing was published"
  say "every published job was done or is held (compared by body)"
}

report() {
  collect_bodies
  print_table
  check_bodies
}
