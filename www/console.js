/* What script adds to the console: buttons that copy. Every page works without it. */
"use strict";
for (const button of document.querySelectorAll("[data-copy]"))
	button.hidden = false;
document.addEventListener("click", async event => {
	const button = event.target.closest("[data-copy]");
	if (!button)
		return;
	const field = document.getElementById(button.dataset.copy);
	try {
		await navigator.clipboard.writeText(field.value);
		button.textContent = "Copied";
	} catch (e) {	/* no permission, or not by TLS: mark it, so that one key copies it */
		field.focus();
		field.select();
	}
});
