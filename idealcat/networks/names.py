"""The names of the networks that can be a backbone, known without importing a deep-learning framework."""

import difflib

EFFICIENTNET_LITE = ("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2")

KERAS_APPLICATIONS = (
    *(f"convnext_{size}" for size in ("tiny", "small", "base", "large", "xlarge")),
    *(f"densenet{depth}" for depth in (121, 169, 201)),
    *(f"efficientnet_b{scale}" for scale in range(8)),
    *(f"efficientnet_v2_{scale}" for scale in ("b0", "b1", "b2", "b3", "s", "m", "l")),
    *("inception_resnet_v2", "inception_v3"),
    *("mobilenet", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"),
    *("nasnet_large", "nasnet_mobile"),
    *(f"resnet{depth}" for depth in (50, 101, 152)),
    *(f"resnet{depth}_v2" for depth in (50, 101, 152)),
    *("vgg16", "vgg19", "xception"),
)

NETWORKS = EFFICIENTNET_LITE + KERAS_APPLICATIONS


def nearest_networks(name: str) -> list[str]:
    """Up to three names like `name`, the likeliest first."""
    return difflib.get_close_matches(name, NETWORKS, n=3, cutoff=0.5)


def known_network(name: str) -> str:
    """The name, if there is such a network. Raises ValueError, naming the nearest."""
    if name not in NETWORKS:
        near = nearest_networks(name)
        offer = f"did you mean {', '.join(near)}?" if near else f"known are {', '.join(NETWORKS)}"
        raise ValueError(f"unknown network; {offer}")
    return name
