// Read by events, so that the coordinates of a large file never lie in memory.
#include "graft/convert/coco_items.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::convert {
namespace {

using Json = nlohmann::json;

enum List { images, annotations, categories, other };

struct Fields {
  const char *list, *id, *second;  // names of the list and of the two fields of its items
};
constexpr std::array<Fields, 3> kLists = {{{"images", "id", "file_name"}, {"annotations", "image_id", "category_id"}, {"categories", "id", "name"}}};

/// Depth 1 is the object of the file, 2 a list in it, 3 an item, below that all is passed over.
class Reader : public nlohmann::json_sax<Json> {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  CocoItems finish() {
    for (std::size_t i = 0; i < kLists.size(); ++i)
      if (!seen_[i]) throw fail(fmt::format("no list '{}' in it", kLists[i].list));
    return std::move(items_);
  }

  bool null() override { return scalar(); }
  bool boolean(bool) override { return scalar(); }
  bool number_integer(number_integer_t value) override { return number(value); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return scalar();
    return number(static_cast<int64_t>(value));
  }
  bool number_float(number_float_t, const string_t&) override { return scalar(); }
  bool binary(binary_t&) override { return scalar(); }

  bool string(string_t& value) override {
    if (depth_ != 3 || list_ == other || list_ == annotations || key_ != kLists[list_].second) return scalar();
    text_ = std::move(value);
    return true;
  }

  bool start_object(std::size_t) override {
    if (depth_ == 1) check_list(false);
    if (depth_ == 3) scalar();
    if (++depth_ == 3) first_.reset(), second_.reset(), text_.reset();
    return true;
  }
  bool end_object() override {
    if (depth_-- == 3 && list_ != other) add();
    return true;
  }
  bool start_array(std::size_t) override {
    if (depth_ == 0) throw fail("a list, expected an object of images, annotations and categories");
    if (depth_ == 1) check_list(true);
    if (depth_ == 2) scalar();
    if (depth_ == 3) scalar();
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }

  bool key(string_t& name) override {
    if (depth_ == 1) {
      list_ = other;
      for (std::size_t i = 0; i < kLists.size(); ++i)
        if (name == kLists[i].list) list_ = static_cast<List>(i);
      if (list_ != other && std::exchange(seen_[list_], true)) throw fail(fmt::format("two lists '{}'", name));
      index_ = 0;
    }
    if (depth_ == 3) key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t byte, const std::string&, const Json::exception&) override { throw fail(fmt::format("byte {}: not JSON", byte)); }

 private:
  Error fail(const std::string& fact) const { return data_error(name_, fact, "expected COCO's JSON: images, annotations and categories"); }

  void check_list(bool is_list) const {
    if (list_ != other && !is_list) throw fail(fmt::format("'{}' is not a list", kLists[list_].list));
  }

  /// A value that is none of those wanted: right where nothing is wanted.
  bool scalar() const {
    if (depth_ == 0) throw fail("a single value, expected an object of images, annotations and categories");
    if (list_ == other) return true;
    if (depth_ == 1) check_list(false);
    if (depth_ == 2) throw fail(fmt::format("{}[{}] is not an object", kLists[list_].list, index_));
    if (depth_ == 3 && (key_ == kLists[list_].id || key_ == kLists[list_].second)) throw wrong(key_);
    return true;
  }

  bool number(int64_t value) {
    if (depth_ != 3 || list_ == other) return scalar();
    if (key_ == kLists[list_].id) first_ = value;
    else if (list_ == annotations && key_ == kLists[list_].second) second_ = value;
    else scalar();
    return true;
  }

  Error wrong(const std::string& field) const {
    const bool text = list_ != annotations && field == kLists[list_].second;
    return fail(fmt::format("{}[{}].{}: missing or not a {}", kLists[list_].list, index_, field, text ? "text" : "whole number"));
  }

  void add() {
    if (index_ % 1024 == 0) check_interrupted();
    if (!first_) throw wrong(kLists[list_].id);
    if (list_ == annotations ? !second_ : !text_) throw wrong(kLists[list_].second);
    if (list_ == annotations) items_.annotations.push_back({*first_, *second_});
    else (list_ == images ? items_.images : items_.categories).push_back({*first_, std::move(*text_)});
    ++index_;
  }

  const std::string& name_;
  CocoItems items_;
  std::array<bool, 3> seen_{};
  List list_ = other;
  int depth_ = 0;
  std::size_t index_ = 0;  // of the item in its list
  std::string key_;
  std::optional<int64_t> first_, second_;
  std::optional<std::string> text_;
};

}  // namespace

CocoItems read_coco_items(Bytes json, const std::string& name) {
  Reader reader(name);
  const std::string_view text = as_text(json);
  Json::sax_parse(text.begin(), text.end(), &reader);
  return reader.finish();
}

}  // namespace graft::convert
