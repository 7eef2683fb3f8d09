"""`python -m forge VERB`: each verb is one stage of the recipe (see runs/starter.sh). Every stage resumes."""

from __future__ import annotations

import argparse
from pathlib import Path


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

    sources = verbs.add_parser("sources", help="build the data from public clones of its three sources")
    for name, repository in (("fluent", "microsoft/fluentui-emoji"), ("noto", "googlefonts/noto-emoji"), ("blob", "C1710/blobmoji")):
        sources.add_argument(f"--{name}", type=Path, required=True, metavar="DIR", help=f"a clone of {repository}")
    sources.add_argument("--out", type=Path, required=True, metavar="DATA", help="the new folder")
    verb("data", "decode the pictures once, and say which set they are")
    verb("tokenizer", "train the tokenizer")
    verb("autoencoder", "train the autoencoder", samples=20_000)
    evaluator = verb("evaluator", "train the independent evaluator", samples=150_000)
    evaluator.add_argument("--from-frozen", action="store_true", help="start from the frozen evaluator's weights")
    verb("freeze", "pin the evaluator by its hash (before the denoiser's first run)")
    latents = verb("latents", "encode the training pictures")
    latents.add_argument("--shard", default="0/1", help="which part of how many, to share the work")
    latents.add_argument("--part", type=float, default=1.0, help="of the plan's scenes, one of each at least: for a trial")
    verb("adopt", "take the shipped model back as checkpoints, to train on")
    for name, help, samples in (("denoiser", "train denoiser and text encoder", 500_000), ("distil", "fold guidance into the trained denoiser", 240_000)):
        stage = verb(name, help, samples=samples)
        stage.add_argument("--ranks", type=int, default=1, help="processes that share the work, one thread each")
        stage.add_argument("--batch", type=int, help="samples of one process and step")
        stage.add_argument("--concepts", type=int, help="teach the first N of the vocabulary (default: all)")
    verb("decoder", "train the decoder on, on codes as the shipped model and its brands draw them", samples=60_000)
    export = verb("export", "quantise and write public/models/RUN, or convert a diffusers checkpoint in FOLDER")
    export.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="a checkpoint to convert, instead of a run")
    export.add_argument("--out", type=Path, help="where the converted folder goes; default: FOLDER-browser beside it")
    export.add_argument("--dtypes", default="fp16,q8,q4,fp32", help="forms of the weights, the preferred first")
    export.add_argument("--bits", type=int, default=8, choices=(4, 8))
    evaluate = verb("evaluate", "score held-out pairs and controls")
    evaluate.add_argument("--only", choices=("ceiling", "fp32", "q8", "q4"))
    evaluate.add_argument("--steps", default="1,2,4,8,16")
    evaluate.add_argument("--count", type=int, help="at most this many prompts of each set")
    evaluate.add_argument("--captioner", action="store_true", help="score the shipped captioner instead")
    evaluate.add_argument("--part", type=float, default=1.0, help="of the captioner's scenes: for a trial")
    verb("golden", "write the numbers that the studio's tests hold the shipped model to")
    verb("shorten", "measure smaller and quicker forms against the fp32 parent")
    verb("card", "write the model card from the results")
    verb("style", "train the judges of the brands, of styles and of names, and pin each by its hash; what is pinned stays", samples=130_000)
    lora = verb("lora", "train an adapter from a folder of pictures with .txt captions, or the starter brands", samples=16_000)
    lora.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    lora.add_argument("--brand", action="append", choices=("flat", "line", "noto", "blob"), default=[], help="a starter brand, from the shared drawings")
    lora.add_argument("--all", action="store_true", help="all four starter brands")
    lora.add_argument("--id", help="small letters, digits and hyphens; default: from the folder's name")
    lora.add_argument("--name", help="what people read; default: the id")
    lora.add_argument("--trigger", help="a word before every caption, that calls the style afterwards")
    lora.add_argument("--out", type=Path, help="the file to write; default: FOLDER/ID.safetensors")
    lora.add_argument("--rank", type=int, help="default: 8, or the brand's own")
    lora.add_argument("--layers", choices=("everywhere", "blocks"), default="everywhere", help="blocks: the transformer's layers alone")
    lora.add_argument("--part", type=float, default=1.0, help="of the brands' scenes, one of each at least: for a trial")
    brands = verb("brands", "score the four starter brands")
    brands.add_argument("--count", type=int, default=200, help="prompts; fewer than 200 write nothing")
    verb("upscaler", "train, export and score the 2x upscaler", samples=40_000)
    captioner = verb("captioner", "train the captioner: its vision tower, then captions, answers and matching", samples=195_000)
    captioner.add_argument("--vision-samples", type=int, default=50_000, help="pictures with dense labels before there are words")
    shipped = verb("export-captioner", "quantise and write public/models/captioner with its safety list and the studio's goldens")
    shipped.add_argument("--bits", type=int, default=8, choices=(4, 8))
    return parser


