"""All forms of the likelihood, by the name that a term gives."""

from __future__ import annotations

from livingreview.effects.forms.binomial import Binomial
from livingreview.effects.forms.form import Form
from livingreview.effects.forms.interval import Interval
from livingreview.effects.forms.normal import Normal
from livingreview.effects.forms.poisson import Poisson
from livingreview.effects.forms.ratio import Ratio
from livingreview.effects.forms.rounded import Rounded

# In the order in which a data set has them.
FORMS: dict[str, type[Form]] = {
    form.name: form for form in (Binomial, Interval, Normal, Poisson, Ratio, Rounded)
}
