// SPDX-License-Identifier: GPL-2.0-only
//
// The other views: lists of what is there now.

import { $, ask, element, text } from "./api.js";
import { bytes, nanoseconds, number, percent } from "./draw.js";
import { fill } from "./overview.js";

// Rows of @columns [name, value of a row, shown as, "number"?] into a table that
// can be sorted by each column; the choice is kept in the table.
function table(place, columns, rows, first) {
	const order = place.order ??= { column: first, down: true };
	const key = columns[order.column][1];
	const sorted = [...rows].sort((a, b) => {
		const x = key(a), y = key(b);
		const less = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
		return order.down ? -less : less;
	});

	if (!place.tHead)
		place.append(element("thead", {}, element("tr", {}, ...columns.map((column, i) =>
			element("th", { scope: "col", className: column[3] ?? "" },
				element("button", { type: "button", textContent: column[0], onclick() {
					order.down = order.column === i ? !order.down : column[3] === "number";
					order.column = i;
					table(place, columns, place.rowsShown, first);
				} }))))), element("tbody"));
	place.rowsShown = rows;
	[...place.tHead.rows[0].cells].forEach((cell, i) => {
		if (i === order.column)
			cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
		else
			cell.removeAttribute("aria-sort");
	});
	place.tBodies[0].replaceChildren(...sorted.map(row => element("tr", {}, ...columns.map(column =>
		element("td", { className: column[3] ?? "", textContent: column[2](column[1](row)) })))));
}

const plain = v => v;
const count = v => v ? number(v) : "";

const callColumns = [
	["call", c => c.call, plain, "name"],
	["class", c => c.class.toLowerCase(), plain],
	["count", c => c.count, number, "number"],
	["a second", c => c.rate, v => v ? number(v) : "", "number"],
	["failed", c => c.errors, count, "number"],
	["by the host", c => c.at_host, count, "number"],
	["half below", c => c.p50_ns, nanoseconds, "number"],
	["99 % below", c => c.p99_ns, nanoseconds, "number"],
	["in all", c => c.total_ns, nanoseconds, "number"],
	["bytes", c => c.bytes, v => v ? bytes(v) : "", "number"],
];

let callsBefore = null;

async function calls() {
	const stats = await ask("calls");
	const wanted = $("calls-filter").value.trim().toLowerCase();
	const seconds = callsBefore ? (stats.run_ns - callsBefore.run_ns) / 1e9 : 0;
	const before = new Map(callsBefore?.calls.map(c => [c.call, c.count]));

	for (const call of stats.calls)
		call.rate = seconds ? (call.count - (before.get(call.call) ?? 0)) / seconds : 0;
	callsBefore = stats;
	const rows = stats.calls.filter(c => c.call.includes(wanted));
	table($("calls-table"), callColumns, rows, 8);
	$("calls-sum").textContent = `${rows.length} of ${stats.calls.length} calls`;
	$("refused-title").hidden = !stats.not_offered.length;
	if (stats.not_offered.length)
		table($("refused-table"), [
			["call", r => r.call, plain, "name"], ["by", r => text(r.comm), plain, "name"],
			["answer", r => r.error, plain], ["count", r => r.count, number, "number"],
		], stats.not_offered, 3);
}

// Parents before their children, with how deep each stands.
function ordered(processes) {
	const known = new Set(processes.map(p => p.pid));
	const below = new Map();
	const result = [];

	for (const p of processes) {
		const parent = known.has(p.parent) ? p.parent : 0;
		below.set(parent, [...below.get(parent) ?? [], p]);
	}
	const visit = (parent, depth) => {
		for (const p of (below.get(parent) ?? []).sort((a, b) => a.pid - b.pid)) {
			result.push([p, depth]);
			visit(p.pid, depth + 1);
		}
	};
	visit(0, 0);
	return result;
}

function processRow(tree, pid) {
	const old = tree.querySelector(`li[data-pid="${pid}"]`);

	if (old)
		return old;
	const part = className => element("span", { className });
	const row = element("li", {}, element("details", {}, element("summary", {},
		part("who name"), part("command name"), part("state"), part("open number"), part("threads number")),
		element("ol")));
	row.dataset.pid = pid;
	return row;
}

async function processes() {
	const { processes: list, all, fds_max: most } = await ask("processes");
	const tree = $("tree");
	const rows = ordered(list).map(([p, depth]) => {
		const row = processRow(tree, p.pid);
		const [who, command, state, open, threads] = row.querySelectorAll("summary span");
		const files = p.files ?? [];

		row.style.setProperty("--depth", depth);
		who.textContent = p.pid + " " + text(p.comm ?? "");
		command.textContent = text(p.command ?? "");
		command.title = command.textContent;
		state.textContent = p.state ?? "";
		open.textContent = files.length + (files.length === 1 ? " file" : " files");
		threads.textContent = p.threads > 1 ? p.threads + " thr" : "";
		row.querySelector("ol").replaceChildren(...files.map(f => element("li", { className: "path" },
			element("b", { textContent: f.fd }), " " + (f.path === null ? "(name too long)" : text(f.path)))));
		return row;
	});

	// What stays is not moved, and keeps the focus.
	for (const row of [...tree.children])
		if (!rows.includes(row))
			row.remove();
	rows.forEach((row, i) => {
		if (tree.children[i] !== row)
			tree.insertBefore(row, tree.children[i] ?? null);
	});
	$("processes-sum").textContent = `${all} ${all === 1 ? "process" : "processes"}` +
		(all > list.length ? `, the first ${list.length} shown` : "") + `; descriptors below ${most}`;
}

