"""What every room stands on: errors, YAML documents, types, rounding, saving, seeds, templates."""
