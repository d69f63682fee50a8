#include <optional>
#include <string>
#include <vector>

#include "fuzz/memory_file.h"
#include "fuzz/target.h"
#include "graft/base/config.h"
#include "graft/base/error.h"
#include "graft/base/files.h"

namespace {

enum class Precision { automatic, bf16 };

/// One option of every type.
struct Config {
  bool flag = false;
  int whole = 1;
  int64_t wide = 2;
  uint64_t seed = 3;
  double real = 0.5;
  std::optional<double> l2;
  std::string text = "a";
  std::filesystem::path path;
  Precision precision = Precision::automatic;
  std::vector<std::string> texts;
  std::vector<std::filesystem::path> paths;
  template <class Visitor>
  void fields(Visitor& v) {
    v("flag", flag, "help");
    v("whole", whole, "help", graft::between(0, 100));
    v("wide", wide, "help");
    v("seed", seed, "help");
    v("real", real, "help", graft::above(0));
    v("l2", l2, "help");
    v("text", text, "help", graft::one_of({"a", "b"}));
    v("path", path, "help");
    v("precision", precision, "help", graft::names<Precision>{{"auto", Precision::automatic}, {"bf16", Precision::bf16}});
    v("texts", texts, "help");
    v("paths", paths, "help");
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const graft::fuzz::MemoryFile file(std::as_bytes(std::span(data, size)));
  return graft::fuzz::run(data, size, 128 * size + graft::fuzz::file_limit(0), [&](graft::Bytes bytes) {
    try {
      graft::toml_sections(graft::as_text(bytes), "recipe");
    } catch (const graft::Error&) {  // which the options below may not be
    }
    graft::Configured<Config> configured;
    graft::apply_toml(configured, file.path());
    graft::toml_text(configured);
  });
}
