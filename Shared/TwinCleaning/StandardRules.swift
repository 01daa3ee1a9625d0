/// The rules that hold where a site says nothing else, in the form of a site's file.
///
/// Whatever is changed here changes the version too: values say which one flagged them.
public enum StandardRules {
    public static let text = observed + examined + pairs

    // Units are those of the concepts: mm[Hg], /min, %, Cel.
    static let observed = """
        # The standard rules of cleaning. A site's file has the same form, and names only what differs.
        format = 1
        name = standard
        version = 2

        # Numbers that devices send where they have none: specials of 11073 FLOAT, and habits.
        [every]
        sentinel = -1 -100 -999 -9999 -32768 8388606 8388607 8388608 -8388606 -8388608

        # Plausibility and agreement look back six hours; any one of a group will do.
        [quality]
        expected = heart_rate|pulse_rate_spo2|pulse_rate_nibp|pulse_rate_invasive resp_rate spo2|sao2 sbp|sbp_art|sbp_nibp body_temp avpu|gcs
        window = seconds 21600

        # A step is told at once and still counts: it may be the patient. What comes back at once was
        # a spike, and does not. A pacemaker makes a flat line of the heart rate; nothing living makes
        # one of an arterial pressure.
        [heart_rate]
        range = low 10, high 350
        sentinel = 0
        rate = change 60, seconds 60, settle 3, effect note
        flat-line = samples 30, seconds 1800, spread 0, effect note
        spike = neighbours 3, deviations 5, least 25, seconds 600, effect exclude

        [pulse_rate_spo2]
        range = low 10, high 350
        sentinel = 0
        rate = change 60, seconds 60, settle 3, effect note
        flat-line = samples 30, seconds 1800, spread 0, effect note
        spike = neighbours 3, deviations 5, least 25, seconds 600, effect exclude

        [pulse_rate_nibp]
        range = low 10, high 350
        sentinel = 0

        [pulse_rate_invasive]
        range = low 10, high 350
        sentinel = 0
        rate = change 60, seconds 60, settle 3, effect note
        flat-line = samples 30, seconds 1800, spread 0, effect note
        spike = neighbours 3, deviations 5, least 25, seconds 600, effect exclude

        [resp_rate]
        range = low 1, high 150
        sentinel = 0
        rate = change 20, seconds 60, settle 3, effect note
        flat-line = samples 30, seconds 3600, spread 0, effect note
        spike = neighbours 3, deviations 5, least 12, seconds 600, effect exclude

        [spo2]
        range = low 10, high 100
        sentinel = 0
        rate = change 15, seconds 60, settle 3, effect note
        # A short desaturation may be real: it is told, not left out.
        spike = neighbours 3, deviations 5, least 8, seconds 600, effect note

        [sao2]
        range = low 10, high 100
        sentinel = 0

        [body_temp]
        range = low 13, high 46
        sentinel = 0
        rate = change 1, seconds 600, settle 3, effect note
        spike = neighbours 3, deviations 5, least 1, seconds 1800, effect exclude

        [sbp]
        range = low 20, high 370
        sentinel = 0
        rate = change 60, seconds 60, settle 3, effect note
        spike = neighbours 3, deviations 5, least 40, seconds 600, effect exclude

        [dbp]
        range = low 5, high 360
        sentinel = 0
        rate = change 40, seconds 60, settle 3, effect note
        spike = neighbours 3, deviations 5, least 30, seconds 600, effect exclude

        [map]
        range = low 10, high 365
        sentinel = 0
        rate = change 40, seconds 60, settle 3, effect note
        spike = neighbours 3, deviations 5, least 30, seconds 600, effect exclude

        [sbp_nibp]
        range = low 20, high 370
        sentinel = 0

        [dbp_nibp]
        range = low 5, high 360
        sentinel = 0

        [map_nibp]
        range = low 10, high 365
        sentinel = 0

        [sbp_art]
        range = low 20, high 370
        sentinel = 0
        rate = change 60, seconds 60, settle 3, effect note
        flat-line = samples 10, seconds 120, spread 0, effect exclude
        spike = neighbours 3, deviations 5, least 40, seconds 600, effect exclude

        [dbp_art]
        range = low 5, high 360
        sentinel = 0
        rate = change 40, seconds 60, settle 3, effect note
        flat-line = samples 10, seconds 120, spread 0, effect exclude
        spike = neighbours 3, deviations 5, least 30, seconds 600, effect exclude

        [map_art]
        range = low 10, high 365
        sentinel = 0
        rate = change 40, seconds 60, settle 3, effect note
        flat-line = samples 10, seconds 120, spread 0, effect exclude
        spike = neighbours 3, deviations 5, least 30, seconds 600, effect exclude

        [etco2]
        range = low 0, high 200
        rate = change 25, seconds 60, settle 3, effect note
        spike = neighbours 3, deviations 5, least 15, seconds 600, effect exclude

        [fio2]
        range = low 15, high 100
        sentinel = 0

        [o2_flow]
        range = low 0, high 120

        [perfusion_index]
        range = low 0, high 40

        [gcs]
        range = low 3, high 15
        sentinel = 0

        [avpu]
        range = low 0, high 4

        [urine_output]
        range = low 0, high 20000

        [mech_vent]
        range = low 0, high 1

        [dopamine]
        range = low 0, high 100

        [dobutamine]
        range = low 0, high 100

        [epinephrine]
        range = low 0, high 20

        [norepinephrine]
        range = low 0, high 20

        """
}
