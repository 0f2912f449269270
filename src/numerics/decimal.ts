const smallest = -292
const largest = 324

/** The 128 leading bits of 10^k, rounded up, as two words, the high one first: k from -292 to 324, as kernels take them. */
export function powersOfTen(): BigUint64Array<ArrayBuffer> {
  const words = new BigUint64Array(2 * (largest - smallest + 1))
  const place = (k: number, value: bigint) => {
    words[2 * (k - smallest)] = value >> 64n
    words[2 * (k - smallest) + 1] = BigInt.asUintN(64, value)
  }
  let power = 1n
  let bits = 1
  for (let k = 0; k <= largest; k++) {
    while (power >> BigInt(bits) !== 0n) bits++
    const cut = BigInt(Math.max(0, bits - 128))
    place(k, bits <= 128 ? power << BigInt(128 - bits) : -(-power >> cut))
    if (k > 0 && -k >= smallest) place(-k, (1n << BigInt(bits + 127)) / power + 1n)
    power *= 10n
  }
  return words
}
