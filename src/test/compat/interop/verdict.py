"""What a tool made of a file: compared with the changes of weights that the file means."""

from dataclasses import dataclass

import torch

SAME_RTOL = 1e-4


@dataclass
class Verdict:
    """`kind` is one of loads, strength, part, names, refuses; `note` says more in a few words."""

    kind: str
    note: str = ""


def of(expected, found):
    """Both are changes by names, `found` whatever the tool would add to its weights."""
    there = {name for name in expected if name in found and found[name].abs().max() > 0}
    if not there:
        return Verdict("refuses", "no layer is found")
    if len(there) < len(expected):
        missing = sorted(set(expected) - there)
        return Verdict("part", f"{len(missing)} of {len(expected)} layers are not found, {missing[0]} among them")
    wanted = torch.cat([expected[name].flatten().double() for name in sorted(expected)])
    made = torch.cat([found[name].flatten().double() for name in sorted(expected)])
    if wanted.shape != made.shape:
        return Verdict("part", "the shapes differ")
    error = (made - wanted).abs().max() / wanted.abs().max()
    if error <= SAME_RTOL:
        return Verdict("loads", f"error {error:.0e}")
    factor = (made @ wanted) / (wanted @ wanted)
    if (made - factor * wanted).abs().max() / wanted.abs().max() <= SAME_RTOL:
        return Verdict("strength", f"{factor:.2g} times the change")
    return Verdict("part", f"another change of the weights, error {error:.1e}")


def failed(error):
    first = str(error).strip().splitlines()[0] if str(error).strip() else ""
    return Verdict("refuses", f"{type(error).__name__}: {first}"[:160])
