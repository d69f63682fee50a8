#include "graft/doctor/photo_facts.h"

#include <gtest/gtest.h>

#include "doctor/photos.h"

namespace graft::doctor {
namespace {

std::vector<PhotoFacts> facts_of(const TestFolder& folder, int threads = 1) {
  std::vector<PhotoFacts> photos = photos_of(data::open_parts(folder.path()), folder.path());
  ThreadPool pool(threads);
  gather(photos, pool);
  return photos;
}

TEST(PhotoFacts, OfAReadablePhoto) {
  const TestFolder folder;
  put_photo(folder / "val/ant/a.png", flat(40, 20, 10, 10, 10));
  put_photo(folder / "train/bee/b.png", noise(40, 20, 7));
  const std::vector<PhotoFacts> photos = facts_of(folder);
  ASSERT_EQ(photos.size(), 2U);
  EXPECT_EQ(photos[0].name, "train/bee/b.png");
  EXPECT_EQ(photos[0].part, data::Part::train);
  EXPECT_FALSE(photos[0].grey);
  EXPECT_GT(photos[0].deviation, 20);
  const PhotoFacts& ant = photos[1];
  EXPECT_TRUE(ant.readable());
  EXPECT_EQ(ant.part, data::Part::val);
  EXPECT_EQ(ant.width, 40);
  EXPECT_EQ(ant.height, 20);
  EXPECT_EQ(ant.bytes, std::filesystem::file_size(folder / "val/ant/a.png"));
  EXPECT_TRUE(ant.grey);
  EXPECT_EQ(ant.deviation, 0);
  EXPECT_EQ(ant.border[0], 10);
  EXPECT_EQ(ant.small[17], 10);
  EXPECT_EQ(ant.details.format, image::Format::png);
}

TEST(PhotoFacts, TheSamePixelsInOtherBytesHaveTheSameHash) {
  const TestFolder folder;
  put_photo(folder / "ant/a.png", noise(40, 20, 7));
  put_file(folder / "ant/a.bmp", bmp_of(noise(40, 20, 7)));
  put_photo(folder / "bee/b.png", noise(40, 20, 8));
  put_photo(folder / "bee/c.png", flat(40, 20, 1, 1, 1));
  put_photo(folder / "bee/d.png", flat(20, 40, 1, 1, 1));
  const std::vector<PhotoFacts> photos = facts_of(folder);
  EXPECT_EQ(photos[0].pixel_hash, photos[1].pixel_hash);
  EXPECT_NE(photos[0].file_hash, photos[1].file_hash);
  EXPECT_NE(photos[0].pixel_hash, photos[2].pixel_hash);
  EXPECT_NE(photos[3].pixel_hash, photos[4].pixel_hash) << "the same bytes in another shape";
}

TEST(PhotoFacts, WhyAFileCannotBeReadAndWhatItsNameHides) {
  const TestFolder folder;
  put_file(folder / "ant/a.jpg", "no picture");
  put_file(folder / "ant/b.jpg", png_of(noise(8, 8, 1)));
  put_file(folder / "bee/c.png", png_of(noise(8, 8, 2)).substr(0, 60));
  const std::vector<PhotoFacts> photos = facts_of(folder);
  EXPECT_NE(photos[0].unreadable.find("not a JPEG"), std::string::npos);
  EXPECT_EQ(photos[0].bytes, 10U);
  EXPECT_FALSE(photos[0].mistyped);
  EXPECT_TRUE(photos[1].readable());
  EXPECT_TRUE(photos[1].mistyped);
  EXPECT_FALSE(photos[2].readable());
  EXPECT_FALSE(photos[2].mistyped);
}

TEST(PhotoFacts, ThreadsChangeNothing) {
  const TestFolder folder;
  for (int i = 0; i < 20; ++i) put_photo(folder / ("ant/" + std::to_string(i) + ".png"), noise(9 + i, 5, i));
  put_photo(folder / "bee/b.png", noise(9, 5, 99));
  const std::vector<PhotoFacts> one = facts_of(folder, 1), three = facts_of(folder, 3);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].pixel_hash, three[i].pixel_hash);
    EXPECT_EQ(one[i].small, three[i].small);
    EXPECT_EQ(one[i].width, three[i].width);
  }
}

}  // namespace
}  // namespace graft::doctor
