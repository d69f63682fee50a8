#include "graft/study/pretraining.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graft/artifact/chain.h"
#include "graft/artifact/model.h"
#include "graft/artifact/trained_on.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/paths.h"
#include "graft/base/rng.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/data/look.h"
#include "graft/engine/onnx_network.h"
#include "graft/fit/more/epoch_lines.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/graph/one_view.h"
#include "graft/graph/patches.h"
#include "graft/graph/walks.h"
#include "graft/head/transferability.h"
#include "graft/models/masked_decoder.h"
#include "graft/search/network.h"
#include "graft/shots/photos.h"
#include "graft/study/take_up.h"
#include "graft/train/library.h"
#include "graft/weights/file/safetensors.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostWatched = 512;    // photos whose features' rank is measured
constexpr uint64_t kWatched = 0x7761746368;  // "watch": a draw beside those of the training

bool is_run(const std::string& from) {
  std::error_code code;
  return fs::exists(fs::path(from) / "model.onnx", code) || fs::exists(fs::path(from) / artifact::kEncoder, code);
}

/// Whether graft made the network, and it has provenance therefore.
bool is_own(const std::string& from) { return is_run(from) || (from.ends_with(".onnx") && artifact::is_graft_model(from)); }

search::NetworkConfig asked_network(const PretrainConfig& c) {
  search::NetworkConfig network;
  network.backbone = is_run(c.from) ? artifact::network_file(c.from).string() : c.from;
  network.size = c.size;
  network.threads = c.threads;
  return network;
}

/// What the training begins with, up to its features.
struct Beginning {
  search::OpenedNetwork opened;
  graph::Graph encoder;
};

Beginning open_encoder(const PretrainConfig& c) {
  Beginning begin{search::open_network(asked_network(c)), {}};
  graph::Graph& graph = begin.opened.graph;
  const std::string name = "--from " + printable(c.from);
  if (engine::is_frozen(graph))
    throw usage_error(name, "stays frozen, since graft has no operator for a part of it: it cannot be trained", "choose a network of `graft models`");
  graph = graph::one_view(graph);
  begin.encoder = graph::features(graph);
  if (c.method == train::PretrainingMethod::mae) {
    try {
      graph::patches_of(begin.encoder);
    } catch (const Error&) {
      throw usage_error(name, "is no vision transformer, and --method mae hides patches of its picture",
                        "choose --from deit_s_16, or --method simclr");
    }
  }
  return begin;
}

nlohmann::ordered_json provenance_of(const PretrainConfig& c, const Beginning& begin, const PhotoList& photos) {
  nlohmann::ordered_json made{{"graft", GRAFT_VERSION},
                              {"strategy", "pretrain"},
                              {"method", train::to_string(c.method)},
                              {"backbone", printable(fs::path(begin.opened.backbone).filename().string())},
                              {"weights", {{"file", printable(begin.opened.file.filename().string())}, {"sha256", begin.opened.sha256}}},
                              {"data", {{"name", printable(c.data.filename().string())}, {"photos", photos.paths.size()}}},
                              {"epochs", c.epochs},
                              {"seed", c.seed}};
  if (is_own(c.from)) made["from"] = artifact::link_to(c.from, {});
  return made;
}

std::map<std::string, std::string> identity_with(const PretrainConfig& c, const graph::Graph& encoder, const PhotoList& photos,
                                                 const PhotoList& probe) {
  train::TrainConfig machine;
  machine.threads = c.threads;
  std::map<std::string, std::string> identity = train::library().machine(machine);
  const auto hash = [](const PhotoList& list) {
    return fmt::format("{} ({})", list.paths.size(), hash128(std::as_bytes(std::span(list.hashes))).hex().substr(0, 8));
  };
  identity["photos"] = hash(photos);
  identity["probe"] = hash(probe);
  identity["network"] = graph::hash_of_weights(encoder).hex().substr(0, 8);
  identity["storage"] = c.storage == train::Storage::bf16 ? "bf16" : "float32";
  return identity;
}

/// Photos as deployed, for the rank of their features, then those with labels.
class Watch {
 public:
  Watch(const PretrainConfig& c, const PhotoList& photos, const PhotoList& probe, const data::Preprocess& preprocess, ThreadPool& pool)
      : probe_(probe), pool_(pool), seed_(c.seed), views_(paths(c, photos), preprocess, {}, c.seed, pool) {}

  train::PhotosWatched watched() const {
    return {{views_.size(),
             [this](uint64_t, std::span<const std::size_t> which, std::span<float> out) {
               std::vector<fit::PhotoViews::Picture> pictures;
               for (const std::size_t i : which) pictures.push_back({i, 0});
               views_.fill(pictures, out);
             }},
            [this](std::span<const float> features) { return scores(features); }};
  }

