"""From what a study reported to likelihood terms for its log odds ratio θ, a module per kind.

`preference.routes` is the way in. Formulas and references are in
docs/methods.md, section "Evidence".
"""
