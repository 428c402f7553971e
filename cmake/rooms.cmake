# How every target of the project is built: warnings, sanitizers, and one function a kind of room. A room is a folder;
# its target links exactly the rooms that it may include (docs/development.md, "Rooms").

add_library(cs_options INTERFACE)
target_include_directories(cs_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(cs_options INTERFACE CS_VERSION="${PROJECT_VERSION}")
target_compile_options(cs_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                            -Wnon-virtual-dtor -Wold-style-cast -fno-omit-frame-pointer)
if(CS_WERROR)
  target_compile_options(cs_options INTERFACE -Werror)
endif()

if(CS_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address)
  add_link_options(-fsanitize=address,undefined)
  # Our own code also gets UBSan; generated code does not.
  target_compile_options(cs_options INTERFACE -fsanitize=undefined -fno-sanitize-recover=undefined)
elseif(CS_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()
if(CS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# What `make run`, `make bench`, `make microbench` and `make fuzz` build.
add_custom_target(programs)
add_custom_target(benches)
add_custom_target(microbenches)
add_custom_target(fuzzers)
include(GNUInstallDirs)

# cs_room(NAME SOURCES … ROOMS … LIBS …): a static library of one folder.
function(cs_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS;LIBS;PRIVATE_LIBS" ${ARGN})
  add_library(${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(${name} PUBLIC cs_options ${ROOM_ROOMS} ${ROOM_LIBS} PRIVATE ${ROOM_PRIVATE_LIBS})
endfunction()

# cs_program(NAME SOURCES … ROOMS … LIBS …): an installed binary. Services (cs-…) are not for a shell's PATH; what tests
# are helped by (cs-test-…) is not installed.
function(cs_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;ROOMS;LIBS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE cs_options ${PROGRAM_ROOMS} ${PROGRAM_LIBS})
  add_dependencies(programs ${name})
  if(name MATCHES "^cs-test-")
    return()
  elseif(name MATCHES "^cs-")
    install(TARGETS ${name} RUNTIME DESTINATION lib/connectsphere)
  else()
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endfunction()

# cs_test(NAME FOLDER ROOMS …): a Catch2 program of all .cpp files in tests/<FOLDER>, one ctest entry a program.
function(cs_test name folder)
  cmake_parse_arguments(TEST "" "TIMEOUT" "ROOMS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE cs_options ${TEST_ROOMS} ${TEST_LIBS} Catch2::Catch2WithMain)
  target_compile_definitions(${name} PRIVATE CS_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
                                             CS_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT})
endfunction()

# cs_fuzz(NAME ROOMS …): tests/fuzz/<NAME>.cpp with LLVMFuzzerTestOneInput. Without CS_FUZZ it is linked to a small
# main that replays the corpus, so that any compiler runs the regressions.
function(cs_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "ROOMS;LIBS" ${ARGN})
  add_executable(fuzz_${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/${name}.cpp)
  target_link_libraries(fuzz_${name} PRIVATE cs_options ${FUZZ_ROOMS} ${FUZZ_LIBS})
  add_dependencies(fuzzers fuzz_${name})
  if(CS_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 60)
  endif()
endfunction()

# cs_find_opencv(MODULE …): imported targets opencv::<module>. Debian's OpenCVConfig.cmake comes only with libopencv-dev,
# which brings every module and Qt; we install and find just the modules that we use.
function(cs_find_opencv)
  find_path(CS_OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
  foreach(module ${ARGN})
    find_library(CS_OPENCV_${module} opencv_${module} REQUIRED)
    add_library(opencv::${module} UNKNOWN IMPORTED)
    set_target_properties(opencv::${module} PROPERTIES IMPORTED_LOCATION ${CS_OPENCV_${module}}
                                                       INTERFACE_INCLUDE_DIRECTORIES ${CS_OPENCV_INCLUDE})
  endforeach()
endfunction()
