#include "graft/weights/torch/pth_write.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>

#include "graft/archive/crc32.h"
#include "graft/archive/zip_write.h"
#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::weights {
namespace {

std::string_view storage_class(Dtype dtype) {
  static constexpr std::array<std::string_view, 10> kNames{"FloatStorage", "HalfStorage",  "BFloat16Storage", "DoubleStorage", "LongStorage",
                                                           "IntStorage",   "ShortStorage", "CharStorage",     "ByteStorage",   "BoolStorage"};
  return kNames[static_cast<std::size_t>(dtype)];
}

/// Opcodes of pickle's protocol 2, as torch.save uses them.
class Pickle {
 public:
  Pickle& op(std::string_view opcodes) {
    text_ += opcodes;
    return *this;
  }
  Pickle& global(std::string_view module, std::string_view name) { return op("c").op(module).op("\n").op(name).op("\n"); }
  Pickle& text(std::string_view text) { return op("X").raw(static_cast<uint32_t>(text.size())).op(text); }
  Pickle& number(int64_t value) {
    if (value <= std::numeric_limits<int32_t>::max()) return op("J").raw(static_cast<int32_t>(value));
    return op("\x8A\x08").raw(value);  // LONG1 of 8 bytes
  }
  Pickle& tuple(const std::vector<int64_t>& values) {
    op("(");
    for (const int64_t value : values) number(value);
    return op("t");
  }
  std::string take() { return std::move(text_); }

 private:
  template <class T>
  Pickle& raw(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    return op({bytes, sizeof value});
  }

  std::string text_;
};

void add_tensor(Pickle& pickle, const HostTensor& tensor, const std::string& key) {
  pickle.global("torch._utils", "_rebuild_tensor_v2").op("((").text("storage").global("torch", storage_class(tensor.dtype)).text(key).text("cpu");
  pickle.number(graph::element_count(tensor.shape)).op("tQ");                              // BINPERSID of the tuple
  pickle.number(0).tuple(tensor.shape).tuple(row_major_strides(tensor.shape)).op("\x89");  // offset, size, stride, requires_grad
  pickle.global("collections", "OrderedDict").op(")RtR");                                  // no hooks; the call
}

std::string pickle_of(const StateDict& dict) {
  constexpr std::size_t kBatch = 1000;  // as Python's pickler: the reader's stack stays small
  Pickle pickle;
  pickle.op("\x80\x02").global("collections", "OrderedDict").op(")R");
  std::size_t key = 0;
  for (const auto& [name, tensor] : dict.tensors) {
    if (key % kBatch == 0) pickle.op(key == 0 ? "(" : "u(");
    pickle.text(name);
    add_tensor(pickle, tensor, std::to_string(key++));
  }
  return pickle.op(key == 0 ? "." : "u.").take();
}

}  // namespace

void write_pth(const std::filesystem::path& path, const StateDict& dict, Sync sync) {
  for (const auto& [name, tensor] : dict.tensors)
    if (!is_utf8(name)) throw data_error(printable(path.string()), fmt::format("cannot hold {}, which is not UTF-8", in_quotes(name)));
  const std::string pickle = pickle_of(dict);
  RowMajor row_major;
  std::vector<archive::ZipEntry> entries;
  const auto add = [&](const std::string& name, Bytes content) { entries.push_back({"archive/" + name, archive::crc32(content), 0, content}); };
  add("data.pkl", as_bytes(pickle));
  add("byteorder", as_bytes("little"));
  for (const auto& [name, tensor] : dict.tensors) add("data/" + std::to_string(entries.size() - 2), row_major.bytes_of(tensor));
  add("version", as_bytes("3\n"));
  write_file(path, archive::zip_parts(std::move(entries)).parts, sync);
}

}  // namespace graft::weights
