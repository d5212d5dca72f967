"""The journal: what the engine was told, and what it decided, so that it can be asked again. Only rules turn it on."""
