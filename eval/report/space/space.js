// drawSpace draws a map on a canvas within root. options.picture(i) is the address of
// the small picture of point i, or {url, x, y, size} of its place in a larger one, or null;
// options.pick(i), if there, is called when a point is chosen.
function drawSpace(root, map, options) {
	"use strict";
	const n = map.rows.length, element = (name, of, text) => {
		const e = document.createElement(name);
		if (of) e.className = of;
		if (text) e.textContent = text;
		return e;
	};
	root.replaceChildren();
	const box = element("div", "space"), bar = element("div", "space-bar"), canvas = element("canvas"), card = element("div", "space-card");
	canvas.tabIndex = 0;
	canvas.setAttribute("role", "application");
	canvas.setAttribute("aria-label", "Map of " + n + " pictures. Arrow keys go from picture to picture, plus and minus zoom, 0 shows all, Enter chooses.");
	card.hidden = true;
	card.setAttribute("aria-live", "polite");
	const choice = element("select"), only = element("select"), all = element("button", "", "Show all");
	map.layouts.forEach((l, i) => choice.append(new Option(l.name, i)));
	only.append(new Option("all " + map.kinds.length + " groups", -1));
	// Points of one colour are drawn one after the other.
	const order = Uint32Array.from({length: n}, (_, i) => i).sort((a, b) => map.groups[a] - map.groups[b]);
	const sizes = new Array(map.kinds.length).fill(0);
	for (const g of map.groups) sizes[g]++;
	map.kinds.map((name, k) => [name || "(none)", k]).sort((a, b) => a[0].localeCompare(b[0], "en", {numeric: true}))
		.forEach(([name, k]) => only.append(new Option(name + " (" + sizes[k] + ")", k)));
	all.type = "button";
	const labelled = (text, of) => { const l = element("label", "", text); l.append(of); return l; };
	bar.append(labelled("Layout", choice));
	if (map.kinds.length > 1) bar.append(labelled("Group", only));
	bar.append(all, element("span", "space-hint", "Wheel or pinch to zoom, drag to move; near enough, points are their pictures."));
	box.append(bar, canvas, card);
	root.append(box);

	const pen = canvas.getContext("2d", {alpha: false});
	let width = 0, height = 0, dots = 1, places, bounds, view, hovered = -1, group = -1, asked = false, cells, cellSize;
	const x = i => (places[2 * i] - view.x) * view.scale + width / 2, y = i => height / 2 - (places[2 * i + 1] - view.y) * view.scale;
	const style = name => getComputedStyle(box).getPropertyValue(name).trim();
	const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;
	const colour = k => map.kinds.length < 2 ? (isDark() ? "#7db4ec" : "#1f6fbf") :
		"hsl(" + (k * 137.508 + 210) % 360 + " " + (55 + k * 7 % 30) + "% " + (isDark() ? 58 + k * 5 % 14 : 38 + k * 5 % 14) + "%)";

	// A grid over the layout finds the points at a place.
	function arrange() {
		places = map.layouts[choice.value].places;
		bounds = [Infinity, Infinity, -Infinity, -Infinity];
		for (let i = 0; i < n; i++) {
			bounds[0] = Math.min(bounds[0], places[2 * i]); bounds[2] = Math.max(bounds[2], places[2 * i]);
			bounds[1] = Math.min(bounds[1], places[2 * i + 1]); bounds[3] = Math.max(bounds[3], places[2 * i + 1]);
		}
		cellSize = Math.max(bounds[2] - bounds[0], bounds[3] - bounds[1], 1e-6) / Math.max(1, Math.sqrt(n));
		cells = new Map();
		for (let i = 0; i < n; i++) {
			const at = key(Math.floor(places[2 * i] / cellSize), Math.floor(places[2 * i + 1] / cellSize));
			cells.has(at) ? cells.get(at).push(i) : cells.set(at, [i]);
		}
		showAll();
	}
	const key = (a, b) => a * 1e6 + b;
	function showAll() {
		const w = Math.max(bounds[2] - bounds[0], 1e-6), h = Math.max(bounds[3] - bounds[1], 1e-6);
		view = {x: (bounds[0] + bounds[2]) / 2, y: (bounds[1] + bounds[3]) / 2, scale: Math.min(width / w, height / h) * 0.92 || 1};
		view.least = view.scale / 2;
		draw();
	}
	const shown = i => group < 0 || map.groups[i] === group;
	function nearest(px, py, reach) {
		const u = (px - width / 2) / view.scale + view.x, v = (height / 2 - py) / view.scale + view.y, r = reach / view.scale;
		let best = -1, least = r * r;
		if (r / cellSize > 40) return -1;
		for (let a = Math.floor((u - r) / cellSize); a <= Math.floor((u + r) / cellSize); a++)
			for (let b = Math.floor((v - r) / cellSize); b <= Math.floor((v + r) / cellSize); b++)
				for (const i of cells.get(key(a, b)) || []) {
					const d = (places[2 * i] - u) ** 2 + (places[2 * i + 1] - v) ** 2;
					if (d <= least && shown(i)) { least = d; best = i; }
				}
		return best;
	}

	const pictures = new Map();
	function picture(i) {
		const p = options.picture && options.picture(i);
		if (!p) return null;
		const url = p.url || p;
		if (!pictures.has(url)) {
			const image = new Image();
			image.onload = draw;
			image.src = url;
			pictures.set(url, image);
		}
		const image = pictures.get(url);
		if (!image.complete || !image.naturalWidth) return null;
		return p.url ? [image, p.x, p.y, p.size, p.size] : [image, 0, 0, image.naturalWidth, image.naturalHeight];
	}

	function draw() {
		if (!asked) { asked = true; requestAnimationFrame(paint); }
	}
	const tile = 40, mostTiles = 220;
	function paint() {
		asked = false;
		if (!width || !view) return;
		pen.setTransform(dots, 0, 0, dots, 0, 0);
		pen.fillStyle = style("--ground") || "#fff";
		pen.fillRect(0, 0, width, height);
		const visible = [];
		for (const i of order) {
			const px = x(i), py = y(i);
			if (px > -tile && py > -tile && px < width + tile && py < height + tile && shown(i)) visible.push(i);
		}
		const asPictures = options.picture && visible.length <= mostTiles;
		const size = Math.max(3, Math.min(7, 3 + Math.log2(view.scale / view.least / 2 || 1)));
		if (group >= 0) {
			pen.fillStyle = isDark() ? "#ffffff22" : "#0000001a";
			for (let i = 0; i < n; i++) if (!shown(i)) pen.fillRect(x(i) - 1, y(i) - 1, 2, 2);
		}
		let last = -1;
		for (const i of visible) {
			if (map.groups[i] !== last) { last = map.groups[i]; pen.fillStyle = colour(last); }
			const p = asPictures && picture(i);
			if (p) {
				const f = tile / Math.max(p[3], p[4]), w = p[3] * f, h = p[4] * f;
				pen.fillRect(x(i) - w / 2 - 2, y(i) - h / 2 - 2, w + 4, h + 4);
				pen.drawImage(...p, x(i) - w / 2, y(i) - h / 2, w, h);
			} else pen.fillRect(x(i) - size / 2, y(i) - size / 2, size, size);
		}
		if (hovered >= 0) {
			pen.strokeStyle = style("--ink") || "#000";
			pen.lineWidth = 1;
			for (const j of near(hovered)) {
				pen.beginPath(); pen.moveTo(x(hovered), y(hovered)); pen.lineTo(x(j), y(j)); pen.stroke();
			}
			pen.lineWidth = 2;
			const r = asPictures ? tile / 2 + 3 : size;
			pen.strokeRect(x(hovered) - r, y(hovered) - r, 2 * r, 2 * r);
		}
	}
	const near = i => Array.from({length: map.each}, (_, k) => map.near[i * map.each + k]);

	function thumb(i) {
		const t = element("div", "space-thumb"), p = options.picture && options.picture(i);
		if (p && p.url) {
			// A part of a larger picture, by a canvas of its own.
			const c = element("canvas", "space-thumb"), image = pictures.get(p.url) || picture(i) && pictures.get(p.url);
			c.width = c.height = p.size;
			c.style.cursor = "default";
			if (image && image.complete) c.getContext("2d").drawImage(image, p.x, p.y, p.size, p.size, 0, 0, p.size, p.size);
			return c;
		}
		if (p) t.style.backgroundImage = "url(" + JSON.stringify(p) + ")";
		return t;
	}
	function hover(i) {
		if (i === hovered) return;
		hovered = i;
		card.hidden = i < 0;
		canvas.style.cursor = i < 0 ? "" : "pointer";
		if (i >= 0) {
			const big = element("div", "space-big"), words = element("div"), row = element("div", "space-near");
			words.append(element("b", "", map.kinds[map.groups[i]] || ""), element("small", "", map.names[i]));
			big.append(thumb(i), words);
			for (const j of near(i)) {
				const t = thumb(j);
				if (map.groups[j] !== map.groups[i]) t.classList.add("other");
				t.title = map.names[j];
				row.append(t);
			}
			card.replaceChildren(big, row);
			const right = x(i) > width / 2, low = y(i) > height / 2;
			card.style.left = right ? "" : Math.min(x(i) + 26, width - 240) + "px";
			card.style.right = right ? Math.min(width - x(i) + 26, width - 240) + "px" : "";
			card.style.top = low ? "" : bar.offsetHeight + Math.max(4, y(i) - 20) + "px";
			card.style.bottom = low ? Math.max(4, height - y(i) - 20) + "px" : "";
		}
		draw();
	}

	function resize() {
		const r = canvas.getBoundingClientRect();
		if (!r.width || r.width === width && r.height === height && dots === devicePixelRatio) return;
		const first = !width;
		width = r.width; height = r.height; dots = devicePixelRatio || 1;
		canvas.width = Math.round(width * dots); canvas.height = Math.round(height * dots);
		first || !view ? arrange() : draw();
	}
	function zoom(factor, px, py) {
		const u = (px - width / 2) / view.scale + view.x, v = (height / 2 - py) / view.scale + view.y;
		view.scale = Math.max(view.least, Math.min(view.least * 4000, view.scale * factor));
		view.x = u - (px - width / 2) / view.scale; view.y = v - (height / 2 - py) / view.scale;
		hover(-1);
		draw();
	}
	const at = e => { const r = canvas.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
	const fingers = new Map();
	let moved = 0, apart = 0;
	canvas.addEventListener("wheel", e => { e.preventDefault(); zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0016)), ...at(e)); }, {passive: false});
	canvas.addEventListener("pointerdown", e => { fingers.set(e.pointerId, at(e)); canvas.setPointerCapture(e.pointerId); if (fingers.size === 1) moved = 0; apart = 0; });
	canvas.addEventListener("pointermove", e => {
		const now = at(e), before = fingers.get(e.pointerId);
		if (!before) { hover(nearest(...now, 14)); return; }
		fingers.set(e.pointerId, now);
		if (fingers.size === 2) {
			const [a, b] = [...fingers.values()], d = Math.hypot(a[0] - b[0], a[1] - b[1]);
			if (apart) zoom(d / apart, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
			apart = d; moved = 99;
			return;
		}
		moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
		if (moved > 6) {
			view.x -= (now[0] - before[0]) / view.scale; view.y += (now[1] - before[1]) / view.scale;
			hover(-1);
			draw();
		}
	});
	const up = e => {
		const was = fingers.delete(e.pointerId);
		if (was && !fingers.size && moved <= 6 && e.type === "pointerup") {
			const i = nearest(...at(e), e.pointerType === "touch" ? 24 : 14), again = i === hovered;
			hover(i);
			if (i >= 0 && options.pick && (e.pointerType !== "touch" || again)) options.pick(i);
		}
	};
	canvas.addEventListener("pointerup", up);
	canvas.addEventListener("pointercancel", up);
	canvas.addEventListener("pointerleave", () => { if (!fingers.size) hover(-1); });
	canvas.addEventListener("keydown", e => {
		const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[e.key];
		if (way) {
			let best = -1, least = Infinity;
			const [px, py] = hovered < 0 ? [width / 2, height / 2] : [x(hovered), y(hovered)];
			for (let i = 0; i < n; i++) {
				if (i === hovered || !shown(i)) continue;
				const dx = x(i) - px, dy = y(i) - py, ahead = dx * way[0] + dy * way[1], aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
				if ((hovered < 0 || ahead > 0.5 && aside <= ahead) && Math.hypot(dx, dy) < least) { least = Math.hypot(dx, dy); best = i; }
			}
			if (best >= 0) {
				if (x(best) < 0 || x(best) > width || y(best) < 0 || y(best) > height) { view.x = places[2 * best]; view.y = places[2 * best + 1]; }
				hover(best);
			}
		} else if (e.key === "+" || e.key === "=" || e.key === "-") {
			const p = hovered < 0 ? [width / 2, height / 2] : [x(hovered), y(hovered)], again = hovered;
			zoom(e.key === "-" ? 1 / 1.4 : 1.4, ...p);
			hover(again);
		} else if (e.key === "0") showAll();
		else if (e.key === "Enter" && hovered >= 0 && options.pick) options.pick(hovered);
		else if (e.key === "Escape") hover(-1);
		else return;
		e.preventDefault();
	});
	choice.addEventListener("change", () => { hover(-1); arrange(); });
	only.addEventListener("change", () => { group = +only.value; hover(-1); draw(); });
	all.addEventListener("click", () => { hover(-1); showAll(); });
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
	const first = n && options.picture && options.picture(0);
	if (first && first.url) picture(0); // so that it is there when a point is hovered over
	new ResizeObserver(resize).observe(canvas);
	resize();
	return {select: i => { view.scale = Math.max(view.scale, view.least * 8); view.x = places[2 * i]; view.y = places[2 * i + 1]; hovered = -1; hover(i); }, hovered: () => hovered, at: i => [x(i), y(i)]};
}
