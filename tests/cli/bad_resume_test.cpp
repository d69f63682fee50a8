// What goes wrong with going on: exact text, exit code, and the unfinished run stays as it is.
#include "cli/stopped_training.h"

namespace graft {
namespace {

class BadResume : public StoppedTraining {};

TEST_F(BadResume, RunsThatCannotGoOn) {
  const std::string hint = "; --resume takes the folder of an unfinished run";
  expect({"fit", "--resume", "nowhere"}, 1, "nowhere: no such run" + hint);
  expect({"fit", "--resume", "photos"}, 1, "photos: is not an unfinished run: it has no checkpoint" + hint);
  expect_resume({"--out", "other"}, 2, "--out: an unfinished run continues in its own folder; omit --out");
  EXPECT_EQ(run(folder_, with({"--strategy", "head", "--out", "whole"})).exit_code, 0);
  expect({"fit", "--resume", "whole"}, 1, "whole: is finished; use it: graft predict whole photo.jpg");
  expect({"fit", "photos", "--out", "stopped"}, 1, "stopped: is an unfinished run; continue it: graft fit --resume stopped, or choose another --out");
  fs::remove_all(folder_ / "photos");
  expect_resume({}, 1, "photos: no such file or folder");
}

TEST_F(BadResume, AChangedOptionIsNamedAndMayBeAccepted) {
  const std::string hint = "; undo that change, or continue with --accept-changes";
  expect_resume({"--lr", "0.02"}, 1, "stopped: was started differently: --lr was 0.001, is 0.02" + hint);
  expect_resume({"--threads", "1", "--epochs", "4"}, 1, "stopped: was started differently: --epochs was 30, is 4; threads was 2, is 1" + hint);
  const Finished accepted = run(folder_, {"fit", "--resume", "stopped", "--lr", "0.02", "--epochs", "4", "--views", "1", "--accept-changes", "-q"});
  EXPECT_EQ(accepted.exit_code, 0) << accepted.err;
  const auto bytes = read_file(folder_ / "stopped" / "config.toml");
  const std::string config(as_text(bytes));
  EXPECT_NE(config.find("\nlr = 0.02  # flag\n"), std::string::npos) << config;
  EXPECT_NE(config.find("\nresume = \"auto\"  # default\n"), std::string::npos) << config;
  EXPECT_NE(config.find("\naccept-changes = false  # default\n"), std::string::npos) << config;
}

TEST_F(BadResume, AcceptedChangesStayWithTheRun) {
  const Program program(folder_.path(), {"fit", "--resume", "stopped", "--lr", "0.02", "--epochs", "40", "--accept-changes"});
  program.wait_until_it_says("/40: loss");
  kill(program.pid(), SIGTERM);
  EXPECT_EQ(program.wait().exit_code, 130);
  expect_resume({"--epochs", "41"}, 1,
                "stopped: was started differently: --epochs was 40, is 41; undo that change, or continue with --accept-changes");
  const Finished done = run(folder_, {"fit", "--resume", "stopped", "-q"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
}

TEST_F(BadResume, ChangedPhotosAreSeen) {
  const std::string begin = "stopped: was started differently: training data was 16 photos (",
                    end = "; undo that change, or continue with --accept-changes";
  const auto photo = read_file(folder_ / "photos" / "cat" / "0.bmp");
  for (int i = 0; i < 10; ++i) {  // whichever of them are for training
    std::string changed(as_text(photo));
    changed.back() = static_cast<char>(changed.back() ^ (i + 1));
    write_file(folder_ / "photos" / "cat" / (std::to_string(i) + ".bmp"), changed);
  }
  expect_resume(begin, end);
  fs::remove_all(folder_ / "photos");
  make_photos(folder_ / "photos", {"cat", "dog"}, 10);
  write_file(folder_ / "photos" / "dog" / "new.bmp", made_photo(1, 77));
  write_file(folder_ / "photos" / "dog" / "newer.bmp", made_photo(1, 78));
  expect_resume(begin, end);
  const Finished accepted = run(folder_, {"fit", "--resume", "stopped", "--epochs", "3", "--accept-changes", "-q"});
  EXPECT_EQ(accepted.exit_code, 0) << accepted.err;
}

TEST_F(BadResume, OtherClassesAreAnotherTraining) {
  make_photos(folder_ / "photos", {"eel"}, 10);
  expect_resume({"--accept-changes"}, 1, "photos: has 3 classes, but stopped was started with 2; restore the classes, or start another run");
}

TEST_F(BadResume, ADamagedCheckpointIsRefusedAndTheOlderOneNamed) {
  const auto whole = read_file(state());
  const std::string previous = "stopped/checkpoint/state.previous is intact, at epoch ",
                    way_out = ": rename it to the damaged one to continue from there";
  std::string edited(as_text(whole));
  edited.back() = static_cast<char>(edited.back() ^ 1);
  write_file(state(), edited);
  expect_resume("stopped/checkpoint/state: was changed after it was written; " + previous, way_out);
  write_file(state(), std::string_view(as_text(whole)).substr(0, whole.size() / 2));
  expect_resume("stopped/checkpoint/state: ", way_out);
  fs::rename(state().string() + ".previous", state());
  const Finished done = run(folder_, {"fit", "--resume", "stopped", "-q"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
}

TEST_F(BadResume, ADamagedStartIsRefused) {
  const fs::path start = folder_ / "stopped" / "checkpoint" / "start";
  const auto whole = read_file(start);
  std::string edited(as_text(whole));
  const std::size_t letter = edited.find("unreadable");
  ASSERT_NE(letter, std::string::npos);
  edited[letter] = 'v';
  write_file(start, edited);
  expect_resume({}, 1, "stopped/checkpoint/start: is damaged; start the run again, with another --out");
  write_file(folder_ / "stopped" / "checkpoint" / "config.json", std::string_view("{\"lr\": 0.1}"));
  expect_resume({}, 1, "stopped/checkpoint/config.json: has the unknown option 'lr'; it was written by another version of graft, or changed by hand");
}

TEST_F(BadResume, CutActivationsAreRefused) {
  const fs::path file = folder_ / "stopped" / "checkpoint" / "activations";
  fs::resize_file(file, fs::file_size(file) - 1);
  expect_resume("stopped/checkpoint/activations: does not hold the 32 rows of ",
                " numbers that this training reads; remove it, and it is computed again");
  fs::remove(file);
  EXPECT_EQ(run(folder_, {"fit", "--resume", "stopped", "-q"}).exit_code, 0);
}

TEST_F(BadResume, AFullDiskKeepsTheCheckpoint) {
  {
    const SmallDisk disk(1 << 20);
    const Finished done = run(folder_, {"fit", "--resume", "stopped", "-q"});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_EQ(last_line(done), "graft: stopped/checkpoint/state.next: cannot write: File too large\n");
  }
  const Finished done = run(folder_, {"fit", "--resume", "stopped", "-q"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
}

}  // namespace
}  // namespace graft
