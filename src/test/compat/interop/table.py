"""The table of what loads where: one file of values, from which the document is written and that `imagerl inspect` reads."""

import csv
from dataclasses import astuple, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
RESOURCE = ROOT / "plugins/toolkit/src/main/resources/org/imagerl/toolkit/lora/files/compatibility.csv"
DOCUMENT = ROOT / "docs/compatibility.md"
HEADER = ["layout", "family", "tool", "verdict", "note"]
BEGIN, END = "<!-- the table is written by src/test/compat/interop/run.py -->", "<!-- the end of the table -->"
TOOLS = {"diffusers": "diffusers", "peft": "PEFT", "comfyui": "ComfyUI", "kohya": "sd-scripts"}
FAMILIES = {"sd": "SD 1.x", "sdxl": "SDXL", "sd3": "SD3", "flux": "FLUX.1"}
LAYOUTS = {"diffusers": "`--format diffusers`", "kohya": "`--format kohya`", "peft": "`--format peft`", "merged": "`--merge`", "single": "`--single-file`"}
WORDS = {"loads": "yes", "strength": "at another strength", "part": "in part", "names": "yes (names)", "refuses": "no"}


@dataclass(frozen=True)
class Row:
    layout: str
    family: str
    tool: str
    verdict: str
    note: str = ""

    def key(self):
        return self.layout, self.family, self.tool


def read():
    if not RESOURCE.exists():
        return []
    with RESOURCE.open(newline="") as file:
        return [Row(*row) for row in list(csv.reader(file))[1:]]


def write_csv(path, rows, columns=len(HEADER)):
    order = [list(LAYOUTS), list(FAMILIES), list(TOOLS)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER[:columns])
        writer.writerows(astuple(row)[:columns] for row in sorted(rows, key=lambda row: [names.index(part) for names, part in zip(order, row.key())]))


def markdown(rows):
    found = {row.key(): row.verdict for row in rows}
    lines = ["| file | family | " + " | ".join(TOOLS.values()) + " |", "|---" * (2 + len(TOOLS)) + "|"]
    for layout, title in LAYOUTS.items():
        for family, name in FAMILIES.items():
            cells = [WORDS[found[(layout, family, tool)]] if (layout, family, tool) in found else "" for tool in TOOLS]
            if any(cells):
                lines.append(f"| {title} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def finish(rows, options, tools):
    write_csv(options.out / "compatibility.csv", rows)
    before = {row.key(): row for row in read()}
    changed = [row for row in rows if row.key() not in before or before[row.key()].verdict != row.verdict]
    for row in changed:
        old = before.get(row.key())
        print(f"{'/'.join(row.key())}: the table says {old.verdict if old else 'nothing'}, the run {row.verdict} {row.note}")
    if options.write:
        rows = list((before | {row.key(): row for row in rows}).values())
        RESOURCE.parent.mkdir(parents=True, exist_ok=True)
        write_csv(RESOURCE, rows, 4)
        text = DOCUMENT.read_text()
        head, rest = text.split(BEGIN)
        DOCUMENT.write_text(f"{head}{BEGIN}\n\n{markdown(rows)}\n\n{END}{rest.split(END)[1]}")
        return 0
    return 1 if changed else 0
