// graft weights convert: a weights file for another program.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/weights_command.h"
#include "graft/models/registry.h"
#include "graft/weights/file/safetensors.h"
#include "graft/weights/load.h"
#include "graft/weights/naming.h"
#include "graft/weights/rename.h"
#include "graft/weights/torch/pth_write.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

const CommandText kConvertText{
    "graft weights convert",
    "Write the tensors of a weights file as safetensors or as torch.save does, bit for bit and with their types; the extension of OUT decides. From "
    "a checkpoint it takes the same weights as `graft fit --weights`, without the prefixes that wrappers add to their names (\"module.\", "
    "\"backbone.\").",
    {"graft weights convert resnet50-0676ba61.pth resnet50.safetensors", "graft weights convert model.safetensors vgg16.pth --as vgg16"}};

struct ConvertOptions {
  fs::path in, out;
  std::string as;
  std::string weights_key;
  bool force = false;
  OutputOptions output;
  void fields(FieldList& v) {
    v.positional("in", in, "weights file");
    v.positional("out", out, "file to write: .safetensors, .pth or .pt");
    v("as", as, "rename the tensors as in this network: from its publisher's names (such as timm's) to those of torchvision and graft",
      Placeholder{"NETWORK"}, DefaultText{"as they are"});
    v("weights-key", weights_key, "name of the set of weights to take from a checkpoint that holds several: state_dict_ema, teacher",
      Placeholder{"KEY"}, DefaultText{"the model's own"});
    v("force", force, "replace OUT if it exists");
    output.fields(v);
  }
};

bool wants_safetensors(const fs::path& out) {
  const std::string ending = lower(out.extension().string());
  if (ending == ".safetensors") return true;
  if (ending == ".pth" || ending == ".pt") return false;
  throw usage_error(printable(out.string()), "ends in '" + printable(ending) + "', expected .safetensors, .pth or .pt");
}

void check_places(const ConvertOptions& o) {
  std::error_code code;
  const std::string out = printable(o.out.string());
  if (fs::equivalent(o.in, o.out, code)) throw usage_error(out, "is the file to read", "choose another OUT");
  if (fs::is_directory(o.out, code)) throw usage_error(out, "is a folder, expected a file name");
  if (!o.force && fs::exists(fs::symlink_status(o.out, code))) throw data_error(out, "already exists", "choose another OUT or pass --force");
}

}  // namespace

CommandReference weights_convert_reference() { return reference_of<ConvertOptions>(kConvertText); }

int weights_convert(std::span<const std::string> words) {
  const auto config = read_config<ConvertOptions>(kConvertText, words);
  if (!config) return 0;
  const ConvertOptions& o = config->values;
  const bool safetensors = wants_safetensors(o.out);
  check_places(o);
  std::vector<std::string> notes;
  weights::StateDict dict = weights::read(o.in, o.weights_key, &notes);
  for (const std::string& note : notes) remark(o.output, note);
  weights::RenameReport renamed;
  if (!o.as.empty()) renamed = weights::rename_tensors(dict, models::find_network(o.as));
  else
    for (const std::string& note : weights::take_off_prefix(dict)) remark(o.output, note);
  if (!renamed.prefix.empty()) remark(o.output, "its weights are those whose names begin with " + weights::in_quotes(renamed.prefix));
  if (!renamed.left_out.empty())
    remark(o.output, fmt::format("left out, as {} does not have them: {}", o.as, printable(first_few(renamed.left_out))));
  const bool has_metadata = std::ranges::any_of(dict.metadata, [](const auto& item) { return item.first != "format"; });
  if (!safetensors && has_metadata) remark(o.output, "metadata is left out: a file of torch.save cannot hold it");
  if (safetensors) weights::write_safetensors(o.out, dict);
  else weights::write_pth(o.out, dict);

  const std::string out = printable(o.out.string());
  std::error_code code;
  const auto bytes = fs::file_size(o.out, code);
  const ordered_json json{{"file", out}, {"tensor_count", dict.tensors.size()}, {"bytes", bytes}};
  if (o.output.json) print(json.dump(2) + "\n");
  else report(o.output, fmt::format("{}: {} tensors, {}\n", out, with_commas(static_cast<long long>(dict.tensors.size())), human_bytes(bytes)));
  return 0;
}

}  // namespace graft::cli
