// Part of body.h.

// Tiles: some rows with some vectors of a panel.

/// What a tile's sums are of.
enum {
    /// Products with all inputs.
    PRODUCTS,
    /// Products with the inputs that a job lists.
    LISTED,
    /// Squared differences.
    DISTANCES,
};

/// What goes into a tile's sums, and what becomes of them.
typedef struct {
    const TwinPanels *panels;
    /// A layer's; nil for a kernel.
    const float *bias;
    int32_t bend;
    /// How many columns are wanted; the panels may hold more.
    int64_t column_count;
    /// The inputs of a single row that are not 0; nil where all are taken.
    const int32_t *places;
    int64_t place_count;
} Job;

INLINE floats curved(const TwinPanels *panels, floats sum) {
    if (panels->curve == TWIN_CURVE_LINEAR) return sum;
    if (panels->curve == TWIN_CURVE_RADIAL) return exponential(sum * -panels->gamma);
    floats base = FMA(sum, (floats)panels->gamma, (floats)panels->offset);
    if (panels->curve == TWIN_CURVE_SIGMOID) return tangent(base);
    floats power = (floats)1.0f;
    for (int32_t i = 0; i < panels->degree; i++) power *= base;
    return power;
}

INLINE floats bent(int32_t bend, floats x) {
    if (bend == TWIN_BEND_RELU) return PICK(x < (floats)0.0f, (floats)0.0f, x);
    if (bend == TWIN_BEND_TANH) return tangent(x);
    return bend == TWIN_BEND_LOGISTIC ? logistic(x) : x;
}

/// All the work on `row_count` rows and `vector_count` vectors from `vector` on, both constants
/// where this is called, so that the sums stay in registers.
INLINE void tile(
    const Job *job, const float *const *rows, const int row_count, int64_t vector,
    const int vector_count, const int sums_of, float *const *outs) {
    const TwinPanels *panels = job->panels;
    const float *columns[WIDE_VECTORS];
    UNROLL for (int v = 0; v < vector_count; v++) {
        int64_t place = vector + v;
        columns[v] = panels->panels + place / PANEL_VECTORS * panels->width * TWIN_PANEL
                     + place % PANEL_VECTORS * LANES;
    }
    floats sums[TILE_ROWS * WIDE_VECTORS];
    UNROLL for (int i = 0; i < row_count * vector_count; i++) sums[i] = (floats)0.0f;
    int64_t count = sums_of == LISTED ? job->place_count : panels->width;
    for (int64_t i = 0; i < count; i++) {
        int64_t k = sums_of == LISTED ? job->places[i] : i;
        floats column[WIDE_VECTORS];
        UNROLL for (int v = 0; v < vector_count; v++) column[v] = load(columns[v] + k * TWIN_PANEL);
        UNROLL for (int r = 0; r < row_count; r++) {
            floats x = (floats)rows[r][k];
            UNROLL for (int v = 0; v < vector_count; v++) {
                floats *sum = &sums[r * vector_count + v];
                floats factor = sums_of == DISTANCES ? column[v] - x : column[v];
                *sum = FMA(factor, sums_of == DISTANCES ? factor : x, *sum);
            }
        }
    }
    UNROLL for (int r = 0; r < row_count; r++) {
        UNROLL for (int v = 0; v < vector_count; v++) {
            floats sum = sums[r * vector_count + v];
            if (job->bias)
                sum = bent(job->bend, sum + load(job->bias + (vector + v) * LANES));
            else
                sum = curved(panels, sum);
            store(outs[r] + v * LANES, sum);
        }
    }
}

/// How many of a panel's vectors are wanted: all, unless it is a layer's last.
INLINE int vectors_wanted(const Job *job, int64_t panel) {
    int64_t left = job->column_count - panel * TWIN_PANEL;
    return left < TWIN_PANEL ? (int)((left + LANES - 1) / LANES) : PANEL_VECTORS;
}

/// Only a single row's inputs are ever listed.
#define TILE_OF_PRODUCTS(rows_here, vector, vector_count, outs)                                   \
    do {                                                                                          \
        if (rows_here == 1 && job->places)                                                        \
            tile(job, rows, 1, vector, vector_count, LISTED, outs);                               \
        else                                                                                      \
            tile(job, rows, rows_here, vector, vector_count, PRODUCTS, outs);                     \
    } while (0)

#define TILES(rows_here)                                                                          \
    LOOP void tiles_##rows_here(                                                                  \
        const Job *job, const float *const *rows, int64_t panel, float *const *outs) {            \
        int wanted = vectors_wanted(job, panel);                                                  \
        float *moved[rows_here];                                                                  \
        for (int v = 0; v < wanted; v += TILE_VECTORS) {                                          \
            int64_t vector = panel * PANEL_VECTORS + v;                                           \
            for (int r = 0; r < rows_here; r++) moved[r] = outs[r] + v * LANES;                   \
            if (job->panels->curve == TWIN_CURVE_RADIAL)                                          \
                tile(job, rows, rows_here, vector, TILE_VECTORS, DISTANCES, moved);               \
            else if (wanted - v < TILE_VECTORS)                                                   \
                TILE_OF_PRODUCTS(rows_here, vector, 1, moved);                                    \
            else                                                                                  \
                TILE_OF_PRODUCTS(rows_here, vector, TILE_VECTORS, moved);                         \
        }                                                                                         \
    }

#if TILE_ROWS == 8
TILES(8)
#elif TILE_ROWS == 6
TILES(6)
#endif
TILES(4)
TILES(2)
TILES(1)

/// One panel with the most rows that a tile takes; returns how many those were.
LOOP int panel_tile(
    const Job *job, const float *const *rows, int left, int64_t panel, float *const *outs) {
#if TILE_ROWS == 8
    if (left >= 8) return tiles_8(job, rows, panel, outs), 8;
#elif TILE_ROWS == 6
    if (left >= 6) return tiles_6(job, rows, panel, outs), 6;
#endif
    if (left >= 4) return tiles_4(job, rows, panel, outs), 4;
    if (left >= 2) return tiles_2(job, rows, panel, outs), 2;
    return tiles_1(job, rows, panel, outs), 1;
}

/// One row with several panels; returns how many panels those were.
LOOP int wide_tile(const Job *job, const float *row, int64_t panel, float *out) {
    if (job->panels->panel_count - panel < WIDE_PANELS) {
        tiles_1(job, &row, panel, &out);
        return 1;
    }
    int64_t vector = panel * PANEL_VECTORS;
    if (job->panels->curve == TWIN_CURVE_RADIAL)
        tile(job, &row, 1, vector, WIDE_VECTORS, DISTANCES, &out);
    else if (job->places)
        tile(job, &row, 1, vector, WIDE_VECTORS, LISTED, &out);
    else
        tile(job, &row, 1, vector, WIDE_VECTORS, PRODUCTS, &out);
    return WIDE_PANELS;
}
