#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "graft/archive/npy_header.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/explain_answers.h"
#include "graft/cli/explain_check.h"
#include "graft/cli/explain_targets.h"
#include "graft/cli/inference_options.h"
#include "graft/cli/photo_answers.h"
#include "graft/data/dataset.h"
#include "graft/eval/scores.h"
#include "graft/explain/sheet.h"
#include "graft/image/png.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

const CommandText kExplainText{"graft explain",
                               "Show where a model looks: heat maps over photos, and the most similar training photos.",
                               {"graft explain runs/cells photo.jpg --out why.png", "graft explain runs/cells photos/ --out maps/ --top 2",
                                "graft explain runs/cells photo.jpg --label crack --method occlusion --out why.png",
                                "graft explain runs/cells photos/ --json", "graft explain runs/cells photos/ --check"}};

constexpr int kLargePicture = 480, kSmallPicture = 240;  // sides of photos in pixels, alone and in a picture of many
constexpr std::size_t kNearest = 3;

struct ExplainCommandOptions {
  fs::path model;
  std::vector<fs::path> photos;
  std::optional<fs::path> out;
  bool raw = false, force = false, check = false;
  explain::Method method = explain::Method::automatic;
  explain::Baseline baseline = explain::Baseline::black;
  std::optional<std::string> label;
  int top = 1;
  engine::Precision precision = engine::Precision::automatic;
  int threads = available_cpus();
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("model", model, "run folder, or model.onnx of graft");
    v.positional("photos", photos, "image files and folders; - reads a list of them from standard input");
    v("out", out,
      "where to write the pictures: a .png file with all photos on one sheet, or a folder with a picture named after each photo. Each shows the "
      "photo, the photo under the map of each class, and the most similar training photos",
      Shorthand{'o'}, Placeholder{"PATH"}, DefaultText{"text only"});
    v("raw", raw, "also write the maps as numbers: a .npy next to each picture, (classes, height, width) in float32");
    v("force", force, "overwrite existing files");
    v.group("Map");
    v("method", method,
      "auto: cam, which is exact if the model ends in averages and one linear layer; else reciprocam; else occlusion, which suits any model. `graft "
      "help explain.md` tells what each can show",
      explain::kMethods);
    v("label", label, "explain this class, or several, separated by commas", Placeholder{"NAME"}, DefaultText{"as --top says"});
    v("top", top,
      "explain this many of the most probable classes, side by side; with several classes per photo: those from 50 % on, if "
      "this is not given",
      Shorthand{'k'}, between(1, 8));
    v("baseline", baseline, "for integrated-gradients: the empty picture from which the path to the photo starts", explain::kBaselines);
    v.group("Check");
    v("check", check,
      "draw nothing, but test whether the maps mean anything: insert and delete pixels in the order of the map, of the picture's center and of "
      "noise, and compare with the maps of shuffled weights. Needs at least 10 photos");
    v.group("Machine");
    v("precision", precision, "auto: the precision the model was checked in, if this CPU has it",
      names<engine::Precision>{{"auto", engine::Precision::automatic}, {"float32", engine::Precision::float32}, {"bf16", engine::Precision::bf16}});
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
    output.fields(v);
  }
};

/// By name, or several with commas; Error (usage) with a near miss.
std::vector<std::size_t> labels_named(const std::string& words, const std::vector<std::string>& labels) {
  const auto index = [&](const std::string& name) { return static_cast<std::size_t>(std::ranges::find(labels, name) - labels.begin()); };
  if (index(words) < labels.size()) return {index(words)};  // a name with a comma in it
  std::vector<std::size_t> found;
  for (const std::string& word : split(words, ',')) {
    const std::string name(trim(word));
    const auto near = closest(name, labels);
    if (index(name) == labels.size())
      throw usage_error("--label " + printable(words),
                        fmt::format("the model has no class '{}', expected one of {}", printable(name), first_few(labels)),
                        near ? "did you mean " + *near + "?" : "");
    if (std::ranges::find(found, index(name)) == found.end()) found.push_back(index(name));
  }
  return found;
}

explain::Which classes_to_explain(const ExplainCommandOptions& o, bool top_given, const artifact::ModelCard& card) {
  if (o.label && top_given) throw usage_error("--top", "cannot be combined with --label", "choose one");
  if (o.label) return [labels = labels_named(*o.label, card.labels)](std::span<const float> /*logits*/) { return labels; };
  const bool any_number = !top_given && !data::one_class_each(card.task);
  return [any_number, top = static_cast<std::size_t>(o.top)](std::span<const float> logits) {
    std::vector<std::size_t> order(logits.size());
    for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
    const auto above = static_cast<std::size_t>(std::ranges::count_if(logits, [](float logit) { return logit >= 0; }));  // 50 % and more
    order.resize(std::min(any_number ? std::max<std::size_t>(above, 1) : top, order.size()));
    return order;
  };
}

