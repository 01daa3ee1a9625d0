import ArgumentParser
import Foundation
import TwinRuntime

@main
struct Twinctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "twinctl", abstract: "The operator's and data scientist's command line.",
        version: twinlineVersion,
        subcommands: [
            UpCommand.self, StatusCommand.self, SendCommand.self, TwinCommand.self,
            ModelCommand.self, QuarantineCommand.self, DeviceCommand.self, KeysCommand.self,
            WardCommand.self, WaveCommand.self, ImagingCommand.self, CleaningCommand.self,
            BenchCommand.self,
        ])

    /// Exit status 0, 1 failed, 2 usage, 69 a service is not reachable.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Output.note("twinctl: \(failure)")
            Foundation.exit(failure.status)
        } catch {
            let isUsage = exitCode(for: error) == .validationFailure
            let text = fullMessage(for: error)
            if exitCode(for: error) == .success {
                Output.line(text)
                Foundation.exit(0)
            }
            Output.note(text)
            Foundation.exit(isUsage ? 2 : 1)
        }
    }
}
