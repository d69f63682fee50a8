#include "graft/cli/photo_answers.h"

#include <algorithm>

#include "graft/base/text.h"

namespace graft::cli {
namespace {

constexpr std::size_t kChunk = 512;  // photos between two prints

/// Returns how many could not be read.
std::size_t print_chunk(const Photos& photos, const PhotoAnswers& answers) {
  std::string text;
  auto bad = answers.unreadable.begin();
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (bad != answers.unreadable.end() && bad->index == i) {
      fail(bad->error);
      ++bad;
      continue;
    }
    text += answers.lines(printable(photos[i].string()), i);
  }
  print(text);
  return answers.unreadable.size();
}

}  // namespace

nlohmann::ordered_json left_out_json(const data::ImageList& photos) {
  nlohmann::ordered_json kinds = nlohmann::ordered_json::object();
  for (const auto& [kind, count] : photos.left_out.by_extension) kinds[printable(kind)] = count;
  return {{"files", photos.left_out.files()}, {"kinds", kinds}, {"reason", "not images by their names"}};
}

void tell_left_out(const data::ImageList& photos, const OutputOptions& output) {
  for (const std::string& sentence : photos.notes) remark(output, sentence);
  if (output.json && photos.left_out.files() > 0) print(nlohmann::ordered_json{{"left_out", left_out_json(photos)}}.dump() + "\n");
}

int print_answers(const std::string& what, const Photos& photos, const OutputOptions& output,
                  const std::function<PhotoAnswers(const Photos&, const std::function<void(std::size_t)>&)>& answer) {
  Progress progress(what, photos.size(), photos.size() > 1 ? progress_style(output) : ProgressStyle{}, "photos");
  std::size_t unreadable = 0;
  for (std::size_t first = 0; first < photos.size(); first += kChunk) {
    const auto begin = photos.begin() + static_cast<std::ptrdiff_t>(first);
    const Photos chunk(begin, begin + static_cast<std::ptrdiff_t>(std::min(kChunk, photos.size() - first)));
    unreadable += print_chunk(chunk, answer(chunk, [&](std::size_t n) { progress.advance(n); }));
  }
  progress.finish();
  return unreadable == 0 ? 0 : 1;
}

}  // namespace graft::cli
