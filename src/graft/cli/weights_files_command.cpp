// graft weights info and verify: what can be done with a weights file without a network or a photo.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/weights_command.h"
#include "graft/engine/reference.h"
#include "graft/models/registry.h"
#include "graft/weights/locate.h"
#include "graft/weights/naming.h"
#include "graft/weights/verify_file.h"

namespace graft::cli {
namespace {
namespace fs = std::filesystem;
using nlohmann::ordered_json;

// graft weights info

const CommandText kInfoText{"graft weights info",
                            "Show the contents of a weights file (safetensors, or torch.save in its new or old format): format, types, metadata, "
                            "which network it fits, and every tensor. Code in the file is never run.",
                            {"graft weights info resnet50-0676ba61.pth", "graft weights info model.safetensors --brief"}};

struct InfoOptions {
  fs::path file;
  bool brief = false;
  OutputOptions output;
  void fields(FieldList& v) {
    v.positional("file", file, "weights file");
    v("brief", brief, "leave out the table of tensors");
    output.fields(v);
  }
};

struct FileInfo {
  weights::FileFormat format;
  uint64_t bytes = 0;
  int64_t parameters = 0, statistics = 0;     // statistics: of batch norms, which training does not fit
  std::map<std::string_view, int64_t> types;  // tensors of each
  std::vector<weights::Candidate> networks;
  std::optional<weights::Likeness> fits;
};

bool is_statistic(std::string_view name) {
  static constexpr std::array<std::string_view, 3> kNames{"running_mean", "running_var", "num_batches_tracked"};
  return std::ranges::find(kNames, name.substr(name.rfind('.') + 1)) != kNames.end();
}

FileInfo info_of(const fs::path& file, const weights::StateDict& dict) {
  const MappedFile mapped(file);
  FileInfo info{.format = weights::format_of(mapped.bytes(), dict.source), .bytes = mapped.bytes().size()};
  for (const auto& [name, tensor] : dict.tensors) {
    (is_statistic(name) ? info.statistics : info.parameters) += graph::element_count(tensor.shape);
    ++info.types[weights::name_of(tensor.dtype)];
  }
  info.networks = weights::known_networks();
  info.fits = weights::looks_like(dict, info.networks);
  return info;
}

std::string fits_text(const weights::Likeness& fits) {
  std::string text = fits.candidate->name.substr(0, fits.candidate->name.find('.'));  // the network; whose names, the file tells
  if (!fits.candidate->names_of.empty()) text += fmt::format(" (names as in {})", fits.candidate->names_of);
  if (const std::string twin = weights::twin_of(fits.candidate->name.substr(0, fits.candidate->name.find('.'))); !twin.empty())
    text += fmt::format(" or {}, which computes differently", twin);
  if (!fits.prefix.empty()) text += fmt::format(" with the prefix {}", weights::in_quotes(fits.prefix));
  if (fits.report.head_dropped.empty()) return text;
  text += " but for the head: ";
  return text + (fits.in_file ? fmt::format("{} classes instead of {}", *fits.in_file, fits.classes) : "the file has none");
}

ordered_json to_json(const FileInfo& info, const weights::StateDict& dict, bool brief) {
  ordered_json json{{"file", dict.source},
                    {"format", weights::name_of(info.format)},
                    {"bytes", info.bytes},
                    {"tensor_count", dict.tensors.size()},
                    {"parameters", info.parameters},
                    {"statistics", info.statistics},
                    {"types", ordered_json::object()},
                    {"metadata", ordered_json::object()},
                    {"fits", nullptr}};
  for (const auto& [type, count] : info.types) json["types"][std::string(type)] = count;
  for (const auto& [key, value] : dict.metadata) json["metadata"][printable(key)] = printable(value);
  if (info.fits) {
    const weights::Likeness& fits = *info.fits;
    json["fits"] = {{"network", fits.candidate->name}, {"names_of", nullptr}, {"head_fits", fits.report.head_dropped.empty()}, {"classes", nullptr}};
    if (!fits.candidate->names_of.empty()) json["fits"]["names_of"] = fits.candidate->names_of;
    if (fits.report.head_dropped.empty()) json["fits"]["classes"] = fits.classes;
    else if (fits.in_file) json["fits"]["classes"] = *fits.in_file;
  }
  if (brief) return json;
  json["tensors"] = ordered_json::array();
  for (const auto& [name, tensor] : dict.tensors)
    json["tensors"].push_back({{"name", printable(name)}, {"shape", tensor.shape}, {"type", weights::name_of(tensor.dtype)}});
  return json;
}

std::string tensor_table(const weights::StateDict& dict) {
  std::size_t name_width = 4, shape_width = 5;
  for (const auto& [name, tensor] : dict.tensors) {
    name_width = std::max(name_width, weights::shown(name).size());
    shape_width = std::max(shape_width, graph::to_string(tensor.shape).size());
  }
  std::string text = fmt::format("\n{:<{}}  {:<{}}  type\n", "name", name_width, "shape", shape_width);
  for (const auto& [name, tensor] : dict.tensors)
    text += fmt::format("{:<{}}  {:<{}}  {}\n", weights::shown(name), name_width, graph::to_string(tensor.shape), shape_width,
                        weights::name_of(tensor.dtype));
  return text;
}

std::string to_text(const FileInfo& info, const weights::StateDict& dict, bool brief) {
  constexpr std::size_t kShownMetadata = 100;
  std::vector<std::string> types;
  for (const auto& [type, count] : info.types) types.push_back(fmt::format("{} ({})", type, with_commas(count)));
  const std::string statistics = info.statistics > 0 ? fmt::format(" and {} running statistics", with_commas(info.statistics)) : "";
  std::string text =
      fmt::format("format      {}, {}\ntensors     {}, {} parameters{}\ntypes       {}\nfits        {}\n", weights::name_of(info.format),
                  human_bytes(info.bytes), with_commas(static_cast<long long>(dict.tensors.size())), with_commas(info.parameters), statistics,
                  fmt::join(types, ", "), info.fits ? fits_text(*info.fits) : "no network graft knows");
  for (const auto& [key, value] : dict.metadata)
    text += fmt::format("metadata    {} = {}{}\n", weights::shown(key), printable(value.substr(0, kShownMetadata)),
                        value.size() > kShownMetadata ? "..." : "");
  return brief ? text : text + tensor_table(dict);
}

// graft weights verify

const CommandText kVerifyText{
    "graft weights verify",
    "Check every byte of a weights file: its structure and checksums, its SHA-256 (against the published files and against the digits in its own "
    "name), and its values, none of which may be NaN or infinite. With a reference, which is another program's answer to a picture, it also checks "
    "that graft computes the same. The exit code is 1 if anything is wrong.",
    {"graft weights verify resnet50-0676ba61.pth", "graft weights verify mine.pth --backbone tf_efficientnet_b0 --reference answer.safetensors"}};

struct VerifyOptions {
  fs::path file;
  std::optional<fs::path> reference;
  std::optional<std::string> backbone;
  OutputOptions output;
  void fields(FieldList& v) {
    v.positional("file", file, "weights file");
    v("reference", reference,
      "safetensors file with \"pixels\", uint8 (height, width, 3), and the \"logits\" that the weights' own program gives for them",
      Placeholder{"FILE"}, DefaultText{"X.reference.safetensors next to X.pth, if it exists"});
    v("backbone", backbone, "network that the weights are of, for the reference", Placeholder{"NAME"},
      DefaultText{"as the file's names and SHA-256 tell"});
    output.fields(v);
  }
};

/// How far a network's answer is from the reference's.
struct Compared {
  std::string reference, network;
  double difference = 0;
  std::string twin = {};  // of the same names and shapes, which gives the reference's answer where the network does not

