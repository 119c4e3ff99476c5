"""Looks at the page of imagerl ui and the file of imagerl report with Chromium.

    python page.py IMAGERL FOLDER [--chromium PATH] [--screenshots]

IMAGERL is the command of the distribution, as one text with its arguments if it has any; needs playwright and a Chromium.
FOLDER gets runs: one of 1,000 epochs and 20 metrics, one whose every text tries to become a part of the page, two files of
scores, and a small training of samples/words, which the page must follow. Ends with what was measured; fails with the first
thing that is not as it should be. With --screenshots all views are photographed into FOLDER, in light, dark and phone width.
"""

import argparse
import json
import math
import random
import shlex
import signal
import struct
import subprocess
import time
import zlib
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[3]
HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=2>\u202e&\"'"
TABS = ["curves", "images", "rewards", "settings", "log"]
TRAINING = [
    "run.name=live", "epochs=6", "run.save_every=3", "run.sample_every=1", "run.evaluate_every=1", "rollout.steps=2",
    "rollout.prompts_per_epoch=4", "rollout.samples_per_prompt=4", "rollout.batch_size=8",
    "algorithm.trained_steps={type: fixed, steps: [0]}", "optimiser.updates_per_epoch=1", "optimiser.micro_batch=8",
    "optimiser.warmup_steps=0", "samples={prompts: 2, seeds: [0, 1]}", "rewards=[jpeg-compressibility]", "evaluation=null",
]


def png(path, red, texts):
    """A PNG file of 8 x 8 pixels with texts."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = (b"\0" + b"".join(bytes([red, 30 * x, 90]) for x in range(8))) * 8
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))]
    parts += [chunk(b"iTXt", key.encode() + b"\0\0\0\0\0" + value.encode()) for key, value in texts.items()]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def run(folder, epochs, columns, text, every):
    """The folder of a run as imagerl train leaves it."""
    folder.mkdir(parents=True)
    now = time.time() - 30 * epochs - 3600
    (folder / "config.yaml").write_text(
        f"epochs: {epochs}\ncheckpoint: {json.dumps(text)}\nalgorithm: {{preset: {json.dumps(text)}}}\n"
        f"optimiser: {{learning_rate: {1 / epochs}}}\n")
    (folder / "provenance.json").write_text(json.dumps({"version": text, "commandLine": ["imagerl", text]}))
    (folder / "log.txt").write_text("".join(
        f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now + 30 * i))} epoch {i} {text}\n" for i in range(epochs + 1)))
    noise = random.Random(0)
    with open(folder / "metrics.jsonl", "w") as metrics, open(folder / "epochs.jsonl", "w") as lines:
        for epoch in range(epochs + 1):
            level = 1 - math.exp(-epoch / epochs * 3)
            row = {"step": epoch}
            for i, name in enumerate(columns):
                row[name] = level / (i + 1) + noise.gauss(0, 0.05)
            metrics.write(json.dumps(row) + "\n")
            scores = [min(1, max(0, noise.gauss(level, 0.2))) for _ in range(64)]
            low, high = min(scores), max(scores)
            counts = [0] * 24
            for score in scores:
                counts[min(23, int(24 * (score - low) / (high - low)))] += 1
            lines.write(json.dumps({
                "step": epoch, "clockSeconds": now + 30 * epoch, "memoryBytes": 3_400_000_000,
                "rewards": [] if epoch == 0 else [{
                    "name": "ocr", "low": low, "high": high, "counts": counts, "failed": epoch % 2,
                    "reasons": [{"text": f"no letters in {text}", "count": 1}] if epoch % 2 else []}],
                "prompts": [] if epoch == 0 else [
                    {"prompt": f"{text} {(epoch * 16 + i) % 200}", "images": 4, "failed": 0, "mean": scores[i]}
                    for i in range(16)],
                "promptsLeftOut": 0}) + "\n")
            if epoch % every == 0:
                step = folder / f"samples/step-{epoch:09d}"
                step.mkdir(parents=True)
                for i in range(6):
                    png(step / f"p0{i // 2}-s{i % 2}.png", int(255 * level), {
                        "prompt": f"{text} {i // 2}", "seed": str(i % 2), "reward": f"{level:.3f}"})


def scores(folder):
    images = folder / "images"
    images.mkdir()
    for i in range(6):
        png(images / f"{i}.png", 40 * i, {})
    for name, shift in [("before", 0), ("after", 0.2)]:
        rows = "".join(f"{i}.png,{json.dumps(HOSTILE).replace(chr(92) + chr(34), chr(34) * 2)},{0.1 * i + shift},\n" for i in range(6))
        (folder / f"{name}.csv").write_text("file_name,prompt,ocr,error\n" + rows)
        (folder / f"{name}.header.json").write_text(json.dumps({"images": str(images), "rewards": {}}))


class Browser:
    """Pages that fail on any error of the console, and on any request that leaves this machine."""

    def __init__(self, chromium, url):
        self.chromium, self.url, self.problems = chromium, url, []

    def page(self, width=1360, height=900, scheme="light"):
        context = self.chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        page.set_default_timeout(120_000)  # the machine may be busy
        page.on("console", lambda m: self.problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.problems.append(str(e)))
        page.on("request", lambda r: self.problems.append(r.url) if not r.url.startswith((self.url, "data:", "file:")) else None)
        return page

    def check(self):
        assert not self.problems, self.problems


def until(page, condition, seconds=120):
    """Waits for a condition in JavaScript, from outside: the page's policy lets nothing be evaluated in it."""
    deadline = time.time() + seconds
    while not page.evaluate(condition):
        assert time.time() < deadline, condition
        time.sleep(0.01)


