"""The search finds what readers type, and leads to the place that answers it."""

import json

import pytest
from built import Visit, each_entry, parsed, words
from locations import SITE
from search_index import page_parts
from test_page_size import moved

FIRST = 5  # results that a reader looks at
BEFORE_TYPING = 30  # kB

# A query, and after two spaces or more the page, or the page and its anchor or how that begins.
EXPECTED = """
16.118                              reference/symptoms#term-16.1181
15.942                              reference/symptoms#term-15.9424
0.333                               reference/symptoms#term-A-perfect-model
nan                                 reference/symptoms#the-loss-is-nan
same nested structure               losses/choosing#plain-lists
InTopKV2                            reference/symptoms#term-Input-predictions-of-InTopKV2
reset_states                        metrics/mean#the-forgotten-reset
InTopKV2 bfloat16                   metrics/sparse_categorical_accuracy#top-k-scores-that-are-not
float16 nan loss                    reference/symptoms#the-loss-is-nan
focal                               losses/focal_crossentropy
sigmod                              losses/logits
binary crossentropy                 losses/binary_crossentropy
BinaryAcuracy                       metrics/binary_accuracy
SPARSE categorical_accuracy         metrics/sparse_categorical_accuracy
label smoothing                     losses/categorical_crossentropy#smoothing-never-reaches-0
class_weight                        losses/reduction
plain lists                         losses/choosing#plain-lists
arguments exchanged                 losses/cross_entropy#arguments-exchanged
arguments swapped                   metrics/binary_accuracy#swapped-arguments
KeyError 'acc'                      metrics/names_in_the_log#keyerror-acc
val_accuracy not available          metrics/names_in_the_log#a-callback-that-watches-nothing
compile_metrics                     metrics/names_in_the_log#in-keras
accuracy 0.0 on a regression        metrics/accuracy_by_name#on-a-regression
accuracy 0.9 from the first epoch on ten classes  metrics/binary_accuracy#from-the-first-epoch
accuracy stays 0.1                  reference/symptoms#term-The-accuracy-is-0.0-or-stays
last step of the progress bar jumps  metrics/accumulate_and_reset#the-last-step-of-the-progress-bar
top-k always 1.0                    metrics/sparse_categorical_accuracy#top-k-is-1-0-for-any-model
multiple values for argument 'sample_weight'  metrics/names_in_the_log#a-metric-that-takes-no-labels
Can not squeeze dim[1]              reference/version_table#messages
labels -1 and 1                     metrics/binary_accuracy#labels-1-and-1
loss nan with jit_compile           losses/sparse_categorical_crossentropy#a-label-that-is-no-class
loss nan on a GPU                   reference/symptoms#term-nan-beside-an-accuracy
exploding gradients                 reference/symptoms#term-Exploding-gradients
focal alpha no effect               losses/focal_crossentropy#an-alpha-that-nobody-reads
ignore_class accuracy               reference/symptoms
run_eagerly different loss          reference/symptoms#term-Another-loss-with-run_eagerly
loss gets smaller with more padding  reference/symptoms#term-A-mask-and-weights-of-0
evaluate differs from loss(y, predict)  losses/logits#the-wrong-note-and-a-wrong-number
loss of 300 at the start            reference/symptoms#term-A-loss-of-hundreds-at-the-start
loss includes regularisation        reference/symptoms#term-The-loss-includes-regularisation
loss includes regularization        reference/symptoms#term-The-loss-includes-regularisation
BroadcastGradientArgs               reference/symptoms#term-Incompatible-shapes-in-fit-with-class
nan in float16                      reference/symptoms#term-nan-in-float16-or-bfloat16-or-inf
class_weight with sequences         losses/reduction#what-class-weight-cannot-do
class_weight is not in [0, 2)       losses/reduction#what-class-weight-cannot-do
class_weight Incompatible shapes    losses/reduction#what-class-weight-cannot-do
only 0-dimensional arrays can be converted  losses/reduction#what-class-weight-cannot-do
Data cardinality is ambiguous       losses/sequences_and_pixels#weights-of-the-wrong-length
binary_crossentropy(y_pred, y_true)  reference/symptoms#term-Arguments-swapped
weights of the wrong length         losses/sequences_and_pixels#weights-of-the-wrong-length
precision recall threshold          metrics/precision_and_recall
accuracy and any other metrics ignore mask  reference/symptoms#term-A-metric-such-as-the-accuracy
mask ignored by precision           metrics/precision_and_recall#a-mask-does-not-reach-them
Metrics incorrect for RNN with mask  losses/reduction#a-mask-that-gets-lost
FBetaScore expects 2D inputs        metrics/precision_and_recall#f1
F1Score is not working with sparse labels  reference/symptoms#term-FBetaScore
Early stopping conditioned on metric `val_acc`  metrics/names_in_the_log
monitor in callbacks with three outputs  metrics/names_in_the_log#several-outputs
EarlyStopping truth value of an array  metrics/names_in_the_log#a-callback-that-watches-nothing
Can save best model only with val_acc available, skipping  metrics/names_in_the_log
Learning rate reduction is conditioned on metric  metrics/names_in_the_log
Could not interpret metric identifier: f1  metrics/names_in_the_log#two-meanings-of-one-string
Expected `metrics` argument to be a list  metrics/names_in_the_log#two-meanings-of-one-string
Precision metric in compile raises shape mismatch  metrics/precision_and_recall
Shapes (None, 1) and (None, 2) are incompatible  reference/symptoms#term-Arguments-target-and-output
'>' not supported between instances of 'NoneType' and 'int'  metrics/accuracy_by_name
training accuracy always 0          reference/symptoms#term-The-accuracy-is-0.0
Keras accuracy does not change 0.5  reference/symptoms#term-The-accuracy-does-not-change
custom metric f1 different from sklearn  metrics/precision_and_recall#f1
metrics_names only returns loss and compile_metrics  metrics/names_in_the_log#in-keras
history auc_1 KeyError              metrics/names_in_the_log#by-hand
val_loss lower than training loss   metrics/accumulate_and_reset
look at my own batch                reference/your_batch
paste y_true and y_pred             reference/your_batch
test_on_batch returns running average  metrics/accumulate_and_reset#test-on-batch-and-train-on-batch
fit loss and evaluate loss different on same data  metrics/accumulate_and_reset
precision and recall are 0 imbalanced data  metrics/precision_and_recall
"""

