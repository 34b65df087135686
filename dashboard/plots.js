/** @typedef {{ label: string, colour: string, value: (value: number) => string }} Line */

const height = 176;

/** What a colour of the style sheet is just now: a canvas knows no variables. @param {string} name of a custom property */
function colourOf(name) {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Powers of ten from least to most. @param {number} least @param {number} most */
function decades(least, most) {
  const first = Math.ceil(Math.log10(least));
  return Array.from({ length: Math.max(0, Math.floor(Math.log10(most)) - first + 1) }, (_, at) => 10 ** (first + at));
}

/** What the legend tells of a line: what somebody points at, else the latest. @param {Line['value']} value */
const legend =
  (value) =>
  (/** @type {uPlot} */ { cursor, data }, /** @type {number | null} */ at, /** @type {number} */ line) => {
    const shown = cursor.idx == null ? data[line]?.at(-1) : at;
    return shown == null ? '–' : value(shown);
  };

/** @type {(() => void)[]} */
const redraws = [];

/** Draws every plot anew: its colours are others now. */
export const recolour = () => {
  for (const redraw of redraws) redraw();
};

/**
 * A plot over time, by uPlot.
 * @param {HTMLElement} place
 * @param {Line[]} lines
 * @param {{ logarithmic?: boolean }} [options]
 */
export function plot(place, lines, { logarithmic = false } = {}) {
  /** @type {uPlot.AlignedData} */
  let data = [[], ...lines.map(() => [])];
  /** @type {uPlot | undefined} */
  let drawn;
  const width = () => Math.max(200, place.clientWidth);
  const read = lines[0]?.value ?? String;
  /** @returns {uPlot.Options} */
  const options = () => {
    const axis = {
      stroke: colourOf('--muted'),
      grid: { stroke: colourOf('--line'), width: 1 },
      ticks: { stroke: colourOf('--line'), width: 1, size: 4 },
      font: '11px system-ui, sans-serif',
    };
    return {
      width: width(),
      height,
      padding: [8, 8, 0, 0],
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      scales: {
        x: { time: true },
        y: logarithmic ? { distr: 3, log: 10 } : { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          space: 70,
          values: [
            [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
            [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
          ],
        },
        {
          ...axis,
          size: 62,
          space: 32,
          ...(logarithmic && { splits: (_, __, least, most) => decades(least, most) }),
          values: (_, splits) => splits.map((split) => (split === null ? null : read(split).replace('/s', ''))),
        },
      ],
      series: [
        { label: 'at', value: (_, time) => (time === null ? '' : new Date(time * 1000).toTimeString().slice(0, 8)) },
        ...lines.map(({ label, colour, value }) => ({
          label,
          stroke: colourOf(colour),
          fill: logarithmic ? undefined : `color-mix(in srgb, ${colourOf(colour)} 12%, transparent)`,
          width: 1.5,
          points: { show: false },
          spanGaps: false,
          value: legend(value),
        })),
      ],
    };
  };
  const redraw = () => {
    drawn?.destroy();
    drawn = undefined;
    if (place.clientWidth > 0) drawn = new uPlot(options(), data, place);
  };
  redraws.push(redraw);
  new ResizeObserver(() => {
    if (drawn === undefined) redraw();
    else if (drawn.width !== width()) drawn.setSize({ width: width(), height });
  }).observe(place);
  return {
    /** @param {(number | null)[][]} columns the first of them moments in seconds */
    show: (columns) => {
      data = /** @type {uPlot.AlignedData} */ (columns);
      if (drawn === undefined) redraw();
      else drawn.setData(data);
    },
  };
}