def main() -> None:
    parser = _parser()
    a = parser.parse_args()
    if a.verb == "evaluate" and a.part != 1 and not a.captioner:
        parser.error("--part is of the captioner's scenes; of prompts there is --count")
    if a.verb == "lora" and a.part != 1 and a.folder is not None:
        parser.error("--part is of the brands' scenes; a folder is learned whole")
    match a.verb:
        case "sources":
            from forge.sources.build import build_folder

            build_folder(a.fluent, a.noto, a.blob, a.out)
        case "data":
            from forge.paths import data_dir
            from forge.pictures import build_cache
            from forge.sources.digest import describe

            for size in (256, 80):
                print(build_cache(size))
            print(describe(data_dir()))
        case "tokenizer":
            from forge.tokenizer import train_tokenizer

            print(train_tokenizer(a.run))
        case "autoencoder":
            from forge import train_autoencoder

            train_autoencoder.train(a.run, a.samples, a.minutes)
        case "evaluator":
            from forge.evaluator import train
            from forge.evaluator.frozen import frozen_weights

            train.train(a.run, a.samples, a.minutes, earlier=frozen_weights() if a.from_frozen else None)
        case "freeze":
            from forge.evaluator.frozen import freeze

            print(freeze(a.run))
        case "latents":
            from forge.latents import FULL_MIX, encode, part_of

            index, _, total = a.shard.partition("/")
            encode(a.run, (int(index), int(total)), part_of(FULL_MIX, a.part))
        case "adopt":
            from forge.adopt import adopt

            adopt(a.run)
        case "denoiser" | "distil":
            from forge.train_denoiser import train_shared

            train_shared(a.run, a.verb, a.samples, a.minutes, a.ranks, a.batch, a.concepts)
        case "decoder":
            from forge import train_decoder

            train_decoder.train(a.run, a.samples, a.minutes)
        case "export":
            if a.folder is None:
                from forge.package import export

                export(a.run, a.bits)
            else:
                from forge.convert.command import convert_folder

                convert_folder(a.folder, a.out, a.dtypes)
        case "evaluate" if a.captioner:
            from forge.captioner.card import write_card as write_captioner_card
            from forge.captioner.evaluate import evaluate as evaluate_captioner

            evaluate_captioner(run=a.run, part=a.part, generator=max(8, round(200 * a.part)))
            print(write_captioner_card())
        case "evaluate":
            from forge.evaluate import evaluate

            evaluate(a.run, a.only, tuple(int(n) for n in a.steps.split(",")), a.count)
        case "golden":
            from forge.golden import golden

            golden(a.run)
        case "shorten":
            from forge.shorten import shorten

            shorten(a.run)
        case "card":
            from forge.card import write_card
            from forge.training import codec_of

            print(write_card(a.run, codec_of(a.run)["psnr"]))
        case "style":
            from forge.lora import name_judge, style_judge, style_train

            for judge, train_judge in ((style_judge, style_train.train), (name_judge, name_judge.train)):
                if not judge.PIN.exists():
                    train_judge(a.run, a.samples, a.minutes)
                    print(judge.freeze(a.run))
        case "lora":
            from forge.lora.command import ALL, lora

            if a.folder is None and not a.brand and not a.all:
                raise SystemExit("forge lora: give a FOLDER of pictures, --brand ID or --all")
            lora(a.run, a.folder, a.id, a.name, a.trigger, a.out, ALL if a.all else a.brand, a.samples, a.minutes, a.rank, a.layers, a.part)
        case "brands":
            from forge.lora.evaluate import evaluate

            evaluate(a.count)
        case "upscaler":
            from forge import evaluate_upscaler, export_upscaler, train_upscaler

            train_upscaler.train(a.run, a.samples, a.minutes)
            export_upscaler.export(a.run)
            evaluate_upscaler.evaluate()
        case "captioner":
            from forge.captioner import train as train_captioner
            from forge.captioner.train_vision import train_vision

            train_vision(a.run, a.vision_samples, a.minutes)
            train_captioner.train(a.run, a.samples, a.minutes)
        case "export-captioner":
            from forge.captioner import golden, starter
            from forge.captioner.safety import measure

            starter.export(a.run, bits=a.bits)
            starter.export(a.run, safety=measure(starter.FOLDER), bits=a.bits)
            golden.golden(a.run)


if __name__ == "__main__":
    main()
