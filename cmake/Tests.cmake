# The functions that tests/CMakeLists.txt calls to register tests.

find_package(Python3 REQUIRED COMPONENTS Interpreter)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

# Seconds that a test may take, by its label.
set(NATSQ_TIMEOUT_unit 30)
set(NATSQ_TIMEOUT_cli 60)
set(NATSQ_TIMEOUT_integration 120)
set(NATSQ_TIMEOUT_chaos 600)
set(NATSQ_SANITIZER_SLOWDOWN 3)

# A sanitizer's finding ends a program with 99, which no program of natsq uses.
set(NATSQ_TEST_ENVIRONMENT
  "ASAN_OPTIONS=halt_on_error=1:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:exitcode=99"
  "LSAN_OPTIONS=exitcode=99"
  "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99"
  "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:exitcode=99"
  "NATSQ_BIN=${PROJECT_BINARY_DIR}/bin"
  "NATSQ_ROOT=${PROJECT_SOURCE_DIR}"
  "NATSQ_DEPS_BIN=${PROJECT_SOURCE_DIR}/.deps/bin"
  "PYTHONPATH=${PROJECT_SOURCE_DIR}/tests"
  "PYTHONDONTWRITEBYTECODE=1"
  "PYTEST_ADDOPTS="
  "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1")

function(natsq_register name label file)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "TIMEOUT;RESOURCE_LOCK" "")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${NATSQ_TIMEOUT_${label}})
  endif()
  if(NATSQ_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${NATSQ_SANITIZER_SLOWDOWN}")
  endif()
  set_tests_properties(${name} PROPERTIES
    LABELS ${label}
    TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "${NATSQ_TEST_ENVIRONMENT}"
    ENVIRONMENT_MODIFICATION "PATH=path_list_prepend:${NATSQ_TOOLS}")
  if(arg_RESOURCE_LOCK)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK ${arg_RESOURCE_LOCK})
  endif()
  set_property(GLOBAL APPEND PROPERTY NATSQ_TEST_FILES ${file})
endfunction()

# <folder>/<name>.c, linked with common/ and the sources of <program>, if one is given.
function(natsq_test_program folder name program)
  add_executable(${name} ${folder}/${name}.c)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${folder})
  target_link_libraries(${name} PRIVATE natsq_common)
  if(program)
    target_link_libraries(${name} PRIVATE natsq_${program})
  endif()
endfunction()

# natsq_unit_test(<noun> [OF <program>] [TIMEOUT <s>]): unit/test_<noun>.c, a cmocka program.
function(natsq_unit_test noun)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OF" "")
  natsq_test_program(unit test_${noun} "${arg_OF}")
  target_link_libraries(test_${noun} PRIVATE PkgConfig::CMOCKA)
  add_test(NAME unit/${noun} COMMAND test_${noun})
  natsq_register(unit/${noun} unit unit/test_${noun}.c ${arg_UNPARSED_ARGUMENTS})
endfunction()

# natsq_fuzzer(<noun> [OF <program>]): fuzz/fuzz_<noun>.c with its corpus in fuzz/corpus/<noun>. With
# NATSQ_FUZZ it is a libFuzzer program (clang); otherwise driver.c runs the corpus and mutations of it.
function(natsq_fuzzer noun)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OF" "")
  natsq_test_program(fuzz fuzz_${noun} "${arg_OF}")
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${noun})
  if(NATSQ_FUZZ)
    target_link_options(fuzz_${noun} PRIVATE -fsanitize=fuzzer)
    add_test(NAME unit/fuzz_${noun} COMMAND fuzz_${noun} -runs=0 ${corpus})
  else()
    target_sources(fuzz_${noun} PRIVATE fuzz/driver.c)
    add_test(NAME unit/fuzz_${noun} COMMAND fuzz_${noun} ${corpus} 2000)
  endif()
  natsq_register(unit/fuzz_${noun} unit fuzz/fuzz_${noun}.c)
endfunction()

# natsq_nats_fault_test(<fault> [<link option>…]): nats/<fault>.c, run with nats.c as it is published,
# which must have the fault in exactly the versions of cmake/NatsFixes.cmake, and with the correction,
# if that is linked.
function(natsq_nats_fault_test fault)
  natsq_nats_is_faulty(${fault} is_faulty)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/nats)
  add_executable(nats_${fault}_published nats/${fault}.c)
  target_link_libraries(nats_${fault}_published PRIVATE natsq_flags Nats::nats ${ARGN})
  add_test(NAME unit/nats_${fault}_published
    COMMAND nats_${fault}_published $<IF:$<BOOL:${is_faulty}>,faulty,sound>)
  natsq_register(unit/nats_${fault}_published unit nats/${fault}.c)
  if(is_faulty AND Nats_IS_STATIC)
    add_executable(nats_${fault}_corrected nats/${fault}.c)
    target_compile_definitions(nats_${fault}_corrected PRIVATE NATSQ_CORRECTED)
    target_link_libraries(nats_${fault}_corrected PRIVATE natsq_common ${ARGN})
    add_test(NAME unit/nats_${fault}_corrected COMMAND nats_${fault}_corrected sound)
    natsq_register(unit/nats_${fault}_corrected unit nats/${fault}.c)
  endif()
endfunction()

# natsq_python_test(<label> <name> [TIMEOUT <s>] [RESOURCE_LOCK <lock>]): <label>/test_<name>.py,
# run by pytest, which fails if the file has no tests.
function(natsq_python_test label name)
  set(file ${label}/test_${name}.py)
  add_test(NAME ${label}/${name}
    COMMAND Python3::Interpreter -m pytest -q -rs -p no:cacheprovider
      ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  natsq_register(${label}/${name} ${label} ${file} ${ARGN})
  set_tests_properties(${label}/${name} PROPERTIES SKIP_REGULAR_EXPRESSION "\n[0-9]+ skipped in ") # if all are
endfunction()

# To be called last: fails if a test file is not registered.
function(natsq_require_tests_registered)
  get_property(files GLOBAL PROPERTY NATSQ_TEST_FILES)
  natsq_require_listed(unit/test_*.c ${files})
  natsq_require_listed(fuzz/fuzz_*.c ${files})
  natsq_require_listed(nats/*.c ${files})
  natsq_require_listed(*/test_*.py ${files})
endfunction()
