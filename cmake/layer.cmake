# A layer is src/graft/NAME, the target graft_NAME. SEES names the layers it may use (checked again in the sources by tools/check_layers).
function(graft_layer name)
  cmake_parse_arguments(L "" "" "SOURCES;SEES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(graft_${name} STATIC ${L_SOURCES})
  target_include_directories(graft_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM L_SEES PREPEND graft_)
  target_link_libraries(graft_${name} PUBLIC ${L_SEES} ${L_LINKS} PRIVATE graft_warnings ${L_PRIVATE_LINKS})
endfunction()

# Compiles one source of a layer for an instruction set; the source is written once per set and chosen at run time.
function(graft_isa source flags)
  set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${flags}")
endfunction()

# tests/NAME/CMakeLists.txt: one executable per layer; every TEST becomes a ctest entry.
function(graft_test name)
  cmake_parse_arguments(T "" "" "SOURCES;SEES;LINKS" ${ARGN})
  add_executable(test_${name} ${T_SOURCES})
  list(TRANSFORM T_SEES PREPEND graft_)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(test_${name} PRIVATE ${T_SEES} ${T_LINKS} graft_warnings GTest::gtest_main rapidcheck)
  target_compile_definitions(test_${name} PRIVATE GRAFT_TESTS="${PROJECT_SOURCE_DIR}/tests" GRAFT_DEPS="${GRAFT_DEPS}")
  # Two tests at a time share the cores: threads of libtorch that spin while they wait would cost each other most of the time.
  gtest_discover_tests(test_${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES ENVIRONMENT OMP_WAIT_POLICY=passive)
endfunction()
