/// How large a message may be.
public struct HL7Limits: Hashable, Sendable {
    public var messageByteCountMax: Int
    public var messageCountMax: Int
    public var segmentCountMax: Int
    public var fieldCountMax: Int
    public var repetitionCountMax: Int
    public var componentCountMax: Int

    public init(
        messageByteCountMax: Int = 1 << 20, messageCountMax: Int = 1000,
        segmentCountMax: Int = 1000, fieldCountMax: Int = 500, repetitionCountMax: Int = 200,
        componentCountMax: Int = 1000
    ) {
        self.messageByteCountMax = messageByteCountMax
        self.messageCountMax = messageCountMax
        self.segmentCountMax = segmentCountMax
        self.fieldCountMax = fieldCountMax
        self.repetitionCountMax = repetitionCountMax
        self.componentCountMax = componentCountMax
    }
}
