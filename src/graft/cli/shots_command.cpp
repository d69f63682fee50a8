#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/artifact/answer_lines.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/fit_listener.h"
#include "graft/cli/terminal.h"
#include "graft/fit/job/leaked.h"
#include "graft/shots/model_files.h"
#include "graft/shots/run.h"
#include "graft/trust/decide.h"

namespace graft::cli {
namespace {

const CommandText kShotsText{"graft shots",
                             "Make a model from a few labeled photos per class, 1 to 20, on the features of a pretrained network, with the rule that "
                             "does best when photos are left out. Then classify other photos with it, or measure it on them.",
                             {"graft shots support/ query/", "graft shots support/ holdout/ --rule lda --out runs/birds",
                              "graft shots support/ new-photos/ --transductive", "graft shots support.csv photo.jpg --backbone resnet50"}};
const CommandText kAddClassText{
    "graft add-class",
    "Add a class to a run of `graft shots`, using only photos of that class. The model becomes the same as one made from all photos together.",
    {"graft add-class runs/birds owl owls/", "graft add-class runs/birds owl owl1.jpg owl2.jpg --out runs/birds-and-owl"}};
const CommandText kRemoveClassText{
    "graft remove-class",
    "Remove a class from a run of `graft shots`. The model becomes the same as one made from the photos of the other classes.",
    {"graft remove-class runs/birds owl", "graft remove-class runs/birds owl --out runs/birds-without"}};

using ShotsOptions = WithOutput<shots::ShotsConfig>;

struct RemoveClassOptions : shots::ClassConfig {
  OutputOptions output;

