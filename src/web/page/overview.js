// SPDX-License-Identifier: GPL-2.0-only
//
// The first view: what happens each second, from the samples.

import { $, element } from "./api.js";
import { bytes, heat, heatPlace, line, nanoseconds, number, percent } from "./draw.js";

const charts = {
	memory: [
		{ name: "in use", value: d => d.now.ram_bytes - d.now.free_bytes, show: bytes,
		  top: d => d.now.ram_bytes, of: d => " of " + bytes(d.now.ram_bytes) },
		{ name: "page cache", value: d => d.now.cache_bytes, show: bytes },
		{ name: "slabs", value: d => d.now.slab_bytes, show: bytes },
		{ name: "to be written back", value: d => d.now.dirty_bytes + d.now.writeback_bytes, show: bytes },
	],
	disk: [
		{ name: "read", value: d => d.rate("disk_read_bytes"), show: v => bytes(v) + "/s" },
		{ name: "written", value: d => d.rate("disk_write_bytes"), show: v => bytes(v) + "/s" },
		{ name: "requests", value: d => d.rate("disk_reads") + d.rate("disk_writes"), show: v => number(v) + "/s" },
		{ name: "flushes", value: d => d.rate("disk_flushes"), show: v => number(v) + "/s" },
	],
	scheduler: [
		{ name: "task switches", value: d => d.rate("switches"), show: v => number(v) + "/s" },
		{ name: "calls that blocked", value: d => d.rate("blocked"), show: v => number(v) + "/s" },
		{ name: "programs started", value: d => d.rate("execs"), show: v => number(v) + "/s" },
		{ name: "threads", value: d => d.now.threads, show: number },
	],
};

let cursor = null;	// of the heat map, counted from the newest column
let shown = null;	// what is drawn
let bounds = [];

// Two samples, one after the other, as what happened in between.
function difference(before, now) {
	const seconds = (now.time_ns - before.time_ns) / 1e9;
	const per = (a, b) => Math.max(0, b - a) / seconds;

	return {
		now, seconds,
		calls: now.calls.map((v, i) => per(before.calls[i], v)),
		latencies: now.latencies.map((v, i) => Math.max(0, v - before.latencies[i])),
		rate: name => per(before[name], now[name]),
	};
}

export function differences(samples, seconds) {
	const from = Math.max(1, samples.length - seconds);
	const result = [];

	for (let i = from; i < samples.length; i++)
		result.push(difference(samples[i - 1], samples[i]));
	return result;
}

// Where a class of latencies begins, in ns; about says it for all but the end.
function latencyAt(row) {
	return bounds[row] ?? 2 * bounds[row - 1];
}

// The upper end of the class that the share of the calls does not exceed.
function quantile(latencies, share) {
	let left = latencies.reduce((a, b) => a + b, 0) * share;

	if (!left)
		return null;
	for (let i = 0; i < latencies.length; i++) {
		left -= latencies[i];
		if (left <= 0)
			return latencyAt(i + 1);
	}
	return null;
}

const sum = list => list.reduce((a, b) => a + b, 0);

function figures(all) {
	const last = all[all.length - 1], now = last.now;
	const hits = now.shadow_hits, asked = hits + now.shadow_misses;
	const busy = last.rate("kernel_ns") / 1e9 * 100;

	return [
		["calls", number(sum(last.calls)), "/s"],
		["failed", number(last.rate("errors")), "/s"],
		["in the kernel", percent(busy), "of a second"],
		["processes", number(now.processes), now.threads === now.processes ? "" : number(now.threads) + " threads"],
		["kernel memory", bytes(now.ram_bytes - now.free_bytes), "of " + bytes(now.ram_bytes)],
		["shadow hits", asked ? percent(hits / asked * 100) : "–", number(asked) + " asked"],
	];
}

export function fill(list, rows) {
	if (list.children.length !== rows.length)
		list.replaceChildren(...rows.map(() => element("div", {},
			element("dt"), element("dd"))));
	rows.forEach(([name, value, unit], i) => {
		const [term, data] = list.children[i].children;
		term.textContent = name;
		data.replaceChildren(value + " ", element("small", { textContent: unit }));
	});
}

