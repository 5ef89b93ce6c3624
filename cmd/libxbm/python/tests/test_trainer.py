"""A whole trainer learns the same with either memory. Skipped where the peer or the data are not there."""

import ast
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("pytorch_metric_learning")
pytest.importorskip("PIL")

ROOT = pathlib.Path(__file__).parents[4]
DATA = ROOT.parent / "shared" / "data" / "omniglot"


@pytest.mark.skipif(not DATA.exists(), reason="Omniglot is not there")
def test_the_curves_are_the_same():
    script = ROOT / "testdata" / "peers" / "torch_omniglot.py"
    out = subprocess.run([sys.executable, script, DATA, "10"], capture_output=True, text=True, timeout=600)
    assert out.returncode == 0, out.stderr
    apart = ast.literal_eval(out.stdout.splitlines()[-1])
    # Rounding grows with the steps, as in any training.
    assert apart[1] < 1e-5 and apart[5] < 1e-4 and apart[10] < 1e-2, out.stdout
