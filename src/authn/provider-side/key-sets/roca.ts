const generator = 65537n;
const written = [
  '3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73 79 83',
  '89 97 101 103 107 109 113 127 131 137 139 149 151 157 163 167',
];

/** The primes modulo which the mark shows. */
export const markingPrimes: readonly bigint[] = Object.freeze(written.flatMap((line) => line.split(' ').map(BigInt)));

function powersModulo(prime: bigint): ReadonlySet<bigint> {
  const powers = new Set<bigint>();
  for (let power = 1n; !powers.has(power); power = (power * generator) % prime) powers.add(power);
  return powers;
}

const residues = markingPrimes.map((prime) => ({ prime, powers: powersModulo(prime) }));

/**
 * Whether an RSA modulus bears the mark of CVE-2017-15361: primes of the flawed library are powers of 65537 modulo every
 * small prime, and so is their product. A sound modulus does so with a chance of less than one in a hundred million.
 */
export const hasRocaMark = (modulus: bigint): boolean =>
  residues.every(({ prime, powers }) => powers.has(modulus % prime));
