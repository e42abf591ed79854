import pytest

from ops.ui import page


@pytest.mark.parametrize(
    ("arguments", "address"),
    [([], "http://localhost:5000"), (["--workers", "1", "-p", "81", "--host=0.0.0.0"], "http://0.0.0.0:81")],
)
def test_address_is_that_of_the_options(arguments, address):
    assert page(arguments) == address
