"""Parsing of one HL7 message of 10 values and 1.7 kB: ours, python-hl7 and a naive split.

    pip install hl7
    swift build -c release --package-path Tests/Benchmarks --product HL7Benchmark
    python hl7_parsing.py PATH_OF_HL7Benchmark [COUNT]

All are measured in one run, on one core, in processor time: the best of five rounds.
"""

import subprocess
import sys
import tempfile
import time

import hl7

CODES = [
    ("150456", "MDC_PULS_OXIM_SAT_O2", "98", "262688^MDC_DIM_PERCENT^MDC"),
    ("149530", "MDC_PULS_OXIM_PULS_RATE", "65", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    ("147842", "MDC_ECG_HEART_RATE", "64", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    ("151578", "MDC_TTHOR_RESP_RATE", "17", "264928^MDC_DIM_RESP_PER_MIN^MDC"),
    ("150037", "MDC_PRESS_BLD_ART_ABP_SYS", "121", "266016^MDC_DIM_MMHG^MDC"),
    ("150038", "MDC_PRESS_BLD_ART_ABP_DIA", "77", "266016^MDC_DIM_MMHG^MDC"),
    ("150039", "MDC_PRESS_BLD_ART_ABP_MEAN", "91", "266016^MDC_DIM_MMHG^MDC"),
    ("150344", "MDC_TEMP", "37.1", "268192^MDC_DIM_DEGC^MDC"),
    ("150488", "MDC_BLD_PERF_INDEX", "2.4", "262688^MDC_DIM_PERCENT^MDC"),
    ("151708", "MDC_CONC_AWAY_CO2_ET", "36", "266016^MDC_DIM_MMHG^MDC"),
]


def message():
    segments = [
        "MSH|^~\\&|MONITOR^0011223344556677^EUI-64|WARD|||20260112120003.0000+0530||"
        "ORU^R01^ORU_R01|23545|P|2.6|||NE|AL||UNICODE UTF-8|||"
        "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
        "PID|||MRN0001^^^HOSPITAL^MR||SURNAME^GIVEN^^^^^L||19600113|F",
        "PV1||I|ICU^12^B",
        "OBR|1|A1^MONITOR|A1^MONITOR|182777000^monitoring of patient^SCT|||20260112120000+0530",
    ]
    for number, (code, name, value, unit) in enumerate(CODES, 1):
        segments.append(
            f"OBX|{number}|NM|{code}^{name}^MDC|1.3.{number}.{code}|{value}|{unit}|||||R|||"
            f"20260112120000.0000+0530||||0011223344556677^^0011223344556677^EUI-64"
        )
    return "\r".join(segments) + "\r"


def naive(text):
    return [[f.split("^") for f in line.split("|")] for line in text.split("\r") if line]


def measured(work, count):
    best = 0.0
    for _ in range(5):
        start = time.process_time()
        for _ in range(count):
            work()
        best = max(best, count / (time.process_time() - start))
    return best


text = message()
count = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
print(f"{len(text)} bytes")
peer = measured(lambda: hl7.parse(text), count // 20)
split = measured(lambda: naive(text), count)
print(f"python-hl7 {peer:.0f} messages/s, naive split {split:.0f} messages/s")
with tempfile.NamedTemporaryFile(suffix=".hl7") as file:
    file.write(text.encode())
    file.flush()
    ours = subprocess.run(
        [sys.argv[1], file.name, str(count)], check=True, capture_output=True, text=True
    ).stdout
print(ours, end="")
for line in ours.splitlines():
    rate = float(line.split(" messages/s")[0].split()[-1])
    print(f"{rate / peer:.1f} x python-hl7, {rate / split:.2f} x the naive split")
