"""What the goldens' tests take for the same: rounding, and nothing else."""

import base64

import numpy as np

from forge.tests.near import apart


def _tensor(*values: float) -> str:
    return base64.b64encode(np.array(values, "<f4").tobytes()).decode()


def test_rounding_is_near_and_any_other_change_is_not() -> None:
    golden = {"tokens": [1, 2], "score": 0.5, "row": [1.0, 300.0], "text": "a cat", "logits": _tensor(1, -200)}
    assert list(apart(golden | {"score": 0.50001, "row": [1.001, 300.01], "logits": _tensor(1.001, -200.01)}, golden)) == []
    for changed in ({"tokens": [1, 3]}, {"score": 0.51}, {"row": [1.0, 301.0]}, {"text": "a dog"}, {"logits": _tensor(1, -201)}, {"logits": _tensor(1)}, {"more": 1}):
        assert list(apart(golden | changed, golden)), changed
