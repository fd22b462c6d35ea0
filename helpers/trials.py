"""Start the same model again, and catch what a call refuses to do."""

import re


def restart(model, weights):
    """Give a compiled model its weights of the start, and let its optimizer forget the last run.

    To compile again would do the same, and have TensorFlow trace the training step anew.

    Args:
        model: a compiled Keras model.
        weights: the arrays for `model.set_weights`.
    """
    model.set_weights(weights)
    for state in model.optimizer.variables:
        if "learning_rate" not in state.name:
            state.assign(0 * state)


def refusal(call, *arguments, **settings):
    """Return the message with which a call fails, without the operation's name around it.

    Raises:
        AssertionError: the call did not fail.
    """
    try:
        call(*arguments, **settings)
    except Exception as error:
        return re.sub(r"^\{\{.*?\}\} | \[Op:.*$", "", " ".join(str(error).split()))
    raise AssertionError(f"{call} refused nothing; expected an error")
