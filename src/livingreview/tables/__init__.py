"""Tables that cross a rule, a module for each stage."""
