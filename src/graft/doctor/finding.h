// What may be wrong with a data set: findings of a closed list of kinds, each about some of its photos.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace graft::doctor {

/// In the order in which they are reported, within a severity.
enum class Kind {
  unreadable,      // cannot be decoded
  exact_leak,      // the same picture in several parts
  near_leak,       // almost the same
  divided_group,   // photos of one group in several parts
  exact_conflict,  // the same picture under two labels
  near_conflict,   // almost the same
  shortcut,        // a fact other than the picture tells the class
  exact_copies,    // the same picture several times in one part
  near_copies,     // almost the same
  look_alikes,     // they might be copies, in a data set where many look alike
  suspicious_label,
  few_photos,
  imbalance,
  mistyped,  // the content is not in the format that the name says
  uniform,   // shows almost nothing
  tiny,
  extreme_aspect,
  colour_mixture,  // gray, CMYK or transparent ones among others
  turned,          // EXIF rotates it
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
  std::vector<std::size_t> photos;             // rows of the photos concerned; empty: the whole data set, or a class
  std::string text;                            // a sentence with what was found
  std::optional<double> score = std::nullopt;  // by which it was judged, if there is one: similarity, probability, accuracy
  std::vector<std::size_t> superfluous = {};   // those of `photos` that can be removed without loss, as by `--fix`; none if a person must decide
};

inline Severity severity_of(const Finding& finding) { return row_of(finding.kind).severity; }

}  // namespace graft::doctor
