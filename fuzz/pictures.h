// What becomes of pictures that a reader of foreign bytes gives, short of files.
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include "fuzz/target.h"
#include "graft/convert/write.h"

namespace graft::fuzz {

/// Names the classes, then goes over the records as write_pictures() does: what a reader let pass must be there.
inline void use(convert::Collection collection) {
  convert::name_classes(collection, "");
  const std::vector<std::vector<bool>> chosen = convert::choose(collection, {.only = {}, .per_class = 2});
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const convert::Pictures& pictures = collection.pictures[i];
    const std::unique_ptr<archive::Stream> stream = pictures.content.open();
    if (stream->skip(pictures.begin) != pictures.begin) throw std::logic_error("a header that is not there");
    std::vector<std::byte> record(std::min<std::size_t>(pictures.record(), 1U << 20U));
    for (std::size_t n = 0; n < chosen[i].size(); ++n) {
      uint64_t got = stream->read(record);
      touch(record);
      got += stream->skip(pictures.record() - record.size());
      if (got != pictures.record()) throw std::logic_error("a picture that is not there");
    }
  }
}

}  // namespace graft::fuzz
