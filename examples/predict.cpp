// Ask a trained model what is on photos, with the library alone: eight threads share one Session, as those of a server would.
//   example_predict RUN_FOLDER_OR_MODEL_ONNX PHOTO...
#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <thread>
#include <vector>

#include "graft/artifact/session.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/eval/evaluation.h"

using graft::artifact::Session;

/// What is to be printed of one photo; its own errors are its own answer.
std::string answer(const Session& session, const std::filesystem::path& photo) {
  const std::vector<std::byte> bytes = graft::read_file(photo);  // as it would come over a network
  const std::span<const std::byte> one[] = {bytes};
  const graft::artifact::Predictions predictions = session.predict(one);
  if (!predictions.unreadable.empty()) throw predictions.unreadable.front().error;
  const graft::eval::Ranked best = graft::eval::top_k(predictions.probabilities, 1).front();
  char text[32];
  std::snprintf(text, sizeof text, " %.3f", best.probability);
  return photo.string() + " " + session.card().labels[static_cast<std::size_t>(best.label)] + text;
}

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: example_predict MODEL PHOTO...\n", stderr);
    return 2;
  }
  try {
    const std::shared_ptr<const Session> session = graft::artifact::open_session(argv[1], {.threads = 2, .batch = 4});
    session->warm_up();  // the first photo need not wait longer than the others
    const std::vector<std::filesystem::path> photos(argv + 2, argv + argc);
    std::vector<std::string> answers(photos.size()), errors(photos.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < photos.size(); i = next++) try {
          answers[i] = answer(*session, photos[i]);
        } catch (const std::exception& e) {
          errors[i] = e.what();
        }
    };
    {
      std::vector<std::jthread> threads;  // joined at the end of the block
      for (int i = 0; i < 8; ++i) threads.emplace_back(work);
    }
    int exit_code = 0;
    for (std::size_t i = 0; i < photos.size(); ++i) {
      if (errors[i].empty()) std::printf("%s\n", answers[i].c_str());
      else exit_code = 1, std::fprintf(stderr, "%s\n", errors[i].c_str());
    }
    return exit_code;
  } catch (const std::exception& e) {  // graft::Error says what was found, what was expected and what to do
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
