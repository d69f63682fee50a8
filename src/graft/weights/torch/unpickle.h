// Pickle as data: the values that torch.save writes, and nothing that runs. Names of Python things are looked up in a fixed table of what tensors
// need (the subset of torch's own weights_only list that holds plain tensors). Any other class or function is an Instance, which holds its attributes
// and does nothing: checkpoints bring argparse.Namespace, numpy scalars, random states, paths. Names that only an attack has end the reading.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "graft/weights/file/state_dict.h"

namespace graft::weights {

struct Nothing {};  // None
struct Opaque {};   // something allowed that no tensor depends on: a device, a layout, a long integer
struct Global;      // a name of the table
struct Object;      // what can be shared: List, Tuple, Dict, Storage, StoredTensor, Instance

/// Text points into the pickle, objects belong to the Unpickler; values live as long as both.
using Value = std::variant<Nothing, Opaque, bool, int64_t, double, std::string_view, const Global*, Object*>;

struct List {
  std::vector<Value> items;
};
struct Tuple {
  std::vector<Value> items;
};
struct Dict {
  std::vector<std::pair<Value, Value>> items;
};  // in the order of writing; of equal keys the last counts
struct Storage {
  std::string_view key;
  Dtype dtype;
  int64_t count;  // elements; bytes when untyped
  bool untyped;
  int64_t begin = 0;  // of a legacy view: its first element in the storage `key`
};
/// Sizes as the file says them: nothing is checked but that no number is negative.
struct StoredTensor {
  const Storage* storage;
  Dtype dtype;
  int64_t offset;
  graph::Dims shape;
  std::vector<int64_t> strides;
};

/// A class that is none of the table's, or something made of it.
struct Instance {
  std::string_view module, name;
  Value state = Nothing{};  // its attributes, mostly a Dict
};

struct Object {
  using Content = std::variant<List, Tuple, Dict, Storage, StoredTensor, Instance>;
  Content content;
  bool open = false, done = false;  // for the search of cycles
};

template <class T>
const T* as(const Value& value) {
  if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, int64_t> || std::is_same_v<T, bool>) return std::get_if<T>(&value);
  else {
    Object* const* object = std::get_if<Object*>(&value);
    return object != nullptr ? std::get_if<T>(&(*object)->content) : nullptr;
  }
}

/// Reads pickles (protocol 2, as torch.save writes) that follow each other in `bytes`. Time and memory are bounded whatever the bytes are: 524288
/// steps, 131072 objects, no recursion, and a container that holds itself is refused. Errors (data) begin with `source`.
class Unpickler {
 public:
  Unpickler(Bytes bytes, std::string source) : bytes_(bytes), source_(std::move(source)) {}
  Unpickler(const Unpickler&) = delete;
  Unpickler& operator=(const Unpickler&) = delete;

  /// The next pickle, from position().
  Value next();
  std::size_t position() const { return position_; }
  void skip(std::size_t count) { position_ += count; }
  /// The first class or function that is none of the table's: "torch.nn.modules.linear.Linear"; empty: none was met.
  std::string first_unknown() const;
  /// The storages met so far, by key.
  std::map<std::string_view, const Storage*> storages() const;

 private:
  [[noreturn]] void fail(const std::string& fact) const;
  void spend(std::size_t steps);
  Bytes take(uint64_t count);
  template <class T>
  T number();
  std::string_view line();

  void step(uint8_t opcode);
  void literal(uint8_t opcode);
  void push(Value value);
  void push_object(Object::Content content);
  Value pop();
  Value& top();
  std::vector<Value> pop_to_mark();
  template <class T>
  T& top_object(const char* action);
  void push_tuple(std::size_t count);
  void put(uint32_t index);
  void get(uint32_t index);
  void append(const std::vector<Value>& items);
  void set_items(const std::vector<Value>& items);
  bool ignores_items();
  void global();
  void persistent();
  void reduce();
  void build();
  void refuse_cycles(const Value& root);

  // What the allowed names do; see the table in unpickle_call.cpp.
  static const Global* find_global(std::string_view module, std::string_view name);
  static bool is_harmless(std::string_view module, std::string_view name);
  void call(const Global& global, const std::vector<Value>& arguments);
  void call_dict(const std::vector<Value>& arguments);
  void call_tensor(const Global& global, const std::vector<Value>& arguments);
  Storage storage_of(const std::vector<Value>& id) const;

  Bytes bytes_;
  std::string source_;
  std::size_t position_ = 0, at_ = 0, steps_ = 0;  // at_: where the current opcode stands, for messages
  std::deque<Object> objects_;                     // freed one after another, so that deep nesting costs no stack
  std::vector<Value> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<uint32_t, Value> memo_;
};

/// A name that a pickle may use, and what it stands for.
struct Global {
  enum class Kind { ordered_dict, default_dict, size, opaque, rebuild_tensor, rebuild_tensor_v3, rebuild_parameter, storage, dtype };
  std::string_view module, name;
  Kind kind;
  Dtype dtype = Dtype::u8;
  bool untyped = false;
};

}  // namespace graft::weights
