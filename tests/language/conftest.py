from __future__ import annotations

from hypothesis import settings

# What takes long on a busy machine is no failure.
settings.register_profile("language", deadline=None)
settings.load_profile("language")
