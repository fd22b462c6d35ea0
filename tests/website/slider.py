"""A slider on an opened page, moved by real keys and a real mouse, and what it shows."""

import itertools
import json
import math

MAX_PRODUCT = 100  # frames; above, each control moves alone, the others where they start

# What a slider shows: now, and from now on after each move. Pictures are told apart by a number.
NOTE = """sliders => {
    const numbers = new Map();
    const number = text => numbers.get(text) ?? numbers.set(text, numbers.size).get(text);
    const text = control => control.type === 'range' ? control.getAttribute('aria-valuetext')
        : control.type === 'checkbox' ? (control.checked ? 'on' : 'off')
        : control.selectedOptions[0].text;
    for (const slider of sliders) {
        const controls = [...slider.querySelectorAll('.controls input, .controls select')];
        const picture = slider.querySelector('.picture');
        const state = () => ({
            labels: controls.map(text),
            outputs: controls.map(c =>
                c.type === 'range' ? c.nextElementSibling.textContent : text(c)),
            words: slider.querySelector('.words').textContent,
            alternative: picture.getAttribute('aria-label'),
            picture: number(picture.innerHTML.replace(/\\s+/g, ' ').trim()),
        });
        slider.now = state;
        slider.noted = [state()];
        slider.addEventListener('input', () => slider.noted.push(state()));
    }
}"""


class Slider:
    """A slider of a Visit, moved by real keys and a real mouse."""

    def __init__(self, visit, locator):
        self.visit, self.tab, self.locator = visit, visit.tab, locator
        self.data = json.loads(locator.locator('script[type="application/json"]').text_content())
        self.controls = locator.locator(".controls input, .controls select").all()
        self.kinds = [control.evaluate("c => c.type") for control in self.controls]
        self.sizes = self.data["sizes"]
        served = zip(self.data["labels"], locator.evaluate("s => s.now().labels"), strict=True)
        self.rest = tuple(labels.index(label) for labels, label in served)
        self.now = list(self.rest)

    def combinations(self):
        """Return the stops to visit: all combinations, or each control's own when too many."""
        if math.prod(self.sizes) <= MAX_PRODUCT:
            return list(itertools.product(*map(range, self.sizes)))
        alone = [self.alone(number, at) for number, n in enumerate(self.sizes) for at in range(n)]
        return list(dict.fromkeys(alone))

    def alone(self, number, at):
        """Return the combination of one control's stop and where the others start."""
        return (*self.rest[:number], at, *self.rest[number + 1 :])

    def press_to(self, combination):
        """Move the controls to a combination of stops by pressing keys."""
        for number, goal in enumerate(combination):
            keys = _keys(self.kinds[number], self.now[number], goal)
            if keys:
                self.controls[number].focus()
            for key in keys:
                self.tab.keyboard.press(key)
            self.now[number] = goal

    def drag(self, number):
        """Drag one range from its first stop to its last."""
        self.controls[number].scroll_into_view_if_needed()
        box = self.controls[number].bounding_box()
        thumb, last = 16, self.sizes[number] - 1
        for at in range(last + 1):
            x = box["x"] + thumb / 2 + (box["width"] - thumb) * at / max(last, 1)
            self.tab.mouse.move(x, box["y"] + box["height"] / 2)
            if at == 0:
                self.tab.mouse.down()
        self.tab.mouse.up()
        self.now[number] = last

    def click(self, number):
        """Move one switch or list through its stops with the mouse."""
        for at in range(self.sizes[number]):
            if at == self.now[number]:
                continue
            if self.kinds[number] == "checkbox":
                self.controls[number].click()
            else:  # the system draws an open list, where no click of a test can reach it
                self.controls[number].select_option(index=at)
            self.now[number] = at

    def noted(self):
        """Return the picture's number by combination, after comparing all with the data."""
        states = self.locator.evaluate(
            "slider => [slider.noted, slider.noted = [slider.now()]][0]",
        )
        pictures = {}
        for state in states:
            places = zip(self.data["labels"], state["labels"], strict=True)
            stops = tuple(labels.index(label) for labels, label in places)
            assert state["outputs"] == state["labels"], "the text beside a control is not its own"
            words = self.data["words"][self.frame(stops)]
            assert state["words"] == words
            assert words in state["alternative"]
            assert pictures.setdefault(stops, state["picture"]) == state["picture"]
        assert self.visit.elsewhere() == []
        assert stops == tuple(self.now), "the controls do not stand where they were moved to"
        assert len(set(pictures.values())) == len(pictures), "two stops show the same picture"
        return pictures

    def frame(self, combination):
        """Return the number of a combination's frame: the last control's stops follow quickest."""
        number = 0
        for size, at in zip(self.sizes, combination, strict=True):
            number = number * size + at
        return number


def _keys(kind, now, goal):
    if now == goal:
        return []
    if kind == "checkbox":
        return ["Space"]
    if goal == 0:
        return ["Home"]
    forward, back = ("ArrowRight", "ArrowLeft") if kind == "range" else ("ArrowDown", "ArrowUp")
    return [forward if goal > now else back] * abs(goal - now)


def sliders(visit):
    """Return the sliders of a visited page, which notes from now on what they show."""
    found = visit.tab.locator(".book-slider")
    found.evaluate_all(NOTE)
    return [Slider(visit, locator) for locator in found.all()]
