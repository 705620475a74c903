# Installs the sdk, builds a third party's plugin against it, installs that stripped, and checks the manifest's hash.
# Wants: BUILD_DIR, SOURCE_DIR (tests/plugins), WORK_DIR, GENERATOR; PROGRAM (tflower) and PYTHON, to run a model with the plugin, too.
set(prefix ${WORK_DIR}/prefix)
set(build ${WORK_DIR}/build)
file(REMOVE_RECURSE ${WORK_DIR})
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY COMMAND_ECHO STDOUT)
endfunction()
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix} --component sdk)
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/out_of_tree -B ${build} -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Release
  -DCMAKE_PREFIX_PATH=${prefix} -DGOOD_C=${SOURCE_DIR}/src/good.c)
run(${CMAKE_COMMAND} --build ${build})
run(${CMAKE_COMMAND} --install ${build} --prefix ${prefix} --strip)

# What is shipped for recurrent cells needs no more than that, either.
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/../../rnn_adapters -B ${build}_rnn -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${build}_rnn)

file(GLOB_RECURSE manifests ${prefix}/*/com.acme.audio.tflower.json)
list(LENGTH manifests count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "installed manifests: '${manifests}'")
endif()
cmake_path(GET manifests PARENT_PATH folder)
file(READ ${manifests} manifest)
string(JSON library GET "${manifest}" platforms 0 library)
string(JSON wanted GET "${manifest}" platforms 0 sha256)
string(JSON op GET "${manifest}" provides lowerings 0 op)
string(JSON version GET "${manifest}" version)
file(SHA256 ${folder}/${library} real)
if(NOT real STREQUAL wanted OR NOT op STREQUAL AcmeOp OR NOT version STREQUAL 1.2.3)
  message(FATAL_ERROR "manifest does not fit: ${manifest}")
endif()

if(PROGRAM)
  file(GLOB_RECURSE scale ${prefix}/*/com.acme.scale.tflower.json)
  run(${PYTHON} ${SOURCE_DIR}/out_of_tree_run.py ${PROGRAM} ${scale} ${WORK_DIR}/run)
endif()
