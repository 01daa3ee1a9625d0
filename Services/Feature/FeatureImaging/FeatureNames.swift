/// What a feature is called, and in what it is measured.
struct FeatureName {
    /// What a unit is made of: intensities and millimetres, to a power.
    enum Measure {
        case none
        case intensity
        case intensitySquared
        case length
        case area
        case volume
        case perLength
        case massOfIntensity
    }

    let name: String
    let code: String
    let measure: Measure

    init(_ name: String, _ code: String, _ measure: Measure = .none) {
        self.name = name
        self.code = code
        self.measure = measure
    }

    func unit(_ intensity: String) -> String {
        switch measure {
        case .none: ""
        case .intensity: intensity
        case .intensitySquared: intensity + "²"
        case .length: "mm"
        case .area: "mm²"
        case .volume: "mm³"
        case .perLength: "1/mm"
        case .massOfIntensity: intensity + "·mm³"
        }
    }
}

/// Names in the order in which a family says its values.
enum FeatureNames {
    static func names(of family: ImagingFamily) -> [FeatureName] {
        switch family {
        case .morphology: morphology
        case .localIntensity: localIntensity
        case .statistics: statistics
        case .histogram: histogram
        case .volumeHistogram: volumeHistogram
        case .cooccurrence: cooccurrence
        case .runs: runs
        case .zones: zones
        case .distanceZones: distanceZones
        case .differences: differences
        case .dependence: dependence
        }
    }

    private static let morphology: [FeatureName] = [
        FeatureName("morph_volume", "RNU0", .volume),
        FeatureName("morph_vol_approx", "YEKZ", .volume),
        FeatureName("morph_area_mesh", "C0JK", .area),
        FeatureName("morph_av", "2PR5", .perLength),
        FeatureName("morph_comp_1", "SKGS"),
        FeatureName("morph_comp_2", "BQWJ"),
        FeatureName("morph_sph_dispr", "KRCK"),
        FeatureName("morph_sphericity", "QCFX"),
        FeatureName("morph_asphericity", "25C7"),
        FeatureName("morph_com", "KLMA", .length),
        FeatureName("morph_diam", "L0JK", .length),
        FeatureName("morph_pca_maj_axis", "TDIC", .length),
        FeatureName("morph_pca_min_axis", "P9VJ", .length),
        FeatureName("morph_pca_least_axis", "7J51", .length),
        FeatureName("morph_pca_elongation", "Q3CK"),
        FeatureName("morph_pca_flatness", "N17B"),
        FeatureName("morph_vol_dens_aabb", "PBX1"),
        FeatureName("morph_area_dens_aabb", "R59B"),
        FeatureName("morph_vol_dens_ombb", "ZH1A"),
        FeatureName("morph_area_dens_ombb", "IQYR"),
        FeatureName("morph_vol_dens_aee", "6BDE"),
        FeatureName("morph_area_dens_aee", "RDD2"),
        FeatureName("morph_vol_dens_mvee", "SWZ1"),
        FeatureName("morph_area_dens_mvee", "BRI8"),
        FeatureName("morph_vol_dens_conv_hull", "R3ER"),
        FeatureName("morph_area_dens_conv_hull", "7T7F"),
        FeatureName("morph_integ_int", "99N0", .massOfIntensity),
        FeatureName("morph_moran_i", "N365"),
        FeatureName("morph_geary_c", "NPT7"),
    ]

    private static let localIntensity: [FeatureName] = [
        FeatureName("loc_peak_loc", "VJGA", .intensity),
        FeatureName("loc_peak_glob", "0F91", .intensity),
    ]

    private static let statistics: [FeatureName] = [
        FeatureName("stat_mean", "Q4LE", .intensity),
        FeatureName("stat_var", "ECT3", .intensitySquared),
        FeatureName("stat_skew", "KE2A"),
        FeatureName("stat_kurt", "IPH6"),
        FeatureName("stat_median", "Y12H", .intensity),
        FeatureName("stat_min", "1GSF", .intensity),
        FeatureName("stat_p10", "QG58", .intensity),
        FeatureName("stat_p90", "8DWT", .intensity),
        FeatureName("stat_max", "84IY", .intensity),
        FeatureName("stat_iqr", "SALO", .intensity),
        FeatureName("stat_range", "2OJQ", .intensity),
        FeatureName("stat_mad", "4FUA", .intensity),
        FeatureName("stat_rmad", "1128", .intensity),
        FeatureName("stat_medad", "N72L", .intensity),
        FeatureName("stat_cov", "7TET"),
        FeatureName("stat_qcod", "9S40"),
        FeatureName("stat_energy", "N8CA", .intensitySquared),
        FeatureName("stat_rms", "5ZWQ", .intensity),
    ]

