"use strict";

/** What a click shows. */
walkshed.popups = (() => {
  const { el, fill } = walkshed;
  const { PackedPath } = walkshed.draw;
  const { streetWidth } = walkshed.streets;
  const { straightStyle } = walkshed.ground;
  const { lines: unpacked, shape, ring } = walkshed.codec;
  const REACH_PIXELS = 9;
  const KEY_REACH_PIXELS = 120;

  function card(title, rows, ...more) {
    return el(
      "div",
      { class: "card", tabindex: -1, role: "dialog", "aria-label": title },
      el("h3", { dir: "auto" }, title),
      el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)])),
      ...more,
    );
  }

  /**
   * The point of `shape` nearest to a place, or null if none is within `pixels`: its line, the point that its
   * segment starts with, the share of the line before it, and where it is.
   */
  function nearestPoint(map, shape, place, pixels) {
    const x = walkshed.codec.worldX(place.lng);
    const y = walkshed.codec.worldY(place.lat);
    const reach = pixels / map.getZoomScale(map.getZoom(), 0);
    let best = reach ** 2;
    let found = null;
    for (let line = 0; line < shape.size; line++) {
      const b = 4 * line;
      if (shape.box[b] > x + reach || shape.box[b + 2] < x - reach) continue;
      if (shape.box[b + 1] > y + reach || shape.box[b + 3] < y - reach) continue;
      for (let i = shape.start[line]; i < shape.start[line + 1] - 1; i++) {
        const foot = footOn(shape, i, x, y);
        if (foot.away <= best) [best, found] = [foot.away, { line, segment: i, ...foot }];
      }
    }
    return found && { ...found, share: shareBefore(shape, found) };
  }

  /** The nearest point of the segment that starts with point `i`, and how far it is, squared. */
  function footOn({ x: xs, y: ys }, i, x, y) {
    const [dx, dy] = [xs[i + 1] - xs[i], ys[i + 1] - ys[i]];
    const length = dx * dx + dy * dy;
    const along = length ? Math.min(1, Math.max(0, ((x - xs[i]) * dx + (y - ys[i]) * dy) / length)) : 0;
    const foot = { x: xs[i] + along * dx, y: ys[i] + along * dy };
    return { ...foot, away: (x - foot.x) ** 2 + (y - foot.y) ** 2 };
  }

  function shareBefore({ x, y, start }, { line, segment, x: footX, y: footY }) {
    let [before, all] = [0, 0];
    for (let i = start[line]; i < start[line + 1] - 1; i++) {
      if (i === segment) before = all + Math.hypot(footX - x[i], footY - y[i]);
      all += Math.hypot(x[i + 1] - x[i], y[i + 1] - y[i]);
    }
    return all ? before / all : 0;
  }

  /** Whether closed lines hold a place, by the even-odd rule (holes are lines too). */
  function holds(shape, place) {
    const x = walkshed.codec.worldX(place.lng);
    const y = walkshed.codec.worldY(place.lat);
    let inside = false;
    for (let line = 0; line < shape.size; line++) {
      for (let i = shape.start[line]; i < shape.start[line + 1] - 1; i++) {
        const [y1, y2] = [shape.y[i], shape.y[i + 1]];
        if (y1 > y !== y2 > y && x < shape.x[i] + ((y - y1) / (y2 - y1)) * (shape.x[i + 1] - shape.x[i])) inside = !inside;
      }
    }
    return inside;
  }

  /** `beyond`: the minutes that the walk from where one asks is longer than from the line's middle. */
  function streetRows(data, streets, line, beyond) {
    const words = data.words;
    const tenths = streets.tenths[line];
    const minutes = Math.max(0, tenths / 10 + beyond).toFixed(1);
    const rows = [[words.row_minutes, tenths < 0 ? words.unreached : fill(words.street_minutes, { minutes })]];
    if (streets.station[line] >= 0) rows.push([words.row_nearest, data.stations.title[streets.station[line]]]);
    const cutoff = data.cutoffs[data.cutoffs.length - 1];
    rows.push([fill(words.row_depth, { cutoff }), String(streets.depth[line])]);
    return rows;
  }

  /** Wire the pop-ups to the map. `view` is what `layers.build` gave, `state` the cutoff chosen. */
  function attach(data, map, view, state) {
    const { words, colors } = data;
    const last = data.cutoffs.length - 1;
    const { layer, streets } = view;
    const renderer = view.renderer.marked;
    const { spots, groupOf } = layer("stations");
    const costers = new Map(data.views.map((own) => [own, null]));
    const { route, beyondMiddle } = walkshed.routes.finder(data.routes, streets.lines, view.around);
    let marks = [];
    const mark = (...paths) => {
      marks.forEach((path) => path.remove());
      marks = paths.map((path) => path.addTo(map));
    };
    const dashed = (lines, options) => new PackedPath(lines, { renderer, color: "#111111", width: 2.2, dash: [7, 5], casing: "#ffffff", ...options });
    let opener = null; // where the keyboard was when a pop-up took it
    const open = (place, content) => {
      const asking = document.activeElement;
      const byKeys = Boolean(asking?.matches(":focus-visible"));
      if (!asking?.closest(".leaflet-popup")) opener = byKeys ? asking : null;
      const maxWidth = Math.min(320, map.getSize().x - 120); // the buttons on the right stay free
      const maxHeight = Math.max(140, map.getSize().y - 80);
      L.popup({ maxWidth, maxHeight, minWidth: Math.min(220, maxWidth), autoPanPaddingTopLeft: [16, 16], autoPanPaddingBottomRight: [58, 30] })
        .setLatLng(place).setContent(content).openOn(map);
      content.closest(".leaflet-popup").querySelector(".leaflet-popup-close-button").setAttribute("aria-label", words.close);
      if (byKeys) content.focus({ preventScroll: true });
    };
    map.on("popupclose", ({ popup }) => {
      mark();
      if (popup.getElement()?.contains(document.activeElement)) opener?.focus({ preventScroll: true });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) map.closePopup();
    });

    function station(index) {
      const { circles, rows, title, status } = data.stations;
      const at = circles[state.cutoff] ? state.cutoff : circles.findLastIndex(Boolean);
      const circle = circles[at]?.[index];
      const own = circle ? [dashed(unpacked(circle), { fill: "#ffffff", fillOpacity: 0.12 })] : [];
      const others = groupOf(index).length > 1
        ? link(fill(words.same_place, { count: groupOf(index).length }), () => group(groupOf(index))) : null;
      open(spots[index], card(title[index], rows[index],
        circle ? el("p", { class: "hint" }, fill(words.circle, { cutoff: data.cutoffs[at] })) : null,
        status[index] ? null : straightButton(index, own),
        others));
      mark(...own);
    }

    /** A button that draws the straight circle of the cutoff's budget beside the station's own area, or takes it away. */
    function straightButton(index, own) {
      const metres = data.budgets[state.cutoff];
      const away = data.budgets_m[state.cutoff];
      const button = link(fill(words.straight_show, { metres }), () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        button.textContent = on ? words.straight_hide : fill(words.straight_show, { metres });
        mark(...own, ...(on ? [new PackedPath(shape([ring(spots[index], away)]), straightStyle(data, renderer))] : []));
      });
      button.setAttribute("aria-pressed", "false");
      return button;
    }

    /** Several stations at one place, to choose from. */
    function group(indices) {
      const choices = indices.map((index) => el("li", {}, link(data.stations.title[index], () => station(index))));
      open(spots[indices[0]], card(fill(words.stations_here, { count: indices.length }), [], el("ul", { class: "choices" }, ...choices)));
    }

    function gap(index) {
      open(walkshed.codec.place(...data.gaps[index].at), card(data.gaps[index].title, data.gaps[index].rows));
      const inside = [];
      streets.gap.forEach((rank, line) => { if (rank === data.gaps[index].rank) inside.push(line); });
      mark(
        new PackedPath(streets.lines, { renderer, color: colors.gap, width: (zoom) => streetWidth(1, 1.25)(zoom) + 0.6 }, inside),
        new PackedPath(layer("gaps").shapes[index], { renderer, color: colors.gap, width: 2.6, casing: "#ffffff" }, layer("gaps").outlines[index]),
      );
    }

    function site(index) {
      const { at, title, rows } = data.sites[index];
      open(walkshed.codec.place(...at), card(title, rows));
      mark();
    }

    /** The walk from a street point to a station of the category chosen. */
    function categoryRows({ line, share }) {
      const chosen = state.view;
      if (!chosen) return [];
      if (!costers.get(chosen)) costers.set(chosen, walkshed.categories.coster(chosen, data, streets.lines));
      const minutes = (costers.get(chosen)(line, share) / data.budgets_m[last]) * data.minutes[last];
      const text = minutes > data.minutes[last]
        ? fill(words.beyond, { cutoff: data.cutoffs[last] }) : fill(words.street_minutes, { minutes: minutes.toFixed(1) });
      return [[fill(words.row_category, { category: data.categories[chosen.category].name }), text]];
    }

    function street(place, found) {
      const { line, share } = found;
      const minutesPerMetre = data.minutes[last] / data.budgets_m[last];
      const inGap = data.gaps.findIndex((listed) => listed.rank === streets.gap[line]);
      const nearest = streets.station[line];
      const walk = nearest < 0 ? [] : [dashed(route(found, spots[nearest]), { width: 3.4, dash: [9, 5] })];
      const name = streets.names[streets.name[line]] || words.street_unnamed;
      open(place, card(name, [...categoryRows(found), ...streetRows(data, streets, line, beyondMiddle(line, share) * minutesPerMetre)],
        walk.length ? el("p", { class: "hint" }, words.route) : null,
        inGap < 0 ? null : link(fill(words.show_gap, { rank: data.gaps[inGap].rank }), () => gap(inGap))));
      mark(new PackedPath(streets.lines, { renderer, color: "#111111", width: 5, casing: "#ffffff" }, [line]), ...walk);
    }

    function zone(place, index) {
      const { zones } = data;
      open(place, card(zones.title[index], zones.rows[state.cutoff][index]));
      mark(new PackedPath(layer("zones").shapes[index], { renderer, color: "#111111", width: 2.4, casing: "#ffffff" }));
    }

    /** What is at a place: a street, else a gap, else a zone, of those that are shown. */
    function ask(place, pixels) {
      const found = nearestPoint(map, streets.lines, place, pixels);
      if (found) return street(place, found);
      const within = (key) => (layer(key)?.visible() ? layer(key).shapes.findIndex((shape) => holds(shape, place)) : -1);
      const [inGap, inZone] = [within("gaps"), within("zones")];
      if (layer("zones")?.visible() && inZone >= 0) zone(place, inZone);
      else if (inGap >= 0) gap(inGap);
    }

    map.on("click", ({ latlng }) => ask(latlng, REACH_PIXELS));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === map.getContainer()) ask(map.getCenter(), KEY_REACH_PIXELS);
    });
    return { station, group, gap, site };
  }

  const link = (text, onclick) => el("button", { type: "button", class: "link", dir: "auto", onclick }, text);

  return { attach };
})();
