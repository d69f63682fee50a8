#include "graft/onnx/other_kind.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "graft/base/text.h"

namespace graft::onnx {
namespace {

using namespace std::string_view_literals;

struct NetworkFormat {
  std::size_t at;
  std::string_view magic;
  const char *fact, *hint;
};

constexpr const char* kOnlyWeights = "name the network they are of: --backbone NAME --weights FILE";
constexpr std::array kFormats{
    NetworkFormat{0, "version https://git-lfs"sv, "is a Git LFS pointer, not the file itself", "run git lfs pull"},
    NetworkFormat{0, "\x89HDF"sv, "is an HDF5 file (Keras)", "write it as ONNX in Keras: model.export('model.onnx', format='onnx')"},
    NetworkFormat{4, "TFL3"sv, "is a TensorFlow Lite model", "write it as ONNX: python -m tf2onnx.convert --tflite FILE --output model.onnx"},
    NetworkFormat{4, "ORTM"sv, "is in ONNX Runtime's own format", "give the .onnx that it was made from"},
    NetworkFormat{0, "GGUF"sv, "is a GGUF file", "give the network as ONNX"},
    NetworkFormat{0, "\x1F\x8B"sv, "is compressed by gzip", "unpack it with gunzip"},
    NetworkFormat{0, "\x80"sv, "is a pickle (an old file of torch.save)", kOnlyWeights},
    NetworkFormat{8, "{\""sv, "is a safetensors file, which holds weights and no network", kOnlyWeights},
};

/// The names in a zip archive stand in its directory, at its end.
std::string_view end_of(std::string_view text) { return text.substr(text.size() - std::min<std::size_t>(text.size(), 1 << 20)); }

Error of_zip(std::string_view text, const std::string& name) {
  const auto holds = [&](std::string_view entry) { return end_of(text).find(entry) != std::string_view::npos; };
  if (holds("/constants.pkl"))
    return data_error(name, "is a TorchScript module",
                      "write it as ONNX: torch.onnx.export(torch.jit.load(FILE), torch.randn(1, 3, 224, 224), 'model.onnx'), or use its weights: "
                      "--backbone NAME --weights FILE");
  if (holds("data.pkl")) return data_error(name, "is a file of torch.save, which holds weights and no network", kOnlyWeights);
  if (holds("model.weights.h5")) return data_error(name, "is a Keras model", "write it as ONNX in Keras: model.export('model.onnx', format='onnx')");
  if (holds(".npy")) return data_error(name, "is an archive of NumPy arrays (.npz), which holds no network", "give the network as ONNX");
  return data_error(name, "is a zip archive", "unpack it and give the .onnx");
}

}  // namespace

Error not_onnx(Bytes file, const std::string& name) {
  const std::string_view text = as_text(file);
  if (text.starts_with("PK\x03\x04"sv)) return of_zip(text, name);
  for (const NetworkFormat& format : kFormats)
    if (text.size() > format.at && text.substr(format.at).starts_with(format.magic)) return data_error(name, format.fact, format.hint);
  const std::string start = lower(trim(text.substr(0, 512)));
  if (start.starts_with("<?xml") && start.find("<net") != std::string::npos)
    return data_error(name, "is OpenVINO's own format", "give the .onnx that it was made from");
  if (start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<?xml"))
    return data_error(name, "is a web page", "a download went wrong; download it again");
  return data_error(name, "truncated, or not an ONNX file", "copy the file again");
}

}  // namespace graft::onnx
