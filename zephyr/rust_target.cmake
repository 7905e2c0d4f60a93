# SPDX-License-Identifier: Apache-2.0
# Finds cargo, the Rust target of the board, and how its core library is to be had: built from the
# compiler's own source where that is installed, else ready made from rustup.

find_program(LWM2M_CARGO cargo REQUIRED)

if(NOT LWM2M_RUST_TARGET)
  if(CONFIG_ARCH_POSIX)
    # The board's own ABI: a bare-metal target would pass floating point arguments differently.
    if(CONFIG_64BIT)
      set(LWM2M_RUST_TARGET ${CMAKE_HOST_SYSTEM_PROCESSOR}-unknown-linux-gnu)
    else()
      set(LWM2M_RUST_TARGET i686-unknown-linux-gnu)
    endif()
  elseif(CONFIG_CPU_CORTEX_M0 OR CONFIG_CPU_CORTEX_M0PLUS)
    set(LWM2M_RUST_TARGET thumbv6m-none-eabi)
  elseif(CONFIG_CPU_CORTEX_M3)
    set(LWM2M_RUST_TARGET thumbv7m-none-eabi)
  elseif(CONFIG_CPU_CORTEX_M4 OR CONFIG_CPU_CORTEX_M7)
    set(LWM2M_RUST_TARGET thumbv7em-none-eabi)
  elseif(CONFIG_CPU_CORTEX_M23)
    set(LWM2M_RUST_TARGET thumbv8m.base-none-eabi)
  elseif(CONFIG_CPU_CORTEX_M33 OR CONFIG_CPU_CORTEX_M55)
    set(LWM2M_RUST_TARGET thumbv8m.main-none-eabi)
  elseif(CONFIG_RISCV AND NOT CONFIG_64BIT)
    set(LWM2M_RUST_TARGET riscv32im)
    if(CONFIG_RISCV_ISA_EXT_A)
      string(APPEND LWM2M_RUST_TARGET a)
    endif()
    if(CONFIG_RISCV_ISA_EXT_C)
      string(APPEND LWM2M_RUST_TARGET c)
    endif()
    string(APPEND LWM2M_RUST_TARGET -unknown-none-elf)
  else()
    message(FATAL_ERROR "lwm2m-rs: no Rust target is known for this board; set LWM2M_RUST_TARGET")
  endif()
  if(CONFIG_FP_HARDABI AND LWM2M_RUST_TARGET MATCHES "^thumbv(7em|8m.main)-none-eabi$")
    string(APPEND LWM2M_RUST_TARGET hf)
  endif()
endif()

set(LWM2M_RUST_ENVIRONMENT "")
set(LWM2M_RUST_ARGUMENTS "")
set(lwm2m_rustc rustc)
if(LWM2M_RUSTC)
  set(lwm2m_rustc ${LWM2M_RUSTC})
  list(APPEND LWM2M_RUST_ENVIRONMENT RUSTC=${LWM2M_RUSTC})
endif()
execute_process(
  COMMAND ${lwm2m_rustc} --print target-libdir --target ${LWM2M_RUST_TARGET}
  OUTPUT_VARIABLE lwm2m_libdir OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY
)
file(GLOB lwm2m_libcore ${lwm2m_libdir}/libcore-*.rlib)
execute_process(
  COMMAND ${lwm2m_rustc} --print sysroot
  OUTPUT_VARIABLE lwm2m_sysroot OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY
)
set(lwm2m_from_source FALSE)
if(EXISTS ${lwm2m_sysroot}/lib/rustlib/src/rust/library/core)
  set(lwm2m_from_source TRUE)
endif()
if(lwm2m_libcore AND (CONFIG_ARCH_POSIX OR LWM2M_RUST_READY_CORE))
  set(lwm2m_from_source FALSE)
endif()

set(LWM2M_RUST_TARGET_ARGUMENT ${LWM2M_RUST_TARGET})
if(lwm2m_from_source)
  set(lwm2m_bootstrap ${CMAKE_COMMAND} -E env RUSTC_BOOTSTRAP=1)
  list(APPEND LWM2M_RUST_ENVIRONMENT RUSTC_BOOTSTRAP=1)
  list(APPEND LWM2M_RUST_ARGUMENTS -Zbuild-std=core)
  # rustc's specifications of the Cortex-M targets want a frame pointer in every function, which takes
  # one of the eight registers that short instructions reach: five percent of the library. Zephyr's C
  # is compiled without, unless it is told otherwise. A specification that differs needs a core library
  # of its own.
  if(CONFIG_ARM AND (CONFIG_OMIT_FRAME_POINTER OR NOT CONFIG_OVERRIDE_FRAME_POINTER_DEFAULT))
    execute_process(
      COMMAND ${lwm2m_bootstrap} ${lwm2m_rustc} -Zunstable-options
        --print target-spec-json --target ${LWM2M_RUST_TARGET}
      OUTPUT_VARIABLE lwm2m_specification
      COMMAND_ERROR_IS_FATAL ANY
    )
    string(JSON lwm2m_specification SET "${lwm2m_specification}" frame-pointer "\"may-omit\"")
    # Addresses and constants that are computed ahead of a loop end up on the stack, and cost more
    # there than where they are used.
    string(JSON lwm2m_specification SET "${lwm2m_specification}" llvm-args
      "[\"-disable-machine-licm\", \"-split-spill-mode=size\"]")
    set(LWM2M_RUST_TARGET_ARGUMENT ${lwm2m_build}/${LWM2M_RUST_TARGET}.json)
    file(CONFIGURE OUTPUT ${LWM2M_RUST_TARGET_ARGUMENT} CONTENT "${lwm2m_specification}" @ONLY)
    # Cargo from 1.93 on wants to be told.
    execute_process(
      COMMAND ${lwm2m_bootstrap} ${LWM2M_CARGO} -Z help
      OUTPUT_VARIABLE lwm2m_cargo_flags
      COMMAND_ERROR_IS_FATAL ANY
    )
    if(lwm2m_cargo_flags MATCHES "json-target-spec")
      list(APPEND LWM2M_RUST_ARGUMENTS -Zjson-target-spec)
    endif()
  endif()
elseif(NOT lwm2m_libcore)
  message(FATAL_ERROR
    "lwm2m-rs: ${lwm2m_rustc} has neither a core library for ${LWM2M_RUST_TARGET} nor its source. "
    "Run `rustup target add ${LWM2M_RUST_TARGET}`, or install rust-src, or set LWM2M_RUSTC.")
endif()
message(STATUS "lwm2m-rs: liblwm2m.a for ${LWM2M_RUST_TARGET}")
