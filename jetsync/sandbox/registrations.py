"""Imports every module that registers something: background steps, switches, bulk file handlers."""

from __future__ import annotations
