"""What this machine computes with, as far as it shows without starting a deep-learning framework."""

import os
import sys
from pathlib import Path


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def may_have_accelerator() -> bool:
    """False where there is certainly no GPU or TPU, so that nobody has to start a framework to hear so."""
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    nodes = ("nvidiactl", "kfd", "dxg", "accel0", "vfio/0")  # NVIDIA, AMD, Windows' subsystem, TPU
    return any(Path("/dev", node).exists() for node in nodes)
