// What a run leaves: the files of ARCHITECTURE.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graft/artifact/session.h"
#include "graft/data/dataset.h"
#include "graft/fit/job/config.h"
#include "graft/fit/job/result.h"
#include "graft/weights/locate.h"

namespace graft::fit {

/// What is written into the files; refers to things that must outlive it.
struct RunFiles {
  const graph::Graph& graph;
  artifact::ModelCard card;
  const std::vector<data::Sample>& val;
  const std::vector<data::Sample>& train;
  nlohmann::ordered_json reweighting = {}, sources = {}, trust = {};  // trust: of history.json (rules.h)
  nlohmann::ordered_json doctor = {};                                 // doctor.json (look_over.h)
  std::vector<Hash128> trained_on = {};                               // of this run's training photos, and of those of --from
};

/// runs/NAME-YYYYMMDD-HHMMSS, followed by a number if that exists.
std::filesystem::path default_run_folder(const std::filesystem::path& data);

/// Where the model comes from: no times and no absolute places, so that the same run gives the same bytes.
nlohmann::ordered_json provenance(const Configured<FitConfig>& config, const weights::Pretrained& pretrained, const data::Splits& splits,
                                  std::size_t train_images);

/// model.onnx and weights.safetensors.
void write_model(const std::filesystem::path& folder, const RunFiles& files);

/// The beginning of history.json.
nlohmann::ordered_json history_of(const nlohmann::ordered_json& phases);

/// config.toml, history.json (`phases`, and how photos were weighed), eval.json, doctor.json, predictions.csv, trained_on.npy,
/// and sample_weights.csv where photos have weights.
void write_records(const std::filesystem::path& folder, const Configured<FitConfig>& config, const RunFiles& files,
                   const nlohmann::ordered_json& phases, const FitResult& result, const artifact::Predictions& predictions);

}  // namespace graft::fit
