"""What the tests of the tests share."""

import pytest
from hypothesis import Phase, settings


@pytest.fixture
def no_shrinking():
    """Have Hypothesis stop at the first failing input: any one will do."""
    settings.register_profile("no shrinking", phases=[Phase.generate])
    settings.load_profile("no shrinking")
    yield
    settings.load_profile("default")
