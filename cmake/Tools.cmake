# Makes CMake use the tools that scripts/setup chose and checked. Included before project().

set(NATSQ_TOOLS ${CMAKE_CURRENT_SOURCE_DIR}/.deps/bin)

# FORCE: scripts/setup decides, not the cache.
function(natsq_use_tool name variable)
  if(EXISTS ${NATSQ_TOOLS}/${name})
    set(${variable} ${NATSQ_TOOLS}/${name} CACHE FILEPATH "Chosen by scripts/setup" FORCE)
  endif()
endfunction()

# CMake cannot change the compiler of a build folder; scripts/test creates the folder again. The link is resolved,
# because compilers, ccache and editors depend on the real path.
function(natsq_use_compiler name)
  set(compiler ${NATSQ_TOOLS}/${name})
  if(CMAKE_C_COMPILER)
    return()
  elseif(IS_SYMLINK ${compiler})
    file(READ_SYMLINK ${compiler} compiler)
  elseif(NOT EXISTS ${compiler})
    set(compiler ${name})
  endif()
  set(CMAKE_C_COMPILER ${compiler} CACHE FILEPATH "Chosen by scripts/setup")
endfunction()

if(CMAKE_GENERATOR MATCHES "Ninja")
  natsq_use_tool(ninja CMAKE_MAKE_PROGRAM)
endif()
natsq_use_tool(pkg-config PKG_CONFIG_EXECUTABLE)
natsq_use_tool(protoc-c PROTOC_C_EXECUTABLE)
natsq_use_tool(python3 Python3_EXECUTABLE)
if(NATSQ_FUZZ)
  natsq_use_compiler(clang)
elseif(NOT DEFINED ENV{CC})
  natsq_use_compiler(cc)
endif()