    private static let histogram: [FeatureName] = [
        FeatureName("ih_mean", "X6K6"),
        FeatureName("ih_var", "CH89"),
        FeatureName("ih_skew", "88K1"),
        FeatureName("ih_kurt", "C3I7"),
        FeatureName("ih_median", "WIFQ"),
        FeatureName("ih_min", "1PR8"),
        FeatureName("ih_p10", "GPMT"),
        FeatureName("ih_p90", "OZ0C"),
        FeatureName("ih_max", "3NCY"),
        FeatureName("ih_mode", "AMMC"),
        FeatureName("ih_iqr", "WR0O"),
        FeatureName("ih_range", "5Z3W"),
        FeatureName("ih_mad", "D2ZX"),
        FeatureName("ih_rmad", "WRZB"),
        FeatureName("ih_medad", "4RNL"),
        FeatureName("ih_cov", "CWYJ"),
        FeatureName("ih_qcod", "SLWD"),
        FeatureName("ih_entropy", "TLU2"),
        FeatureName("ih_uniformity", "BJ5W"),
        FeatureName("ih_max_grad", "12CE"),
        FeatureName("ih_max_grad_g", "8E6O"),
        FeatureName("ih_min_grad", "VQB3"),
        FeatureName("ih_min_grad_g", "RHQZ"),
    ]

    private static let volumeHistogram: [FeatureName] = [
        FeatureName("ivh_v10", "NK6P"),
        FeatureName("ivh_v90", "4279"),
        FeatureName("ivh_i10", "PWN1", .intensity),
        FeatureName("ivh_i90", "BOHI", .intensity),
        FeatureName("ivh_diff_v10_v90", "WITY"),
        FeatureName("ivh_diff_i10_i90", "JXJA", .intensity),
        FeatureName("ivh_auc", "9CMM"),
    ]

    private static let cooccurrence: [FeatureName] = [
        FeatureName("cm_joint_max", "GYBY"),
        FeatureName("cm_joint_avg", "60VM"),
        FeatureName("cm_joint_var", "UR99"),
        FeatureName("cm_joint_entr", "TU9B"),
        FeatureName("cm_diff_avg", "TF7R"),
        FeatureName("cm_diff_var", "D3YU"),
        FeatureName("cm_diff_entr", "NTRS"),
        FeatureName("cm_sum_avg", "ZGXS"),
        FeatureName("cm_sum_var", "OEEB"),
        FeatureName("cm_sum_entr", "P6QZ1"),
        FeatureName("cm_energy", "8ZQL"),
        FeatureName("cm_contrast", "ACUI"),
        FeatureName("cm_dissimilarity", "8S9J"),
        FeatureName("cm_inv_diff", "IB1Z"),
        FeatureName("cm_inv_diff_norm", "NDRX"),
        FeatureName("cm_inv_diff_mom", "WF0Z"),
        FeatureName("cm_inv_diff_mom_norm", "1QCO"),
        FeatureName("cm_inv_var", "E8JP"),
        FeatureName("cm_corr", "NI2N"),
        FeatureName("cm_auto_corr", "QWB0"),
        FeatureName("cm_clust_tend", "DG8W"),
        FeatureName("cm_clust_shade", "7NFM"),
        FeatureName("cm_clust_prom", "AE86"),
        FeatureName("cm_info_corr1", "R8DG"),
        FeatureName("cm_info_corr2", "JN9H"),
    ]

