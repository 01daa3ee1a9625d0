import CFeatureImaging

/// Shape, and how intensities lie in it.
struct Morphology {
    let region: Region
    /// The mean intensity inside.
    let mean: Double

    private struct Moments {
        let count: Double
        let centre: SIMD3<Double>
        /// The centre, each voxel weighing as much as its intensity.
        let heavyCentre: SIMD3<Double>
        let spread: SymmetricMatrix

        init(_ mask: [UInt8], _ region: Region) {
            var sums = [Double](repeating: 0, count: 14)
            unsafe mask.withUnsafeBufferPointer { mask in
                unsafe region.values.withUnsafeBufferPointer { values in
                    unsafe sums.withUnsafeMutableBufferPointer { sums in
                        unsafe twin_shape_moments(
                            mask.baseAddress, values.baseAddress, region.box, sums.baseAddress)
                    }
                }
            }
            let s = region.spacingMm
            count = sums[0]
            let middle = SIMD3(sums[1], sums[2], sums[3]) / sums[0]
            centre = middle * s
            heavyCentre = SIMD3(sums[11], sums[12], sums[13]) / sums[10] * s
            // As of a sample: its one voxel has no spread.
            let rest = max(1, count - 1)
            func spread(_ sum: Double, _ a: Double, _ b: Double, _ scale: Double) -> Double {
                (sum - a * b * sums[0]) / rest * scale
            }
            self.spread = SymmetricMatrix(
                xx: spread(sums[4], middle.x, middle.x, s.x * s.x),
                xy: spread(sums[5], middle.x, middle.y, s.x * s.y),
                xz: spread(sums[6], middle.x, middle.z, s.x * s.z),
                yy: spread(sums[7], middle.y, middle.y, s.y * s.y),
                yz: spread(sums[8], middle.y, middle.z, s.y * s.z),
                zz: spread(sums[9], middle.z, middle.z, s.z * s.z))
        }
    }

    /// In the order of the names.
    func values() -> [Double?] {
        let (area, volume) = surface()
        let shape = Moments(region.shape, region)
        let inside = Moments(region.inside, region)
        let axes = shape.spread.eigenvalues().map { 4 * max(0, $0).squareRoot() }
        let hull = ConvexHull(region.shape, region.box, spacingMm: region.spacingMm)
        let sides =
            SIMD3(
                Double(region.box.x - 2), Double(region.box.y - 2), Double(region.box.z - 2))
            * region.spacingMm
        let ellipsoid = densities(area, volume, halfAxes: axes.map { $0 / 2 })
        let compact = 36 * Double.pi * volume * volume
        let (moran, geary) = spatial()
        return [
            volume, shape.count * region.voxelMm3, area, area / volume,
            volume / (Double.pi.squareRoot() * twin_image_power(area, 1.5)),
            compact / (area * area * area), area / twin_image_power(compact, 1.0 / 3),
            twin_image_power(compact, 1.0 / 3) / area,
            twin_image_power(area * area * area / compact, 1.0 / 3) - 1,
            (shape.centre - inside.heavyCentre).length, hull?.diameter, axes[0], axes[1], axes[2],
            axes[0] > 0 ? (axes[1] / axes[0]) : nil, axes[0] > 0 ? (axes[2] / axes[0]) : nil,
        ] + densities(area, volume, sides) + densities(area, volume, hull?.leastBox())
            + ellipsoid + densities(area, volume, halfAxes: hull?.leastEllipsoid() ?? [0, 0, 0])
            + [
                hull.map { volume / $0.volume }, hull.map { area / $0.area }, mean * volume, moran,
                geary,
            ]
    }

    private func surface() -> (area: Double, volume: Double) {
        var counts = [Int64](repeating: 0, count: 256)
        var sums = [Int64](repeating: 0, count: 768)
        unsafe region.shape.withUnsafeBufferPointer { shape in
            unsafe counts.withUnsafeMutableBufferPointer { counts in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe twin_shape_cells(
                        shape.baseAddress, region.box, counts.baseAddress, sums.baseAddress)
                }
            }
        }
        var area = 0.0
        var volume = 0.0
        for (index, cell) in SurfaceCells(spacingMm: region.spacingMm).cells.enumerated() {
            let origins =
                SIMD3(
                    Double(sums[3 * index]), Double(sums[3 * index + 1]),
                    Double(sums[3 * index + 2]))
                * region.spacingMm
            area += Double(counts[index]) * cell.area
            volume +=
                Double(counts[index]) * cell.volume + (origins * cell.normal).sum() / 3
        }
        return (area, abs(volume))
    }

    private func densities(_ area: Double, _ volume: Double, _ sides: SIMD3<Double>?) -> [Double?] {
        guard let sides else { return [nil, nil] }
        return [
            volume / (sides.x * sides.y * sides.z),
            area / (2 * (sides.x * sides.y + sides.y * sides.z + sides.z * sides.x)),
        ]
    }

    /// Against an ellipsoid; nil where it is flat.
    private func densities(_ area: Double, _ volume: Double, halfAxes: [Double]) -> [Double?] {
        let (a, b, c) = (halfAxes[0], halfAxes[1], halfAxes[2])
        guard c > 0, a.isFinite else { return [nil, nil] }
        let alpha = max(0, 1 - b * b / (a * a)).squareRoot()
        let beta = max(0, 1 - c * c / (a * a)).squareRoot()
        // Legendre's polynomials at (alpha² + beta²) / 2 alpha beta; times (alpha beta)^n, so that
        // a sphere needs no case of its own.
        let product = alpha * beta
        let middle = (alpha * alpha + beta * beta) / 2
        var before = 1.0
        var own = middle
        var sum = 1.0 + own / (1 - 4)
        for order in 2...20 {
            let n = Double(order)
            let next = ((2 * n - 1) * middle * own - (n - 1) * product * product * before) / n
            (before, own) = (own, next)
            sum += own / (1 - 4 * n * n)
        }
        return [volume / (4 / 3.0 * Double.pi * a * b * c), area / (4 * Double.pi * a * b * sum)]
    }

    /// Moran's I and Geary's C over all pairs of voxels.
    private func spatial() -> (Double?, Double?) {
        var sums = [0.0, 0, 0]
        var isDone = false
        unsafe region.values.withUnsafeBufferPointer { values in
            unsafe region.inside.withUnsafeBufferPointer { inside in
                unsafe region.spacing.withUnsafeBufferPointer { spacing in
                    unsafe sums.withUnsafeMutableBufferPointer { sums in
                        isDone =
                            unsafe twin_values_pair_sums(
                                values.baseAddress, mean, inside.baseAddress, region.box,
                                spacing.baseAddress, sums.baseAddress) != 0
                    }
                }
            }
        }
        var squares = 0.0
        for index in region.inside.indices where region.inside[index] != 0 {
            let away = Double(region.values[index]) - mean
            squares += away * away
        }
        let count = Double(region.insideCount)
        guard isDone, squares > 0, count > 1 else { return (nil, nil) }
        return (
            count / sums[0] * sums[1] / squares,
            (count - 1) / (2 * sums[0]) * (2 * sums[2] - 2 * sums[1]) / squares
        )
    }
}
