#include "graft/base/config_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/text.h"

namespace graft {
namespace fs = std::filesystem;
namespace {

template <class T>
constexpr bool is_whole = std::is_same_v<T, int> || std::is_same_v<T, int64_t> || std::is_same_v<T, uint64_t>;

bool is_digits(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string or_list(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

/// Whether `value` fits the whole numbers of T.
template <class T>
bool fits(const OptionValue& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return std::in_range<T>(*i);
  return std::in_range<T>(std::get<uint64_t>(value));
}

template <class T>
T whole(const OptionValue& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<T>(*i);
  return static_cast<T>(std::get<uint64_t>(value));
}

std::optional<double> as_double(const OptionValue& value) {
  if (const auto* d = std::get_if<double>(&value)) return *d;
  if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* u = std::get_if<uint64_t>(&value)) return static_cast<double>(*u);
  return std::nullopt;
}

/// Of a whole number or "256x128".
std::optional<Size> as_size(const OptionValue& value) {
  if (const auto* side = std::get_if<int64_t>(&value)) return std::in_range<int>(*side) ? std::optional<Size>(static_cast<int>(*side)) : std::nullopt;
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? size_in(*text) : std::nullopt;
}

template <class T>
OptionKind kind_of() {
  if constexpr (std::is_same_v<T, bool>) return OptionKind::flag;
  else if constexpr (is_whole<T>) return OptionKind::integer;
  else if constexpr (std::is_same_v<T, double>) return OptionKind::real;
  else if constexpr (std::is_same_v<T, Size>) return OptionKind::size;
  else if constexpr (std::is_same_v<T, std::string>) return OptionKind::text;
  else if constexpr (std::is_same_v<T, fs::path>) return OptionKind::path;
  else if constexpr (std::is_same_v<T, std::vector<std::string>>) return OptionKind::texts;
  else if constexpr (std::is_same_v<T, std::vector<fs::path>>) return OptionKind::paths;
  else return kind_of<typename OptionalOf<T>::type>();
}

template <class T>
OptionValue read(const T& variable) {
  if constexpr (std::is_same_v<T, int>) return int64_t{variable};
  else if constexpr (std::is_same_v<T, Size>) return option_of(variable);
  else if constexpr (std::is_same_v<T, fs::path>) return variable.string();
  else if constexpr (std::is_same_v<T, std::vector<fs::path>>) return std::vector<std::string>(variable.begin(), variable.end());
  else return variable;
}

template <class T>
OptionValue read(const std::optional<T>& variable) {
  if (!variable) return std::monostate();
  return read(*variable);
}

/// The bound that a whole number for a T has overstepped.
template <class T>
std::string limit(bool negative) {
  using Limits = std::numeric_limits<T>;
  if constexpr (!std::is_void_v<typename OptionalOf<T>::type>) return limit<typename OptionalOf<T>::type>(negative);
  else if constexpr (is_whole<T>) return negative ? fmt::format("at least {}", Limits::min()) : fmt::format("at most {}", Limits::max());
  else return {};
}

/// The type fits `value` already, by Field::assign.
template <class T>
std::optional<std::string> write(T& variable, const OptionValue& value) {
  if constexpr (is_whole<T>) {
    if (!fits<T>(value)) return limit<T>(std::holds_alternative<int64_t>(value) && std::get<int64_t>(value) < 0);
    variable = whole<T>(value);
  } else if constexpr (std::is_same_v<T, double>) {
    variable = *as_double(value);
  } else if constexpr (std::is_same_v<T, Size>) {
    variable = *as_size(value);
  } else if constexpr (std::is_same_v<T, fs::path>) {
    variable = std::get<std::string>(value);
  } else if constexpr (std::is_same_v<T, std::vector<fs::path>>) {
    const auto& texts = std::get<std::vector<std::string>>(value);
    variable.assign(texts.begin(), texts.end());
  } else {
    variable = std::get<T>(value);
  }
  return std::nullopt;
}

template <class T>
std::optional<std::string> write(std::optional<T>& variable, const OptionValue& value) {
  T inner{};
  if (auto wrong = write(inner, value)) return wrong;
  variable = std::move(inner);
  return std::nullopt;
}

template <class T>
void reset(T&) {}
template <class T>
void reset(std::optional<T>& variable) {
  variable.reset();
}

/// Calls `call` with the variable, whatever its type; an enum has none to give and yields an empty result.
template <class Result, class Call>
Result on_variable(const Target& target, Call call) {
  return std::visit(
      [&](const auto& t) -> Result {
        if constexpr (std::is_pointer_v<std::decay_t<decltype(t)>>) return call(*t);
        else return Result();
      },
      target);
}

bool has_kind(const OptionValue& value, OptionKind kind) {
  switch (kind) {
    case OptionKind::flag: return std::holds_alternative<bool>(value);
    case OptionKind::integer: return std::holds_alternative<int64_t>(value) || std::holds_alternative<uint64_t>(value);
    case OptionKind::real: return as_double(value).has_value() && std::isfinite(*as_double(value));
    case OptionKind::size: return as_size(value).has_value();
    case OptionKind::text:
    case OptionKind::path:
    case OptionKind::choice: return std::holds_alternative<std::string>(value);
    case OptionKind::texts:
    case OptionKind::paths: return std::holds_alternative<std::vector<std::string>>(value);
  }
  return false;
}

/// AdamW is adamw and val_loss is val-loss, where there is no choice that is so to the letter.
std::vector<std::string>::const_iterator find_choice(const std::vector<std::string>& choices, const std::string& word) {
  const auto plain = [](const std::string& text) {
    std::string name = lower(text);
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
  };
  const auto exact = std::find(choices.begin(), choices.end(), word);
  if (exact != choices.end()) return exact;
  return std::find_if(choices.begin(), choices.end(), [&](const std::string& choice) { return plain(choice) == plain(word); });
}

bool in_range(double value, const Range& range) { return (range.low_allowed ? value >= range.low : value > range.low) && value <= range.high; }

/// Of a number, or of both sides.
bool allowed(const OptionValue& value, OptionKind kind, const Range& range) {
  if (kind != OptionKind::size) return in_range(*as_double(value), range);
  const Size size = *as_size(value);
  return in_range(size.height, range) && in_range(size.width, range);
}

}  // namespace

OptionValue option_of(const Size& size) { return size.square() ? OptionValue(int64_t{size.height}) : OptionValue(to_string(size)); }

std::string text_of(const OptionValue& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) return "auto";
        else if constexpr (std::is_same_v<T, std::vector<std::string>>) return fmt::format("{}", fmt::join(v, ", "));
        else return fmt::format("{}", v);
      },
      value);
}

