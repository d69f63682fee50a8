// The three lists of COCO-style JSON as they stand there, before ids are compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/files.h"

namespace graft::convert {

struct CocoItems {
  struct Named {
    int64_t id;
    std::string name;
  };
  struct Annotation {
    int64_t image, category;
  };
  std::vector<Named> images, categories;
  std::vector<Annotation> annotations;
};

/// Error (data) for broken JSON, a list that is not there, an item without its fields or with others than whole numbers and text; Interrupted.
CocoItems read_coco_items(Bytes json, const std::string& name);

}  // namespace graft::convert
