#!/usr/bin/env python3
"""Feeds the native door of Twinline with simulated heart rates: what an integrator has to do, in full.

    native_feed.py ADDRESS COUNT PATIENT      e.g.  native_feed.py tcp://127.0.0.1:5570 1000 'WARD|7'
    native_feed.py --write FOLDER COUNT PATIENT     writes the frames to files instead

Needs pyzmq, protobuf and protoc. Prints one JSON document; the exit status is 0 when every
observation is on the other side's disk, 1 when some were refused or not answered in time, 2 for
wrong usage, 69 when nobody answers.
"""

import collections
import json
import pathlib
import secrets
import subprocess
import sys
import tempfile
import time

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
HEARTBEAT_S = 1.0       # say something at least this often
SILENCE_S = 5.0         # a peer that is silent for longer is gone
RESEND_S = 1.0          # an unanswered request goes again, after twice as long each time
RESEND_S_MAX = 30.0
DEADLINE_S = 60.0       # a request that is not answered by then has failed
BATCH_COUNT = 256


def load_messages():
    """The generated classes; an integrator does this once, at build time."""
    folder = tempfile.mkdtemp()
    protos = [str(path) for path in sorted(PROTO.glob("*.proto"))]
    subprocess.run(["protoc", f"--proto_path={PROTO}", f"--python_out={folder}", *protos], check=True)
    sys.path.insert(0, folder)
    import link_pb2
    import observation_pb2

    return link_pb2, observation_pb2


link, observation = load_messages()


def columns(patient, times_us, rates):
    """Heart rates of one patient as columns: everything that is the same is said once."""
    batch = observation.ObservationBatch()
    part = batch.columns
    part.twins.append(patient)
    part.codes.add(system="http://loinc.org", value="8867-4")
    part.units.append("/min")
    part.sources.append("native_feed.py")
    # The first time as it is, then differences. The index columns are all zero: left out.
    part.event_time_deltas_us.extend(
        time_us - before for time_us, before in zip(times_us, [0, *times_us])
    )
    part.numbers.extend(rates)
    return batch


def rows(patient, times_us, rates):
    """The same as rows: simpler, and as good for a few."""
    batch = observation.ObservationBatch()
    for time_us, rate in zip(times_us, rates):
        row = batch.rows.add(twin=patient, number=rate, unit="/min", event_time_us=time_us)
        row.code.system = "http://loinc.org"
        row.code.value = "8867-4"
        row.source = "native_feed.py"
    return batch


def batches(count, patient):
    """`count` heart rates, one each second up to now."""
    first_us = (int(time.time()) - count) * 1_000_000
    for start in range(0, count, BATCH_COUNT):
        span = range(start, min(start + BATCH_COUNT, count))
        times_us = [first_us + index * 1_000_000 for index in span]
        rates = [70.0 + index % 20 for index in span]
        yield (rows if len(span) < 8 else columns)(patient, times_us, rates)


def count_of(batch):
    return len(batch.columns.event_time_deltas_us) + len(batch.rows)


class Request:
    """A batch that is not answered yet: kept until it is."""

    def __init__(self, batch):
        self.batch = batch
        self.body = batch.SerializeToString()
        self.deadline = time.monotonic() + DEADLINE_S
        self.due = 0.0
        self.resend_s = RESEND_S


