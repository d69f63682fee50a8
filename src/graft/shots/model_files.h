// The files of a run of `graft shots`: those files of any run of graft that apply here.
//
//   model.onnx, weights.safetensors, trained_on.npy   as of every run
//   support.safetensors                               kept.h
//   shots.json                                        the rule and how it was chosen; what was done to the classes since
//   config.toml, eval.json, predictions.csv           of `graft shots` alone; eval.json and predictions.csv of labelled photos of QUERY, else answers.csv
#pragma once

#include <nlohmann/json.hpp>

#include "graft/artifact/model.h"
#include "graft/shots/kept.h"
#include "graft/shots/run.h"

namespace graft::shots {

inline constexpr const char* kRecordFile = "shots.json";

/// A model made from a network and photos.
struct Made {
  Learnt learnt;
  graph::Graph graph;
  artifact::ModelCard card;
};

/// `backbone`: its last stage is the head that is replaced. `provenance`: without what the photos and the rule add. Errors as learn.
Made make_model(const graph::Graph& backbone, const data::Preprocess& preprocess, const Kept& kept, nlohmann::ordered_json provenance,
                const std::string& source, ThreadPool& pool);

/// `history`: what was done to the classes, a sentence each.
void write_model_files(const std::filesystem::path& folder, const Made& made, const Kept& kept, const std::vector<std::string>& history);
std::vector<std::string> read_history(const std::filesystem::path& run);

/// The model's logits for rows of features, (rows, classes).
std::vector<float> logits_of(const Made& made, std::vector<float> values, std::size_t width);

nlohmann::ordered_json to_json(const Learnt& learnt);

/// The result for a model that was written to `run`.
Result result_of(const std::filesystem::path& run, Made&& made, const Kept& kept);

}  // namespace graft::shots
