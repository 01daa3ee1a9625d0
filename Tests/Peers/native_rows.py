#!/usr/bin/env python3
"""Submits a few observations, or bytes that are none, to the native door of Twinline.

    native_rows.py ADDRESS rows JSON     a list of {"twin", "system", "code", "number", "unit", "time"}
    native_rows.py ADDRESS raw HEX       a submit whose body is these bytes

Prints and exits as native_feed.py does.
"""

import json
import sys

import native_feed


class RawBatch:
    """What passes for a batch and is none."""

    def __init__(self, body):
        self.body = body

    def SerializeToString(self):
        return self.body


def batch_of(rows):
    batch = native_feed.observation.ObservationBatch()
    for row in rows:
        one = batch.rows.add(
            twin=row["twin"], number=row["number"], unit=row["unit"], event_time_us=row["time"])
        one.code.system = row["system"]
        one.code.value = row["code"]
        one.source = "native_rows.py"
    return batch


def main(arguments):
    if len(arguments) != 3 or arguments[1] not in ("rows", "raw"):
        print(__doc__, file=sys.stderr)
        return 2
    address, kind, text = arguments
    rows = json.loads(text) if kind == "rows" else []
    batch = batch_of(rows) if kind == "rows" else RawBatch(bytes.fromhex(text))
    accepted, refusals = native_feed.Feed(address).run([native_feed.Request(batch)])
    print(json.dumps({"sent": len(rows), "accepted": accepted, "refusals": refusals}))
    return 1 if refusals else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
