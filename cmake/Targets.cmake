# The functions with which the folders' CMakeLists.txt say what is built.

# What every target of the project is compiled with.
add_library(natsq_flags INTERFACE)
target_compile_definitions(natsq_flags INTERFACE _GNU_SOURCE)
target_link_libraries(natsq_flags INTERFACE natsq_warnings natsq_hardening natsq_instrumentation)

# Our headers are found by #include "…" alone: handler/spawn.h must not stand in for <spawn.h>.
function(natsq_quoted_includes target scope directory)
  target_compile_options(${target} ${scope} "SHELL:-iquote ${directory}")
endfunction()

# Configure fails when a file that PATTERN finds here is not in LISTED: nothing is left out unseen.
function(natsq_require_listed pattern)
  file(GLOB found RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${pattern})
  list(REMOVE_ITEM found ${ARGN})
  if(found)
    list(JOIN found ", " names)
    message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR}/CMakeLists.txt does not list ${names}")
  endif()
endfunction()

# A program in <build>/bin/NAME, installed as natsq-NAME. Its sources except main.c become the
# library natsq_NAME, so that unit tests reach them.
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
