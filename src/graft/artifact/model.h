// A trained model as it is deployed: one model.onnx whose metadata holds labels, preprocessing and provenance. session.h runs it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graft/data/preprocess.h"
#include "graft/data/task.h"
#include "graft/engine/engine.h"
#include "graft/graph/graph.h"
#include "graft/trust/rules.h"

namespace graft::artifact {

/// What the file says in addition to its weights.
struct ModelCard {
  std::vector<std::string> labels;  // class names in the order of the outputs
  data::Preprocess preprocess;
  engine::Precision precision = engine::Precision::float32;  // in which the model was checked
  nlohmann::ordered_json provenance;                         // backbone, weights with their hash, data, seed, version
  data::Task task = {};
  trust::Rules trust = {};  // how far its answers can be trusted; the weights are calibrated already
};

/// The precision in which the model runs here: the requested one, otherwise the one in which it was checked if this CPU has it, otherwise float32.
engine::Precision precision_of(const ModelCard& card, engine::Precision asked);

/// The ONNX bytes of a graph with its card as metadata: graft.labels, graft.preprocess, graft.precision, graft.provenance (JSON each), and
/// graft.task, its name, where that is not SingleLabel, and graft.trust (JSON) where it has rules.
std::string to_onnx(const graph::Graph& graph, const ModelCard& card);

/// The ONNX bytes of a model file with its answers divided and this card in place of its own, everything else as it was. Nothing where it does not end in
/// a linear layer (onnx/divide_answer.h). Errors (data) as onnx::read_model.
std::optional<std::string> with_divided_answer(const std::filesystem::path& file, double by, const ModelCard& card);

/// The model.onnx that a run folder or the file itself names. Error (data) where there is none.
std::filesystem::path model_file(const std::filesystem::path& path);

/// What --from can begin with: model_file(), or the encoder.onnx, a network without classes, of a run of `graft pretrain` or `graft meta`. Error (data)
/// where there is neither.
std::filesystem::path network_file(const std::filesystem::path& path);

/// The provenance in the file that network_file() finds; an empty object where it says nothing. Errors as network_file; Error (data) for a file that
/// graft did not write.
nlohmann::ordered_json load_provenance(const std::filesystem::path& path);

/// The ONNX bytes of a network that ends with its features: graft.preprocess and graft.provenance as metadata.
std::string encoder_to_onnx(const graph::Graph& encoder, const data::Preprocess& preprocess, const nlohmann::ordered_json& provenance);

inline constexpr const char* kEncoder = "encoder.onnx";

/// Whether it is a run folder, or an ONNX file with graft's metadata. Error (data) where there is none, or it is another kind of file.
bool is_graft_model(const std::filesystem::path& path);

struct ModelFile {
  std::string name;  // of the model.onnx, printable
  std::vector<std::byte> bytes;
  ModelCard card;
};

/// `path`: a run folder or a model.onnx. Errors (data): no such run, truncated, not written by graft, labels that do not fit the outputs.
ModelFile open_model(const std::filesystem::path& path);

/// The card alone. Errors as open_model.
ModelCard load_card(const std::filesystem::path& path);

}  // namespace graft::artifact
