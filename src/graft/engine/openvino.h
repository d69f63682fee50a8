// What the sources that talk to OpenVINO share.
#pragma once

#include <openvino/runtime/core.hpp>

#include <exception>
#include <string>

namespace graft::engine {

/// One OpenVINO core per process: loading its CPU plugin costs 0.1 s.
ov::Core& core();

/// OpenVINO's messages carry its source paths on lines of their own; the last line says what happened.
std::string reason(const std::exception& e);

}  // namespace graft::engine
