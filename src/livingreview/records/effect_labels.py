"""Names of the effects of a study that gives several on an outcome, for readers."""

from __future__ import annotations

from collections.abc import Iterable

from livingreview.records.study import Effect, Study


def effect_labels(study: Study) -> dict[str, str]:
    """What tells an effect apart from the study's others on its outcome, by its id.

    The first that does: the treated arm, the control arm, what was measured, the follow-up; where
    none does alone, all that differ; where these do not either, the id in words. An effect that is
    the only one on its outcome has no label.
    """
    arms = {arm.id: arm.label for arm in study.arms}
    labels: dict[str, str] = {}
    for outcome in dict.fromkeys(effect.outcome for effect in study.effects):
        effects = [effect for effect in study.effects if effect.outcome == outcome]
        if len(effects) > 1:
            parts = [_traits(effect, arms) for effect in effects]
            labels |= dict(zip((e.id for e in effects), _distinct(effects, parts), strict=True))
    return labels


def _traits(effect: Effect, arms: dict[str, str]) -> tuple[str, ...]:
    """What may tell an effect apart, in words."""
    months = effect.follow_up_months
    return (
        arms[effect.treated],
        f"against {arms[effect.control]}",
        effect.measure,
        "follow-up not known" if months is None else f"at {months:g} months",
    )


def _distinct(effects: list[Effect], traits: list[tuple[str, ...]]) -> list[str]:
    """A label for each of several effects, no two alike."""
    columns = [column for column in zip(*traits, strict=True) if len(set(column)) > 1]
    for column in columns:
        if _differ(column):
            return list(column)
    joined = [", ".join(row) for row in zip(*columns, strict=True)]
    return joined if columns and _differ(joined) else [e.id.replace("_", " ") for e in effects]


def _differ(labels: Iterable[str]) -> bool:
    labels = list(labels)
    return len(set(labels)) == len(labels)
