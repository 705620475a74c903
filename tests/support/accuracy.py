"""The one rule by which outputs are compared: within 1e-4 of the reference's range, integers exactly, complex numbers by their parts, no NaN."""

import numpy as np

TOLERANCE = 1e-4  # of max(reference) - min(reference)


def output_range(reference):
    """max - min over finite elements; the largest magnitude where all elements are equal (e.g. one score)."""
    finite = reference[np.isfinite(reference)].astype(np.float64)
    if finite.size == 0:
        return 0.0
    spread = float(finite.max() - finite.min())
    return spread if spread > 0 else float(np.abs(finite).max())


def difference(reference, value, tolerance=TOLERANCE):
    """None when `value` agrees with `reference`, else a sentence that says how it does not."""
    reference, value = np.asarray(reference), np.asarray(value)
    if value.shape != reference.shape:
        return f"shape {value.shape} instead of {reference.shape}"
    if reference.dtype.kind == "S" and value.dtype.kind in "OS":
        return None if np.array_equal(value.astype("S"), reference) else "strings differ"
    if value.dtype != reference.dtype:
        return f"type {value.dtype} instead of {reference.dtype}"
    if np.issubdtype(reference.dtype, np.complexfloating):
        reference, value = (np.stack([a.real, a.imag]) for a in (reference, value))
    if not np.issubdtype(reference.dtype, np.floating):
        wrong = int(np.count_nonzero(reference != value))
        return f"{wrong} of {value.size} elements differ" if wrong else None
    special = ~np.isfinite(reference)
    if not np.array_equal(reference[special], value[special], equal_nan=True) or not np.isfinite(value[~special]).all():
        return "NaN or infinity where the reference has none, or the other way round"
    worst = float(np.abs(reference[~special].astype(np.float64) - value[~special]).max(initial=0.0))
    allowed = tolerance * output_range(reference)
    return f"largest difference {worst:.3g}, allowed {allowed:.3g}" if worst > allowed else None


def all_differences(references, values, tolerance=TOLERANCE):
    """None, or one sentence about every output that is missing, unexpected or different."""
    found = [f"{name}: missing" for name in references if name not in values]
    found += [f"{name}: unexpected" for name in values if name not in references]
    for name in references:
        text = difference(references[name], values[name], tolerance) if name in values else None
        found += [f"{name}: {text}"] if text else []
    return "; ".join(found) or None