bool ForValues::holds_for(const OptionValue& value) const { return any || std::ranges::find(only, text_of(value)) != only.end(); }

OptionKind Field::kind() const {
  if (std::holds_alternative<EnumTarget>(target)) return OptionKind::choice;
  const auto kind = on_variable<OptionKind>(target, [](const auto& variable) { return kind_of<std::decay_t<decltype(variable)>>(); });
  return kind == OptionKind::text && !choices.empty() ? OptionKind::choice : kind;
}

bool Field::is_optional() const {
  if (const auto* e = std::get_if<EnumTarget>(&target)) return e->optional;
  return on_variable<bool>(target, [](const auto& v) { return !std::is_void_v<typename OptionalOf<std::decay_t<decltype(v)>>::type>; });
}

OptionValue Field::value() const {
  if (const auto* e = std::get_if<EnumTarget>(&target)) {
    const std::optional<int64_t> current = e->get();
    if (!current) return std::monostate();
    const auto at = std::find(numbers.begin(), numbers.end(), *current);
    return at == numbers.end() ? std::to_string(*current) : choices[static_cast<std::size_t>(at - numbers.begin())];
  }
  return on_variable<OptionValue>(target, [](const auto& variable) { return read(variable); });
}

std::string Field::expected() const {
  static constexpr const char* kNames[] = {"true or false",   "a whole number", "a number", "a side or HEIGHTxWIDTH", "text", "a path", "",
                                           "a list of texts", "a list of paths"};
  std::vector<std::string> words = choices;
  if (kind() != OptionKind::choice) words = {kNames[static_cast<int>(kind())]};
  if (is_optional() && std::find(words.begin(), words.end(), "auto") == words.end()) words.emplace_back("auto");
  return or_list(words);
}

std::optional<std::string> Field::assign(const OptionValue& given) const {
  const auto* enumeration = std::get_if<EnumTarget>(&target);
  const auto* word = std::get_if<std::string>(&given);
  if (is_optional() && (std::holds_alternative<std::monostate>(given) || (word != nullptr && *word == "auto"))) {
    if (enumeration != nullptr) enumeration->set(std::nullopt);
    else on_variable<void>(target, [](auto& variable) { reset(variable); });
    return std::nullopt;
  }
  if (!has_kind(given, kind())) return expected();
  if (!range.text.empty() && !allowed(given, kind(), range)) return range.text;
  const auto choice = word == nullptr ? choices.end() : find_choice(choices, *word);
  if (!choices.empty() && choice == choices.end()) return expected();
  if (enumeration != nullptr) {
    enumeration->set(numbers[static_cast<std::size_t>(choice - choices.begin())]);
    return std::nullopt;
  }
  const OptionValue value = choices.empty() ? given : OptionValue(*choice);
  return on_variable<std::optional<std::string>>(target, [&](auto& variable) { return write(variable, value); });
}

std::optional<std::string> Field::assign_text(std::string_view text) const {
  if (is_optional() && text == "auto") return assign(std::monostate());
  switch (kind()) {
    case OptionKind::flag: return text == "true" || text == "false" ? assign(text == "true") : expected();
    case OptionKind::integer: {
      if (!is_digits(text)) return expected();
      if (const auto value = number_in<int64_t>(text)) return assign(*value);
      if (const auto value = number_in<uint64_t>(text)) return assign(*value);
      if (!range.text.empty() && !in_range(number_in<double>(text).value_or(range.high), range)) return range.text;
      const bool negative = text.starts_with('-');
      return on_variable<std::string>(target, [&](const auto& v) { return limit<std::decay_t<decltype(v)>>(negative); });
    }
    case OptionKind::real: {
      const std::optional<double> value = number_in<double>(text);
      return value ? assign(*value) : expected();
    }
    case OptionKind::size: {
      const std::optional<Size> value = size_in(text);
      return value ? assign(option_of(*value)) : expected();
    }
    case OptionKind::path: return text.empty() ? expected() : assign(std::string(text));
    case OptionKind::text:
    case OptionKind::choice: return assign(std::string(text));
    case OptionKind::texts:
    case OptionKind::paths: return assign(std::vector<std::string>{std::string(text)});
  }
  return expected();
}

std::string Field::as_flag() const {
  const OptionValue now = value();
  if (const bool* on = std::get_if<bool>(&now)) return fmt::format("--{}{}", *on ? "" : "no-", name);
  return fmt::format("--{} {}", name, printable(text_of(now)));
}

}  // namespace graft