TYPE = """async query => {
    const field = document.querySelector('.bd-search-container input');
    field.value = query;
    field.dispatchEvent(new Event('input'));
    await new Promise(setTimeout);
    return [...document.querySelectorAll('#search-results li a')].map(a => a.getAttribute('href'));
}"""


@pytest.fixture(scope="module")
def search(browser, server):
    """Return a function that types a query, and returns the addresses that it finds."""
    with browser.new_context() as context:
        tab = context.new_page()
        tab.goto(server + "search.html?q=loss")
        tab.locator("#search-results li").first.wait_for()
        yield lambda query: tab.evaluate(TYPE, query)


def rows():
    return [line.rsplit("  ", 1) for line in EXPECTED.strip().splitlines()]


@pytest.mark.parametrize("query, answer", rows(), ids=lambda text: text.strip())
def test_what_readers_type_leads_to_its_answer(query, answer, search):
    page, hash_sign, anchor = answer.strip().partition("#")
    address = f"chapters/{page}.html{hash_sign}{anchor}"
    found = search(query.strip())[:FIRST]
    assert any(link.startswith(address) for link in found), found


@each_entry("symptoms")
def test_each_symptom_leads_to_its_entry(entry, search):
    anchor = f"chapters/reference/symptoms.html#{entry[0][0]['id']}"
    for term in entry[0]:
        assert anchor in search(words(term))[:FIRST]


def test_nothing_is_found_for_what_is_not_in_the_book(search):
    assert search("0.5515") == search("zyxwvut") == search("   ") == []


def test_every_result_leads_to_a_place():
    texts = (SITE / "_static" / "search-texts.js").read_text("utf-8")
    found = json.loads(texts.partition("= ")[2].removesuffix(";\n"))
    assert len(found) > 300
    assert "kept in this browser alone" not in texts, "what the buttons say is no text of the book"
    for address, page, title, _ in found:
        path, _, anchor = address.partition("#")
        assert page and title, address
        assert not anchor or parsed(SITE / path).find(id=anchor), address


def test_little_moves_before_a_letter_is_typed(browser, server):
    with browser.new_context() as context:
        tab = context.new_page()
        parts = moved(tab, server + "search.html")
        its_own = {name: size for name, size in parts.items() if "_static/search" in name}
        assert its_own and sum(its_own.values()) <= BEFORE_TYPING
        assert not [name for name in parts if name.endswith(("minisearch.js", "texts.js"))]
        with tab.expect_request("**/search-texts.js"):
            tab.keyboard.type("l")  # the field has the focus


@pytest.mark.parametrize("way", ["http", "file"])
def test_a_result_is_found_by_keys_and_opened(way, site, server, browser):
    home = server if way == "http" else site.as_uri() + "/"
    with browser.new_context() as context:
        tab = context.new_page()
        visit = Visit(tab, home, "chapters/metrics/mean.html")
        tab.keyboard.press("Control+k")
        tab.keyboard.type("16.118")
        tab.keyboard.press("Enter")
        first = tab.locator("#search-results li").first
        assert "16.118" in first.inner_text()
        assert tab.locator("[role=status].search-summary").inner_text().startswith("Found in ")
        page = first.locator("a").evaluate("link => link.pathname")
        first.locator("a").press("Enter")
        tab.wait_for_url(f"**{page}*")
        tab.locator("span.highlighted", has_text="16.118").first.wait_for(state="attached")
        assert visit.elsewhere() == []


def test_a_labelled_paragraph_is_a_part_with_and_without_bold_words():
    html = (
        "<article><section id='page'><h1>Page</h1><p>One.</p>"
        "<p id='bold'><strong>Lead.</strong> Two.</p><p id='plain'>A <strong>word</strong>.</p>"
        "<p>Three.</p></section></article>"
    )
    assert page_parts(html, "page.html") == [
        ["page.html", "Page", "Page", "One."],
        ["page.html#bold", "Page", "Lead", "Two."],
        ["page.html#plain", "Page", "", "A word. Three."],
    ]
