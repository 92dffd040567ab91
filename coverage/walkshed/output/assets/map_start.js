"use strict";

/** Put the whole page together on the map that folium made. */
walkshed.start = (map) => {
  const data = JSON.parse(document.getElementById("walkshed-data").textContent);
  const words = data.words;
  walkshed.codec.shiftChina(Boolean(data.tiles?.shifted));
  for (const name of ["gap", "site", "station", "station_edge"]) {
    document.documentElement.style.setProperty(`--${name.replace("_", "-")}`, data.colors[name]);
  }

  /** What is chosen: the cutoff, and of `data.views` the one of a category, or null for all stations. */
  const state = {
    cutoff: data.cutoffs.length - 1,
    view: null,
    listeners: [],
    choose(changes) {
      Object.assign(state, changes);
      state.listeners.forEach((listener) => listener());
    },
  };

  let popups;
  let fittedZoom = Infinity;
  const view = walkshed.layers.build(data, map, () => map.getZoom() - fittedZoom, {
    station: (index) => popups.station(index),
    group: (indices) => popups.group(indices),
    gap: (index) => popups.gap(index),
    site: (index) => popups.site(index),
  });
  const { layer } = view;
  const { bounds } = walkshed.codec;
  const whole = bounds(layer("area").shape) ?? bounds(view.streets.lines) ?? bounds(view.around);
  const fit = () => {
    fittedZoom = map.getBoundsZoom(whole, false, L.point(32, 32));
    map.fitBounds(whole, { padding: [16, 16], animate: false });
    layer("gaps").thin();
  };

  map.options.zoomSnap = 0.25;
  map.options.zoomDelta = 0.5;
  map.options.wheelPxPerZoomLevel = 90;
  map.getContainer().setAttribute("aria-label", words.map_label);
  map.getContainer().setAttribute("role", "application");
  map.setView(whole ? whole.getCenter() : [0, 0], 12, { animate: false });

  popups = walkshed.popups.attach(data, map, view, state);
  state.listeners.push(() => map.closePopup());

  const near = (place) => map.setView(place, Math.max(map.getZoom(), 15), { animate: false });
  const placeAt = data.base.places ? walkshed.codec.places(data.base.places.points) : [];
  const panel = walkshed.panel.build(data, state, view.listed, {
    station(index) {
      panel.collapse();
      near(layer("stations").spots[index]);
      popups.station(index);
    },
    gap(index) {
      panel.collapse();
      const around = bounds(layer("gaps").shapes[index]);
      if (around) map.fitBounds(around.pad(0.35), { maxZoom: 16, animate: false });
      popups.gap(index);
    },
    site(index) {
      panel.collapse();
      near(walkshed.codec.place(...data.sites[index].at));
      popups.site(index);
    },
    place(index) {
      panel.collapse();
      near(placeAt[index]);
    },
  });

  walkshed.controls(map, data, fit);
  walkshed.print = walkshed.printing(map, view.renderer);
  // The map's share of the page changes when the panel folds, a phone turns or a notebook shows its cell;
  // until the reader has moved the map it keeps showing the whole area.
  let isTouched = false;
  map.on("dragstart popupopen", () => { isTouched = true; });
  for (const name of ["wheel", "pointerdown", "keydown"]) map.getContainer().addEventListener(name, () => { isTouched = true; }, { passive: true });
  new ResizeObserver(() => {
    map.invalidateSize({ pan: false });
    if (!isTouched && whole && map.getSize().x) fit();
  }).observe(map.getContainer());
};

/** Lays the page out for paper while it prints: the map at a sheet's width, drawn anew before the sheet is taken. */
walkshed.printing = (map, renderers) => {
  let view = null;
  const lay = (on) => {
    if (on === (view !== null) || !map.getSize().y) return;
    if (on) view = map.getBounds();
    document.body.classList.toggle("printing", on);
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(view, { animate: false });
    if (!on) view = null;
    for (const renderer of Object.values(renderers)) if (renderer._map) renderer._redraw?.();
  };
  window.addEventListener("beforeprint", () => lay(true));
  window.addEventListener("afterprint", () => lay(false));
  return () => {
    lay(true);
    requestAnimationFrame(() => requestAnimationFrame(() => window.print()));
  };
};

/** Zoom buttons, the scale bar and the credit. */
walkshed.controls = (map, data, fit) => {
  const { el } = walkshed;
  const words = data.words;
  L.control.zoom({ position: "topright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  const whole = L.control({ position: "topright" });
  whole.onAdd = () => {
    const button = el("button", { type: "button", title: words.zoom_all, "aria-label": words.zoom_all, onclick: fit }, "⤢");
    L.DomEvent.disableClickPropagation(button);
    return el("div", { class: "leaflet-bar whole" }, button);
  };
  whole.addTo(map);
  const credit = L.control({ position: "bottomleft" }); // the scale bar is put above it, so that they never overlap
  credit.onAdd = () => {
    const text = data.source.origin === "osm"
      ? el("a", { href: "https://www.openstreetmap.org/copyright", target: "_blank", rel: "noopener noreferrer" }, data.source.credit)
      : data.source.credit && el("span", {}, data.source.credit);
    const others = [data.source.date, data.tiles?.credit].filter(Boolean).map((part) => el("span", {}, part));
    const own = data.source.own && el("bdi", {}, data.source.own);
    const parts = [own, text, ...others].filter(Boolean).flatMap((part) => [" · ", part]);
    return el("div", { class: "credit" }, ...parts.slice(1));
  };
  credit.addTo(map);
  new walkshed.Scale(words, { imperial: false, position: "bottomleft", maxWidth: 140 }).addTo(map);
};

/** Leaflet's scale bar, with units in the page's language. */
walkshed.Scale = L.Control.Scale.extend({
  initialize(words, options) {
    this._words = words;
    L.Util.setOptions(this, options);
  },
  _updateMetric(most) {
    const metres = this._getRoundNum(most);
    const { fill } = walkshed;
    const label = metres < 1000 ? fill(this._words.metres, { metres }) : fill(this._words.km, { km: metres / 1000 });
    this._updateScale(this._mScale, label, metres / most);
  },
});
