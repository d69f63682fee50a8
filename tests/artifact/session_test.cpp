// A Session on a network of a test's own: photos in, answers out, whoever asks beside.
#include "graft/artifact/session.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "artifact/hand_clock.h"
#include "bmp.h"
#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/image/decode.h"

namespace graft::artifact {
namespace {

using namespace std::chrono_literals;

constexpr int kSide = 8;

ModelCard card() {
  ModelCard card{.labels = {"red", "blue"}, .preprocess = {}};
  card.preprocess.resize = kSide, card.preprocess.crop = kSide;
  return card;
}

/// The sums of the first and last channel, of the left half only: mirror images differ.
Network sums() {
  return {.feature_width = 1, .compute = [](std::size_t, std::span<const engine::Part> parts) {
            for (const engine::Part& part : parts)
              for (std::size_t i = 0; i < part.n; ++i) {
                const auto row = part.rows.subspan(i * kSide * kSide * 3, kSide * kSide * 3);
                float red = 0, blue = 0;
                for (std::size_t p = 0; p < kSide * kSide; ++p)
                  if (p % kSide < kSide / 2) red += row[3 * p], blue += row[3 * p + 2];
                part.out[2 * i] = red / 1000;
                part.out[2 * i + 1] = blue / 1000;
                if (!part.features.empty()) part.features[i] = red + blue;
              }
          }};
}

class Shared : public testing::Test {
 protected:
  Shared() {
    for (int i = 0; i < 24; ++i) {
      paths_.push_back(folder_ / (std::to_string(i) + ".bmp"));
      write_file(paths_.back(), made_photo(i % 2, i));
      bytes_.push_back(read_file(paths_.back()));
      images_.push_back(image::decode(bytes_.back(), "made"));
    }
    for (const auto& bytes : bytes_) files_.push_back(bytes);
  }

  TestFolder folder_;
  std::vector<std::filesystem::path> paths_;
  std::vector<std::vector<std::byte>> bytes_;
  std::vector<std::span<const std::byte>> files_;
  std::vector<image::Image> images_;
};

TEST_F(Shared, EightThreadsGetTheAnswersThatOneWouldGet) {
  const Session alone("m", card(), engine::Precision::float32, {.batch = 4, .features = true}, sums);
  const Predictions expected = alone.predict(files_);
  const Session session("m", card(), engine::Precision::float32, {.batch = 4, .requests = 2, .wait = 50us, .features = true}, sums);
  std::vector<Predictions> found(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < found.size(); ++t)
      threads.emplace_back([&, t] { found[t] = t % 2 == 0 ? session.predict(files_) : session.predict(images_); });
  }
  for (const Predictions& p : found) {
    EXPECT_EQ(p.logits, expected.logits);
    EXPECT_EQ(p.probabilities, expected.probabilities);
    EXPECT_EQ(p.features, expected.features);
  }
}

TEST_F(Shared, PathsBytesAndPicturesHaveOneAnswerInEveryView) {
  const Session session("m", card(), engine::Precision::float32, {.batch = 5, .features = true}, sums);
  for (const data::TestViews views : {data::TestViews::one, data::TestViews::mirror, data::TestViews::ten}) {
    const Predictions of_paths = session.predict(paths_, 2, {}, views), of_bytes = session.predict(files_, views),
                      of_pictures = session.predict(images_, views);
    EXPECT_EQ(of_bytes.logits, of_paths.logits);
    EXPECT_EQ(of_pictures.logits, of_paths.logits);
    EXPECT_EQ(of_bytes.hashes, of_paths.hashes);
    EXPECT_EQ(of_bytes.features, of_paths.features);
    EXPECT_EQ(of_paths.features.size(), paths_.size());
  }
  EXPECT_NE(session.predict(images_).logits, session.predict(images_, data::TestViews::mirror).logits);
}

TEST_F(Shared, APhotoThatCannotBeReadIsToldToItsCallerAlone) {
  const Session session("m", card(), engine::Precision::float32, {.batch = 4, .wait = 50us}, sums);
  const Predictions expected = session.predict(files_);
  const std::vector<std::byte> garbage(40, std::byte{'x'});
  std::vector<std::span<const std::byte>> with_one_bad = files_;
  with_one_bad[1] = garbage;
  Predictions good, bad;
  {
    const std::jthread one([&] { good = session.predict(files_); }), other([&] { bad = session.predict(with_one_bad); });
  }
  EXPECT_TRUE(good.unreadable.empty());
  EXPECT_EQ(good.logits, expected.logits);
  ASSERT_EQ(bad.unreadable.size(), 1);
  EXPECT_EQ(bad.unreadable[0].index, 1);
  EXPECT_EQ(bad.unreadable[0].error.subject(), "photo 2");
  EXPECT_EQ(bad.logits[2], 0);
  EXPECT_EQ(bad.logits[3], 0);
  EXPECT_TRUE(std::equal(bad.logits.begin() + 4, bad.logits.end(), expected.logits.begin() + 4));

  std::vector<image::Image> with_an_empty_one = images_;
  with_an_empty_one[0] = {};
  const Predictions empty = session.predict(with_an_empty_one);
  ASSERT_EQ(empty.unreadable.size(), 1);
  EXPECT_STREQ(empty.unreadable[0].error.what(), "photo 1: is empty");
}

TEST_F(Shared, NoPhotosHaveNoAnswers) {
  const Session session("m", card(), engine::Precision::float32, {.features = true}, sums);
  const Predictions none = session.predict(std::span<const image::Image>());
  EXPECT_TRUE(none.logits.empty() && none.features.empty() && none.unreadable.empty());
}

TEST_F(Shared, ASessionThatGoesAnswersWhoIsInside) {
  const HandClock clock;
  std::optional<Session> session;
  session.emplace("m", card(), engine::Precision::float32, SessionOptions{.batch = 8, .wait = 1h}, sums, clock);
  std::vector<Predictions> found(3);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < 3; ++i) threads.emplace_back([&, i] { found[i] = session->predict(std::span(files_).subspan(i, 1)); });
  clock.await_waiters(3);
  session.reset();  // comes back when all have left
  threads.clear();
  const Session other("m", card(), engine::Precision::float32, {}, sums);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(found[i].logits, other.predict(std::span(files_).subspan(i, 1)).logits);
}

TEST_F(Shared, AfterCloseNobodyIsLetIn) {
  const Session session("runs/a/model.onnx", card(), engine::Precision::float32, {}, sums);
  session.close();
  try {
    session.predict(files_);
    ADD_FAILURE() << "it is closed";
  } catch (const std::logic_error& e) {
    EXPECT_STREQ(e.what(), "runs/a/model.onnx: is asked after close()");
  }
}

TEST_F(Shared, WhatTheEngineFindsWrongIsToldToEverybodyWhoAsks) {
  const Session session("m", card(), engine::Precision::float32, {}, []() -> Network { throw data_error("m", "is no network"); });
  EXPECT_THROW(session.warm_up(), Error);
  for (int i = 0; i < 2; ++i) EXPECT_THROW(session.predict(files_), Error);
}

TEST_F(Shared, AFailureOfACallersOwnLeavesTheSessionUsable) {
  const Session session("m", card(), engine::Precision::float32, {.batch = 1}, sums);
  EXPECT_THROW(session.predict(paths_, 1, [](std::size_t) { throw std::runtime_error("of the caller"); }), std::runtime_error);
  EXPECT_EQ(session.predict(paths_, 1).logits, session.predict(files_).logits);
}

}  // namespace
}  // namespace graft::artifact
