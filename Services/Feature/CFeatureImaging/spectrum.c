#include "spectra.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A weighted sum over all pairs of voxels is a sum over the spectrum: of the weights' spectrum
// times that of the voxels. The box is doubled, so that what lies at its end does not meet what
// lies at its start. Along x everything is transformed at once; then one plane of the spectrum
// after another goes through y and z, which keeps the work in the cache.

static TwinTransform *best_transform(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
        return twin_transform_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return twin_transform_avx2;
#endif
    return twin_transform_plain;
}

/// The least length, made of 2, 3 and 5, that holds a side and its shadow.
static int64_t doubled(int64_t side) {
    if (side == 1) return 1;
    for (int64_t length = 2 * side - 1;; length++) {
        int64_t rest = length;
        while (rest % 2 == 0) rest /= 2;
        while (rest % 3 == 0) rest /= 3;
        while (rest % 5 == 0) rest /= 5;
        if (rest == 1) return length;
    }
}

static int make_plan(TwinPlan *plan, int64_t length) {
    static const int radices[4] = {4, 2, 3, 5};
    *plan = (TwinPlan){.length = length};
    int64_t rest = length;
    for (int index = 0; index < 4; index++)
        for (; rest % radices[index] == 0; rest /= radices[index])
            plan->radices[plan->radix_count++] = radices[index];
    plan->cosines = malloc(sizeof(double) * (size_t)length);
    plan->sines = malloc(sizeof(double) * (size_t)length);
    if (!plan->cosines || !plan->sines) return 0;
    for (int64_t index = 0; index < length; index++) {
        double angle = -2 * 3.14159265358979323846 * (double)index / (double)length;
        plan->cosines[index] = cos(angle);
        plan->sines[index] = sin(angle);
    }
    return 1;
}

/// What is kept of each plane of the spectrum after x, one number a line: the deviations, the mask
/// and the squares, each a real and an imaginary part, and the weights, which are real.
enum { DEVIATION, MASK = 2, SQUARE = 4, WEIGHT = 6, FIELD_COUNT = 7 };

typedef struct {
    const float *values;
    const uint8_t *mask;
    const double *spacing;
    double mean;
    TwinBox sides;
    TwinPlan plans[3];
    TwinTransform *transform;
    /// Lines, rounded up to whole groups.
    int64_t line_count;
    float *store;
    int64_t store_first, store_end;
    double *data, *work;
    /// The plane after y: three fields, complex, and the weights; `width` numbers a row.
    double *plane, *weights;
    int64_t width;
    double sums[3];
} Spectrum;

/// Fills the places of eight lines with two real fields: deviations and mask, or squares and
/// weights.
static void fill_lines(Spectrum *job, int64_t first, int with_weights) {
    TwinBox sides = job->sides;
    int64_t length = job->plans[0].length;
    memset(job->data, 0, sizeof(double) * (size_t)(TWIN_PLACE * length));
    for (int lane = 0; lane < TWIN_SPECTRA; lane++) {
        int64_t line = first + lane;
        if (line >= sides.y * sides.z) break;
        // Lines lie z first, so that a plane after x has z in its rows.
        int64_t y = line / sides.z, z = line % sides.z;
        int64_t start = sides.x * (y + sides.y * z);
        double across = (double)(y * y) * job->spacing[1] * job->spacing[1]
            + (double)(z * z) * job->spacing[2] * job->spacing[2];
        for (int64_t x = 0; x < sides.x; x++) {
            double *place = job->data + TWIN_PLACE * x + lane;
            int is_inside = job->mask[start + x];
            double away = is_inside ? job->values[start + x] - job->mean : 0;
            place[0] = with_weights ? away * away : away;
            place[TWIN_SPECTRA] = is_inside;
            if (!with_weights) continue;
            double along = (double)x * job->spacing[0], square = along * along + across;
            double weight = square > 0 ? 1 / sqrt(square) : 0;
            place[TWIN_SPECTRA] = weight;
            if (x) job->data[TWIN_PLACE * (length - x) + lane + TWIN_SPECTRA] = weight;
        }
    }
}

/// Takes two real fields' spectra apart, and keeps them for the planes that are wanted.
static void keep_lines(Spectrum *job, int64_t first, int with_weights, const double *spectrum) {
    int64_t length = job->plans[0].length;
    for (int64_t plane = job->store_first; plane < job->store_end; plane++) {
        const double *here = spectrum + TWIN_PLACE * plane;
        const double *there = spectrum + TWIN_PLACE * (plane ? length - plane : 0);
        float *out = job->store + FIELD_COUNT * job->line_count * (plane - job->store_first) + first;
        for (int lane = 0; lane < TWIN_SPECTRA; lane++) {
            double re = here[lane], im = here[lane + TWIN_SPECTRA];
            double other_re = there[lane], other_im = there[lane + TWIN_SPECTRA];
            float parts[4] = {
                (float)((re + other_re) / 2), (float)((im - other_im) / 2),
                (float)((im + other_im) / 2), (float)((other_re - re) / 2)};
            if (with_weights) {
                out[lane + SQUARE * job->line_count] = parts[0];
                out[lane + (SQUARE + 1) * job->line_count] = parts[1];
                out[lane + WEIGHT * job->line_count] = parts[2];
            } else {
                for (int field = 0; field < 4; field++)
                    out[lane + field * job->line_count] = parts[field];
            }
        }
    }
}

