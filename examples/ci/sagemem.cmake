# SPDX-License-Identifier: Apache-2.0
#
# Tests that fail when a program leaks or takes too much memory, for CTest:
#
#   include(sagemem.cmake)
#   sagemem_add_test(NAME memory COMMAND sage ${CMAKE_SOURCE_DIR}/small.par
#                    RULES ${CMAKE_SOURCE_DIR}/sagemem.toml
#                    CHECK "peak.bytes < 512 MiB")
#
# COMMAND may begin with a target.  RULES and CHECK can be left out, not both;
# CHECK takes several.  Where sagemem is not installed there is a test that is
# skipped, so that nobody takes it for one that passed.

find_program(SAGEMEM_RUN sagemem-run)

function(sagemem_add_test)
  cmake_parse_arguments(
    ARG "" "NAME;WORKING_DIRECTORY" "COMMAND;RULES;CHECK" ${ARGN})
  if(NOT ARG_NAME OR NOT ARG_COMMAND)
    message(FATAL_ERROR "sagemem_add_test: NAME and COMMAND are needed")
  endif()
  if(NOT ARG_RULES AND NOT ARG_CHECK)
    message(FATAL_ERROR "sagemem_add_test: RULES or CHECK is needed")
  endif()
  if(NOT SAGEMEM_RUN)
    add_test(NAME ${ARG_NAME}
             COMMAND ${CMAKE_COMMAND} -E echo "sagemem is not installed")
    set_tests_properties(${ARG_NAME} PROPERTIES
                         SKIP_REGULAR_EXPRESSION "sagemem is not installed")
    return()
  endif()
  list(POP_FRONT ARG_COMMAND program)
  if(TARGET ${program})
    set(program $<TARGET_FILE:${program}>)
  endif()
  set(checks)
  foreach(one IN LISTS ARG_RULES ARG_CHECK)
    list(APPEND checks --check "${one}")
  endforeach()
  if(NOT ARG_WORKING_DIRECTORY)
    set(ARG_WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  add_test(
    NAME ${ARG_NAME}
    COMMAND ${SAGEMEM_RUN} --quiet --no-report
            -o ${CMAKE_CURRENT_BINARY_DIR}/${ARG_NAME}.%p.smt
            ${checks} -- ${program} ${ARG_COMMAND}
    WORKING_DIRECTORY ${ARG_WORKING_DIRECTORY})
  # Tells what is lost, and makes room for the built-in suppressions.
  set_tests_properties(${ARG_NAME} PROPERTIES
                       ENVIRONMENT "SAGEMEM_LEAK_SCAN=1")
endfunction()
