# shellcheck shell=bash disable=SC2154 # the calling script sets root
# Builds with the tools that scripts/setup chose.

PATH=$root/.deps/bin:$PATH

chosen_compiler() { readlink "$root/.deps/bin/$1" || echo "$root/.deps/bin/$1"; }

# The compiler of a build folder, or nothing.
compiler_of() { sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$1/CMakeCache.txt" 2>/dev/null; }

# configure PRESET [-DNAME=VALUE]…: creates the folder again if the compiler differs, which CMake cannot change.
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
