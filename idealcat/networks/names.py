"""The names of the networks that can be a backbone, known without importing a deep-learning framework."""

import difflib

from idealcat.networks.families.family import Family
from idealcat.networks.families.registry import FAMILIES

NETWORKS: dict[str, Family] = {name: family for family in FAMILIES for name in family.sizes}


def family_of(name: str) -> Family | None:
    """The family of a network; None where there is no such network."""
    prefixed = (family for family in FAMILIES if family.prefix and name.startswith(family.prefix))
    return NETWORKS.get(name) or next(prefixed, None)


def nearest_networks(name: str) -> list[str]:
    """Up to three names like `name`, the likeliest first."""
    return difflib.get_close_matches(name, NETWORKS, n=3, cutoff=0.5)


def known_network(name: str) -> str:
    """The name, if there is such a network, or may be. Raises ValueError, naming the nearest."""
    if family_of(name) is None:
        near = nearest_networks(name)
        offer = f"did you mean {', '.join(near)}?" if near else f"known are {', '.join(NETWORKS)}"
        raise ValueError(f"unknown network; {offer}")
    return name
