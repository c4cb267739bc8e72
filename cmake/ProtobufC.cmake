# natsq_protobuf_c(<target> <file.proto>): a library of the protobuf-c code that is generated from the
# file, in the build folder. Its headers are SYSTEM includes, so that they cause no warnings.

find_program(PROTOC_C_EXECUTABLE protoc-c REQUIRED)

function(natsq_protobuf_c target proto)
  cmake_path(GET proto STEM name)
  cmake_path(ABSOLUTE_PATH proto)
  cmake_path(GET proto PARENT_PATH folder)
  set(out ${PROJECT_BINARY_DIR}/generated/protobuf-c)
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/${name}.pb-c.c ${out}/${name}.pb-c.h
    COMMAND ${PROTOC_C_EXECUTABLE} --proto_path=${folder} --c_out=${out} ${proto}
    DEPENDS ${proto}
    VERBATIM)
  add_library(${target} STATIC ${out}/${name}.pb-c.c ${out}/${name}.pb-c.h)
  target_include_directories(${target} SYSTEM PUBLIC ${out})
  target_link_libraries(${target}
    PUBLIC PkgConfig::PROTOBUF_C
    PRIVATE natsq_hardening natsq_instrumentation)
endfunction()
