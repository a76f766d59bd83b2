"""docs/benchmarks.md, from what was measured: no number in it is typed."""

from collections.abc import Iterable

from side_by_side.measured import Measured, Row, Seconds
from side_by_side.software import CASES, NUTS, OURS, PEERS, QUADRATURE

# What was hoped for.
TIMES_BAYESMETA = 1000
SAME_ANSWER = 1e-4
TIMES_BRMS = 10
FITS_A_SECOND = 500

HEAD = (
    "software",
    "start",
    "compile",
    "fit",
    "all",
    "fit, clock",
    "all, clock",
    "effective draws/s",
    "off by",
    "fit / quadrature's",
    "all / quadrature's",
)


def page(found: dict[str, Measured]) -> str:
    """The document.

    Parameters
    ----------
    found : dict of Measured
        By the names of `software.PEERS`; both of our engines among them.
    """
    found = {name: found[name] for name in PEERS if name in found}
    today = found[QUADRATURE]
    tables = "\n\n".join(section(case, found) for case in CASES)
    return f"""# Speed beside other software

Written by `make benchmark` (benchmarks/side_by_side) on {today.date}:
{today.machine}.
{of_load(found.values())}

The data are the 13 trials of the BCG vaccine, model and priors are those of `validation/`:
μ ~ N(0, 1.5), τ ~ half-normal(0.5), log odds ratios with their standard errors or exact counts.
Studies with several effects are 56 schools in 11 districts (Konstantopoulos 2011, Research
Synthesis Methods 2, 61-76): μ ~ N(0, 1), SDs between and within districts ~ half-normal(0.5).
Peers ran one after the other, with one thread each. Samplers drew 4 chains one after the other,
each of 1,000 draws to tune and 2,000 to keep. *bayesmeta, fine* has smaller tolerances than its
defaults (delta = 0.0001, epsilon = 0.0000001).

![Seconds of the processor by case and software](benchmarks.png)

## What was hoped for

{hopes(found)}

## Where we lose

Every case in which a peer is faster, in seconds of the processor. *fit* is without start and
compiling, *all* is from the start of the process on; samplers are compared by effective draws in a
second of fitting too. What the peer finds there, and how exactly, is in the tables further below.

{losses(found)}

## Every case

- *start*: from the start of the process until its libraries are loaded. *compile*: of the model
  that the case needs. *fit*: all fits of the case, the median of three passes or more. *all*: the
  sum.
- Seconds are of the processor, but in the two columns by the clock, which other work on the machine
  lengthens.
- *effective draws/s*: the fewest of μ, SDs and slope (bulk, Vehtari and others 2021) in a second of
  *fit*.
- *off by*: the largest difference of a mean, SD or quantile from adaptive integration that shares
  no code with ours: first of μ, then of any quantity. For samplers that is Monte Carlo error. In
  cases of many fits means and SDs are compared, in each fit that was done.
- \\* An estimate by (restricted) maximum likelihood, without priors: no error, another question.
  The difference is from the posterior mean.

{tables}

## Not measured

{not_measured(found)}

## Versions

{versions(found)}
"""


def of_load(found: Iterable[Measured]) -> str:
    """How much else the machine had to do."""
    loads = [one.load for one in found]
    return (
        f"While they were measured, {min(loads):.1f} to {max(loads):.1f} processes wanted the "
        "cores, the measured one among them."
    )


def hopes(found: dict[str, Measured]) -> str:
    """Each expectation, and what came of it."""
    ours, case = found[QUADRATURE], "random_effects"
    one = ours.rows[case]
    lines = []
    for name in ("bayesmeta", "bayesmeta_fine"):
        if name in found:
            peer = found[name]
            times = peer.rows[case].fit.cpu / one.fit.cpu
            apart = one.off_mu + peer.rows[case].off_mu
            # Both are held against the exact answer: they are no further apart than this.
            same = f"within {apart:.1e} of each other in μ"
            kept = times >= TIMES_BAYESMETA and apart <= SAME_ANSWER
            lines.append(
                f"quadrature at least {TIMES_BAYESMETA:,} times as fast as {PEERS[name].label}, "
                f"at the same answer to {SAME_ANSWER:g}: {number(times)} times "
                f"({number(peer.whole(case).cpu / ours.whole(case).cpu)} times with start), "
                f"{same}: **{verdict(kept)}**"
            )
    if "brms" in found:
        nuts = found[NUTS].whole(case).cpu
        times = found["brms"].whole(case).cpu / nuts
        alone = found["brms"].rows[case].fit.cpu / found[NUTS].rows[case].fit.cpu
        lines.append(
            f"NUTS at least {TIMES_BRMS} times as fast as brms with start and compiling: "
            f"{number(times)} times ({number(alone)} times without): "
            f"**{verdict(times >= TIMES_BRMS)}**"
        )
    usual, best = 1 / one.fit.cpu, 1 / one.best.cpu
    many = CASES["leave_one_out"][1] / ours.rows["leave_one_out"].fit.cpu
    lines.append(
        f"at least {FITS_A_SECOND} single fits a second by quadrature: {usual:,.0f} of normal "
        f"terms one at a time ({best:,.0f} in the fastest pass), {many:,.0f} where 13 are one "
        f"call: **{verdict(usual >= FITS_A_SECOND)}**"
    )
    return "\n".join(f"- {line}" for line in lines)


