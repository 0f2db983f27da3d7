# The border of plugins as a target, and as a package for those who build theirs outside of this
# tree. Headers alone, so the package is good for every architecture.
include(CMakePackageConfigHelpers)
include(${CMAKE_CURRENT_LIST_DIR}/SluicePlugin.cmake)

add_library(sluice_plugin_border INTERFACE)
add_library(Sluice::plugin ALIAS sluice_plugin_border)
set_target_properties(sluice_plugin_border PROPERTIES EXPORT_NAME plugin)
target_include_directories(sluice_plugin_border INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/core/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(sluice_plugin_border INTERFACE cxx_std_20)
target_link_libraries(sluice_plugin_border INTERFACE Threads::Threads)

set(package_folder ${CMAKE_INSTALL_DATADIR}/cmake/Sluice)
configure_package_config_file(cmake/SluiceConfig.cmake.in
    ${PROJECT_BINARY_DIR}/package/SluiceConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/SluiceConfigVersion.cmake
    COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(TARGETS sluice_plugin_border EXPORT SluiceTargets)
install(EXPORT SluiceTargets NAMESPACE Sluice:: DESTINATION ${package_folder})
install(FILES
    ${PROJECT_BINARY_DIR}/package/SluiceConfig.cmake
    ${PROJECT_BINARY_DIR}/package/SluiceConfigVersion.cmake
    ${CMAKE_CURRENT_LIST_DIR}/SluicePlugin.cmake
    DESTINATION ${package_folder})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/core/include/sluice
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
