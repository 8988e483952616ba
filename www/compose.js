/* What script adds to the composer: answers put in place of a new page, files taken in as soon
   as they are chosen, the rules looked at when typing pauses. The server does all the work. */
"use strict";
(() => {
	const PAUSE = 600;
	const page = document.getElementById("compose");
	let timer = 0, asked = 0, pressed = 0, last = Promise.resolve();

	const form = () => document.getElementById("composer");

	/* Posts the form without its files; what is at #id of the answer. */
	async function ask(url, data, id) {
		const answer = await fetch(url, { method: "POST", body: data, credentials: "same-origin" });
		const found = new DOMParser().parseFromString(await answer.text(), "text/html");
		return found.getElementById(id) || found.querySelector(".wrong");
	}

	function show(old, node) {
		old.replaceWith(document.importNode(node, true));
		for (const button of page.querySelectorAll("[data-copy]"))
			button.hidden = false;
	}

	function fail(node) {
		const verdict = document.getElementById("verdict");
		const p = document.createElement("p");
		p.className = "wrong";
		p.textContent = node ? node.textContent : "The server cannot be reached. Your input is still here.";
		verdict.replaceChildren(p);
	}

	/* What was typed while an answer was under way stays. */
	function carry(sent, now) {
		let any = false;
		for (const [name, value] of now) {
			const field = form().elements.namedItem(name);
			if (typeof value === "string" && sent.has(name) && sent.get(name) !== value && field && field.type !== "hidden") {
				field.value = value;
				any = true;
			}
		}
		if (any) {
			clearTimeout(timer);
			timer = setTimeout(look, PAUSE);
		}
	}

	/* A button's answer in place of the form; the focus goes where the server says, else
	   where it was. */
	async function respond(value) {
		const data = new FormData(form()), open = document.getElementById("request").open;
		clearTimeout(timer);
		data.set("do", value);
		form().setAttribute("aria-busy", "true");
		try {
			const node = await ask(form().action, data, "compose");
			if (node && node.id === "compose") {
				const was = document.activeElement, caret = was && was.selectionStart, now = new FormData(form());
				page.replaceChildren(...document.importNode(node, true).childNodes);
				for (const button of page.querySelectorAll("[data-copy]"))
					button.hidden = false;
				document.getElementById("request").open = open;
				if (!/^(up|down|remove|drop)/.test(value))
					carry(data, now);
				const there = page.querySelector("[autofocus]") || (was && was.id && document.getElementById(was.id));
				if (there)
					there.focus();
				if (there && was && there.id === was.id && caret !== null && there.setSelectionRange && caret !== undefined)
					there.setSelectionRange(caret, caret);
			} else {
				fail(node);
			}
		} catch (e) {
			fail(null);
		} finally {
			pressed--;
			form().removeAttribute("aria-busy");
		}
	}

	/* One after the other: each sends what the one before it left, files too. */
	function press(value) {
		pressed++;
		asked++;		/* what was looked up before is old */
		last = last.then(() => respond(value));
	}

	async function look() {
		if (pressed > 0)
			return;		/* that answer reports, too */
		const mine = ++asked, data = new FormData(form()), open = document.getElementById("request").open;
		for (const [name, value] of [...data])
			if (value instanceof File)
				data.delete(name);
		try {
			const node = await ask(form().dataset.preview, data, "report");
			if (mine !== asked)
				return;
			if (node && node.id === "report") {
				show(document.getElementById("report"), node);
				document.getElementById("request").open = open;
				mark();
			} else {
				fail(node);
			}
		} catch (e) {
			fail(null);
		}
	}

	/* The slide the report is about. */
	function mark() {
		const link = document.querySelector("#verdict a");
		for (const slide of page.querySelectorAll(".slide")) {
			slide.classList.toggle("faulty", Boolean(link) && link.hash === "#" + slide.id);
			const old = slide.querySelector(":scope > .why");
			if (old)
				old.remove();
		}
	}

	page.addEventListener("submit", event => {
		const value = event.submitter ? event.submitter.value : "look";
		if (value === "save")
			return;		/* the answer is another page */
		event.preventDefault();
		press(value);
	});
	page.addEventListener("input", event => {
		if (event.target.type === "file" || event.target.readOnly)
			return;
		clearTimeout(timer);
		timer = setTimeout(look, PAUSE);
	});
	page.addEventListener("change", event => {
		if (event.target.type === "file" && event.target.files.length > 0)
			press("look");
	});
})();
