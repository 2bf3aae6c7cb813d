"""On a machine that runs other tests beside, a slow example says nothing."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("shared", deadline=None)
settings.load_profile("shared")
