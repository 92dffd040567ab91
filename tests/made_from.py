"""What a file says of what made it, each format in its own place."""

from __future__ import annotations

import json
import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pyogrio
from PIL import Image


def told_by(path: Path) -> dict[str, Any]:
    """Read it as JSON."""
    if path.suffix == ".html":
        found = re.search(r'<meta name="walkshed" content="([^"]*)">', path.read_text(encoding="utf-8"))
        assert found is not None
        return dict(json.loads(unescape(found[1])))
    if path.suffix == ".geojson":
        return dict(json.loads(path.read_text(encoding="utf-8"))["walkshed"])
    if path.suffix == ".xlsx":
        return dict(json.loads(openpyxl.load_workbook(path, read_only=True).properties.description))
    if path.suffix == ".parquet":
        return dict(json.loads(pq.read_schema(path).metadata[b"walkshed"]))
    if path.suffix == ".png":
        with Image.open(path) as image:
            return dict(json.loads(image.info["walkshed"]))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return dict(json.loads(archive.read(path.name.replace(".shp.zip", ".txt"))))
    return dict(
        json.loads(pyogrio.read_info(path, layer=pyogrio.list_layers(path)[0][0])["layer_metadata"]["walkshed"])
    )
