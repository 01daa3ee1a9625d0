// Part of body.h.

// The three uses of tiles.

LOOP void kernel_rows(
    const TwinPanels *panels, const float *rows, const int64_t *starts, int64_t row_count,
    float *out, const int64_t *out_starts) {
    Job job = {panels, NULL, 0, panels->panel_count * TWIN_PANEL, NULL, 0};
    for (int64_t first = 0; first < row_count; first += BLOCK_ROWS) {
        int here = row_count - first < BLOCK_ROWS ? (int)(row_count - first) : BLOCK_ROWS;
        const float *from[BLOCK_ROWS];
        float *to[BLOCK_ROWS];
        for (int r = 0; r < here; r++) {
            from[r] = rows + starts[first + r];
            to[r] = out + out_starts[first + r];
        }
        for (int64_t panel = 0; panel < panels->panel_count;) {
            int taken = 1;
            if (here == 1)
                taken = wide_tile(&job, from[0], panel, to[0]);
            else
                for (int r = 0; r < here;)
                    r += panel_tile(&job, from + r, here - r, panel, to + r);
            for (int r = 0; r < here; r++) to[r] += taken * TWIN_PANEL;
            panel += taken;
        }
    }
}

/// Adds panels of kernels times coefficients to a row's lanes.
INLINE doubles weighed(
    const float *kernels, const double *coefficients, int panel_count, doubles lanes) {
    for (int i = 0; i < panel_count * TWIN_PANEL; i += SUM_LANES)
        lanes = FMA(widen(kernels + i), load_doubles(coefficients + i), lanes);
    return lanes;
}

INLINE double total(doubles lanes) {
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
           + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

/// The sums of a block of rows.
LOOP void block_sums(
    const TwinPanels *panels, const double *coefficients, int sum_count, const float *rows,
    int here, double *sums, int64_t sum_stride) {
    Job job = {panels, NULL, 0, panels->panel_count * TWIN_PANEL, NULL, 0};
    float kernels[TILE_ROWS * TWIN_PANEL > WIDE ? TILE_ROWS * TWIN_PANEL : WIDE];
    const float *from[BLOCK_ROWS];
    float *to[TILE_ROWS];
    doubles lanes[BLOCK_SUMS][BLOCK_ROWS];
    int64_t padded = panels->panel_count * TWIN_PANEL;
    for (int r = 0; r < here; r++) from[r] = rows + r * panels->width;
    for (int r = 0; r < TILE_ROWS; r++) to[r] = kernels + r * TWIN_PANEL;
    for (int s = 0; s < sum_count; s++)
        for (int r = 0; r < here; r++) lanes[s][r] = (doubles)0.0;
    for (int64_t panel = 0; panel < panels->panel_count;) {
        const double *own = coefficients + panel * TWIN_PANEL;
        int taken = 1;
        if (here == 1) {
            taken = wide_tile(&job, from[0], panel, kernels);
            for (int s = 0; s < sum_count; s++)
                lanes[s][0] = weighed(kernels, own + s * padded, taken, lanes[s][0]);
        }
        for (int r = 0; here > 1 && r < here;) {
            int rows_here = panel_tile(&job, from + r, here - r, panel, to);
            for (int s = 0; s < sum_count; s++)
                for (int i = 0; i < rows_here; i++)
                    lanes[s][r + i] = weighed(to[i], own + s * padded, 1, lanes[s][r + i]);
            r += rows_here;
        }
        panel += taken;
    }
    for (int s = 0; s < sum_count; s++)
        for (int r = 0; r < here; r++) sums[r * sum_stride + s] += total(lanes[s][r]);
}

LOOP void kernel_sums(
    const TwinPanels *panels, const double *coefficients, int64_t sum_count, const float *rows,
    int64_t row_count, double *sums) {
    for (int64_t first = 0; first < row_count; first += BLOCK_ROWS) {
        int here = row_count - first < BLOCK_ROWS ? (int)(row_count - first) : BLOCK_ROWS;
        for (int64_t s = 0; s < sum_count; s += BLOCK_SUMS) {
            int sums_here = sum_count - s < BLOCK_SUMS ? (int)(sum_count - s) : BLOCK_SUMS;
            block_sums(
                panels, coefficients + s * panels->panel_count * TWIN_PANEL, sums_here,
                rows + first * panels->width, here, sums + first * sum_count + s, sum_count);
        }
    }
}

/// Copies what a layer has of a tile's columns.
INLINE void put(const float *values, int64_t column, int64_t column_count, int most, float *out) {
    int64_t here = column_count - column < most ? column_count - column : most;
    memcpy(out + column, values, (size_t)here * sizeof(float));
}

/// Lists the inputs of a row that are not 0, where so many are that the list is worth its time.
///
/// A sum is never -0, so that leaving out products of 0 changes no bit of it.
INLINE void list_places(Job *job, const float *row, int32_t *places) {
    if (!job->panels->is_finite || job->panels->width > LISTED_MAX) return;
    int32_t width = (int32_t)job->panels->width, zero_count = 0, count = 0;
    for (int32_t k = 0; k < width; k++) zero_count += row[k] == 0.0f;
    if (zero_count * LISTED_SHARE < width) return;
    for (int32_t k = 0; k < width; k++) {
        places[count] = k;
        count += row[k] != 0.0f;
    }
    job->places = places;
    job->place_count = count;
}

LOOP void dense(
    const TwinPanels *panels, const float *bias, int32_t bend, const float *rows,
    int64_t row_count, int64_t column_count, float *out) {
    Job job = {panels, bias, bend, column_count, NULL, 0};
    int32_t places[LISTED_MAX];
    float values[TILE_ROWS * TWIN_PANEL > WIDE ? TILE_ROWS * TWIN_PANEL : WIDE];
    float *to[TILE_ROWS];
    for (int r = 0; r < TILE_ROWS; r++) to[r] = values + r * TWIN_PANEL;
    for (int64_t first = 0; first < row_count; first += BLOCK_ROWS) {
        int here = row_count - first < BLOCK_ROWS ? (int)(row_count - first) : BLOCK_ROWS;
        const float *from[BLOCK_ROWS];
        float *result = out + first * column_count;
        for (int r = 0; r < here; r++) from[r] = rows + (first + r) * panels->width;
        if (here == 1) list_places(&job, from[0], places);
        for (int64_t panel = 0; panel < panels->panel_count;) {
            int64_t column = panel * TWIN_PANEL;
            if (here == 1) {
                // Where it fits, a tile goes straight to its place.
                bool fits = column_count - column >= WIDE;
                int taken = wide_tile(&job, from[0], panel, fits ? result + column : values);
                if (!fits) put(values, column, column_count, taken * TWIN_PANEL, result);
                panel += taken;
                continue;
            }
            for (int r = 0; r < here;) {
                int rows_here = panel_tile(&job, from + r, here - r, panel, to);
                for (int i = 0; i < rows_here; i++)
                    put(to[i], column, column_count, TWIN_PANEL, result + (r + i) * column_count);
                r += rows_here;
            }
            panel++;
        }
    }
}
