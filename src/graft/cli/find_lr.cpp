#include "graft/cli/find_lr.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/fit_listener.h"
#include "graft/fit/lr_picture.h"
#include "graft/fit/preview.h"

namespace graft::cli {
namespace fs = std::filesystem;
namespace {

bool is_svg(const fs::path& path) { return lower(path.extension().string()) == ".svg"; }

/// The picture's place, where it was asked for: a config file's --out is the run folder of the training.
std::optional<fs::path> picture_of(const Configured<fit::FitConfig>& config) {
  const auto& out = config.values.out;
  if (!config.values.find_lr || !out || (origin_of(config.origins, "out").source != Source::flag && !is_svg(*out))) return {};
  return out;
}

std::string title_of(const fit::FitConfig& c) {
  fs::path data = fs::absolute(c.data).lexically_normal();
  if (!data.has_filename()) data = data.parent_path();
  return fmt::format("{}: {}, {}", data.filename().string(), fs::path(c.backbone).stem().string(), transfer::to_string(*c.strategy));
}

const char* name_of(train::LrAnswer answer) {
  constexpr const char* kNames[] = {"clear", "learnt", "no fall"};
  return kNames[static_cast<int>(answer)];
}

nlohmann::ordered_json to_json(const train::LrCurve& curve) {
  nlohmann::ordered_json json{{"answer", name_of(curve.answer)},
                              {"suggestion", nullptr},
                              {"fall", curve.fall},
                              {"diverges_from", nullptr},
                              {"loss_before", curve.start},
                              {"loss_of_guessing", curve.guessing},
                              {"points", nlohmann::ordered_json::array()},
                              {"sweeps", curve.sweeps}};
  if (curve.suggestion > 0) json["suggestion"] = curve.suggestion;
  if (curve.diverges > 0) json["diverges_from"] = curve.diverges;
  for (const train::LrPoint& p : curve.points) json["points"].push_back({{"lr", p.lr}, {"loss", p.loss}, {"smoothed", p.smoothed}});
  return json;
}

}  // namespace

void check_picture(const Configured<fit::FitConfig>& config) {
  const fit::FitConfig& c = config.values;
  if (c.dry_run && c.find_lr) throw usage_error("--dry-run and --find-lr", "are two things to do instead of training", "choose one of them");
  if (!c.out) return;
  const std::string out = "--out " + printable(c.out->string());
  if (!c.find_lr && is_svg(*c.out))
    throw usage_error(out, "names a picture, but a run is a folder", "give --find-lr, too, which draws one, or choose another name");
  if (const auto picture = picture_of(config); picture && !is_svg(*picture))
    throw usage_error(out, "expected a name that ends in .svg: with --find-lr it is the curve's picture", "for instance --out curve.svg");
}

void print_lr(Configured<fit::FitConfig>& config, const OutputOptions& output) {
  const auto picture = picture_of(config);
  if (picture) const AtomicFolder place(*picture);  // one that cannot be written is known before the work
  const train::LrCurve curve = fit::find_lr(config, listener_for(output));
  if (picture) write_file(*picture, fit::lr_picture(curve, title_of(config.values)));
  if (output.json) return print(to_json(curve).dump(2) + "\n");
  std::string text = "learning rate      loss  smoothed\n";
  for (const train::LrPoint& p : curve.points) text += fmt::format("{:>13.2e} {:>9.4f} {:>9.4f}\n", p.lr, p.loss, p.smoothed);
  text += "\n" + fit::sentence_of(curve) + "\n";
  if (picture) text += "picture: " + printable(picture->string()) + "\n";
  print(text);
}

}  // namespace graft::cli