def view(page, url, run_id, tab, others=()):
    page.goto("about:blank")
    more = "".join(f"&with={one}" for one in (run_id, *others))
    page.goto(f"{url}#run={run_id}&tab={tab}{more}")
    page.wait_for_selector(f"#tab-{tab}[aria-selected=true]")
    until(page, "document.getElementById('panel').children.length > 0")


def speed(browser, url):
    """Milliseconds from the navigation until all charts of 1,000 epochs and 20 metrics are drawn: the median of five by the clock,
    and the time that the page itself computed, in the last of them; the first is left out, in which the server warms up."""
    times = []
    page = browser.page()
    inside = page.context.new_cdp_session(page)
    inside.send("Performance.enable", {"timeDomain": "threadTicks"})
    for _ in range(6):
        page.goto("about:blank")
        page.goto(f"{url}#run=0/long&tab=curves&with=0/long", wait_until="commit")
        until(page, "document.querySelectorAll('#panel canvas').length >= 20")
        times.append(page.evaluate("performance.now()"))
    found = {one["name"]: one["value"] for one in inside.send("Performance.getMetrics")["metrics"]}
    page.close()
    return sorted(times[1:])[2], 1000 * found["TaskDuration"]


def hostile(browser, url):
    """No text of a run is more than a text, in any view."""
    page = browser.page()
    for tab in TABS:
        view(page, url, "0/hostile", tab, ["0/long"])
        page.wait_for_timeout(300)
        assert HOSTILE in page.evaluate("document.body.textContent") or tab == "curves", tab
        assert page.evaluate("window.hacked") is None, tab
        assert page.evaluate("document.querySelectorAll('#main script, #main img[src=x]').length") == 0, tab
    view(page, url, "0/before.csv", "compare", ["0/after.csv"])
    page.wait_for_selector("ul.pairs img")
    assert page.evaluate("window.hacked") is None
    page.close()


def names(page):
    """Everything that can be worked with has a name for a screen reader; the names."""
    unnamed = page.evaluate("""() => Array.from(document.querySelectorAll('button, input, select, [tabindex="0"]'))
        .filter((one) => one.offsetParent !== null && one.tagName !== 'MAIN')
        .filter((one) => !(one.getAttribute('aria-label') || one.innerText || (one.labels && one.labels.length)))
        .map((one) => one.outerHTML.slice(0, 200))""")
    assert not unnamed, unnamed


