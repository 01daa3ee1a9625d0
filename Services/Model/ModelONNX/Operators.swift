import ModelCore
import ModelKernels

/// Every operator that this room knows.
///
/// What is not in the list is refused, with the node's name: a scorer needs no loops, no files and
/// no randomness.
enum Operators {
    typealias Builder = @Sendable (inout NodeAttributes) throws(KernelFailure) -> any Kernel

    static func builder(domain: String, operation: String) -> Builder? {
        switch domain {
        case "": general[operation]
        case "ai.onnx.ml": learned[operation]
        default: nil
        }
    }

    /// The names of all operators of a domain, in order.
    static func names(domain: String) -> [String] {
        (domain.isEmpty ? general : learned).keys.sorted()
    }

    private static let general = [shapes, curves, numbers, networks]
        .reduce(into: [String: Builder]()) { all, part in
            all.merge(part) { _, new in new }
        }

    private static let learned: [String: Builder] = [
        "ArrayFeatureExtractor": plain(ColumnsKernel()),
        "Binarizer": BinarizerKernel.build,
        "FeatureVectorizer": VectorizerKernel.build,
        "Imputer": PreparationKernel.imputer,
        "LabelEncoder": LabelEncoderKernel.build,
        "LinearClassifier": LinearClassifierKernel.build,
        "LinearRegressor": LinearRegressorKernel.build,
        "Normalizer": NormalizerKernel.build,
        "OneHotEncoder": OneHotKernel.build,
        "SVMClassifier": SupportVectorKernel.build,
        "SVMRegressor": SupportRegressorKernel.build,
        "Scaler": PreparationKernel.scaler,
        "TreeEnsemble": TreeRegressorKernel.ensemble,
        "TreeEnsembleClassifier": TreeClassifierKernel.build,
        "TreeEnsembleRegressor": TreeRegressorKernel.build,
        "ZipMap": PassKernel.zipMap,
    ]

    /// What moves numbers, or makes them of nothing.
    private static let shapes: [String: Builder] = [
        "Cast": CastKernel.build, "CastLike": CastKernel.like,
        "Concat": ConcatKernel.build, "Constant": ConstantKernel.build,
        "ConstantOfShape": FillKernel.build, "Dropout": DropoutKernel.build,
        "Expand": plain(ExpandKernel()), "Flatten": FlattenKernel.build,
        "Gather": GatherKernel.build, "GatherElements": GatherElementsKernel.build,
        "GatherND": GatherSlicesKernel.build, "Identity": PassKernel.identity,
        "Pad": PadKernel.build, "Range": plain(RangeKernel()), "Reshape": ReshapeKernel.build,
        "Shape": ShapeKernel.build, "Size": plain(SizeKernel()), "Slice": SliceKernel.build,
        "Split": SplitKernel.build, "Squeeze": AxesKernel.build(isSqueeze: true),
        "Tile": plain(TileKernel()), "Transpose": TransposeKernel.build,
        "Unsqueeze": AxesKernel.build(isSqueeze: false), "Where": plain(WhereKernel()),
    ]

    /// A number of each number.
    private static let curves: [String: Builder] = [
        "Abs": unary { $0.magnitude }, "Ceil": unary { $0.rounded(.up) },
        "Celu": UnaryKernel.celu, "Clip": ClipKernel.build, "Elu": UnaryKernel.elu,
        "Erf": unary(Curve.erf), "Exp": unary(Elementary.exp),
        "Floor": unary { $0.rounded(.down) }, "Gelu": UnaryKernel.gelu,
        "HardSigmoid": UnaryKernel.hardSigmoid,
        "HardSwish": unary { $0 * Curve.clip($0 / 6 + 0.5, 0, 1) },
        "IsInf": TestKernel.infinity, "IsNaN": plain(TestKernel { $0.isNaN }),
        "LeakyRelu": UnaryKernel.leakyRelu, "Log": unary(Elementary.log),
        "Mish": unary { $0 * Elementary.tanh(Curve.softplus($0)) },
        "Neg": unary { -$0 }, "Not": plain(NotKernel()), "PRelu": plain(SlopeKernel()),
        "Reciprocal": unary { 1 / $0 }, "Relu": unary({ $0 < 0 ? 0 : $0 }, .relu),
        "Round": unary { $0.rounded(.toNearestOrEven) }, "Selu": UnaryKernel.selu,
        "Sigmoid": unary(Elementary.logistic, .logistic), "Sign": unary(Curve.sign),
        "Softplus": unary(Curve.softplus), "Softsign": unary { $0 / (1 + $0.magnitude) },
        "Sqrt": unary { $0.squareRoot() }, "Swish": UnaryKernel.swish,
        "Tanh": unary(Elementary.tanh, .tanh), "ThresholdedRelu": UnaryKernel.thresholdedRelu,
    ]

