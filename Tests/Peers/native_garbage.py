#!/usr/bin/env python3
"""Sends what no link understands to the native door of Twinline, from a fixed seed.

    native_garbage.py ADDRESS

Messages of random frames, frames of every length up to more than the door takes, headers that are cut off.
Needs pyzmq. Prints how much was sent.
"""

import json
import random
import sys

import native_feed


def messages(chance):
    header = native_feed.link.Header(major=1, kind=1, session=7, correlation=1).SerializeToString()
    for _ in range(4000):
        count = chance.randint(1, 5)
        yield [chance.randbytes(chance.choice([0, 1, 7, 100, 4000])) for _ in range(count)]
    for length in range(len(header)):
        yield [header[:length]]
    request = native_feed.link.Header(major=1, kind=3, session=7, correlation=1, subject=10)
    for _ in range(500):
        yield [request.SerializeToString(), chance.randbytes(1000)]
    for _ in range(4):
        yield [request.SerializeToString()] + [b""] * 5000
        yield [request.SerializeToString(), bytes(17 << 20)]
        yield [bytes(15 << 20)] * 8


def main(address):
    import zmq

    chance = random.Random(2026)
    sent = byte_count = 0
    socket = None
    for frames in messages(chance):
        # A peer that is dropped comes again as another.
        if socket is None or sent % 50 == 0:
            if socket is not None:
                socket.close(linger=100)
            socket = zmq.Context.instance().socket(zmq.DEALER)
            socket.setsockopt(zmq.SNDTIMEO, 500)
            socket.connect(address)
        try:
            socket.send_multipart(frames)
            sent += 1
            byte_count += sum(map(len, frames))
        except zmq.Again:
            socket.close(linger=0)
            socket = None
    socket.close(linger=1000)
    print(json.dumps({"messages": sent, "bytes": byte_count}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
