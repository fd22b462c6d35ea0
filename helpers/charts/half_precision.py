"""What a loss says of a probability that was rounded to 16 bits."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np

LINES = ("-", "--", ":")
MARKERS = ("o", "s", "^")


def rounded_losses(losses, logits, at, highest=20):
    """Draw the loss of label 0 over the logit, for probabilities in several formats.

    Args:
        losses: for each format its name and a function that takes an array of logits and
            returns one loss for each; infinite losses are drawn on the upper edge.
        logits: the logits that the curves are drawn over, in rising order.
        at: the logit whose losses the title gives.
        highest: the upper end of the loss axis.

    Returns:
        A Matplotlib Figure whose title gives each format's loss at `at`.
    """
    figure, axes = plt.subplots(figsize=(5.2, 3.2))
    said = []
    for row, (name, loss) in enumerate(losses.items()):
        curve = np.minimum(loss(logits), highest)
        here = float(loss(np.float32([at]))[0])
        style = {"color": COLORS["loss" if row else "context"]}
        axes.plot(logits, curve, LINES[row], **style)
        axes.plot(at, min(here, highest), MARKERS[row], markersize=9 - row, clip_on=False, **style)
        axes.text(
            0.4, highest - 1 - 2 * row, f"{LINES[row]}  {name}", va="top", weight="bold", **style
        )
        said.append(f"{name} says {here:.4f}")
    axes.set(xlim=(logits[0], logits[-1]), ylim=(0, highest), xlabel="logit", ylabel="loss")
    figure.suptitle(f"At logit {at:g}, label 0: {', '.join(said)}")
    return figure
