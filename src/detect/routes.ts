/** Numbers of routes, from 1; 0: there is no room for it. */
type Routes = (name: string) => number;

/** More routes than so many are not told apart. */
export const routesMost = 1023;

const remembered = 256;

/** Opens the numbering: each name is looked up once for all detectors, which have tables by the number. */
export function openRoutes(): Routes {
  const numbers = new Map<string, number>();
  // Names that come from a thread are other strings each time: to compare one is cheaper than to hash it.
  const lastNames = new Array<string>(remembered).fill('');
  const lastNumbers = new Uint16Array(remembered);
  const numberOf = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    // Names of routes come from configs.
    if (numbers.size >= routesMost) return 0;
    numbers.set(name, numbers.size + 1);
    return numbers.size;
  };
  return (name) => {
    const { length } = name;
    if (length < 2) return numberOf(name);
    const place = (length * 7 + name.charCodeAt(length - 1) + name.charCodeAt(length - 2) * 31) % remembered;
    if (lastNames[place] === name) return lastNumbers[place] ?? 0;
    const number = numberOf(name);
    if (number > 0) {
      lastNames[place] = name;
      lastNumbers[place] = number;
    }
    return number;
  };
}
