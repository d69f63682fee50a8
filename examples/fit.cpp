// Train a model on a folder of labelled images, with the library alone.
//   example_fit PHOTOS RUN_FOLDER
#include <cstdio>
#include <exception>

#include "graft/fit/fit.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: example_fit PHOTOS RUN_FOLDER\n", stderr);
    return 2;
  }
  try {
    graft::Configured<graft::fit::FitConfig> config;  // the options of `graft fit`, with their defaults
    config.values.data = argv[1];
    config.values.out = argv[2];

    graft::fit::Listener listener;
    listener.note = [](const std::string& sentence) { std::fprintf(stderr, "%s\n", sentence.c_str()); };

    const graft::fit::FitResult result = graft::fit::fit(config, listener);
    const graft::eval::Interval interval = *graft::eval::interval_of(result.evaluation, "accuracy");
    std::printf("accuracy %.3f (95 %% interval %.3f to %.3f) on %zu images\n", graft::eval::value_of(result.evaluation, "accuracy"), interval.low,
                interval.high, result.val_images);
  } catch (const std::exception& e) {  // graft::Error says what was found, what was expected and what to do
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
