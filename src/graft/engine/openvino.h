// What the sources that talk to OpenVINO share.
#pragma once

#include <openvino/runtime/core.hpp>

#include <exception>
#include <string>
#include <string_view>

#include "graft/base/error.h"
#include "graft/engine/engine.h"

namespace graft::engine {

/// One OpenVINO core per process: loading its CPU plugin costs 0.1 s.
ov::Core& core();

/// OpenVINO's messages carry its source paths on lines of their own; the last line says what happened.
std::string reason(const std::exception& e);

/// Why the model `name` does not run: a missing part of OpenVINO, and how to install it;
/// operators that OpenVINO does not support; otherwise `fact`, the reason and `hint`.
Error cannot_run(const std::string& name, std::string_view fact, const std::exception& e, std::string hint);

/// What this CPU cannot run (Error, data), before OpenVINO says "object is not initialized" or crashes.
void check_cpu(const ov::Model& model, const std::string& name, Precision precision);

/// Settings for a few large batches one after the other, or for as many at once as there are requests.
ov::AnyMap work_of(const EngineOptions& options);

}  // namespace graft::engine
