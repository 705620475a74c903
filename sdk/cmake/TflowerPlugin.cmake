# tflower_add_plugin: builds a tflower plugin. Installed with the package; usable by anyone after find_package(tflower).
#
#   tflower_add_plugin(<name>
#     ID <id>                  reverse domain name, as the library says in tflower_plugin_main: "com.acme.audio"
#     VERSION <version>        semantic version; the sources see it as TFLOWER_PLUGIN_VERSION (a string literal)
#     [MANIFEST <in.json>]     name, vendor, license, homepage; all else of the manifest is read from the library
#     [SOURCES <file>...]
#     [NAMESPACE <namespace> [OPS_DIR <folder>] [RULES_DIR <folder>] [KERNELS <family>...]]
#                              writes the entry, with the families family_<name> of the namespace: one for each *.cc of the folders,
#                              which are sources, too, and those named as kernels. Without it a source has TFLOWER_PLUGIN.
#     [INCLUDES <folder>...] [LIBS <target>...]
#     [OUTPUT_DIRECTORY <folder>]  where the plugin's folder is made in the build tree
#     [NO_INSTALL])
#
# Makes a module libtflower_<name>.so with the one exported symbol tflower_plugin_main, and its manifest <id>.tflower.json
# beside it, in <build>/<libdir>/tflower/plugins-1/<id>/ (where a program in <build>/bin looks), installed likewise.
#
# With TFLOWER_STATIC_PLUGINS=ON: a static library whose entry is called tflower_plugin_main_<name>. Inside tflower's own
# build it goes into the program's table of linked plugins; other programs pass it in RegistryOptions::static_plugins.
include_guard(GLOBAL)
include(GNUInstallDirs)

# The *.cc files of a folder, and their stems.
function(_tflower_plugin_families folder out_sources out_families)
  cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  list(SORT sources)
  set(families "")
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM stem)
    list(APPEND families ${stem})
  endforeach()
  set(${out_sources} ${sources} PARENT_SCOPE)
  set(${out_families} ${families} PARENT_SCOPE)
endfunction()

# Writes the entry of a plugin with these families, each list of one kind.
function(_tflower_plugin_entry output id version namespace ops rules kernels)
  set(text "// Entry of ${id}: its families, by name. Written by tflower_add_plugin.\n#include <tflower/plugin.h>\n\nnamespace ${namespace} {\n")
  set(members "")
  foreach(kind IN ITEMS Op Rule Kernel)
    string(TOLOWER ${kind}s list)
    if("${${list}}" STREQUAL "")
      continue()
    endif()
    list(TRANSFORM ${list} PREPEND "family_" OUTPUT_VARIABLE names)
    list(TRANSFORM names PREPEND "&" OUTPUT_VARIABLE pointers)
    list(JOIN names ", " names)
    list(JOIN pointers ", " pointers)
    string(APPEND text "extern const ::tflower::${kind}Family ${names};\nnamespace { constexpr const ::tflower::${kind}Family* k${kind}Families[] = {${pointers}}; }\n")
    list(APPEND members ".${list} = ${namespace}::k${kind}Families")
  endforeach()
  list(JOIN members ", " members)
  file(CONFIGURE OUTPUT ${output} CONTENT "${text}}  // namespace ${namespace}\n\nTFLOWER_PLUGIN(\"${id}\", \"${version}\", {${members}})\n" @ONLY)
endfunction()

# Exports one symbol only, binds everything at load time, and joins nothing with other libraries in the process.
function(_tflower_plugin_link_options name gen_dir)
  file(CONFIGURE OUTPUT ${gen_dir}/exports.map CONTENT "{ global: tflower_plugin_main; local: *; };\n" @ONLY)
  target_link_options(${name} PRIVATE -Wl,--version-script=${gen_dir}/exports.map -Wl,-z,now -Wl,-z,noexecstack)
  if(NOT TFLOWER_SANITIZE)  # a sanitizer's run-time symbols come from the program
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

