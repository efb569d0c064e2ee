"""Executes the notebook, as the tests do: python examples/python/execute.py [--keep]

Every cell has to run, and the pictures have to be drawn. With --keep the answers are written into the notebook.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "contoso.ipynb"


def main() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # It runs at the root of the project, as the other examples do.
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(HERE.parents[1])}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    print(f"{len(notebook.cells)} cells, {len(pictures)} pictures")
    assert len(pictures) >= 2
    if "--keep" in sys.argv:
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
