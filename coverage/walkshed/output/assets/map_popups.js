"use strict";

/** Text with its braces filled: fill("within {cutoff}", { cutoff: "15 min" }). */
walkshed.fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

/** An element; children that are text become text, never HTML. */
walkshed.el = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
};

/** What a click shows. */
walkshed.popups = (() => {
  const { el, fill } = walkshed;
  const { PackedPath } = walkshed.draw;
  const { GAP, streetWidth } = walkshed.layers;
  const REACH_PIXELS = 9;

  function card(title, rows, ...more) {
    return el(
      "div",
      { class: "card" },
      el("h3", { dir: "auto" }, title),
      el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)])),
      ...more,
    );
  }

  /** The line of `shape` nearest to a place, or -1 if none is within `pixels`. */
  function nearestLine(map, shape, place, pixels) {
    const scale = map.getZoomScale(map.getZoom(), 0);
    const x = walkshed.codec.worldX(place.lng);
    const y = walkshed.codec.worldY(place.lat);
    let best = (pixels / scale) ** 2;
    let found = -1;
    const reach = pixels / scale;
    for (let line = 0; line < shape.size; line++) {
      const b = 4 * line;
      if (shape.box[b] > x + reach || shape.box[b + 2] < x - reach) continue;
      if (shape.box[b + 1] > y + reach || shape.box[b + 3] < y - reach) continue;
      for (let i = shape.start[line]; i < shape.start[line + 1] - 1; i++) {
        const away = squaredDistance(x, y, shape.x[i], shape.y[i], shape.x[i + 1], shape.y[i + 1]);
        if (away <= best) [best, found] = [away, line];
      }
    }
    return found;
  }

  function squaredDistance(x, y, x1, y1, x2, y2) {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const length = dx * dx + dy * dy;
    const along = length ? Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
    return (x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2;
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

  function streetRows(data, streets, line) {
    const words = data.words;
    const tenths = streets.tenths[line];
    const rows = [[words.row_minutes, tenths < 0 ? words.unreached : fill(words.street_minutes, { minutes: (tenths / 10).toFixed(1) })]];
    if (streets.station[line] >= 0) rows.push([words.row_nearest, data.stations.title[streets.station[line]]]);
    rows.push([words.row_depth, String(streets.depth[line])]);
    return rows;
  }

  /** Wire the pop-ups to the map. `view` is what `layers.build` gave, `state` the cutoff chosen. */
  function attach(data, map, view, state) {
    const words = data.words;
    const layer = (key) => view.listed.find((listed) => listed.key === key);
    const renderer = view.renderer.marked;
    let marks = [];
    const mark = (...paths) => {
      marks.forEach((path) => path.remove());
      marks = paths.map((path) => path.addTo(map));
    };
    const own = (lines) => new PackedPath(lines, { renderer, color: "#111111", width: 2.2, dash: [7, 5], casing: "#ffffff", fill: "#ffffff", fillOpacity: 0.12 });
    const open = (place, content) => {
      const maxWidth = Math.min(300, map.getSize().x - 120); // the buttons on the right stay free
      L.popup({ maxWidth, minWidth: Math.min(200, maxWidth), autoPanPaddingTopLeft: [16, 16], autoPanPaddingBottomRight: [58, 30] })
        .setLatLng(place).setContent(content).openOn(map);
    };
    map.on("popupclose", () => mark());

    function station(index) {
      const { circles } = data.stations;
      const at = circles[state.cutoff] ? state.cutoff : circles.findLastIndex(Boolean);
      const circle = circles[at]?.[index];
      const line = circle ? el("p", { class: "hint" }, fill(words.circle, { cutoff: data.cutoffs[at] })) : null;
      open(layer("stations").markers[index].getLatLng(), card(data.stations.title[index], data.stations.rows[index], line));
      if (circle) mark(own(walkshed.codec.lines(circle)));
    }

    function gap(index) {
      open(L.latLng(data.gaps[index].at), card(data.gaps[index].title, data.gaps[index].rows));
      const inside = [];
      view.streets.gap.forEach((rank, line) => { if (rank === data.gaps[index].rank) inside.push(line); });
      mark(
        new PackedPath(view.streets.lines, { renderer, color: GAP, width: (zoom) => streetWidth(1, 1.25)(zoom) + 0.6 }, inside),
        new PackedPath(layer("gaps").shapes[index], { renderer, color: GAP, width: 2.6, casing: "#ffffff" }, layer("gaps").outlines[index]),
      );
    }

    function street(place, line) {
      const inGap = data.gaps.findIndex((listed) => listed.rank === view.streets.gap[line]);
      const more = inGap < 0 ? null
        : el("button", { type: "button", class: "link", onclick: () => gap(inGap) }, fill(words.show_gap, { rank: data.gaps[inGap].rank }));
      const name = view.streets.names[view.streets.name[line]] || words.street_unnamed;
      open(place, card(name, streetRows(data, view.streets, line), more));
      mark(new PackedPath(view.streets.lines, { renderer, color: "#111111", width: 5, casing: "#ffffff" }, [line]));
    }

    map.on("click", ({ latlng }) => {
      const line = nearestLine(map, view.streets.lines, latlng, REACH_PIXELS);
      if (line >= 0) return street(latlng, line);
      const inGap = layer("gaps").visible() ? layer("gaps").shapes.findIndex((shape) => holds(shape, latlng)) : -1;
      if (inGap >= 0) gap(inGap);
    });
    return { station, gap };
  }

  return { attach };
})();