 private:
  std::vector<fs::path> paths(const PretrainConfig& c, const PhotoList& photos) {
    std::vector<fs::path> all = photos.paths;
    Rng(c.seed, kWatched).shuffle(std::span(all));
    all.resize(std::min(all.size(), kMostWatched));
    ranked_ = all.size();
    all.insert(all.end(), probe_.paths.begin(), probe_.paths.end());
    return all;
  }

  std::map<std::string, double> scores(std::span<const float> features) const {
    const std::size_t width = features.size() / views_.size();
    std::map<std::string, double> scores{{train::kEffectiveRank, head::effective_rank({features.first(ranked_ * width), ranked_, width}, pool_)}};
    if (probe_.paths.empty()) return scores;
    const head::Features probed{features.subspan(ranked_ * width), probe_.paths.size(), width};
    const auto classes = static_cast<int>(probe_.classes.size());
    scores[kNearestScore] = head::nearest_accuracy(probed, probe_.labels, classes, pool_);
    const head::L2Choice choice = head::choose_l2(probed, probe_.labels, classes, {}, seed_, pool_);
    scores[kLinearScore] = std::ranges::find(choice.path, choice.l2, &head::L2Score::l2)->accuracy;
    return scores;
  }

  const PhotoList& probe_;
  ThreadPool& pool_;
  uint64_t seed_;
  std::size_t ranked_ = 0;
  fit::PhotoViews views_;
};

/// Which of the --probe photos a linear layer on the features of this network has right when it was solved without them.
std::vector<bool> right_with(const PretrainConfig& c, const graph::Graph& network, const data::Preprocess& preprocess, const PhotoList& probe,
                             ThreadPool& pool, const fit::Listener& listener) {
  engine::FeatureExtractor extractor = shots::extractor_of(network, preprocess, c.threads, 0, probe.paths.size());
  const shots::Seen seen = shots::see(extractor, probe.paths, *c.probe, false, listener);
  const std::size_t classes = probe.classes.size();
  const head::L2Choice choice =
      head::choose_l2({seen.values, probe.paths.size(), seen.width}, probe.labels, static_cast<int>(classes), {}, c.seed, pool);
  std::vector<bool> right(probe.paths.size());
  for (std::size_t i = 0; i < right.size(); ++i) {
    const auto logits = std::span(choice.held_out_logits).subspan(i * classes, classes);
    right[i] = std::ranges::max_element(logits) - logits.begin() == probe.labels[i];
  }
  return right;
}

ProbeGain gain_of(const PretrainConfig& c, const Beginning& begin, const graph::Graph& after, const PhotoList& probe, ThreadPool& pool,
                  const fit::Listener& listener) {
  const auto right = [&](const graph::Graph& network) { return right_with(c, network, begin.opened.preprocess, probe, pool, listener); };
  graph::Graph whole = begin.opened.graph;
  fit::put_back(after, whole);
  const std::vector<bool> then = right(begin.opened.graph), now = right(whole);
  const auto part = [&](const std::vector<bool>& list) {
    return static_cast<double>(std::ranges::count(list, true)) / static_cast<double>(list.size());
  };
  return {probe.paths.size(), probe.classes.size(), part(then), part(now), eval::compare(now, then)};
}