def verdict(kept: bool) -> str:
    """Of an expectation."""
    return "kept" if kept else "not kept"


def losses(found: dict[str, Measured]) -> str:
    """Every peer that is faster than an engine of ours, by case."""
    lines = []
    for case, (heading, _) in CASES.items():
        for ours in OURS:
            peers = [n for n, one in found.items() if n not in OURS and case in one.rows]
            engine = PEERS[ours].label.removeprefix("ours: ")
            for what, seconds in (("fit", fit), ("all", Measured.whole)):
                mine = seconds(found[ours], case).cpu
                others = [(seconds(found[name], case).cpu, name) for name in peers]
                lines += [
                    f"| {heading} | {engine} | {what} | {PEERS[name].label} | "
                    f"{number(mine / theirs)} | {span(theirs)} | {span(mine)} |"
                    for theirs, name in sorted(others)
                    if theirs < mine
                ]
            lines += fewer_draws(found, ours, case, peers)
    if not lines:
        return "Nowhere, among what was measured."
    head = ("case", "of ours", "by", "faster is", "times", "theirs", "ours")
    return "\n".join([f"| {' | '.join(head)} |", f"|{' --- |' * 4}{' ---: |' * 3}", *lines])


def fit(one: Measured, case: str) -> Seconds:
    """A case without start and compiling."""
    return one.rows[case].fit


def fewer_draws(found: dict[str, Measured], ours: str, case: str, peers: list[str]) -> list[str]:
    """Samplers with more effective draws in a second."""
    mine = rate(found[ours].rows[case])
    if mine is None:
        return []
    engine, heading = PEERS[ours].label.removeprefix("ours: "), CASES[case][0]
    rates = [(rate(found[name].rows[case]), name) for name in peers]
    better = sorted((theirs, name) for theirs, name in rates if theirs and theirs > mine)
    return [
        f"| {heading} | {engine} | effective draws | {PEERS[name].label} | "
        f"{number(theirs / mine)} | {theirs:,.0f}/s | {mine:,.0f}/s |"
        for theirs, name in reversed(better)
    ]


def rate(row: Row) -> float | None:
    """Effective draws in a second of the processor."""
    return None if row.effective is None else row.effective / row.fit.cpu


def section(case: str, found: dict[str, Measured]) -> str:
    """Heading, table and what it needs to be read."""
    heading, fits = CASES[case]
    with_case = {name: one for name, one in found.items() if case in one.rows}
    ours = found[QUADRATURE]
    lines = []
    for name, one in sorted(with_case.items(), key=lambda item: item[1].whole(case).cpu):
        row, whole = one.rows[case], one.whole(case)
        draws, estimate = rate(row), PEERS[name].kind == "estimation"
        cells = [
            f"**{PEERS[name].label}**" if name in OURS else PEERS[name].label,
            span(one.start.cpu),
            span(row.compiling.cpu) if row.compiling.cpu else "",
            *(span(seconds) for seconds in (row.fit.cpu, whole.cpu, row.fit.wall, whole.wall)),
            "" if draws is None else f"{draws:,.0f}",
            f"{row.off_mu:.1e}, {row.off_all:.1e}" + " \\*" * estimate,
            number(row.fit.cpu / ours.rows[case].fit.cpu),
            number(whole.cpu / ours.whole(case).cpu),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    head = [f"| {' | '.join(HEAD)} |", f"| --- |{' ---: |' * (len(HEAD) - 1)}"]
    text = [f"### {heading}", "", *head, *lines]
    part = [
        f"{PEERS[name].label} {one.rows[case].fits:,}"
        for name, one in with_case.items()
        if one.rows[case].fits < fits
    ]
    if part:
        text += [
            "",
            f"Cut short, and the {fits:,} fits in proportion; done were: {', '.join(part)}.",
        ]
    return "\n".join(text)


def not_measured(found: dict[str, Measured]) -> str:
    """What is missing, and why."""
    lines = []
    for name, peer in PEERS.items():
        if name not in found:
            lines.append(f"- {peer.label}: not installed, and never measured before")
            continue
        if found[name].date != found[QUADRATURE].date:
            lines.append(
                f"- {peer.label}: not installed; quoted as measured on {found[name].date}, "
                f"{found[name].machine}"
            )
        lines += [
            f"- {peer.label}, {CASES[case][0][:1].lower()}{CASES[case][0][1:]}: {reason}"
            for case, reason in peer.without.items()
        ]
    return "\n".join(lines)


def versions(found: dict[str, Measured]) -> str:
    """Of all that was measured."""
    return "\n".join(f"- {PEERS[name].label}: {one.version}" for name, one in found.items())


def span(seconds: float) -> str:
    """Seconds in a unit that leaves two or three digits."""
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= (2 * size if size > 1 else size):
            return f"{number(seconds / size)} {unit}"
    return f"{number(1e3 * seconds)} ms"


def number(x: float) -> str:
    """Two digits or more."""
    return f"{x:,.0f}" if x >= 10 else f"{x:.2g}" if x < 1 else f"{x:.1f}"
