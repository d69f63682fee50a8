#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/search/embed.h"

namespace graft::cli {
namespace {

const CommandText kText{"graft embed",
                        "Write the features of photos, as a pretrained network sees them, into a file: for `graft search` and for other programs.",
                        {"graft embed photos/ --out features.npy", "graft embed photos/ --backbone resnet50 --normalize --out features.safetensors",
                         "graft embed list.csv --mirror --out features.csv"}};

using Options = WithOutput<search::EmbedConfig>;

}  // namespace

int embed_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto config = read_config<Options>(kText, words);
  if (!config) return 0;
  const Options& o = config->values;
  if (o.out.empty()) throw usage_error("--out", "missing", "for instance --out features.npy");
  search::refuse_existing(o.out, o.force);
  models::find_network(o.backbone);
  const std::vector<std::filesystem::path> photos = search::list_photos(o.data, std::cin);

  std::optional<Progress> progress;
  const search::Embedding embedding = search::embed(o, photos, [&]() -> std::function<void(std::size_t)> {
    progress.emplace("embed", photos.size(), progress_style(o.output));
    return [&progress](std::size_t n) { progress->advance(n); };
  });
  progress->finish();
  for (const std::string& note : embedding.notes) remark(o.output, note);
  if (!embedding.skipped.empty()) remark(o.output, embedding.skipped);
  search::write_index(o.out, embedding.info, embedding.values, embedding.width);

  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::size_t images = embedding.info.paths.size();
  const double rate = static_cast<double>(images) / seconds;
  const std::string out = printable(o.out.string()), precision = engine::to_string(embedding.info.precision);
  if (o.output.json)
    print(nlohmann::ordered_json{{"images", images},
                                 {"unreadable", embedding.unreadable},
                                 {"cached", embedding.cached},
                                 {"width", embedding.width},
                                 {"precision", precision},
                                 {"seconds", seconds},
                                 {"images_per_second", rate},
                                 {"out", out}}
              .dump(2) +
          "\n");
  else
    print(fmt::format("{}: {} image{} x {} features of {} in {}, {} from the cache; {:.1f} s ({:.0f}/s)\nnext:  graft search {} photo.jpg\n", out,
                      images, images == 1 ? "" : "s", embedding.width, embedding.info.backbone, precision, embedding.cached, seconds, rate, out));
  return 0;
}

}  // namespace graft::cli
