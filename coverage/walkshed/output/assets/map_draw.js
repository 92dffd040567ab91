"use strict";

/**
 * Layers for Leaflet's canvas that draw packed lines straight from their arrays: a hundred thousand
 * streets are a handful of layers. They take part in Leaflet 1.9.4's canvas renderer as its own paths
 * do (`_project`, `_update`, `_updatePath`, `_renderer`), which is why that version is vendored.
 */
walkshed.draw = (() => {
  /** Lines drawn in one go, so that a path never grows so long that the browser slows down. */
  const LINES_AT_ONCE = 400;
  const ROUND_FROM = 2.5;

  const PackedPath = L.Path.extend({
    options: { interactive: false, width: 1, minZoom: 0, fill: null, fillOpacity: 1 },

    /** `lines` as the codec makes them; `pick`, if given, the numbers of the lines to draw. */
    initialize(lines, options, pick) {
      L.setOptions(this, options);
      this._lines = lines;
      this._pick = pick;
    },

    setPick(pick) {
      this._pick = pick;
      return this.redraw();
    },

    // Leaflet asks these of every path; the work is done when it is drawn.
    _project() {},
    _update() {
      if (this._map) this._renderer._requestRedraw(this);
    },

    _updatePath() {
      const zoom = this._map.getZoom();
      if (zoom < this.options.minZoom) return;
      const context = this._renderer._ctx;
      const view = viewOf(this._map, this._renderer);
      context.save();
      if (this.options.fill) this._fill(context, view);
      if (this.options.width) this._stroke(context, view, zoom);
      context.restore();
    },

    _fill(context, view) {
      context.globalAlpha = this.options.fillOpacity;
      context.fillStyle = this.options.fill;
      context.beginPath();
      this._trace(context, view);
      context.fill("nonzero");
    },

    _stroke(context, view, zoom) {
      const { width, color, opacity, dash, casing } = this.options;
      const pixels = typeof width === "function" ? width(zoom) : width;
      if (!pixels) return;
      context.globalAlpha = opacity;
      // Round ends cost a software canvas most of its time, and on thin lines nobody sees them.
      const round = pixels >= ROUND_FROM;
      context.lineCap = round && !dash ? "round" : "butt";
      context.lineJoin = round ? "round" : "bevel";
      if (casing) this._strokeOnce(context, view, casing, pixels + 3);
      context.setLineDash(dash ?? []);
      this._strokeOnce(context, view, color, pixels);
    },

    _strokeOnce(context, view, color, pixels) {
      context.strokeStyle = color;
      context.lineWidth = pixels;
      context.beginPath();
      this._trace(context, view, () => {
        context.stroke();
        context.beginPath();
      });
      context.stroke();
    },

    /** Put all lines in view on the path; call `flush` from time to time. */
    _trace(context, view, flush) {
      const { start, box } = this._lines;
      const pick = this._pick;
      const count = pick ? pick.length : this._lines.size;
      for (let i = 0, traced = 0; i < count; i++) {
        const line = pick ? pick[i] : i;
        const b = 4 * line;
        if (box[b] > view.east || box[b + 2] < view.west || box[b + 1] > view.south || box[b + 3] < view.north) continue;
        traceLine(context, view, this._lines, start[line], start[line + 1]);
        if (flush && ++traced % LINES_AT_ONCE === 0) flush();
      }
    },
  });

  /** One line; points less than a pixel from the last one drawn are left out. */
  function traceLine(context, view, lines, from, to) {
    let [lastX, lastY] = [0, 0];
    for (let i = from; i < to; i++) {
      const x = lines.x[i] * view.scale - view.originX;
      const y = lines.y[i] * view.scale - view.originY;
      if (i === from) context.moveTo(x, y);
      else if (i === to - 1 || Math.abs(x - lastX) + Math.abs(y - lastY) >= 1) context.lineTo(x, y);
      else continue;
      [lastX, lastY] = [x, y];
    }
  }

  /** What the canvas shows, in world coordinates, and how these become pixels of the layer. */
  function viewOf(map, renderer) {
    const scale = map.getZoomScale(map.getZoom(), 0);
    const origin = map.getPixelOrigin();
    const { min, max } = renderer._bounds;
    return {
      scale,
      originX: origin.x,
      originY: origin.y,
      west: (min.x + origin.x) / scale,
      east: (max.x + origin.x) / scale,
      north: (min.y + origin.y) / scale,
      south: (max.y + origin.y) / scale,
    };
  }

  /** Round dots, a colour at a time: `groups` of { color, x, y, share }, the share of the largest dot's ground. */
  const Dots = L.Path.extend({
    options: { interactive: false },

    initialize(groups, options) {
      L.setOptions(this, options);
      this._groups = groups;
    },

    _project() {},
    _update() {
      if (this._map) this._renderer._requestRedraw(this);
    },

    _updatePath() {
      const context = this._renderer._ctx;
      const view = viewOf(this._map, this._renderer);
      const largest = Math.min(22, Math.max(5, 9 * 1.3 ** (this._map.getZoom() - 13)));
      context.save();
      context.lineWidth = 0.7;
      context.strokeStyle = "#ffffff";
      for (const { color, x, y, share } of this._groups) {
        context.fillStyle = color;
        context.globalAlpha = 0.8;
        context.beginPath();
        for (let i = 0; i < x.length; i++) {
          if (x[i] < view.west || x[i] > view.east || y[i] < view.north || y[i] > view.south) continue;
          const [across, down] = [x[i] * view.scale - view.originX, y[i] * view.scale - view.originY];
          const radius = Math.max(1.1, largest * Math.sqrt(share[i]));
          context.moveTo(across + radius, down);
          context.arc(across, down, radius, 0, 2 * Math.PI);
        }
        context.fill();
        context.stroke();
      }
      context.restore();
    },
  });

  /**
   * Names with a halo; where two would overlap the first one stays. All keep clear of the points of `avoid`, and all
   * but the most important of those of `shun`.
   */
  const Labels = L.Path.extend({
    options: { interactive: false, avoid: () => [], shun: () => [] },

    /** `labels`: { x, y, text, size, color, minZoom } in world coordinates, the most important first. */
    initialize(labels, options) {
      L.setOptions(this, options);
      this._labels = labels;
    },

    _project() {},
    _update() {
      if (this._map) this._renderer._requestRedraw(this);
    },

    _updatePath() {
      const context = this._renderer._ctx;
      const view = viewOf(this._map, this._renderer);
      const zoom = this._map.getZoom();
      const boxes = (points) => points.map(({ x, y }) => [x - 12, y - 12, x + 12, y + 12]);
      const shunned = boxes(this.options.shun());
      const taken = [...boxes(this.options.avoid()), ...corners(this._map)];
      context.save();
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineJoin = "round";
      for (const label of this._labels) {
        if (zoom < label.minZoom) continue;
        if (label.x < view.west || label.x > view.east || label.y < view.north || label.y > view.south) continue;
        this._label(context, label, label.x * view.scale - view.originX, label.y * view.scale - view.originY, taken, label.isFirst ? [] : shunned);
      }
      context.restore();
    },

    /** Draw a name above its place, below it or on it, where there is room. */
    _label(context, label, x, y, taken, shunned) {
      context.font = `${label.weight ?? 500} ${label.size}px ${this.options.font}`;
      const half = context.measureText(label.text).width / 2 + 4;
      for (const shift of [-1.2, 1.2, 0]) {
        const middle = y + shift * label.size;
        const box = [x - half, middle - 0.7 * label.size, x + half, middle + 0.7 * label.size];
        const isIn = (t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1];
        if (taken.some(isIn) || shunned.some(isIn)) continue;
        taken.push(box);
        context.lineWidth = 3.5;
        context.strokeStyle = "rgba(255, 255, 255, 0.9)";
        context.strokeText(label.text, x, middle);
        context.fillStyle = label.color;
        context.fillText(label.text, x, middle);
        return;
      }
    },
  });

  /** The ground under the scale bar and the credit, in the layer's pixels. */
  function corners(map) {
    const frame = map.getContainer().getBoundingClientRect();
    const boxes = map.getContainer().querySelectorAll(".leaflet-control-scale, .credit");
    return Array.from(boxes, (box) => {
      const { left, top, right, bottom } = box.getBoundingClientRect();
      const low = map.containerPointToLayerPoint([left - frame.left, top - frame.top]);
      const high = map.containerPointToLayerPoint([right - frame.left, bottom - frame.top]);
      return [low.x - 4, low.y - 4, high.x + 4, high.y + 4];
    });
  }

  /** A pattern of slanted lines to fill with. */
  function hatch(color) {
    const size = 9;
    const tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const context = tile.getContext("2d");
    context.strokeStyle = color;
    context.lineWidth = 1.6;
    context.beginPath();
    for (const shift of [-size, 0, size]) {
      context.moveTo(shift, size);
      context.lineTo(shift + size, 0);
    }
    context.stroke();
    return context.createPattern(tile, "repeat");
  }

  return { PackedPath, Dots, Labels, hatch };
})();
