#!/usr/bin/env bash
# The whole recipe, from the pictures to public/models: `forge/runs/starter.sh [--data DIR]`. Every stage resumes where it
# stopped, so run it again after any interruption. ADOPT=1 goes on from the shipped weights instead of from nothing.
# Needs a Python with requirements.txt; RANKS processes share a stage where the machine has the cores for them.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "${1:-}" = --data ]; then FORGE_DATA=$(cd "$2" && pwd); export FORGE_DATA; fi
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
PYTHON=${PYTHON:-.venv/bin/python}
RUN=${RUN:-starter}
RANKS=${RANKS:-1}
CONCEPTS=${CONCEPTS:-1086}
forge() { nice -n 5 "$PYTHON" -u -m forge "$@" --run "$RUN"; }

nice -n 5 "$PYTHON" -u -m forge data
if [ "${ADOPT:-0}" = 1 ]; then forge adopt; else forge tokenizer; fi
# The autoencoder and the evaluator share nothing but the drawings: train them side by side, one thread each.
forge evaluator --samples 260000 &
evaluator=$!
forge autoencoder --samples 11000
forge latents --shard 0/2 &
latents=$!
forge latents --shard 1/2
wait "$latents" "$evaluator"
# The judge is fixed before the first step of what it judges.
forge freeze
forge denoiser --concepts "$CONCEPTS" --ranks "$RANKS" --minutes "${DENOISER_MINUTES:-400}"
forge distil --concepts "$CONCEPTS" --ranks "$RANKS" --minutes "${DISTIL_MINUTES:-200}"
forge decoder --minutes "${DECODER_MINUTES:-60}"
forge upscaler --minutes 20
forge captioner --minutes "${CAPTIONER_MINUTES:-160}"
forge export
forge evaluate
forge evaluate --only q4
forge shorten
forge card
# What stands on the shipped weights is trained again whenever they change; the brands' judge stays the pinned one.
if [ ! -f forge/lora/style-pin.json ]; then forge style; fi
forge lora --all --samples 160000 --minutes "${BRAND_MINUTES:-75}"
nice -n 5 "$PYTHON" -u -m forge brands
forge export-captioner
forge evaluate --captioner
