// Ask a trained model what is on photos, with the library alone.
//   example_predict RUN_FOLDER_OR_MODEL_ONNX PHOTO...
#include <cstdio>
#include <exception>
#include <filesystem>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/eval/evaluation.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: example_predict MODEL PHOTO...\n", stderr);
    return 2;
  }
  try {
    constexpr int kThreads = 2;
    graft::artifact::Model model = graft::artifact::load_model(argv[1], {.threads = kThreads, .batch = 1});
    const std::vector<std::filesystem::path> photos(argv + 2, argv + argc);
    const graft::artifact::Predictions predictions = graft::artifact::predict(model, photos, kThreads);
    for (const auto& bad : predictions.unreadable) std::fprintf(stderr, "%s\n", bad.error.what());  // their rows are 0

    for (std::size_t i = 0; i < photos.size(); ++i) {
      const auto row = std::span(predictions.probabilities).subspan(i * model.classes(), model.classes());
      const graft::eval::Ranked best = graft::eval::top_k(row, 1).front();
      std::printf("%s %s %.3f\n", argv[i + 2], model.card.labels[static_cast<std::size_t>(best.label)].c_str(), best.probability);
    }
    return predictions.unreadable.empty() ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
