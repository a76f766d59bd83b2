"""Forms of the likelihood, a module and a class for each.

`form.Form` says what a form must bring; `registry.FORMS` lists them by the name that a row of
`livingreview.tables.effects.Terms` gives in its column `likelihood`.
"""
