# cmake --install build/release --prefix FOLDER: bin/graft, and lib/ with libgraft_train.so and every library that both need beyond the C library,
# so that FOLDER can be moved, or copied to another Linux on x86-64 with a C library as new as the builder's. Weights that set-up fetched are in
# share/graft/weights, where the program looks (weights/locate.cpp). Not taken along: libcurl, which only `graft weights get` opens,
# and the decoders of TIFF, GIF, HEIC, AVIF and JPEG 2000, which are opened when such a picture is met.
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
set(openvino_libraries "${GRAFT_DEPS}/openvino/openvino/libs")
set(installed graft graft_dicom_library)
if(TARGET graft_train_library)
  list(APPEND installed graft_train_library)
endif()
install(TARGETS ${installed}
  RUNTIME_DEPENDENCIES
    PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|dl|rt|pthread|resolv)\\.so"
    DIRECTORIES "${openvino_libraries}" "${GRAFT_DEPS}/torch/lib"
  RUNTIME DESTINATION bin
  LIBRARY DESTINATION lib)
# What OpenVINO opens by itself: the CPU, the readers of ONNX and of its own files, and the places of threads.
file(GLOB opened_later "${openvino_libraries}/libopenvino_intel_cpu_plugin.so" "${openvino_libraries}/libopenvino_onnx_frontend.so*"
  "${openvino_libraries}/libopenvino_ir_frontend.so*" "${openvino_libraries}/libtbb*.so*" "${openvino_libraries}/libhwloc.so*")
install(FILES ${opened_later} DESTINATION lib)
install(DIRECTORY "${GRAFT_DEPS}/weights/" DESTINATION share/graft/weights OPTIONAL)
install(FILES LICENSE THIRD_PARTY_NOTICES.md DESTINATION share/doc/graft)
