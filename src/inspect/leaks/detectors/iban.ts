import {
  goesOn,
  isAlphanumeric,
  type Judged,
  type LiteralDetector,
  latin1,
  more,
  none,
  type Window,
} from '../detector.ts';

/** Lengths by country (the SWIFT registry of IBANs). */
const lengths: ReadonlyMap<string, number> = new Map(
  [
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29',
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28',
    'LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25',
    'QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30',
  ]
    .flatMap((line) => line.split(' '))
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** ISO 13616: letters are 10 to 35, the first four go last, the rest of the division by 97 is 1. */
function checks(iban: string): boolean {
  let rest = 0;
  for (const letter of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

function judge(window: Window, start: number): Judged {
  const { bytes, last } = window;
  const length = lengths.get(latin1(bytes, start, start + 2));
  if (length === undefined || goesOn(bytes, start)) return none;
  let text = '';
  let at = start;
  for (; text.length < length; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return last ? none : more;
    const blank = byte === 0x20 && text.length % 4 === 0 && bytes[at - 1] !== 0x20;
    if (blank) continue;
    // Small letters stand in no IBAN.
    if (!isAlphanumeric(bytes, at) || byte >= 0x61) return none;
    text += String.fromCharCode(byte);
  }
  if (bytes[at] === undefined && !last) return more;
  return checks(text) && !isAlphanumeric(bytes, at) ? { kind: 'match', start, end: at } : none;
}

const digits = Array.from('0123456789');

/** International bank account numbers (ISO 13616), in one piece or in groups of four. */
export const bankAccounts: LiteralDetector = Object.freeze({
  on: 'literal',
  triggers: [...lengths.keys()].flatMap((country) => digits.map((digit) => country + digit)),
  judge,
});
