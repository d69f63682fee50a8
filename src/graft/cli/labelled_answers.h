// A model's answers for labeled photos: the measuring half of `graft eval`, whose printing half is eval_report.h.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graft/artifact/session.h"
#include "graft/cli/command.h"
#include "graft/cli/inference_options.h"
#include "graft/data/dataset.h"
#include "graft/eval/scores.h"
#include "graft/trust/decide.h"

namespace graft::cli {

/// The photos that could be read, in the order of the dataset, with everything worth knowing about them.
struct LabelledAnswers {
  artifact::ModelCard card;
  std::string data, part;  // printable; of it: "all", "train", "val", "test"
  std::vector<data::Sample> samples;
  std::vector<int> labels;                   // of SingleLabel: of each sample
  std::vector<float> targets;                // of MultiLabel: (samples, classes)
  std::vector<float> logits, probabilities;  // (samples, classes)
  std::vector<float> features;               // (samples, width), what the last layer reads, where that was asked for or the model's rules look at it
  std::vector<trust::Decision> decisions;    // by the model's rules, of each sample
  std::vector<Hash128> hashes;               // of each sample's file
  std::optional<std::size_t> trained_on;     // of the samples; nothing where that is not known
  std::size_t under_two_classes = 0;         // photos that also occur under another label, byte for byte the same

  /// The group of each photo; empty if it has none.
  std::vector<std::string> groups() const;
  /// "all of photos", "the val part of photos".
  std::string measured_on() const;
  eval::Truth truth() const { return {card.task, samples.size(), labels, targets}; }
};

/// Of `graft eval` and `graft compare --data`.
struct AskedPhotos {
  std::filesystem::path data;
  std::string part;
  data::SourceOptions source;
  bool skip_unreadable = false;
  bool features = false;                                 // what the last layer reads is asked for, too
  bool remarks = true;                                   // false: they were made when another model looked at these photos
  std::function<void(const data::Dataset&)> check = {};  // before the work: throws for what the options make impossible

  /// All but `data`, which each command asks for in its own way.
  void fields(FieldList& v);
};

/// Runs the model on the photos, with progress and remarks on standard error. Errors (data) as open_session and open_labelled; for photos that cannot be
/// read, unless they are to be skipped and others are left.
LabelledAnswers answer_labelled(const std::filesystem::path& model, const AskedPhotos& photos, const InferenceOptions& inference,
                                const OutputOptions& output);

}  // namespace graft::cli
