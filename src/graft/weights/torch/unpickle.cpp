#include "graft/weights/torch/unpickle.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <utility>

#include "graft/base/error.h"

namespace graft::weights {
namespace {

// A ResNet-152 checkpoint with its optimizer takes 60,000 steps and 20,000 objects. Together these keep the worst pickle under 50 MB and 100 ms.
constexpr std::size_t kMaxSteps = 1 << 19, kMaxObjects = 1 << 17, kMaxMemo = 1 << 17, kMaxStack = 1 << 17;

}  // namespace

void Unpickler::fail(const std::string& fact) const {
  throw data_error(source_, fmt::format("{} (byte {} of the pickle)", fact, at_), "the file is damaged or malicious; it was not loaded");
}

void Unpickler::spend(std::size_t steps) {
  steps_ += steps;
  if (steps_ > kMaxSteps) fail(fmt::format("pickle takes more than {} steps", kMaxSteps));
}

Bytes Unpickler::take(uint64_t count) {
  if (count > bytes_.size() - position_) fail("pickle ends in the middle");
  const Bytes part = bytes_.subspan(position_, count);
  position_ += count;
  return part;
}

template <class T>
T Unpickler::number() {
  T value;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

std::string_view Unpickler::line() {
  constexpr std::size_t kMost = 1000;
  const std::string_view rest = as_text(bytes_.subspan(position_)).substr(0, kMost);
  const std::size_t length = rest.find('\n');
  if (length == std::string_view::npos) fail("name without an end");
  take(length + 1);
  return rest.substr(0, length);
}

void Unpickler::push(Value value) {
  if (stack_.size() >= kMaxStack) fail(fmt::format("pickle stacks more than {} values", kMaxStack));
  stack_.push_back(value);
}

void Unpickler::push_object(Object::Content content) {
  if (objects_.size() >= kMaxObjects) fail(fmt::format("pickle makes more than {} objects", kMaxObjects));
  push(&objects_.emplace_back(Object{.content = std::move(content)}));
}

Value& Unpickler::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("pickle takes a value that is not there");
  return stack_.back();
}

Value Unpickler::pop() {
  const Value value = top();
  stack_.pop_back();
  return value;
}

std::vector<Value> Unpickler::pop_to_mark() {
  if (marks_.empty()) fail("pickle takes a mark that is not there");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Value> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

template <class T>
T& Unpickler::top_object(const char* action) {
  Object* const* object = std::get_if<Object*>(&top());
  T* content = object != nullptr ? std::get_if<T>(&(*object)->content) : nullptr;
  if (content == nullptr) fail(std::string("pickle ") + action);
  return *content;
}

void Unpickler::push_tuple(std::size_t count) {
  std::vector<Value> items(count);
  for (std::size_t i = count; i > 0; --i) items[i - 1] = pop();
  push_object(Tuple{std::move(items)});
}

void Unpickler::put(uint32_t index) {
  if (memo_.size() >= kMaxMemo) fail(fmt::format("pickle remembers more than {} values", kMaxMemo));
  memo_[index] = top();
}

void Unpickler::get(uint32_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) fail(fmt::format("pickle recalls value {} which it never remembered", index));
  push(found->second);
}

/// Items of a class that is not known are left out.
bool Unpickler::ignores_items() { return as<Instance>(top()) != nullptr; }

void Unpickler::append(const std::vector<Value>& items) {
  if (ignores_items()) return;
  std::vector<Value>& list = top_object<List>("appends to what is not a list").items;
  list.insert(list.end(), items.begin(), items.end());
}

void Unpickler::set_items(const std::vector<Value>& items) {
  if (ignores_items()) return;
  auto& dict = top_object<Dict>("sets items of what is not a dict").items;
  if (items.size() % 2 != 0) fail("pickle sets a key without a value");
  for (std::size_t i = 0; i < items.size(); i += 2) dict.emplace_back(items[i], items[i + 1]);
}

void Unpickler::persistent() {
  const Value id = pop();
  const Tuple* tuple = as<Tuple>(id);
  if (tuple == nullptr) fail("persistent id is not a storage");
  push_object(storage_of(tuple->items));
}

void Unpickler::reduce() {
  const Value arguments = pop(), callee = pop();
  const Global* const* global = std::get_if<const Global*>(&callee);
  const Tuple* tuple = as<Tuple>(arguments);
  if (const Instance* unknown = as<Instance>(callee); unknown != nullptr && tuple != nullptr)
    return push_object(Instance{unknown->module, unknown->name, Nothing{}});
  if (global == nullptr || tuple == nullptr) fail("pickle calls what cannot be called");
  call(**global, tuple->items);
}

/// Attributes of a state dict (`_metadata`) are left out; tensors get none.
void Unpickler::build() {
  const Value state = pop();
  if (ignores_items()) top_object<Instance>("").state = state;
  else if (!std::holds_alternative<Opaque>(top())) top_object<Dict>("sets attributes of what is not a dict");
}

void Unpickler::global() {
  const std::string_view module = line(), name = line();
  if (const Global* known = find_global(module, name); known != nullptr) return push(known);
  if (is_harmless(module, name)) return push_object(Instance{module, name, Nothing{}});
  throw data_error(source_, fmt::format("needs {}.{}, which is not part of a tensor; not loaded", shown(module), shown(name)),
                   "no code of a checkpoint is run: save the state_dict alone (torch.save(model.state_dict(), ...)) or convert it to safetensors");
}

/// Values without parts, and text.
void Unpickler::literal(uint8_t opcode) {
  switch (opcode) {
    case 'N': return push(Nothing{});
    case 0x88: return push(true);
    case 0x89: return push(false);
    case 'J': return push(int64_t{number<int32_t>()});
    case 'K': return push(int64_t{number<uint8_t>()});
    case 'M': return push(int64_t{number<uint16_t>()});
    case 'G': {  // big-endian
      uint64_t bits = __builtin_bswap64(number<uint64_t>());
      return push(std::bit_cast<double>(bits));
    }
    case 0x8A: {  // two's complement, as long as it needs
      const Bytes digits = take(number<uint8_t>());
      if (digits.size() > 8) return push(Opaque{});
      uint64_t bits = 0;
      for (std::size_t i = digits.size(); i > 0; --i) bits = bits << 8 | static_cast<uint64_t>(digits[i - 1]);
      const int unused = digits.empty() ? 0 : 64 - 8 * static_cast<int>(digits.size());
      return push(static_cast<int64_t>(bits << unused) >> unused);
    }
    case 'X': return push(as_text(take(number<uint32_t>())));
    case 'U': return push(as_text(take(number<uint8_t>())));  // Python 2
    default:
      throw data_error(source_, fmt::format("pickle has opcode 0x{:02x} (byte {}), which torch.save does not write with protocol 2", opcode, at_),
                       "save the state_dict alone by torch.save without pickle_protocol, or convert it to safetensors");
  }
}

void Unpickler::step(uint8_t opcode) {
  switch (opcode) {
    case 0x80: take(1); return;  // the protocol; what matters is which opcodes follow
    case '(': marks_.push_back(stack_.size()); return;
    case ']': return push_object(List{});
    case '}': return push_object(Dict{});
    case ')': return push_object(Tuple{});
    case 't': {
      std::vector<Value> items = pop_to_mark();
      return push_object(Tuple{std::move(items)});
    }
    case 0x85: return push_tuple(1);
    case 0x86: return push_tuple(2);
    case 0x87: return push_tuple(3);
    case 'a': return append({pop()});
    case 'e': return append(pop_to_mark());
    case 's': {
      const Value value = pop(), key = pop();
      return set_items({key, value});
    }
    case 'u': return set_items(pop_to_mark());
    case 'q': return put(number<uint8_t>());
    case 'r': return put(number<uint32_t>());
    case 'h': return get(number<uint8_t>());
    case 'j': return get(number<uint32_t>());
    case 'c': return global();
    case 'Q': return persistent();
    case 'R':
    case 0x81: return reduce();
    case 'b': return build();
    default: return literal(opcode);
  }
}

Value Unpickler::next() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  for (;;) {
    at_ = position_;
    spend(1);
    const auto opcode = number<uint8_t>();
    if (opcode == '.') break;
    step(opcode);
  }
  const Value root = pop();
  refuse_cycles(root);
  return root;
}

