# shellcheck shell=sh
# nats.c and nats-server: taken out of Debian's binary packages into .deps.

provide_nats_server() {
  have_nats_server && return 0
  choose_view nats-server "$NATS_SERVER_LEAST" || not_to_be_had "nats-server >= $NATS_SERVER_LEAST"
  say "nats-server $(candidate "$VIEW" nats-server): into .deps, a few seconds"
  fetch_package nats-server nats-server.unpacked
  install_program "$(find nats-server.unpacked -path '*bin/nats-server' -type f)" nats-server
  have_nats_server || fail 70 "nats-server: the packaged program does not run here (.deps/bin/nats-server --version)"
}

install_program() { # FILE NAME
  mkdir -p "$DEPS/bin"
  mv -f "$1" "$DEPS/bin/$2"
}

not_to_be_had() { # WHAT
  list_needs
  fail 69 "$1: this system's packages ($(system_name)) have none, and it has no Debian archive to take it from;" \
    "install it, or name a Debian mirror in SETUP_MIRROR (needs the package debian-archive-keyring)"
}

# ---------------------------------------------------------------- nats.c

provide_nats_c() {
  have_nats_c && return 0
  choose_view libnats-dev "$NATS_C_LEAST" || not_to_be_had "nats.c >= $NATS_C_LEAST"
  say "nats.c $(candidate "$VIEW" libnats-dev): into .deps, a few seconds"
  fetch_package libnats-dev nats-c.unpacked
  archive=$(find nats-c.unpacked -name libnats_static.a)
  [ -n "$archive" ] || fail 70 "nats.c: the package libnats-dev has no static library any more"
  adapt_to_libc "$archive"
  prove_nats_c nats-c.unpacked/usr/include "$archive"
  install_nats_c nats-c.unpacked/usr/include "$archive"
}

# The archive may come from a newer glibc, whose headers call scanf and strtol by names of C23 that an
# older one lacks. Those names are given the ones that this system's own headers would have used; the
# only difference is that C23 also reads 0b101.
adapt_to_libc() { # ARCHIVE
  libc_names >libc.names
  wanted_c23_names "$1" | comm -23 - libc.names >lacking.names
  [ -s lacking.names ] || return 0
  while read -r name; do
    older=$(older_name "$name")
    echo "$name $older"
  done <lacking.names >renamed.names
  say "nats.c: this libc is older; renaming $(tr '\n' ' ' <lacking.names)"
  logged nats-c "$DEPS/bin/objcopy" --redefine-syms=renamed.names "$1" || fail 70 "nats.c: objcopy could not rename symbols"
}

libc_names() {
  "$DEPS/bin/nm" -D --defined-only "$("$DEPS/bin/cc" -print-file-name=libc.so.6)" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u
}

wanted_c23_names() { # ARCHIVE
  "$DEPS/bin/nm" -u "$1" 2>/dev/null | awk '$1 == "U" && $2 ~ /^__isoc23_/ { print $2 }' | sort -u
}

older_name() { # C23-NAME
  plain=${1#__isoc23_}
  for choice in "__isoc99_$plain" "$plain"; do
    if grep -qx "$choice" libc.names; then
      echo "$choice"
      return 0
    fi
  done
  fail 70 "nats.c: the library of Debian $DEBIAN_SUITE wants $1, for which this libc has nothing"
}

# Every symbol of every member must be found, used by natsq today or not; then a program must run.
prove_nats_c() { # INCLUDE-DIRECTORY ARCHIVE
  echo 'int main(void) { return 0; }' >whole.c
  # shellcheck disable=SC2046
  logged nats-c "$DEPS/bin/cc" -o whole whole.c -Wl,--whole-archive "$2" -Wl,--no-whole-archive $(static_needs) ||
    fail 70 "nats.c: the library of Debian $DEBIAN_SUITE does not link on this system; build nats.c >= $NATS_C_LEAST from source"
  run_nats_c_probe "-I$1" "$2" >/dev/null || {
    # shellcheck disable=SC2034 # fail shows it
    LOG=$WORK/nats-c-probe.log
    fail 70 "nats.c: a small program with it does not run on this system; build nats.c >= $NATS_C_LEAST from source"
  }
}

# The library last: cut short before that, the next run sees none and begins again.
install_nats_c() { # INCLUDE-DIRECTORY ARCHIVE
  mkdir -p "$DEPS/lib"
  rm -rf "$DEPS/lib/libnats_static.a" "$DEPS/include"
  mv "$1" "$DEPS/include"
  mv "$2" "$DEPS/lib/libnats_static.a"
}
