"""Installs axe-core and html-validate from the npm registry, in pinned versions, into a folder of this run.

SAVEMMS_PAGE_TOOLS names a folder that keeps them from run to run."""

import json
import os
import subprocess

PINNED = ("axe-core@4.10.3", "html-validate@8.29.0")

# The style of a page is our own choice. The rules cover only what the HTML standard forbids.
RULES = {"extends": ["html-validate:standard"], "root": True,
         "rules": {"no-trailing-whitespace": "off", "doctype-style": "off", "attribute-boolean-style": "off",
                   "attribute-empty-style": "off", "no-implicit-button-type": "off", "long-title": "off", "void-style": "off"}}


class PageTools:
    def __init__(self, folder):
        self.folder = os.environ.get("SAVEMMS_PAGE_TOOLS") or str(folder)
        os.makedirs(self.folder, exist_ok=True)
        if not os.path.exists(self.file("axe-core", "axe.min.js")) or not os.path.exists(self.file(".bin", "html-validate")):
            done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", *PINNED],
                                  cwd=self.folder, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, f"npm could not install {PINNED}:\n{done.stdout}{done.stderr}"
        with open(self.file("axe-core", "axe.min.js")) as f:
            self.axe_source = f.read()
        with open(os.path.join(self.folder, ".htmlvalidate.json"), "w") as f:
            json.dump(RULES, f)

    def file(self, *name):
        return os.path.join(self.folder, "node_modules", *name)

    def axe(self, driver):
        """Returns axe's findings of impact serious or critical on the page as it is displayed."""
        driver.execute_script(self.axe_source)
        found = driver.execute_async_script("const done = arguments[0]; axe.run().then(r => done(r.violations), e => done([String(e)]));")
        return [f"{v['id']} ({v['impact']}): {[n['html'][:200] for n in v['nodes'][:3]]}" if isinstance(v, dict) else v
                for v in found if not isinstance(v, dict) or v["impact"] in ("serious", "critical")]

    def invalid(self, pages):
        """Returns the errors in the HTML of the pages, {name: text}."""
        for name, text in pages.items():
            with open(os.path.join(self.folder, f"{name}.html"), "w") as f:
                f.write(text)
        names = [f"{name}.html" for name in pages]
        done = subprocess.run([self.file(".bin", "html-validate"), "--formatter", "json", *names], cwd=self.folder,
                              capture_output=True, text=True, timeout=120)
        assert done.stdout.startswith("["), done.stdout + done.stderr
        return [f"{os.path.basename(f['filePath'])}:{m['line']}: {m['ruleId']}: {m['message']}"
                for f in json.loads(done.stdout) for m in f["messages"] if m["severity"] == 2]
