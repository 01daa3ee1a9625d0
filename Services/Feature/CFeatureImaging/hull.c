#include "CFeatureImaging.h"

#include <stdlib.h>

// The convex hull of points with whole coordinates (at most 2^16 apart), exact: a face is seen from
// a point only where the point lies strictly before it, so that no face is ever without area.

typedef struct {
    int32_t corners[3];
    /// The face across the edge from corner i to corner i + 1.
    int32_t across[3];
    int64_t normal[3], offset;
    /// The points that see the face, as a list; -1 ends it.
    int32_t first;
    int32_t is_gone, is_seen;
} Face;

typedef struct {
    const int32_t *points;
    Face *faces;
    int64_t count, capacity;
    int32_t *next;
    /// The new face whose edge begins at a point.
    int32_t *begins;
    int32_t *seen, *stack;
    int64_t seen_count, stack_capacity;
} Hull;

static int64_t height(const Hull *hull, const Face *face, int32_t point) {
    const int32_t *p = hull->points + 3 * (int64_t)point;
    return face->normal[0] * p[0] + face->normal[1] * p[1] + face->normal[2] * p[2]
        - face->offset;
}

static int32_t add_face(Hull *hull, int32_t a, int32_t b, int32_t c) {
    if (hull->count == hull->capacity) {
        int64_t capacity = hull->capacity * 2;
        Face *faces = realloc(hull->faces, sizeof *faces * (size_t)capacity);
        if (!faces) return -1;
        hull->faces = faces;
        hull->capacity = capacity;
    }
    const int32_t *p = hull->points + 3 * (int64_t)a, *q = hull->points + 3 * (int64_t)b;
    const int32_t *r = hull->points + 3 * (int64_t)c;
    int64_t u[3], v[3];
    for (int axis = 0; axis < 3; axis++) {
        u[axis] = q[axis] - p[axis];
        v[axis] = r[axis] - p[axis];
    }
    Face *face = hull->faces + hull->count;
    *face = (Face){.corners = {a, b, c}, .across = {-1, -1, -1}, .first = -1};
    for (int axis = 0; axis < 3; axis++) {
        int next = (axis + 1) % 3, last = (axis + 2) % 3;
        face->normal[axis] = u[next] * v[last] - u[last] * v[next];
        face->offset += face->normal[axis] * p[axis];
    }
    return (int32_t)hull->count++;
}

/// Gives a point to the first of the faces that it sees.
static void give(Hull *hull, int32_t point, int64_t first_face) {
    for (int64_t index = first_face; index < hull->count; index++) {
        Face *face = hull->faces + index;
        if (height(hull, face, point) <= 0) continue;
        hull->next[point] = face->first;
        face->first = point;
        return;
    }
}

/// Marks the faces that a point sees, from one of them on. 0 where there is no memory.
static int look(Hull *hull, int32_t start, int32_t point) {
    hull->seen_count = 0;
    hull->seen[hull->seen_count++] = start;
    hull->faces[start].is_seen = 1;
    for (int64_t index = 0; index < hull->seen_count; index++) {
        if (hull->seen_count + 3 > hull->stack_capacity) {
            int64_t capacity = hull->stack_capacity * 2;
            int32_t *seen = realloc(hull->seen, sizeof *seen * (size_t)capacity);
            if (!seen) return 0;
            hull->seen = seen;
            hull->stack_capacity = capacity;
        }
        for (int edge = 0; edge < 3; edge++) {
            int32_t other = hull->faces[hull->seen[index]].across[edge];
            Face *face = hull->faces + other;
            if (face->is_seen || height(hull, face, point) <= 0) continue;
            face->is_seen = 1;
            hull->seen[hull->seen_count++] = other;
        }
    }
    return 1;
}

/// Puts a cone from the point to the edge of what it sees. Returns its first face, -1 for none.
static int64_t cover(Hull *hull, int32_t point) {
    int64_t first = hull->count;
    for (int64_t index = 0; index < hull->seen_count; index++) {
        int32_t gone = hull->seen[index];
        for (int edge = 0; edge < 3; edge++) {
            int32_t other = hull->faces[gone].across[edge];
            if (hull->faces[other].is_seen) continue;
            int32_t a = hull->faces[gone].corners[edge];
            int32_t b = hull->faces[gone].corners[(edge + 1) % 3];
            int32_t made = add_face(hull, a, b, point);
            if (made < 0) return -1;
            hull->begins[a] = made;
            hull->faces[made].across[0] = other;
            Face *outer = hull->faces + other;
            for (int side = 0; side < 3; side++)
                if (outer->corners[side] == b && outer->corners[(side + 1) % 3] == a)
                    outer->across[side] = made;
        }
    }
    for (int64_t index = first; index < hull->count; index++) {
        int32_t next = hull->begins[hull->faces[index].corners[1]];
        hull->faces[index].across[1] = next;
        hull->faces[next].across[2] = (int32_t)index;
    }
    return first;
}

