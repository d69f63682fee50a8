// What a task makes of the labels in a folder or a table: the walk of this layer.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graft/data/dataset.h"
#include "graft/data/source.h"

namespace graft::data {

inline constexpr char kBetweenClasses = ';';

/// "cat;dog"; empty for no class.
std::string joined_names(std::span<const std::string> names);
std::string joined_names(std::span<const int> labels, std::span<const std::string> classes);

/// The task of a source's labels, if it is meant to be this one: labels that name several classes are always MultiLabel.
Task task_of(SingleLabel meant, const Source& source);
Task task_of(MultiLabel meant, const Source& source);

/// Turns the labels into what the task needs. SingleLabel: Error (data) for an empty one. MultiLabel: they are split, `path,"cat;dog"`,
/// and an empty label means no class; Error (data) "file:line: ..." for a class that is named twice in a label or has no name.
void take_apart(SingleLabel task, Source& source);
void take_apart(MultiLabel task, Source& source);
void take_labels(const Task& task, Source& source);

/// The names of its classes.
std::span<const std::string> names_on(SingleLabel task, const Found& found);
std::span<const std::string> names_on(MultiLabel task, const Found& found);
std::span<const std::string> names_on(const Source& source, const Found& found);

/// The sample's label, or labels, from the numbers of its classes' names.
void set_labels(SingleLabel task, std::span<const int> numbers, Sample& sample);
void set_labels(MultiLabel task, std::span<const int> numbers, Sample& sample);

/// (samples, classes), as targets_of().
std::vector<float> targets_for(SingleLabel task, std::span<const Sample> samples, std::size_t classes);
std::vector<float> targets_for(MultiLabel task, std::span<const Sample> samples, std::size_t classes);

/// For each sample its part of these shares, every class in each, as choose_val() of dataset.h says; the samples have no groups.
std::vector<int> deal(SingleLabel task, std::span<const std::string> names, std::span<const Sample> samples, int classes,
                      const SplitOptions& options);
std::vector<int> deal(MultiLabel task, std::span<const std::string> names, std::span<const Sample> samples, int classes, const SplitOptions& options);

/// Checks the parts beyond what every task requires, and perhaps adds a note. MultiLabel: Error (data) for a class that no training photo
/// has, or every one, because there would be nothing to tell it from; "multi-label: 1.4 of 5 classes a photo in the mean, at most 3".
void check_parts(SingleLabel task, const Source& source, Splits& splits);
void check_parts(MultiLabel task, const Source& source, Splits& splits);

}  // namespace graft::data
