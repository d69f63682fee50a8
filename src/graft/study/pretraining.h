// Self-supervised pre-training on a folder of photos without labels, from a pretrained network or an earlier run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/data/source_options.h"
#include "graft/engine/engine.h"
#include "graft/eval/paired.h"
#include "graft/fit/job/listener.h"
#include "graft/models/registry.h"
#include "graft/study/views.h"
#include "graft/train/pretraining.h"

namespace graft::study {

/// The options of `graft pretrain`.
struct PretrainConfig : train::PretrainingConfig {
  std::filesystem::path data;
  std::string from = models::kDefaultBackbone;
  std::optional<std::filesystem::path> out, resume, probe;
  std::optional<Size> size;
  engine::Precision precision = engine::Precision::automatic;
  bool skip_unreadable = false;
  ViewOptions views;
  data::SourceOptions source;  // of --probe

  PretrainConfig() { threads = available_cpus(); }
  void fields(FieldList& v);
};

/// The accuracy of a linear layer on frozen features of the --probe photos, cross-validated, with the network before and after pre-training.
struct ProbeGain {
  std::size_t photos, classes;
  double before, after;
  eval::Paired compared;  // after - before, on the same photos
};

struct Pretrained {
  std::filesystem::path run;
  std::string from;
  std::size_t photos;
  std::map<std::string, double> before;
  std::vector<train::EpochRecord> history;
  std::optional<ProbeGain> gain;
};

/// Names of scores in the history, beside those of train/pretraining.h: the accuracies of the nearest neighbors and of a linear layer on --probe.
inline constexpr const char *kNearestScore = "knn", *kLinearScore = "linear";

/// RUN holds encoder.onnx, the network without its last layer, with the weights of the last epoch, which `graft fit --from RUN` and, as --backbone
/// RUN/encoder.onnx, every other command accept; weights.safetensors, the same weights; trained_on.npy; history.json; and study.json, the options.
/// While the training is unfinished, RUN/checkpoint has its state. Errors: (usage) a network that cannot be trained, or is unknown; (data) no photos,
/// photos that cannot be read, and as train::train_pretraining. Collapsed, with nothing left. Interrupted, with how to resume.
Pretrained pretrain(Configured<PretrainConfig>& config, const fit::Listener& listener);

nlohmann::ordered_json to_json(const Pretrained& found);
/// A table of the epochs.
std::string to_text(const Pretrained& found);
/// If the features have lost more than half of their effective rank; else empty.
std::string warning(const Pretrained& found);
/// A sentence on whether pre-training helped; empty without --probe.
std::string conclusion(const Pretrained& found);

}  // namespace graft::study
