"""All wrong ideas by their stable names: the words of each are in the folder of a language."""

from vmapdemo.lessons.ideas import of_arguments, of_examples, of_kinds, of_results
from vmapdemo.lessons.ideas.idea import Idea

IDEAS = {
    idea.name: idea
    for idea in (
        Idea("whole-batch", of_examples.whole_batch),
        Idea("refuses-batch", of_examples.refuses_batch),
        Idea("axis-kept", of_examples.axis_kept),
        Idea("handed-over", of_examples.handed_over),
        Idea("added-up", of_examples.added_up, ("result",)),
        Idea("all-pairs", of_arguments.all_pairs),
        Idea("numpy-aligned", of_arguments.numpy_aligned),
        Idea("same-ndim", of_arguments.same_ndim),
        Idea("lined-up", of_arguments.lined_up),
        Idea("first-only", of_arguments.first_only),
        Idea("none-walks", of_arguments.none_walks),
        Idea("same-sizes", of_arguments.same_sizes),
        Idea("out-follows", of_results.out_follows),
        Idea("out-ignored", of_results.out_ignored),
        Idea("out-walks", of_results.out_walks),
        Idea("out-of-one", of_results.out_of_one),
        Idea("no-negatives", of_examples.no_negatives),
        Idea("whole-counted", of_examples.whole_counted),
        Idea("shorter-wins", of_arguments.shorter_wins),
        Idea("stretched", of_arguments.stretched),
        Idea("axes-found", of_arguments.axes_found),
        Idea("sizes-unchecked", of_arguments.sizes_unchecked, ("fault",)),
        Idea("larger-blamed", of_arguments.larger_blamed, ("fault",)),
        Idea("layers-swapped", of_arguments.layers_swapped),
        Idea("in-step", of_arguments.in_step),
        Idea("in-a-row", of_results.in_a_row, ("result", "shape")),
        Idea("keyword-shared", of_kinds.keyword_shared),
        Idea("keyword-follows", of_kinds.keyword_follows),
        Idea("keyword-refused", of_kinds.keyword_refused),
        Idea("drawn-anew", of_kinds.drawn_anew, ("result",)),
        Idea("nothing-drawn", of_kinds.nothing_drawn, ("result",)),
        Idea("key-refused", of_kinds.key_refused, ("result",)),
        Idea("leaf-by-leaf", of_kinds.leaf_by_leaf),
        Idea("one-per-entry", of_kinds.one_per_entry),
        Idea("called-for-each", of_examples.called_for_each, ("runs",)),
        Idea("never-called", of_examples.never_called, ("runs",)),
        Idea("called-twice", of_examples.called_twice, ("runs",)),
    )
}
