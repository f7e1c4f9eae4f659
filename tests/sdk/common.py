"""What both checks share: the control interface of the sandbox, and a runner that reports every failed step."""

import json
import sys
import time
import traceback
import urllib.request


class Control:
    """The sandbox's own interface, spoken without any vendor's client."""

    def __init__(self, url):
        self.url = url

    def __call__(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/_sandbox{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


def until(question, seconds=10.0):
    """Asks again until the answer is true; the last answer is returned."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(0.02)


def run(steps):
    """Runs every step, prints what failed, and ends the process."""
    failed = 0
    for step in steps:
        try:
            step()
            print(f"ok      {step.__name__}")
        except Exception:  # noqa: BLE001 - whatever it is, it is reported and counted
            failed += 1
            print(f"FAILED  {step.__name__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(steps) - failed} of {len(steps)} steps passed")
    sys.exit(1 if failed else 0)
