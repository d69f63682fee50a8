// One option of a config with its C++ type forgotten, so that parsing, TOML, help and records are compiled once. See config.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "graft/base/size.h"

namespace graft {

/// What an option holds; monostate is "auto", an empty optional. Paths are strings, enums the name of the value, a Size is its side or "256x128".
using OptionValue = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, std::vector<std::string>>;

OptionValue option_of(const Size& size);

/// As a person reads it: 0.003, true, auto; a list with commas.
std::string text_of(const OptionValue& value);

enum class OptionKind { flag, integer, real, size, text, path, choice, texts, paths };

/// Allowed numbers. The text completes "expected ...".
struct Range {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool low_allowed = true;
  std::string text;
};

/// An enum or optional enum as a number; empty = auto.
struct EnumTarget {
  bool optional;
  std::function<std::optional<int64_t>()> get;
  std::function<void(std::optional<int64_t>)> set;
};

/// The variable behind an option. Any other type does not compile.
using Target = std::variant<bool*, int*, int64_t*, uint64_t*, double*, Size*, std::string*, std::filesystem::path*,  //
                            std::optional<bool>*, std::optional<int>*, std::optional<int64_t>*, std::optional<uint64_t>*, std::optional<double>*,
                            std::optional<Size>*, std::optional<std::string>*, std::optional<std::filesystem::path>*,  //
                            std::vector<std::string>*, std::vector<std::filesystem::path>*, EnumTarget>;

/// For which values of an option a rule holds.
struct ForValues {
  bool any = false;               // for any value
  std::vector<std::string> only;  // otherwise only for these
  bool holds_for(const OptionValue& value) const;
};

/// The usual value of an option when it is used, and a name for that.
struct UsualValue {
  std::string name, value;
};

/// Points into the config from which it was listed: valid while that exists and is not moved.
struct Field {
  std::string name, group, help;  // name with dashes: "skip-unreadable"
  Target target;
  bool positional = false;
  bool may_be_empty = false;         // of a positional: it is optional
  char shorthand = 0;                // 'q' for -q
  std::string placeholder;           // FILE in "--out FILE"; empty: by kind
  std::string default_text;          // shown in the help instead of the default, if that depends on the machine
  std::string one_line;              // the text of the short help; empty: only the full help shows the option
  Range range;                       // of numbers, and of each side of a Size
  std::vector<std::string> choices;  // allowed texts, or the names of the enum's values; empty: any
  std::vector<int64_t> numbers;      // the enum's values, in the order of `choices`

  // What is known of the option; each is the rule of that name in config.h.
  ForValues by_steps, one_class_only;
  std::string one_class_hint;
  bool no_effect_on_result = false, by_content = false, of_one_run = false, of_a_strategy = false, needs_source = false;
  std::vector<UsualValue> usual;

  OptionKind kind() const;
  bool is_optional() const;
  bool is_list() const { return kind() == OptionKind::texts || kind() == OptionKind::paths; }
  OptionValue value() const;
  /// As a message names it: "--mixup 0.2", "--no-mirror".
  std::string as_flag() const;

  /// Sets the variable, or leaves it unchanged and returns what was expected instead: "a number", "at least 1".
  std::optional<std::string> assign(const OptionValue& value) const;
  std::optional<std::string> assign_text(std::string_view text) const;  // from the command line; strict: the whole text, finite numbers
  std::string expected() const;                                         // "a whole number", "auto, float32 or bf16"
};

template <class T>
struct OptionalOf {
  using type = void;
};
template <class T>
struct OptionalOf<std::optional<T>> {
  using type = T;
};

template <class T>
Target target_of(T& variable) {
  using Inner = typename OptionalOf<T>::type;
  if constexpr (std::is_enum_v<T>) {
    return EnumTarget{false, [&variable]() -> std::optional<int64_t> { return static_cast<int64_t>(variable); },
                      [&variable](std::optional<int64_t> number) { variable = static_cast<T>(number.value()); }};
  } else if constexpr (std::is_enum_v<Inner>) {
    return EnumTarget{true,
                      [&variable]() -> std::optional<int64_t> {
                        if (!variable) return std::nullopt;
                        return static_cast<int64_t>(*variable);
                      },
                      [&variable](std::optional<int64_t> number) {
                        if (number) variable = static_cast<Inner>(*number);
                        else variable.reset();
                      }};
  } else {
    return &variable;
  }
}

}  // namespace graft