static void go_along_x(Spectrum *job) {
    for (int64_t first = 0; first < job->line_count; first += TWIN_SPECTRA) {
        for (int with_weights = 0; with_weights < 2; with_weights++) {
            fill_lines(job, first, with_weights);
            const double *spectrum = job->transform(job->plans, job->data, job->work);
            keep_lines(job, first, with_weights, spectrum);
        }
    }
}

/// Transforms one field of a plane along y, eight columns at once.
static void field_along_y(Spectrum *job, const float *re, const float *im, double *out) {
    TwinBox sides = job->sides;
    const TwinPlan *plan = job->plans + 1;
    for (int64_t z = 0; z < sides.z; z += TWIN_SPECTRA) {
        int64_t lanes = sides.z - z < TWIN_SPECTRA ? sides.z - z : TWIN_SPECTRA;
        memset(job->data, 0, sizeof(double) * (size_t)(TWIN_PLACE * plan->length));
        for (int64_t y = 0; y < sides.y; y++) {
            for (int64_t lane = 0; lane < lanes; lane++) {
                job->data[TWIN_PLACE * y + lane] = re[y * sides.z + z + lane];
                job->data[TWIN_PLACE * y + lane + TWIN_SPECTRA] = im[y * sides.z + z + lane];
            }
        }
        const double *spectrum = job->transform(plan, job->data, job->work);
        for (int64_t y = 0; y < plan->length; y++) {
            double *row = out + 2 * job->width * y + z;
            memcpy(row, spectrum + TWIN_PLACE * y, TWIN_SPECTRA * sizeof *row);
            memcpy(
                row + job->width, spectrum + TWIN_PLACE * y + TWIN_SPECTRA,
                TWIN_SPECTRA * sizeof *row);
        }
    }
}

/// Transforms the weights along y, where they are even: sixteen columns at once.
static void weights_along_y(Spectrum *job, const float *weights) {
    TwinBox sides = job->sides;
    const TwinPlan *plan = job->plans + 1;
    for (int64_t z = 0; z < sides.z; z += TWIN_PLACE) {
        int64_t lanes = sides.z - z < TWIN_PLACE ? sides.z - z : TWIN_PLACE;
        memset(job->data, 0, sizeof(double) * (size_t)(TWIN_PLACE * plan->length));
        for (int64_t y = 0; y < sides.y; y++) {
            double *place = job->data + TWIN_PLACE * y;
            for (int64_t lane = 0; lane < lanes; lane++)
                place[lane] = weights[y * sides.z + z + lane];
            if (y)
                memcpy(
                    job->data + TWIN_PLACE * (plan->length - y), place,
                    TWIN_PLACE * sizeof *place);
        }
        const double *spectrum = job->transform(plan, job->data, job->work);
        for (int64_t y = 0; y <= plan->length / 2; y++)
            memcpy(
                job->weights + job->width * y + z, spectrum + TWIN_PLACE * y,
                TWIN_PLACE * sizeof *spectrum);
    }
}

/// The weights' spectrum of sixteen rows of a plane, one row a lane.
static void weights_along_z(Spectrum *job, int64_t first, double *out) {
    const TwinPlan *plan = job->plans + 2;
    int64_t rows = job->plans[1].length;
    memset(job->data, 0, sizeof(double) * (size_t)(TWIN_PLACE * plan->length));
    for (int64_t lane = 0; lane < TWIN_PLACE && first + lane < rows; lane++) {
        int64_t row = first + lane > rows / 2 ? rows - first - lane : first + lane;
        const double *weights = job->weights + job->width * row;
        for (int64_t z = 0; z < job->sides.z; z++) {
            job->data[TWIN_PLACE * z + lane] = weights[z];
            if (z) job->data[TWIN_PLACE * (plan->length - z) + lane] = weights[z];
        }
    }
    const double *spectrum = job->transform(plan, job->data, job->work);
    memcpy(out, spectrum, sizeof(double) * (size_t)(TWIN_PLACE * plan->length));
}

static void field_along_z(Spectrum *job, const double *field, int64_t first, double *out) {
    const TwinPlan *plan = job->plans + 2;
    int64_t rows = job->plans[1].length;
    memset(job->data, 0, sizeof(double) * (size_t)(TWIN_PLACE * plan->length));
    for (int64_t lane = 0; lane < TWIN_SPECTRA && first + lane < rows; lane++) {
        const double *row = field + 2 * job->width * (first + lane);
        for (int64_t z = 0; z < job->sides.z; z++) {
            job->data[TWIN_PLACE * z + lane] = row[z];
            job->data[TWIN_PLACE * z + lane + TWIN_SPECTRA] = row[z + job->width];
        }
    }
    const double *spectrum = job->transform(plan, job->data, job->work);
    memcpy(out, spectrum, sizeof(double) * (size_t)(TWIN_PLACE * plan->length));
}

