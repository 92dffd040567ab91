"use strict";

/** What is marked on the map: gaps by rank, stations by category. */
walkshed.marks = (() => {
  const { el, fill } = walkshed;
  const { PackedPath, hatch } = walkshed.draw;
  const { lines, place, places } = walkshed.codec;

  const SHAPES = ["circle", "square", "diamond", "triangle", "pentagon", "ring"];
  const GAPS_STRONG = 10;
  const NUMBERS_APART = 34;
  const FAR_ZOOM = 12.5;
  const OUTLINE_ZOOM = 13.25;
  const KEYS_AT_MOST = 100;

  /** The share of all gaps that one after the first ten must have for its number to show, by how far one has zoomed in. */
  const LEAST_SHARES = [[0.75, 0.02], [2, 0.005], [Infinity, 0]];

  /** `scale` tells how far the map is zoomed in from the first view. */
  function gapLayer(data, map, renderer, scale, toggled, select) {
    const { words, colors } = data;
    const cutoff = data.cutoffs[data.cutoffs.length - 1];
    const pattern = hatch(colors.gap);
    const shapes = data.gaps.map((gap) => lines(gap.rings));
    const outlines = shapes.map(shells);
    // From afar the outlines would be nothing but the round ends of streets.
    const outline = (zoom) => (zoom < OUTLINE_ZOOM ? 0 : Math.min(1.6, 0.5 * 1.5 ** (zoom - 13)));
    const paths = shapes.flatMap((shape, i) => [
      new PackedPath(shape, { renderer, fill: pattern, fillOpacity: i < GAPS_STRONG ? 0.34 : 0.2, width: 0 }),
      new PackedPath(shape, { renderer, color: colors.gap, width: outline, opacity: i < GAPS_STRONG ? 0.6 : 0.35 }, outlines[i]),
    ]);
    const numbers = data.gaps.map((gap, i) => numberMarker(gap, () => select(i)));
    const show = toggled(paths);
    let shown = false;
    const taken = [];
    const thin = () => {
      thinOut(map, data.gaps, numbers, shown, LEAST_SHARES.find(([zoomed]) => scale() < zoomed)[1], taken);
      map.fire("numbers"); // place names keep clear of them
    };
    map.on("zoomend moveend", thin);
    const legend = [{ swatch: "gap", color: colors.gap, text: fill(words.legend_gap, { cutoff }) }];
    if (data.gaps.some((gap) => gap.weight < LEAST_SHARES[0][1])) legend.push({ text: words.legend_few });
    return {
      key: "gaps",
      isForAll: true,
      name: fill(words.layer_gaps, { cutoff }),
      on: true,
      shapes,
      outlines,
      legend: () => legend,
      show: (on) => { shown = on; show(on); thin(); },
      taken,
      thin,
      visible: () => shown,
    };
  }

  /** The numbers of the rings that run the way of shells: a hole's outline would only be noise. */
  function shells({ x, y, start, size }) {
    const found = [];
    for (let ring = 0; ring < size; ring++) {
      let area = 0;
      for (let i = start[ring]; i < start[ring + 1] - 1; i++) area += x[i] * y[i + 1] - x[i + 1] * y[i];
      if (area < 0) found.push(ring); // y grows southward here, so shells, counter-clockwise on the ground, are negative
    }
    return Int32Array.from(found);
  }

  function numberMarker(gap, select) {
    const badge = el("span", { class: "gap-number" }, String(gap.rank));
    const icon = L.divIcon({ html: badge, className: "gap-marker", iconSize: [24, 24] });
    const marker = L.marker(place(...gap.at), { icon, keyboard: gap.rank <= 20, title: gap.title, alt: gap.title });
    return marker.on("click", select);
  }

  /** Of the numbers that would overlap only the one of the better rank is shown; `taken` receives their places. */
  function thinOut(map, gaps, markers, shown, least, taken) {
    const view = map.getBounds().pad(0.25);
    taken.length = 0;
    for (const [i, marker] of markers.entries()) {
      const at = map.latLngToLayerPoint(marker.getLatLng());
      const free = shown && (gaps[i].weight >= least || i < GAPS_STRONG) && view.contains(marker.getLatLng()) && !taken.some((t) => t.distanceTo(at) < NUMBERS_APART);
      if (free) taken.push(at);
      if (free !== map.hasLayer(marker)) free ? marker.addTo(map) : marker.remove();
    }
  }

  /** One mark a place: stations at one point share it, and it says how many they are. */
  function stationLayer(data, map, toggled, select) {
    const { stations, categories, words } = data;
    const spots = places(stations.points);
    const together = new Map();
    spots.forEach((at, i) => {
      const key = `${at.lat.toFixed(4)} ${at.lng.toFixed(4)}`;
      together.set(key, [...(together.get(key) ?? []), i]);
    });
    const groups = [...together.values()].map((group) => group.sort((a, b) => stations.status[a] - stations.status[b] || a - b));
    const markers = groups.map((group) => stationMarker(data, spots[group[0]], group, groups.length > KEYS_AT_MOST, select));
    const legend = categories.flatMap(({ name, count, is_used: isUsed }, i) => (isUsed ? [{
      swatch: "mark", image: () => markImage(SHAPES[i % SHAPES.length]), text: fill(words.legend_count, { name, count }),
    }] : []));
    if (stations.status.some(Boolean)) {
      legend.push({ swatch: "mark", image: () => markImage("unused"), text: fill(words.legend_unused, { count: stations.unused }) });
    }
    // From afar the marks shrink, so that they do not hide the town.
    const shrink = () => map.getContainer().classList.toggle("far", map.getZoom() < FAR_ZOOM);
    map.on("zoomend", shrink);
    shrink();
    const groupOf = (index) => groups.find((group) => group.includes(index));
    let [shown, view] = [false, null];
    const isChosen = (group) => !view || group.some((i) => stations.status[i] === 0 && stations.category[i] === view.category);
    const draw = () => markers.forEach((marker, i) => toggled([marker])(shown && isChosen(groups[i])));
    return {
      key: "stations",
      name: words.layer_stations,
      on: true,
      legend: () => legend,
      spots,
      groupOf,
      inView: () => (shown ? spots.filter((spot) => map.getBounds().contains(spot)).map((spot) => map.latLngToLayerPoint(spot)) : []),
      show: (on) => { shown = on; draw(); },
      choose: (_, wanted) => { view = wanted; draw(); },
    };
  }

  function stationMarker(data, at, group, many, select) {
    const { stations, words } = data;
    const [first] = group;
    const mark = stations.status[first] ? "unused" : SHAPES[stations.category[first] % SHAPES.length];
    const title = group.length > 1 ? fill(words.stations_here, { count: group.length }) : stations.title[first];
    const html = el("span", {}, markImage(mark), group.length > 1 ? el("span", { class: "many" }, String(group.length)) : null);
    const icon = L.divIcon({ html, className: `station station-${mark}`, iconSize: [24, 24] });
    const marker = L.marker(at, { icon, title, alt: title, keyboard: !many, zIndexOffset: stations.status[first] ? 300 : 500, riseOnHover: true });
    return marker.on("click", () => (group.length > 1 ? select.group(group) : select.station(first)));
  }

  const MARK_PATHS = {
    circle: "M8 1.8a6.2 6.2 0 1 0 .01 0z",
    square: "M2.6 2.6h10.8v10.8H2.6z",
    diamond: "M8 .9 15.1 8 8 15.1.9 8z",
    triangle: "M8 1.3 15 14H1z",
    pentagon: "M8 1.2l6.8 5-2.6 8.1H3.8L1.2 6.2z",
    ring: "M8 1.8a6.2 6.2 0 1 0 .01 0zM8 5.4a2.6 2.6 0 1 1-.01 0z",
    unused: "M3 3l10 10M13 3 3 13",
  };

  function markImage(mark) {
    const space = "http://www.w3.org/2000/svg";
    const image = document.createElementNS(space, "svg");
    image.setAttribute("viewBox", "-1 -1 18 18");
    image.setAttribute("class", `mark mark-${mark}`);
    image.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", MARK_PATHS[mark]);
    image.append(path);
    return image;
  }

  return { gapLayer, stationLayer };
})();
