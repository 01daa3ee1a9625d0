// Part of body.h.

// The two passes of the solver.

/// The highest of a vector's values that has the lowest place.
INLINE TwinHighest highest(doubles values, longs places) {
    TwinHighest best = {-__builtin_inf(), -1};
    for (int i = 0; i < SUM_LANES; i++)
        if (values[i] > best.value || (values[i] == best.value && places[i] < best.place))
            best = (TwinHighest){values[i], places[i]};
    return best;
}

INLINE void raise(TwinHighest *best, double value, int64_t place) {
    if (value > best->value) *best = (TwinHighest){value, place};
}

LOOP TwinExtremes solver_move(
    double *gradient, const double *up, const double *low, const float *first_row,
    const float *second_row, double first_step, double second_step, int64_t count) {
    doubles up_best = (doubles)-__builtin_inf(), low_best = up_best;
    longs place = {0, 1, 2, 3, 4, 5, 6, 7}, up_place = (longs)-1, low_place = (longs)-1;
    int64_t k = 0;
    for (; k + SUM_LANES <= count; k += SUM_LANES, place += SUM_LANES) {
        doubles value = load_doubles(gradient + k);
        value = FMA(widen(second_row + k), (doubles)second_step, value);
        value = FMA(widen(first_row + k), (doubles)first_step, value);
        memcpy(gradient + k, &value, sizeof value);
        doubles rise = load_doubles(up + k) - value, fall = load_doubles(low + k) + value;
        longs more = rise > up_best;
        up_best = PICK(more, rise, up_best);
        up_place = PICK(more, place, up_place);
        more = fall > low_best;
        low_best = PICK(more, fall, low_best);
        low_place = PICK(more, place, low_place);
    }
    TwinExtremes found = {highest(up_best, up_place), highest(low_best, low_place)};
    for (; k < count; k++) {
        gradient[k] = FMA((double)second_row[k], second_step, gradient[k]);
        gradient[k] = FMA((double)first_row[k], first_step, gradient[k]);
        raise(&found.up, up[k] - gradient[k], k);
        raise(&found.low, low[k] + gradient[k], k);
    }
    return found;
}

LOOP TwinHighest solver_partner(
    const double *gradient, const double *low, const float *row, const double *diagonal,
    double top, double own, int64_t count) {
    const double flat = 1e-12;
    doubles best = (doubles)-__builtin_inf();
    longs place = {0, 1, 2, 3, 4, 5, 6, 7}, best_place = (longs)-1;
    int64_t k = 0;
    for (; k + SUM_LANES <= count; k += SUM_LANES, place += SUM_LANES) {
        doubles violation = load_doubles(low + k) + load_doubles(gradient + k) + top;
        doubles bend = load_doubles(diagonal + k) + own - 2.0 * widen(row + k);
        bend = PICK(bend > (doubles)flat, bend, (doubles)flat);
        doubles gain = violation * violation / bend;
        longs more = (violation > (doubles)0.0) & (gain > best);
        best = PICK(more, gain, best);
        best_place = PICK(more, place, best_place);
    }
    TwinHighest found = highest(best, best_place);
    for (; k < count; k++) {
        double violation = low[k] + gradient[k] + top;
        double bend = diagonal[k] + own - 2.0 * (double)row[k];
        if (violation > 0) raise(&found, violation * violation / (bend > flat ? bend : flat), k);
    }
    return found;
}
