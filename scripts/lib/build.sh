# shellcheck shell=bash disable=SC2154 # root is the calling script's
# Builds with the tools that scripts/setup chose.

PATH=$root/.deps/bin:$PATH

chosen_compiler() { readlink "$root/.deps/bin/$1" || echo "$root/.deps/bin/$1"; }

# The compiler that a build folder was made with, or nothing.
compiler_of() { sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$1/CMakeCache.txt" 2>/dev/null; }

# configure PRESET [-DNAME=VALUE]… CMake cannot change the compiler of a build folder: then it begins afresh.
configure() {
  local compiler=cc before fresh=()
  [[ $1 != fuzz ]] || compiler=clang
  before=$(compiler_of "$root/build/$1") || true
  if [[ -n $before && $before != "$(chosen_compiler "$compiler")" && " $* " != *' -DCMAKE_C_COMPILER='* ]]; then
    fresh=(--fresh)
  fi
  (cd "$root" && unset CC && cmake "${fresh[@]}" --preset "$@")
}

build() { # PRESET [ARG…]
  (cd "$root" && cmake --build --preset "$@")
}
