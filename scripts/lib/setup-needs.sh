# shellcheck shell=sh
# What natsq needs and what of it is missing. Nothing here changes the system or uses the network.

NATS_C_LEAST=3.14
NATS_SERVER_LEAST=2.12
NATSCLI_LEAST=0.4
CMAKE_LEAST=3.25
PYTHON_LEAST=3.11

# kind, name, the Debian packages that provide it
NEEDS='
tool     cc                                  gcc libc6-dev
tool     cmake                               cmake
tool     ctest                               cmake
tool     ninja                               ninja-build
tool     pkg-config                          pkgconf
tool     protoc-c                            protobuf-c-compiler
library  libprotobuf-c                       libprotobuf-c-dev
library  libsodium                           libsodium-dev
library  openssl                             libssl-dev
library  jansson                             libjansson-dev
library  cmocka                              libcmocka-dev
tool     readelf                             binutils
tool     objcopy                             binutils
tool     nm                                  binutils
tool     openssl                             openssl
tool     python3                             python3 python3-pytest
tool     shellcheck                          shellcheck
tool     clang-format                        clang-format
file     /etc/ssl/certs/ca-certificates.crt  ca-certificates
'
NEEDS_OF_fuzz='
tool     clang                               clang libclang-rt-dev
'
NEEDS_OF_coverage='
tool     gcovr                               gcovr
'

add_needs_of() { # PRESET
  case $1 in
    fuzz) NEEDS=$NEEDS$NEEDS_OF_fuzz ;;
    coverage) NEEDS=$NEEDS$NEEDS_OF_coverage ;;
  esac
}

have() { command -v "$1" >/dev/null 2>&1; }
have_tool() { [ -x "$DEPS/bin/$1" ]; }
have_library() { "$DEPS/bin/pkg-config" --exists "$1" 2>/dev/null; }
have_file() { [ -s "$1" ]; }

missing_packages() { # that provide what is missing, one a line
  echo "$NEEDS" | while read -r kind what packages; do
    [ -z "$kind" ] || "have_$kind" "$what" || echo "$packages"
  done | tr ' ' '\n' | sort -u
}

nothing_missing() {
  [ -z "$(missing_packages)" ] && have_nats_c && have_nats_server && have_natscli
}

# ---------------------------------------------------------------- tools
# The first program of each name on the PATH and in the system's folders that works is linked in .deps/bin, where CMake,
# scripts and tests look first, so that all use the same.

choose_tools() {
  for tool in $(needed tool); do
    choose_tool "$tool"
  done
}

needed() { # KIND: its names, in the order of NEEDS
  echo "$NEEDS" | awk -v kind="$1" '$1 == kind { print $2 }'
}

choose_tool() { # NAME
  places "$1" >"$1.places"
  choose_by serves "$1" && return 0
  [ "$1" = pkg-config ] && choose_by runs "$1" && return 0 # finds out which libraries are missing
  [ "$1" != cc ] || [ -z "${CC:-}" ] || fail 69 "CC=$CC cannot build a program that runs; set CC to another compiler, or unset it"
  rm -f "$DEPS/bin/$1"
}

choose_by() { # TEST NAME
  while IFS= read -r place; do
    if "$1" "$2" "$place" >/dev/null 2>&1 </dev/null; then
      link_tool "$2" "$place"
      return 0
    fi
  done <"$2.places"
  return 1
}

places() { # NAME: the paths of all programs of this name, one a line; for cc only $CC, if it is set
  if [ "$1" = cc ] && [ -n "${CC:-}" ]; then
    echo "$CC"
    return 0
  fi
  echo "$PATH:/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin" | tr ':' '\n' | while IFS= read -r folder; do
    # shellcheck disable=SC3013 # POSIX has -ef since 2024, and dash had it before
    [ "$folder" -ef "$DEPS/bin" ] || [ ! -f "$folder/$1" ] || [ ! -x "$folder/$1" ] || echo "$folder/$1"
  done
}

