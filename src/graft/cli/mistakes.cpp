#include "graft/cli/mistakes.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/task_labels.h"

namespace graft::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLongestName = 255, kLongestClass = 48, kLongestExtension = 16;  // bytes; the first is that of Linux file systems

std::string names_joined(std::span<const int> labels, const std::vector<std::string>& names) {
  if (labels.empty()) return "none";
  std::string text;
  for (const int label : labels) text += (text.empty() ? "" : "+") + names[static_cast<std::size_t>(label)];
  return text;
}

void add_mistake(data::SingleLabel /*task*/, std::size_t i, const LabelledAnswers& a, std::vector<Mistake>& to) {
  const auto row = std::span(a.probabilities).subspan(i * a.card.labels.size(), a.card.labels.size());
  const eval::Ranked best = eval::top_k(row, 1).front();
  if (best.label == a.labels[i]) return;
  to.push_back({i, best.probability, a.card.labels[static_cast<std::size_t>(a.labels[i])], a.card.labels[static_cast<std::size_t>(best.label)]});
}

void add_mistake(data::MultiLabel /*task*/, std::size_t i, const LabelledAnswers& a, std::vector<Mistake>& to) {
  const auto row = std::span(a.probabilities).subspan(i * a.card.labels.size(), a.card.labels.size());
  const auto targets = std::span(a.targets).subspan(i * row.size(), row.size());
  float confidence = -1;
  for (std::size_t k = 0; k < row.size(); ++k) {
    const bool has = targets[k] > 0.5F;
    if (has != (row[k] >= eval::kThreshold)) confidence = std::max(confidence, has ? 1 - row[k] : row[k]);
  }
  if (confidence < 0) return;
  to.push_back({i, confidence, names_joined(a.samples[i].labels, a.card.labels), names_joined(eval::above_threshold(row), a.card.labels)});
}

/// At most this many bytes, without splitting a UTF-8 character.
std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  text.resize(most);
  return text;
}

/// A part of a file's name.
std::string safe(const std::string& text) {
  std::string name = printable(text);
  for (char& c : name)
    if (c == '/' || c == '\\') c = '_';
  return name;
}

void link_or_copy(const fs::path& photo, const fs::path& to, bool copy) {
  std::error_code code;
  if (copy) {
    fs::copy_file(photo, to, code);
    if (code) throw system_error(photo, "copy", code.value());
    return;
  }
  fs::create_symlink(fs::canonical(photo, code), to, code);
  if (code) throw system_error(to, "link", code.value(), "where links are not possible, --copy copies the photos");
}

}  // namespace

std::vector<Mistake> mistakes_of(const LabelledAnswers& answers) {
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < answers.samples.size(); ++i)
    std::visit([&](const auto& task) { add_mistake(task, i, answers, mistakes); }, answers.card.task);
  std::ranges::stable_sort(mistakes, std::greater(), &Mistake::confidence);
  return mistakes;
}

std::string mistake_name(const Mistake& mistake, std::size_t number, std::size_t count, const fs::path& photo) {
  const std::string extension = cut(safe(photo.extension().string()), kLongestExtension);
  const std::string begin = fmt::format("{:0{}}-{:.2f}-true-{}-said-{}-", number, std::max<std::size_t>(3, std::to_string(count).size()),
                                        mistake.confidence, cut(safe(mistake.truth), kLongestClass), cut(safe(mistake.said), kLongestClass));
  return begin + cut(safe(photo.stem().string()), kLongestName - begin.size() - extension.size()) + extension;
}

void refuse_errors_folder(const fs::path& folder) {
  std::error_code code;
  const fs::file_status status = fs::symlink_status(folder, code);
  if (!fs::exists(status)) return;
  const std::string name = printable(folder.string());
  if (!fs::is_directory(folder, code)) throw data_error(name, "is a file, expected an empty folder or nothing", "choose another --errors");
  if (fs::is_symlink(status)) throw data_error(name, "is a link, expected an empty folder or nothing", "give the folder that it points to");
  if (!fs::is_empty(folder, code)) throw data_error(name, "is not empty", "choose another --errors, or empty it");
}

void write_mistakes(const std::vector<Mistake>& mistakes, const LabelledAnswers& answers, const fs::path& folder, bool copy) {
  if (mistakes.empty()) return;
  refuse_errors_folder(folder);
  AtomicFolder made(folder, fs::exists(folder) ? AtomicFolder::Over::what_is_there : AtomicFolder::Over::nothing);
  for (std::size_t n = 0; n < mistakes.size(); ++n) {
    check_interrupted();
    const fs::path& photo = answers.samples[mistakes[n].sample].path;
    link_or_copy(photo, made.path() / mistake_name(mistakes[n], n + 1, mistakes.size(), photo), copy);
  }
  made.commit();
}

}  // namespace graft::cli
