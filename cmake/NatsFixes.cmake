# Faults of nats.c that users would meet, and their corrections: a function that is linked in place of
# one of nats.c's (common/nats/nats_fix_*), for exactly the versions that were seen to have the fault.
# Any other version is linked unchanged. For each fault a test fails when a listed version
# does not have it, or another version does (tests/nats).

set(NATS_FAULTY_collector 3.14.0)
set(NATS_FAULTY_headers 3.14.0)
set(NATS_FAULTY_parser 3.14.0)

function(natsq_nats_is_faulty fault result)
  set(${result} FALSE PARENT_SCOPE)
  if(Nats_VERSION IN_LIST NATS_FAULTY_${fault})
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

# natsq_nats_fix(<target> <fault> <function of nats.c> <what it means that it is not corrected>)
function(natsq_nats_fix target fault function meaning)
  natsq_nats_is_faulty(${fault} is_faulty)
  if(NOT is_faulty)
    message(STATUS "nats.c ${Nats_VERSION} is not known to have the fault of nats_fix_${fault}")
  elseif(NOT Nats_IS_STATIC)
    message(WARNING "The system's nats.c ${Nats_VERSION} has a fault that cannot be corrected in a shared library: ${meaning}. scripts/setup puts a static library into .deps.")
  else()
    target_compile_definitions(${target} PRIVATE NATSQ_NATS_FIX_${fault})
    target_link_options(${target} PUBLIC
      -Wl,--wrap=${function} -Wl,--undefined=__wrap_${function})
  endif()
endfunction()
