extension StandardRules {
    static let examined = """
        [glucose]
        range = low 0.1, high 150
        sentinel = 0

        [creatinine]
        range = low 1, high 5000
        sentinel = 0

        [urea]
        range = low 0.1, high 150
        sentinel = 0

        [sodium]
        range = low 80, high 230
        sentinel = 0

        [potassium]
        range = low 0.5, high 20
        sentinel = 0

        [chloride]
        range = low 40, high 200
        sentinel = 0

        [magnesium]
        range = low 0.05, high 15
        sentinel = 0

        [bicarbonate]
        range = low 1, high 90
        sentinel = 0

        [lactate]
        range = low 0.05, high 60
        sentinel = 0

        [bilirubin]
        range = low 0, high 1700

        [alt]
        range = low 0, high 100000

        [ast]
        range = low 0, high 100000

        [alp]
        range = low 0, high 50000

        [albumin]
        range = low 0.2, high 10
        sentinel = 0

        [cholesterol]
        range = low 0.2, high 60
        sentinel = 0

        [wbc]
        range = low 0, high 2000

        [bands]
        range = low 0, high 100

        [haemoglobin]
        range = low 0.5, high 30
        sentinel = 0

        [haematocrit]
        range = low 1, high 85
        sentinel = 0

        [platelets]
        range = low 0, high 6000

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

        [hba1c]
        range = low 2, high 25
        sentinel = 0

        [body_weight]
        range = low 0.2, high 700
        sentinel = 0

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
