import socket
import time

import pytest

from ops.shared.tracking import TrackingError, connect


def test_server_that_never_answers_costs_seconds(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.getsockname()[1]}")
        start = time.monotonic()
        with pytest.raises(TrackingError, match="does not answer"):
            connect()
        assert time.monotonic() - start < 5


@pytest.mark.parametrize(("status", "says"), [("500 Oops", "answers 500"), ("401 Who", "needs a login")])
def test_refusal_is_told_in_one_line(monkeypatch, status, says):
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            connection.recv(4096)
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(TrackingError, match=says):
            connect()
        thread.join()
