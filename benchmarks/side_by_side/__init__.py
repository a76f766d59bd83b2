"""Our engines and other software on the same 13 trials, measured in one run."""
