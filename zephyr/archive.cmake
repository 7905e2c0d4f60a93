# SPDX-License-Identifier: Apache-2.0
# cmake -DAR=… -DOBJCOPY=… -DFROM=ARCHIVE -DTO=ARCHIVE -P archive.cmake
#
# Takes the library's own object out of cargo's archive. What else is in there are the compiler's
# routines (memcpy, 64-bit division, …), large ones made for speed: an image has its own, from libc
# and libgcc, and needs them once only.

get_filename_component(folder ${TO} DIRECTORY)
set(folder ${folder}/objects)
file(REMOVE_RECURSE ${folder} ${TO})
file(MAKE_DIRECTORY ${folder})

execute_process(COMMAND ${AR} t ${FROM} OUTPUT_VARIABLE members COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "lwm2m-[^\n]*" own "${members}")
execute_process(COMMAND ${AR} x ${FROM} ${own} WORKING_DIRECTORY ${folder}
  COMMAND_ERROR_IS_FATAL ANY)
# On bare metal no object says whether the stack is executable, and where one does, ld warns of all
# the others.
foreach(object IN LISTS own)
  execute_process(COMMAND ${OBJCOPY} --remove-section=.note.GNU-stack ${object}
    WORKING_DIRECTORY ${folder} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND ${AR} qcs ${TO} ${own} WORKING_DIRECTORY ${folder}
  COMMAND_ERROR_IS_FATAL ANY)