    private static let runs: [FeatureName] = [
        FeatureName("rlm_sre", "22OV"),
        FeatureName("rlm_lre", "W4KF"),
        FeatureName("rlm_lgre", "V3SW"),
        FeatureName("rlm_hgre", "G3QZ"),
        FeatureName("rlm_srlge", "HTZT"),
        FeatureName("rlm_srhge", "GD3A"),
        FeatureName("rlm_lrlge", "IVPO"),
        FeatureName("rlm_lrhge", "3KUM"),
        FeatureName("rlm_glnu", "R5YN"),
        FeatureName("rlm_glnu_norm", "OVBL"),
        FeatureName("rlm_rlnu", "W92Y"),
        FeatureName("rlm_rlnu_norm", "IC23"),
        FeatureName("rlm_r_perc", "9ZK5"),
        FeatureName("rlm_gl_var", "8CE5"),
        FeatureName("rlm_rl_var", "SXLW"),
        FeatureName("rlm_rl_entr", "HJ9O"),
    ]

    private static let zones: [FeatureName] = [
        FeatureName("szm_sze", "5QRC"),
        FeatureName("szm_lze", "48P8"),
        FeatureName("szm_lgze", "XMSY"),
        FeatureName("szm_hgze", "5GN9"),
        FeatureName("szm_szlge", "5RAI"),
        FeatureName("szm_szhge", "HW1V"),
        FeatureName("szm_lzlge", "YH51"),
        FeatureName("szm_lzhge", "J17V"),
        FeatureName("szm_glnu", "JNSA"),
        FeatureName("szm_glnu_norm", "Y1RO"),
        FeatureName("szm_zsnu", "4JP3"),
        FeatureName("szm_zsnu_norm", "VB3A"),
        FeatureName("szm_z_perc", "P30P"),
        FeatureName("szm_gl_var", "BYLV"),
        FeatureName("szm_zs_var", "3NSA"),
        FeatureName("szm_zs_entr", "GU8N"),
    ]

    private static let distanceZones: [FeatureName] = [
        FeatureName("dzm_sde", "0GBI"),
        FeatureName("dzm_lde", "MB4I"),
        FeatureName("dzm_lgze", "S1RA"),
        FeatureName("dzm_hgze", "K26C"),
        FeatureName("dzm_sdlge", "RUVG"),
        FeatureName("dzm_sdhge", "DKNJ"),
        FeatureName("dzm_ldlge", "A7WM"),
        FeatureName("dzm_ldhge", "KLTH"),
        FeatureName("dzm_glnu", "VFT7"),
        FeatureName("dzm_glnu_norm", "7HP3"),
        FeatureName("dzm_zdnu", "V294"),
        FeatureName("dzm_zdnu_norm", "IATH"),
        FeatureName("dzm_z_perc", "VIWW"),
        FeatureName("dzm_gl_var", "QK93"),
        FeatureName("dzm_zd_var", "7WT1"),
        FeatureName("dzm_zd_entr", "GBDU"),
    ]

    private static let differences: [FeatureName] = [
        FeatureName("ngt_coarseness", "QCDE"),
        FeatureName("ngt_contrast", "65HE"),
        FeatureName("ngt_busyness", "NQ30"),
        FeatureName("ngt_complexity", "HDEZ"),
        FeatureName("ngt_strength", "1X9X"),
    ]

    private static let dependence: [FeatureName] = [
        FeatureName("ngl_lde", "SODN"),
        FeatureName("ngl_hde", "IMOQ"),
        FeatureName("ngl_lgce", "TL9H"),
        FeatureName("ngl_hgce", "OAE7"),
        FeatureName("ngl_ldlge", "EQ3F"),
        FeatureName("ngl_ldhge", "JA6D"),
        FeatureName("ngl_hdlge", "NBZI"),
        FeatureName("ngl_hdhge", "9QMG"),
        FeatureName("ngl_glnu", "FP8K"),
        FeatureName("ngl_glnu_norm", "5SPA"),
        FeatureName("ngl_dcnu", "Z87G"),
        FeatureName("ngl_dcnu_norm", "OKJI"),
        FeatureName("ngl_dc_perc", "6XV8"),
        FeatureName("ngl_gl_var", "1PFV"),
        FeatureName("ngl_dc_var", "DNX2"),
        FeatureName("ngl_dc_entr", "FCBV"),
        FeatureName("ngl_dc_energy", "CAS9"),
    ]
}
