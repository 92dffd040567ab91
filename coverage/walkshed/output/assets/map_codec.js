"use strict";

/** Everything this page's scripts share. */
const walkshed = {};

/** Numbers and shapes as `packing.py` writes them: text, five bits a character, the sixth says "more". */
walkshed.codec = (() => {
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const VALUE = new Uint8Array(128);
  for (let i = 0; i < 64; i++) VALUE[ALPHABET.charCodeAt(i)] = i;

  function integers(text) {
    let count = 0;
    for (let i = 0; i < text.length; i++) if (VALUE[text.charCodeAt(i)] < 32) count++;
    const numbers = new Int32Array(count);
    for (let i = 0, at = 0; at < count; at++) {
      let folded = 0;
      let shift = 0;
      let five;
      do {
        five = VALUE[text.charCodeAt(i++)];
        folded += (five & 31) * 2 ** shift;
        shift += 5;
      } while (five & 32);
      numbers[at] = folded % 2 ? -(folded + 1) / 2 : folded / 2;
    }
    return numbers;
  }

  /** The world as a square of 256: what Leaflet's zoom 0 shows. */
  const worldX = (lon) => 256 * (lon / 360 + 0.5);
  const worldY = (lat) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
  };

  /**
   * Lines in world coordinates. Line i is the points start[i] to start[i + 1] of x and y;
   * box holds its least x, least y, greatest x and greatest y.
   */
  function lines(packed) {
    const counts = integers(packed.n);
    const steps = integers(packed.xy);
    const start = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) start[i + 1] = start[i] + counts[i];
    const x = new Float64Array(steps.length / 2);
    const y = new Float64Array(steps.length / 2);
    for (let i = 0, lon = 0, lat = 0; i < x.length; i++) {
      lon += steps[2 * i];
      lat += steps[2 * i + 1];
      x[i] = worldX(lon / 1e5);
      y[i] = worldY(lat / 1e5);
    }
    return { x, y, start, box: boxes(x, y, start), size: counts.length };
  }

  function boxes(x, y, start) {
    const box = new Float64Array(4 * (start.length - 1));
    for (let line = 0; line < start.length - 1; line++) {
      let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = start[line]; i < start[line + 1]; i++) {
        west = Math.min(west, x[i]);
        east = Math.max(east, x[i]);
        north = Math.min(north, y[i]);
        south = Math.max(south, y[i]);
      }
      box.set([west, north, east, south], 4 * line);
    }
    return box;
  }

  /** The box around all lines, or null if there is none. */
  function bounds(shape) {
    if (!shape.size) return null;
    const all = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < shape.box.length; i += 4) {
      all[0] = Math.min(all[0], shape.box[i]);
      all[1] = Math.min(all[1], shape.box[i + 1]);
      all[2] = Math.max(all[2], shape.box[i + 2]);
      all[3] = Math.max(all[3], shape.box[i + 3]);
    }
    return L.latLngBounds(latLng(all[0], all[3]), latLng(all[2], all[1]));
  }

  function latLng(x, y) {
    const lat = (Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180) / Math.PI;
    return L.latLng(lat, (x / 256 - 0.5) * 360);
  }

  /** All points, as Leaflet's places. */
  function places(packed) {
    const shape = lines(packed);
    return Array.from(shape.x, (x, i) => latLng(x, shape.y[i]));
  }

  return { integers, lines, bounds, latLng, places, worldX, worldY };
})();
