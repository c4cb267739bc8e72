# shellcheck shell=sh
# What natsq needs, and whether it is there: nothing here changes the system or asks the network.

NATS_C_LEAST=3.13
NATS_SERVER_LEAST=2.12
NATSCLI_LEAST=0.4
CMAKE_LEAST=3.25
PYTHON_LEAST=3.11

# kind, what is looked for, the Debian packages that provide it
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
have_library() { [ -z "$(libraries_without "$(chosen pkg-config)" "$1")" ]; }
have_file() { [ -s "$1" ]; }

missing_packages() { # the packages that bring what is missing, one a line
  echo "$NEEDS" | while read -r kind what packages; do
    [ -z "$kind" ] || "have_$kind" "$what" || echo "$packages"
  done | tr ' ' '\n' | sort -u
}

nothing_missing() {
  [ -z "$(missing_packages)" ] && have_nats_c && have_nats_server && have_natscli
}

at_least() { # HAVE LEAST: versions; is HAVE (with whatever behind its numbers) not below LEAST?
  lowest=$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)
  [ "$lowest" = "$2" ]
}

# ---------------------------------------------------------------- nats.c

have_nats_c() { nats_c_version >/dev/null; }

# The version, printed by a program that was compiled, linked and run: nothing less says that it works here.
nats_c_version() {
  if [ -f "$DEPS/lib/libnats_static.a" ]; then
    run_nats_c_probe "-I$DEPS/include" "$DEPS/lib/libnats_static.a" && return 0
  fi
  pkg-config --atleast-version="$NATS_C_LEAST" libnats 2>/dev/null &&
    run_nats_c_probe "$(pkg-config --cflags --libs libnats)"
}

run_nats_c_probe() { # FLAG...: how to compile and link with it
  cat >nats-c-probe.c <<'END'
#include <nats/nats.h>
#include <stdio.h>

#if NATS_VERSION_NUMBER < 0x030D00
#error "nats.c is older than 3.13"
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
  cc -o nats-c-probe nats-c-probe.c $* $(static_needs) >nats-c-probe.log 2>&1 &&
    ./nats-c-probe 2>>nats-c-probe.log
}

static_needs() { # what the static library must be linked with
  pkg-config --libs openssl libsodium libprotobuf-c 2>/dev/null
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

# A program of the system that is new enough is linked to, so that scripts find both in .deps/bin.
use_the_systems_programs() {
  have_nats_server || link_from_system "$NATS_SERVER_LEAST" nats-server
  have_natscli || link_from_system "$NATSCLI_LEAST" nats
}

link_from_system() { # LEAST NAME
  for place in $(system_places "$2"); do
    [ -n "$(new_enough "$1" "$place")" ] || continue
    mkdir -p "$DEPS/bin"
    ln -s "$place" "$2.link"
    mv -f "$2.link" "$DEPS/bin/$2"
    say "$2: linked to the system's, $place"
    return 0
  done
}

system_places() { # NAME: where else it may be
  command -v "$1" || :
  printf '%s\n' "/usr/local/bin/$1" "/usr/local/sbin/$1" "/usr/bin/$1" "/usr/sbin/$1"
}

# ---------------------------------------------------------------- the list

list_needs() {
  say "what is needed, and where it is looked for:"
  echo "$NEEDS" | while read -r kind what packages; do
    [ -z "$kind" ] || list_need "$(where_is "$kind")" "$what" "have_$kind" "$what"
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
  if "$@" >/dev/null; then need_state=there; fi
  printf '  %-7s  %-34s  %s\n' "$need_state" "$need_what" "$need_where" >&3
}

where_is() { # KIND
  case $1 in
    compiler | tool) echo 'the PATH' ;;
    library) echo 'pkg-config' ;;
    module) echo 'python3' ;;
    file) echo 'as named' ;;
  esac
}