# The manifest beside the library: after linking, and again for the installed file, which may have been stripped.
function(_tflower_plugin_manifest name id version input folder install)
  set(arguments --id ${id} --version ${version})
  if(input)
    cmake_path(ABSOLUTE_PATH input BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND arguments --input ${input})
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${input})
  endif()
  add_dependencies(${name} tflower::manifest_tool)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS $<TARGET_FILE:tflower::manifest_tool>)
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND tflower::manifest_tool --library $<TARGET_FILE:${name}> --output ${folder}/${id}.tflower.json ${arguments}
    COMMENT "Writing ${id}.tflower.json"
    VERBATIM)
  if(NOT install)
    return()
  endif()
  set(destination ${CMAKE_INSTALL_LIBDIR}/tflower/plugins-1/${id})
  install(TARGETS ${name} LIBRARY DESTINATION ${destination} COMPONENT runtime)
  string(REPLACE ";" "\" \"" arguments "\"${arguments}\"")
  install(CODE "
    cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX NORMALIZE OUTPUT_VARIABLE prefix)
    cmake_path(SET folder \"${destination}\")
    if(NOT IS_ABSOLUTE \"\${folder}\")
      set(folder \"\${prefix}/\${folder}\")
    endif()
    set(folder \"\$ENV{DESTDIR}\${folder}\")
    execute_process(COMMAND \"$<TARGET_FILE:tflower::manifest_tool>\" --library \"\${folder}/$<TARGET_FILE_NAME:${name}>\"
      --output \"\${folder}/${id}.tflower.json\" ${arguments} COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS \"Installing: \${folder}/${id}.tflower.json\")" COMPONENT runtime)
endfunction()

function(_tflower_plugin_static name)
  target_compile_definitions(${name} PRIVATE tflower_plugin_main=tflower_plugin_main_${name})
  if(TARGET linked_plugins)  # tflower's own build
    set_property(TARGET linked_plugins APPEND PROPERTY TFLOWER_PLUGINS ${name})
    target_link_libraries(linked_plugins PRIVATE ${name})
    install(TARGETS ${name} EXPORT tflower-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk)
  endif()
endfunction()

function(tflower_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "ID;VERSION;MANIFEST;NAMESPACE;OPS_DIR;RULES_DIR;OUTPUT_DIRECTORY" "KERNELS;SOURCES;LIBS;INCLUDES")
  foreach(required IN ITEMS ID VERSION)
    if(NOT arg_${required})
      message(FATAL_ERROR "tflower_add_plugin(${name}): ${required} is missing")
    endif()
  endforeach()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tflower_add_plugin(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()

  set(gen_dir ${CMAKE_CURRENT_BINARY_DIR}/${name}_plugin)
  if(NOT arg_NAMESPACE AND (arg_OPS_DIR OR arg_RULES_DIR OR arg_KERNELS))
    message(FATAL_ERROR "tflower_add_plugin(${name}): families need a NAMESPACE")
  endif()
  foreach(kind IN ITEMS ops rules)
    string(TOUPPER arg_${kind}_DIR folder)
    string(REPLACE "ARG_" "arg_" folder ${folder})
    if(${folder})
      _tflower_plugin_families(${${folder}} sources ${kind})
      list(APPEND arg_SOURCES ${sources})
    endif()
  endforeach()
  if(arg_NAMESPACE)
    _tflower_plugin_entry(${gen_dir}/entry.cc ${arg_ID} ${arg_VERSION} ${arg_NAMESPACE} "${ops}" "${rules}" "${arg_KERNELS}")
    list(APPEND arg_SOURCES ${gen_dir}/entry.cc)
  endif()
  set(kind MODULE)
  if(TFLOWER_STATIC_PLUGINS)
    set(kind STATIC)
  endif()
  add_library(${name} ${kind} ${arg_SOURCES})
  if(COMMAND tflower_compile_options)  # tflower's own build: warnings and sanitizers
    tflower_compile_options(${name})
  endif()
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_compile_definitions(${name} PRIVATE TFLOWER_PLUGIN_VERSION="${arg_VERSION}")
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_include_directories(${name} PRIVATE ${arg_INCLUDES})
  target_link_libraries(${name} PRIVATE tflower::sdk ${arg_LIBS})
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME tflower_${name} PREFIX lib
    POSITION_INDEPENDENT_CODE ON BUILD_WITH_INSTALL_RPATH ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)

  if(TFLOWER_STATIC_PLUGINS)
    _tflower_plugin_static(${name})
    return()
  endif()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}/tflower/plugins-1)
  endif()
  set(folder ${arg_OUTPUT_DIRECTORY}/${arg_ID})
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${folder})
  _tflower_plugin_link_options(${name} ${gen_dir})
  if(arg_NO_INSTALL)
    set(install OFF)
  else()
    set(install ON)
  endif()
  _tflower_plugin_manifest(${name} ${arg_ID} ${arg_VERSION} "${arg_MANIFEST}" ${folder} ${install})
endfunction()
