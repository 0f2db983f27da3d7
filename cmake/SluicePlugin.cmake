# How a plugin of Sluice is built, in its own tree and elsewhere (installed beside SluiceConfig.cmake).
#
#     find_package(Sluice REQUIRED)
#     sluice_add_plugin(NAME SOURCE...)
#
# makes the library NAME.so, which shows nothing but `sluice_plugin` to others. NAME is a target as
# any other: link what your broker needs. The file belongs where SLUICE_PLUGIN_PATH or --plugins
# points to, or into lib/sluice/plugins of Sluice's own folder.
function(sluice_add_plugin name)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE Sluice::plugin)
    set_target_properties(${name} PROPERTIES
        PREFIX "" SUFFIX .so
        CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()
