#include "graft/engine/engine.h"

#include <fmt/format.h>

#include <openvino/frontend/manager.hpp>
#include <openvino/openvino.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/isa.h"
#include "graft/base/text.h"
#include "graft/engine/openvino.h"

namespace graft::engine {

ov::Core& core() {
  static ov::Core instance;
  return instance;
}

std::string reason(const std::exception& e) {
  std::string last;
  for (const std::string& line : split(e.what(), '\n'))
    if (!trim(line).empty()) last = std::string(trim(line));
  return printable(last);
}

namespace {

/// "Det-17, com.microsoft.Foo", where that is what OpenVINO says; else empty.
std::string missing_operators(std::string_view message) {
  constexpr std::string_view kBefore = "No conversion rule found for operations: ";
  const std::size_t at = message.find(kBefore);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = message.substr(at + kBefore.size());
  return printable(std::string(trim(rest.substr(0, rest.find('\n')))));
}

}  // namespace

Error cannot_run(const std::string& name, std::string_view fact, const std::exception& e, std::string hint) {
  const auto missing = [](const char* what, const char* file) {
    return data_error("OpenVINO", fmt::format("{} is not there: {}", what, file),
                      "it must be next to libopenvino.so; ./scripts/setup puts it there, as in OpenVINO's Python package and archives");
  };
  const std::vector<std::string> front_ends = ov::frontend::FrontEndManager().get_available_front_ends();
  if (std::ranges::find(front_ends, "onnx") == front_ends.end()) return missing("its reader of ONNX files", "libopenvino_onnx_frontend.so");
  const std::vector<std::string> devices = core().get_available_devices();
  if (std::ranges::find(devices, "CPU") == devices.end()) return missing("its part for the CPU", "libopenvino_intel_cpu_plugin.so");
  if (const std::string operators = missing_operators(e.what()); !operators.empty())
    return data_error(name, "OpenVINO does not support its operators " + operators,
                      "export it without them, or end the network before them with --tensor");
  return data_error(name, fmt::format("{}: {}", fact, reason(e)), std::move(hint));
}

const char* to_string(Precision precision) {
  switch (precision) {
    case Precision::automatic: return "auto";
    case Precision::float32: return "float32";
    case Precision::bf16: return "bf16";
  }
  return "?";
}

bool has_native_bf16() { return std::min(best_isa(), onednn_isa()) >= Isa::bf16; }

void check_cpu(const ov::Model& model, const std::string& name, Precision precision) {
  if (precision == Precision::bf16 && std::min(best_isa(), onednn_isa()) < Isa::avx512)
    throw data_error(name, "OpenVINO computes in bf16 only with AVX-512, which this CPU does not have", "choose --precision float32, or omit it");
  // OpenVINO's layer norms ask the CPU where its other operators ask oneDNN (2026.4), and then read where nothing is.
  if (onednn_isa() >= Isa::avx512 || isa_of_cpu() < Isa::avx512) return;
  for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops())
    if (std::string_view(node->get_type_name()) == "MVN")
      throw data_error(name, "on a CPU with AVX-512, OpenVINO cannot compute layer norms as it does without", "unset ONEDNN_MAX_CPU_ISA");
}

ov::AnyMap work_of(const EngineOptions& options) {
  ov::AnyMap map{ov::inference_num_threads(options.threads), ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                 ov::hint::inference_precision(options.precision == Precision::bf16 ? ov::element::bf16 : ov::element::f32)};
  if (options.requests > 1) map.insert(ov::num_streams(options.requests));
  return map;
}

namespace {

/// How many rows a photo has: two where the network looks at its mirror image, too, and averages what its last layer says (graph::with_mirrored_answer).
std::size_t views_of(const ov::Output<const ov::Node>& output, const std::string& name, int batch) {
  const ov::Shape shape = output.get_shape();
  if (shape.empty() || shape[0] == 0 || shape[0] % static_cast<std::size_t>(batch) != 0)
    throw data_error(name, "its last layer does not see as many rows of features of each photo", "ask for no features");
  return shape[0] / static_cast<std::size_t>(batch);
}

/// The mean over `views` of the rows (n, width), which lie `batch` rows apart.
void average(const float* views_of_rows, std::size_t views, std::size_t n, std::size_t width, std::size_t batch, std::span<float> out) {
  std::copy_n(views_of_rows, n * width, out.begin());
  for (std::size_t view = 1; view < views; ++view)
    for (std::size_t i = 0; i < n * width; ++i) out[i] += views_of_rows[view * batch * width + i];
  if (views > 1)
    for (std::size_t i = 0; i < n * width; ++i) out[i] /= static_cast<float>(views);
}

}  // namespace

