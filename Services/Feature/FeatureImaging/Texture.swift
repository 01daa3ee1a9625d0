import CFeatureImaging

/// All features of texture in slices or in space.
struct Texture {
    /// Values of one family and aggregation, in the order of the names.
    typealias Result = (
        family: ImagingFamily, aggregation: ImagingAggregation, values: [Double?]
    )

    let region: Region
    let levels: GreyLevels
    let coarseness: Int

    func results(_ dimension: ImagingConfiguration.Dimension) -> [Result] {
        switch dimension {
        case .slices: pairs(.slices) + runs(.slices) + zones(.slices) + around(.slices)
        case .space: pairs(.space) + runs(.space) + zones(.space) + around(.space)
        }
    }

    /// The slices of the box that have voxels, with how many; all of them at once in space.
    private func slabs(
        _ dimension: ImagingConfiguration.Dimension
    ) -> [(slices: Range<Int>, voxelCount: Double)] {
        guard dimension == .slices else {
            return [(levels.slices, Double(region.insideCount))]
        }
        let perSlice = Int(levels.box.x * levels.box.y)
        return levels.slices.compactMap { slice in
            let start = slice * perSlice
            let count = region.inside[start..<start + perSlice].reduce(0) { $0 + Int($1) }
            return count > 0 ? (slice..<slice + 1, Double(count)) : nil
        }
    }

    /// The mean of what the matrices say; those that say nothing do not count.
    private static func mean(_ all: [[Double?]?]) -> [Double?]? {
        let said = all.compactMap { $0 }
        guard let first = said.first else { return nil }
        return first.indices.map { index in
            let known = said.compactMap { $0[index] }
            return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
        }
    }

    /// The four aggregations in slices, or the two in space, of matrices by slab and direction.
    private func aggregate<Matrix>(
        _ matrices: [[Matrix]], _ dimension: ImagingConfiguration.Dimension,
        _ family: ImagingFamily, merge: (inout Matrix, Matrix) -> Void,
        values: (Matrix) -> [Double?]?
    ) -> [Result] {
        func merged(_ all: [Matrix]) -> Matrix {
            all.dropFirst().reduce(into: all[0], merge)
        }
        let bySlab = matrices.map(merged)
        let byDirection = matrices[0].indices.map { direction in
            merged(matrices.map { $0[direction] })
        }
        let inSlices = dimension == .slices
        var results: [(ImagingAggregation, [Double?]?)] = [
            (
                inSlices ? .directionsMerged : .spaceAveraged,
                Texture.mean(byDirection.map(values))
            ),
            (inSlices ? .allMerged : .spaceMerged, values(merged(bySlab))),
        ]
        if inSlices {
            results.insert((.slicesAveraged, Texture.mean(matrices.joined().map(values))), at: 0)
            results.insert((.slicesMerged, Texture.mean(bySlab.map(values))), at: 1)
        }
        return results.map { aggregation, values in
            let count = FeatureNames.names(of: family).count
            let known = values ?? [Double?](repeating: nil, count: count)
            return (family, aggregation, Array(known.prefix(count)))
        }
    }

    private func pairs(_ dimension: ImagingConfiguration.Dimension) -> [Result] {
        let directions = levels.directions(inSlices: dimension == .slices)
        let matrices = slabs(dimension).map { slab in
            directions.map { direction in
                var matrix = CooccurrenceMatrix(levelCount: levels.count)
                matrix.add(levels, slab.slices, direction: direction)
                return matrix
            }
        }
        return aggregate(
            matrices, dimension, .cooccurrence, merge: { $0.merge($1) }, values: { $0.values() })
    }

    private func runs(_ dimension: ImagingConfiguration.Dimension) -> [Result] {
        let directions = levels.directions(inSlices: dimension == .slices)
        let box = levels.box
        let lengthMax = Int(max(box.x, box.y, dimension == .slices ? 0 : box.z)) - 2
        let matrices = slabs(dimension).map { slab in
            directions.map { direction in
                var matrix = CountMatrix(levelCount: levels.count, extentCount: lengthMax)
                matrix.voxelCount = slab.voxelCount
                unsafe matrix.counts.withUnsafeMutableBufferPointer { counts in
                    unsafe levels.withSlab(slab.slices) { slab in
                        unsafe twin_texture_runs(
                            slab, direction, Int64(lengthMax), counts.baseAddress)
                    }
                }
                return matrix
            }
        }
        return aggregate(
            matrices, dimension, .runs, merge: { $0.merge($1) }, values: { $0.values() })
    }

    private func zones(_ dimension: ImagingConfiguration.Dimension) -> [Result] {
        let inSlices = dimension == .slices
        let distances = ZoneMatrix.distances(region, inSlices: inSlices)
        let distanceMax = Int(distances.max() ?? 1)
        var scratch = ZoneMatrix.Scratch(count: levels.levels.count)
        let matrices = slabs(dimension).map { slab in
            var matrix = ZoneMatrix(levelCount: levels.count, distanceMax: distanceMax)
            matrix.add(
                levels, slab.slices, inSlices: inSlices, distances: distances, scratch: &scratch)
            matrix.bySize.voxelCount = slab.voxelCount
            matrix.byDistance.voxelCount = slab.voxelCount
            return matrix
        }
        return combine(matrices.map(\.bySize), dimension, .zones) {
            $0.merge($1)
        } values: {
            $0.values()
        }
            + combine(matrices.map(\.byDistance), dimension, .distanceZones) {
                $0.merge($1)
            } values: {
                $0.values()
            }
    }

    private func around(_ dimension: ImagingConfiguration.Dimension) -> [Result] {
        let inSlices = dimension == .slices
        let matrices = slabs(dimension).map { slab in
            var matrix = NeighbourhoodMatrix(
                levelCount: levels.count, neighbourCount: inSlices ? 8 : 26)
            matrix.add(levels, slab.slices, inSlices: inSlices, coarseness: coarseness)
            matrix.dependence.voxelCount = slab.voxelCount
            return matrix
        }
        return combine(matrices, dimension, .differences) {
            $0.merge($1)
        } values: {
            $0.differenceValues()
        }
            + combine(matrices.map(\.dependence), dimension, .dependence) {
                $0.merge($1)
            } values: {
                $0.values()
            }
    }

    /// Matrices that have no direction: the mean over slices and the stack of them, or space.
    private func combine<Matrix>(
        _ matrices: [Matrix], _ dimension: ImagingConfiguration.Dimension,
        _ family: ImagingFamily, merge: (inout Matrix, Matrix) -> Void,
        values: (Matrix) -> [Double?]?
    ) -> [Result] {
        let count = FeatureNames.names(of: family).count
        let whole = values(matrices.dropFirst().reduce(into: matrices[0], merge))
        var results: [(ImagingAggregation, [Double?]?)] = [
            (dimension == .slices ? .stack : .space, whole)
        ]
        if dimension == .slices {
            results.insert((.slices, Texture.mean(matrices.map(values))), at: 0)
        }
        return results.map { aggregation, values in
            let known = values ?? [Double?](repeating: nil, count: count)
            return (family, aggregation, Array(known.prefix(count)))
        }
    }
}
