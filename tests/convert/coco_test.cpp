#include "graft/convert/coco.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "error_text.h"

namespace graft::convert {
namespace {

const std::string kImages =
    R"("images": [{"id": 7, "width": 640, "file_name": "a.jpg"}, {"file_name": "sub/b.jpg", "id": 8}, {"id": 9, "file_name": "c.jpg"}])";
const std::string kCategories = R"("categories": [{"id": 5, "name": "dog", "supercategory": "animal"}, {"id": 2, "name": " cat "}])";

std::string coco(const std::string& annotations) {
  return "{\"info\": {\"images\": [1, {\"id\": []}]}, " + kImages + ", \"annotations\": [" + annotations + "], " + kCategories + "}";
}
std::string error_of(const std::string& json) {
  return test::error_of([&] { read_coco(as_bytes(json), "x.json", false); });
}

TEST(Coco, OneLabelForEachImage) {
  const std::string json =
      coco(R"({"id": 1, "image_id": 8, "category_id": 5, "segmentation": [[1.5, 2, 3]], "bbox": [0, 0, 2, 2], "rle": {"counts": [1]}},
                                   {"image_id": 7, "category_id": 2}, {"image_id": 8, "category_id": 5, "caption": null})");
  const CocoLabels found = read_coco(as_bytes(json), "x.json", false);
  EXPECT_EQ(found.classes, (std::vector<std::string>{"cat", "dog"}));
  ASSERT_EQ(found.files.size(), 2U);
  EXPECT_EQ(found.files[0].file_name, "a.jpg");
  EXPECT_EQ(found.files[0].label, 0);
  EXPECT_EQ(found.files[1].file_name, "sub/b.jpg");
  EXPECT_EQ(found.files[1].label, 1);
  EXPECT_EQ(found.without, 1U);
  EXPECT_EQ(found.ambiguous, 0U);
}

TEST(Coco, ImagesOfSeveralCategories) {
  const std::string json = coco(R"({"image_id": 8, "category_id": 5}, {"image_id": 8, "category_id": 2}, {"image_id": 7, "category_id": 2})");
  EXPECT_EQ(error_of(json),
            "data: x.json: 1 of 3 images have annotations of several categories, for instance 'sub/b.jpg'; pass --skip-ambiguous to omit them");
  const CocoLabels found = read_coco(as_bytes(json), "x.json", true);
  EXPECT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.ambiguous, 1U);
}

TEST(Coco, WhatIsNoSuchJson) {
  const std::string hint = "; expected COCO's JSON: images, annotations and categories";
  EXPECT_EQ(error_of("{\"images\": ["), "data: x.json: byte 13: not JSON" + hint);
  EXPECT_EQ(error_of(coco("") + "x"), "data: x.json: byte " + std::to_string(coco("").size() + 1) + ": not JSON" + hint);
  EXPECT_EQ(error_of("[]"), "data: x.json: a list, expected an object of images, annotations and categories" + hint);
  EXPECT_EQ(error_of("7"), "data: x.json: a single value, expected an object of images, annotations and categories" + hint);
  EXPECT_EQ(error_of("{}"), "data: x.json: no list 'images' in it" + hint);
  EXPECT_EQ(error_of("{" + kImages + "}"), "data: x.json: no list 'annotations' in it" + hint);
  EXPECT_EQ(error_of("{" + kImages + ", " + kImages + "}"), "data: x.json: two lists 'images'" + hint);
  EXPECT_EQ(error_of(R"({"images": {}})"), "data: x.json: 'images' is not a list" + hint);
  EXPECT_EQ(error_of(R"({"images": 3})"), "data: x.json: 'images' is not a list" + hint);
  EXPECT_EQ(error_of(R"({"images": [3]})"), "data: x.json: images[0] is not an object" + hint);
  EXPECT_EQ(error_of(R"({"images": [{"id": 1, "file_name": "a"}, [3]]})"), "data: x.json: images[1] is not an object" + hint);
  EXPECT_EQ(error_of(coco("")), "data: x.json: no image with a category in it");
}

TEST(Coco, FieldsThatAreMissingOrOfAnotherKind) {
  const std::string hint = "; expected COCO's JSON: images, annotations and categories";
  EXPECT_EQ(error_of(R"({"images": [{"id": 1, "file_name": "a"}, {"id": 1}]})"), "data: x.json: images[1].file_name: missing or not a text" + hint);
  EXPECT_EQ(error_of(R"({"images": [{"id": 1, "file_name": 3}]})"), "data: x.json: images[0].file_name: missing or not a text" + hint);
  EXPECT_EQ(error_of(R"({"images": [{"id": "1", "file_name": "a"}]})"), "data: x.json: images[0].id: missing or not a whole number" + hint);
  EXPECT_EQ(error_of(R"({"images": [{"id": 1.5, "file_name": "a"}]})"), "data: x.json: images[0].id: missing or not a whole number" + hint);
  EXPECT_EQ(error_of(R"({"images": [{"id": 18446744073709551615}]})"), "data: x.json: images[0].id: missing or not a whole number" + hint);
  EXPECT_EQ(error_of(R"({"images": [{"id": {"id": 1}}]})"), "data: x.json: images[0].id: missing or not a whole number" + hint);
  EXPECT_EQ(error_of(coco(R"({"image_id": 7})")), "data: x.json: annotations[0].category_id: missing or not a whole number" + hint);
  EXPECT_EQ(error_of(coco(R"({"image_id": 7, "category_id": [2]})")),
            "data: x.json: annotations[0].category_id: missing or not a whole number" + hint);
}

TEST(Coco, IdsThatAreNotThereOrTwice) {
  EXPECT_EQ(error_of(coco(R"({"image_id": 1, "category_id": 2})")), "data: x.json: annotations[0]: no image with the id 1");
  EXPECT_EQ(error_of(coco(R"({"image_id": 7, "category_id": 2}, {"image_id": 7, "category_id": 3})")),
            "data: x.json: annotations[1]: no category with the id 3");
  const std::string twice = R"({"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], "annotations": [], )" + kCategories + "}";
  EXPECT_EQ(error_of(twice), "data: x.json: images[1]: id 1 appears twice");
  const std::string names = "{" + kImages + R"(, "annotations": [], "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "a"}]})";
  EXPECT_EQ(error_of(names), "data: x.json: two categories are named 'a'; name each once");
  const std::string empty = "{" + kImages + R"(, "annotations": [], "categories": [{"id": 1, "name": " "}]})";
  EXPECT_EQ(error_of(empty), "data: x.json: categories[0] has an empty name");
}

TEST(Coco, EveryCutIsRefused) {
  const std::string json = coco(R"({"image_id": 7, "category_id": 2})");
  EXPECT_TRUE(rc::check([&] {
    const auto size = *rc::gen::inRange<std::size_t>(0, json.size());
    RC_ASSERT(error_of(json.substr(0, size)).starts_with("data: x.json: byte "));
  }));
}

}  // namespace
}  // namespace graft::convert
