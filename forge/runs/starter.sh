#!/usr/bin/env bash
# The whole recipe of the starter model, about two hours on two contended cores. Every stage resumes where it stopped,
# so run it again after any interruption. Needs ../shared/data (or FORGE_DATA) and a Python with requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
PYTHON=${PYTHON:-.venv/bin/python}
RUN=${RUN:-starter}
forge() { nice -n 5 "$PYTHON" -u -m forge "$@" --run "$RUN"; }

forge data
forge tokenizer
# The autoencoder and the evaluator share nothing but the drawings: train them side by side, one thread each.
forge evaluator --samples 110000 &
evaluator=$!
forge autoencoder --samples 11000
forge latents --concepts 303 --shard 0/2 &
latents=$!
forge latents --concepts 303 --shard 1/2
wait "$latents" "$evaluator"
# The judge is fixed before the first step of what it judges.
[ -f forge/evaluator/pin.json ] || forge freeze
forge denoiser --minutes "${DENOISER_MINUTES:-60}"
forge export
forge evaluate
forge card
