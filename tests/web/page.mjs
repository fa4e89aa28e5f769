// SPDX-License-Identifier: GPL-2.0-only
//
// page.mjs URL ARTEFACTS CHROMIUM: use the page as somebody at a browser does.
// Prints "ok - NAME" and "not ok - NAME" lines, as the scripts beside it do.

import { chromium } from "playwright-core";

const [url, artefacts, executablePath] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const complaints = [];

function result(name, good, ...why) {
	for (const line of good ? [] : why)
		console.log("# " + line);
	console.log((good ? "ok - " : "not ok - ") + name);
}

async function open(width, colorScheme, address = url) {
	const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });

	page.on("console", message => {
		if (message.type() === "error" && !/ 40[01] /.test(message.text()))
			complaints.push(message.text());
	});
	page.on("pageerror", error => complaints.push(String(error)));
	await page.goto(address);
	return page;
}

const changes = (page, selector, before) => page.waitForFunction(
	([s, b]) => document.querySelector(s).textContent !== b, [selector, before], { timeout: 15000 })
	.then(() => true, () => false);

async function loads(page) {
	const there = await page.waitForSelector("#families tbody tr:nth-child(8)", { timeout: 20000 }).then(() => true, () => false);
	const family = await page.textContent("#families tbody");

	result("the page loads", there && /paths/.test(family) && (await page.title()).startsWith("kbox "), family);
}

async function lives(page) {
	const status = await page.textContent("#status");

	result("numbers change", await changes(page, "#status", status) &&
		await changes(page, "#families tbody", await page.textContent("#families tbody")));
	result("they are rates of calls", /^[1-9]/.test(await page.textContent("#figures dd")), await page.textContent("#figures"));
}

async function pauses(page) {
	await page.keyboard.press("p");
	await page.waitForTimeout(300);
	const before = await page.textContent("#families tbody");
	await page.waitForTimeout(2500);
	const after = await page.textContent("#families tbody");
	result("a pause stops them", before === after && await page.textContent("#status") === "paused");
	await page.click("#pause");
	result("and they go on", await changes(page, "#families tbody", after) &&
		(await page.textContent("#status")).startsWith("live"));
}

async function filtersCalls(page) {
	await page.click("#tab-calls");
	await page.waitForSelector("#calls-table tbody tr");
	await page.fill("#calls-filter", "openat");
	await page.waitForFunction(() => document.querySelectorAll("#calls-table tbody tr").length === 1, null, { timeout: 5000 }).catch(() => {});
	result("calls are filtered", /^openat/.test(await page.textContent("#calls-table tbody")), await page.textContent("#calls-table tbody"));
	await page.fill("#calls-filter", "");
	await page.click("#calls-table th button >> nth=2");
	const counts = await page.$$eval("#calls-table", ([table]) => table.rowsShown.map(row => row.count));
	const first = await page.textContent("#calls-table tbody tr td");
	await page.waitForTimeout(100);
	result("calls are sorted", counts.length > 5 && await page.getAttribute("#calls-table th >> nth=2", "aria-sort") === "descending", first);
}

async function keyboard(page) {
	await page.focus("#tab-calls");
	await page.keyboard.press("ArrowRight");
	await page.waitForSelector("#tree summary");
	const open = await page.isVisible("#processes");
	await page.keyboard.press("Tab");
	const reached = await page.evaluate(() => document.activeElement.outerHTML.slice(0, 60));
	await page.keyboard.press("Enter");
	const file = await page.waitForSelector("#tree li .path:has-text('/etc/passwd')", { timeout: 5000 }).then(() => true, () => false);
	result("views and lists open by keyboard", open && file, reached,
		await page.evaluate(() => document.activeElement.outerHTML.slice(0, 60)), JSON.stringify(await page.textContent("#tree")));
	await page.click("#tab-overview");
	await page.focus("#heat");
	await page.keyboard.press("ArrowLeft");
	result("the heat map is read by keyboard", /calls of .* to /.test(await page.textContent("#heat-read")), await page.textContent("#heat-read"));
}

async function streams(page) {
	await page.click("#tab-events");
	const there = await page.waitForSelector("#events-table tbody tr:nth-child(20)", { timeout: 10000 }).then(() => true, () => false);
	result("events are shown", there, await page.textContent("#events"));
	await page.fill("#events-filter", "call=openat,error");
	await page.keyboard.press("Enter");
	await page.waitForTimeout(3000);
	const lines = await page.$$eval("#events-table .failed .line, #events-table .call .line", cells => cells.slice(0, 40).map(c => c.textContent));
	result("events are filtered", lines.length && lines.every(l => /^openat\(.* = E[A-Z]+$/.test(l)), ...lines.slice(0, 5));
	await page.fill("#events-filter", "call=nothing");
	await page.keyboard.press("Enter");
	result("a wrong filter is explained", await page.waitForSelector("#events-sum.wrong:has-text('no such call')", { timeout: 5000 }).then(() => true, () => false));
	await page.fill("#events-filter", "");
	await page.keyboard.press("Enter");
}

async function fits(width, colorScheme) {
	const page = await open(width, colorScheme);
	let wide = "";

	await page.waitForSelector("#families tbody tr:nth-child(8)");
	for (const tab of await page.$$eval("[role=tab]", tabs => tabs.map(t => t.id))) {
		await page.click("#" + tab);
		await page.waitForTimeout(800);
		if (tab === "tab-processes")
			await page.click("#tree summary");
		const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
		if (over > 0)
			wide += ` ${tab} by ${over}`;
		await page.screenshot({ path: `${artefacts}/web-${tab.slice(4)}-${width}-${colorScheme}.png`, fullPage: tab !== "tab-events" });
	}
	const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).every(v => v < 64));
	result(`${width} pixels, ${colorScheme}`, !wide && dark === (colorScheme === "dark"), "too wide:" + wide);
	await page.close();
}

async function refuses() {
	const page = await open(400, "light", url.replace(/#.*/, "#" + "0".repeat(32)));

	await page.waitForSelector("#refused:visible", { timeout: 5000 }).catch(() => {});
	result("a wrong token is refused", await page.isVisible("#refused") && await page.isHidden("main"));
	await page.screenshot({ path: `${artefacts}/web-refused-400-light.png` });
	await page.close();
}

const page = await open(1280, "light");
await loads(page);
await lives(page);
await pauses(page);
await filtersCalls(page);
await keyboard(page);
await streams(page);
await page.close();
for (const width of [1280, 400])
	for (const scheme of ["light", "dark"])
		await fits(width, scheme);
await refuses();
result("no complaint of the browser", !complaints.length, ...complaints);
await browser.close();
