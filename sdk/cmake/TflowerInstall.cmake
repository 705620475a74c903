# What gets installed besides the program and its plugins: headers, libraries and the CMake package. Not installed itself.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tflower)

install(TARGETS sdk crc32c tflite_schema registry linked_plugins runtime EXPORT tflower-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk)
install(DIRECTORY runtime/include/tflower DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk)
install(EXPORT tflower-targets NAMESPACE tflower:: DESTINATION ${package_dir} COMPONENT sdk)

configure_package_config_file(sdk/cmake/tflowerConfig.cmake.in ${PROJECT_BINARY_DIR}/tflowerConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tflowerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tflowerConfig.cmake ${PROJECT_BINARY_DIR}/tflowerConfigVersion.cmake sdk/cmake/TflowerPlugin.cmake
  DESTINATION ${package_dir} COMPONENT sdk)
