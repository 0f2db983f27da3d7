# Headers that most files include, compiled once for each way to compile: saves a third of a full
# build. They hide a missing #include, so the debug preset builds without them.
# In code that comes from one gcc 12 warns of std::string's own copies; the sanitizers and the debug
# preset see true ones.
if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_compile_options(sluice_warnings INTERFACE
        -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
file(CONFIGURE OUTPUT precompiled.cpp CONTENT "int main() {}\n")

# NAME carries the headers for targets of its TYPE that define what the libraries LINKS define.
function(sluice_precompile name)
    cmake_parse_arguments(PRE "" "TYPE" "LINKS;HEADERS" ${ARGN})
    if(PRE_TYPE STREQUAL "EXECUTABLE")
        add_executable(${name} ${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp)
    else()
        add_library(${name} ${PRE_TYPE} ${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp)
    endif()
    target_link_libraries(${name} PRIVATE sluice_warnings ${PRE_LINKS})
    target_precompile_headers(${name} PRIVATE
        <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <cstring> <deque> <functional>
        <map> <memory> <mutex> <optional> <set> <span> <stdexcept> <string> <string_view> <thread>
        <unordered_map> <utility> <vector> ${PRE_HEADERS})
endfunction()

sluice_precompile(precompiled_core TYPE OBJECT LINKS Poco::Foundation)
sluice_precompile(precompiled_plugin TYPE OBJECT)
set_target_properties(precompiled_plugin PROPERTIES
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
if(SLUICE_TESTS)
    sluice_precompile(precompiled_test TYPE EXECUTABLE
        LINKS Poco::Foundation GTest::gmock HEADERS <gmock/gmock.h> <gtest/gtest.h>)
    sluice_precompile(precompiled_plugin_test TYPE EXECUTABLE
        LINKS GTest::gmock HEADERS <gmock/gmock.h> <gtest/gtest.h>)
    foreach(name precompiled_test precompiled_plugin_test)
        target_compile_options(${name} PRIVATE ${SLUICE_TEST_OPTIONS})
    endforeach()
endif()
