#include "graft/train/meta.h"

namespace graft::train {

std::string_view to_string(MetaMethod method) {
  constexpr std::string_view kNames[] = {"protonet", "maml", "anil", "reptile", "meta-transfer"};
  return kNames[static_cast<std::size_t>(method)];
}

void MetaConfig::fields(FieldList& v) {
  v("method", method, "how the network learns to learn; protonet is the simplest",
    names<MetaMethod>{{"protonet", MetaMethod::protonet},
                      {"maml", MetaMethod::maml},
                      {"anil", MetaMethod::anil},
                      {"reptile", MetaMethod::reptile},
                      {"meta-transfer", MetaMethod::meta_transfer}});
  v("ways", ways, "classes of a task", between(2, 1000));
  v("shots", shots, "labeled photos of each class of a task", between(1, 100));
  v("queries", queries, "photos of each class of a task that are to be named", between(1, 1000));
  v("iterations", iterations, "updates of the weights", between(1, 10'000'000), Placeholder{"N"});
  v("tasks", tasks, "tasks of an update", between(1, 1000));
  v("lr", lr, "learning rate of the updates; of reptile the part of the way towards a task's weights, which falls to 0 in the end", above(0),
    DefaultText{"0.001; of reptile 1"});
  v("inner-lr", inner_lr, "learning rate of the steps within a task", above(0), DefaultText{"0.1; of reptile 0.001"});
  v("inner-steps", inner_steps, "steps within a task", between(1, 1000), DefaultText{"5; of reptile 10"});
  v("first-order", first_order, "maml, anil and meta-transfer: leave out the second derivatives, for about half of the time");
  v("check-every", check_every, "updates after which the tasks of the validation classes are answered", between(1, 1'000'000), Placeholder{"N"});
  v("val-episodes", val_episodes, "tasks of the validation classes", between(2, 100'000));
  v("seed", seed, "what is drawn");
  v("checkpoint-minutes", checkpoint_minutes, "minutes between checkpoints", above(0), NoEffectOnResult{});
}

}  // namespace graft::train
