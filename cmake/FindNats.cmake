# nats.c, the NATS client library: the copy that scripts/setup keeps in .deps, else the system's.
#
# Defines Nats::nats. OpenSSL, Threads and the pkg-config modules SODIUM and PROTOBUF_C must have
# been found before: the static library of .deps does not say what it needs.

set(NATS_LEAST_VERSION 3.13)
set(NATS_LEAST_NUMBER 0x030D00)

find_path(NATS_PRIVATE_INCLUDE_DIR nats/nats.h
  PATHS ${PROJECT_SOURCE_DIR}/.deps/include NO_DEFAULT_PATH)
find_library(NATS_PRIVATE_LIBRARY libnats_static.a
  PATHS ${PROJECT_SOURCE_DIR}/.deps/lib NO_DEFAULT_PATH)
mark_as_advanced(NATS_PRIVATE_INCLUDE_DIR NATS_PRIVATE_LIBRARY)

function(nats_use_private_copy)
  add_library(Nats::nats STATIC IMPORTED GLOBAL)
  set_target_properties(Nats::nats PROPERTIES
    IMPORTED_LOCATION ${NATS_PRIVATE_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${NATS_PRIVATE_INCLUDE_DIR})
  target_link_libraries(Nats::nats INTERFACE
    OpenSSL::SSL OpenSSL::Crypto PkgConfig::SODIUM PkgConfig::PROTOBUF_C Threads::Threads)
endfunction()

if(NATS_PRIVATE_INCLUDE_DIR AND NATS_PRIVATE_LIBRARY)
  nats_use_private_copy()
  set(nats_include_dirs ${NATS_PRIVATE_INCLUDE_DIR})
  set(nats_place ${NATS_PRIVATE_LIBRARY})
else()
  pkg_check_modules(NATS_SYSTEM QUIET IMPORTED_TARGET GLOBAL libnats)
  if(NATS_SYSTEM_FOUND)
    add_library(Nats::nats ALIAS PkgConfig::NATS_SYSTEM)
    set(nats_include_dirs ${NATS_SYSTEM_INCLUDE_DIRS})
    set(nats_place "the system's libnats ${NATS_SYSTEM_VERSION}")
  endif()
endif()

# pkg-config's version is not asked: the headers that are compiled against decide.
function(nats_check_version)
  string(CONCAT source
    "#include <nats/nats.h>\n"
    "#if NATS_VERSION_NUMBER < ${NATS_LEAST_NUMBER}\n#error too old\n#endif\n"
    "int nats_is_new_enough;\n")
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  try_compile(new_enough
    SOURCE_FROM_CONTENT nats_version.c "${source}"
    CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${nats_include_dirs}"
    NO_CACHE)
  set(nats_is_new_enough ${new_enough} PARENT_SCOPE)
endfunction()

if(TARGET Nats::nats)
  nats_check_version()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Nats
  REQUIRED_VARS nats_place nats_is_new_enough
  REASON_FAILURE_MESSAGE
  "nats.c ${NATS_LEAST_VERSION} or later is needed. Run scripts/setup, which puts it into .deps, or install it for pkg-config (libnats).")