  void head_fields(FieldList& v) {
    v.positional("run", run, "folder of a run of `graft shots`");
    v.positional("name", name, "name of the class");
  }
  void tail_fields(FieldList& v) {
    v("out", out, "folder of the new run, which must not exist", Shorthand{'o'}, Placeholder{"DIR"}, DefaultText{"RUN, replaced in one step"});
    v.group("Machine");
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
  }
  void fields(FieldList& v) {
    head_fields(v);
    tail_fields(v);
    output.fields(v);
  }
};

struct AddClassOptions : RemoveClassOptions {
  void fields(FieldList& v) {
    head_fields(v);
    v.positional("photos", photos, "image files and folders, all of that class; - reads a list of them from standard input");
    v("skip-unreadable", skip_unreadable, "leave out photos that cannot be read, and continue");
    tail_fields(v);
    v("cache-limit", cache_limit, "GiB on disk for the features of photos seen before; 0: none", at_least(0));
    output.fields(v);
  }
};

/// How good each rule is on photos left out.
std::string rules_text(const shots::Learnt& learnt) {
  std::string text = wrapped(fmt::format("rule: {} ({})", head::to_string(learnt.taken.rule), learnt.reason));
  const auto line = [&](const shots::Tried& tried) {
    if (tried.left_out)
      text += fmt::format("  {:<11} {:>5.1f} % of {} left-out photos right, log loss {:.3f}\n", head::to_string(tried.rule),
                          100 * tried.left_out->accuracy, tried.left_out->photos, tried.left_out->log_loss);
  };
  if (learnt.tried.empty()) line(learnt.taken);
  for (const shots::Tried& tried : learnt.tried) line(tried);
  if (!learnt.taken.left_out) text += wrapped("probabilities are not calibrated, since no photo can be left out");
  return text;
}

nlohmann::ordered_json to_json(const shots::Result& result) {
  nlohmann::ordered_json json{{"run", printable(result.run.string())},
                              {"model", printable((result.run / "model.onnx").string())},
                              {"classes", nlohmann::ordered_json::array()},
                              {"rule", shots::to_json(result.learnt)}};
  for (std::size_t k = 0; k < result.classes.size(); ++k)
    json["classes"].push_back({{"name", printable(result.classes[k])}, {"photos", result.photos[k]}});
  return json;
}

std::string run_text(const shots::Result& result) {
  std::size_t photos = 0;
  for (const std::size_t count : result.photos) photos += count;
  const std::string run = shell_word(result.run.string());
  return fmt::format("{}: {} classes, {} photos\nnext:  graft predict {} photo.jpg\n       graft add-class {} NAME PHOTOS\n",
                     printable(result.run.string()), result.classes.size(), photos, run, run);
}

/// A line for each photo without a label, as `graft predict` prints it.
std::string answers_text(const shots::Result& result, bool json) {
  const shots::QueryAnswers& query = result.query;
  const std::vector<float>& said = query.together.empty() ? query.probabilities : query.together;
  const std::size_t classes = result.classes.size();
  const trust::Rules none;
  const artifact::LineOptions options{result.classes, static_cast<int>(std::min<std::size_t>(classes, 3)), false, none};
  const auto decisions = trust::decide_all({}, data::Task{}, classes, said, said, {});
  std::string text;
  for (std::size_t i = 0; i < query.photos.size(); ++i)
    text += (json ? artifact::json_line : artifact::text_line)(data::Task{}, printable(query.photos[i].string()),
                                                               {std::span(said).subspan(i * classes, classes), decisions[i]}, options);
  return text;
}

constexpr const char* kTogether =
    "classified together, by optimal transport, which assumes that all classes are equally frequent among these photos; the model that was written "
    "classifies one photo at a time";

std::string query_text(const shots::Result& result) {
  const shots::QueryAnswers& query = result.query;
  std::string text;
  if (query.evaluation) text += eval::to_table(*query.evaluation);
  if (query.evaluation_together) text += "\n" + wrapped(kTogether) + eval::to_table(*query.evaluation_together);
  if (!query.evaluation && !query.photos.empty()) {
    if (!query.together.empty()) text += wrapped(kTogether);
    text += answers_text(result, false);
  }
  return text.empty() ? "" : text + "\n";
}

void print_changed(const shots::Result& result, const OutputOptions& output) {
  if (output.json) return print(to_json(result).dump(2) + "\n");
  report(output, rules_text(result.learnt) + "\n" + run_text(result));
}

}  // namespace

CommandReference shots_reference() { return reference_of<ShotsOptions>(kShotsText); }
CommandReference add_class_reference() { return reference_of<AddClassOptions>(kAddClassText); }
CommandReference remove_class_reference() { return reference_of<RemoveClassOptions>(kRemoveClassText); }

int shots_command(std::span<const std::string> words) {
  const auto options = read_config<ShotsOptions>(kShotsText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<shots::ShotsConfig> config{options->values, options->origins};
  const shots::Result result = shots::run_shots(config, listener_for(output));
  if (output.json) {
    nlohmann::ordered_json json = to_json(result);
    const shots::QueryAnswers& query = result.query;
    if (query.evaluation) json["evaluation"] = fit::evaluation_json(*query.evaluation, std::nullopt);
    if (query.evaluation_together) json["transductive_evaluation"] = fit::evaluation_json(*query.evaluation_together, std::nullopt);
    if (!query.photos.empty()) json["answers_are_transductive"] = !query.evaluation && !query.together.empty();
    if (!query.evaluation && !query.photos.empty()) {
      json["answers"] = nlohmann::ordered_json::array();
      for (const std::string& line : split(answers_text(result, true), '\n'))
        if (!line.empty()) json["answers"].push_back(nlohmann::ordered_json::parse(line));
    }
    json["config"] = json_record(config);
    print(json.dump(2) + "\n");
    return 0;
  }
  if (!result.query.evaluation && output.quiet) print(answers_text(result, false));
  report(output, rules_text(result.learnt) + "\n" + query_text(result) + run_text(result));
  return 0;
}

int add_class_command(std::span<const std::string> words) {
  const auto options = read_config<AddClassOptions>(kAddClassText, words);
  if (!options) return 0;
  const AddClassOptions& o = options->values;
  print_changed(shots::add_class(o, listener_for(o.output)), o.output);
  return 0;
}

int remove_class_command(std::span<const std::string> words) {
  const auto options = read_config<RemoveClassOptions>(kRemoveClassText, words);
  if (!options) return 0;
  const RemoveClassOptions& o = options->values;
  print_changed(shots::remove_class(o, listener_for(o.output)), o.output);
  return 0;
}

}  // namespace graft::cli
