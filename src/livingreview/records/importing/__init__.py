"""From a spreadsheet with one row per effect to study records (docs/importing.md)."""
