# shellcheck shell=sh
# nats.c and nats-server: extracted from Debian's binary packages into .deps.

provide_nats_server() {
  have_nats_server && return 0
  choose_view nats-server "$NATS_SERVER_LEAST" || unavailable "nats-server >= $NATS_SERVER_LEAST"
  say "nats-server $(candidate "$VIEW" nats-server): into .deps, a few seconds"
  fetch_package nats-server nats-server.unpacked
  install_program "$(find nats-server.unpacked -path '*bin/nats-server' -type f)" nats-server
  have_nats_server || fail 70 "nats-server: the packaged program does not run here (.deps/bin/nats-server --version)"
}

install_program() { # FILE NAME
  mkdir -p "$DEPS/bin"
  mv -f "$1" "$DEPS/bin/$2"
}

unavailable() { # WHAT
  list_needs
  fail 69 "$1: not in the packages of this system ($(system_name)), which has no Debian archive either;" \
    "install it, or set SETUP_MIRROR to a Debian mirror (needs the package debian-archive-keyring)"
}

# ---------------------------------------------------------------- nats.c

provide_nats_c() {
  have_nats_c && return 0
  choose_view libnats-dev "$NATS_C_LEAST" || unavailable "nats.c >= $NATS_C_LEAST"
  say "nats.c $(candidate "$VIEW" libnats-dev): into .deps, a few seconds"
  fetch_package libnats-dev nats-c.unpacked
  archive=$(find nats-c.unpacked -name libnats_static.a)
  [ -n "$archive" ] || fail 70 "nats.c: the package libnats-dev no longer has a static library"
  adapt_to_libc "$archive"
  prove_nats_c nats-c.unpacked/usr/include "$archive"
  install_nats_c nats-c.unpacked/usr/include "$archive"
}

# The archive may be built with a newer glibc, whose headers map scanf and strtol to C23 names that an
# older one lacks. These are renamed to what this system's headers would have used; the only difference
# is that the C23 functions also accept 0b101.
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
  fail 70 "nats.c: the library of Debian $DEBIAN_SUITE needs $1, which this libc lacks"
}

# Every symbol of the archive must link, whether natsq uses it or not, and a program must run.
prove_nats_c() { # INCLUDE-DIRECTORY ARCHIVE
  echo 'int main(void) { return 0; }' >whole.c
  # shellcheck disable=SC2046
  logged nats-c "$DEPS/bin/cc" -o whole whole.c -Wl,--whole-archive "$2" -Wl,--no-whole-archive $(static_needs) ||
    fail 70 "nats.c: the library of Debian $DEBIAN_SUITE does not link on this system; build nats.c >= $NATS_C_LEAST from source"
  run_nats_c_probe "-I$1" "$2" >/dev/null || {
    # shellcheck disable=SC2034 # for fail
    LOG=$WORK/nats-c-probe.log
    fail 70 "nats.c: a small program that uses it does not run on this system; build nats.c >= $NATS_C_LEAST from source"
  }
}

# The library last: if this is interrupted, the next run finds no library and starts again.
install_nats_c() { # INCLUDE-DIRECTORY ARCHIVE
  mkdir -p "$DEPS/lib"
  rm -rf "$DEPS/lib/libnats_static.a" "$DEPS/include"
  mv "$1" "$DEPS/include"
  mv "$2" "$DEPS/lib/libnats_static.a"
}