std::string Unpickler::first_unknown() const {
  for (const Object& object : objects_)
    if (const Instance* instance = std::get_if<Instance>(&object.content)) return shown(instance->module) + "." + shown(instance->name);
  return {};
}

std::map<std::string_view, const Storage*> Unpickler::storages() const {
  std::map<std::string_view, const Storage*> found;
  for (const Object& object : objects_)
    if (const Storage* storage = std::get_if<Storage>(&object.content)) found.emplace(storage->key, storage);
  return found;
}

/// Depth first with a stack of its own: an object that is met again while its parts are being looked at holds itself. An Instance's attributes are
/// not looked at; who does, bounds the depth.
void Unpickler::refuse_cycles(const Value& root) {
  struct Open {
    Object* object;
    std::size_t next_part;
  };
  const auto part = [](const Object& object, std::size_t i) -> const Value* {
    if (const List* list = std::get_if<List>(&object.content)) return i < list->items.size() ? &list->items[i] : nullptr;
    if (const Tuple* tuple = std::get_if<Tuple>(&object.content)) return i < tuple->items.size() ? &tuple->items[i] : nullptr;
    if (const Dict* dict = std::get_if<Dict>(&object.content))
      return i / 2 < dict->items.size() ? (i % 2 == 0 ? &dict->items[i / 2].first : &dict->items[i / 2].second) : nullptr;
    return nullptr;
  };
  std::vector<Open> path;
  const auto enter = [&](const Value& value) {
    Object* const* object = std::get_if<Object*>(&value);
    if (object == nullptr || (*object)->done) return;
    if ((*object)->open) fail("pickle has a container that holds itself");
    (*object)->open = true;
    path.push_back({*object, 0});
  };
  enter(root);
  while (!path.empty()) {
    Open& last = path.back();
    if (const Value* value = part(*last.object, last.next_part++)) {
      enter(*value);
    } else {
      last.object->done = true;
      path.pop_back();
    }
  }
}

}  // namespace graft::weights
