#include "levels.h"

#if defined(__x86_64__)

int32_t twin_level_best(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
        return TWIN_LEVEL_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return TWIN_LEVEL_AVX2;
    return TWIN_LEVEL_PLAIN;
}

static const TwinLevel *loops(int32_t level) {
    if (level == TWIN_LEVEL_AVX512) return &twin_level_avx512;
    if (level == TWIN_LEVEL_AVX2) return &twin_level_avx2;
    return &twin_level_plain;
}

#else

int32_t twin_level_best(void) { return TWIN_LEVEL_PLAIN; }

static const TwinLevel *loops(int32_t level) {
    (void)level;
    return &twin_level_plain;
}

#endif

void twin_kernel_rows(
    int32_t level, const TwinPanels *panels, const float *rows, const int64_t *starts,
    int64_t row_count, float *out, const int64_t *out_starts) {
    loops(level)->kernel_rows(panels, rows, starts, row_count, out, out_starts);
}

void twin_kernel_sums(
    int32_t level, const TwinPanels *panels, const double *coefficients, int64_t sum_count,
    const float *rows, int64_t row_count, double *sums) {
    loops(level)->kernel_sums(panels, coefficients, sum_count, rows, row_count, sums);
}

void twin_dense(
    int32_t level, const TwinPanels *panels, const float *bias, int32_t bend, const float *rows,
    int64_t row_count, int64_t column_count, float *out) {
    loops(level)->dense(panels, bias, bend, rows, row_count, column_count, out);
}

void twin_map(int32_t level, int32_t map, const float *values, int64_t count, float *out) {
    loops(level)->map(map, values, count, out);
}

TwinExtremes twin_solver_move(
    int32_t level, TwinStretch stretch, double *gradient, const double *up, const double *low,
    const float *store, int64_t first_row, int64_t second_row, double first_step,
    double second_step) {
    const float *columns = store + stretch.column;
    TwinExtremes found = loops(level)->solver_move(
        gradient + stretch.start, up + stretch.start, low + stretch.start, columns + first_row,
        columns + second_row, first_step, second_step, stretch.count);
    if (found.up.place >= 0) found.up.place += stretch.start;
    if (found.low.place >= 0) found.low.place += stretch.start;
    return found;
}

TwinHighest twin_solver_partner(
    int32_t level, TwinStretch stretch, const double *gradient, const double *low,
    const float *store, int64_t row, const double *diagonal, double top, double own) {
    TwinHighest found = loops(level)->solver_partner(
        gradient + stretch.start, low + stretch.start, store + stretch.column + row,
        diagonal + stretch.column, top, own, stretch.count);
    if (found.place >= 0) found.place += stretch.start;
    return found;
}
