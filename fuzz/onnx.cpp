#include "fuzz/memory_file.h"
#include "fuzz/target.h"
#include "graft/onnx/foreign.h"
#include "graft/onnx/free_batch.h"
#include "graft/onnx/image_input.h"
#include "graft/onnx/input_scale.h"
#include "graft/onnx/model_proto.h"
#include "graft/onnx/read_graph.h"

namespace onnx = graft::onnx;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const graft::fuzz::MemoryFile file(std::as_bytes(std::span(data, size)));
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [&](graft::Bytes) {
    onnx::ModelProto model = onnx::read_model(file.path());
    onnx::ImageInput input = onnx::image_input(model);
    onnx::take_input_scale(model, input);
    const onnx::Reading reading = onnx::read_graph(model, input, input.size.value_or(64));
    if (reading.graph) return;
    onnx::standalone(onnx::foreign(model, input, onnx::default_tensor(model)));
    if (onnx::free_batch(model)) onnx::standalone(onnx::foreign(model, input, onnx::default_tensor(model)));
  });
}
