#include "graft/engine/part_engine.h"

#include <openvino/openvino.hpp>

#include <algorithm>

#include "graft/engine/openvino.h"

namespace graft::engine {

struct PartEngine::Compiled {
  ov::CompiledModel model;
  ov::InferRequest request;
  std::size_t batch = 0, in = 0, out = 0;
};

PartEngine::PartEngine(const std::string& onnx, const std::string& name, const EngineOptions& options) : compiled_(std::make_unique<Compiled>()) {
  compiled_->batch = static_cast<std::size_t>(options.batch);
  try {
    const std::shared_ptr<ov::Model> model = core().read_model(onnx, ov::Tensor());
    check_cpu(*model, name, options.precision);
    ov::PartialShape shape = model->input().get_partial_shape();
    shape[0] = options.batch;
    model->reshape(shape);
    compiled_->model = core().compile_model(model, "CPU", work_of(options));
    compiled_->request = compiled_->model.create_infer_request();
    compiled_->in = ov::shape_size(compiled_->model.input().get_shape()) / compiled_->batch;
    compiled_->out = ov::shape_size(compiled_->model.output(0).get_shape()) / compiled_->batch;
  } catch (const ov::Exception& e) {
    throw cannot_run(name, "OpenVINO cannot run a part of it", e, "check that the file is complete");
  }
}

PartEngine::~PartEngine() = default;

std::size_t PartEngine::batch() const { return compiled_->batch; }
std::size_t PartEngine::width_in() const { return compiled_->in; }
std::size_t PartEngine::width_out() const { return compiled_->out; }

void PartEngine::run(std::span<const float> in, std::size_t n, std::span<float> out) {
  auto* to = compiled_->request.get_input_tensor().data<float>();
  std::ranges::copy(in.first(n * compiled_->in), to);
  std::fill(to + n * compiled_->in, to + compiled_->batch * compiled_->in, 0.F);  // so that results repeat
  compiled_->request.infer();
  std::copy_n(compiled_->request.get_output_tensor(0).data<float>(), n * compiled_->out, out.begin());
}

}  // namespace graft::engine
