// How a study begins: in a new folder, or by continuing one that was stopped.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "graft/base/config.h"
#include "graft/base/config_paths.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/fit/run/run_folder.h"
#include "graft/fit/run/run_place.h"
#include "graft/study/trainings.h"

namespace graft::study {

/// The options of the study to continue; otherwise those given, and where RUN will be. Error
/// (usage) for other options together with --resume, Error (data) for a folder that exists already.
template <class Config>
void begin_or_take_up(Configured<Config>& config, const std::string& command, const fit::Listener& listener) {
  Config& c = config.values;
  if (!c.resume) {
    if (c.data.empty()) throw usage_error("data", "missing", fmt::format("usage: graft {} DATA [options]", command));
    if constexpr (std::derived_from<Config, fit::FitConfig>) fit::settle_out(c, config.origins, listener);
    if (!c.out) choose(config, "out", fit::default_run_folder(c.data), "name and time");
    std::error_code code;
    const auto there = [&](const char* name) { return std::filesystem::exists(*c.out / name, code); };
    if (there(kRecord) && !there("model.onnx") && !there("ablation.json") && !there("encoder.onnx"))
      throw data_error(printable(c.out->string()), "is an unfinished study",
                       fmt::format("continue it: graft {} --resume {}, or choose another --out", command, shell_word(c.out->string())));
    if (std::filesystem::exists(*c.out, code)) throw data_error(printable(c.out->string()), "already exists", "choose another --out");
    return;
  }
  const std::filesystem::path run = *c.resume, file = run / kRecord;
  std::error_code code;
  if (std::filesystem::exists(run / "encoder.onnx", code) && !std::filesystem::exists(run / "checkpoint", code))
    throw data_error(printable(run.string()), "is finished", fmt::format("use it: graft fit PHOTOS --from {}", shell_word(run.string())));
  for (const Field& field : list_fields(config.values))
    if (origin_of(config.origins, field.name).given() && field.name != "resume" && !field.no_effect_on_result)
      throw usage_error(field.positional ? field.name : "--" + field.name, "a study continues with its own options, or its trainings would differ",
                        "omit it");
  const Origins given = config.origins;  // this time; the record's own flags are paths in the study
  apply_record(config, read_json(file).at("options"), printable(file.string()));
  take_paths(list_fields(config.values), given, run);
  c.out = run;
  config.origins.insert_or_assign("out", Origin{Source::file, printable(file.string())});
  c.resume.reset();
  config.origins.erase("resume");
}

/// Runs `work` with the folder RUN of a study with one training, in which are then its record and a folder for checkpoints. If it ends with an
/// exception before there is a checkpoint, nothing is left; otherwise Interrupted says how to continue.
template <class Config, class Work>
auto in_new_folder(const std::filesystem::path& out, const std::string& command, const Configured<Config>& config, const Work& work) {
  namespace fs = std::filesystem;
  const fs::path checkpoint = out / "checkpoint";
  std::error_code code;
  const bool made_parent = out.has_parent_path() && !fs::exists(out.parent_path(), code);
  fs::create_directories(checkpoint, code);
  if (code) throw system_error(checkpoint, "create", code.value());
  const auto leave_nothing = [&] {
    if (!fs::is_empty(checkpoint, code) || code) return false;
    fs::remove_all(checkpoint, code);
    fs::remove(out / kRecord, code);
    fs::remove(out, code);
    if (made_parent) fs::remove(out.parent_path(), code);  // fails where another run has come in meanwhile
    return true;
  };
  try {
    write_json(out / kRecord, {{"command", command}, {"options", json_record(written_in(out, config))}});
    return work();
  } catch (const Interrupted&) {
    if (leave_nothing()) throw;
    throw Interrupted(fmt::format("continue with: graft {} --resume {}", command, shell_word(out.string())));
  } catch (...) {
    leave_nothing();
    throw;
  }
}

}  // namespace graft::study
