"""The factory presets: one scene a TOML file, in one folder a family. Read by `engine.presets`."""
