// What `predict` and `eval` have in common: a trained model run on files.
#pragma once

#include <algorithm>
#include <filesystem>

#include "graft/artifact/session.h"
#include "graft/base/thread_pool.h"
#include "graft/cli/command.h"

namespace graft::cli {

struct InferenceOptions {
  engine::Precision precision = engine::Precision::automatic;
  int threads = available_cpus();
  data::TestViews tta = data::TestViews::one;

  void fields(FieldList& v) {
    v.group("Test-time augmentation");
    v("tta", tta,
      "average the answers over several views of each photo, for as many times the work; mirror: also its mirror image; five: the center and the "
      "corners; ten: both",
      names<data::TestViews>{{"none", data::TestViews::one},
                             {"mirror", data::TestViews::mirror},
                             {"five", data::TestViews::five},
                             {"ten", data::TestViews::ten}});
    v.group("Machine");
    v("precision", precision, "auto: the precision the model was checked in, if this CPU has it",
      names<engine::Precision>{{"auto", engine::Precision::automatic}, {"float32", engine::Precision::float32}, {"bf16", engine::Precision::bf16}});
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
  }

  /// Compiled for a batch no larger than the work.
  artifact::SessionOptions for_images(std::size_t images) const {
    return {.precision = precision, .threads = threads, .batch = static_cast<int>(std::clamp<std::size_t>(images, 1, 16))};
  }
};

}  // namespace graft::cli
