// A report for people, for programs and for spreadsheets.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graft/doctor/examine.h"

namespace graft::doctor {

/// The kinds of findings, the most serious first: how often, a few examples, what to do.
std::string to_table(const Report& report);

/// {"data", "photos", "classes", "parts", "errors", "warnings", "notes", "findings": [{"kind", "severity", "text", "score", "photos", "superfluous"}]}; photos
/// are paths as the user gave them, or, in a file that is to lie in `folder`, relative to that unless they were given as absolute.
nlohmann::ordered_json to_json(const Report& report, const std::optional<std::filesystem::path>& folder = {});

/// A line for each photo of each finding, and one without a photo for a finding about no single ones: finding (its number), kind, severity, path, part, labels,
/// score, superfluous, text. Paths are relative to `folder`, where the file is to lie, unless they were given as absolute.
std::string to_csv(const Report& report, const std::filesystem::path& folder);

/// Of each kind a sentence, in the order of Kind: the first finding, and how many more there are.
std::vector<std::string> sentences_of(const std::vector<Finding>& findings, const std::function<bool(const Finding&)>& is_said);

/// Findings of a severity or a more serious one.
std::size_t count_of(const std::vector<Finding>& findings, Severity least);

}  // namespace graft::doctor
