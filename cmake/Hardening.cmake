# natsq_hardening: the flags of the OpenSSF "Compiler Options Hardening Guide for C and C++".
#
# Each is probed first, because compilers and processors differ. -fhardened is not used: it implies a
# subset of these, which changes with the compiler.

include(CheckCCompilerFlag)
include(CheckLinkerFlag)
add_library(natsq_hardening INTERFACE)

function(natsq_harden_compiler flag)
  set(CMAKE_REQUIRED_FLAGS -Werror) # clang accepts another processor's flag, with a warning
  string(MAKE_C_IDENTIFIER "NATSQ_KNOWS${flag}" known)
  check_c_compiler_flag(${flag} ${known})
  if(${known})
    target_compile_options(natsq_hardening INTERFACE ${flag})
  endif()
endfunction()

function(natsq_harden_linker flag)
  string(MAKE_C_IDENTIFIER "NATSQ_LINKS${flag}" known)
  check_linker_flag(C ${flag} ${known})
  if(${known})
    target_link_options(natsq_hardening INTERFACE ${flag})
  endif()
endfunction()

# Fortification needs optimisation, and the sanitizers find more without it.
function(natsq_fortify)
  target_compile_options(natsq_hardening INTERFACE
    $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>)
endfunction()

function(natsq_harden)
  set(CMAKE_REQUIRED_QUIET ON)
  foreach(flag
      -fPIE
      -fstack-protector-strong
      -fstack-clash-protection
      -fcf-protection=full
      -mbranch-protection=standard
      -ftrivial-auto-var-init=zero
      -fzero-init-padding-bits=all
      -fstrict-flex-arrays=3
      -fno-delete-null-pointer-checks
      -fno-strict-aliasing
      -fexceptions)
    natsq_harden_compiler(${flag})
  endforeach()
  foreach(flag
      -pie
      -Wl,-z,relro
      -Wl,-z,now
      -Wl,-z,noexecstack
      -Wl,-z,nodlopen
      -Wl,--as-needed
      -Wl,--no-copy-dt-needed-entries)
    natsq_harden_linker(${flag})
  endforeach()
  if(NOT NATSQ_SANITIZE)
    natsq_harden_compiler(-fno-strict-overflow) # it hides overflows from the undefined behaviour sanitizer
    natsq_fortify()
  endif()
endfunction()

if(NATSQ_HARDENING)
  natsq_harden()
endif()
