/* What script adds to the builder of pictures: frames on the preview that can be dragged or
   moved by keys, a preview drawn by the server when changes pause. The fields stay what counts. */
"use strict";
(() => {
	const PAUSE = 500, STEP = 1, LEAP = 10;
	const form = document.getElementById("picture"), stage = document.getElementById("stage");
	/* A chosen background is taken in at once. */
	form.addEventListener("change", event => {
		if (event.target.type === "file" && event.target.files.length > 0)
			form.requestSubmit(form.querySelector("button.away"));
	});
	if (!stage)
		return;
	const width = Number(stage.dataset.width), height = Number(stage.dataset.height);
	const verdict = document.getElementById("verdict"), shown = stage.querySelector("img");
	const canvas = document.createElement("canvas");
	let timer = 0, asked = 0;

	canvas.setAttribute("role", "img");
	for (const hint of document.querySelectorAll(".scripted"))
		hint.hidden = false;

	function say(text) {
		if (verdict.textContent === text)
			return;
		verdict.replaceChildren();
		if (text) {
			const p = document.createElement("p");
			p.className = "wrong";
			p.textContent = text;
			verdict.append(p);
		}
	}

	/* The picture is drawn on a canvas: the policy lets no image in that is not a file. */
	async function preview() {
		const mine = ++asked, data = new FormData(form);
		data.delete("file");
		stage.setAttribute("aria-busy", "true");
		try {
			const answer = await fetch(form.dataset.preview, { method: "POST", body: data, credentials: "same-origin" });
			if (mine !== asked)
				return;
			if (answer.ok) {
				const picture = await createImageBitmap(await answer.blob());
				canvas.width = picture.width;
				canvas.height = picture.height;
				canvas.getContext("2d").drawImage(picture, 0, 0);
				canvas.setAttribute("aria-label", "Preview with the default values of the merge tags");
				if (!canvas.isConnected)
					shown.replaceWith(canvas);
				say("");
			} else if ((answer.headers.get("Content-Type") || "").startsWith("text/plain")) {
				say((await answer.text()).trim());
			} else {
				say("The server could not draw the preview. Reload the page.");
			}
		} catch (e) {
			if (mine === asked)
				say("The server cannot be reached.");
		} finally {
			if (mine === asked)
				stage.removeAttribute("aria-busy");
		}
	}

	function later() {
		clearTimeout(timer);
		timer = setTimeout(preview, PAUSE);
	}

	/* --- frames --- */

	const field = (part, key) => document.getElementById(part + "_" + key);
	const read = part => ["x", "y", "width", "height"].map(key => Number(field(part, key).value) || 0);

	function write(part, [x, y, w, h]) {
		w = Math.round(Math.min(Math.max(w, 1), width));
		h = Math.round(Math.min(Math.max(h, 1), height));
		x = Math.round(Math.min(Math.max(x, 0), width - w));
		y = Math.round(Math.min(Math.max(y, 0), height - h));
		[["x", x], ["y", y], ["width", w], ["height", h]].forEach(([key, n]) => { field(part, key).value = n; });
		later();
	}

	function place(frame) {
		const [x, y, w, h] = read(frame.dataset.part);
		frame.style.left = 100 * x / width + "%";
		frame.style.top = 100 * y / height + "%";
		frame.style.width = 100 * w / width + "%";
		frame.style.height = 100 * h / height + "%";
	}

	function drag(frame, event) {
		const part = frame.dataset.part, from = read(part), scale = width / stage.clientWidth;
		const grow = event.target !== frame, x = event.clientX, y = event.clientY;
		const move = e => {
			const dx = (e.clientX - x) * scale, dy = (e.clientY - y) * scale;
			write(part, grow ? [from[0], from[1], Math.min(from[2] + dx, width - from[0]), Math.min(from[3] + dy, height - from[1])] :
				[from[0] + dx, from[1] + dy, from[2], from[3]]);
			place(frame);
		};
		const end = () => {
			frame.removeEventListener("pointermove", move);
			frame.removeEventListener("pointerup", end);
			frame.removeEventListener("pointercancel", end);
		};
		event.preventDefault();
		frame.focus();
		frame.setPointerCapture(event.pointerId);
		frame.addEventListener("pointermove", move);
		frame.addEventListener("pointerup", end);
		frame.addEventListener("pointercancel", end);
	}

	function press(frame, event) {
		const step = event.ctrlKey ? LEAP : STEP, by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step],
			ArrowDown: [0, step] }[event.key];
		if (!by || event.altKey || event.metaKey)
			return;
		const [x, y, w, h] = read(frame.dataset.part);
		event.preventDefault();
		write(frame.dataset.part, event.shiftKey ? [x, y, Math.min(w + by[0], width - x), Math.min(h + by[1], height - y)] :
			[x + by[0], y + by[1], w, h]);
		place(frame);
	}

	for (const part of form.querySelectorAll(".part")) {
		const frame = document.createElement("button"), corner = document.createElement("span");
		frame.type = "button";
		frame.className = "frame";
		frame.dataset.part = part.dataset.part;
		frame.setAttribute("aria-label", part.dataset.title + ": arrow keys move it, Shift with an arrow key resizes it");
		frame.append(corner);
		frame.addEventListener("pointerdown", event => drag(frame, event));
		frame.addEventListener("keydown", event => press(frame, event));
		stage.append(frame);
		place(frame);
	}
	form.addEventListener("input", event => {
		if (event.target.type === "file")
			return;
		for (const frame of stage.querySelectorAll(".frame"))
			place(frame);
		later();
	});
})();