def keyboard(browser, url):
    """The views, a chart, the slider and the large image by keys alone."""
    page = browser.page()
    view(page, url, "0/long", "curves")
    names(page)
    page.focus("#tab-curves")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#tab-images[aria-selected=true]")
    assert page.evaluate("document.activeElement.id") == "tab-images"
    page.wait_for_selector("ul.pairs button")
    names(page)
    slider = page.get_by_role("slider", name="before training")
    slider.focus()
    page.keyboard.press("Home")
    assert page.evaluate("getComputedStyle(document.querySelector('ul.pairs')).getPropertyValue('--cut')") == "0%"
    page.focus("ul.pairs button")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Next").press("Enter")
    names(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    page.keyboard.press("Shift+Tab")
    view(page, url, "0/long", "curves")
    page.focus(".plot")
    page.keyboard.press("End")
    said = page.inner_text("#spoken")
    assert said.startswith("epoch 1,000: long "), said
    for tab in ["rewards", "settings", "log"]:
        view(page, url, "0/long", tab)
        names(page)
    view(page, url, "0/long", "rewards")
    page.get_by_role("button", name="Last mean").press("Enter")
    assert page.get_attribute("th:has(button:text('Last mean'))", "aria-sort") == "descending"
    page.get_by_role("checkbox", name="Compare hostile").check()
    page.click("#tab-settings")
    page.wait_for_selector("td:has-text('0.001')")
    assert page.locator("thead th").count() >= 3
    page.close()


def phone(browser, url):
    """On a phone nothing is wider than the screen; in both schemes texts differ from their ground (WCAG's 4.5 to 1)."""
    page = browser.page(390, 844)
    for tab in TABS:
        view(page, url, "0/long", tab)
        page.wait_for_timeout(300)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, (tab, width)
    page.close()
    for scheme in ["light", "dark"]:
        page = browser.page(scheme=scheme)
        view(page, url, "0/long", "images")
        page.wait_for_selector("ul.pairs .change")
        low = page.evaluate("""() => {
          const light = (text) => text.match(/[0-9.]+/g).slice(0, 3).map((v) => v / 255)
            .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = (one) => {
            const colour = getComputedStyle(one).backgroundColor;
            return colour === 'rgba(0, 0, 0, 0)' && one.parentElement ? ground(one.parentElement) : colour;
          };
          return Array.from(document.querySelectorAll('body *')).filter((one) => one.offsetParent !== null
              && Array.from(one.childNodes).some((node) => node.nodeType === 3 && node.data.trim())
              && one.tagName !== 'OPTION')
            .map((one) => {
              const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
              return [(a + 0.05) / (b + 0.05), one.className + ' ' + one.textContent.slice(0, 30)];
            }).filter(([ratio]) => ratio < 4.5);
        }""")
        assert not low, (scheme, low)
        page.close()


def follows(browser, url, command, folder):
    """Curves move while a training runs, without the page being loaded again; the number of points that were seen."""
    training = subprocess.Popen(
        [*command, "train", str(ROOT / "samples/words/ddpo.yaml"), "--set", f"run.folder={folder}",
         *[part for setting in TRAINING for part in ("--set", setting)]], stderr=subprocess.DEVNULL)
    page = browser.page()
    page.goto(url)
    page.evaluate("window.same = true")
    seen = []
    try:
        button = page.get_by_role("button", name="live", exact=True)
        button.wait_for(timeout=600_000)
        button.click()
        page.click("#tab-curves")
        deadline = time.time() + 900
        while len(seen) < 4 and time.time() < deadline:
            text = page.locator("[data-metric=reward_mean] .plot").first
            if text.count():
                label = text.get_attribute("aria-label")
                if not seen or seen[-1] != label:
                    seen.append(label)
            time.sleep(0.2)
        assert len(seen) >= 4, seen
        assert page.evaluate("window.same"), "the page was loaded again"
        assert "Training" in page.inner_text(".headline"), page.inner_text(".headline")
        assert training.wait(timeout=900) == 0
        page.wait_for_selector(".state.finished", timeout=30_000)
        page.click("#tab-images")
        page.wait_for_selector("ul.pairs img")
    finally:
        training.kill()
        training.wait()
    page.close()
    return len(seen)


def report(browser, command, folder, out):
    """The file works without a server, for a hostile run too."""
    subprocess.run([*command, "report", str(folder / "hostile"), str(folder / "long"), "--out", str(out)], check=True,
                   stdout=subprocess.DEVNULL)
    page = browser.page()
    for tab in TABS:
        view(page, out.as_uri(), "0", tab, ["1"])
        page.wait_for_timeout(300)
        assert page.evaluate("window.hacked") is None
    view(page, out.as_uri(), "1", "images")
    until(page, "Array.from(document.querySelectorAll('ul.pairs img')).some((one) => one.naturalWidth === 8)")
    page.close()
    return out.stat().st_size


def photograph(browser, url, folder):
    looks = {"light": (1360, 900, "light"), "dark": (1360, 900, "dark"), "phone": (390, 844, "light"), "phone-dark": (390, 844, "dark")}
    for look, size in looks.items():
        page = browser.page(*size)
        for tab in TABS:
            view(page, url, "0/long", tab, ["0/live"])
            page.wait_for_timeout(700)
            page.screenshot(path=folder / f"{tab}-{look}.png")
        view(page, url, "0/before.csv", "compare", ["0/after.csv"])
        page.wait_for_timeout(500)
        page.screenshot(path=folder / f"compare-{look}.png")
        page.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("imagerl")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--chromium", default=None)
    arguments.add_argument("--screenshots", action="store_true")
    given = arguments.parse_args()
    command = shlex.split(given.imagerl)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a shell it is ignored, also by the server
    runs = given.folder / "runs"
    run(runs / "long", 1000, ["evaluation_reward_mean", "reward_mean", "reward_std", *[f"metric_{i}" for i in range(17)]],
        "a sign that says", 100)
    run(runs / "hostile", 3, ["reward_mean", HOSTILE], HOSTILE, 1)
    scores(runs)
    server = subprocess.Popen([*command, "ui", str(runs), "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        assert url.startswith("http://127.0.0.1:"), url
        with sync_playwright() as tools:
            chromium = tools.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
            browser = Browser(chromium, url)
            milliseconds, computed = speed(browser, url)
            hostile(browser, url)
            keyboard(browser, url)
            phone(browser, url)
            points = follows(browser, url, command, runs)
            size = report(browser, command, runs, given.folder / "report.html")
            if given.screenshots:
                photograph(browser, url, given.folder)
            browser.check()
            chromium.close()
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0
    finally:
        server.kill()
    print(f"1,000 epochs x 20 metrics drawn after {milliseconds:.0f} ms by the clock (median of five), {computed:.0f} ms of them"
          f" computing in the page; {points} states of a curve seen"
          f" while it trained; the report has {size / 1e6:.1f} MB")
    assert computed < 1000, computed


if __name__ == "__main__":
    main()