function drawFamilies(names, all, count) {
	const body = $("families").tBodies[0];
	const top = Math.max(1, ...all.flatMap(d => d.calls));

	if (!body.children.length)
		body.append(...names.map(name => element("tr", {},
			element("th", { scope: "row", textContent: name }),
			element("td", { className: "wide" }, element("canvas")),
			element("td", { className: "number" }),
			element("td", { className: "number" }))));
	names.forEach((name, i) => {
		const row = body.children[i];
		const values = all.map(d => d.calls[i]);
		const highest = Math.max(0, ...values);

		line(row.querySelector("canvas"), values, count, highest || top);
		row.cells[2].textContent = values.length ? number(values[values.length - 1]) : "";
		row.cells[3].textContent = number(highest);
	});
}

// At most one column for three pixels: neighbours are added up.
function heatColumns(all, count, width) {
	const group = Math.max(1, Math.ceil(count / Math.max(1, (width - 52) / 3)));
	const columns = [];

	for (let end = all.length; end > 0; end -= group) {
		const part = all.slice(Math.max(0, end - group), end);
		columns.unshift(part[0].latencies.map((_, row) => sum(part.map(d => d.latencies[row]))));
	}
	return { columns, count: Math.ceil(count / group), group };
}

function drawHeat() {
	const { all, count } = shown, canvas = $("heat");
	const { columns, count: places, group } = heatColumns(all, count, canvas.clientWidth);
	const used = columns.flatMap(c => c.map((v, row) => v ? row : -1)).filter(row => row >= 0);
	const low = Math.min(6, ...used), high = Math.max(20, ...used);

	shown.heat = { columns, places, group, low, high };
	let mark = null;
	if (cursor) {
		cursor.back = Math.min(Math.max(cursor.back, 0), places - 1);
		cursor.row = Math.min(Math.max(cursor.row, low), high);
		mark = { column: places - 1 - cursor.back, row: cursor.row };
	}
	heat(canvas, columns, places, low, high, mark, latencyAt, count % 60 ? count + " s ago" : count / 60 + " min ago");
	if (cursor) {
		const column = columns[columns.length - 1 - cursor.back];
		const n = column ? column[cursor.row] : 0;
		$("heat-read").textContent = `${number(n)} calls of ${nanoseconds(latencyAt(cursor.row))} to ` +
			`${nanoseconds(latencyAt(cursor.row + 1))}, ${cursor.back * group} s before the last sample`;
	}
	const recent = all.slice(-10);
	const total = recent.length ? recent[0].latencies.map((_, row) => sum(recent.map(d => d.latencies[row]))) : [];
	const half = quantile(total, 0.5), most = quantile(total, 0.99);
	$("heat-now").textContent = half ? `last 10 s: half below ${nanoseconds(half)}, 99 % below ${nanoseconds(most)}` : "no calls";
}

function drawCharts(id, list, all, count) {
	const place = $(id);

	if (!place.children.length)
		place.append(...list.map(chart => element("div", { className: "chart" },
			element("p", {}, chart.name, element("b")), element("canvas"))));
	list.forEach((chart, i) => {
		const values = all.map(chart.value), last = all[all.length - 1];
		const [head, canvas] = place.children[i].children;
		const top = chart.top ? chart.top(last) : Math.max(...values);

		head.lastChild.textContent = chart.show(values[values.length - 1]) + (chart.of ? chart.of(last) : "");
		line(canvas, values, count, top);
	});
}

export function draw(about, samples, seconds) {
	const all = differences(samples, seconds);

	if (!all.length)
		return;
	/* A young box fills the width, too. */
	const count = Math.min(seconds, Math.max(30, all.length));
	bounds = about.latencies_ns;
	shown = { all, count };
	fill($("figures"), figures(all));
	drawFamilies(about.families, all, count);
	drawHeat();
	for (const [id, list] of Object.entries(charts))
		drawCharts(id, list, all, count);
}

function pointAt(event) {
	if (!shown?.heat)
		return;
	const { places, low, high } = shown.heat, canvas = $("heat");
	const place = heatPlace(canvas.clientWidth, canvas.clientHeight, places, high - low + 1);
	const column = Math.floor((event.offsetX - place.left) / place.cellWidth);

	cursor = column < 0 ? null : { back: places - 1 - column, row: high - Math.floor(event.offsetY / place.cellHeight) };
	drawHeat();
}

export function start() {
	const canvas = $("heat");
	const steps = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

	canvas.addEventListener("pointermove", pointAt);
	canvas.addEventListener("pointerleave", () => {
		cursor = null;
		if (shown)
			drawHeat();
	});
	canvas.addEventListener("keydown", event => {
		const step = steps[event.key];

		if (!step || !shown)
			return;
		event.preventDefault();
		cursor = cursor ? { back: cursor.back + step[0], row: cursor.row + step[1] } : { back: 0, row: 12 };
		drawHeat();
	});
}
