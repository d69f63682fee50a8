"""By what the head divides each feature (src/graft/head/design.cpp), in NumPy, for the goldens."""
import numpy as np


def deviations(x, weights):
    """Weighted standard deviations of the columns; one that fewer than 10 rows make counts at least as the median of the others, or, where fewer than a tenth
    of the columns are made of more, of all."""
    part = weights[:, None] * (x - np.average(x, axis=0, weights=weights)) ** 2
    deviation = np.sqrt(part.sum(0) / weights.sum())
    squares = (part ** 2).sum(0)
    makers = np.divide(part.sum(0) ** 2, squares, where=squares > 0, out=np.zeros_like(squares))
    known = deviation[(makers >= 10) & (deviation > 0)]
    if len(known) < 0.1 * (deviation > 0).sum():
        known = deviation[deviation > 0]
    median = 1 / np.sort(1 / known)[len(known) // 2]
    return np.where((makers < 10) & (deviation > 0), np.maximum(deviation, median), deviation)
