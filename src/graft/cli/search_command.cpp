#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/photo_answers.h"
#include "graft/data/dataset.h"
#include "graft/search/embed.h"
#include "graft/search/neighbour_graph.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

const CommandText kSearchText{"graft search",
                              "Find the photos in an index that are most similar to a photo, by the cosine of their features.",
                              {"graft search features.npy photo.jpg", "graft search features.npy new-photos/ --top 1 --csv > nearest.csv"}};

struct SearchOptions {
  fs::path index;
  std::vector<fs::path> photos;
  int top = 10;
  int exact_below = 50'000;
  std::optional<fs::path> weights;
  int threads = available_cpus();
  bool csv = false;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("index", index, "a file that `graft embed` wrote: .npy, .safetensors or .csv");
    v.positional("photos", photos, "image files and folders; - reads a list of them from standard input");
    v("top", top, "number of nearest photos to print for each photo", Shorthand{'k'}, at_least(1));
    v("exact-below", exact_below,
      "compare all rows of an index of up to this size; next to a larger one, a graph is built once (INDEX.hnsw), which may miss a few of the "
      "nearest",
      at_least(1));
    v("weights", weights, "file of the network's weights, or the .onnx, if the index was made with one", Placeholder{"FILE"},
      DefaultText{"where setup put them"});
    v.group("Machine");
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
    output.fields(v);
    v("csv", csv, "results as CSV: photo, rank, similarity, path");
  }
};

using Matches = std::vector<search::Match>;

std::string neighbours_as_json(const std::string& photo, const Matches& matches, const std::vector<std::string>& paths) {
  nlohmann::ordered_json line{{"path", photo}, {"nearest", nlohmann::ordered_json::array()}};
  for (std::size_t i = 0; i < matches.size(); ++i)
    line["nearest"].push_back({{"rank", i + 1}, {"similarity", matches[i].similarity}, {"path", paths[matches[i].row]}});
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string neighbours_as_csv(const std::string& photo, const Matches& matches, const std::vector<std::string>& paths) {
  std::string text;
  for (std::size_t i = 0; i < matches.size(); ++i)
    text += fmt::format("{},{},{:.6f},{}\n", csv_field(photo), i + 1, matches[i].similarity, csv_field(paths[matches[i].row]));
  return text;
}

std::string neighbours_as_table(const std::string& photo, const Matches& matches, const std::vector<std::string>& paths) {
  std::string text = fmt::format("{}\n{:>6} {:>11}  path\n", photo, "rank", "similarity");
  for (std::size_t i = 0; i < matches.size(); ++i)
    text += fmt::format("{:>6} {:>11.3f}  {}\n", i + 1, matches[i].similarity, printable(paths[matches[i].row]));
  return text;
}

/// What answers: every row compared, or the graph beside a large index.
class Searcher {
 public:
  Searcher(const SearchOptions& options, const search::Index& index) : index_(index), pool_(options.threads) {
    if (index.table.rows <= static_cast<std::size_t>(options.exact_below)) return;
    std::unique_ptr<Progress> progress;
    graph_ = search::open_graph(options.index, index.table, pool_, index.name, [&]() -> std::function<void(std::size_t)> {
      progress = std::make_unique<Progress>("graph", index.table.rows, progress_style(options.output), "rows");
      return [&progress](std::size_t n) { progress->advance(n); };
    });
    if (progress) progress->finish();
  }

  std::vector<Matches> nearest(std::span<const float> queries, std::size_t top) {
    return graph_ ? graph_->nearest(queries, top, pool_) : search::nearest(index_.table, queries, top, pool_, index_.name);
  }

 private:
  const search::Index& index_;
  ThreadPool pool_;
  std::optional<search::NeighbourGraph> graph_;
};

}  // namespace

CommandReference search_reference() { return reference_of<SearchOptions>(kSearchText); }

int search_command(std::span<const std::string> words) {
  const auto config = read_config<SearchOptions>(kSearchText, words);
  if (!config) return 0;
  const SearchOptions& o = config->values;
  if (o.csv && o.output.json) throw usage_error("--csv", "cannot be combined with --json", "choose one");
  const search::Index index = search::read_index(o.index);
  const data::ImageList listed = data::list_images(o.photos, std::cin);
  const std::vector<fs::path>& photos = listed.paths;
  search::QueryEmbedder embedder(index, o.weights.value_or(""), o.threads, photos.size());
  Searcher searcher(o, index);
  if (o.csv) print("photo,rank,similarity,path\n");

  const auto write = o.output.json ? neighbours_as_json : o.csv ? neighbours_as_csv : neighbours_as_table;
  const int code = print_answers("search", photos, o.output, [&](const Photos& some, const auto& advance) -> PhotoAnswers {
    search::Queries queries = embedder(some, advance);
    auto lines = [&, matches = searcher.nearest(queries.values, static_cast<std::size_t>(o.top))](const std::string& photo, std::size_t i) {
      return write(photo, matches[i], index.info.paths);
    };
    return {std::move(queries.unreadable), std::move(lines)};
  });
  tell_left_out(listed, o.output);
  return code;
}

}  // namespace graft::cli
