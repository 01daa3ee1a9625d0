import CFeatureImaging
public import TwinImage

/// Every feature of IBSI 1 of a region of an image.
public enum ImagingFeatures {
    /// How many steps the progress is told in.
    public static let stepCount = 8

    /// Measures a region; `progress` hears the number of steps that are done.
    public static func measure(
        _ volume: Volume, _ mask: Mask, _ configuration: ImagingConfiguration,
        progress: (Int) -> Void = { _ in }
    ) throws(ImagingError) -> [ImagingFeature] {
        let region = try Region(volume, mask, configuration)
        progress(1)
        let unit = volume.unit.rawValue
        var features: [ImagingFeature] = []
        func add(
            _ family: ImagingFamily, _ values: [Double?], _ aggregation: ImagingAggregation? = nil
        ) {
            for (name, value) in zip(FeatureNames.names(of: family), values) {
                features.append(
                    ImagingFeature(
                        family: family, name: name.name, code: name.code,
                        aggregation: aggregation, value: value.flatMap { $0.isFinite ? $0 : nil },
                        unit: name.unit(unit)))
            }
        }
        let intensities = Intensities(sorted: region.sortedValues())
        add(.morphology, Morphology(region: region, mean: intensities.mean).values())
        progress(2)
        add(.localIntensity, localIntensity(region))
        progress(3)
        add(.statistics, intensities.statistics())
        let levels = try GreyLevels(region, sorted: intensities.sorted, configuration.binning)
        add(.histogram, Intensities.histogram(levels.histogram()))
        progress(4)
        let volumes = try VolumeHistogram(
            sorted: intensities.sorted, lowest: region.lowest, highest: region.highest,
            configuration.volumeBinning)
        add(.volumeHistogram, volumes.values())
        progress(5)
        let texture = Texture(
            region: region, levels: levels, coarseness: configuration.coarseness)
        for (step, dimension) in ImagingConfiguration.Dimension.allCases.enumerated() {
            if configuration.dimensions.contains(dimension) {
                for result in texture.results(dimension) {
                    add(result.family, result.values, result.aggregation)
                }
            }
            progress(6 + step)
        }
        progress(stepCount)
        return features
    }

    /// The mean intensity of a cubic centimetre around the brightest voxel, and the greatest there
    /// is; nothing where the surroundings are not known.
    private static func localIntensity(_ region: Region) -> [Double?] {
        let near = region.surroundings
        guard near.values.allSatisfy(\.isFinite) else { return [nil, nil] }
        let radiusMm = twin_image_power(3000 / (4 * Double.pi), 1.0 / 3)
        let room = Int((near.sides.x + 1) * near.sides.y * near.sides.z + 2 * region.box.x)
        var greatest = 0.0
        var brightest = 0.0
        _ = unsafe [Double](unsafeUninitializedCapacity: room) { scratch, made in
            unsafe near.values.withUnsafeBufferPointer { image in
                unsafe region.inside.withUnsafeBufferPointer { inside in
                    unsafe region.spacing.withUnsafeBufferPointer { spacing in
                        unsafe twin_values_peak(
                            image.baseAddress, near.sides, inside.baseAddress, region.box,
                            near.start, spacing.baseAddress, radiusMm, scratch.baseAddress,
                            &greatest, &brightest)
                    }
                }
            }
            made = 0
        }
        return [brightest, greatest]
    }
}
