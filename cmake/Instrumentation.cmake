# natsq_instrumentation: sanitizers and coverage, for the presets that ask for them.

add_library(natsq_instrumentation INTERFACE)

if(NATSQ_SANITIZE)
  target_compile_options(natsq_instrumentation INTERFACE
    -fsanitize=${NATSQ_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(natsq_instrumentation INTERFACE -fsanitize=${NATSQ_SANITIZE})
endif()

if(NATSQ_FUZZ)
  target_compile_options(natsq_instrumentation INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(natsq_instrumentation INTERFACE -fsanitize=fuzzer-no-link)
endif()

# gcov intercepts execve, but only the built-in. In the child of a vfork it would write the counts and
# then, because the child shares the parent's memory, never write them in the parent.
if(NATSQ_COVERAGE)
  target_compile_definitions(natsq_instrumentation INTERFACE NATSQ_COVERAGE)
  target_compile_options(natsq_instrumentation INTERFACE
    --coverage -fprofile-abs-path -fprofile-update=atomic -fno-builtin-execve)
  target_link_options(natsq_instrumentation INTERFACE --coverage)
endif()
