import ModelCore

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

    private static let learned: [String: Builder] = [
        "Imputer": PreparationKernel.imputer,
        "Scaler": PreparationKernel.scaler,
        "Normalizer": NormalizerKernel.build,
        "LinearClassifier": LinearClassifierKernel.build,
        "LinearRegressor": LinearRegressorKernel.build,
        "TreeEnsembleClassifier": TreeClassifierKernel.build,
        "TreeEnsembleRegressor": TreeRegressorKernel.build,
        "SVMClassifier": SupportVectorKernel.build,
        "ZipMap": PassKernel.zipMap,
        "ArrayFeatureExtractor": ColumnsKernel.build,
    ]

    private static let general: [String: Builder] = [
        "Identity": PassKernel.identity,
        "Constant": ConstantKernel.build,
        "MatMul": MatMulKernel.build,
        "Gemm": GemmKernel.build,
        "Add": elementwise { $0 + $1 }, "Sub": elementwise { $0 - $1 },
        "Mul": elementwise { $0 * $1 }, "Div": elementwise { $0 / $1 },
        "Sum": elementwise { $0 + $1 },
        "Less": { _ throws(KernelFailure) in LessKernel() },
        "Where": { _ throws(KernelFailure) in WhereKernel() },
        "Neg": unary { -$0 }, "Abs": unary { $0.magnitude },
        "Exp": unary { Float(Elementary.exp(Double($0))) },
        "Relu": unary { $0 < 0 ? 0 : $0 },
        "Sigmoid": unary(PostTransform.logistic), "Tanh": unary(PostTransform.tanh),
        "Clip": ClipKernel.build,
        "Softmax": SoftmaxKernel.build(isLogarithm: false),
        "LogSoftmax": SoftmaxKernel.build(isLogarithm: true),
        "Cast": CastKernel.build, "Concat": ConcatKernel.build, "Reshape": ReshapeKernel.build,
        "Flatten": FlattenKernel.build, "ArgMax": ArgMaxKernel.build,
        "Squeeze": AxesKernel.build(isSqueeze: true),
        "Unsqueeze": AxesKernel.build(isSqueeze: false),
    ]

    private static func unary(_ change: @escaping @Sendable (Float) -> Float) -> Builder {
        { _ throws(KernelFailure) in UnaryKernel(change: change) }
    }

    private static func elementwise(
        _ join: @escaping @Sendable (Float, Float) -> Float
    ) -> Builder {
        { _ throws(KernelFailure) in ElementwiseKernel(join: join) }
    }
}
