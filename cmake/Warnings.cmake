# natsq_warnings: the warning flags. One that the compiler does not know is left out.

include(CheckCCompilerFlag)
add_library(natsq_warnings INTERFACE)

function(natsq_warn flag)
  string(MAKE_C_IDENTIFIER "NATSQ_KNOWS${flag}" known)
  check_c_compiler_flag(${flag} ${known})
  if(${known})
    target_compile_options(natsq_warnings INTERFACE ${flag})
  endif()
endfunction()

set(CMAKE_REQUIRED_QUIET ON)
foreach(flag
    -Wall
    -Wextra
    -Walloca
    -Wbidi-chars=any
    -Wcast-align=strict
    -Wconversion
    -Wduplicated-branches
    -Wduplicated-cond
    -Wfloat-equal
    -Wformat=2
    -Wformat-overflow=2
    -Wformat-signedness
    -Wimplicit-fallthrough
    -Wlogical-op
    -Wmissing-declarations
    -Wmissing-include-dirs
    -Wmissing-prototypes
    -Wnull-dereference
    -Wold-style-definition
    -Wpointer-arith
    -Wredundant-decls
    -Wshadow
    -Wstrict-prototypes
    -Wtrampolines
    -Wundef
    -Wunused-macros
    -Wvla
    -Wwrite-strings)
  natsq_warn(${flag})
endforeach()
if(CMAKE_C_COMPILER_ID STREQUAL "GNU") # clang also warns about the macros of protobuf-c
  natsq_warn(-Wcast-qual)
endif()
unset(CMAKE_REQUIRED_QUIET)

if(NATSQ_WERROR)
  target_compile_options(natsq_warnings INTERFACE -Werror)
endif()
