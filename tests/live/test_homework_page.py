"""The homework in the page as a whole; test_turns tries each of its exercises alone."""

import pytest
import wrong_answers
from assignments import answers, assignments, notebook, release
from turns import exercises

EXERCISES = {exercise.name: exercise for exercise in exercises()}


def rows(table):
    """Return the points and the possible points of each row of the table of progress."""
    return {words[0]: words[1:] for words in map(str.split, table.splitlines()[2:])}


def test_an_answer_above_that_fails_costs_no_points_of_another(report):
    broken = ["def binary_crossentropy(", "1 / 0", "raise SystemExit"]
    smooth = EXERCISES["smooth"]
    above = [*smooth.above, *({"source": each, "answer": True} for each in broken)]
    said = report(smooth, *smooth.answers, above=above)
    assert said.startswith("smooth: 2 of 2 points"), said
    assert "SyntaxError" in report(smooth, broken[0])


@pytest.mark.parametrize("name", EXERCISES)
def test_keras_answers_for_nobody(name, report):
    called = f"import tensorflow as tf\ndef {name}(*_): return tf.constant(1)"
    said = report(EXERCISES[name], called)
    assert f"{name}: 0 of" in said, said
    assert "Write it with NumPy alone" in said, said
    typed = report(EXERCISES[name], "import tensorflow as tf\ntf.constant(1)")
    assert "Write it with NumPy alone" in typed, typed
    assert "Colab" not in said + typed


@pytest.mark.parametrize("assignment", assignments())
def test_the_table_shows_the_points_so_far(assignment, run):
    names = answers(assignment)
    cells = {cell.id: cell for cell in notebook(release(assignment)).cells}
    possible = {name: cells[f"{name}-check"].metadata.nbgrader.points for name in names}

    def progress(written):
        sent = [*EXERCISES[names[0]].above]
        for name in names:
            exercise = EXERCISES[name]
            sent += [{"source": written.get(name, exercise.start), "answer": True}]
            sent += [{"source": exercise.check, "recorded": exercise.recorded}]
        return rows(run(*sent, cells["progress"].source)["text"])

    unsolved = progress({})
    assert list(unsolved) == [*names, "total"]
    assert unsolved["total"] == ["0", str(sum(possible.values()))]
    first = progress({names[0]: wrong_answers.SOLUTIONS[names[0]]})
    assert first[names[0]] == [str(possible[names[0]])] * 2
    assert first["total"][0] == str(possible[names[0]])
    assert progress(wrong_answers.SOLUTIONS)["total"] == [str(sum(possible.values()))] * 2