function pairs(place, rows) {
	place.replaceChildren(element("tbody", {}, ...rows.filter(([, v]) => v !== undefined).map(([name, value]) =>
		element("tr", {}, element("th", { scope: "row", textContent: name }),
			element("td", { className: "number", textContent: value })))));
}

// "NAME VALUE" or "NAME: VALUE" by the line.
function values(file) {
	return new Map((file ?? "").split("\n").map(l => l.match(/^(\S+?):?\s+(\d+)/)).filter(Boolean)
		.map(m => [m[1], Number(m[2])]));
}

function kernelTables(files, latest) {
	const vm = values(files.vmstat), stat = values(files.stat);
	const pages = name => vm.has(name) ? bytes(vm.get(name) * 4096) : undefined;
	const plainCount = (map, name) => map.has(name) ? number(map.get(name)) : undefined;

	pairs($("kernel-memory"), [["RAM", bytes(latest?.ram_bytes ?? 0)], ["free", pages("nr_free_pages")],
		["slabs, to be had back", pages("nr_slab_reclaimable")], ["slabs, in use", pages("nr_slab_unreclaimable")],
		["stacks of tasks", vm.has("nr_kernel_stack") ? bytes(vm.get("nr_kernel_stack") * 1024) : undefined],
		["tmpfs and shared", pages("nr_shmem")], ["page structures", pages("nr_memmap_boot_pages")]]);
	pairs($("kernel-cache"), [["all", pages("nr_file_pages")], ["active", pages("nr_active_file")],
		["inactive", pages("nr_inactive_file")], ["dirty", pages("nr_dirty")], ["being written", pages("nr_writeback")],
		["dirtied since the start", pages("nr_dirtied")], ["written since the start", pages("nr_written")]]);
	pairs($("kernel-scheduler"), [["load", (files.loadavg ?? "").split(" ").slice(0, 3).join(" ")],
		["tasks switched", plainCount(stat, "ctxt")], ["tasks made", plainCount(stat, "processes")],
		["running", plainCount(stat, "procs_running")], ["blocked", plainCount(stat, "procs_blocked")]]);
	const disks = (files.diskstats ?? "").trim().split("\n").map(l => l.trim().split(/\s+/))
		.filter(f => f.length > 10 && (Number(f[3]) || Number(f[7])));
	table($("kernel-disks"), [
		["device", f => f[2], plain, "name"],
		["reads", f => Number(f[3]), number, "number"],
		["read", f => Number(f[5]) * 512, bytes, "number"],
		["reading", f => Number(f[6]) * 1e6, nanoseconds, "number"],
		["writes", f => Number(f[7]), number, "number"],
		["written", f => Number(f[9]) * 512, bytes, "number"],
		["writing", f => Number(f[10]) * 1e6, nanoseconds, "number"],
		["under way", f => Number(f[11]), number, "number"],
	], disks, 2);
}

async function kernel(latest) {
	const files = await ask("kernel");
	const choice = $("kernel-file");

	if (!choice.options.length)
		choice.append(...Object.keys(files).map(name => element("option", { value: name, textContent: "/proc/" + name })));
	kernelTables(files, latest);
	const now = text(files[choice.value] ?? "");
	if ($("kernel-text").textContent !== now)
		$("kernel-text").textContent = now;
}

async function shadows(latest) {
	const cache = await ask("shadows");
	const used = cache.entries.reduce((a, e) => a + e.bytes, 0);
	const asked = latest ? latest.shadow_hits + latest.shadow_misses : 0;

	fill($("shadow-figures"), [
		["entries", number(cache.entries.length), "of " + cache.entries_max],
		["memory", bytes(used), "of " + bytes(cache.budget_bytes)],
		["hits", asked ? percent(latest.shadow_hits / asked * 100) : "–", number(latest?.shadow_hits ?? 0)],
		["misses", number(latest?.shadow_misses ?? 0), ""],
	]);
	cache.entries.forEach((e, i) => { e.rank = i + 1; });
	$("shadow-table").order ??= { column: 0, down: false };
	table($("shadow-table"), [
		["last used", e => e.rank, plain, "number"],
		["file", e => text(e.path ?? `inode ${e.ino}`), plain, "name"],
		["device", e => e.dev, v => `${v >> 8 & 0xfff}:${v & 0xff}`],
		["inode", e => e.ino, plain, "number"],
		["size", e => e.size, bytes, "number"],
		["memory", e => e.bytes, bytes, "number"],
		["changed", e => e.mtime, v => new Date(v * 1000).toISOString().slice(0, 19).replace("T", " ")],
	], cache.entries, 0);
}

export const lists = { calls, processes, kernel, shadows };

export function start(again) {
	$("calls-filter").addEventListener("input", again);
	$("kernel-file").addEventListener("change", again);
}
