"""Answers that are wrong, each in one way, by what is wrong with them.

Each is a change of the solution: a text in it, and what stands there instead. Its check, and so the
grade, has to take a point at least. CONSTANTS and what the text hands out have to get none.
"""

from assignments import assignments, notebook, source

CLIP = "np.clip(y_pred, 1e-7, 1 - 1e-7)"
LOG, LOG_OF_REST = "np.log(y_pred)", "np.log(1 - y_pred)"
MEAN, SUM = "loss.mean(axis=-1)", ".sum(axis=-1)"
DIVIDE = "y_pred = y_pred / y_pred.sum(axis=-1, keepdims=True)"
PICK, ROWS = "y_pred[np.arange(len(class_index)), class_index]", "np.arange(len(class_index))"
TOTAL, COUNT = "self.total += np.sum(values * weight)", "self.count += np.sum(weight)"
START, NEW = "self.total, self.count = 0.0, 0.0", "self.reset_state()"
RESULT = "self.total / self.count if self.count else 0.0"
RETURN = f"return {RESULT}"
RESETS = f"mean = {RESULT}; {START}; return mean"
RESET = f"def reset_state(self):\n        {START}"
NEVER = [(NEW, START, 1), (RESET, "def reset_state(self): pass")]
OVERWRITES = f"if sample_weight is not None: {START}"
ERROR, EPOCH = "total += (error**2).sum()", "        total, count = 0.0, 0\n"
STEP = "            w -= learning_rate * (2 * error * x[batch]).mean()"
FULL = "return [(2 + 4 + 12) / 3, weighted, 8, (8 + 2 + 6) / 3]"
START_OF_TRAIN = "w, printed = 0.0, []"

