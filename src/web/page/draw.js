// SPDX-License-Identifier: GPL-2.0-only
//
// Drawing on canvases, in the colours of page.css; and numbers for people.

const styles = getComputedStyle(document.documentElement);

export function colour(name) {
	return styles.getPropertyValue("--" + name).trim();
}

// A canvas as large as it is shown, its context in CSS pixels; null: hidden.
export function begin(canvas) {
	const width = canvas.clientWidth, height = canvas.clientHeight;
	const scale = window.devicePixelRatio || 1;

	if (!width || !height)
		return null;
	canvas.width = Math.round(width * scale);
	canvas.height = Math.round(height * scale);
	const ctx = canvas.getContext("2d");
	ctx.scale(scale, scale);
	ctx.font = "11px system-ui, sans-serif";
	return { ctx, width, height };
}

// Values over time, the newest at the right edge of @count places; null: a gap.
export function line(canvas, values, count, top, name = "data") {
	const at = begin(canvas);

	if (!at)
		return;
	const { ctx, width, height } = at;
	const step = width / Math.max(1, count - 1);
	const x = i => width - (values.length - 1 - i) * step;
	const y = v => height - 1 - (height - 3) * Math.min(1, v / (top || 1));

	ctx.strokeStyle = colour("grid");
	ctx.beginPath();
	ctx.moveTo(0, height - 0.5);
	ctx.lineTo(width, height - 0.5);
	ctx.stroke();
	ctx.strokeStyle = colour(name);
	ctx.lineWidth = 1.5;
	ctx.lineJoin = "round";
	const path = new Path2D(), area = new Path2D();
	let from = null;
	for (let i = 0; i <= values.length; i++) {
		const gap = i === values.length || values[i] === null;
		if (!gap) {
			if (from === null) {
				path.moveTo(x(i), y(values[i]));
				area.moveTo(x(i), height - 1);
			} else {
				path.lineTo(x(i), y(values[i]));
			}
			area.lineTo(x(i), y(values[i]));
			from ??= i;
		} else if (from !== null) {
			area.lineTo(x(i - 1), height - 1);
			area.closePath();
			from = null;
		}
	}
	if (name === "data") {
		ctx.fillStyle = colour("fill");
		ctx.fill(area);
	}
	ctx.stroke(path);
}

function mix(low, high, share) {
	const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
	const one = i => Math.round(part(low, i) + (part(high, i) - part(low, i)) * share);

	return `rgb(${one(0)}, ${one(1)}, ${one(2)})`;
}

// Where the cells of a heat map are: of columns of counts by power of two.
export function heatPlace(width, height, columns, rows) {
	const left = 52, bottom = 18;

	return {
		left, bottom,
		cellWidth: (width - left) / columns,
		cellHeight: (height - bottom) / rows,
	};
}

// @columns: arrays of counts, the newest last; of @count places; rows @low to
// @high are shown, and begin where @begins says. @cursor: {column, row} to be
// marked, or null.
export function heat(canvas, columns, count, low, high, cursor, begins, label) {
	const at = begin(canvas);

	if (!at)
		return;
	const { ctx, width, height } = at;
	const rows = high - low + 1;
	const place = heatPlace(width, height, count, rows);
	const y = row => (high - row) * place.cellHeight;
	const x = i => place.left + (count - columns.length + i) * place.cellWidth;
	const top = Math.log1p(Math.max(1, ...columns.map(c => Math.max(0, ...c))));
	const lowest = colour("heat-low"), highest = colour("heat-high");

	ctx.fillStyle = colour("quiet");
	ctx.strokeStyle = colour("grid");
	ctx.textAlign = "right";
	ctx.textBaseline = "middle";
	const every = Math.max(1, Math.ceil(18 / place.cellHeight));
	for (let row = low; row <= high + 1; row++) {
		if (row % every)
			continue;
		const line = Math.round(y(row) + place.cellHeight) - 0.5;
		ctx.beginPath();
		ctx.moveTo(place.left, line);
		ctx.lineTo(width, line);
		ctx.stroke();
		if (line > 6)
			ctx.fillText(nanoseconds(begins(row)), place.left - 6, Math.min(line, height - place.bottom - 4));
	}
	columns.forEach((column, i) => {
		for (let row = low; row <= high; row++) {
			if (!column[row])
				continue;
			ctx.fillStyle = mix(lowest, highest, Math.log1p(column[row]) / top);
			ctx.fillRect(Math.floor(x(i)), Math.floor(y(row)) + 1,
				Math.max(1, Math.ceil(place.cellWidth) - (place.cellWidth > 4 ? 1 : 0)),
				Math.max(1, Math.ceil(place.cellHeight) - 1));
		}
	});
	ctx.fillStyle = colour("quiet");
	ctx.textBaseline = "alphabetic";
	ctx.textAlign = "left";
	ctx.fillText(label, place.left, height - 4);
	ctx.textAlign = "right";
	ctx.fillText("now", width - 1, height - 4);
	if (cursor) {
		ctx.strokeStyle = colour("ink");
		ctx.strokeRect(x(cursor.column) - 0.5, y(cursor.row) + 0.5,
			Math.max(4, place.cellWidth), place.cellHeight);
	}
}

function scaled(value, steps, units) {
	let unit = 0;

	while (unit + 1 < units.length && value >= steps) {
		value /= steps;
		unit++;
	}
	const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
	return value.toFixed(unit || digits === 0 ? digits : 1) + units[unit];
}

export const number = v => scaled(v, 1000, ["", "\u202fk", "\u202fM", "\u202fG"]);
export const bytes = v => scaled(v, 1024, ["\u202fB", "\u202fKiB", "\u202fMiB", "\u202fGiB"]);
export const nanoseconds = v => scaled(v, 1000, ["\u202fns", "\u202fµs", "\u202fms", "\u202fs"]);
export const percent = v => (v >= 99.95 || v === 0 ? v.toFixed(0) : v.toFixed(1)) + "\u202f%";
