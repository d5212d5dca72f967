"""From TOML to the model: what is written in a rule file, and where each part of it stands."""
