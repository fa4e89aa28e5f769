// SPDX-License-Identifier: GPL-2.0-only
//
// The page as a whole: which view is shown, when it is brought up to date, and
// what the state of it is.

import { $, Gone, Refused, ask, text } from "./api.js";
import { events } from "./events.js";
import * as lists from "./lists.js";
import * as overview from "./overview.js";

const LIST_MS = 2000;

let about = null;
let samples = [], next = 0;	// of the box; the number of the one to come
let paused = false, over = false;
let listed = 0;			// when the shown list was asked for

const tabs = [...document.querySelectorAll("[role=tab]")];
const shownTab = () => tabs.find(tab => tab.getAttribute("aria-selected") === "true");
const shownView = () => shownTab().getAttribute("aria-controls");

function say(state, words) {
	$("status").className = state;
	$("status").textContent = words;
}

function redraw() {
	if (about && shownView() === "overview")
		overview.draw(about, samples, Number($("window").value));
}

async function bringList(force) {
	if (shownView() === "events")
		return events();
	const list = lists.lists[shownView()];

	if (!list || (!force && performance.now() - listed < LIST_MS))
		return;
	listed = performance.now();
	await list(samples[samples.length - 1]);
}

function stop(error) {
	if (error instanceof Refused) {
		over = true;
		$("refused").hidden = false;
		document.querySelector("main").hidden = true;
		document.querySelector("nav").hidden = true;
		say("ended", "refused");
	} else if (error instanceof Gone) {
		over = true;
		say("ended", "the box has ended");
	} else {
		say("paused", error.message);
	}
}

async function bring() {
	if (!about) {
		about = await ask("about");
		document.title = `kbox ${about.image}`;
		$("about").textContent = `${text(about.image)}: ${about.argv.map(text).join(" ")} (kbox ${about.kbox}, pid ${about.pid})`;
		$("about").title = $("about").textContent;
	}
	const got = await ask("samples?after=" + next);
	if (got.samples.length) {
		samples = [...samples, ...got.samples].slice(-about.samples);
		next = got.next;
		redraw();
	}
	await bringList(false);
	const last = samples[samples.length - 1];
	if (!paused)
		say("live", "live" + (last ? `, ${Math.round(last.time_ns / 1e9)} s` : ""));
}

async function round() {
	if (over)
		return;
	if (!paused && !document.hidden) {
		try {
			await bring();
		} catch (error) {
			stop(error);
		}
	}
	setTimeout(round, about ? about.interval_ns / 1e6 : 1000);
}

function pause() {
	paused = !paused;
	$("pause").setAttribute("aria-pressed", paused);
	$("pause").textContent = paused ? "Go on" : "Pause";
	if (paused && !over)
		say("paused", "paused");
}

function show(tab) {
	for (const other of tabs) {
		const on = other === tab;
		other.setAttribute("aria-selected", on);
		other.tabIndex = on ? 0 : -1;
		$(other.getAttribute("aria-controls")).hidden = !on;
	}
	redraw();
	if (!over)
		bringList(true).catch(stop);
}

function moveTab(event) {
	const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];

	if (!step)
		return;
	const to = tabs[(tabs.indexOf(shownTab()) + step + tabs.length) % tabs.length];
	event.preventDefault();
	show(to);
	to.focus();
}

for (const tab of tabs) {
	tab.addEventListener("click", () => show(tab));
	tab.addEventListener("keydown", moveTab);
}
$("pause").addEventListener("click", pause);
$("window").addEventListener("change", redraw);
document.addEventListener("keydown", event => {
	if (event.key === "p" && !event.target.closest("input, select") && !event.ctrlKey && !event.metaKey)
		pause();
});
addEventListener("resize", redraw);
addEventListener("hashchange", () => location.reload());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
overview.start();
$("events-filter").addEventListener("change", () => bringList(true).catch(stop));
lists.start(() => bringList(true).catch(stop));
round();
