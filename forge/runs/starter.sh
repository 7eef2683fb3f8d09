#!/usr/bin/env bash
# The whole recipe, from the pictures to public/models: `forge/runs/starter.sh [--data DIR]`. Every stage resumes where it
# stopped, so run it again after any interruption. ADOPT=1 goes on from the shipped weights instead of from nothing.
# Needs a Python with requirements.txt; RANKS processes share a stage where the machine has the cores for them.
# SCALE=0.002 tries the whole recipe in a copy of the repository: each stage with that share of its work. What it draws is noise.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "${1:-}" = --data ]; then FORGE_DATA=$(cd "$2" && pwd); export FORGE_DATA; fi
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
PYTHON=${PYTHON:-.venv/bin/python}
RUN=${RUN:-starter}
RANKS=${RANKS:-1}
CONCEPTS=${CONCEPTS:-1086}
SCALE=${SCALE:-1}
of() { awk "BEGIN { print $1 * $SCALE }"; }
whole() { awk "BEGIN { v = int($1 * $SCALE); print (v < 256 ? 256 : v) }"; }
FEW=() PART=()
if [ "$SCALE" != 1 ]; then FEW=(--count 8) PART=(--part "$SCALE"); fi
forge() { nice -n 5 "$PYTHON" -u -m forge "$@" --run "$RUN"; }

nice -n 5 "$PYTHON" -u -m forge data
if [ "${ADOPT:-0}" = 1 ]; then forge adopt; else forge tokenizer; fi
# The autoencoder and the evaluator share nothing but the drawings: train them side by side, one thread each.
forge evaluator --samples "$(whole 260000)" &
evaluator=$!
forge autoencoder --samples "$(whole 11000)"
forge latents --shard 0/2 "${PART[@]}" &
latents=$!
forge latents --shard 1/2 "${PART[@]}"
wait "$latents" "$evaluator"
# The judge is fixed before the first step of what it judges.
forge freeze
forge denoiser --concepts "$CONCEPTS" --ranks "$RANKS" --minutes "$(of "${DENOISER_MINUTES:-400}")"
forge distil --concepts "$CONCEPTS" --ranks "$RANKS" --minutes "$(of "${DISTIL_MINUTES:-240}")"
forge captioner --vision-samples "$(whole 50000)" --minutes "$(of "${CAPTIONER_MINUTES:-160}")"
forge export
# Writes down what was taught, which the brands go by, and the judge's own ceiling.
forge evaluate --only ceiling
# What stands on the shipped weights is trained again whenever they change; the brands' judges stay the pinned ones.
forge style --samples "$(whole 260000)"
forge lora --all --samples "$(whole 800000)" --minutes "$(of "${BRAND_MINUTES:-200}")" "${PART[@]}"
# Learns from what the shipped model and its brands draw, changes no latent, and is shipped with the second export.
forge decoder --samples "$(whole 10000000)" --minutes "$(of "${DECODER_MINUTES:-155}")"
forge export
forge golden
# It learns from what the shipped autoencoder leaves.
forge upscaler --minutes "$(of 20)"
forge evaluate "${FEW[@]}"
forge evaluate --only q4 "${FEW[@]}"
forge shorten
forge card
nice -n 5 "$PYTHON" -u -m forge brands "${FEW[@]}"
forge export-captioner
forge evaluate --captioner "${PART[@]}"
