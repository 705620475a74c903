# Installs everything, converts and runs the sample with the installed program, and builds a program of a user against the package.
# Wants: BUILD_DIR, SOURCE_DIR (tests/install), WORK_DIR, MODELS, PLUGINS (folder below the prefix), STATIC_PLUGINS, GENERATOR, CXX, SANITIZE.
set(prefix ${WORK_DIR}/prefix)
set(model ${WORK_DIR}/sample.tflite)
file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})
# Nothing but the installed tree may help.
set(ENV{HOME} ${WORK_DIR})
foreach(variable IN ITEMS TFLOWER_PLUGIN_PATH XDG_DATA_HOME XDG_DATA_DIRS)
  unset(ENV{${variable}})
endforeach()
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY COMMAND_ECHO STDOUT)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})
if(STATIC_PLUGINS AND EXISTS ${prefix}/${PLUGINS})
  message(FATAL_ERROR "${PLUGINS} was installed although the plugins are linked in")
elseif(NOT STATIC_PLUGINS AND NOT EXISTS ${prefix}/${PLUGINS})
  message(FATAL_ERROR "${PLUGINS} was not installed")
endif()
run(${prefix}/bin/tflower convert ${MODELS}/sample_mobilenet -o ${model})
run(${prefix}/bin/tflower run ${model} --inputs ${MODELS}/sample_input.npz --outputs ${WORK_DIR}/result.npz)

set(sanitize "")
if(SANITIZE)
  set(sanitize -fsanitize=${SANITIZE})
endif()
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/consumer -B ${WORK_DIR}/build -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_INSTALL_PREFIX=${prefix} -DCMAKE_CXX_FLAGS=${sanitize})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build --target install)
run(${prefix}/bin/consumer ${model})