/// A photo on its way: read, made a row of the network's batch, and small for the picture.
struct Loaded {
  std::optional<Error> error;
  explain::ShownPhoto shown;
};

class Explaining {
 public:
  Explaining(const ExplainCommandOptions& o, explain::Explainer& explainer, explain::Which which, ExplainTargets targets, bool one_photo)
      : o_(o),
        explainer_(explainer),
        which_(std::move(which)),
        targets_(std::move(targets)),
        side_(one_photo || !targets_.one_picture ? kLargePicture : kSmallPicture),
        in_sheet_(targets_.one_picture && !one_photo),
        pool_(o.threads),
        known_(artifact::KnownPhotos::beside(o.model)) {}

  /// The next photos of the list.
  PhotoAnswers answer(const Photos& photos, const std::function<void(std::size_t)>& advance) {
    constexpr std::size_t kBatch = 16;
    PhotoAnswers answers;
    std::vector<std::string> lines(photos.size());
    for (std::size_t first = 0; first < photos.size(); first += kBatch) {
      check_interrupted();
      const std::size_t n = std::min(kBatch, photos.size() - first);
      explain(std::span(photos).subspan(first, n), std::span(lines).subspan(first, n), [&](std::size_t i, const Error& error) {
        answers.unreadable.push_back({first + i, error});
      });
      advance(n);
    }
    answers.lines = [lines = std::move(lines)](const std::string& /*photo*/, std::size_t i) { return lines[i]; };
    return answers;
  }

  /// Writes the one picture of all photos.
  void finish() {
    if (!targets_.one_picture || sheet_.empty()) return;
    write_file(targets_.pictures.front(), image::encode_png(explain::stacked(sheet_)));
  }

 private:
  void explain(std::span<const fs::path> photos, std::span<std::string> lines, const std::function<void(std::size_t, const Error&)>& unreadable) {
    const artifact::ModelCard& card = explainer_.card();
    const std::size_t bytes = card.preprocess.row_bytes(), classes = card.labels.size();
    std::vector<Loaded> loaded(photos.size());
    std::vector<uint8_t> rows(photos.size() * bytes);
    pool_.parallel_for(photos.size(), [&](std::size_t i) { loaded[i] = load(photos[i], std::span(rows).subspan(i * bytes, bytes)); });
    std::vector<std::size_t> readable;
    for (std::size_t i = 0; i < photos.size(); ++i) {
      if (loaded[i].error) {
        unreadable(i, *loaded[i].error);
        continue;
      }
      if (readable.size() < i)
        std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(i * bytes), bytes,
                    rows.begin() + static_cast<std::ptrdiff_t>(readable.size() * bytes));
      readable.push_back(i);
    }
    const std::size_t n = readable.size();
    explain::Explained explained = explainer_.explain(std::span(rows).first(n * bytes), n, which_);
    if (explained.features.empty() && n > 0) explained.features = features_of(photos, readable);
    std::vector<float> probabilities = explained.logits;
    eval::to_probabilities(card.task, probabilities, classes);
    const auto decisions = trust::decide_all(card.trust, card.task, classes, explained.logits, probabilities, explained.features);
    const std::size_t width = n == 0 ? 0 : explained.features.size() / n;
    std::vector<image::Image> drawn(n);
    pool_.parallel_for(n, [&](std::size_t r) {
      const std::size_t i = readable[r], at = done_ + i;
      const std::span<const float> of_photo = std::span(probabilities).subspan(r * classes, classes);
      ExplainedPhoto photo{printable(photos[i].string()), {of_photo, decisions[r]}, explained.maps[r], loaded[i].shown.window, {}, {}, {}};
      if (known_) photo.nearest = known_->nearest(std::span(explained.features).subspan(r * width, width), nearest_width(width), kNearest);
      if (decisions[r].stranger && decisions[r].stranger->unknown && !photo.nearest.empty()) photo.answer.nearest = photo.nearest.data();
      if (o_.out) {
        drawn[r] = draw(std::move(loaded[i].shown), photo);
        const std::size_t target = targets_.one_picture ? 0 : at;
        if (!targets_.one_picture) write_file(targets_.pictures[target], image::encode_png(drawn[r]), Sync::later);
        photo.picture = printable(targets_.pictures[target].string());
        if (o_.raw) {
          write_maps(targets_.maps[target], photo.maps);
          photo.raw = printable(targets_.maps[target].string());
        }
      }
      lines[i] = line_of(photo);
    });
    if (targets_.one_picture)
      for (image::Image& row : drawn) sheet_.push_back(std::move(row));
    done_ += photos.size();
  }

  Loaded load(const fs::path& photo, std::span<uint8_t> row) const try {
    const data::Preprocess& preprocess = explainer_.card().preprocess;
    const image::Image image = image::decode(read_file(photo), photo.string(), preprocess.decoding());
    preprocess(image, row);
    return {std::nullopt, o_.out ? explain::shown_photo(image, preprocess, side_)
                                 : explain::ShownPhoto{{}, explain::window_of(image.width, image.height, preprocess)}};
  } catch (const Error& error) {
    return {error, {}};
  }

  /// For methods that do not give the input of the last layer, if it is needed.
  std::vector<float> features_of(std::span<const fs::path> photos, std::span<const std::size_t> which) {
    if (!known_ && !explainer_.card().trust.need_features()) return {};
    if (!session_) session_ = artifact::open_session(o_.model, {.precision = o_.precision, .threads = o_.threads, .features = true});
    Photos some;
    for (const std::size_t i : which) some.push_back(photos[i]);
    return session_->predict(some, o_.threads).features;
  }

  /// As the model's rule of strangers looks at them, where it has one that does.
  std::size_t nearest_width(std::size_t width) const {
    const trust::Rules& rules = explainer_.card().trust;
    if (rules.unknown && rules.unknown->gauge.width() > 0) return rules.unknown->gauge.width();
    return width == known_->index().table.width ? width : 0;
  }

  image::Image draw(explain::ShownPhoto shown, const ExplainedPhoto& photo) const {
    explain::SheetRow row{std::move(shown), photo.maps, {}, {}};
    for (const explain::ClassMap& map : photo.maps) row.probabilities.push_back(photo.answer.probabilities[map.label]);
    for (const artifact::NearestPhoto& near : photo.nearest) row.nearest.emplace_back(near.path);
    return explain::drawn(row, side_, in_sheet_);
  }

  static void write_maps(const fs::path& file, const std::vector<explain::ClassMap>& maps) {
    const std::size_t shape[] = {maps.size(), static_cast<std::size_t>(maps.front().map.height), static_cast<std::size_t>(maps.front().map.width)};
    std::string bytes = archive::npy_header("<f4", shape);
    for (const explain::ClassMap& map : maps) bytes += as_text(std::as_bytes(std::span(map.map.values)));
    write_file(file, bytes, Sync::later);
  }

  std::string line_of(const ExplainedPhoto& photo) const {
    const artifact::ModelCard& card = explainer_.card();
    const int top = std::min(std::max(2, o_.top), static_cast<int>(card.labels.size()));
    const artifact::LineOptions options{card.labels, top, false, card.trust};
    return o_.output.json ? explained_json(photo, explainer_.method(), card.task, options) : explained_text(photo, card.task, options);
  }

  const ExplainCommandOptions& o_;
  explain::Explainer& explainer_;
  const explain::Which which_;
  const ExplainTargets targets_;
  const int side_;
  const bool in_sheet_;
  ThreadPool pool_;
  const std::optional<artifact::KnownPhotos> known_;
  std::shared_ptr<const artifact::Session> session_ = nullptr;
  std::size_t done_ = 0;  // photos of the list
  std::vector<image::Image> sheet_;
};

