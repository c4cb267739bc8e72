# shellcheck shell=bash disable=SC2154,SC2034 # scripts/local-server sets store; ports_of sets variables of its caller
# A node of scripts/local-server: a folder n1, n2 or n3 in the store, with pid, ports, nats.conf, log and data.

# ---------------------------------------------------------------- state in the store

# The nodes that the store was created with: n1, or n1 n2 n3.
stored_nodes() {
  local file
  for file in "$store"/n[1-3]/ports; do
    [[ ! -f $file ]] || basename "$(dirname "$file")"
  done
}

# ports_of NODE: sets client, monitor and route.
ports_of() { read -r client monitor route <"$store/$1/ports"; }

arguments_of() {
  if [[ -d /proc/self ]]; then
    tr '\0' ' ' <"/proc/$1/cmdline"
  else
    ps -o args= -p "$1"
  fi 2>/dev/null
}

# Prints the node's pid if that process is running and is this server, since pids are reused.
pid_of() {
  local pid=''
  [[ -f $store/$1/pid ]] && read -r pid <"$store/$1/pid" || return 1
  [[ $pid =~ ^[0-9]+$ && $(arguments_of "$pid") == *" -c $store/$1/nats.conf "* ]] && echo "$pid"
}

living_nodes() {
  local node
  for node in $(stored_nodes); do
    if pid_of "$node" >/dev/null; then echo "$node"; fi
  done
}

# ---------------------------------------------------------------- state of the server

# ask NODE PATH: prints the answer of its monitoring port, which needs no user, TLS or account.
ask() {
  local client monitor route answer=''
  ports_of "$1"
  {
    printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3
    IFS= read -r -d '' -t 5 answer <&3 || true
  } 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$monitor" || return 1
  printf '%s\n' "$answer"
}

urls() {
  local node client monitor route scheme list=''
  scheme=$(scheme_of "$(living_nodes | head -n 1)")
  for node in $(stored_nodes); do
    ports_of "$node"
    list+=,$scheme://127.0.0.1:$client
  done
  echo "${list#,}"
}

# nats.c uses TLS only if the URL says so.
scheme_of() {
  if [[ $(ask "$1" /varz) == *'"tls_required": true'* ]]; then echo tls; else echo nats; fi
}

sync_interval() {
  local varz
  varz=$(ask "$1" /varz)
  if [[ $varz == *'"sync_always": true'* ]]; then
    echo always
  elif [[ $varz =~ '"sync_interval": '([0-9]+) ]]; then
    echo "$((BASH_REMATCH[1] / 1000000000))s"
  else
    echo unknown
  fi
}

# The store's path in the answer proves that this is the node, not another server that took its port.
node_is_ready() {
  [[ $(ask "$1" /jsz) == *"\"store_dir\": \"$store/$1/data/jetstream\""* && $(ask "$1" /healthz) == *'"status":"ok"'* ]]
}

# Every node reports the same leader, the leader reports both others as current, and each stream has a leader.
cluster_is_ready() {
  local node view leader=''
  for node in "$@"; do
    view=$(ask "$node" '/jsz?streams=true')
    [[ $view =~ '"leader": "'(n[123])'"' && ${leader:=${BASH_REMATCH[1]}} == "${BASH_REMATCH[1]}" ]] || return 1
    [[ $node != "$leader" || $view == *'"current": true'*'"current": true'*'"cluster_size"'* ]] || return 1
    [[ $view != *'"offline": true'* ]] || return 1
    (($(grep -c '"cluster": {' <<<"$view") < $(grep -c '"leader": ' <<<"$view"))) || return 1
  done
}

# Nodes report their free space to each other about once a second; until a leader has received it, it refuses a
# stream with three replicas ("peer offline"). No endpoint shows that, so the cluster must be ready for a second.
cluster_is_steady() {
  local i
  for i in 1 2 3 4 5 6; do
    ((i == 1)) || sleep 0.2
    cluster_is_ready "$@" || return 1
  done
}

all_ready() {
  local node
  for node in "$@"; do
    node_is_ready "$node" || return 1
  done
  if (($# > 1)); then cluster_is_steady "$@"; fi
}
