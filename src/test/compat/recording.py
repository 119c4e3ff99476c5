#!/usr/bin/env python3
"""Records a command in a terminal, and draws the recording as an animated SVG.

  recording.py record OUT.cast -- ./imagerl train samples/words-flow/awm.yaml
  recording.py render OUT.cast docs/images/first-run.svg --seconds 14

The first writes an asciicast (version 2): what a real run printed, and when. The second draws it, the time shortened to --seconds. Needs
nothing beside Python on Linux or macOS. What of a terminal is understood: text, line feeds, carriage returns, and erasing to the end of the
line; any other control sequence ends the script, so that nothing is drawn that was not there.
"""
import argparse
import codecs
import html
import json
import os
import pty
import re
import select
import shlex
import sys
import time

COLUMNS, ROWS = 100, 60
FONT, LINE, LETTER, MARGIN = 14, 19, 8.43, 16
PIECES = re.compile(r"\r|\n|\x1b\[K|\x1b\[0?m|[^\r\n\x1b]+|.", re.S)


def record(out, command):
    """Runs the command on a terminal of its own, and keeps what it prints, with the seconds since its start."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm", COLUMNS=str(COLUMNS), LINES=str(ROWS))
        os.execvp(command[0], command)
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    start, decoder = time.monotonic(), codecs.getincrementaldecoder("utf-8")()
    with open(out, "w") as file:
        header = {"version": 2, "width": COLUMNS, "height": ROWS, "command": shlex.join(command)}
        file.write(json.dumps(header) + "\n")
        while True:
            select.select([terminal], [], [])
            try:
                data = os.read(terminal, 65536)
            except OSError:  # Linux: the last process has closed the terminal
                data = b""
            if not data:
                break
            file.write(json.dumps([round(time.monotonic() - start, 3), "o", decoder.decode(data)]) + "\n")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        sys.exit(f"recording: the command ended with {status}")


def wrap(lines, letter):
    """Goes on in a new line, with the word that the old one ends in, so that it is not split as a terminal would; the column there."""
    head, blank, word = lines[-1].rpartition(" ")
    if not blank or letter == " ":
        head, word = lines[-1], ""
    lines[-1:] = [head, word]
    return len(word)


def screens(events):
    """The lines on the terminal after each piece of output: (seconds, list of lines)."""
    lines, column = [""], 0
    for seconds, _, text in events:
        for piece in PIECES.findall(text):
            if piece == "\r":
                column = 0
            elif piece == "\n":
                lines.append("")
            elif piece == "\x1b[K":
                lines[-1] = lines[-1][:column]
            elif piece in ("\x1b[m", "\x1b[0m"):
                continue
            elif piece < " ":
                sys.exit(f"recording: a control sequence that this script does not draw: {piece!r}")
            else:
                for letter in piece:
                    if column == COLUMNS:
                        column = wrap(lines, letter)
                        if letter == " ":
                            continue  # the new line takes the place of the blank
                    line = lines[-1].ljust(column)
                    lines[-1] = line[:column] + letter + line[column + 1:]
                    column += 1
        yield seconds, list(lines)


def shown(events, command):
    """When each text stands in each row: a list of (row, text, from, to); to is None for what stays."""
    rows, spans, last = {0: ("$ " + command, 0.0)}, [], 0.0
    for seconds, lines in screens(events):
        last = seconds
        for row, text in enumerate((line.rstrip() for line in lines), start=1):
            old = rows.get(row)
            if old and old[0] == text:
                continue
            if old and old[0]:
                spans.append((row, old[0], old[1], seconds))
            rows[row] = (text, seconds)
    spans += [(row, text, since, None) for row, (text, since) in rows.items() if text]
    return spans, last


def thinned(spans, shortest):
    """Without texts that stand so briefly that nobody sees them; the text before such a one stays until the next."""
    kept = []
    for row, text, since, to in sorted(spans, key=lambda span: (span[0], span[2])):
        if kept and kept[-1][0] == row and kept[-1][3] is not None:
            kept[-1] = (*kept[-1][:3], since)
        if to is None or to - since >= shortest:
            kept.append((row, text, since, to))
    return kept


def render(cast, out, seconds, hold):
    with open(cast) as file:
        header, *events = [json.loads(line) for line in file]
    spans, last = shown(events, header["command"])
    factor, total = seconds / last, seconds + hold
    spans = thinned(spans, 0.1 / factor)
    height = 2 * MARGIN + LINE * (1 + max(row for row, *_ in spans))
    width = round(2 * MARGIN + LETTER * COLUMNS)
    title = f"Terminal: {header['command']}, {last:.0f} seconds in {seconds}"
    texts, rules = [], []
    for row, text, since, to in spans:
        begin, end = (100 * moment * factor / total for moment in (since, last if to is None else to))
        name = ""
        if row > 0:  # the first line is always there
            key = f"k{len(rules)}"
            off = "" if to is None else f"{end:.2f}%{{opacity:1}}{end + 0.01:.2f}%,to{{opacity:0}}"
            rules.append(f"@keyframes {key}{{0%,{begin:.2f}%{{opacity:0}}{begin + 0.01:.2f}%{{opacity:1}}{off}}}"
                         f".{key}{{animation:{key} {total}s linear infinite{';opacity:0' if to is not None else ''}}}")
            name = f' class="{key}"'
        y = MARGIN + LINE * row + FONT
        texts.append(f'<text x="{MARGIN}" y="{y}"{name}>{html.escape(text)}</text>')
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>{html.escape(title)}</title>
<style>
text{{font:{FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6e6e6;white-space:pre}}
{chr(10).join(rules)}
@media (prefers-reduced-motion:reduce){{text{{animation:none!important}}}}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#1d2127" stroke="#5a6270"/>
{chr(10).join(texts)}
</svg>
"""
    with open(out, "w") as file:
        file.write(svg)
    print(f"{out}: {len(svg)} bytes, {last:.0f} s of the run in {seconds} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, dest="verb")
    recording = verbs.add_parser("record")
    recording.add_argument("out")
    recording.add_argument("command", nargs="+")
    rendering = verbs.add_parser("render")
    rendering.add_argument("cast")
    rendering.add_argument("out")
    rendering.add_argument("--seconds", type=float, default=14, help="in which the run is shown")
    rendering.add_argument("--hold", type=float, default=6, help="for which its end stays")
    arguments = parser.parse_args()
    if arguments.verb == "record":
        record(arguments.out, arguments.command)
    else:
        render(arguments.cast, arguments.out, arguments.seconds, arguments.hold)


if __name__ == "__main__":
    main()
