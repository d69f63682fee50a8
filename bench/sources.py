#!/usr/bin/env python3
"""usage: bench/sources.py SET... [--sources NAME,NAME...] [--size 96] [--seed 0] [--full EPOCHS] [--no-grid] [--precision auto]
       [--graft PROGRAM]

What `graft sources` says of some pretrained networks against trying them out: each set (train/ and val/ of class folders, bench/sets.py makes some) with
each source, and with the two of them that it tried as one. A set's rows have accuracy and log loss on val/ of a head solved on each source (`graft fit
--strategy head`), or with --full of everything trained so many epochs; regret is the best accuracy less that of the source taken, tau Kendall's (tau-b)
between the accuracies and the order by what was found, and between both log losses. Times are of the whole commands, each with an empty cache; the grid is
what `graft fit --strategy full --dry-run` expects of the full trainings of all sources, 10 epochs each. --no-grid: without that, and with the cache as it
is."""
import argparse
import json
import os
import subprocess
import tempfile
import time


def tau(a, b):
    """Kendall's tau-b."""
    pairs = [(i, j) for i in range(len(a)) for j in range(i)]
    sign = lambda x: (x > 0) - (x < 0)
    both = sum(sign(a[i] - a[j]) * sign(b[i] - b[j]) for i, j in pairs)
    ties = [sum(x[i] != x[j] for i, j in pairs) for x in (a, b)]
    return both / (ties[0] * ties[1]) ** 0.5 if all(ties) else float("nan")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.removeprefix("usage: "))
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--sources", default="all")
    parser.add_argument("--size", default="96")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--full", type=int)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--no-grid", action="store_true")
    parser.add_argument("--graft", default="build/release/graft")
    asked = parser.parse_args()

    def graft(folder, *words):
        start = time.monotonic()
        done = subprocess.run([asked.graft, *map(str, words), "--size", asked.size, "--seed", asked.seed, "--precision", asked.precision, "--json", "-q"], check=True,
                              stdout=subprocess.PIPE, env=os.environ if asked.no_grid else {**os.environ, "GRAFT_CACHE": f"{folder}/cache"})
        return json.loads(done.stdout), time.monotonic() - start

    regrets, on_losses, taus = [], [], {"log_loss": [], "logme": [], "h_score": []}
    for data in asked.sets:
        with tempfile.TemporaryDirectory() as folder:
            told, seconds = graft(folder, "sources", data, "--sources", asked.sources)
        names = [source["name"] for source in told["compared"]]
        accuracies, losses, heads, grid = [], [], 0, 0
        for name in names:
            backbone = name.split("=")[0]
            words = ["--backbone", backbone]
            for word in asked.sources.split(","):
                if "=" in word and word.split("=")[0] == backbone:
                    words += ["--weights", word.split("=")[1]]
            with tempfile.TemporaryDirectory() as folder:
                how = ["--strategy", "full", "--epochs", asked.full] if asked.full else ["--strategy", "head"]
                run, took = graft(folder, "fit", data, *words, *how, "--out", f"{folder}/run")
                accuracies.append(run["evaluation"]["accuracy"])
                losses.append(run["evaluation"]["log_loss"])
                heads += took
                if not asked.no_grid:
                    grid += graft(folder, "fit", data, *words, "--strategy", "full", "--dry-run", "--out", f"{folder}/grid")[0]["seconds"]
        taken = names.index(told["chosen"])
        regrets.append(max(accuracies) - accuracies[taken])
        of_set = {}
        for what in taus:
            values = [source[what] if what != "log_loss" else -source[what] for source in told["compared"]]
            of_set[what] = tau(values, accuracies)
            taus[what].append(of_set[what])
        on_losses.append(tau([source["log_loss"] for source in told["compared"]], losses))
        print(f"\n{os.path.basename(data.rstrip('/'))}: {told['photos']} photos looked at; {seconds:.0f} s, all trained {heads:.0f} s"
              + (f", the grid {grid:.0f} s: {grid / seconds:.0f} times" if grid else ""))
        print("| source | accuracy on val/ | log loss on val/ | cross-validated | behind | LogME | H-score | ms |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
        for source, accuracy, loss in zip(told["compared"], accuracies, losses):
            mark = " (taken)" if source["name"] == told["chosen"] else ""
            print(f"| {source['name']}{mark} | {accuracy:.3f} | {loss:.4f} | {source['log_loss']:.4f} | {source['behind']:+.4f} +- {source['behind_standard_error']:.4f} | "
                  f"{source['logme']:.3f} | {source['h_score']:.3f} | {1000 * source['seconds']:.1f} |")
        print(f"regret {regrets[-1]:.3f}; tau: log loss {of_set['log_loss']:.2f}, LogME {of_set['logme']:.2f}, H-score {of_set['h_score']:.2f}; log loss with log loss {on_losses[-1]:.2f}", flush=True)
    mean = lambda x: sum(x) / len(x)
    print(f"\n{len(regrets)} sets: mean regret {mean(regrets):.4f}, largest {max(regrets):.4f}; mean tau: log loss {mean(taus['log_loss']):.2f}, "
          f"LogME {mean(taus['logme']):.2f}, H-score {mean(taus['h_score']):.2f}; log loss with log loss {mean(on_losses):.2f}")


main()
