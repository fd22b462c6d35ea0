"""A page imports what another page derived: the very cell, and nothing besides."""

import importlib
import inspect
from collections import Counter

import chapters
import chapters.metrics.mean as mean

import locations
import pages
import pytest

MEAN = locations.CHAPTERS / "metrics" / "mean.ipynb"


def test_is_the_cell_that_the_reader_reads():
    source = inspect.getsource(mean.Mean).strip()
    assert source in [cell.source for cell in pages.cells(MEAN, "by-hand")]


def test_a_page_takes_what_another_derived():
    from chapters.metrics.binary_accuracy import BinaryAccuracy, MeanMetricWrapper

    assert issubclass(BinaryAccuracy, MeanMetricWrapper)
    assert issubclass(MeanMetricWrapper, mean.Mean)


def test_names_what_a_page_does_not_derive():
    expected = r"chapters/metrics/mean.ipynb derives no np; it derives per_sample, Mean$"
    with pytest.raises(ImportError, match=expected):
        from chapters.metrics.mean import np  # noqa: F401
    with pytest.raises(ModuleNotFoundError, match=r"'chapters.metrics.no_such_page'"):
        import chapters.metrics.no_such_page  # noqa: F401


def test_nothing_is_derived_twice():
    """A later page imports it, so no second copy can differ from the first."""
    paths = locations.notebooks()
    names = Counter(name for path in paths for name in chapters.definitions(chapters.cells(path)))
    assert [name for name, times in names.items() if times > 1] == []


def test_other_modules_can_still_be_found_anew():
    importlib.invalidate_caches()
