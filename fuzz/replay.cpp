// A fuzz target over files instead of libFuzzer's inputs: replay PATH... runs it on every file, and on those in every folder, in their order.
// A path that is not there is passed over, since most targets have no regressions.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "fuzz/target.h"

namespace fs = std::filesystem;

int main(int argc, char** argv) {
  std::vector<fs::path> files;
  for (const fs::path& path : std::vector<fs::path>(argv + 1, argv + argc)) {
    if (fs::is_regular_file(path)) files.push_back(path);
    if (fs::is_directory(path))
      for (const fs::directory_entry& entry : fs::directory_iterator(path)) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    std::fprintf(stderr, "%s\n", file.c_str());  // before it runs: the last line names what crashed
    const std::vector<std::byte> bytes = graft::read_file(file);
    const std::vector<uint8_t> input(reinterpret_cast<const uint8_t*>(bytes.data()), reinterpret_cast<const uint8_t*>(bytes.data()) + bytes.size());
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu files\n", files.size());
  return files.empty() ? 1 : 0;
}
