import CTwinWire

/// The C structures that `protoc-c` made, under the names that they have in `proto/`.
enum Wire {
    typealias Header = Twinline__V1__Header
    typealias Hello = Twinline__V1__Hello
    typealias Refusal = Twinline__V1__Refusal
    typealias Accepted = Twinline__V1__Accepted
    typealias Code = Twinline__V1__Code
    typealias ObservationRow = Twinline__V1__ObservationRow
    typealias ObservationColumns = Twinline__V1__ObservationColumns
    typealias ObservationBatch = Twinline__V1__ObservationBatch
    typealias StoredObservations = Twinline__V1__StoredObservations
    typealias FeatureSet = Twinline__V1__FeatureSet
    typealias ScoreSheet = Twinline__V1__ScoreSheet
    typealias ScoreInput = Twinline__V1__ScoreInput
    typealias Score = Twinline__V1__Score
    typealias ScorePart = Twinline__V1__ScorePart
    typealias ScoreStage = Twinline__V1__ScoreStage
    typealias ScoreBand = Twinline__V1__ScoreBand
    typealias DeviceLink = Twinline__V1__DeviceLink
    typealias SilentLink = Twinline__V1__SilentLink
    typealias Attribution = Twinline__V1__Attribution
    typealias Recommendation = Twinline__V1__Recommendation
    typealias ProbabilityBand = Twinline__V1__ProbabilityBand
    typealias ModalityShare = Twinline__V1__ModalityShare
    typealias Counterfactual = Twinline__V1__Counterfactual
    typealias InputQuality = Twinline__V1__InputQuality
    typealias Prediction = Twinline__V1__Prediction
    typealias Indeterminate = Twinline__V1__Indeterminate
    typealias Assessment = Twinline__V1__Assessment
    typealias AssessmentList = Twinline__V1__AssessmentList
    typealias StoredAssessment = Twinline__V1__StoredAssessment
    typealias Role = Twinline__V1__Role
    typealias ModelRole = Twinline__V1__ModelRole
    typealias Ready = Twinline__V1__Ready
    typealias FeatureTask = Twinline__V1__FeatureTask
    typealias ModelTask = Twinline__V1__ModelTask
    typealias PrepareTask = Twinline__V1__PrepareTask
    typealias WorkOrder = Twinline__V1__WorkOrder
    typealias FeatureResult = Twinline__V1__FeatureResult
    typealias AssessmentResult = Twinline__V1__AssessmentResult
    typealias PrepareResult = Twinline__V1__PrepareResult
    typealias WorkResult = Twinline__V1__WorkResult
    typealias OutboxRecord = Twinline__V1__OutboxRecord
    typealias Commit = Twinline__V1__Commit
    typealias Committed = Twinline__V1__Committed
    typealias TwinState = Twinline__V1__TwinState
    typealias TwinSummary = Twinline__V1__TwinSummary
    typealias ArtifactInfo = Twinline__V1__ArtifactInfo
    typealias ArtifactBar = Twinline__V1__ArtifactBar
    typealias ArtifactSignature = Twinline__V1__ArtifactSignature
    typealias Activation = Twinline__V1__Activation
    typealias ReleaseQuery = Twinline__V1__ReleaseQuery
    typealias ReferenceBins = Twinline__V1__ReferenceBins
    typealias FeatureReference = Twinline__V1__FeatureReference
    typealias DriftReference = Twinline__V1__DriftReference
    typealias RecentBins = Twinline__V1__RecentBins
    typealias DriftTally = Twinline__V1__DriftTally
    typealias DriftFigures = Twinline__V1__DriftFigures
    typealias DriftReport = Twinline__V1__DriftReport
    typealias Change = Twinline__V1__Change
    typealias PeerStatus = Twinline__V1__PeerStatus
    typealias StoreStatus = Twinline__V1__StoreStatus
    typealias Query = Twinline__V1__Query
    typealias Answer = Twinline__V1__Answer
}

/// Where `protobuf-c` keeps a value, a text, and a list of messages.
typealias Place<Value> = UnsafeMutablePointer<Value>
typealias Text = UnsafeMutablePointer<CChar>
typealias List<Message> = UnsafeMutablePointer<UnsafeMutablePointer<Message>?>
