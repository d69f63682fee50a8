#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/engine/precision.h"
#include "graft/study/replay.h"

namespace graft::study {
namespace {

const char* name_of(engine::Precision precision) { return precision == engine::Precision::bf16 ? "bf16" : "float32"; }

std::string line_of(const Replay& r) {
  if (!r.difference) return fmt::format("{:<20}not asked: {}\n", r.name, r.why_not);
  return fmt::format("{:<20}{}: logits differ by {:.2g} % of their size, {}\n", r.name,
                     r.same     ? "agrees"
                     : r.counts ? "DIFFERS"
                                : "differs (the model runs in float32)",
                     100 * r.difference->size, fit::to_text(*r.difference));
}

}  // namespace

nlohmann::ordered_json to_json(const Replayed& r) {
  nlohmann::ordered_json json{{"model", r.model},
                              {"photos", r.photos},
                              {"same", r.same()},
                              {"tensors", r.tensors},
                              {"reference", "OpenVINO, float32"}};
  for (const Replay& replay : r.replays) {
    nlohmann::ordered_json one{{"name", replay.name}};
    if (replay.difference)
      one.update({{"same", replay.same},
                  {"counts", replay.counts},
                  {"logits", replay.difference->size},
                  {"probabilities", replay.difference->probabilities},
                  {"changed", replay.difference->changed},
                  {"answers", replay.difference->answers}});
    else one["not_asked"] = replay.why_not;
    json["replays"].push_back(one);
  }
  if (r.recorded)
    json["recorded"] = {{"same", r.recorded->same},
                        {"photos", r.recorded->photos},
                        {"precision", name_of(r.recorded->precision)},
                        {"probabilities", r.recorded->moved},
                        {"changed", r.recorded->changed}};
  else json["recorded"] = nullptr;
  return json;
}

std::string to_text(const Replayed& r) {
  std::string text = fmt::format("{} on {} photo{}, compared with its answers by OpenVINO in float32\n\n", r.model,
                                 with_commas(static_cast<long>(r.photos)), r.photos == 1 ? "" : "s");
  text += r.tensors > 0 ? fmt::format("{:<20}agree: {} tensors are the same in model.onnx and weights.safetensors\n", "weights", r.tensors)
                        : fmt::format("{:<20}not compared: no weights.safetensors next to it\n", "weights");
  for (const Replay& replay : r.replays) text += line_of(replay);
  if (!r.recorded) return text + fmt::format("{:<20}not compared: predictions.csv of the run has none of these photos\n", "record of the run");
  text += fmt::format("{:<20}{}: probabilities of {} photos have moved by {:.2g} points on average, {} answers differ (in {})\n", "record of the run",
                      r.recorded->same ? "agrees" : "DIFFERS", with_commas(static_cast<long>(r.recorded->photos)), 100 * r.recorded->moved,
                      r.recorded->changed, name_of(r.recorded->precision));
  if (!r.recorded->same) text += "the model, the photos or graft's reading of them have changed since the run was written\n";
  return text;
}

}  // namespace graft::study
