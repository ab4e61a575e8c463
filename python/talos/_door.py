"""The door of the pure operations, for the generated functions."""

from talos._native import invoke

__all__ = ["invoke"]
