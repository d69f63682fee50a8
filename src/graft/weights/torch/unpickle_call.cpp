// The table of names that a pickle may use, and what calling them makes. Python signatures: torch/_utils.py, torch/serialization.py.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "graft/base/error.h"
#include "graft/weights/torch/unpickle.h"

namespace graft::weights {
namespace {

using GlobalKind = Global::Kind;

constexpr std::array kGlobals{Global{"collections", "OrderedDict", GlobalKind::ordered_dict},
                              Global{"collections", "Counter", GlobalKind::ordered_dict},
                              Global{"collections", "defaultdict", GlobalKind::default_dict},
                              Global{"torch", "Size", GlobalKind::size},
                              Global{"torch", "device", GlobalKind::opaque},
                              Global{"torch.serialization", "_get_layout", GlobalKind::opaque},
                              Global{"torch._utils", "_rebuild_tensor", GlobalKind::rebuild_tensor},
                              Global{"torch._utils", "_rebuild_tensor_v2", GlobalKind::rebuild_tensor},
                              Global{"torch._utils", "_rebuild_tensor_v3", GlobalKind::rebuild_tensor_v3},
                              Global{"torch._utils", "_rebuild_parameter", GlobalKind::rebuild_parameter},
                              Global{"torch._utils", "_rebuild_parameter_with_state", GlobalKind::rebuild_parameter},
                              Global{"torch", "FloatStorage", GlobalKind::storage, Dtype::f32},
                              Global{"torch", "DoubleStorage", GlobalKind::storage, Dtype::f64},
                              Global{"torch", "HalfStorage", GlobalKind::storage, Dtype::f16},
                              Global{"torch", "BFloat16Storage", GlobalKind::storage, Dtype::bf16},
                              Global{"torch", "LongStorage", GlobalKind::storage, Dtype::i64},
                              Global{"torch", "IntStorage", GlobalKind::storage, Dtype::i32},
                              Global{"torch", "ShortStorage", GlobalKind::storage, Dtype::i16},
                              Global{"torch", "CharStorage", GlobalKind::storage, Dtype::i8},
                              Global{"torch", "ByteStorage", GlobalKind::storage, Dtype::u8},
                              Global{"torch", "BoolStorage", GlobalKind::storage, Dtype::boolean},
                              Global{"torch", "UntypedStorage", GlobalKind::storage, Dtype::u8, true},
                              Global{"torch.storage", "UntypedStorage", GlobalKind::storage, Dtype::u8, true},
                              Global{"torch", "float32", GlobalKind::dtype, Dtype::f32},
                              Global{"torch", "float64", GlobalKind::dtype, Dtype::f64},
                              Global{"torch", "float16", GlobalKind::dtype, Dtype::f16},
                              Global{"torch", "bfloat16", GlobalKind::dtype, Dtype::bf16},
                              Global{"torch", "int64", GlobalKind::dtype, Dtype::i64},
                              Global{"torch", "int32", GlobalKind::dtype, Dtype::i32},
                              Global{"torch", "int16", GlobalKind::dtype, Dtype::i16},
                              Global{"torch", "int8", GlobalKind::dtype, Dtype::i8},
                              Global{"torch", "uint8", GlobalKind::dtype, Dtype::u8},
                              Global{"torch", "bool", GlobalKind::dtype, Dtype::boolean}};

constexpr std::size_t kMaxRank = 64;  // torch's own limit; a shape is copied into each tensor

}  // namespace

const Global* Unpickler::find_global(std::string_view module, std::string_view name) {
  const auto* found = std::ranges::find_if(kGlobals, [&](const Global& global) { return global.module == module && global.name == name; });
  return found != kGlobals.end() ? found : nullptr;
}

/// Whether a name may stand in a checkpoint as something that is only kept. Nothing is ever called; but a file with one of the others was made to do
/// harm elsewhere, and a storage or type of an unknown kind would be a tensor that is missing.
bool Unpickler::is_harmless(std::string_view module, std::string_view name) {
  using namespace std::string_view_literals;
  static constexpr std::array kAttacks{"os"sv,     "posix"sv,    "nt"sv,      "subprocess"sv, "sys"sv,     "shutil"sv,     "socket"sv,
                                       "pty"sv,    "commands"sv, "runpy"sv,   "importlib"sv,  "pip"sv,     "webbrowser"sv, "code"sv,
                                       "ctypes"sv, "pickle"sv,   "marshal"sv, "asyncio"sv,    "operator"sv};
  static constexpr std::array kBuiltins{"set"sv, "frozenset"sv, "list"sv,      "dict"sv,   "tuple"sv, "int"sv,   "float"sv,  "bool"sv, "complex"sv,
                                        "str"sv, "bytes"sv,     "bytearray"sv, "object"sv, "slice"sv, "range"sv, "xrange"sv, "type"sv};
  const auto plain = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
             static_cast<unsigned char>(c) >= 0x80;
    });
  };
  if (!plain(module) || !plain(name)) return false;
  const std::string_view package = module.substr(0, module.find('.'));
  if (package == "builtins" || package == "__builtin__") return std::ranges::find(kBuiltins, name) != kBuiltins.end();
  if (package == "torch" && name.ends_with("Storage")) return false;
  return std::ranges::find(kAttacks, package) == kAttacks.end();
}

