import FeatureVitals
import Testing

/// The table of the reference, every edge of every band.
struct NEWS2Tests {
    @Test(arguments: [
        (0, 3), (8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3), (60, 3),
    ])
    func `respiration`(perMinute: Double, points: Int) {
        #expect(NEWS2.respiration(perMinute: perMinute) == points)
    }

    @Test(arguments: [
        (50, 3), (91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0), (100, 0),
    ])
    func `saturation on scale 1, with or without oxygen`(percent: Double, points: Int) {
        for onOxygen in [true, false, nil] {
            #expect(
                NEWS2.saturation(percent: percent, scale: .one, onOxygen: onOxygen) == points)
        }
    }

    @Test(arguments: [
        (83, 3, 3), (84, 2, 2), (85, 2, 2), (86, 1, 1), (87, 1, 1), (88, 0, 0), (92, 0, 0),
        (93, 1, 0), (94, 1, 0), (95, 2, 0), (96, 2, 0), (97, 3, 0), (100, 3, 0),
    ])
    func `saturation on scale 2`(percent: Double, onOxygen: Int, onAir: Int) {
        #expect(NEWS2.saturation(percent: percent, scale: .two, onOxygen: true) == onOxygen)
        #expect(NEWS2.saturation(percent: percent, scale: .two, onOxygen: false) == onAir)
        let unknown = NEWS2.saturation(percent: percent, scale: .two, onOxygen: nil)
        #expect(unknown == (percent <= 92 ? onAir : nil))
    }

    @Test(arguments: [
        (40, 3), (90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3),
        (300, 3),
    ])
    func `systolic pressure`(mmHg: Double, points: Int) {
        #expect(NEWS2.systolic(mmHg: mmHg) == points)
    }

    @Test(arguments: [
        (20, 3), (40, 3), (41, 1), (50, 1), (51, 0), (90, 0), (91, 1), (110, 1), (111, 2),
        (130, 2), (131, 3), (250, 3),
    ])
    func `pulse`(perMinute: Double, points: Int) {
        #expect(NEWS2.pulse(perMinute: perMinute) == points)
    }

    @Test(arguments: [
        (30.0, 3), (35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1),
        (39.1, 2), (42.0, 2),
    ])
    func `temperature`(celsius: Double, points: Int) {
        #expect(NEWS2.temperature(celsius: celsius) == points)
    }

    @Test func `oxygen and consciousness`() {
        #expect(NEWS2.oxygen(isGiven: true) == 2)
        #expect(NEWS2.oxygen(isGiven: false) == 0)
        #expect(NEWS2.consciousness(isAlert: true) == 0)
        #expect(NEWS2.consciousness(isAlert: false) == 3)
    }

    @Test func `a value between two bands is rounded half up first`() {
        #expect(NEWS2.temperature(celsius: 35.05) == 1)
        #expect(NEWS2.temperature(celsius: 35.049) == 3)
        #expect(NEWS2.temperature(celsius: 36.05) == 0)
        #expect(NEWS2.temperature(celsius: 38.05) == 1)
        #expect(NEWS2.temperature(celsius: 39.05) == 2)
        #expect(NEWS2.saturation(percent: 91.5, scale: .one, onOxygen: nil) == 2)
        #expect(NEWS2.saturation(percent: 91.49, scale: .one, onOxygen: nil) == 3)
        #expect(NEWS2.respiration(perMinute: 20.5) == 2)
        #expect(NEWS2.respiration(perMinute: 8.5) == 1)
        #expect(NEWS2.pulse(perMinute: 130.5) == 3)
        #expect(NEWS2.systolic(mmHg: 110.5) == 0)
    }

    @Test func `no number is too strange for the table`() {
        for number in [-1e300, 1e300, -0.0, .greatestFiniteMagnitude] {
            #expect((0...3).contains(NEWS2.pulse(perMinute: number)))
            #expect((0...3).contains(NEWS2.temperature(celsius: number)))
        }
    }
}
