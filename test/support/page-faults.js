// Runs in a page: what it says is read by page-faults.ts.

/** Texts whose contrast to what is behind them is below 4.5 : 1, each with its ratio. */
function faintTexts() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  /** Any colour of CSS as red, green, blue and alpha, from 0 to 1. */
  const read = (/** @type {string} */ colour) => {
    if (canvas === null) return [];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
  };
  const luminance = (/** @type {number[]} */ colour) => {
    const [red = 0, green = 0, blue = 0] = colour.map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (/** @type {Element} */ element) => {
    /** @type {Element | null} */
    let one = element;
    for (; one !== null; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one);
      if ((read(backgroundColor)[3] ?? 0) > 0.99) return backgroundColor;
    }
    return 'white';
  };
  const faults = /** @type {Set<string>} */ (new Set());
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (!own || !element.checkVisibility() || element.closest('svg, .unseen, .skip, option, script, noscript'))
      continue;
    const [one, other] = [getComputedStyle(element).color, behind(element)].map((colour) => luminance(read(colour)));
    const ratio = (Math.max(one ?? 0, other ?? 0) + 0.05) / (Math.min(one ?? 0, other ?? 0) + 0.05);
    if (ratio < 4.5) faults.add(`${ratio.toFixed(2)} ${element.tagName}.${element.className}`);
  }
  return [...faults];
}

/** What can be used and has no name, what is an id twice, and references that lead nowhere. */
function unlabelled() {
  /** @type {string[]} */
  const faults = [];
  for (const element of document.querySelectorAll('button, input, select, meter, a, [role="img"]')) {
    const labels = 'labels' in element && element.labels instanceof NodeList ? [...element.labels] : [];
    const words = [
      element.getAttribute('aria-label'),
      element.textContent,
      ...labels.map(({ textContent }) => textContent),
    ];
    if (!words.some((word) => word?.trim())) faults.push(element.outerHTML.slice(0, 100));
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`#${id} twice`);
  for (const element of document.querySelectorAll('[aria-labelledby]')) {
    const id = element.getAttribute('aria-labelledby') ?? '';
    // Of what is closed it stands there once it is opened.
    if (document.getElementById(id) === null && !element.matches('dialog:not([open])')) faults.push(`no #${id}`);
  }
  return faults;
}

({ faint: faintTexts(), unlabelled: unlabelled() });