void Unpickler::call(const Global& global, const std::vector<Value>& arguments) {
  switch (global.kind) {
    case GlobalKind::ordered_dict: return call_dict(arguments);
    case GlobalKind::default_dict: return push_object(Dict{});  // its argument is what makes missing values
    case GlobalKind::size:
      if (arguments.size() != 1 || as<Tuple>(arguments[0]) == nullptr) fail("torch.Size of what is not a tuple");
      return push(arguments[0]);
    case GlobalKind::opaque: return push(Opaque{});
    case GlobalKind::rebuild_tensor:
    case GlobalKind::rebuild_tensor_v3: return call_tensor(global, arguments);
    case GlobalKind::rebuild_parameter:  // (data, requires_grad, backward_hooks[, state])
      if (arguments.empty() || as<StoredTensor>(arguments[0]) == nullptr) fail("parameter of what is not a tensor");
      return push(arguments[0]);
    case GlobalKind::storage:
    case GlobalKind::dtype: fail(fmt::format("pickle calls {}.{}", global.module, global.name));
  }
}

/// OrderedDict() of Python 3, OrderedDict([[key, value], ...]) of Python 2, Counter({...}).
void Unpickler::call_dict(const std::vector<Value>& arguments) {
  Dict dict;
  if (arguments.size() > 1) fail("dict of several arguments");
  if (arguments.size() == 1) {
    if (const Dict* other = as<Dict>(arguments[0])) {
      spend(2 * other->items.size());  // a copy of a copy of a copy grows faster than the pickle
      dict = *other;
    } else if (const List* pairs = as<List>(arguments[0])) {
      spend(2 * pairs->items.size());
      for (const Value& item : pairs->items) {
        const List* list = as<List>(item);
        const Tuple* tuple = as<Tuple>(item);
        if (list == nullptr && tuple == nullptr) fail("dict of what are not pairs");
        const std::vector<Value>& pair = list != nullptr ? list->items : tuple->items;
        if (pair.size() != 2) fail("dict of what are not pairs");
        dict.items.emplace_back(pair[0], pair[1]);
      }
    } else {
      fail("dict of what are not pairs");
    }
  }
  push_object(std::move(dict));
}

/// _rebuild_tensor(storage, offset, size, stride), _v2(..., requires_grad, backward_hooks[, metadata]), _v3(..., dtype[, metadata]).
void Unpickler::call_tensor(const Global& global, const std::vector<Value>& arguments) {
  const bool names_dtype = global.kind == GlobalKind::rebuild_tensor_v3;
  if (arguments.size() < (names_dtype ? 7U : 4U)) fail("tensor with too few arguments");
  const auto whole = [&](const Value& value, const char* what) {
    const int64_t* number = as<int64_t>(value);
    if (number == nullptr || *number < 0) fail(fmt::format("tensor whose {} is not made of numbers from 0 to 2^63", what));
    return *number;
  };
  const auto whole_numbers = [&](const Value& value, const char* what) {
    const Tuple* tuple = as<Tuple>(value);
    if (tuple == nullptr || tuple->items.size() > kMaxRank) fail(fmt::format("tensor whose {} is not a tuple of at most {}", what, kMaxRank));
    spend(tuple->items.size());  // the same tuple may be given to many tensors
    std::vector<int64_t> numbers;
    for (const Value& item : tuple->items) numbers.push_back(whole(item, what));
    return numbers;
  };
  const Storage* storage = as<Storage>(arguments[0]);
  if (storage == nullptr) fail("tensor without a storage");
  Dtype dtype = storage->dtype;
  if (names_dtype) {
    const Global* const* named = std::get_if<const Global*>(&arguments[6]);
    if (named == nullptr || (*named)->kind != GlobalKind::dtype) fail("tensor without a type");
    dtype = (*named)->dtype;
  }
  StoredTensor tensor{storage, dtype, whole(arguments[1], "offset"), whole_numbers(arguments[2], "shape"), whole_numbers(arguments[3], "stride")};
  if (tensor.shape.size() != tensor.strides.size()) fail("tensor with another number of strides than dimensions");
  push_object(std::move(tensor));
}

/// ('storage', type, key, location, count), in legacy files with (view_key, offset, count) or None after it.
Storage Unpickler::storage_of(const std::vector<Value>& id) const {
  const auto text = [&](std::size_t i) { return i < id.size() ? as<std::string_view>(id[i]) : nullptr; };
  const auto count = [](const Value& value) {
    const int64_t* number = as<int64_t>(value);
    return number != nullptr ? *number : int64_t{-1};
  };
  if (id.size() < 5 || id.size() > 6 || text(0) == nullptr || *text(0) != "storage" || text(2) == nullptr) fail("persistent id is not a storage");
  const Global* const* type = std::get_if<const Global*>(&id[1]);
  if (type == nullptr || (*type)->kind != GlobalKind::storage) fail("storage without a type");
  Storage storage{.key = *text(2), .dtype = (*type)->dtype, .count = count(id[4]), .untyped = (*type)->untyped};
  if (storage.count < 0) fail("storage without a size");
  if (const Tuple* view = id.size() == 6 ? as<Tuple>(id[5]) : nullptr) {
    if (view->items.size() != 3) fail("storage view that is not (key, offset, count)");
    storage.begin = count(view->items[1]);
    if (storage.begin < 0 || storage.begin > storage.count) fail("storage view outside its storage");
  }
  return storage;
}

}  // namespace graft::weights
