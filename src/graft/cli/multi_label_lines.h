// What `predict` prints of a photo that may have any number of classes.
#pragma once

#include <span>
#include <string>

namespace graft::cli {

using Names = std::span<const std::string>;

/// {"path", "labels": those from 50 % on, "probabilities": of every class}.
std::string multi_label_json_line(const std::string& photo, std::span<const float> probabilities, Names names);

/// path, label ("a;b"), and the probability of every class.
std::string multi_label_csv_header(Names names);
std::string multi_label_csv_line(const std::string& photo, std::span<const float> probabilities, Names names);

/// "photo.jpg  red 98.1 %  blue 61.0 %", the most probable first; "photo.jpg  none from 50 % on; most likely red 31.0 %".
std::string multi_label_text_line(const std::string& photo, std::span<const float> probabilities, Names names);

}  // namespace graft::cli
