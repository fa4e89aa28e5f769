// SPDX-License-Identifier: GPL-2.0-only
//
// Asking kbox. The token stands behind the # of the address, which browsers
// send to nobody.

export class Refused extends Error {}
export class Gone extends Error {}

export async function ask(path) {
	const token = location.hash.slice(1);
	let answer;

	try {
		answer = await fetch("/api/" + path, { headers: { Authorization: "Bearer " + token } });
	} catch {
		throw new Gone();
	}
	if (answer.status === 401)
		throw new Refused();
	if (!answer.ok)
		throw new Error((await answer.json()).error);
	return answer.json();
}

// What cannot be text comes as {"hex": "..."}.
export function text(value) {
	return typeof value === "string" ? value : "\\x" + value.hex;
}

export function element(name, properties = {}, ...children) {
	const made = Object.assign(document.createElement(name), properties);

	made.append(...children);
	return made;
}

export const $ = id => document.getElementById(id);
