"use strict";

/** Proposed sites: numbered squares, so that shape tells them from the round numbers of gaps. */
walkshed.sites = (() => {
  const { el } = walkshed;
  const { place } = walkshed.codec;

  function siteLayer(data, map, toggled, select) {
    const { sites, words, colors } = data;
    const markers = sites.map((site, i) => {
      const icon = L.divIcon({ html: badge(site), className: "site-marker", iconSize: [26, 36], iconAnchor: [13, 36] });
      return L.marker(place(...site.at), { icon, title: site.title, alt: site.title, zIndexOffset: 800 }).on("click", () => select(i));
    });
    const legend = [{ swatch: "site", color: colors.site, text: words.legend_site }];
    let shown = false;
    const heads = () => (shown ? markers.map((marker) => map.latLngToLayerPoint(marker.getLatLng()).subtract([0, 22])) : []);
    const show = (on) => {
      shown = on;
      toggled(markers)(on);
    };
    return { key: "sites", heads, name: words.layer_sites, on: true, isForAll: true, legend: () => legend, show };
  }

  const badge = (site) => el("span", { class: "site-number" }, String(site.order));

  return { siteLayer, badge };
})();