void write_encoder(const fs::path& out, const graph::Graph& encoder, const data::Preprocess& preprocess, const nlohmann::ordered_json& provenance) {
  std::vector<weights::NamedTensor> tensors;
  for (const graph::Parameter& p : encoder.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
  weights::write_safetensors(out / "weights.safetensors", tensors, {{"graft.provenance", provenance.dump()}}, Sync::later);
  write_file(out / artifact::kEncoder, artifact::encoder_to_onnx(encoder, preprocess, provenance));
}

Pretrained train_in(PretrainConfig& c, const fs::path& out, const fit::Listener& listener) {
  const auto note = [&](const std::string& sentence) {
    if (listener.note) listener.note(sentence);
  };
  Beginning begin = open_encoder(c);
  for (const std::string& sentence : begin.opened.notes) note(sentence);
  data::Preprocess& preprocess = begin.opened.preprocess;
  const data::Augment augment = augment_of(c.views, preprocess.crop);
  PhotoList photos = photos_of(c.data, listener), probe;
  ThreadPool pool(c.threads);
  for (const std::string& sentence : data::choose_pixels(photos.paths, {}, data::Depth::automatic, preprocess, pool)) note(sentence);
  keep_readable(photos, c.data, preprocess, c.skip_unreadable, c.threads, listener);
  if (c.probe) {
    probe = probe_photos(*c.probe, c.source, c.seed, listener);
    keep_readable(probe, *c.probe, preprocess, c.skip_unreadable, c.threads, listener);
    check_probe(probe, *c.probe);
  }
  const bool native = engine::has_native_bf16();
  c.storage = c.precision == engine::Precision::bf16 || (c.precision == engine::Precision::automatic && native) ? train::Storage::bf16
                                                                                                                : train::Storage::float32;
  c.conv_algorithms = cache_folder() / "kernels";

  train::PretrainingNetworks networks{begin.encoder};
  if (c.method == train::PretrainingMethod::mae) networks.decoder = models::masked_decoder(begin.encoder, c.decoder_layers, c.decoder_width);
  const fit::PhotoViews views(photos.paths, preprocess, augment, c.seed, pool);
  const Watch watch(c, photos, probe, preprocess, pool);
  fit::EpochLines lines(listener, c.epochs, photos.paths.size(), false);
  train::Hooks hooks{.observe =
                         [&](const train::EpochRecord& e) {
                           if (e.epoch >= 0) return lines.epoch(e);
                           std::string scores;
                           for (const auto& [name, value] : e.scores) scores += fmt::format("{}{} {:.3f}", scores.empty() ? "" : ", ", name, value);
                           note("before pre-training: " + scores);
                         },
                     .progress = [&](int epoch, std::size_t step, std::size_t steps) { lines.step(epoch, step, steps); },
                     .stop = [] { return interrupted(); },
                     .checkpoint = out / "checkpoint" / "state",
                     .identity = identity_with(c, begin.encoder, photos, probe)};
  const train::PretrainingResult result = train::library().train_pretraining(networks, c, two_views(views), watch.watched(), hooks);
  Pretrained found{.run = out, .from = c.from, .photos = photos.paths.size(), .before = result.before, .history = result.history};
  if (c.probe) found.gain = gain_of(c, begin, result.encoder, probe, pool, listener);
  nlohmann::ordered_json history = to_json(found);
  history.erase("run");  // the same run gives the same bytes, wherever it is
  write_json(out / "history.json", history);
  const std::optional<fs::path> from = is_run(c.from) ? std::optional<fs::path>(c.from) : std::nullopt;
  write_file(out / artifact::kTrainedOn, artifact::trained_on_npy(artifact::with_earlier(photos.hashes, from)), Sync::later);
  write_encoder(out, result.encoder, preprocess, provenance_of(c, begin, photos));
  std::error_code ignored;
  fs::remove_all(out / "checkpoint", ignored);
  return found;
}

/// What can be wrong before any work.
void check_pretraining(const PretrainConfig& c) {
  if (!is_run(c.from)) {
    std::error_code code;
    if (fs::is_directory(c.from, code) && !engine::is_onnx_file(c.from)) artifact::network_file(c.from);  // throws
    search::check_network(asked_network(c));
  }
  augment_of(c.views, Size(224));
  train::library();
}

}  // namespace

void PretrainConfig::fields(FieldList& v) {
  v.positional("data", data, "folder of photos, in which labels are not read; of a folder with train/, only that part is used", MayBeEmpty{});
  v("from", from, "network to continue: a pretrained one, see `graft models`; an earlier run; or an .onnx file", Placeholder{"NETWORK"});
  v("out", out, "folder to write the run into; it must not exist", Shorthand{'o'}, Placeholder{"DIR"}, OfOneRun{}, DefaultText{"runs/NAME-TIME"});
  v("resume", resume, "continue this unfinished run, with its own options", Placeholder{"RUN"}, OfOneRun{});
  v("probe", probe, "labeled photos on which the features are judged before pre-training and after each epoch; they only measure, and decide nothing",
    Placeholder{"DATA"});
  v("size", size, "side of the square that the network sees, or HEIGHTxWIDTH; smaller is faster", between(8, 1024),
    DefaultText{"as the network was trained"});
  v("skip-unreadable", skip_unreadable, "leave out photos that cannot be read, and continue");
  v.group("Pre-training");
  PretrainingConfig::fields(v);
  v.group("Views");
  views.fields(v);
  v.group("Labels of --probe");
  source.label_fields(v);
  v.group("Machine");
  v("precision", precision, "in which the network computes; auto: bf16 if this CPU has it",
    names<engine::Precision>{{"auto", engine::Precision::automatic}, {"float32", engine::Precision::float32}, {"bf16", engine::Precision::bf16}});
  v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
}

Pretrained pretrain(Configured<PretrainConfig>& config, const fit::Listener& listener) {
  PretrainConfig& c = config.values;
  begin_or_take_up(config, "pretrain", listener);
  if (c.method == train::PretrainingMethod::mae)  // whose authors only crop and mirror
    for (const char* option : {"color", "gray-chance", "blur-chance"}) choose(config, option, 0.0, "mae reconstructs pixels");
  check_pretraining(c);
  return in_new_folder(*c.out, "pretrain", config, [&] {
    try {
      return train_in(c, *c.out, listener);
    } catch (const train::Collapsed&) {  // what a checkpoint has would collapse again
      std::error_code ignored;
      fs::remove_all(*c.out / "checkpoint", ignored);
      fs::create_directory(*c.out / "checkpoint", ignored);
      throw;
    }
  });
}

}  // namespace graft::study
