"""Errors of the protocol."""

from __future__ import annotations


class OaiError(Exception):
    """An error that the protocol names.

    ``code`` is its name: badVerb, badArgument, badResumptionToken, cannotDisseminateFormat, idDoesNotExist,
    noRecordsMatch, noMetadataFormats or noSetHierarchy.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