serves() { # NAME PLACE: whether it works for natsq
  case $1 in
    cc) compiles "$2" ;;
    clang) compiles "$2" -fsanitize=fuzzer-no-link,address,undefined ;;
    cmake | ctest) [ -n "$(new_enough "$CMAKE_LEAST" "$2")" ] ;;
    pkg-config) finds_libraries "$2" ;;
    protoc-c) generates "$2" ;;
    python3) runs_pytest "$2" ;;
    openssl) "$2" version ;;
    *) runs "$1" "$2" ;;
  esac
}

runs() { "$2" --version; } # NAME PLACE

compiles() { # COMPILER FLAG...
  compiler=$1
  shift
  echo 'int main(void) { return 0; }' >compiler-probe.c
  # shellcheck disable=SC2086 # CC may be several words
  $compiler "$@" -o compiler-probe compiler-probe.c && ./compiler-probe
}

finds_libraries() { # PKG-CONFIG
  for library in $(needed library); do
    "$1" --exists "$library" || return 1
  done
}

# The headers of the library refuse code from a newer protoc-c.
generates() { # PROTOC-C
  "$1" --proto_path="$ROOT/common" --c_out=. "$ROOT/common/job.proto" || return 1
  have_library libprotobuf-c || return 0
  # shellcheck disable=SC2046 # flags
  "$DEPS/bin/cc" -fsyntax-only $("$DEPS/bin/pkg-config" --cflags libprotobuf-c) job.pb-c.c
}

runs_pytest() { # PYTHON: with an empty PYTHONPATH, since the tests set their own
  PYTHONPATH='' "$1" -c "import pytest, sys; sys.exit(sys.version_info < tuple(map(int, '$PYTHON_LEAST'.split('.'))))"
}

# For Python a script instead of a link, since Python finds its venv by the path that it is called by. sys.executable is
# the interpreter even if PLACE is a version manager's script.
link_tool() { # NAME PLACE
  rm -f tool.new
  case $1=$2 in
    python3=*) write_caller "'$("$2" -c 'import sys; print(sys.executable)')'" ;;
    cc=*' '*) write_caller "$2" ;;
    *) ln -s "$(command -v "$2")" tool.new ;;
  esac
  same_tool tool.new "$DEPS/bin/$1" && return 0
  mkdir -p "$DEPS/bin"
  mv -f tool.new "$DEPS/bin/$1"
}

write_caller() { # COMMAND
  # shellcheck disable=SC2016 # $@ is the script's
  printf '#!/bin/sh\nexec %s "$@"\n' "$1" >tool.new
  chmod +x tool.new
}

same_tool() { # ONE OTHER
  [ "$(readlink "$1")" = "$(readlink "$2")" ] && cmp -s "$1" "$2"
}

# ---------------------------------------------------------------- versions

at_least() { # HAVE LEAST: whether version HAVE, which may have a suffix, is at least LEAST
  lowest=$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)
  [ "$lowest" = "$2" ]
}

# ---------------------------------------------------------------- nats.c

have_nats_c() { nats_c_version >/dev/null; }

# The version, printed by a program that is compiled, linked and run, which proves that the library works here.
nats_c_version() {
  if [ -f "$DEPS/lib/libnats_static.a" ]; then
    run_nats_c_probe "-I$DEPS/include" "$DEPS/lib/libnats_static.a" && return 0
  fi
  "$DEPS/bin/pkg-config" --atleast-version="$NATS_C_LEAST" libnats 2>/dev/null &&
    run_nats_c_probe "$("$DEPS/bin/pkg-config" --cflags --libs libnats)"
}

