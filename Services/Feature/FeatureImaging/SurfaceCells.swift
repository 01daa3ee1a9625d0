/// The surface of a cell of eight voxels, for each of the 256 ways in which they may lie inside.
///
/// A surface's corners are in the middle of the edges that lead from inside to outside. On each
/// face of a cell the corners are joined so that each outside voxel is cut off by itself; both cells
/// at a face see the same, so that the surface has no hole.
struct SurfaceCells {
    struct Cell {
        var area = 0.0
        /// The sum of the triangles' normals, as long as their areas.
        var normal = SIMD3<Double>.zero
        /// What the triangles add to the volume, seen from the cell's first voxel.
        var volume = 0.0
    }

    let cells: [Cell]

    init(spacingMm: SIMD3<Double>) {
        cells = SurfaceCells.triangles.map { triangles in
            triangles.reduce(into: Cell()) { cell, triangle in
                let normal = SurfaceCells.normal(triangle, spacingMm)
                cell.area += normal.length
                cell.normal += normal
                cell.volume += (SurfaceCells.middles[triangle.a] * spacingMm * normal).sum() / 3
            }
        }
    }

    /// Three edges of a cell, whose middles are the corners of a triangle.
    private struct Triangle {
        var a, b, c: Int
    }

    /// The triangles of each cell.
    ///
    /// Of the ways to fill a loop that is not flat, each is right; as in Lewiner's tables, which
    /// most others use, it is the one with the greatest area.
    private static let triangles: [[Triangle]] = (0..<256).map { code in
        loops(code).flatMap { loop in
            triangulations(loop[...]).max { area($0) < area($1) - 1e-9 } ?? []
        }
    }

    private static func area(_ triangles: [Triangle]) -> Double {
        triangles.reduce(0) { $0 + normal($1, .one).length }
    }

    private static func normal(_ triangle: Triangle, _ scale: SIMD3<Double>) -> SIMD3<Double> {
        let a = middles[triangle.a]
        return ((middles[triangle.b] - a) * scale).cross((middles[triangle.c] - a) * scale) / 2
    }

    /// Every way to fill a loop of edges: the last side belongs to one triangle, which parts the
    /// rest in two.
    private static func triangulations(_ loop: ArraySlice<Int>) -> [[Triangle]] {
        guard loop.count >= 3, let first = loop.first, let last = loop.last else { return [[]] }
        return (loop.startIndex + 1..<loop.endIndex - 1).flatMap { tip in
            triangulations(loop[loop.startIndex...tip]).flatMap { before in
                triangulations(loop[tip...]).map { behind in
                    before + behind + [Triangle(a: first, b: loop[tip], c: last)]
                }
            }
        }
    }

    /// Edges as pairs of voxels; voxel number x + 2y + 4z.
    private static let edges: [(Int, Int)] = (0..<3).flatMap { axis in
        (0..<8).filter { $0 & (1 << axis) == 0 }.map { ($0, $0 | (1 << axis)) }
    }

    private static let middles: [SIMD3<Double>] = edges.map { edge in
        func place(_ corner: Int) -> SIMD3<Double> {
            .init(Double(corner & 1), Double(corner >> 1 & 1), Double(corner >> 2 & 1))
        }
        return (place(edge.0) + place(edge.1)) / 2
    }

    /// The corners of each face, counter-clockwise as seen from outside.
    private static let faces = [
        [0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6],
    ]

    private static func edge(_ a: Int, _ b: Int) -> Int {
        edges.firstIndex { $0.0 == min(a, b) && $0.1 == max(a, b) } ?? 0
    }

    /// The closed ways around the surface of a cell, edge after edge.
    private static func loops(_ code: Int) -> [[Int]] {
        var next: [Int: Int] = [:]
        for face in faces {
            func isInside(_ index: Int) -> Bool { code >> face[index & 3] & 1 == 1 }
            for index in 0..<4 where isInside(index) && !isInside(index + 1) {
                // From where inside ends to where it begins again.
                var begin = index + 2
                while !isInside(begin) { begin += 1 }
                let end = edge(face[index], face[(index + 1) & 3])
                next[end] = edge(face[(begin - 1) & 3], face[begin & 3])
            }
        }
        var loops: [[Int]] = []
        for start in next.keys.sorted() where next[start] != nil {
            var loop: [Int] = []
            var place = start
            while let after = next.removeValue(forKey: place) {
                loop.append(place)
                place = after
            }
            loops.append(loop)
        }
        return loops
    }
}

extension SIMD3<Double> {
    var length: Double { (self * self).sum().squareRoot() }

    func cross(_ other: SIMD3<Double>) -> SIMD3<Double> {
        .init(
            y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
    }
}
