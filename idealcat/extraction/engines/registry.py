"""Every engine, the first choice first: one line each."""

from idealcat.extraction.engines import keras, keras_half, litert, mnn
from idealcat.extraction.engines.engine import EngineKind

ENGINES: dict[str, EngineKind] = {
    kind.name: kind
    for kind in (
        keras_half.ENGINE,
        mnn.ENGINE,
        litert.ENGINE,
        keras.ENGINE,
    )
}