static int32_t farthest(const Hull *hull, const Face *face) {
    int32_t best = face->first;
    int64_t most = 0;
    for (int32_t point = face->first; point >= 0; point = hull->next[point]) {
        int64_t own = height(hull, face, point);
        if (own <= most) continue;
        most = own;
        best = point;
    }
    return best;
}

/// Four points that do not lie in one plane, their faces looking outwards. 0 for none.
static int begin(Hull *hull, int64_t count) {
    int32_t a = 0, b = 0, c = -1, d = -1;
    for (int32_t point = 1; point < count; point++) {
        if (hull->points[3 * (int64_t)point] < hull->points[3 * (int64_t)a]) a = point;
        if (hull->points[3 * (int64_t)point] > hull->points[3 * (int64_t)b]) b = point;
    }
    if (a == b) return 0;
    for (int32_t point = 0; point < count && d < 0; point++) {
        if (c < 0) {
            hull->count = 0;
            add_face(hull, a, b, point);
            int64_t *normal = hull->faces[0].normal;
            if (normal[0] || normal[1] || normal[2]) c = point;
            if (c >= 0) point = -1;
        } else if (height(hull, hull->faces, point) != 0) {
            d = point;
        }
    }
    if (d < 0) return 0;
    if (height(hull, hull->faces, d) > 0) {
        int32_t swap = b;
        b = c;
        c = swap;
    }
    hull->count = 0;
    add_face(hull, a, b, c);
    add_face(hull, a, d, b);
    add_face(hull, b, d, c);
    add_face(hull, c, d, a);
    static const int32_t across[4][3] = {{1, 2, 3}, {3, 2, 0}, {1, 3, 0}, {2, 1, 0}};
    for (int face = 0; face < 4; face++)
        for (int edge = 0; edge < 3; edge++) hull->faces[face].across[edge] = across[face][edge];
    return 1;
}

static int grow(Hull *hull, int64_t count) {
    for (int32_t point = 0; point < count; point++) give(hull, point, 0);
    for (int64_t index = 0; index < hull->count; index++) {
        if (hull->faces[index].is_gone || hull->faces[index].first < 0) continue;
        int32_t point = farthest(hull, hull->faces + index);
        if (!look(hull, (int32_t)index, point)) return 0;
        int64_t first = cover(hull, point);
        if (first < 0) return 0;
        for (int64_t seen = 0; seen < hull->seen_count; seen++) {
            Face *face = hull->faces + hull->seen[seen];
            face->is_gone = 1;
            for (int32_t left = face->first; left >= 0;) {
                int32_t next = hull->next[left];
                if (left != point) give(hull, left, first);
                left = next;
            }
            face->first = -1;
        }
    }
    return 1;
}

int64_t twin_shape_hull(const int32_t *points, int64_t count, int32_t *triangles) {
    Hull hull = {.points = points, .capacity = 256, .stack_capacity = 256};
    hull.faces = malloc(sizeof *hull.faces * (size_t)hull.capacity);
    hull.next = malloc(sizeof *hull.next * (size_t)(count + 1));
    hull.begins = malloc(sizeof *hull.begins * (size_t)(count + 1));
    hull.seen = malloc(sizeof *hull.seen * (size_t)hull.stack_capacity);
    int64_t made = -1;
    if (hull.faces && hull.next && hull.begins && hull.seen && begin(&hull, count)
        && grow(&hull, count)) {
        made = 0;
        for (int64_t index = 0; index < hull.count; index++) {
            if (hull.faces[index].is_gone) continue;
            for (int corner = 0; corner < 3; corner++)
                triangles[3 * made + corner] = hull.faces[index].corners[corner];
            made++;
        }
    }
    free(hull.faces);
    free(hull.next);
    free(hull.begins);
    free(hull.seen);
    return made;
}
