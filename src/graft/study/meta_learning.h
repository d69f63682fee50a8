// Meta-learning on photos of many classes, evaluated on unseen classes, beside a pretrained network without any further training.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/data/source_options.h"
#include "graft/fit/job/listener.h"
#include "graft/models/registry.h"
#include "graft/shots/episodes.h"
#include "graft/train/meta.h"

namespace graft::study {

enum class MetaNetwork { conv4, resnet12 };

/// The options of `graft meta`.
struct MetaLearningConfig : train::MetaConfig {
  std::filesystem::path data;
  std::optional<std::filesystem::path> out, resume;
  MetaNetwork network = MetaNetwork::conv4;
  int width = 64;
  int size = 28;
  std::optional<int> val_classes, test_classes;
  int test_episodes = 600;
  int pretrain_epochs = 20;
  std::string baseline = models::kDefaultBackbone;
  double cache_limit = 4;
  bool skip_unreadable = false;
  data::SourceOptions source;

  MetaLearningConfig() { threads = available_cpus(); }
  void fields(FieldList& v);
};

/// The results of one network and classification rule on the episodes of the test classes.
struct MetaRow {
  std::string network, rule;       // "conv4" and "protonet", or "efficientnet_lite0" and "lda"
  std::vector<double> accuracies;  // of each episode
};

struct MetaLearning {
  std::filesystem::path run;
  std::size_t train_classes, val_classes, test_classes, photos;
  std::vector<train::EpochRecord> history;
  int kept_check;
  std::vector<MetaRow> rows;            // the method first, then its encoder with each rule, then the baseline with each rule
  std::optional<std::size_t> baseline;  // the reference row: the pretrained network with the rule that `graft shots` uses
};

/// RUN holds encoder.onnx, the network without its last layer, which any command accepts as --backbone; meta.json; and study.json, the options. While
/// the training is unfinished, RUN/checkpoint has its state. Errors: (usage) for options that contradict each other; (data) for too few classes or
/// photos, for photos that cannot be read, and as train::meta_train. Interrupted, with how to resume.
MetaLearning meta_learn(Configured<MetaLearningConfig>& config, const fit::Listener& listener);

/// The accuracy of the row minus that of the baseline, on the same episodes.
shots::Mean gain_over(const MetaRow& row, const MetaRow& baseline);

nlohmann::ordered_json to_json(const MetaLearning& found);
std::string to_text(const MetaLearning& found);
/// A sentence on whether the training was worth it; empty without a baseline.
std::string conclusion(const MetaLearning& found);

}  // namespace graft::study
