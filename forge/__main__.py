"""`python -m forge VERB`: each verb is one stage of the recipe (see runs/starter.sh)."""

from __future__ import annotations

import argparse


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m forge", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name: str, help: str, samples: int = 0) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=help)
        sub.add_argument("--run", default="starter", help="folder of checkpoints under FORGE_RUNS")
        if samples:
            sub.add_argument("--samples", type=int, default=samples)
            sub.add_argument("--minutes", type=float, default=float("inf"), help="stop (learning rate decayed) by then")
        return sub

    verb("data", "decode the pictures once")
    verb("tokenizer", "train the tokenizer")
    verb("autoencoder", "train the autoencoder", samples=80_000)
    verb("evaluator", "train the independent evaluator", samples=400_000)
    arguments = parser.parse_args()

    match arguments.verb:
        case "data":
            from forge.pictures import build_cache
            for size in (256, 80):
                print(build_cache(size))
        case "tokenizer":
            from forge.tokenizer import train_tokenizer
            print(train_tokenizer(arguments.run))
        case "autoencoder":
            from forge.train_autoencoder import train
            train(arguments.run, arguments.samples, arguments.minutes)
        case "evaluator":
            from forge.evaluator.train import train
            train(arguments.run, arguments.samples, arguments.minutes)


if __name__ == "__main__":
    main()
