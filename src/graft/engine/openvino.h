// What the sources that talk to OpenVINO share.
#pragma once

#include <openvino/runtime/core.hpp>

#include <exception>
#include <string>
#include <string_view>

#include "graft/base/error.h"

namespace graft::engine {

/// One OpenVINO core per process: loading its CPU plugin costs 0.1 s.
ov::Core& core();

/// OpenVINO's messages carry its source paths on lines of their own; the last line says what happened.
std::string reason(const std::exception& e);

/// Why the model `name` does not run: a part of OpenVINO that is not there, with how to mend that; operators that OpenVINO does not have; else `fact`,
/// the reason and `hint`.
Error cannot_run(const std::string& name, std::string_view fact, const std::exception& e, std::string hint);

}  // namespace graft::engine
