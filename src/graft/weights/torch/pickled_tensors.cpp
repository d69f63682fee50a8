#include "graft/weights/torch/pickled_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/weights/torch/pickled_module.h"
#include "graft/weights/torch/pth.h"

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

bool has_arrays(const Dict& dict) {
  return std::ranges::any_of(dict.items, [](const auto& pair) {
    const Instance* made = as<Instance>(pair.second);
    return made != nullptr && made->module.starts_with("numpy") && made->name == "_reconstruct";
  });
}

constexpr const char* kHint = "save the state_dict: torch.save(model.state_dict(), ...)";

/// Keys of a dict and modules under them that are looked at, and dicts in dicts: more no checkpoint has.
constexpr std::size_t kMostKeys = 64;
constexpr int kDeepest = 8;

NamedTensors tensors_of(const Dict& dict, std::size_t file_size, const std::string& source) {
  NamedTensors tensors;
  std::size_t room = 4 * file_size + (1 << 20);  // one name may stand for many tensors
  for (const auto& [key, value] : dict.items) {
    const auto* name = as<std::string_view>(key);
    const auto* tensor = as<StoredTensor>(value);
    if (name == nullptr || tensor == nullptr) continue;
    if (name->size() > room) throw data_error(source, "its names are far too long for the file", kDamagedPickle);
    room -= name->size();
    tensors.emplace_back(*name, tensor);
  }
  return tensors;
}

/// Its keys that are text, each once, whose values are state dicts or modules (`only_tensors`), or all.
std::vector<std::string> keys_of(const Dict& dict, bool only_tensors) {
  constexpr std::size_t kGlance = 4096;  // characters of names: enough to see that a module has tensors
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < std::min(dict.items.size(), kMostKeys); ++i) {
    const auto& [key, value] = dict.items[i];
    const std::string_view* name = as<std::string_view>(key);
    if (name == nullptr) continue;
    const Dict* inner = as<Dict>(value);
    const bool tensors = inner != nullptr ? has_tensors(*inner) : as<Instance>(value) != nullptr && !tensors_of_module(value, kGlance).empty();
    if (only_tensors && !tensors) continue;
    if (std::ranges::find(keys, shown(*name)) == keys.end()) keys.push_back(shown(*name));
  }
  return keys;
}

class Search {
 public:
  Search(const std::string& source, const std::string& unknown, std::vector<std::string>& notes, std::size_t file_size)
      : source_(source), unknown_(unknown), notes_(notes), file_size_(file_size) {}

  NamedTensors under(const Value& root, std::string_view key) {
    if (key.empty()) return anywhere(root);
    const Dict* dict = as<Dict>(root);
    const Value* value = dict != nullptr ? item(*dict, key) : nullptr;
    if (value != nullptr) return anywhere(*value);
    const std::vector<std::string> keys = dict != nullptr ? keys_of(*dict, false) : std::vector<std::string>{};
    const auto near = closest(key, keys);
    throw data_error(source_,
                     fmt::format("has no weights under the key {}{}", in_quotes(key), keys.empty() ? "" : ", its keys are " + first_few(keys)),
                     near ? "did you mean " + *near + "?" : "omit --weights-key");
  }

 private:
  /// A checkpoint may hold a tensor beside the state dict (the best accuracy, say), so the known keys come first.
  NamedTensors anywhere(const Value& root, int depth = 0) {
    static constexpr std::array<std::string_view, 7> kKeys{"state_dict", "model_state_dict", "model", "net", "model_state", "weights", "params"};
    const Value* value = &root;
    for (const Dict* dict = as<Dict>(root); dict != nullptr;) {
      const Value* inner = nullptr;
      for (const std::string_view key : kKeys)
        if (const Value* found = item(*dict, key);
            found != nullptr && inner == nullptr && (as<Dict>(*found) != nullptr || as<Instance>(*found) != nullptr)) {
          inner = found;
          if (value == &root) tell_others(*dict, key);
        }
      if (inner == nullptr) break;
      value = inner;  // ends, as no container holds itself
      dict = as<Dict>(*value);
    }
    return inside(*value, depth);
  }

