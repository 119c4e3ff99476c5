"""Checks the shipped JSON Schema with another program's validator, and the configurations of the samples with the schema.

    python schema.py          (needs jsonschema and pyyaml)

Editors do the same: what this finds, they mark as a mistake. Ends with the number of files; exit 1 if one is not valid.
"""

import json
import sys
from pathlib import Path

import jsonschema
import yaml

SAMPLES = Path(__file__).resolve().parents[3] / "samples"


def main():
    schema = json.loads((SAMPLES / "imagerl.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    runs = [file for file in sorted(SAMPLES.glob("words*/**/*.yaml")) if "type" not in yaml.safe_load(file.read_text())]
    wrong = 0
    for file in runs:
        for error in validator.iter_errors(yaml.safe_load(file.read_text())):
            wrong += 1
            print(f"{file.relative_to(SAMPLES)}: {list(error.absolute_path)}: {error.message[:200]}")
    mistakes = {"checkpoint": "a", "prompts": "b", "algorithm": "ddpo", "rewards": ["ocr"], "rollout": {"steps": "x"}, "zzz": 1}
    assert len(list(validator.iter_errors(mistakes))) == 2, "a mistake is not seen"
    print(f"{len(runs)} configurations, {wrong} mistakes")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
