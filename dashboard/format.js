const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** @param {number} value */
export const count = (value) => whole.format(value);

/** A rate by the second. @param {number} value */
export const rate = (value) => (value >= 100 ? whole : fine).format(value);

/** @param {number} part @param {number} all */
export const share = (part, all) => (all === 0 ? '–' : `${fine.format((100 * part) / all)} %`);

/** @param {number | null | undefined} micros */
export function micros(micros) {
  if (micros === null || micros === undefined) return '–';
  if (micros < 1000) return `${whole.format(micros)} µs`;
  return micros < 1_000_000 ? `${fine.format(micros / 1000)} ms` : `${fine.format(micros / 1_000_000)} s`;
}

const two = (/** @type {number} */ value) => String(value).padStart(2, '0');

/** The time of the day here. @param {string | number} time */
export function clock(time) {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The time of the day, after the day where it is not today. @param {string | number} time */
export function moment(time) {
  const date = new Date(time);
  if (date.toDateString() === new Date().toDateString()) return clock(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(time)}`;
}

/** @param {number | null} seconds */
export function span(seconds) {
  if (seconds === null) return '–';
  if (seconds < 120) return `${whole.format(seconds)} s`;
  if (seconds < 7200) return `${whole.format(seconds / 60)} min`;
  return seconds < 172_800 ? `${whole.format(seconds / 3600)} h` : `${whole.format(seconds / 86_400)} d`;
}

/** How long until then. @param {string | null} time @param {string} now */
export const left = (time, now) =>
  time === null ? 'until lifted' : span(Math.max(0, (Date.parse(time) - Date.parse(now)) / 1000));

/** A text where there is little room: its whole is in the story of the decision. @param {string} text @param {number} most */
export const cut = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** The beginning of a long hash. @param {string} version */
export const brief = (version) => version.slice(0, 12);
