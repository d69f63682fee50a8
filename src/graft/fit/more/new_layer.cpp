#include "graft/fit/more/new_layer.h"

#include <fmt/format.h>

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/graph/bottleneck.h"
#include "graft/graph/walks.h"
#include "graft/transfer/initialise.h"

namespace graft::fit {
namespace {

constexpr int64_t kWidest = 65536;

/// The options that only steps can train, as they were given; empty: none.
std::string beyond_linear(const FitConfig& c) {
  if (!c.hidden.empty()) return "--hidden " + printable(c.hidden);
  return c.pool == Pool::flatten ? "--pool flatten" : "";
}

std::string text_of(Beginning begin) {
  constexpr const char* kNames[] = {"solved", "zero", "random", "kept"};
  return fmt::format("--begin {}", kNames[static_cast<int>(begin)]);
}

void check_beginning(const Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  if (!c.begin) return;
  const std::string what = beyond_linear(c), text = text_of(*c.begin);
  if (c.begin == Beginning::kept) {
    if (!c.from) throw usage_error(text, "is for the head of an earlier run", "give --from RUN, too");
    if (!what.empty()) throw usage_error(what, "is for a new layer, and --begin kept has none", "give only one of them");
    if (!c.strategy) throw usage_error(text, "is for training by steps", "choose --strategy head, partial or full");
    return;
  }
  if (c.begin == Beginning::solved && !what.empty())
    throw usage_error(what, "cannot be solved for: only a linear layer on averaged features can", "omit --begin");
  if (c.begin == Beginning::zero && !c.hidden.empty()) throw usage_error(what, "never learns anything when it starts at zero", "omit --begin");
}

}  // namespace

std::vector<int64_t> hidden_sizes(const FitConfig& config) {
  std::vector<int64_t> sizes;
  if (config.hidden.empty()) return sizes;
  for (const std::string& word : split(config.hidden, ',')) {
    const int64_t size = number_in<int64_t>(trim(word)).value_or(0);
    if (size < 1 || size > kWidest)
      throw usage_error("--hidden " + printable(config.hidden), fmt::format("expected whole numbers from 1 to {}, separated by commas", kWidest),
                        "for instance --hidden 512");
    sizes.push_back(size);
  }
  return sizes;
}

void check_new_layer(Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  hidden_sizes(c);
  check_beginning(config);
  const std::string what = beyond_linear(c);
  const bool head = !c.strategy || c.strategy == transfer::Kind::head;
  if (!what.empty() && head && c.solver == Solver::lbfgs)
    throw usage_error(what, "cannot be solved for: only a linear layer on averaged features can", "choose --solver steps, or omit it");
  if (!c.strategy && !what.empty()) choose(config, "strategy", transfer::Kind::head, what + " without a strategy");
  if (!c.strategy && c.solver == Solver::steps) choose(config, "strategy", transfer::Kind::head, "--solver steps is for it");
  if (c.strategy && c.strategy != transfer::Kind::head && origin_of(config.origins, "solver").source == Source::flag)
    throw usage_error("--solver", fmt::format("is for --strategy head; {} trains by steps", transfer::to_string(*c.strategy)), "omit it");
  if (!what.empty() && head) choose(config, "solver", Solver::steps, what + " is for it");
  if (c.begin && c.strategy == transfer::Kind::head && c.solver != Solver::lbfgs)
    choose(config, "solver", Solver::steps, text_of(*c.begin) + " is for it");
  if (head) choose(config, "solver", Solver::lbfgs, "a linear layer");
}

void check_kept(const Job& job) {
  const FitConfig& c = job.config.values;
  if (c.begin != Beginning::kept) return;
  const std::string name = printable(c.from->string());
  const artifact::ModelCard card = artifact::load_card(*c.from);
  const std::vector<std::string>&known = card.labels, &classes = job.splits.classes;
  const char* hint = "its head can only be kept for its own classes; omit --begin kept to get a new one";
  if (card.task != job.splits.task)
    throw data_error(name,
                     data::one_class_each(card.task) ? "answers with one class, but the photos have several"
                                                     : "answers with any number of classes, but the photos have one each",
                     hint);
  for (std::size_t k = 0; k < std::min(known.size(), classes.size()); ++k)
    if (known[k] != classes[k])
      throw data_error(name, fmt::format("its class {} is '{}', that of the photos '{}'", k + 1, printable(known[k]), printable(classes[k])), hint);
  if (known.size() > classes.size())
    throw data_error(name, fmt::format("has a class '{}', which the photos do not have", printable(known[classes.size()])), hint);
  if (known.size() < classes.size())
    throw data_error(name, fmt::format("does not know the class '{}' of the photos", printable(classes[known.size()])), hint);
  if (job.pretrained.graph.output_dims() != graph::Dims{job.classes()})
    throw data_error(name, "does not end in a layer that graft could train", "omit --begin kept");
}

graph::Graph with_new_layer(const Job& job) {
  const FitConfig& c = job.config.values;
  if (c.begin == Beginning::kept) return job.pretrained.graph;
  if (c.adapt.trains()) return graph::with_bottleneck(job.pretrained.graph, job.classes());
  return graph::replace_head(job.pretrained.graph, job.classes(), {.flatten = c.pool == Pool::flatten}, hidden_sizes(c));
}

graph::Graph begun(const Job& job, const Start& start) {
  const FitConfig& c = job.config.values;
  graph::Graph network = with_new_layer(job);
  if (c.begin == Beginning::random) {
    transfer::initialise_head(network, c.seed);
  } else if (c.begin != Beginning::kept) {
    const graph::Node& layer = network.nodes[network.output()];
    network.parameters[static_cast<std::size_t>(layer.parameters[0])].tensor = graph::Tensor::copy_of(start.head.weight);
    network.parameters[static_cast<std::size_t>(layer.parameters[1])].tensor = graph::Tensor::copy_of(start.head.bias);
  }
  if (c.strategy == transfer::Kind::scratch) transfer::initialise(network, c.seed);
  return network;
}

graph::Graph deployed(const Job& job, graph::Graph trained) {
  const FitConfig& c = job.config.values;
  if (!c.mirror.value_or(false)) return trained;
  if (c.begin == Beginning::kept || !c.hidden.empty()) return graph::with_mirrored_answer(std::move(trained));
  graph::Graph both = graph::replace_head(job.pretrained.graph, job.classes(), {.mirror = true, .flatten = c.pool == Pool::flatten});
  put_back(trained, both);
  return both;
}

}  // namespace graft::fit
