# A layer is src/graft/NAME, the target graft_NAME, outside of this project graft::NAME. SEES names the layers it may use (checked again in the
# sources by tools/check_layers). ROOMS names its folders, where it has some, in their order: a file includes files of its own room and of those named
# before it. What lies outside of all rooms comes last, or where a dot stands; that is checked by tools/check_layers alone.
function(graft_layer name)
  cmake_parse_arguments(L "" "" "SOURCES;ROOMS;SEES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(graft_${name} STATIC ${L_SOURCES})
  add_library(graft::${name} ALIAS graft_${name})
  target_include_directories(graft_${name} PUBLIC ${graft_SOURCE_DIR}/src)
  target_compile_features(graft_${name} PUBLIC cxx_std_20)  # of the headers, for whoever links it
  list(TRANSFORM L_SEES PREPEND graft_)
  target_link_libraries(graft_${name} PUBLIC ${L_SEES} ${L_LINKS} PRIVATE graft_warnings ${L_PRIVATE_LINKS})
  graft_together(graft_${name})
endfunction()

# Compiles the sources of a target a few at a time, as one: they instantiate the same templates, which is most of the work. So names in their
# anonymous namespaces must differ within a layer; where that does not suit (the families of `models`), the layer is set back to one by one.
function(graft_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${GRAFT_UNITY} UNITY_BUILD_BATCH_SIZE 7)
endfunction()

# A layer without loops over pixels or weights: -O1 compiles it in less time, and it runs as fast.
function(graft_quick_to_compile target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# Compiles one source of a layer for an instruction set; the source is written once per set and chosen at run time.
function(graft_isa source flags)
  set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${flags}" SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# A program that opens OpenVINO, with the sanitizers of the presets asan and tsan.
function(graft_sanitized program)
  if(GRAFT_SANITIZED)
    target_sources(${program} PRIVATE ${graft_SOURCE_DIR}/tests/sanitized_dlopen.cpp)
    target_link_options(${program} PRIVATE -Wl,--export-dynamic-symbol=dlopen)
  endif()
endfunction()

# tests/NAME/CMakeLists.txt: one executable per layer, which the target `tests` builds; every TEST becomes a ctest entry.
function(graft_test name)
  cmake_parse_arguments(T "" "" "SOURCES;SEES;LINKS" ${ARGN})
  add_executable(test_${name} ${T_SOURCES})
  add_dependencies(tests test_${name})
  graft_sanitized(test_${name})
  list(TRANSFORM T_SEES PREPEND graft_)
  target_include_directories(test_${name} PRIVATE ${graft_SOURCE_DIR}/tests)
  target_link_libraries(test_${name} PRIVATE ${T_SEES} ${T_LINKS} graft_warnings GTest::gtest_main rapidcheck)
  target_compile_definitions(test_${name} PRIVATE GRAFT_TESTS="${graft_SOURCE_DIR}/tests" GRAFT_DEPS="${GRAFT_DEPS}")
  # Most of the work on a test is GoogleTest's templates, which need no optimiser; the layers keep theirs.
  target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  # Two tests at a time share the cores: threads of libtorch that spin while they wait would cost each other most of the time.
  set(properties ENVIRONMENT OMP_WAIT_POLICY=passive)
  # Each test is a process of its own, but for those of a suite that prepares something once for all of them, in its file or in a header of tests/NAME.
  set(whole "")
  foreach(source ${T_SOURCES})
    file(STRINGS ${source} headers REGEX "^#include \"${name}/.*\\.h\"")
    list(TRANSFORM headers REPLACE "^#include \"(.*)\".*" "${graft_SOURCE_DIR}/tests/\\1")
    foreach(file ${source} ${headers})
      file(STRINGS ${file} prepares REGEX "void SetUpTestSuite\\(")
      if(prepares)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
        file(STRINGS ${source} suites REGEX "^TEST_F\\(")
        list(TRANSFORM suites REPLACE "^TEST_F\\(([A-Za-z0-9]+),.*" "\\1")
        list(APPEND whole ${suites})
      endif()
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES whole)
  foreach(suite ${whole})
    add_test(NAME ${name}.${suite} COMMAND test_${name} --gtest_filter=${suite}.*)
    set_tests_properties(${name}.${suite} PROPERTIES ${properties})
  endforeach()
  list(TRANSFORM whole APPEND ".*")
  list(JOIN whole ":" whole)
  gtest_discover_tests(test_${name} TEST_PREFIX ${name}. TEST_FILTER "-${whole}" DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()
