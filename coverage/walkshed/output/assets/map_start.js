"use strict";

/** Put the whole page together on the map that folium made. */
walkshed.start = (map) => {
  const data = JSON.parse(document.getElementById("walkshed-data").textContent);
  const words = data.words;

  const state = {
    cutoff: data.cutoffs.length - 1,
    listeners: [],
    choose(index) {
      state.cutoff = index;
      state.listeners.forEach((listener) => listener());
    },
  };

  let popups;
  const view = walkshed.layers.build(data, map, {
    station: (index) => popups.station(index),
    gap: (index) => popups.gap(index),
  });
  const layer = (key) => view.listed.find((listed) => listed.key === key);
  const { bounds } = walkshed.codec;
  const whole = bounds(layer("area").shape) ?? bounds(view.streets.lines) ?? bounds(view.around);
  const showAll = () => map.fitBounds(whole, { padding: [16, 16], animate: false });

  map.options.zoomSnap = 0.25;
  map.options.zoomDelta = 0.5;
  map.options.wheelPxPerZoomLevel = 90;
  map.getContainer().setAttribute("aria-label", words.map_label);
  map.getContainer().setAttribute("role", "application");
  map.setView(whole ? whole.getCenter() : [0, 0], 12, { animate: false });

  popups = walkshed.popups.attach(data, map, view, state);
  state.listeners.push(() => layer("covered").choose(state.cutoff));

  const near = (place) => map.setView(place, Math.max(map.getZoom(), 15), { animate: false });
  const placeAt = data.base.places ? walkshed.codec.places(data.base.places.points) : [];
  const panel = walkshed.panel.build(data, state, view.listed, {
    station(index) {
      panel.collapse();
      near(layer("stations").markers[index].getLatLng());
      popups.station(index);
    },
    gap(index) {
      panel.collapse();
      const around = bounds(layer("gaps").shapes[index]);
      if (around) map.fitBounds(around.pad(0.35), { maxZoom: 16, animate: false });
      popups.gap(index);
    },
    place(index) {
      panel.collapse();
      near(placeAt[index]);
    },
  });

  walkshed.controls(map, data, showAll);
  // The map's share of the page changes when the panel folds, a phone turns or a notebook shows its cell.
  let fitted = false;
  new ResizeObserver(() => {
    map.invalidateSize({ pan: false });
    if (fitted || !whole || !map.getSize().x) return;
    fitted = true;
    showAll();
  }).observe(map.getContainer());
};

/** Zoom buttons, the scale bar and the credit. */
walkshed.controls = (map, data, showAll) => {
  const { el } = walkshed;
  const words = data.words;
  L.control.zoom({ position: "topright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  const whole = L.control({ position: "topright" });
  whole.onAdd = () => {
    const button = el("button", { type: "button", title: words.zoom_all, "aria-label": words.zoom_all, onclick: showAll }, "⤢");
    L.DomEvent.disableClickPropagation(button);
    return el("div", { class: "leaflet-bar whole" }, button);
  };
  whole.addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 140 }).addTo(map);
  const credit = L.control({ position: "bottomright" });
  credit.onAdd = () => {
    const text = data.source.origin === "osm"
      ? el("a", { href: "https://www.openstreetmap.org/copyright", target: "_blank", rel: "noopener noreferrer" }, data.source.credit)
      : el("span", {}, data.source.credit);
    return el("div", { class: "credit" }, text, ` · ${data.source.date}`);
  };
  credit.addTo(map);
};
