import Foundation
import Testing
import TwinTestKit

/// The real executables, through real sockets, in real folders; one house at a time.
@Suite(
    .serialized, .enabled(if: Executables.areBuilt, "the services are not built beside the tests"),
    .timeLimit(.minutes(5)))
enum SystemTests {}