    /// Numbers of two or many.
    private static let numbers: [String: Builder] = [
        "Add": arithmetic({ $0 + $1 }, { $0 &+ $1 }, .sum),
        "Sub": arithmetic({ $0 - $1 }, { $0 &- $1 }, .difference),
        "Mul": arithmetic({ $0 * $1 }, { $0 &* $1 }),
        "Div": arithmetic({ $0 / $1 }, ArithmeticKernel.quotient),
        "Sum": arithmetic({ $0 + $1 }, { $0 &+ $1 }),
        "Max": arithmetic(ArithmeticKernel.highest, { max($0, $1) }, .highest),
        "Min": arithmetic(ArithmeticKernel.lowest, { min($0, $1) }, .lowest),
        "Mod": ArithmeticKernel.modulo, "Mean": plain(MeanKernel()), "Pow": plain(PowerKernel()),
        "Equal": ComparisonKernel.equal,
        "Less": comparison({ $0 < $1 }, { $0 < $1 }),
        "LessOrEqual": comparison({ $0 <= $1 }, { $0 <= $1 }),
        "Greater": comparison({ $0 > $1 }, { $0 > $1 }),
        "GreaterOrEqual": comparison({ $0 >= $1 }, { $0 >= $1 }),
        "And": plain(LogicKernel { $0 && $1 }), "Or": plain(LogicKernel { $0 || $1 }),
        "Xor": plain(LogicKernel { $0 != $1 }),
        "ArgMax": ArgumentKernel.build(isHighest: true),
        "ArgMin": ArgumentKernel.build(isHighest: false),
        "CumSum": RunningSumKernel.build, "TopK": TopKernel.build,
    ].merging(
        ReduceKernel.Form.allCases.map { ($0.rawValue, ReduceKernel.build($0)) }
    ) { _, new in new }

    /// What networks are made of.
    private static let networks: [String: Builder] = [
        "AveragePool": PoolKernel.average,
        "BatchNormalization": BatchNormalizationKernel.build,
        "Conv": ConvolutionKernel.build, "Einsum": EinsumKernel.build, "Gemm": GemmKernel.build,
        "GlobalAveragePool": plain(GlobalPoolKernel(isHighest: false)),
        "GlobalMaxPool": plain(GlobalPoolKernel(isHighest: true)),
        "Hardmax": SoftmaxKernel.build(.hard),
        "InstanceNormalization": InstanceNormalizationKernel.build,
        "LayerNormalization": LayerNormalizationKernel.build,
        "LogSoftmax": SoftmaxKernel.build(.logarithm),
        "LpNormalization": LaneNormalizationKernel.build, "MatMul": MatMulKernel.build,
        "MaxPool": PoolKernel.highest, "Softmax": SoftmaxKernel.build(.probability),
    ]

    /// An operator without attributes.
    private static func plain(_ kernel: any Kernel) -> Builder {
        { _ throws(KernelFailure) in kernel }
    }

    private static func unary(
        _ change: @escaping @Sendable (Double) -> Double, _ bend: DenseLayer.Bend = .none
    ) -> Builder { plain(UnaryKernel(bend: bend, change: change)) }

    private static func arithmetic(
        _ reals: @escaping @Sendable (Double, Double) -> Double,
        _ wholes: @escaping @Sendable (Int64, Int64) -> Int64?,
        _ form: ArithmeticKernel.Form = .other
    ) -> Builder { plain(ArithmeticKernel(form: form, reals: reals, wholes: wholes)) }

    private static func comparison(
        _ reals: @escaping @Sendable (Double, Double) -> Bool,
        _ wholes: @escaping @Sendable (Int64, Int64) -> Bool
    ) -> Builder { plain(ComparisonKernel(reals: reals, wholes: wholes)) }
}
