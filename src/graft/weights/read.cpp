// Which kind of file it is, by its first bytes: names of weights files say little.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/weights/file/safetensors.h"
#include "graft/weights/load.h"
#include "graft/weights/naming.h"
#include "graft/weights/pruned.h"
#include "graft/weights/torch/pth.h"

namespace graft::weights {
namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view magic, what, hint;
  std::size_t at = 0;
};

constexpr std::array kOtherKinds{Kind{"ustar"sv, "is a tar archive, torch.save's format of 2017",
                                      "use a current file of the same network, or load and save it with torch >= 1.6", 257},
                                 Kind{"version https://git-lfs"sv, "is a Git LFS pointer, not the file itself", "run git lfs pull"},
                                 Kind{"\x89HDF"sv, "is an HDF5 file (Keras)", "convert it to safetensors"},
                                 Kind{"\x1F\x8B"sv, "is compressed by gzip", "unpack it with gunzip"},
                                 Kind{"\x93NUMPY"sv, "is a NumPy array", kSaveArrays},
                                 Kind{"GGUF"sv, "is a GGUF file", "use the safetensors file"}};

constexpr std::size_t kHead = 512;  // bytes that tell

/// ONNX is a protobuf message without a magic: field 1 is the small IR version, then comes the producer (2), domain (4) or the graph (7) itself.
bool looks_like_onnx(std::string_view head) {
  return head.size() > 3 && head[0] == 0x08 && head[1] > 0 && head[1] < 64 &&
         (head[2] == 0x12 || head[2] == 0x22 || head[2] == 0x3A || head[2] == 0x42);
}

bool looks_like_text(std::string_view head) {
  return std::ranges::all_of(head, [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t'; });
}

[[noreturn]] void refuse(std::string_view head, const std::string& source) {
  const auto fail = [&](std::string_view fact, std::string_view hint) {
    throw data_error(source, fmt::format("{}, expected safetensors or a file of torch.save", fact), std::string(hint));
  };
  constexpr std::string_view kAgain = "a download went wrong; download it again";
  if (head.empty()) fail("is empty", kAgain);
  for (const Kind& kind : kOtherKinds)
    if (head.size() > kind.at && head.substr(kind.at).starts_with(kind.magic)) fail(kind.what, kind.hint);
  if (head[0] == '\x80' && head.find("numpy") != head.npos) fail("is a pickle of NumPy arrays", kSaveArrays);
  if (head[0] == '\x80') fail("is a pickle but not of torch.save", "save the state_dict with torch.save or as safetensors");
  if (looks_like_onnx(head)) fail("is an ONNX model", "give the same weights as safetensors or .pth");
  if (const std::string start = lower(trim(head.substr(0, 64)));
      start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<?xml"))
    fail("is a web page", kAgain);
  if (looks_like_text(head)) fail("is text", kAgain);
  std::string digits;
  for (const char c : head.substr(0, 4)) digits += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  fail("is not a weights file (starts with" + digits + ")", "");
  __builtin_unreachable();
}

}  // namespace

FileFormat format_of(Bytes file, const std::string& source) {
  const std::string_view head = as_text(file.first(std::min<std::size_t>(file.size(), kHead)));
  if (head.starts_with("PK\x03\x04"sv)) return FileFormat::torch_zip;
  if (is_legacy_pth(file)) return FileFormat::torch_legacy;
  if (head.size() > 8 && head[8] == '{') return FileFormat::safetensors;
  refuse(head, source);
}

std::string_view name_of(FileFormat format) {
  switch (format) {
    case FileFormat::safetensors: return "safetensors";
    case FileFormat::torch_zip: return "torch zip";
    case FileFormat::torch_legacy: return "torch legacy";
  }
  __builtin_unreachable();
}

namespace {

StateDict as_stored(const std::filesystem::path& path, std::string_view key, std::vector<std::string>* notes) {
  const MappedFile file(path);
  if (format_of(file.bytes(), printable(path.string())) != FileFormat::safetensors) return read_pth(path, key, notes);
  StateDict dict = read_safetensors(path);
  if (key.empty()) return dict;
  StateDict chosen = without_prefix(dict, std::string(key) + ".");
  if (chosen.tensors.empty())
    throw data_error(dict.source, "no name begins with " + in_quotes(std::string(key) + "."), "see `graft weights info FILE`");
  return chosen;
}

}  // namespace

StateDict read(const std::filesystem::path& path, std::string_view key, std::vector<std::string>* notes) {
  StateDict dict = as_stored(path, key, notes);
  const std::size_t pruned = apply_masks(dict);
  if (pruned > 0 && notes != nullptr)
    notes->push_back(fmt::format("{} of its tensors {} pruned: X_orig times X_mask was read as X", pruned, pruned == 1 ? "is" : "are"));
  return dict;
}

}  // namespace graft::weights
