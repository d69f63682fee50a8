#include "graft/fit/more/teacher.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/artifact/session.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/more/activations.h"

namespace graft::fit {
namespace fs = std::filesystem;

void check_teacher(const fs::path& run, const std::vector<std::string>& classes) {
  const artifact::ModelCard card = artifact::load_card(run);
  const std::vector<std::string>& known = card.labels;
  const std::string name = printable(run.string());
  if (!data::one_class_each(card.task))
    throw data_error(name, "answers with any number of classes, but the photos have one each", "give a teacher of photos of one class each");
  const char* hint = "a teacher has the classes of the photos, in their order";
  for (const std::string& label : classes)
    if (std::ranges::find(known, label) == known.end())
      throw data_error(name, fmt::format("does not know the class '{}' of the photos", printable(label)), hint);
  for (const std::string& label : known)
    if (std::ranges::find(classes, label) == classes.end())
      throw data_error(name, fmt::format("has a class '{}', which the photos do not have", printable(label)), hint);
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (known[k] != classes[k])
      throw data_error(
          name, fmt::format("has its classes in another order: '{}' where the photos have '{}'", printable(known[k]), printable(classes[k])), hint);
}

std::vector<float> teacher_logits(const fs::path& run, const std::vector<data::Sample>& photos, std::size_t classes, const fs::path& file,
                                  int threads, const std::function<void(std::size_t)>& advance) {
  std::error_code code;
  if (!fs::exists(file, code)) {
    const auto session = artifact::open_session(run, {.threads = threads});
    const artifact::Predictions said = session->predict(data::paths_of(photos), threads, advance);
    if (!said.unreadable.empty()) throw said.unreadable.front().error;
    Activations::store(file, photos.size(), classes, false, photos.size(), [&](std::size_t first, std::size_t count, std::span<float> out) {
      std::copy_n(said.logits.begin() + static_cast<std::ptrdiff_t>(first * classes), count * classes, out.begin());
    });
  } else if (advance) {
    advance(photos.size());
  }
  const Activations stored(file, photos.size(), classes);
  std::vector<float> logits(photos.size() * classes);
  for (std::size_t i = 0; i < photos.size(); ++i) stored.read(i, std::span(logits).subspan(i * classes, classes));
  return logits;
}

}  // namespace graft::fit
