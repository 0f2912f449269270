import { type DosageRows, dosageOne } from './dosages.ts'
import { wordsPerPlane } from './layout.ts'

/**
 * Counts the other allele at variant v, in place: nobody's copy becomes two and two become none; one copy and missing stay.
 * @param genotypes records of the packed store
 * @param samples people in a record
 */
export function exchangeAlleles(
  genotypes: Uint8Array,
  v: number,
  samples: number,
  dosages: DosageRows | undefined,
): void {
  const plane = 8 * wordsPerPlane(samples)
  const low = 2 * plane * v
  for (let byte = 0; 8 * byte < samples; byte++) {
    const people = 8 * byte + 8 <= samples ? 255 : (1 << (samples & 7)) - 1
    const high = low + plane + byte
    genotypes[high] = ~(genotypes[low + byte] ^ genotypes[high]) & people
  }
  if (dosages === undefined) return
  const { start, rows } = dosages
  for (let at = start[v] + plane; at < start[v + 1]; at += 2) {
    const dosage = 2 * dosageOne - (rows[at] | (rows[at + 1] << 8))
    rows[at] = dosage & 255
    rows[at + 1] = dosage >> 8
  }
}
