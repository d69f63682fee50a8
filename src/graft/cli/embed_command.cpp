#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/photo_answers.h"
#include "graft/search/network.h"

namespace graft::cli {
namespace {

const CommandText kEmbedText{
    "graft embed",
    "Compute the features of photos with a pretrained network, and write them into a file for `graft search` or for other programs.",
    {"graft embed photos/ --out features.npy", "graft embed photos/ --backbone resnet50 --normalize --out features.safetensors",
     "graft embed photos/ --backbone encoder.onnx --mean 0.5 --std 0.5 --out features.npy", "graft embed list.csv --mirror --out features.csv"}};

using EmbedOptions = WithOutput<search::EmbedConfig>;

}  // namespace

CommandReference embed_reference() { return reference_of<EmbedOptions>(kEmbedText); }

int embed_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto config = read_config<EmbedOptions>(kEmbedText, words);
  if (!config) return 0;
  const EmbedOptions& o = config->values;
  if (o.out.empty()) throw usage_error("--out", "missing", "for instance --out features.npy");
  search::refuse_existing(o.out, o.force);
  search::check_network(o);
  const data::ImageList listed = search::list_photos(o.data, std::cin);
  const std::vector<std::filesystem::path>& photos = listed.paths;
  for (const std::string& sentence : listed.notes) remark(o.output, sentence);

  std::optional<Progress> progress;
  const search::Embedding embedding = search::embed(o, photos, [&]() -> std::function<void(std::size_t)> {
    progress.emplace("embed", photos.size(), progress_style(o.output));
    return [&progress](std::size_t n) { progress->advance(n); };
  });
  progress->finish();
  for (const std::string& sentence : embedding.notes) remark(o.output, sentence);
  if (!embedding.skipped.empty()) remark(o.output, embedding.skipped);
  search::write_index(o.out, embedding.info, embedding.values, embedding.width);

  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::size_t images = embedding.info.paths.size();
  const double rate = static_cast<double>(images) / seconds;
  const std::string out = printable(o.out.string()), precision = engine::to_string(embedding.info.precision);
  if (o.output.json)
    print(nlohmann::ordered_json{{"images", images},
                                 {"unreadable", embedding.unreadable},
                                 {"left_out", left_out_json(listed)},
                                 {"cached", embedding.cached},
                                 {"width", embedding.width},
                                 {"precision", precision},
                                 {"seconds", seconds},
                                 {"images_per_second", rate},
                                 {"out", out}}
              .dump(2) +
          "\n");
  else
    report(o.output,
           fmt::format("{}: {} photo{} x {} features of {} in {}, {} from the cache; {:.1f} s ({:.0f}/s)\nnext:  graft search {} photo.jpg\n", out,
                       images, images == 1 ? "" : "s", embedding.width, embedding.info.backbone, precision, embedding.cached, seconds, rate,
                       shell_word(o.out.string())));
  return 0;
}

}  // namespace graft::cli