  bool same() const { return difference <= engine::kSameAsReference; }
};

std::string network_of(const VerifyOptions& o, const weights::FileCheck& check, const weights::StateDict& dict) {
  if (o.backbone) return *o.backbone;
  if (!check.network.empty()) return check.network;
  const std::vector<weights::Candidate> known = weights::known_networks();
  const auto likely = weights::looks_like(dict, known);
  if (!likely)
    throw usage_error("--backbone", "is needed: no network that graft knows has the names of this file", "for instance --backbone resnet50");
  return likely->candidate->name;
}

/// Nothing where there is no reference.
std::optional<Compared> compared(const VerifyOptions& o, const weights::FileCheck& check) {
  const fs::path beside = fs::path(o.file).replace_extension(".reference.safetensors");
  std::error_code code;
  if (!o.reference && !fs::exists(beside, code)) {
    if (o.backbone) throw usage_error("--backbone", "is for a reference", "for instance --reference answer.safetensors");
    return std::nullopt;
  }
  const engine::Reference reference = engine::read_reference(o.reference.value_or(beside));
  const weights::StateDict dict = weights::read(o.file);
  const models::Network network = models::find_network(network_of(o, check, dict));
  Compared result{reference.name, network.name(), engine::difference_from(reference, network, dict)};
  if (const std::string twin = weights::twin_of(network.backbone->name); !result.same() && !twin.empty())
    if (engine::difference_from(reference, models::find_network(twin), dict) <= engine::kSameAsReference) result.twin = twin;
  return result;
}

/// The last line of the text, and what makes verify fail.
std::string to_text(const Compared& c) {
  return fmt::format("pixels   {} answers {} as {}: {:.2g} of the largest logit apart\n", c.network, c.same() ? "the same" : "otherwise", c.reference,
                     c.difference);
}

void check_result(const Compared& c, const std::string& file) {
  if (c.same()) return;
  throw data_error(
      file, fmt::format("as {} it does not answer as {} says: the logits are {:.2g} of the largest apart", c.network, c.reference, c.difference),
      c.twin.empty() ? "name its network with --backbone; the reference's picture has to be normalized as `graft models " + c.network + "` says"
                     : "it is of " + c.twin + ", which answers the same: take --backbone " + c.twin);
}

ordered_json to_json(const weights::FileCheck& check, const std::string& file) {
  ordered_json json{{"file", file},
                    {"format", weights::name_of(check.format)},
                    {"bytes", check.bytes},
                    {"tensor_count", check.tensors},
                    {"sha256", check.sha256},
                    {"published_as", nullptr},
                    {"network", nullptr},
                    {"name_agrees", nullptr},
                    {"not_finite", ordered_json::array()}};
  if (!check.published.empty()) {
    json["published_as"] = check.published;
    json["network"] = check.network;
  }
  if (!check.named_hash.empty()) json["name_agrees"] = check.name_agrees;
  for (const weights::NonFinite& found : check.non_finite)
    json["not_finite"].push_back({{"tensor", printable(found.tensor)}, {"nan", found.nans}, {"infinite", found.infinities}});
  return json;
}

std::string to_text(const weights::FileCheck& check) {
  std::string text = fmt::format("format   {}, {}, {} tensors, every byte read\nSHA-256  {}\n", weights::name_of(check.format),
                                 human_bytes(check.bytes), with_commas(static_cast<long long>(check.tensors)), check.sha256);
  text +=
      check.published.empty() ? "origin   not a file graft knows\n" : fmt::format("origin   the published {} ({})\n", check.published, check.network);
  if (!check.named_hash.empty())
    text += fmt::format("name     {}\n", check.name_agrees ? "agrees with the SHA-256" : "does not agree with the SHA-256");
  for (const weights::NonFinite& found : check.non_finite)
    text += fmt::format("values   {}: {} NaN, {} infinite\n", weights::shown(found.tensor), with_commas(static_cast<long long>(found.nans)),
                        with_commas(static_cast<long long>(found.infinities)));
  return check.non_finite.empty() ? text + "values   all finite\n" : text;
}

/// What makes verify fail, once the results are printed.
void check_result(const weights::FileCheck& check, const std::string& file) {
  if (!check.named_hash.empty() && !check.name_agrees)
    throw data_error(file,
                     fmt::format("its name says {}, its SHA-256 starts with {}", check.named_hash, check.sha256.substr(0, check.named_hash.size())),
                     "download it again, or rename it when it was changed on purpose");
  if (check.non_finite.empty()) return;
  std::vector<std::string> names;
  for (const weights::NonFinite& found : check.non_finite) names.push_back(weights::shown(found.tensor));
  throw data_error(file, "has values that are NaN or infinite in " + first_few(names), "take a checkpoint from before the training diverged");
}

}  // namespace

CommandReference weights_info_reference() { return reference_of<InfoOptions>(kInfoText); }

int weights_info(std::span<const std::string> words) {
  const auto config = read_config<InfoOptions>(kInfoText, words);
  if (!config) return 0;
  const InfoOptions& o = config->values;
  std::vector<std::string> notes;
  const weights::StateDict dict = weights::read(o.file, {}, &notes);
  for (const std::string& note : notes) remark(o.output, note);
  const FileInfo info = info_of(o.file, dict);
  print(o.output.json ? to_json(info, dict, o.brief).dump(2) + "\n" : to_text(info, dict, o.brief));
  return 0;
}

CommandReference weights_verify_reference() { return reference_of<VerifyOptions>(kVerifyText); }

int weights_verify(std::span<const std::string> words) {
  const auto config = read_config<VerifyOptions>(kVerifyText, words);
  if (!config) return 0;
  const VerifyOptions& o = config->values;
  const std::string file = printable(o.file.string());
  const weights::FileCheck check = weights::verify_file(o.file);
  const std::optional<Compared> reference = compared(o, check);
  ordered_json json = to_json(check, file);
  if (reference)
    json["reference"] = {{"file", reference->reference},
                         {"network", reference->network},
                         {"difference", reference->difference},
                         {"same", reference->same()}};
  print(o.output.json ? json.dump(2) + "\n" : to_text(check) + (reference ? to_text(*reference) : ""));
  check_result(check, file);
  if (reference) check_result(*reference, file);
  return 0;
}

}  // namespace graft::cli