class Feed:
    """The connecting side of a link: hello, welcome, requests, replies, heartbeats."""

    def __init__(self, address):
        import zmq

        self.zmq = zmq
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 1000)
        self.socket.connect(address)
        self.session = secrets.randbits(64)     # anew at every start
        self.greeting = 0
        self.correlation = 0
        self.peer = None                        # the peer's hello, once it welcomed us
        self.peer_session = None
        self.heard = self.said = self.greeted = 0.0

    def header(self, kind, **fields):
        return link.Header(major=1, minor=0, kind=kind, session=self.session, **fields)

    def send(self, *frames):
        self.said = time.monotonic()
        self.socket.send_multipart([frames[0].SerializeToString(), *frames[1:]])

    def greet(self):
        self.peer = None
        self.greeting += 1
        self.greeted = time.monotonic()
        hello = link.Hello(name="native_feed.py", role="device", version="1.0")
        self.send(self.header(link.Header.KIND_HELLO, correlation=self.greeting, hello=hello))

    def run(self, requests):
        """Sends every request until it is answered; gives how many observations were accepted, and
        the refusals. Raises TimeoutError if nobody welcomes us."""
        waiting = collections.deque(requests)
        unanswered = {}
        accepted, refusals = 0, []
        started = time.monotonic()
        while waiting or unanswered:
            now = time.monotonic()
            if self.peer and now - self.heard > SILENCE_S:
                self.greet()
            if not self.peer and now - self.greeted >= HEARTBEAT_S:
                if not self.peer_session and now - started > 2 * SILENCE_S:
                    raise TimeoutError("nobody answers")
                self.greet()
            if self.peer:
                self.fill_window(waiting, unanswered)
                self.send_due(unanswered, now)
                if now - self.said >= HEARTBEAT_S:
                    self.send(self.header(link.Header.KIND_HEARTBEAT))
            for correlation in [key for key, one in unanswered.items() if one.deadline <= now]:
                refusals.append("not answered in time: keep it, and send it again later")
                del unanswered[correlation]
            while self.socket.poll(50 if unanswered or not self.peer else 0):
                count, refusal = self.receive(self.socket.recv_multipart(), unanswered)
                accepted += count
                refusals += refusal
        if self.peer:
            self.send(self.header(link.Header.KIND_GOODBYE))
        return accepted, refusals

    def fill_window(self, waiting, unanswered):
        """Takes as many requests in flight as the peer said that it takes at once."""
        byte_count = sum(len(one.body) for one in unanswered.values())
        while waiting and len(unanswered) < self.peer.window_count:
            byte_count += len(waiting[0].body)
            if unanswered and byte_count > self.peer.window_byte_count:
                return
            waiting[0].deadline = time.monotonic() + DEADLINE_S
            unanswered[self.next_correlation()] = waiting.popleft()

    def next_correlation(self):
        self.correlation += 1
        return self.correlation

    def send_due(self, unanswered, now):
        for correlation, request in unanswered.items():
            if request.due > now:
                continue
            header = self.header(
                link.Header.KIND_REQUEST, correlation=correlation, subject=link.SUBJECT_SUBMIT,
                deadline_ms=max(1, int((request.deadline - now) * 1000)))
            self.send(header, request.body)
            request.due = now + request.resend_s
            request.resend_s = min(2 * request.resend_s, RESEND_S_MAX)

    def receive(self, frames, unanswered):
        """How many observations this message says are accepted, and what it refuses."""
        header = link.Header.FromString(frames[0])
        if header.major > 1:
            raise RuntimeError(f"the peer speaks version {header.major} of the wire")
        kind = header.kind
        if kind == link.Header.KIND_WELCOME and header.correlation == self.greeting:
            self.peer, self.peer_session, self.heard = header.hello, header.session, time.monotonic()
            for request in unanswered.values():     # the peer may know none of them
                request.due = 0.0
        elif kind == link.Header.KIND_HEARTBEAT and header.session == self.peer_session:
            self.heard = time.monotonic()
        elif kind == link.Header.KIND_GOODBYE and self.peer:
            self.peer = None                        # it closes, or has restarted: greet again
        elif kind == link.Header.KIND_REJECT and not header.correlation:
            raise RuntimeError(f"the peer won't talk: {header.refusal.detail}")
        elif header.session == self.session and header.correlation in unanswered:
            self.heard = time.monotonic()
            if kind == link.Header.KIND_REPLY:
                return self.answered(header, frames[1], unanswered)
            if kind == link.Header.KIND_REJECT:
                # The link did not take the request: it keeps its correlation.
                return self.refused(header.correlation, header.correlation, header.refusal, unanswered)
        return 0, []

    def answered(self, header, body, unanswered):
        if header.subject == link.SUBJECT_ACCEPTED:
            del unanswered[header.correlation]
            return link.Accepted.FromString(body).count, []
        if header.subject == link.SUBJECT_REFUSED:
            # A reply is the last word on its correlation: asking again takes a new one.
            refusal = link.Refusal.FromString(body)
            return self.refused(header.correlation, self.next_correlation(), refusal, unanswered)
        raise RuntimeError(f"an answer of subject {header.subject}")

    def refused(self, correlation, correlation_next, refusal, unanswered):
        """Sends it again later, if the peer says when; else it is refused for good, and says so."""
        request = unanswered.pop(correlation)
        if refusal.WhichOneof("retry"):
            request.due = time.monotonic() + refusal.retry_after_ms / 1000
            unanswered[correlation_next] = request
            return 0, []
        return 0, [f"{link.Refusal.Reason.Name(refusal.reason)}: {refusal.detail}"]


def write(folder, requests):
    """The frames of every request, for those who want to see them."""
    for index, request in enumerate(requests, start=1):
        header = link.Header(
            major=1, kind=link.Header.KIND_REQUEST, session=7, correlation=index,
            subject=link.SUBJECT_SUBMIT, deadline_ms=int(DEADLINE_S * 1000))
        pathlib.Path(folder, f"{index}.header.bin").write_bytes(header.SerializeToString())
        pathlib.Path(folder, f"{index}.body.bin").write_bytes(request.body)


def main(arguments):
    is_writing = arguments[:1] == ["--write"]
    if len(arguments) != 3 + is_writing or not arguments[-2].isdigit():
        print(__doc__, file=sys.stderr)
        return 2
    target, count, patient = arguments[-3], int(arguments[-2]), arguments[-1]
    requests = [Request(batch) for batch in batches(count, patient)]
    sent = sum(count_of(request.batch) for request in requests)
    if is_writing:
        write(target, requests)
        print(json.dumps({"written": sent, "batches": len(requests)}))
        return 0
    try:
        accepted, refusals = Feed(target).run(requests)
    except TimeoutError as error:
        print(f"{target}: {error}; is twin-ingest running there?", file=sys.stderr)
        return 69
    print(json.dumps({"sent": sent, "accepted": accepted, "refusals": refusals}))
    return 0 if accepted == sent else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
