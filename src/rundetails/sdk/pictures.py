"""A picture as bytes, whatever it is given as."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from ..errors import InvalidMetric

SIGNS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


def picture_of(path: str | os.PathLike[str] | None, plot: Any) -> bytes:
    """The picture of a file as it is, or of a plot in PNG. Raises InvalidMetric, FileNotFoundError."""
    if (path is None) == (plot is None):
        raise InvalidMetric("log_image takes either path=, a file, or plot=, a figure, an image or an array.")
    if path is not None:
        data = Path(path).read_bytes()
        if not (data.startswith(tuple(SIGNS)) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")):
            raise InvalidMetric(f"{path} is no PNG, JPEG, GIF or WebP. Other files: run.upload_file(name, path).")
        return data
    figure = plot.gcf() if callable(getattr(plot, "gcf", None)) else plot
    out = io.BytesIO()
    if callable(getattr(figure, "savefig", None)):
        figure.savefig(out, format="png", bbox_inches="tight")
    elif callable(getattr(figure, "save", None)):
        figure.save(out, format="PNG")
    else:
        _image_of(figure).save(out, format="PNG")
    return out.getvalue()


def _image_of(array: Any) -> Any:
    import numpy as np

    try:
        from PIL import Image
    except ImportError:
        raise InvalidMetric("An array needs Pillow to become a picture: pip install pillow.") from None
    pixels = np.asarray(array)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.dtype.kind not in "uifb" or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))):
        raise InvalidMetric(
            f"A picture is an array of height × width (× 3 or 4), not {pixels.dtype} of shape {pixels.shape}."
        )
    if pixels.dtype != np.uint8:
        # Fractions from 0 to 1, as matplotlib has them; whole numbers from 0 to 255.
        scale = 255 if pixels.dtype.kind in "fb" else 1
        pixels = np.clip(np.nan_to_num(pixels.astype(float)) * scale, 0, 255).round().astype(np.uint8)
    return Image.fromarray(pixels)
