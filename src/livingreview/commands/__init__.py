"""The command `livingreview`, a module for each verb; only here are the paths of the tree known."""