run_nats_c_probe() { # FLAG...: how to compile and link with it
  cat >nats-c-probe.c <<'END'
#include <nats/nats.h>
#include <stdio.h>

#if NATS_VERSION_NUMBER < 0x030E00
#error "nats.c is older than 3.14"
#endif

int main(void)
{
    natsOptions *options = NULL;
    jsFetchRequest request;

    if (!nats_CheckCompatibility() || natsOptions_Create(&options) != NATS_OK)
        return 1;
    if (natsOptions_SetSecure(options, true) != NATS_OK)
        return 2;
    if (jsFetchRequest_Init(&request) != NATS_OK)
        return 3;
    natsOptions_Destroy(options);
    puts(nats_GetVersion());
    nats_CloseAndWait(1000);
    return 0;
}
END
  # shellcheck disable=SC2046,SC2048,SC2086 # words of flags are meant to be split
  "$DEPS/bin/cc" -o nats-c-probe nats-c-probe.c $* $(static_needs) >nats-c-probe.log 2>&1 &&
    ./nats-c-probe 2>>nats-c-probe.log
}

static_needs() { # the libraries that the static library needs
  "$DEPS/bin/pkg-config" --libs openssl libsodium libprotobuf-c 2>/dev/null
  echo -pthread
}

# ---------------------------------------------------------------- nats-server and nats

have_nats_server() { [ -n "$(nats_server_version)" ]; }
have_natscli() { [ -n "$(natscli_version)" ]; }
nats_server_version() { new_enough "$NATS_SERVER_LEAST" "$DEPS/bin/nats-server"; }
natscli_version() { new_enough "$NATSCLI_LEAST" "$DEPS/bin/nats"; }

new_enough() { # LEAST PROGRAM: prints the version, or nothing
  version=$("$2" --version 2>/dev/null </dev/null | sed -n 's/^[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1)
  if at_least "$version" "$1"; then echo "$version"; fi
}

# Links the tools of the system in .deps/bin.
use_what_is_here() {
  choose_tools
  have_nats_server || link_from_system "$NATS_SERVER_LEAST" nats-server
  have_natscli || link_from_system "$NATSCLI_LEAST" nats
}

link_from_system() { # LEAST NAME
  places "$2" >"$2.places"
  while IFS= read -r place; do
    [ -n "$(new_enough "$1" "$place")" ] || continue
    link_tool "$2" "$place"
    say "$2: uses the system's, $place"
    return 0
  done <"$2.places"
}

# ---------------------------------------------------------------- the list

list_needs() {
  say "what is needed, and where setup looks for it:"
  echo "$NEEDS" | while read -r kind what packages; do
    [ -z "$kind" ] || list_need "$(where_is "$kind" "$what")" "$what" "have_$kind" "$what"
  done
  list_need ".deps/include and .deps/lib/libnats_static.a, else pkg-config libnats" \
    "nats.c >= $NATS_C_LEAST" have_nats_c
  list_need ".deps/bin, else the PATH, /usr/sbin, /usr/local/bin" "nats-server >= $NATS_SERVER_LEAST" have_nats_server
  list_need ".deps/bin, else the PATH, /usr/local/bin; github.com/nats-io/natscli" \
    "nats (natscli) >= $NATSCLI_LEAST" have_natscli
}

list_need() { # WHERE WHAT TEST...
  need_where=$1 need_what=$2 need_state=missing
  shift 2
  if "$@" >/dev/null; then need_state=found; fi
  printf '  %-7s  %-34s  %s\n' "$need_state" "$need_what" "$need_where" >&3
}

where_is() { # KIND WHAT
  case $1 in
    tool) chosen "$2" ;;
    library) echo 'pkg-config' ;;
    file) echo 'as named' ;;
  esac
}

chosen() { # TOOL: where it is, for the list
  if ! have_tool "$1"; then
    echo 'the PATH, /usr/local/bin, /usr/bin'
  else
    readlink "$DEPS/bin/$1" || sed -n 's/^exec \(.*\) "$@"$/\1/p' "$DEPS/bin/$1"
  fi
}
