"""What a model server is sent by mistake, or worse: requests that must get a 4xx, and photos that it must name."""

import base64
import io
import json
import struct
import zlib
from dataclasses import dataclass, field

from PIL import Image

DEEP = "100,000 brackets"  # MLflow's server answers 500: it lets Python's JSON reader run out of stack
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Sent:
    """A request. `broken` is how many photos in it are, which the answer must name; 0: the request itself is wrong."""

    content: bytes
    headers: dict[str, str] = field(default_factory=lambda: JSON)
    method: str = "POST"
    path: str = "/invocations"
    broken: int = 0

    def judged(self, status: int, text: str) -> str:
        """The status, and `WRONG` with the text where it is not as it should be: a 4xx, or an error a broken photo."""
        if self.broken:
            rows = json.loads(text)["predictions"] if status == 200 else []
            errors = [row["error"] for row in rows if row["error"] and not row["label"]]
            fine = len(errors) == self.broken and not any("\n" in error for error in errors)
            return f"{status}, {'named in `error`' if fine else f'WRONG: {text[:300]}'}"
        fine = 400 <= status < 500 and len(text.splitlines()) <= 1 and "Traceback" not in text
        return str(status) if fine else f"WRONG: {status}: {text[:300]!r}"


def wrong_requests(photo: bytes) -> dict[str, Sent]:
    """By a name in words; `photo` is a good one, a JPEG."""
    good = base64.b64encode(photo).decode()
    texts: dict[str, object] = {
        "a JSON list": [good],
        "a JSON number": 7,
        "JSON null": None,
        "no key that MLflow knows": {"photo": good},
        "two keys that it knows": {"inputs": [good], "instances": [good]},
        "a frame without data": {"dataframe_split": {"columns": ["photo"]}},
        "a frame that is a text": {"dataframe_split": good},
        "rows of unequal length": {"dataframe_split": {"columns": ["photo"], "data": [[good], [good, good]]}},
        "another column": {"dataframe_split": {"columns": ["image"], "data": [[good]]}},
        "no column": {"dataframe_split": {"columns": [], "data": []}},
        "a number for a photo": frame(7),
        "null for a photo": frame(None),
        "a list for a photo": frame([good]),
        "true for a photo": frame(True),
        "an object for a photo": frame({"photo": good}),
        "records that are numbers": {"dataframe_records": [1, 2]},
        "inputs that are null": {"inputs": None},
    }
    sent = {name: Sent(json.dumps(text).encode()) for name, text in texts.items()}
    right = json.dumps(frame(good)).encode()
    sent |= {
        "instances that are numbers": Sent(json.dumps({"instances": [1, 2]}).encode(), broken=2),
        "nothing": Sent(b""),
        "a text that is no JSON": Sent(b"cat.jpg"),
        "JSON that was cut off": Sent(right[: len(right) // 2]),
        "bytes that are no UTF-8": Sent(b'{"inputs": ["\xff\xfe"]}'),
        DEEP: Sent(b"[" * 100_000),
        "the photo itself": Sent(photo, {"Content-Type": "image/jpeg"}),
        "no content type": Sent(right, {"Content-Type": ""}),
        "another character set": Sent(right, {"Content-Type": "application/json; charset=latin-1"}),
        "GET": Sent(b"", method="GET"),
        "another path": Sent(right, path="/predict"),
    }
    photos = {
        "no bytes as a photo": b"",
        "a text as a photo": b"no photo",
        "a photo that was cut off": photo[: len(photo) // 2],
        "a photo of 10,000 megapixels": bomb(),
        "a damaged PNG": damaged(),
        "a PDF": b"%PDF-1.7\n" + photo,
    }
    sent |= {name: Sent(json.dumps(frame(encoded(content))).encode(), broken=1) for name, content in photos.items()}
    rows = [[good], [encoded(b"no photo")], [good]]
    mixed = {"dataframe_split": {"columns": ["photo"], "data": rows}}
    return sent | {"one broken photo between good ones": Sent(json.dumps(mixed).encode(), broken=1)}


def frame(content: object) -> dict[str, object]:
    """A data frame with one photo."""
    return {"dataframe_split": {"columns": ["photo"], "data": [[content]]}}


def encoded(content: bytes) -> str:
    """Base64."""
    return base64.b64encode(content).decode()


def bomb() -> bytes:
    """A PNG of 100,000 x 100,000 pixels, as its head says."""
    head = struct.pack(">II5B", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def damaged() -> bytes:
    """A PNG with noise in its pixels' data."""
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(file, "PNG")
    content = bytearray(file.getvalue())
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    return bytes(content)
