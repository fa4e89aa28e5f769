// SPDX-License-Identifier: GPL-2.0-only
//
// The stream of events, newest first.

import { $, ask, element, text } from "./api.js";
import { nanoseconds, number } from "./draw.js";

const ROWS_MAX = 500;

let next = 0;
let filter = "";	// in use
let passedOver = null;	// before the first look

// An argument or a result as kbox-trace(5) writes it, for people.
function shown(value) {
	if (value === null)
		return "NULL";
	if (typeof value === "string")
		return /^(0x[0-9a-f]+|[A-Z][A-Z0-9_|]+|[0-7]+)$/.test(value) ? value : JSON.stringify(value);
	if (Array.isArray(value))
		return "[" + value.map(shown).join(", ") + "]";
	if (typeof value !== "object")
		return String(value);
	if ("hex" in value)
		return "\\x" + value.hex;
	if ("fd" in value)
		return value.fd + ("path" in value ? "<" + text(value.path) + ">" : "");
	if ("data" in value && "bytes" in value)
		return shown(value.data) + (value.bytes > 32 ? "..." : "");
	return "{" + Object.entries(value).map(([name, v]) => name + "=" + shown(v)).join(", ") + "}";
}

function words(event) {
	if (event.type === "thread")
		return "begins" + (event.parent ? ", made by " + event.parent : "");
	if (event.type === "exec")
		return "runs " + text(event.comm);
	const args = Object.values(event.args).map(shown).join(", ");
	const end = event.outcome === "host" ? "" : event.outcome ? " … " + event.outcome :
		" = " + (event.error ?? shown(event.result));
	return `${event.call}(${args})${end}`;
}

function row(event) {
	const line = words(event);

	return element("tr", { className: event.error ? "failed" : event.type },
		element("td", { className: "number", textContent: (event.time_ns / 1e9).toFixed(6) }),
		element("td", { className: "name", textContent: `${event.tid} ${text(event.comm)}` }),
		element("td", { className: "name line", textContent: line, title: line }),
		element("td", { className: "number", textContent: event.duration_ns === undefined ? "" : nanoseconds(event.duration_ns) }));
}

export async function events() {
	const wanted = $("events-filter").value.trim();
	let got;

	try {
		got = await ask(`events?after=${next}&filter=${encodeURIComponent(wanted)}`);
	} catch (error) {
		if (error.constructor !== Error)
			throw error;
		$("events-sum").textContent = error.message;
		$("events-sum").className = "aside wrong";
		return;
	}
	const body = $("events-table").tBodies[0];
	passedOver ??= got.passed_over;
	$("events-sum").className = "aside";
	$("events-sum").textContent = `${number(got.next)} shown, ` +
		`${number(got.passed_over - passedOver)} passed over: at most ${got.calls_max} calls a second are fetched`;
	if (filter !== wanted)
		body.replaceChildren();
	filter = wanted;
	next = got.next;
	body.prepend(...got.events.slice(-ROWS_MAX).reverse().map(row));
	while (body.rows.length > ROWS_MAX)
		body.lastChild.remove();
}