std::string what_it_shows(explain::Method method) {
  return fmt::format(
      "colors: {}, from none (indigo) to the most in the photo (yellow); what speaks against the class is not colored. A map shows what the model "
      "used, not whether it was right to use it: graft help explain.md\n",
      explain::about(method));
}

}  // namespace

CommandReference explain_reference() { return reference_of<ExplainCommandOptions>(kExplainText); }

int explain_command(std::span<const std::string> words) {
  const auto config = read_config<ExplainCommandOptions>(kExplainText, words);
  if (!config) return 0;
  const ExplainCommandOptions& o = config->values;
  if (o.raw && !o.out) throw usage_error("--raw", "needs a folder to write into", "for instance --out maps/");
  if (o.check) refuse_beside_check(config->origins);
  const bool top_given = origin_of(config->origins, "top").source != Source::by_default;
  const artifact::ModelCard card = artifact::load_card(o.model);
  explain::Which which = classes_to_explain(o, top_given, card);
  const data::ImageList listed = data::list_images(o.photos, std::cin);
  const auto batch = static_cast<int>(std::clamp<std::size_t>(listed.paths.size(), 1, 16));
  const explain::ExplainOptions how{.method = o.method, .precision = o.precision, .threads = o.threads, .batch = batch, .baseline = o.baseline};
  if (o.check) {
    explain_check(o.model, listed.paths, how, o.output);
    tell_left_out(listed, o.output);
    return 0;
  }
  ExplainTargets targets = o.out ? explain_targets(*o.out, listed.paths, o.raw, o.force) : ExplainTargets{};
  const auto explainer = explain::open_explainer(o.model, how);
  Explaining explaining(o, *explainer, std::move(which), std::move(targets), listed.paths.size() == 1);
  const int exit_code =
      print_answers("explain", listed.paths, o.output, [&](const Photos& some, const auto& advance) { return explaining.answer(some, advance); });
  explaining.finish();
  if (o.out && !o.output.json) report(o.output, what_it_shows(explainer->method()));
  tell_left_out(listed, o.output);
  return exit_code;
}

}  // namespace graft::cli
