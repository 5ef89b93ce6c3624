"""What texts can name."""

from __future__ import annotations

from ._library import text_of


def losses() -> list[str]:
    """Losses within a batch or against a memory, with their parameters and defaults."""
    return text_of("xbm_names", b"losses").splitlines()


def class_losses() -> list[str]:
    """Losses with learned weights for classes, with their parameters and defaults."""
    return text_of("xbm_names", b"class-losses").splitlines()


def miners() -> list[str]:
    """Miners, with their parameters and defaults."""
    return text_of("xbm_names", b"miners").splitlines()


def policies() -> list[str]:
    """Which rows a memory keeps."""
    return text_of("xbm_names", b"policies").splitlines()


def cures() -> list[str]:
    """Cures of drift, with their parameters and defaults."""
    return text_of("xbm_names", b"cures").splitlines()
