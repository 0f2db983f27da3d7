# Faster tools where the machine has them, our warnings, and the sanitizer of the preset.
find_program(SLUICE_CCACHE ccache)
if(SLUICE_CCACHE)
    # Without this slack ccache takes no file that begins with a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${SLUICE_CCACHE})
endif()
find_program(SLUICE_MOLD mold)
if(SLUICE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# Some packages ask for this and some do not: with one answer for all, precompiled headers fit all.
add_compile_definitions(_FILE_OFFSET_BITS=64)

# Every target of ours links this one: warnings are errors.
add_library(sluice_warnings INTERFACE)
target_compile_options(sluice_warnings INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Werror)

if(SLUICE_SANITIZE)
    # -O1: compiles in two thirds of the time, and stack traces lack less.
    add_compile_options(-O1 -fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${SLUICE_SANITIZE})
    if(SLUICE_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
endif()

# Files of this folder that work for every message and gain from -O3.
function(sluice_hot_sources)
    if(SLUICE_SANITIZE)
        return()
    endif()
    # A precompiled header must be compiled as its file is: gcc 12 crashes where it is not.
    set_source_files_properties(${ARGN} PROPERTIES
        COMPILE_OPTIONS "$<$<CONFIG:RelWithDebInfo>:-O3>" SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# One static library per folder of core; LINKS is the list of whom it may use.
function(sluice_library name)
    cmake_parse_arguments(LIB "" "" "SOURCES;LINKS" ${ARGN})
    add_library(sluice_${name} STATIC ${LIB_SOURCES})
    target_include_directories(sluice_${name} PUBLIC ${PROJECT_SOURCE_DIR}/core)
    target_link_libraries(sluice_${name} PUBLIC ${LIB_LINKS} PRIVATE sluice_warnings)
    target_precompile_headers(sluice_${name} REUSE_FROM precompiled_core)
endfunction()
