// Reading one part of a model's `graft.trust`: every value is checked, and the error says which one is wrong.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/error.h"

namespace graft::trust {

/// What the numbers of a rule were found on.
enum class Basis {
  cross_validation,  // training photos, each classified by a head that was solved without it
  validation,        // the validation photos, after training by gradient steps
  other_photos,      // photos that were given for it
};
std::string_view to_string(Basis basis);  // "cross-validation", "validation", "other photos"
/// "cross-validation on the training photos", "the validation photos", "photos given for it"
std::string_view in_words(Basis basis);

/// A JSON object of the metadata. Refers to data that must outlive it. Errors (data): "SOURCE: its trust metadata 'sets.coverage' is 2, expected ...".
class Record {
 public:
  /// `path`: of the object, "" for the outermost one. It must be an object that has no keys other than these.
  Record(const nlohmann::json& json, std::string path, std::string_view source, std::initializer_list<std::string_view> keys);

  bool has(std::string_view key) const { return json_.contains(key); }
  Record part(std::string_view key, std::initializer_list<std::string_view> keys) const;
  double above(std::string_view key, double low) const;                 // finite and > low
  double between(std::string_view key, double low, double high) const;  // neither of these
  std::size_t count(std::string_view key) const;                        // a whole number >= 1
  Basis basis(std::string_view key) const;
  /// `size` numbers >= 0; of `or_null` also null, which is infinity.
  std::vector<double> numbers(std::string_view key, std::size_t size, bool or_null = false) const;
  /// `size` values true or false.
  std::vector<bool> answers(std::string_view key, std::size_t size) const;
  const nlohmann::json& value(std::string_view key) const;  // is there
  Error error(std::string_view key, const std::string& expected) const;

 private:
  const nlohmann::json& json_;
  std::string path_;
  std::string_view source_;
};

}  // namespace graft::trust
