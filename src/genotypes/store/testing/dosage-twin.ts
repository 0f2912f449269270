import { hardCall, ofCode } from '../dosages.ts'
import { wordsPerPlane } from '../layout.ts'

/** Writes the hard calls of a row of dosages as the packed record that begins at byte `at`; two planes of zeros there. */
export function hardCalls(dosages: Uint16Array, record: Uint8Array, at: number): void {
  const high = at + 8 * wordsPerPlane(dosages.length)
  for (let s = 0; s < dosages.length; s++) {
    const code = hardCall(dosages[s])
    record[at + (s >> 3)] |= (code & 1) << (s & 7)
    record[high + (s >> 3)] |= (code >> 1) << (s & 7)
  }
}

/**
 * Writes the row of one variant at byte `at` of zeros, with room for `dosageRowLimit`; the number of bytes, 0 where
 * every dosage is that of its hard call.
 */
export function encodeDosageRow(dosages: Uint16Array, out: Uint8Array, at: number): number {
  const values = at + 8 * wordsPerPlane(dosages.length)
  let end = values
  for (let s = 0; s < dosages.length; s++) {
    const dosage = dosages[s]
    if (dosage === ofCode[hardCall(dosage)]) continue
    out[at + (s >> 3)] |= 1 << (s & 7)
    out[end++] = dosage & 255
    out[end++] = dosage >> 8
  }
  return end === values ? 0 : end - at
}
