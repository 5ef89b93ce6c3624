"use strict";
(() => {
	const $ = id => document.getElementById(id);
	let about = null, last = null, asked = 0;

	class Refused extends Error {}

	async function get(path, options) {
		let answer;
		try {
			answer = await fetch(path, options);
		} catch (e) {
			throw new Refused("The server cannot be reached.");
		}
		const body = await answer.json().catch(() => ({error: "The server gave no answer that can be read."}));
		if (answer.status === 401) {
			$("token").hidden = false;
			$("token-text").focus();
		}
		if (!answer.ok) throw new Refused(body.error + (answer.status === 503 ? "" : "."));
		return body;
	}

	const wanted = () => {
		const q = new URLSearchParams({k: $("k").value});
		if ($("group").value) q.set("group", $("group").value.slice(1));
		if ($("threshold").value) q.set("threshold", $("threshold").value);
		return q;
	};
	const pictureOf = row => "/v1/rows/" + row + "/picture";

	function tile(row, group, name, similarity) {
		const item = document.createElement("li"), button = document.createElement("button"), image = document.createElement("img");
		button.type = "button";
		button.title = (group ? group + ": " : "") + name;
		image.alt = "";
		image.loading = "lazy";
		image.addEventListener("load", () => image.classList.toggle("small", image.naturalWidth < 64));
		image.addEventListener("error", () => { const none = document.createElement("span"); none.className = "none"; image.replaceWith(none); });
		image.src = pictureOf(row);
		button.append(image);
		const line = (of, text) => { const e = document.createElement("span"); e.className = of; e.textContent = text; button.append(e); return e; };
		// The end of a name says most; all of it is in the title.
		const end = path => path.split("/").filter(Boolean).pop() || path;
		if (group) line("group", end(group));
		line("name", end(name));
		if (similarity !== undefined) {
			const score = line("score", similarity.toFixed(3)), meter = document.createElement("meter");
			meter.min = 0; meter.max = 1; meter.value = Math.max(0, similarity);
			meter.setAttribute("aria-hidden", "true");
			score.title = "similarity (cosine)";
			score.prepend(meter);
		}
		button.setAttribute("aria-label", (group ? group + ", " : "") + name + (similarity === undefined ? "" : ", similarity " + similarity.toFixed(3)) + ": find its neighbours");
		button.addEventListener("click", () => searchRow(row));
		item.append(button);
		return item;
	}

	// search asks and shows; only the newest question's answer is shown.
	async function search(title, source, ask) {
		const mine = ++asked;
		$("answer").hidden = false;
		$("query").src = source;
		$("answer-heading").textContent = title;
		$("said").className = "";
		$("said").textContent = "Searching…";
		$("neighbors").replaceChildren();
		try {
			const found = await ask();
			if (mine !== asked) return;
			if (found.name) $("answer-heading").textContent = (found.group ? found.group + " · " : "") + found.name;
			const list = found.neighbors;
			$("said").textContent = list.length ? (list.length === 1 ? "Its nearest picture, with its similarity." : "Its " + list.length + " nearest pictures, nearest first, with their similarity.") :
				$("threshold").value ? "No picture is as similar as that." : "There is no picture to be near it.";
			$("neighbors").replaceChildren(...list.map(n => tile(n.row, n.group, n.name, n.similarity)));
		} catch (e) {
			if (mine !== asked) return;
			if (!(e instanceof Refused)) throw e;
			$("said").className = "bad";
			$("said").textContent = e.message.charAt(0).toUpperCase() + e.message.slice(1);
		}
	}
	const show = () => { $("answer").scrollIntoView({block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"}); $("answer-heading").focus({preventScroll: true}); };

	let shownURL = "";
	function searchFile(file) {
		if (about && file.size > about.max_bytes) {
			last = null;
			search(file.name || "Pasted picture", "data:,", () => { throw new Refused("The picture has " + (file.size / 1e6).toFixed(1) + " MB, and " + (about.max_bytes / 1e6).toFixed(1) + " are the most: send a smaller one."); });
			return;
		}
		if (shownURL) URL.revokeObjectURL(shownURL);
		shownURL = URL.createObjectURL(file);
		const url = shownURL;
		last = () => search(file.name || "Pasted picture", url, () => get("/v1/search?" + wanted(), {method: "POST", body: file, headers: {"Content-Type": "application/octet-stream"}}));
		last();
		show();
	}
	function searchRow(row) {
		last = () => search("Picture " + row, pictureOf(row), () => get("/v1/rows/" + row + "?" + wanted()));
		last();
		show();
	}

	for (const id of ["k", "group", "threshold"]) $(id).addEventListener("change", () => last && last());
	$("query").addEventListener("error", () => $("query").removeAttribute("src"));
	$("file").addEventListener("change", e => { const [file] = e.target.files; if (file) searchFile(file); e.target.value = ""; });
	addEventListener("paste", e => {
		const file = [...(e.clipboardData ? e.clipboardData.files : [])].find(f => f.type.startsWith("image/"));
		if (file) { e.preventDefault(); searchFile(file); }
	});
	let depth = 0;
	const dragging = on => { document.body.classList.toggle("dragging", on); $("over").hidden = !on; };
	addEventListener("dragenter", e => { e.preventDefault(); depth++; dragging(true); });
	addEventListener("dragleave", () => { if (--depth <= 0) { depth = 0; dragging(false); } });
	addEventListener("dragover", e => e.preventDefault());
	addEventListener("drop", e => {
		e.preventDefault();
		depth = 0;
		dragging(false);
		const [file] = e.dataTransfer.files;
		if (file) searchFile(file);
	});

	const shownAtOnce = 24;
	let turn = 0;
	async function browse() {
		const {rows} = await get("/v1/rows?n=" + shownAtOnce + "&turn=" + turn++);
		$("browse").replaceChildren(...rows.map(r => tile(r.row, r.group, r.name)));
	}
	$("others").addEventListener("click", () => browse().catch(told));

	async function drawMap() {
		$("draw").hidden = true;
		$("map-words").textContent = "Laying out " + about.map_rows.toLocaleString("en") + " pictures…";
		const map = await get("/v1/map");
		$("map-words").textContent = map.rows.length ? "Pictures that the network finds alike lie close together. Distances within a cluster say something, those between clusters little. " +
			(map.rows.length < about.rows ? map.rows.length.toLocaleString("en") + " of " + about.rows.toLocaleString("en") + " pictures. " : "") + "Choose one to see its neighbours." : "There is nothing to draw.";
		if (map.rows.length) window.space = drawSpace($("map"), map, {picture: i => pictureOf(map.rows[i]), pick: i => searchRow(map.rows[i])});
	}
	$("draw").addEventListener("click", () => drawMap().catch(e => { $("draw").hidden = false; told(e, $("map-words")); }));

	function told(e, where) {
		if (!(e instanceof Refused)) throw e;
		(where instanceof Element ? where : $("about")).textContent = e.message;
	}

	async function begin() {
		about = await get("/v1/index");
		$("token").hidden = true;
		const count = about.rows.toLocaleString("en") + (about.rows === 1 ? " picture" : " pictures"), groups = about.groups.filter(g => g.name);
		$("about").textContent = count + (groups.length > 1 ? " in " + groups.length.toLocaleString("en") + " groups" : "") + (about.name ? ", embedded by " + about.name : "") + ".";
		$("group-label").hidden = groups.length < 2;
		$("group").replaceChildren($("group").options[0], ...about.groups.map(g => new Option((g.name || "(none)") + " (" + g.rows + ")", "=" + g.name)));
		$("draw").textContent = "Draw the map of " + about.map_rows.toLocaleString("en") + " pictures";
		await browse();
		if (about.map_rows > 0 && about.map_rows <= 3000) await drawMap();
	}
	$("token").addEventListener("submit", e => {
		e.preventDefault();
		document.cookie = "xbm_token=" + encodeURIComponent($("token-text").value) + "; path=/; SameSite=Strict";
		begin().catch(told);
	});
	begin().catch(told);
})();
