#include "graft/train/meta.h"

namespace graft::train {

std::string_view to_string(MetaMethod method) {
  constexpr std::string_view kNames[] = {"protonet", "maml", "anil", "reptile", "meta-transfer"};
  return kNames[static_cast<std::size_t>(method)];
}

void MetaConfig::fields(FieldList& v) {
  v("method", method, "meta-learning method; protonet is the simplest",
    names<MetaMethod>{{"protonet", MetaMethod::protonet},
                      {"maml", MetaMethod::maml},
                      {"anil", MetaMethod::anil},
                      {"reptile", MetaMethod::reptile},
                      {"meta-transfer", MetaMethod::meta_transfer}});
  v("ways", ways, "classes per task", between(2, 1000));
  v("shots", shots, "labeled photos per class in a task", between(1, 100));
  v("queries", queries, "photos to classify per class in a task", between(1, 1000));
  v("iterations", iterations, "number of weight updates", between(1, 10'000'000), Placeholder{"N"});
  v("tasks", tasks, "tasks per update", between(1, 1000));
  v("lr", lr, "learning rate of the updates; with reptile, the fraction of the way toward a task's weights, which falls to 0 by the end", above(0),
    DefaultText{"0.001; with reptile 1"});
  v("inner-lr", inner_lr, "learning rate of the gradient steps within a task", above(0), DefaultText{"0.1; with reptile 0.001"});
  v("inner-steps", inner_steps, "gradient steps within a task", between(1, 1000), DefaultText{"5; with reptile 10"});
  v("first-order", first_order, "with --method maml, anil or meta-transfer: leave out the second derivatives, which takes about half the time");
  v("check-every", check_every, "updates between checks on tasks of the validation classes", between(1, 1'000'000), Placeholder{"N"});
  v("val-episodes", val_episodes, "number of tasks drawn from the validation classes", between(2, 100'000));
  v("seed", seed, "seed of everything random: the split of the classes, the initial weights and the tasks");
  v("checkpoint-minutes", checkpoint_minutes, "minutes between checkpoints", above(0), NoEffectOnResult{});
}

}  // namespace graft::train
