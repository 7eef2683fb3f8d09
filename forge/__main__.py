"""`python -m forge VERB`: each verb is one stage of the recipe (see runs/starter.sh). Every stage resumes."""

from __future__ import annotations

import argparse


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m forge", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name: str, help: str, samples: int = 0) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=help)
        sub.add_argument("--run", default="starter", help="folder of checkpoints under FORGE_RUNS")
        if samples:
            sub.add_argument("--samples", type=int, default=samples)
            sub.add_argument("--minutes", type=float, default=float("inf"), help="end by then, learning rate fully decayed")
        return sub

    verb("data", "decode the pictures once")
    verb("tokenizer", "train the tokenizer")
    verb("autoencoder", "train the autoencoder", samples=20_000)
    verb("evaluator", "train the independent evaluator", samples=150_000)
    verb("freeze", "pin the evaluator by its hash (before the denoiser's first run)")
    latents = verb("latents", "encode the training pictures")
    latents.add_argument("--concepts", type=int, default=303, help="the first N of starter_concepts.txt")
    latents.add_argument("--shard", default="0/1", help="which part of how many, to share the work")
    verb("denoiser", "train denoiser and text encoder", samples=120_000)
    export = verb("export", "quantise and write public/models/RUN")
    export.add_argument("--bits", type=int, default=8, choices=(4, 8))
    evaluate = verb("evaluate", "score held-out pairs and controls")
    evaluate.add_argument("--only", choices=("ceiling", "fp32", "q8", "q4"))
    evaluate.add_argument("--steps", default="1,2,4,8,16")
    evaluate.add_argument("--count", type=int, default=200)
    verb("card", "write the model card from the results")
    return parser


def main() -> None:
    a = _parser().parse_args()
    match a.verb:
        case "data":
            from forge.pictures import build_cache

            for size in (256, 80):
                print(build_cache(size))
        case "tokenizer":
            from forge.tokenizer import train_tokenizer

            print(train_tokenizer(a.run))
        case "autoencoder":
            from forge import train_autoencoder

            train_autoencoder.train(a.run, a.samples, a.minutes)
        case "evaluator":
            from forge.evaluator import train

            train.train(a.run, a.samples, a.minutes)
        case "freeze":
            from forge.evaluator.frozen import freeze

            print(freeze(a.run))
        case "latents":
            from forge.latents import encode

            index, _, total = a.shard.partition("/")
            encode(a.run, a.concepts, (int(index), int(total)))
        case "denoiser":
            from forge import train_denoiser

            train_denoiser.train(a.run, a.samples, a.minutes)
        case "export":
            from forge.package import export

            export(a.run, a.bits)
        case "evaluate":
            from forge.evaluate import evaluate

            evaluate(a.run, a.only, tuple(int(n) for n in a.steps.split(",")), a.count)
        case "card":
            from forge.card import write_card
            from forge.training import checkpoint_path, load

            print(write_card(a.run, load(checkpoint_path(a.run, "autoencoder"))["psnr"]))


if __name__ == "__main__":
    main()