# By answer: {what is wrong: changes}, and a change is (text in the solution, another text).
CHANGES = {
    "binary_crossentropy": {
        "only a lower clip": [(CLIP, "np.maximum(y_pred, 1e-7)")],
        "only an upper clip": [(CLIP, "np.minimum(y_pred, 1 - 1e-7)")],
        "added, not clipped": [
            (CLIP, "y_pred"), (LOG, "np.log(y_pred + 1e-7)"),
            (LOG_OF_REST, "np.log(1 - y_pred + 1e-7)"),
        ],
        "added to one log": [(CLIP, "y_pred"), (LOG, "np.log(y_pred + 1e-7)")],
        "another epsilon": [("1e-7, 1 - 1e-7", "1e-8, 1 - 1e-8")],
        "nan as a number": [(CLIP, "y_pred"), (MEAN, "np.nan_to_num(loss).mean(axis=-1)")],
        "sum over outputs": [(MEAN, "loss.sum(axis=-1)")],
        "mean over samples": [(MEAN, "loss.mean(axis=0)")],
        "mean over all": [(MEAN, "loss.mean() * np.ones(len(loss))")],
        "only label 1": [(f" + (1 - y_true) * {LOG_OF_REST}", "")],
        "for two rows": [(MEAN, "np.array([loss[0].mean(), loss[1].mean()])")],
        "for three rows": [(MEAN, "loss[[0, 1, 2]].mean(axis=-1)")],
        "log of base 2": [("np.log(", "np.log2(")],
        "rounded": [(MEAN, "loss.mean(axis=-1).round(2)")],
        "without the minus": [("= -(", "= (")],
        "swapped": [(f"y_pred = {CLIP}", f"y_true, y_pred = y_pred, y_true\n    y_pred = {CLIP}")],
        "keeps the axis": [(MEAN, "loss.mean(axis=-1, keepdims=True)")],
        "first output": [(MEAN, "loss[:, 0]")],
        "capped": [(MEAN, "np.minimum(loss, 15).mean(axis=-1)")],
        "clips the labels too": [(CLIP, f"{CLIP}; y_true = np.clip(y_true, 0.1, 0.9)")],
        "clips to 1e-7 and 1": [("1 - 1e-7)", "1)", 1)],
        "median": [(MEAN, "np.median(loss, axis=-1)")],
        "one loss of each shape": [
            (MEAN, "known.setdefault(loss.shape, loss.mean(axis=-1))"),
            ("def binary", "known = {}\ndef binary"),
        ],
        "squared error": [(MEAN, "((y_true - y_pred) ** 2).mean(axis=-1)")],
    },
    "categorical_crossentropy": {
        "clips, then divides": [
            (DIVIDE, f"y_pred = {CLIP}\n    {DIVIDE}"),
            (f"    y_pred = {CLIP}\n    return", "    return"),
        ],
        "does not divide": [(DIVIDE, "")],
        "softmax": [(DIVIDE, f"y_pred = np.exp(y_pred)\n    {DIVIDE}")],
        "divides by the largest": [("y_pred.sum(", "y_pred.max(")],
        "divides by the whole sum": [("y_pred.sum(axis=-1, keepdims=True)", "y_pred.sum()")],
        "divides by the first row's sum": [(".sum(axis=-1, keepdims=True)", "[0].sum()")],
        "divides if above 1": [(DIVIDE, f"if y_pred.max() > 1: {DIVIDE}")],
        "divides by the columns' sums": [("axis=-1, keepdims", "axis=0, keepdims")],
        "added, not clipped": [(CLIP, "y_pred + 1e-7")],
        "nan as a number": [
            (CLIP, "y_pred"), (f"(y_true * {LOG})", f"np.nan_to_num(y_true * {LOG})"),
        ],
        "mean over classes": [(f"{LOG}){SUM}", f"{LOG}).mean(axis=-1)")],
        "binary too": [(f"y_true * {LOG}", f"y_true * {LOG} + (1 - y_true) * {LOG_OF_REST}")],
        "for two rows": [(f"{LOG}){SUM}", f"{LOG}){SUM}[:2]")],
        "for three classes": [
            (DIVIDE, f"y_true, y_pred = y_true[:, :3], y_pred[:, :3]\n    {DIVIDE}"),
        ],
    },
    "sparse_categorical_crossentropy": {
        "no clip": [("np.clip(of_truth, 1e-7, 1 - 1e-7)", "of_truth")],
        "added, not clipped": [("np.clip(of_truth, 1e-7, 1 - 1e-7)", "of_truth + 1e-7")],
        "another epsilon": [("1e-7, 1 - 1e-7", "1e-6, 1")],
        "every pair": [(PICK, "y_pred[:, class_index].mean(axis=-1)")],
        "columns for rows": [(ROWS, "class_index")],
        "the largest": [(PICK, "y_pred.max(axis=-1)")],
        "for two rows": [(PICK, f"{PICK}[:2]")],
        "one hot of three": [(PICK, "(np.eye(3)[class_index] * y_pred).sum(axis=-1)")],
        "mean": [
            ("return -np.log(", "return -np.mean(np.log(1) + np.log("),
            ("1 - 1e-7))", "1 - 1e-7)))"),
        ],
        "counted from 1": [(", class_index]", ", class_index - 1]")],
        "divides by the largest": [("of_truth =", "of_truth = 1 / y_pred.max(axis=-1) *")],
        "only an upper clip": [("np.clip(of_truth, 1e-7, 1 - 1e-7)", "np.minimum(of_truth, 1)")],
    },
    "binary_crossentropy_from_logits": {
        "through the probability": [("np.log1p(np.exp(-np.abs(logits)))", "0"), (
            "np.maximum(logits, 0) - logits * y_true",
            "-np.log(np.clip(1 / (1 + np.exp(np.where(y_true == 1, -logits, logits))), 1e-7, 1))",
        )],
        "nan as a number": [
            ("loss.mean(", "np.nan_to_num(loss).mean("), ("np.maximum(logits, 0)", "0"),
            ("-np.abs(logits)", "logits"),
        ],
        "log(1 + exp(z))": [("np.maximum(logits, 0)", "0"), ("-np.abs(logits)", "logits")],
        "cut at 50": [("loss =", "logits = np.clip(logits, -50, 50)\n    loss =")],
        "without the log": [(" + np.log1p(np.exp(-np.abs(logits)))", "")],
        "size of the logit": [(MEAN, "np.abs(logits).mean(axis=-1)")],
        "sum over outputs": [(MEAN, "loss.sum(axis=-1)")],
        "sign of the label": [(MEAN, "np.logaddexp(0, logits * y_true).mean(axis=-1)")],
        "cut at 500": [("loss =", "logits = np.clip(logits, -500, 500)\n    loss =")],
        "labels of the first output": [("logits * y_true", "logits * y_true[:, :1]")],
    },
    "loss_of_batch": {
        "does not read y_true": [("y_true.reshape(y_pred.shape)", "0.0 * y_pred")],
        "labels 0 and 1 in turn": [
            ("y_true.reshape(y_pred.shape)", "np.arange(len(y_pred))[:, None] % 2"),
        ],
        "for two rows": [("loss.mean()", "loss[:2].mean()")],
        "sum": [("loss.mean()", "loss.sum()")],
        "not the mean": [("loss.mean()", "loss.mean(axis=-1)")],
        "half the sum": [("loss.mean()", "loss.sum() / 2")],
        "the mean label": [("y_true.reshape(y_pred.shape)", "y_true.mean()")],
        "sorted labels": [("y_true.reshape(y_pred.shape)", "np.sort(y_true)[:, None]")],
    },
    "loss_of_classifier": {
        "for three classes": [
            ("log_sum =", "logits, class_index = logits[:, :3], class_index % 3\n    log_sum ="),
        ],
        "every pair": [(f"logits[{ROWS}, class_index]", "logits[:, class_index].mean(axis=-1)")],
        "mean": [("return log_sum", "return log_sum.mean()")],
        "the largest for the sum": [("np.log(np.exp(logits).sum(axis=-1))", "logits.max(axis=-1)")],
        "the sum of all rows": [("np.exp(logits).sum(axis=-1)", "np.exp(logits).sum()")],
        "the likeliest class": [(", class_index]", ", logits.argmax(axis=-1)]")],
    },
    "smooth": {
        "three or ten": [("one_hot.shape[-1]", "3 if one_hot.shape[-1] == 3 else 10")],
        "by the rows": [("one_hot.shape[-1]", "len(one_hot)")],
        "a fixed share": [("num_classes =", "label_smoothing = 0.1\n    num_classes =")],
        "all but the true class": [("one_hot.shape[-1]", "one_hot.shape[-1] - 1")],
        "to the other classes": [
            ("label_smoothing / num_classes",
             "(1 - one_hot) * label_smoothing / (num_classes - 1)"),
        ],
    },
    "predictions": {
        what: [(FULL, f"return {numbers}")]
        for what, numbers in {
            "the last batch only": [12, 5, 8, 4], "mean of means": [7.5, 5.5, 8, 5],
            "without weights": [6, 4.8, 54, 23.2], "no reset": [6, 5.5, 5.857, 5.5],
            "every value": [6, 5.5, 8, 4.8], "three": [6, 5.5, 8], "rounded": [6, 5.5, 8, 5],
        }.items()
    },
    "train": {
        "no reset": [(EPOCH, ""), (START_OF_TRAIN, f"{START_OF_TRAIN}\n    total, count = 0.0, 0")],
        "mean of batch means": [(ERROR, "total += (error**2).mean()"), ("+= len(error)", "+= 1")],
        "a fixed rate": [(START_OF_TRAIN, f"{START_OF_TRAIN}\n    learning_rate = 0.1")],
        "a fixed batch size": [(START_OF_TRAIN, f"{START_OF_TRAIN}\n    batch_size = 2")],
        "no update on the short batch": [
            (STEP, f"            if len(error) < batch_size: break\n{STEP}"),
        ],
        "leaves the short batch out": [
            (START_OF_TRAIN, f"{START_OF_TRAIN}\n    x = x[:len(x) // batch_size * batch_size]"),
        ],
        "one epoch": [("range(epochs)", "range(1)")],
        "loss after the update": [
            (ERROR, "pass"),
            (STEP, f"{STEP}\n            total += ((w * x[batch] - y[batch])**2).sum()"),
        ],
        "returns the last": [("return printed", "return printed[-1]")],
        "a rate that falls": [(STEP, f"{STEP}\n            learning_rate *= 0.9")],
        "the last batch alone": [(ERROR, "total, count = (error**2).sum(), 0")],
        "the sum for the mean": [("* x[batch]).mean()", "* x[batch]).sum()")],
        "a new model each epoch": [(EPOCH, f"{EPOCH}        w = 0.0\n")],
    },
}  # fmt: skip
# Of either metric, by the name of what each value is.
OF_METRICS = {
    "divides by 1 at least": [(RETURN, "return self.total / max(self.count, 1)")],
    "0/0 on zero weights": [
        (START, f"{START}; self.new = True"), (COUNT, f"{COUNT}; self.new = False"),
        ("if self.count else 0.0", "if not self.new else 0.0")],
    "overwrites when weighted": [("weight = ", f"{OVERWRITES}\n        weight = ")],
    "repeats": [
        (TOTAL, "values = np.repeat(values, weight); weight = np.ones(len(values)); " + TOTAL),
    ],
    "state of the class": [("self.total", "type(self).total"), ("self.count", "type(self).count")],
    "state of the class, not reset": [
        (f"{NEW}", "pass"), ('    """The weighted', '    total = count = 0.0\n    """The weighted'),
        ("self.total", "type(self).total"), ("self.count", "type(self).count")],
    "result resets": [*NEVER, (RETURN, RESETS)],
    "no reset": NEVER,
    "half a reset": [
        (NEW, START, 1),
        (RESET, "def reset_state(self): self.total = 0.0"),
    ],
    "mean of means": [
        (TOTAL, "self.total += np.mean(values * weight)"), (COUNT, "self.count += 1"),
    ],
    "forgets": [
        (TOTAL, "self.total = np.sum(values * weight)"), (COUNT, "self.count = np.sum(weight)"),
    ],
    "no weights": [("if sample_weight is None else sample_weight", "")],
    "zero weights as none": [
        ("if sample_weight is None", "if sample_weight is None or not np.any(sample_weight)"),
    ],
    "weights of each batch that sum to 1": [
        (TOTAL, f"weight = weight / max(np.sum(weight), 1e-9)\n        {TOTAL}"),
    ],
    "a result that is kept": [
        (RETURN, f"self.kept = getattr(self, 'kept', 0) or {RESULT}; return self.kept"),
    ],
    "one list for all": [
        ("def __init__(self):", "def __init__(self, kept=[0.0, 0.0]):\n        self.kept = kept"),
        (NEW, "pass"), ("self.total, self.count =", "self.kept[:] ="),
        ("self.total +=", "self.kept[0] +="), ("self.count +=", "self.kept[1] +="),
        (RESULT, "self.kept[0] / self.kept[1] if self.kept[1] else 0.0"),
    ],
    "weights in the total only": [(COUNT, "self.count += len(weight)")],
    "whole weights": [(TOTAL, "weight = np.asarray(weight).astype(int); " + TOTAL)],
    "an average times the length": [
        (TOTAL, "mean = np.average(values, weights=weight) if np.sum(weight) else 0\n"
                "        self.total += mean * len(values)"),
        (COUNT, "self.count += len(values)")],
}  # fmt: skip
CHANGES["Mean"] = OF_METRICS | {
    "nan as a number": [(RETURN, "return np.nan_to_num(np.float64(self.total) / self.count)")],
    "nan before data": [(RETURN, "return np.float64(self.total) / np.float64(self.count)")],
    "skips nan": [(TOTAL, "self.total += np.nansum(values * weight)")],
    "resets by times 0": [
        (NEW, START, 1),
        (RESET, "def reset_state(self): self.total *= 0; self.count *= 0"),
    ],
}
CHANGES["SparseCategoricalAccuracy"] = OF_METRICS | {
    "above a half": [("np.argmax(y_pred, axis=-1) == class_index", f"{PICK} > 0.5")],
    "of three classes": [("np.argmax(y_pred,", "np.argmax(y_pred[:, :3],")],
    "the smallest": [("np.argmax", "np.argmin")],
    "one of the two largest": [
        (
            "np.argmax(y_pred, axis=-1) == class_index",
            "(y_pred > y_pred[range(len(y_pred)), class_index][:, None]).sum(axis=-1) < 2",
        ),
    ],
}
CONSTANTS = {
    "binary_crossentropy": "np.array([0.0, 16.118])",
    "categorical_crossentropy": "np.full(4, 16.118)",
    "sparse_categorical_crossentropy": "np.array([16.118, 0.6931])",
    "binary_crossentropy_from_logits": "np.array([1000.0, 0.0, 1000.0])",
    "loss_of_batch": "0.5",
    "loss_of_classifier": "np.ones(3)",
    "smooth": "np.full((2, 3), 1 / 3)",
    "predictions": "[0, 0, 0, 0]",
    "train": "[1.0] * 3",
}
SOLUTIONS = {
    cell.id: "\n".join(line for line in cell.source.splitlines() if "SOLUTION" not in line)
    for each in assignments()
    for cell in notebook(source(each)).cells
}


def changed(name, changes):
    """Return a solution with changes, each of which has something to change."""
    code = SOLUTIONS[name]
    if name == "SparseCategoricalAccuracy":
        code = code.replace("right * weight", "values * weight").replace("right", "values")
    for old, new, *times in changes:
        assert old in code, (name, old)
        code = code.replace(old, new, *times)
    return code


WRONG = {
    (name, what): changed(name, changes)
    for name in CHANGES
    for what, changes in CHANGES[name].items()
}
CONSTANT = {name: f"def {name}(*arguments): return {value}" for name, value in CONSTANTS.items()}
for metric in ("Mean", "SparseCategoricalAccuracy"):
    CONSTANT[metric] = changed(metric, [(RETURN, "return 0.0")])
