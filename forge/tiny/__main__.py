"""`python -m forge.tiny export|golden|sources|check|repositories|captions|sized-captioner [MODEL...]`."""

from __future__ import annotations

import argparse
import sys

import torch

from forge.paths import REPO
from forge.tiny.models import MODEL_IDS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m forge.tiny", description=__doc__)
    parser.add_argument("verb", choices=("export", "golden", "sources", "check", "repositories", "captions", "sized-captioner"))
    parser.add_argument("models", nargs="*", default=list(MODEL_IDS), help="default: all (golden always writes all)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    match arguments.verb:
        case "export":
            from forge.tiny.export import MODELS, export_model

            for model_id in arguments.models:
                export_model(model_id, MODELS / model_id)
        case "golden":
            from forge.tiny.golden import write_goldens

            write_goldens()
        case "sources":
            from forge.tiny.source_golden import write_sources

            write_sources()
        case "repositories":
            from forge.tiny.repositories import write_repositories

            write_repositories()
        case "captions":
            from forge.tiny.captioner_golden import write_captions

            write_captions()
        case "sized-captioner":
            from forge.tiny.captioners import sized_vit_gpt2, write_captioner

            torch.manual_seed(7)
            write_captioner(sized_vit_gpt2(), REPO / ".cache" / "sized-captioner")
        case "check":
            from forge.tiny.cases import CASES
            from forge.tiny.check import check_golden, check_model

            faults = [fault for model_id in arguments.models for fault in check_model(model_id)]
            cases = [case.id for case in CASES if case.model_id in arguments.models]
            faults += [fault for case_id in cases for fault in check_golden(case_id)]
            print("\n".join(faults) or f"{len(arguments.models)} models and {len(cases)} goldens hold")
            return 1 if faults else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
