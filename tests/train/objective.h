// The terms that fit labels and teacher, as one: what tests of their formulas look at.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graft/graph/builder.h"
#include "graft/train/terms/term.h"

namespace graft::train {

/// Of a network that is one layer.
class Objective {
 public:
  Objective(const TrainConfig& config, std::vector<int> labels, int64_t classes, std::vector<float> targets = {}) {
    if (!targets.empty()) task_ = data::MultiLabel{};
    graph::Graph graph{.name = "layer"};
    graph::Builder b(graph);
    b.stage("head");
    b.linear("head", b.input({classes}), {.out = classes});
    Streams streams{{.labels = std::move(labels), .fill = {}}};
    streams.labelled.task = task_;
    streams.labelled.targets = std::move(targets);
    if (data::one_class_each(task_)) streams.labelled.teacher = {0};  // some: the batches of the tests have it
    terms_ = terms_of({graph, {}, config, streams, {}});
  }

  Loss operator()(const at::Tensor& logits, Batch batch, std::size_t share) const {
    batch.task = task_;
    Loss all{.sum = 0, .right = right_of(logits, batch), .gradient = {}};
    for (const Term& term : terms_) {
      if (!term.fits || (term.name == "distillation" && !batch.teacher.defined())) continue;
      const TermLoss loss = term({{graph::kLogits, logits}}, batch, share);
      all.sum += loss.sum;
      const at::Tensor& gradient = loss.gradients.at(graph::kLogits);
      all.gradient = all.gradient.defined() ? all.gradient + gradient : gradient;
    }
    return all;
  }

 private:
  data::Task task_;
  std::vector<Term> terms_;
};

}  // namespace graft::train
