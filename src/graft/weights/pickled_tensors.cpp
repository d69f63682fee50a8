#include "graft/weights/pickled_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::weights {
namespace {

constexpr const char* kDamagedPickle = "the file is damaged; download or save it again";

const Value* item(const Dict& dict, std::string_view key) {
  const auto found = std::ranges::find_if(dict.items.rbegin(), dict.items.rend(), [&](const auto& pair) {
    const std::string_view* name = as<std::string_view>(pair.first);
    return name != nullptr && *name == key;
  });
  return found != dict.items.rend() ? &found->second : nullptr;
}

bool has_tensors(const Dict& dict) {
  return std::ranges::any_of(
      dict.items, [](const auto& pair) { return as<std::string_view>(pair.first) != nullptr && as<StoredTensor>(pair.second) != nullptr; });
}

/// A checkpoint may hold a tensor beside the state dict (the best accuracy, say), so the known keys come first.
const Dict& find_state_dict(const Value& root, const std::string& source) {
  static constexpr std::array<std::string_view, 4> kKeys{"state_dict", "model_state_dict", "model", "net"};
  constexpr const char* kHint = "save the state_dict: torch.save(model.state_dict(), ...)";
  const Dict* dict = as<Dict>(root);
  if (dict == nullptr) throw data_error(source, "holds no dict of named tensors", kHint);
  for (;;) {
    const Dict* inner = nullptr;
    for (const std::string_view key : kKeys)
      if (const Value* value = item(*dict, key); value != nullptr && inner == nullptr) inner = as<Dict>(*value);
    if (inner == nullptr) break;
    dict = inner;  // ends, as no container holds itself
  }
  if (has_tensors(*dict)) return *dict;
  std::vector<std::string> keys;
  for (const auto& [key, value] : dict->items)
    if (const std::string_view* name = as<std::string_view>(key)) keys.push_back(shown(*name));
  throw data_error(source, keys.empty() ? "holds no named tensors" : "holds no named tensors, its keys are " + first_few(keys), kHint);
}

/// The tensor's place in its storage, checked: every element that shape and strides reach is inside.
HostTensor placed(const StoredTensor& stored, Bytes storage, const std::string& name, const std::string& source) {
  const auto fail = [&](std::string fact) { throw data_error(source, name + " " + std::move(fact), kDamagedPickle); };
  const Storage& from = *stored.storage;
  const std::size_t width = size_of(stored.dtype);
  uint64_t size = 0;
  if (__builtin_mul_overflow(static_cast<uint64_t>(from.count), from.untyped ? 1 : size_of(from.dtype), &size) || size != storage.size())
    fail(fmt::format("wants a storage of {} {}, the file has {} bytes", from.count, from.untyped ? "bytes" : name_of(from.dtype), storage.size()));
  if (!from.untyped && stored.dtype != from.dtype) fail(fmt::format("is {} in a storage of {}", name_of(stored.dtype), name_of(from.dtype)));

  uint64_t count = 1, last = 0, begin = 0;
  bool too_large = false;
  for (std::size_t d = 0; d < stored.shape.size(); ++d) {
    uint64_t reach = 0;
    const auto dim = static_cast<uint64_t>(stored.shape[d]);
    too_large |= __builtin_mul_overflow(count, dim, &count);
    too_large |=
        __builtin_mul_overflow(dim > 0 ? dim - 1 : 0, static_cast<uint64_t>(stored.strides[d]), &reach) || __builtin_add_overflow(last, reach, &last);
  }
  too_large |= __builtin_add_overflow(static_cast<uint64_t>(stored.offset), static_cast<uint64_t>(from.begin), &begin) ||
               __builtin_add_overflow(last, begin, &last);
  if (too_large || count > static_cast<uint64_t>(INT64_MAX))
    fail(fmt::format("({}) has more elements than a number can hold", graph::to_string(stored.shape)));
  HostTensor tensor{stored.dtype, stored.shape, stored.strides, {}};
  if (count == 0) return tensor;
  if (last >= size / width) fail(fmt::format("({}) reaches element {} of a storage of {}", graph::to_string(stored.shape), last, size / width));
  tensor.bytes = storage.subspan(begin * width, (last - begin + 1) * width);
  return tensor;
}

}  // namespace

void add_tensors(StateDict& dict, const Value& root, const std::function<Bytes(const Storage&)>& bytes_of, std::size_t file_size) {
  // As float32 everything together may take 16 times the file (int8 grows by 4, the rest is for shared storages) and a MiB. An expanded tensor
  // (stride 0) would otherwise turn a file of a kilobyte into any amount of memory.
  uint64_t room = (uint64_t{16} * file_size + (1 << 20)) / sizeof(float);
  constexpr uint64_t kDescription = 64;  // a name and a HostTensor in such units; a dimension and its stride take 4
  std::unordered_map<std::string_view, Bytes> storages;
  for (const auto& [key, value] : find_state_dict(root, dict.source).items) {
    const std::string_view* name = as<std::string_view>(key);
    const StoredTensor* stored = as<StoredTensor>(value);
    if (name == nullptr || stored == nullptr) continue;
    const auto [place, is_new] = storages.try_emplace(stored->storage->key);
    if (is_new) place->second = bytes_of(*stored->storage);
    HostTensor tensor = placed(*stored, place->second, shown(*name), dict.source);
    // A name may stand for a tensor that others stand for, too, so each costs what describes it as well.
    const uint64_t count = static_cast<uint64_t>(graph::element_count(tensor.shape)) + kDescription + 4 * tensor.shape.size();
    if (count > room)
      throw data_error(
          dict.source,
          fmt::format("{} is {}, out of proportion to a file of {}", shown(*name), graph::to_string(tensor.shape), human_bytes(file_size)),
          "save a contiguous tensor");
    room -= count;
    dict.tensors.insert_or_assign(std::string(*name), std::move(tensor));
  }
}

}  // namespace graft::weights
