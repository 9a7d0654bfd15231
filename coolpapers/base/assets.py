"""The folder of browser packages under an address with its version, which browsers may keep for ever.

MathJax and PDF.js fetch their parts by names of their own, so hashes in names of files do not reach them. Pages give
them the folder as :func:`vendor_path` writes it, ``/static/vendor@<version>/``; the version is that of all files in it.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

FOLDER = "vendor/"
KEPT_S = 365 * 86_400
_VERSIONED = re.compile(r"vendor@(?P<version>[0-9a-f]+)/(?P<name>.+)")


class AssetsMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc] # WhiteNoise has no types
    """WhiteNoise, and the same files below :func:`vendor_path`."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = _VERSIONED.fullmatch(request.path_info.removeprefix(self.static_prefix))
        static_file = self._find(f"{self.static_prefix}{FOLDER}{match['name']}") if match else None
        if match is None or static_file is None:
            return self._plain(request)
        response: HttpResponseBase = self.serve(static_file, request)
        if match["version"] == vendor_version():  # of an older page otherwise: as long as any file
            response["Cache-Control"] = f"max-age={KEPT_S}, public, immutable"
        return response

    def _find(self, path: str) -> Any:
        """WhiteNoise's record of a file; None where there is none."""
        return self.find_file(path) if self.autorefresh else self.files.get(path)

    def _plain(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = super().__call__(request)
        return response


def vendor_path() -> str:
    """The address of the folder of browser packages; without collected files the folder itself."""
    version = vendor_version()
    return f"{settings.STATIC_URL}{f'vendor@{version}/' if version else FOLDER}"


@lru_cache(maxsize=1)
def vendor_version() -> str:
    """A hash of the hashed names of all files in the folder; "" where they have none."""
    names = sorted(name for key, name in _hashed_files().items() if key.startswith(FOLDER))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12] if names else ""


def _hashed_files() -> dict[str, str]:
    files: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    return {} if settings.DEBUG else files