  NamedTensors inside(const Value& value, int depth) {
    if (const Dict* dict = as<Dict>(value); dict != nullptr) {
      if (has_tensors(*dict)) return tensors_of(*dict, file_size_, source_);
      const std::vector<std::string> keys = keys_of(*dict, true);
      if (keys.size() > 1) throw data_error(source_, "holds several sets of weights: " + first_few(keys), "choose one with --weights-key");
      if (keys.size() == 1 && depth < kDeepest)
        for (const auto& [key, inner] : dict->items)
          if (const auto* name = as<std::string_view>(key); name != nullptr && shown(*name) == keys[0]) {
            notes_.push_back("its weights are those under the key " + in_quotes(*name));
            return anywhere(inner, depth + 1);
          }
      const std::vector<std::string> all = keys_of(*dict, false);
      if (has_arrays(*dict)) throw data_error(source_, "holds NumPy arrays and no tensors, under " + first_few(all), kSaveArrays);
      throw data_error(source_, all.empty() ? "holds no named tensors" : "holds no named tensors, its keys are " + first_few(all), kHint);
    }
    NamedTensors tensors = tensors_of_module(value, file_size_);
    if (!tensors.empty()) notes_.push_back("it is a whole module: only its tensors were read, none of its code");
    if (tensors.empty() && as<Instance>(value) != nullptr)
      throw data_error(
          source_, "needs " + unknown_ + ", which is not part of a tensor; not loaded",
          "no code of a checkpoint is run: save the state_dict alone (torch.save(model.state_dict(), ...)) or convert it to safetensors");
    if (tensors.empty()) throw data_error(source_, "holds no dict of named tensors", kHint);
    return tensors;
  }

  void tell_others(const Dict& dict, std::string_view taken) {
    std::vector<std::string> others = keys_of(dict, true);
    std::erase(others, shown(taken));
    if (!others.empty())
      notes_.push_back(
          fmt::format("its weights are those under {}; it has others under {}: choose with --weights-key", in_quotes(taken), first_few(others)));
  }

  const std::string& source_;
  const std::string& unknown_;
  std::vector<std::string>& notes_;
  std::size_t file_size_;
};

/// The tensor's place in its storage, checked: every element that shape and strides reach is inside.
HostTensor placed(const StoredTensor& stored, Bytes storage, const std::string& name, const std::string& source) {
  const auto fail = [&](std::string fact) { throw data_error(source, name + " " + std::move(fact), kDamagedPickle); };
  const Storage& from = *stored.storage;
  const std::size_t width = size_of(stored.dtype);
  uint64_t size = 0;
  if (__builtin_mul_overflow(static_cast<uint64_t>(from.count), from.untyped ? 1 : size_of(from.dtype), &size) || size != storage.size())
    fail(fmt::format("needs a storage of {} {}, the file has {} bytes", from.count, from.untyped ? "bytes" : name_of(from.dtype), storage.size()));
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

void add_tensors(StateDict& dict, const Value& root, std::string_view key, const std::string& unknown, std::vector<std::string>& notes,
                 const std::function<Bytes(const Storage&)>& bytes_of, std::size_t file_size) {
  const Dict* checkpoint = as<Dict>(root);
  const Value* arch = checkpoint != nullptr ? item(*checkpoint, "arch") : nullptr;
  if (arch != nullptr && as<std::string_view>(*arch) != nullptr) dict.metadata["arch"] = shown(*as<std::string_view>(*arch));
  // As float32 everything together may take 16 times the file (int8 grows by 4, the rest is for shared storages) and a MiB. An expanded tensor
  // (stride 0) would otherwise turn a file of a kilobyte into any amount of memory.
  uint64_t room = (uint64_t{16} * file_size + (1 << 20)) / sizeof(float);
  constexpr uint64_t kDescription = 64;  // a name and a HostTensor in such units; a dimension and its stride take 4
  std::unordered_map<std::string_view, Bytes> storages;
  for (const auto& [name, stored] : Search(dict.source, unknown, notes, file_size).under(root, key)) {
    const auto [place, is_new] = storages.try_emplace(stored->storage->key);
    if (is_new) place->second = bytes_of(*stored->storage);
    HostTensor tensor = placed(*stored, place->second, shown(name), dict.source);
    // A name may stand for a tensor that others stand for, too, so each costs what describes it as well.
    const uint64_t count = static_cast<uint64_t>(graph::element_count(tensor.shape)) + kDescription + 4 * tensor.shape.size();
    if (count > room)
      throw data_error(dict.source,
                       fmt::format("{} is {}, far too large for a file of {}", shown(name), graph::to_string(tensor.shape), human_bytes(file_size)),
                       "save a contiguous tensor");
    room -= count;
    dict.tensors.insert_or_assign(name, std::move(tensor));
  }
}

}  // namespace graft::weights
