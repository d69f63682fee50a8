// A trained model as it is deployed: one model.onnx whose metadata holds labels, preprocessing and provenance. Step 2 of the image journey.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "graft/data/loader.h"
#include "graft/data/preprocess.h"
#include "graft/engine/engine.h"
#include "graft/graph/graph.h"

namespace graft::artifact {

enum class Task {
  single_label,  // a photo has one class: softmax
  multi_label,   // any number of them: the logistic function of each logit
};

/// What the file says beside its weights.
struct ModelCard {
  std::vector<std::string> labels;  // class names in the order of the outputs
  data::Preprocess preprocess;
  engine::Precision precision = engine::Precision::float32;  // in which the model was checked
  nlohmann::ordered_json provenance;                         // backbone, weights with their hash, data, seed, version
  Task task = Task::single_label;
};

/// The ONNX bytes of a graph with its card as metadata: graft.labels, graft.preprocess, graft.precision, graft.provenance (JSON each), and of a
/// multi-label one graft.task "multi-label".
std::string to_onnx(const graph::Graph& graph, const ModelCard& card);

/// For one caller at a time, copies included: they share the engine. Threads that predict at once have a Model each (load_model again), or take turns;
/// a second predict() meanwhile is refused, not answered wrongly. Its engine is compiled on a thread of its own, so that photos are decoded meanwhile.
struct Model {
  std::string path;  // of the model.onnx, printable
  ModelCard card;
  engine::Precision precision;  // in which it runs
  int batch;                    // rows the engine takes at once
  std::shared_future<std::shared_ptr<engine::Engine>> engine;
  std::shared_ptr<std::atomic_flag> busy = std::make_shared<std::atomic_flag>();  // while predict() runs

  std::size_t classes() const { return card.labels.size(); }
};

struct LoadModelOptions {
  engine::Precision precision = engine::Precision::automatic;  // automatic: as the card says where this CPU can, else float32
  int threads = 1;
  int batch = 16;
};

/// The model.onnx that a run folder or the file itself names. Error (data) where there is none.
std::filesystem::path model_file(const std::filesystem::path& path);

/// Whether it is a run folder, or an ONNX file with graft's metadata. Error (data) where there is none, or it is another kind of file.
bool is_graft_model(const std::filesystem::path& path);

/// The card alone, without an engine. Errors as load_model.
ModelCard load_card(const std::filesystem::path& path);

/// `path`: a run folder or a model.onnx. Errors (data): no such run, truncated, not written by graft, labels that do not fit the outputs;
/// what OpenVINO finds wrong inside is thrown by predict().
Model load_model(const std::filesystem::path& path, const LoadModelOptions& options);

/// A Model of ONNX bytes and their card: what load_model and pretrained_model end with. `name` is for messages.
Model start_model(std::string name, std::string onnx, ModelCard card, const LoadModelOptions& options);

struct Predictions {
  std::vector<float> logits;         // (paths, classes); rows of unreadable images are 0
  std::vector<float> probabilities;  // of them, as the card's task says
  std::vector<data::Unreadable> unreadable;
  std::vector<Hash128> hashes = {};  // of each path's bytes; 0 of unreadable images
};

/// Rows of `classes` logits to probabilities, in place.
void to_probabilities(std::span<float> logits, std::size_t classes, Task task);

/// The logits are the mean over the views. std::logic_error when another call with this Model, or a copy of it, has not come back yet.
Predictions predict(Model& model, const std::vector<std::filesystem::path>& paths, int threads, const std::function<void(std::size_t)>& advance = {},
                    data::TestViews views = data::TestViews::one);

}  // namespace graft::artifact
