extension StandardRules {
    // A change that is told is one that about one in five hundred real ones exceeds, or fewer; ten times
    // a common value, as another unit gives it, exceeds most of them.
    static let examined = """
        [glucose]
        range = low 0.1, high 150
        sentinel = 0
        rate = change 30, seconds 43200, settle 2, effect note

        [creatinine]
        range = low 1, high 5000
        sentinel = 0
        rate = change 300, seconds 86400, settle 2, effect note

        [urea]
        range = low 0.1, high 150
        sentinel = 0
        rate = change 15, seconds 86400, settle 2, effect note

        [sodium]
        range = low 80, high 230
        sentinel = 0
        rate = change 15, seconds 43200, settle 2, effect note

        [potassium]
        range = low 0.5, high 20
        sentinel = 0
        rate = change 5, seconds 43200, settle 2, effect note

        [chloride]
        range = low 40, high 200
        sentinel = 0

        [magnesium]
        range = low 0.05, high 15
        sentinel = 0
        rate = change 1, seconds 43200, settle 2, effect note

        [bicarbonate]
        range = low 1, high 90
        sentinel = 0
        rate = change 12, seconds 43200, settle 2, effect note

        [lactate]
        range = low 0.05, high 60
        sentinel = 0
        rate = change 10, seconds 21600, settle 2, effect note

        [bilirubin]
        range = low 0, high 1700
        rate = change 120, seconds 86400, settle 2, effect note

        [alt]
        range = low 0, high 100000

        [ast]
        range = low 0, high 100000

        [alp]
        range = low 0, high 50000

        [albumin]
        range = low 0.2, high 10
        sentinel = 0
        rate = change 2, seconds 86400, settle 2, effect note

        [cholesterol]
        range = low 0.2, high 60
        sentinel = 0

        [wbc]
        range = low 0, high 2000
        rate = change 25, seconds 86400, settle 2, effect note

        [bands]
        range = low 0, high 100

        [haemoglobin]
        range = low 0.5, high 30
        sentinel = 0
        rate = change 5, seconds 43200, settle 2, effect note

        [haematocrit]
        range = low 1, high 85
        sentinel = 0
        rate = change 17, seconds 43200, settle 2, effect note

        [platelets]
        range = low 0, high 6000
        rate = change 250, seconds 86400, settle 2, effect note

        [inr]
        range = low 0.2, high 50
        sentinel = 0

        [aptt]
        range = low 5, high 500
        sentinel = 0

        [crp]
        range = low 0, high 1500

        [procalcitonin]
        range = low 0, high 5000

        [troponin_i]
        range = low 0, high 10000

        [troponin_t]
        range = low 0, high 10000

        [nt_probnp]
        range = low 0, high 1000000

        [ph_art]
        range = low 6, high 8.2
        sentinel = 0

        [pao2]
        range = low 3, high 800
        sentinel = 0

        [paco2]
        range = low 3, high 300
        sentinel = 0
        rate = change 40, seconds 10800, settle 2, effect note

        [hba1c]
        range = low 2, high 25
        sentinel = 0

        [body_weight]
        range = low 0.2, high 700
        sentinel = 0
        rate = change 20, seconds 86400, settle 2, effect note

        [body_height]
        range = low 15, high 280
        sentinel = 0

        [bmi]
        range = low 5, high 250
        sentinel = 0

        [age]
        range = low 0, high 150

        [sex]
        range = low 0, high 1

        [icu_type]
        range = low 1, high 4
        sentinel = 0

        [spo2_scale]
        range = low 1, high 2
        sentinel = 0

        """

    static let pairs = """
        # Sources that should agree. Nobody knows from two numbers which is wrong: both are flagged, and
        # none is kept out.
        [heart_rate ~ pulse_rate_spo2]
        disagreement = difference 15, seconds 60

        [heart_rate ~ pulse_rate_invasive]
        disagreement = difference 15, seconds 60

        [heart_rate ~ pulse_rate_nibp]
        disagreement = difference 20, seconds 120

        [heart_rate ~ heart_rate]
        disagreement = difference 15, seconds 60

        [spo2 ~ sao2]
        disagreement = difference 4, seconds 600

        [spo2 ~ spo2]
        disagreement = difference 4, seconds 60

        [sbp_art ~ sbp_nibp]
        disagreement = difference 20, seconds 300

        [dbp_art ~ dbp_nibp]
        disagreement = difference 15, seconds 300

        [map_art ~ map_nibp]
        disagreement = difference 15, seconds 300

        [resp_rate ~ resp_rate]
        disagreement = difference 8, seconds 60

        [body_temp ~ body_temp]
        disagreement = difference 1, seconds 900

        """
}