struct Engine::Compiled {
  ov::CompiledModel model;
  std::vector<ov::InferRequest> requests;
  std::size_t row_bytes = 0, width = 0, feature_width = 0, views = 1;
  int batch = 0;
};

Engine::Engine(const std::string& onnx, const std::string& name, const data::Preprocess& preprocess, const EngineOptions& options)
    : compiled_(std::make_unique<Compiled>()) {
  try {
    std::shared_ptr<ov::Model> model = core().read_model(onnx, ov::Tensor());
    if (!options.features.empty()) model->add_output(options.features);
    check_cpu(*model, name, options.precision);
    std::vector<float> mean, scale;
    for (int c = 0; c < preprocess.channels(); ++c) {
      mean.push_back(preprocess.mean[static_cast<std::size_t>(c)] * 255.F);
      scale.push_back(preprocess.std[static_cast<std::size_t>(c)] * 255.F);
    }
    ov::preprocess::PrePostProcessor prepare(model);
    prepare.input().tensor().set_element_type(ov::element::u8).set_layout("NHWC");
    prepare.input().model().set_layout("NCHW");
    prepare.input().preprocess().convert_element_type(ov::element::f32).mean(mean).scale(scale);
    model = prepare.build();
    model->reshape(ov::PartialShape{options.batch, preprocess.crop.height, preprocess.crop.width, preprocess.channels()});
    compiled_->model = core().compile_model(model, "CPU", work_of(options));
    for (int i = 0; i < options.requests; ++i) compiled_->requests.push_back(compiled_->model.create_infer_request());
    compiled_->width = ov::shape_size(compiled_->model.output(0).get_shape()) / static_cast<std::size_t>(options.batch);
    if (!options.features.empty()) {
      const auto output = compiled_->model.output(1);
      compiled_->views = views_of(output, name, options.batch);
      compiled_->feature_width = ov::shape_size(output.get_shape()) / output.get_shape()[0];
    }
  } catch (const ov::Exception& e) {
    throw cannot_run(name, "OpenVINO cannot run it", e, "check that the file is complete");
  }
  compiled_->row_bytes = preprocess.row_bytes();
  compiled_->batch = options.batch;
}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

std::size_t Engine::width() const { return compiled_->width; }
std::size_t Engine::feature_width() const { return compiled_->feature_width; }
int Engine::batch() const { return compiled_->batch; }

void Engine::run(std::size_t request, std::span<const Part> parts) {
  Compiled& c = *compiled_;
  ov::InferRequest& infer = c.requests[request];
  auto* input = infer.get_input_tensor().data<uint8_t>();
  std::size_t filled = 0;
  for (const Part& part : parts) {
    std::memcpy(input + filled * c.row_bytes, part.rows.data(), part.n * c.row_bytes);
    filled += part.n;
  }
  std::memset(input + filled * c.row_bytes, 0, (static_cast<std::size_t>(c.batch) - filled) * c.row_bytes);  // blank, so that results repeat
  infer.infer();
  const float* out = infer.get_output_tensor(0).data<float>();
  const float* features = c.feature_width > 0 ? infer.get_output_tensor(1).data<float>() : nullptr;
  for (const Part& part : parts) {
    std::memcpy(part.out.data(), out, part.n * c.width * sizeof(float));
    out += part.n * c.width;
    if (features == nullptr) continue;
    if (!part.features.empty()) average(features, c.views, part.n, c.feature_width, static_cast<std::size_t>(c.batch), part.features);
    features += part.n * c.feature_width;
  }
}

void Engine::run(std::span<const uint8_t> rows, std::size_t n, std::span<float> out) {
  const auto batch = static_cast<std::size_t>(compiled_->batch);
  const std::size_t row_bytes = compiled_->row_bytes, width = compiled_->width;
  for (std::size_t first = 0; first < n; first += batch) {
    const std::size_t count = std::min(batch, n - first);
    const Part part{rows.subspan(first * row_bytes, count * row_bytes), count, out.subspan(first * width, count * width)};
    run(0, std::span(&part, 1));
  }
}

}  // namespace graft::engine
