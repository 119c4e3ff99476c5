#!/usr/bin/env python3
"""Attacks a server of rewards on this machine and asks after each attack whether it still scores.

    src/test/campaigns/server.py [IMAGERL [SEED]]        ./imagerl, 1

Python alone. The server has 512 MB of heap, so that memory runs out if it can. Prints what was answered; fails if the server does
not score any more, ended, or answered what is no JSON.
"""
import base64, collections, json, os, random, re, socket, struct, subprocess, sys, time, zlib

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
IMAGERL = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "imagerl")
RANDOM = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
PATIENCE = 60


def png(width, height, rows=None):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    pixels = zlib.compress(b"\0" * ((3 * width + 1) * (height if rows is None else rows)), 9)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def question(*images):
    return json.dumps({"prompt": ["a"] * len(images), "image": [base64.b64encode(i).decode() for i in images]}).encode()


def request(body, head=b""):
    return (b"POST /compute HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def connect():
    return socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE)


def talk(data):
    """The status and the JSON that is answered; (0, None) if the connection ends without an answer."""
    answer = b""
    with connect() as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may have answered before all was sent
        try:
            while part := s.recv(1 << 16):
                answer += part
        except OSError:
            pass
    if not answer:
        return 0, None
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body.split(b"\r\nHTTP/1.1")[0].split(b"HTTP/1.1")[0]) if body else None


GOOD = request(question(png(8, 8)))


def mutated():
    data = bytearray(GOOD)
    for _ in range(RANDOM.randint(1, 6)):
        at = RANDOM.randrange(len(data))
        kind = RANDOM.randrange(4)
        if kind == 0:
            data[at] = RANDOM.randrange(256)
        elif kind == 1:
            del data[at:at + RANDOM.randint(1, 20)]
        elif kind == 2:
            data[at:at] = bytes(RANDOM.randrange(256) for _ in range(RANDOM.randint(1, 20)))
        else:
            data[at:at] = data[at:at + RANDOM.randint(1, 40)]
    return bytes(data)


def hold(count, data):
    """Connections that send something and then nothing, and read nothing."""
    held = []
    for _ in range(count):
        try:
            s = connect()
            s.sendall(data)
            held.append(s)
        except OSError:
            break
    return held


def attack(name, data, times=1):
    answers = collections.Counter()
    for _ in range(times):
        status, answer = talk(data() if callable(data) else data)
        if status >= 400 and not (isinstance(answer, dict) and "error" in answer):
            sys.exit(f"{name}: {status} without a reason: {answer}")
        answers[status] += 1
    alive(name, answers)


def alive(name, said):
    start = time.monotonic()
    status, answer = talk(GOOD)
    if status != 200 or "rewards" not in answer or SERVER.poll() is not None:
        sys.exit(f"after {name} ({dict(said)}) the server answers {status} {answer}")
    print(f"{name}: {dict(said)}; scores after {time.monotonic() - start:.1f} s", flush=True)


def attacks():
    attack("nothing", b"")
    attack("mutations", mutated, 400)
    attack("cut", lambda: GOOD[:RANDOM.randrange(len(GOOD))], 50)
    attack("100 MB of base64", request(b'{"prompt": ["a"], "image": ["' + b"A" * 100_000_000 + b'"]}'))
    attack("60 MB of base64", request(b'{"prompt": ["a"], "image": ["' + b"A" * 60_000_000 + b'"]}'))
    attack("60 MB of brackets", request(b"[" * 60_000_000))
    attack("60 MB of empty objects", request(b'{"prompt": [' + b"{}," * 20_000_000 + b"{}]}"))
    attack("60 MB of a number", request(b'{"prompt": ' + b"9" * 60_000_000 + b"}"))
    attack("a million keys", request(json.dumps({str(i): i for i in range(1_000_000)}).encode()))
    attack("16000 x 16000 pixels", request(question(png(16000, 16000, 1))))
    attack("8000 x 8000 pixels, four times", request(question(*[png(8000, 8000)] * 4)))
    attack("8000 x 8000 pixels", request(question(png(8000, 8000))), 2)
    attack("5000 images", request(question(*[png(1, 1)] * 5000)))
    attack("4000 images", request(question(*[png(4, 4)] * 4000)))
    attack("1 MB of headers", request(b"{}", b"X: " + b"x" * 1_000_000 + b"\r\n"))
    attack("10000 headers", request(b"{}", b"X: x\r\n" * 10_000))
    attack("100 GB announced", GOOD.replace(b"Content-Length: ", b"Content-Length: 100000000000"))
    attack("chunks without an end", request(b"", b"Transfer-Encoding: chunked\r\n") + b"fffffff\r\n" + b" " * 80_000_000)
    for name, data in (("no headers", b""), ("half of the headers", GOOD[:60]), ("half of the body", GOOD[:-60]),
                       ("answers that nobody reads", b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500)):
        held = hold(200, data)
        alive(f"{len(held)} connections with {name}", {})
        for s in held:
            s.close()
    large = hold(12, request(b" " * 63_000_000)[:-1][:30_000_000])
    alive(f"{len(large)} halves of 60 MB", {})
    for s in large:
        s.close()
    alive("all of this", {})


OPTIONS = {"IMAGERL_JAVA_OPTS": os.environ.get("IMAGERL_JAVA_OPTS", "") + " -Xmx512m"}
SERVER = subprocess.Popen([IMAGERL, "serve-rewards", "--reward", "jpeg-compressibility", "--port", "0"],
                          stdout=subprocess.PIPE, text=True, env={**os.environ, **OPTIONS})
try:
    PORT = int(re.search(r":(\d+)$", SERVER.stdout.readline().strip()).group(1))
    attacks()
finally:
    SERVER.terminate()
    print("ended with", SERVER.wait(PATIENCE))
