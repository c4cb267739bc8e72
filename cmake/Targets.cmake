# The functions that the CMakeLists.txt of the folders call.

# The flags of every target.
add_library(natsq_flags INTERFACE)
target_compile_definitions(natsq_flags INTERFACE _GNU_SOURCE)
target_link_libraries(natsq_flags INTERFACE natsq_warnings natsq_hardening natsq_instrumentation)

# The headers of natsq are found by #include "…" only: handler/spawn.h must not replace <spawn.h>.
function(natsq_quoted_includes target scope directory)
  target_compile_options(${target} ${scope} "SHELL:-iquote ${directory}")
endfunction()

# Configure fails if a file in this folder matches <pattern> but is not among the other arguments.
function(natsq_require_listed pattern)
  file(GLOB found RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${pattern})
  list(REMOVE_ITEM found ${ARGN})
  if(found)
    list(JOIN found ", " names)
    message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR}/CMakeLists.txt does not list ${names}")
  endif()
endfunction()

# A program <build>/bin/NAME, installed as natsq-NAME. Its sources except main.c become the library
# natsq_NAME, so that unit tests can link them.
function(natsq_program name)
  natsq_require_listed("*.c;*/*.c" ${ARGN})
  set(parts ${ARGN})
  list(REMOVE_ITEM parts main.c)
  add_executable(${name} main.c)
  target_link_libraries(${name} PRIVATE natsq_common)
  if(parts)
    add_library(natsq_${name} STATIC ${parts})
    natsq_quoted_includes(natsq_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(natsq_${name} PUBLIC natsq_common)
    target_link_libraries(${name} PRIVATE natsq_${name})
  endif()
  install(PROGRAMS $<TARGET_FILE:${name}> DESTINATION ${CMAKE_INSTALL_BINDIR} RENAME natsq-${name})
endfunction()
