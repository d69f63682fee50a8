// What goes wrong with training more than a head: exact text, exit code, nothing half-written.
#include <dlfcn.h>
#include <sys/resource.h>

#include <cstdlib>
#include <regex>

#include "cli/stopped_training.h"

namespace graft {
namespace {

class BadTraining : public StoppedTraining {
 protected:
  /// A program that looks for a library of another name, which is not beside it: one whose library was not installed.
  std::filesystem::path with_another_library() {
    const auto bytes = read_file(GRAFT_BINARY);
    std::string program(as_text(bytes));
    const std::string name = "libgraft_train.so";
    std::size_t found = 0;
    for (std::size_t at = program.find(name); at != std::string::npos; at = program.find(name, at), ++found)
      program.replace(at, name.size(), "libgraft_trein.so");
    EXPECT_GT(found, 0U);
    write_file(folder_ / "graft", program);
    std::filesystem::permissions(folder_ / "graft", std::filesystem::perms::owner_all);
    return folder_ / "graft";
  }
};

/// A variable of the environment that programs started meanwhile get.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    if (before_.empty()) unsetenv(name_);
    else setenv(name_, before_.c_str(), 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::string before_;
};

TEST_F(BadTraining, StagesAreListed) {
  const std::string stages =
      ", expected one of 'stem', 'blocks.0', 'blocks.1', 'blocks.2', 'blocks.3', 'blocks.4', 'blocks.5', 'blocks.6', 'conv_head', 'head'";
  expect(with({"--strategy", "partial", "--unfreeze", "bloks.5"}), 2, "efficientnet_lite0: no stage 'bloks.5'" + stages + "; did you mean blocks.5?");
  expect(with({"--strategy", "gradual", "--unfreeze", "layer4"}), 2, "efficientnet_lite0: no stage 'layer4'" + stages);
  expect(with({"--strategy", "partial", "--unfreeze", "99"}), 2,
         "unfreeze '99': efficientnet_lite0 has 9 stages besides its head, expected 1 to 9 or the name of one");
  expect(
      with({"--strategy", "partial", "--unfreeze", "0"}), 2,
      "unfreeze '0': efficientnet_lite0 has 9 stages besides its head, expected 1 to 9 or the name of one; the strategy head trains the head alone");
  expect(with({"--strategy", "full", "--unfreeze", "2"}), 2, "unfreeze '2': the strategy full trains every stage; choose partial or gradual");
  expect(with({"--strategy", "head", "--unfreeze", "2"}), 2, "unfreeze '2': the strategy head trains the head alone; choose partial or gradual");
}

TEST_F(BadTraining, OptionsThatContradictEachOther) {
  expect(with({"--strategy", "scratch", "--batch-norm", "fixed"}), 2,
         "scratch: a network with random weights has no statistics to keep fixed; choose --batch-norm live");
  expect(with({"--strategy", "partial", "--features", "stages"}), 2, "--features stages: is for --strategy head; partial looks at the last features");
  expect(with({"--accept-changes"}), 2, "--accept-changes: is for an unfinished run; give --resume RUN, too");
  expect(with({"--from", "earlier", "--backbone", "resnet18"}), 2, "--from: an earlier run has its own network; omit --backbone");
  expect(with({"--from", "earlier"}), 1, "earlier: no such run folder or model.onnx; train one with `graft fit PHOTOS`");
  expect(with({"--from", "photos"}), 1, "photos: not a run folder: it holds no model.onnx; train one with `graft fit PHOTOS`");
}

TEST_F(BadTraining, BatchesThatCannotBe) {
  expect(with({"--strategy", "partial", "--batch", "64"}), 2, "--batch 64: the training set has 16 photos; choose at most 16");
  expect(with({"--strategy", "full", "--batch-norm", "live", "--batch", "1"}), 2,
         "--batch 1: live batch norm needs at least 2 photos per step; choose --batch 2 or more, or --batch-norm fixed");
}

TEST_F(BadTraining, LearningRatesThatCannotBe) {
  expect(with({"--strategy", "partial", "--lr", "0"}), 2, "--lr 0: expected above 0");
  expect(with({"--strategy", "partial", "--lr", "1e6"}), 2, "--lr 1e+06: expected below 1000");
  const Finished done = run(folder_, with({"--strategy", "partial", "--lr", "900", "--batch", "2", "--warmup", "0", "--schedule", "constant"}));
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(done.err.starts_with("graft: training: the loss ")) << done.err;
  EXPECT_TRUE(done.err.ends_with("; choose a lower --lr than 900, or --clip 1\n")) << done.err;
  EXPECT_FALSE(fs::exists(folder_ / "runs"));
}

TEST_F(BadTraining, AClassOnlyInValidation) {
  fs::create_directory(folder_ / "split");
  fs::copy(folder_ / "photos", folder_ / "split" / "train", fs::copy_options::recursive);
  fs::copy(folder_ / "photos", folder_ / "split" / "val", fs::copy_options::recursive);
  make_photos(folder_ / "split" / "val", {"eel"}, 1);
  expect({"fit", "split", "--strategy", "partial", "-q"}, 1, "split: class 'eel' is not a class of train ('cat', 'dog')");
}

TEST_F(BadTraining, WithoutTheTrainingLibraryThereIsTheHead) {
  const std::string hint = "; install graft's training package, or fit only a new head with --strategy head, which does without it";
  fs::create_directory(folder_ / "lib");
  const std::string library = folder_ / "lib" / "libgraft_trein.so";
  const Environment path("LD_LIBRARY_PATH", folder_ / "lib");
  const fs::path program = with_another_library();
  const auto refused = [&](const char* strategy, const std::string& fact) {
    const Finished done = run(folder_, with({"--strategy", strategy}), program);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_EQ(done.err, "graft: libgraft_trein.so: " + fact + hint + "\n");
    EXPECT_FALSE(fs::exists(folder_ / "runs"));
  };
  write_file(library, std::string_view("not a library"));
  refused("partial", "cannot be opened: " + library + ": file too short");
  write_file(library, std::string(1000, 'x'));
  refused("full", "cannot be opened: " + library + ": invalid ELF header");
  Dl_info libc{};
  ASSERT_NE(dladdr(reinterpret_cast<void*>(&std::getenv), &libc), 0);
  fs::copy_file(libc.dli_fname, library, fs::copy_options::overwrite_existing);
  refused("gradual", "is not graft's");
  const Finished head = run(folder_, with({"--strategy", "head", "--out", "whole"}), program);
  EXPECT_EQ(head.exit_code, 0) << head.err;
}

TEST_F(BadTraining, WithoutTheTrainingLibraryThereAreMapsWithoutGradients) {
  const fs::path program = with_another_library();
  const Finished fit = run(folder_, with({"--strategy", "head", "--features", "last", "--out", "whole"}), program);
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const Finished done = run(folder_, {"explain", "whole", "photos/cat/0.bmp", "--method", "grad-cam", "-q"}, program);
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(done.err.starts_with("graft: libgraft_trein.so: cannot be opened: ")) << done.err;
  EXPECT_TRUE(done.err.ends_with("; gradients need graft's training package; these methods do not: cam, reciprocam, occlusion\n")) << done.err;
  EXPECT_EQ(run(folder_, {"explain", "whole", "photos/cat/0.bmp", "--method", "cam", "-q"}, program).exit_code, 0);
}

TEST_F(BadTraining, TheTrainingLibraryIsMissing) {
  const Finished done = run(folder_, with({"--strategy", "partial"}), with_another_library());
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(
      done.err,
      "graft: libgraft_trein.so: cannot be opened: libgraft_trein.so: cannot open shared object file: No such file or directory; install graft's "
      "training package, or fit only a new head with --strategy head, which does without it\n");
  const Finished head = run(folder_, with({"--strategy", "head", "--out", "whole"}), folder_ / "graft");
  EXPECT_EQ(head.exit_code, 0) << head.err;
}

TEST_F(BadTraining, AutoSaysWhatItCannotTryWithoutTheTrainingLibrary) {
  make_noise(folder_ / "noise", 60);
  const Finished done = run(folder_, {"fit", "noise", "--out", "whole", "--size", "64", "--precision", "float32"}, with_another_library());
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_NE(
      done.err.find("\nonly a new head is trained, though fine-tuning may be more accurate: fine-tuning needs graft's training package, which is not "
                    "installed\n"),
      std::string::npos)
      << done.err;
}

TEST_F(BadTraining, OnlyTrainingMapsLibtorch) {
  const Environment debug("LD_DEBUG", "files");
  const auto maps = [&](const Words& words) { return run(folder_, words).err.find("libtorch") != std::string::npos; };
  EXPECT_FALSE(maps({"--version"}));
  EXPECT_FALSE(maps(with({"--strategy", "head", "--out", "whole"})));
  EXPECT_FALSE(maps({"predict", "whole", "photos/cat/0.bmp"}));
  EXPECT_TRUE(maps(with({"--strategy", "partial", "--out", "trained"})));
  EXPECT_FALSE(maps({"predict", "trained", "photos/cat/0.bmp"}));
}

TEST_F(BadTraining, AFullDiskLeavesNothing) {
  const Words before = listing(folder_.path());
  {
    const SmallDisk disk(1 << 20);
    expect(with({"--strategy", "partial", "--unfreeze", "blocks.5", "--views", "40", "--out", "runs/a"}), 1,
           "runs/a/checkpoint/activations: cannot write: File too large");
    expect(with({"--strategy", "partial", "--batch", "4", "--checkpoint-minutes", "0.000001", "--out", "runs/a"}), 1,
           "runs/a/checkpoint/state.next: cannot write: File too large");
  }
  EXPECT_EQ(listing(folder_.path()), before) << "nor anything hidden";
}

TEST_F(BadTraining, MemoryThatIsNotThereIsToldBeforeWork) {
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  const rlimit small{rlim_t{8} << 30, before.rlim_max};  // the libraries alone take some GiB of address space
  setrlimit(RLIMIT_AS, &small);
  const Finished done =
      run(folder_, {"fit", "photos", "--strategy", "full", "--size", "1024", "--precision", "float32", "--batch", "16", "--out", "large", "-q"});
  setrlimit(RLIMIT_AS, &before);
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(
      std::regex_search(done.err, std::regex(R"(graft: training: needs about [\d.]+ GiB for --batch 16, this machine has [\d.]+ [GM]iB free; )"
                                             R"(choose a smaller --batch or --size, or fewer stages \(--strategy partial\)\n$)")))
      << done.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "large"));
}

}  // namespace
}  // namespace graft
