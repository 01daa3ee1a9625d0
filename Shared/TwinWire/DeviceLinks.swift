import CTwinWire
import TwinCore

extension Draft {
    func link(_ link: DeviceLink) -> Place<Wire.DeviceLink> {
        make(twinline__v1__device_link__init) {
            $0.source = text(link.source)
            $0.last_received_us = link.lastReceived.microsecondsSinceEpoch
            $0.gap_seconds = link.gapSeconds
            $0.silent_after_seconds = link.silentAfterSeconds
            $0.is_silent = link.isSilent ? 1 : 0
        }
    }

    func link(_ silent: SilentLink) -> Place<Wire.SilentLink> {
        make(twinline__v1__silent_link__init) {
            $0.twin = text(silent.twin.text)
            $0.link = link(silent.link)
        }
    }
}

extension Reader {
    func link(_ message: Wire.DeviceLink) throws(WireError) -> DeviceLink {
        DeviceLink(
            source: try Rule.word(text(message.source)),
            lastReceived: try Rule.instant(message.last_received_us),
            gapSeconds: try Rule.size(message.gap_seconds),
            silentAfterSeconds: try Rule.size(message.silent_after_seconds),
            isSilent: message.is_silent != 0)
    }

    func silentLink(_ message: Wire.SilentLink) throws(WireError) -> SilentLink {
        SilentLink(
            twin: try Rule.twin(text(message.twin)),
            link: try one(message.link, "a silent link without one", link))
    }
}
