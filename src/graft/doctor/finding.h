// What may be wrong with a data set: findings of a closed list of kinds, each about some of its photos.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace graft::doctor {

/// In the order in which people are told of them, within a severity.
enum class Kind {
  unreadable,      // cannot be decoded
  exact_leak,      // the same picture in several parts
  near_leak,       // almost the same
  divided_group,   // photos of one group in several parts
  exact_conflict,  // the same picture under two labels
  near_conflict,   // almost the same
  shortcut,        // a fact beside the picture tells its class
  exact_copies,    // the same picture several times in one part
  near_copies,     // almost the same
  look_alikes,     // they might be copies, in a set where many look alike
  suspicious_label,
  few_photos,
  imbalance,
  mistyped,  // the content is another format than the name says
  uniform,   // shows next to nothing
  tiny,
  extreme_aspect,
  colour_mixture,  // grey, CMYK or transparent ones among others
  turned,          // EXIF turns it
};

/// error: a number that is measured on this data is wrong, or photos are lost; warning: the model may get worse; note: good to know.
enum class Severity { note, warning, error };

struct KindRow {
  Kind kind;
  Severity severity;
  std::string_view name;    // "exact-leak", of JSON and CSV
  std::string_view title;   // "the same picture in several parts", of the table
  std::string_view advice;  // what to do: a sentence
};

/// The one list, in the order of Kind.
std::span<const KindRow> kinds();
const KindRow& row_of(Kind kind);
std::string_view to_string(Severity severity);

struct Finding {
  Kind kind;
  std::vector<std::size_t> photos;             // rows of the photos that it is about; empty: of the whole data set, or of a class
  std::string text;                            // a sentence with what was found
  std::optional<double> score = std::nullopt;  // by which it was judged, where there is one: similarity, probability, accuracy
  std::vector<std::size_t> superfluous = {};  // of `photos`, those that may go without a loss, as `--fix` takes them; none where a person must decide
};

inline Severity severity_of(const Finding& finding) { return row_of(finding.kind).severity; }

}  // namespace graft::doctor
