// Tables whose labels name any number of classes: `path,"cat;dog"`, an empty label for none of them.
#pragma once

#include <span>
#include <string>

#include "graft/data/dataset.h"
#include "graft/data/source.h"

namespace graft::data {

inline constexpr char kBetweenClasses = ';';

/// Whether some label names more than one class.
bool names_several(const Source& source);

/// Makes it a source whose images have any number of classes: fills in their labels. Error (data) "file:line: ..." for a class that a label names twice
/// or has no name.
void take_labels_apart(Source& source);

/// "multi-label: 1.4 of 5 classes a photo in the mean, at most 3".
std::string describe(std::span<const Sample> samples, std::size_t classes);

/// Error (data) for a class that no training image has, or every one: there would be nothing to tell it from.
void check_both_sides(const Source& source, const Splits& splits);

}  // namespace graft::data
