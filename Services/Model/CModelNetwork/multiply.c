#include "CModelNetwork.h"

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

enum { LANES = TWIN_NETWORK_LANES, ROWS_MAX = 8, WIDTH_MAX = 2 };

/// A stretch of a row; where the processor has no such vectors the compiler makes them of smaller.
typedef float Lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

typedef struct {
    const float *left;
    int64_t left_row;
    int64_t left_step;
    const float *right;
    int32_t steps;
    int32_t columns;
    float *product;
} Product;

/// One tile of the product, `tall` rows of `wide` stretches, held in registers.
INLINE void tile(const Product *p, int32_t row, int32_t column, int tall, int wide) {
    Lanes sums[ROWS_MAX][WIDTH_MAX];
#pragma clang loop unroll(full)
    for (int r = 0; r < tall; r++)
#pragma clang loop unroll(full)
        for (int w = 0; w < wide; w++) sums[r][w] = (Lanes){0};
    const float *left = p->left + row * p->left_row;
    const float *right = p->right + column;
    for (int32_t s = 0; s < p->steps; s++) {
        Lanes stretch[WIDTH_MAX];
#pragma clang loop unroll(full)
        for (int w = 0; w < wide; w++) stretch[w] = *(const Lanes *)(right + w * LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < tall; r++) {
            Lanes factor = (Lanes){0} + left[r * p->left_row];
#pragma clang loop unroll(full)
            for (int w = 0; w < wide; w++)
                sums[r][w] = __builtin_elementwise_fma(factor, stretch[w], sums[r][w]);
        }
        left += p->left_step;
        right += p->columns;
    }
    float *product = p->product + (int64_t)row * p->columns + column;
#pragma clang loop unroll(full)
    for (int r = 0; r < tall; r++)
#pragma clang loop unroll(full)
        for (int w = 0; w < wide; w++)
            *(Lanes *)(product + (int64_t)r * p->columns + w * LANES) = sums[r][w];
}

/// All rows of some columns, so that these stay in the cache.
INLINE void panel(const Product *p, int32_t rows, int32_t column, int tall, int wide) {
    int32_t row = 0;
    for (; row + tall <= rows; row += tall) tile(p, row, column, tall, wide);
    for (; row < rows; row++) tile(p, row, column, 1, wide);
}

INLINE void multiply(const Product *p, int32_t rows, int tall, int wide) {
    int32_t column = 0;
    for (; column + wide * LANES <= p->columns; column += wide * LANES)
        panel(p, rows, column, tall, wide);
    for (; column < p->columns; column += LANES) panel(p, rows, column, tall, 1);
}

static void multiply_plain(const Product *p, int32_t rows) { multiply(p, rows, 4, 1); }

#ifdef __x86_64__
__attribute__((target("avx2,fma"))) static void multiply_256(const Product *p, int32_t rows) {
    multiply(p, rows, 6, 1);
}

__attribute__((target("avx512f,avx512vl,avx2,fma"))) static void multiply_512(
    const Product *p, int32_t rows) {
    multiply(p, rows, 8, 2);
}
#endif

int32_t twin_network_path(void) {
#ifdef __x86_64__
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") ? 2 : 1;
#else
    return 0;
#endif
}

void twin_network_multiply(
    const float *left, int64_t left_row, int64_t left_step, const float *right, int32_t rows,
    int32_t steps, int32_t columns, float *product, int32_t path) {
    Product p = {left, left_row, left_step, right, steps, columns, product};
#ifdef __x86_64__
    if (path == 2) {
        multiply_512(&p, rows);
        return;
    }
    if (path == 1) {
        multiply_256(&p, rows);
        return;
    }
#endif
    multiply_plain(&p, rows);
}

void twin_network_transpose(
    const float *matrix, int32_t rows, int32_t columns, int32_t row_stride, float *transposed,
    int32_t out_columns) {
    for (int32_t c = 0; c < columns; c++)
        for (int32_t r = 0; r < out_columns; r++)
            transposed[(int64_t)c * out_columns + r] =
                r < rows ? matrix[(int64_t)r * row_stride + c] : 0;
}
