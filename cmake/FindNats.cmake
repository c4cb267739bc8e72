# nats.c, the NATS client library: the copy that scripts/setup keeps in .deps, else the system's.
#
# Defines Nats::nats, Nats_VERSION (of the headers that are compiled against, not pkg-config's) and
# Nats_IS_STATIC. OpenSSL, Threads and the pkg-config modules SODIUM and PROTOBUF_C must be found first:
# the static library in .deps does not list its dependencies.

find_path(NATS_PRIVATE_INCLUDE_DIR nats/version.h
  PATHS ${PROJECT_SOURCE_DIR}/.deps/include NO_DEFAULT_PATH)
find_library(NATS_PRIVATE_LIBRARY libnats_static.a
  PATHS ${PROJECT_SOURCE_DIR}/.deps/lib NO_DEFAULT_PATH)
mark_as_advanced(NATS_PRIVATE_INCLUDE_DIR NATS_PRIVATE_LIBRARY)

if(NATS_PRIVATE_INCLUDE_DIR AND NATS_PRIVATE_LIBRARY)
  add_library(Nats::nats STATIC IMPORTED GLOBAL)
  set_target_properties(Nats::nats PROPERTIES
    IMPORTED_LOCATION ${NATS_PRIVATE_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${NATS_PRIVATE_INCLUDE_DIR})
  target_link_libraries(Nats::nats INTERFACE
    OpenSSL::SSL OpenSSL::Crypto PkgConfig::SODIUM PkgConfig::PROTOBUF_C Threads::Threads)
  set(NATS_INCLUDE_DIR ${NATS_PRIVATE_INCLUDE_DIR})
  set(NATS_LIBRARY ${NATS_PRIVATE_LIBRARY})
  set(Nats_IS_STATIC TRUE)
else()
  pkg_check_modules(NATS_SYSTEM QUIET IMPORTED_TARGET GLOBAL libnats)
  if(NATS_SYSTEM_FOUND)
    add_library(Nats::nats ALIAS PkgConfig::NATS_SYSTEM)
    find_path(NATS_INCLUDE_DIR nats/version.h HINTS ${NATS_SYSTEM_INCLUDE_DIRS})
    set(NATS_LIBRARY "the system's libnats")
  endif()
  set(Nats_IS_STATIC FALSE)
endif()

if(NATS_INCLUDE_DIR)
  file(STRINGS ${NATS_INCLUDE_DIR}/nats/version.h version REGEX "define NATS_VERSION_STRING ")
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" Nats_VERSION "${version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Nats
  REQUIRED_VARS NATS_LIBRARY NATS_INCLUDE_DIR
  VERSION_VAR Nats_VERSION
  REASON_FAILURE_MESSAGE
  "nats.c ${Nats_FIND_VERSION} or later is needed. Run scripts/setup, which puts it into .deps, or install it for pkg-config (libnats).")
