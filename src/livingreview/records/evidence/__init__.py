"""From what a study reported to likelihood terms for its log odds ratio θ, a module per kind.

`reported` has the models of what is reported; `preference.routes` is the way in to all that
follows. Formulas and references are in docs/methods.md, section "Evidence".
"""