static void add_products(
    Spectrum *job, const double *weights, const double *const *fields, double factor) {
    double sums[3] = {0};
    for (int64_t z = 0; z < job->plans[2].length; z++) {
        const double *w = weights + TWIN_PLACE * z;
        const double *a = fields[0] + TWIN_PLACE * z, *m = fields[1] + TWIN_PLACE * z;
        const double *s = fields[2] + TWIN_PLACE * z;
        for (int lane = 0; lane < TWIN_SPECTRA; lane++) {
            int other = lane + TWIN_SPECTRA;
            sums[0] += w[lane] * (m[lane] * m[lane] + m[other] * m[other]);
            sums[1] += w[lane] * (a[lane] * a[lane] + a[other] * a[other]);
            sums[2] += w[lane] * (s[lane] * m[lane] + s[other] * m[other]);
        }
    }
    for (int index = 0; index < 3; index++) job->sums[index] += factor * sums[index];
}

/// Takes one plane of the spectrum through y and z, and adds it up.
static void go_through_plane(Spectrum *job, int64_t plane, double *buffers) {
    int64_t field_size = 2 * job->width * job->plans[1].length;
    int64_t line_size = TWIN_PLACE * job->plans[2].length;
    const float *store = job->store + FIELD_COUNT * job->line_count * (plane - job->store_first);
    for (int field = 0; field < 3; field++)
        field_along_y(
            job, store + 2 * field * job->line_count, store + (2 * field + 1) * job->line_count,
            job->plane + field * field_size);
    weights_along_y(job, store + WEIGHT * job->line_count);
    int is_single = plane == 0 || 2 * plane == job->plans[0].length;
    for (int64_t first = 0; first < job->plans[1].length; first += TWIN_SPECTRA) {
        if (first % TWIN_PLACE == 0) weights_along_z(job, first, buffers);
        const double *fields[3];
        for (int field = 0; field < 3; field++) {
            double *out = buffers + (field + 1) * line_size;
            field_along_z(job, job->plane + field * field_size, first, out);
            fields[field] = out;
        }
        add_products(job, buffers + first % TWIN_PLACE, fields, is_single ? 1 : 2);
    }
}

/// The most bytes that are kept of the spectrum after x; what does not fit is made again.
static const int64_t store_max = 256 << 20;

static int go_through(Spectrum *job) {
    int64_t planes = job->plans[0].length / 2 + 1, rows = job->plans[1].length;
    int64_t longest = 1;
    for (int axis = 0; axis < 3; axis++)
        if (job->plans[axis].length > longest) longest = job->plans[axis].length;
    int64_t plane_bytes = FIELD_COUNT * job->line_count * (int64_t)sizeof(float);
    int64_t batch = store_max / plane_bytes;
    batch = batch < 1 ? 1 : batch > planes ? planes : batch;
    size_t line = sizeof(double) * (size_t)(TWIN_PLACE * longest);
    job->store = malloc((size_t)(batch * plane_bytes));
    job->plane = malloc(sizeof(double) * (size_t)(6 * job->width * rows));
    job->weights = malloc(sizeof(double) * (size_t)(job->width * (rows / 2 + 1)));
    job->data = malloc(line);
    job->work = malloc(line);
    double *buffers = malloc(4 * line);
    int is_done = job->store && job->plane && job->weights && job->data && job->work && buffers;
    for (int64_t first = 0; is_done && first < planes; first += batch) {
        job->store_first = first;
        job->store_end = first + batch < planes ? first + batch : planes;
        go_along_x(job);
        for (int64_t plane = first; plane < job->store_end; plane++)
            go_through_plane(job, plane, buffers);
    }
    free(job->store);
    free(job->plane);
    free(job->weights);
    free(job->data);
    free(job->work);
    free(buffers);
    return is_done;
}

int32_t twin_values_pair_sums(
    const float *values, double mean, const uint8_t *mask, TwinBox sides, const double *spacing,
    double *sums) {
    int64_t lines = sides.y * sides.z;
    Spectrum job = {
        .values = values, .mask = mask, .spacing = spacing, .mean = mean, .sides = sides,
        .transform = best_transform(),
        .line_count = (lines + TWIN_SPECTRA - 1) / TWIN_SPECTRA * TWIN_SPECTRA,
        .width = (sides.z + TWIN_PLACE - 1) / TWIN_PLACE * TWIN_PLACE,
    };
    int is_done = make_plan(job.plans, doubled(sides.x)) & make_plan(job.plans + 1, doubled(sides.y))
        & make_plan(job.plans + 2, doubled(sides.z));
    is_done = is_done && go_through(&job);
    double count = 1;
    for (int axis = 0; axis < 3; axis++) {
        count *= (double)job.plans[axis].length;
        free(job.plans[axis].cosines);
        free(job.plans[axis].sines);
    }
    for (int index = 0; index < 3; index++) sums[index] = job.sums[index] / count;
    return is_done;
}
