import CFeatureImaging

/// The least convex body around the surface of a region.
struct ConvexHull {
    /// Its corners, in millimetres.
    let corners: [SIMD3<Double>]
    let triangles: [(Int, Int, Int)]

    /// Nil where there is no memory for it.
    init?(_ shape: [UInt8], _ box: TwinBox, spacingMm: SIMD3<Double>) {
        let candidates = ConvexHull.candidates(shape, box)
        let count = candidates.count / 3
        var triangles: [Int32] = []
        triangles = unsafe [Int32](unsafeUninitializedCapacity: 6 * count + 12) { out, made in
            let found = unsafe candidates.withUnsafeBufferPointer {
                unsafe twin_shape_hull($0.baseAddress, Int64(count), out.baseAddress)
            }
            made = found < 0 ? 0 : 3 * Int(found)
        }
        guard !triangles.isEmpty else { return nil }
        var number = [Int](repeating: -1, count: count)
        var corners: [SIMD3<Double>] = []
        func corner(_ point: Int32) -> Int {
            let point = Int(point)
            if number[point] < 0 {
                number[point] = corners.count
                let place = SIMD3(
                    Double(candidates[3 * point]), Double(candidates[3 * point + 1]),
                    Double(candidates[3 * point + 2]))
                corners.append(place * spacingMm / 2)
            }
            return number[point]
        }
        self.triangles = stride(from: 0, to: triangles.count, by: 3).map { index in
            (
                corner(triangles[index]), corner(triangles[index + 1]),
                corner(triangles[index + 2])
            )
        }
        self.corners = corners
    }

    private static func candidates(_ shape: [UInt8], _ box: TwinBox) -> [Int32] {
        let room = 3 * 8 * Int(box.y * box.z)
        return unsafe [Int32](unsafeUninitializedCapacity: room) { points, made in
            var scratch = [Int32](repeating: 0, count: 16 * Int(box.y))
            unsafe shape.withUnsafeBufferPointer { shape in
                unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                    made =
                        3
                        * Int(
                            unsafe twin_shape_corners(
                                shape.baseAddress, box, points.baseAddress, scratch.baseAddress))
                }
            }
        }
    }

    private func normal(_ triangle: (Int, Int, Int)) -> SIMD3<Double> {
        let a = corners[triangle.0]
        return (corners[triangle.1] - a).cross(corners[triangle.2] - a) / 2
    }

    var area: Double { triangles.reduce(0) { $0 + normal($1).length } }

    var volume: Double {
        abs(triangles.reduce(0) { $0 + (corners[$1.0] * normal($1)).sum() / 3 })
    }

    private var flat: [Double] { corners.flatMap { [$0.x, $0.y, $0.z] } }

    var diameter: Double {
        unsafe flat.withUnsafeBufferPointer {
            unsafe twin_shape_diameter($0.baseAddress, Int64(corners.count))
        }
    }

    /// The sides of the least box that has a side along a face of the hull; of many faces, the
    /// largest are tried, and those along the axes.
    func leastBox() -> SIMD3<Double> {
        let facesMax = 512
        var seen: Set<SIMD3<Int>> = []
        var normals: [SIMD3<Double>] = [.init(1, 0, 0), .init(0, 1, 0), .init(0, 0, 1)]
        for face in triangles.map(normal).sorted(by: { $0.length > $1.length }) {
            guard normals.count < facesMax else { break }
            let unit = face / face.length
            let key = SIMD3(
                Int((unit.x * 1e6).rounded()), Int((unit.y * 1e6).rounded()),
                Int((unit.z * 1e6).rounded()))
            guard seen.insert(key).inserted else { continue }
            seen.insert(0 &- key)
            normals.append(unit)
        }
        var sides = [0.0, 0, 0]
        var scratch = [Double](repeating: 0, count: 6 * corners.count + 8)
        let flatNormals = normals.flatMap { [$0.x, $0.y, $0.z] }
        unsafe flat.withUnsafeBufferPointer { points in
            unsafe flatNormals.withUnsafeBufferPointer { normals in
                unsafe sides.withUnsafeMutableBufferPointer { sides in
                    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                        _ = unsafe twin_shape_least_box(
                            points.baseAddress, Int64(corners.count), normals.baseAddress,
                            Int64(normals.count / 3), sides.baseAddress, scratch.baseAddress)
                    }
                }
            }
        }
        return .init(sides[0], sides[1], sides[2])
    }

    /// The half axes of the least ellipsoid around the hull, to a thousandth.
    func leastEllipsoid() -> [Double] {
        var weights = [Double](repeating: 0, count: corners.count)
        var matrix = [Double](repeating: 0, count: 6)
        unsafe flat.withUnsafeBufferPointer { points in
            unsafe weights.withUnsafeMutableBufferPointer { weights in
                unsafe matrix.withUnsafeMutableBufferPointer { matrix in
                    unsafe twin_shape_ellipsoid(
                        points.baseAddress, Int64(corners.count), 1e-3, 2000, weights.baseAddress,
                        matrix.baseAddress)
                }
            }
        }
        return SymmetricMatrix(
            xx: matrix[0], xy: matrix[1], xz: matrix[2], yy: matrix[3], yz: matrix[4],
            zz: matrix[5]
        ).eigenvalues().map { 1 / $0.squareRoot() }.sorted(by: >)
    }
}
