import { hardCall } from '../../store/dosages.ts'
import {
  type Call,
  categoryOf,
  type DosageForm,
  dosageTracks,
  type EncodedRecord,
  exceptions,
  mainTrack,
  type PatchFormat,
  patchTracks,
  phaseTrack,
  type Track,
} from './encode.ts'

export interface RandomVariant {
  record: EncodedRecord
  alts: number
  /** Of each alternate allele, copies of each sample; 3 missing. */
  calls: number[][]
  dosages: number[] | null
  categories: number[]
}

/**
 * A random variant of any kind; `base` is that of the last one that stands for itself. With `sparse`, lists of people are
 * no longer than an eighth of them (than a sixteenth less one, in one-bit tracks), as PLINK 2 demands, no track is there for
 * nothing, and dosages have no phase, of which PLINK 2 demands more than the specification.
 */
export function randomVariant(
  random: () => number,
  samples: number,
  base: readonly number[] | null,
  sparse = false,
): RandomVariant {
  const pick = (n: number) => Math.floor(random() * n)
  const alts = random() < 0.6 ? 1 : [2, 3, 4, 5, 6, 16, 17, 18, 254, 257, 258, 300][pick(sparse ? 9 : 12)]
  const fits = (people: number) => !sparse || (people > 0 && people <= samples / 8)
  const common = random() < 0.5 ? 1 : random() ** 3
  const lost = random() < 0.5 ? 0 : random() ** 2
  const rare = random()
  const allele = () => (random() < common * 0.1 ** (3 * rare) ? 1 + pick(random() < 0.5 ? 1 : alts) : 0)
  const mirrored = base !== null && random() < 0.5 ? [2, 1, 0, 3] : [0, 1, 2, 3]
  const like = base !== null && random() < 0.4
  const calls: Call[] = Array.from({ length: samples }, (_, s) => {
    if (like && random() < 0.97) {
      const category = mirrored[base[s]]
      if (category === 3) return null
      const other = 1 + pick(random() < 0.8 ? 1 : alts)
      return category === 0 ? [0, 0] : category === 1 ? [0, other] : [1, other]
    }
    if (random() < lost) return null
    const pair = [allele(), allele()].sort((a, b) => a - b)
    return [pair[0], pair[1]]
  })
  const categories = calls.map(categoryOf)
  const tracks: Track[] = base === null ? [0, 1, 4, 6, 7] : [0, 1, 2, 3, 4, 6, 7]
  const wanted = like && random() < 0.8 ? (mirrored[0] === 2 ? 3 : 2) : tracks[pick(tracks.length)]
  const listed = exceptions(wanted, categories, base ?? [])
  const track = fits(wanted === 1 ? 2 * (listed + 1) : listed) ? wanted : 0
  let type: number = track
  let bytes = mainTrack(track, categories, base ?? [])
  const several = calls.some((call) => call !== null && call[1] > 1)
  if (several || (alts > 1 && !sparse && random() < 0.3)) {
    type |= 8
    const format = (category: number) => {
      const people = categories.filter((c) => c === category).length
      const patched = calls.filter((call) => call !== null && call[1] > 1 && categoryOf(call) === category).length
      return (sparse && patched > people / 8 ? 0 : pick(2)) as PatchFormat
    }
    bytes = bytes.concat(patchTracks(calls, alts, [format(1), format(2)]))
  }
  if (random() < 0.4 && calls.some((call) => call !== null && call[0] !== call[1])) {
    type |= 16
    const share = random() < 0.5 ? 1 : random()
    const hets = calls.filter((call) => call !== null && call[0] !== call[1])
    bytes = bytes.concat(phaseTrack(hets.map((_, k) => (k === 0 || random() < share ? random() < 0.5 : undefined))))
  }
  const copies = Array.from({ length: alts }, (_, k) =>
    calls.map((call) => (call === null ? 3 : call.filter((a) => a === k + 1).length)),
  )
  let dosages: number[] | null = null
  if (alts === 1 && random() < 0.4) {
    let form = (1 + pick(3)) as DosageForm
    const share = random()
    const own = categories.map((category, s) => {
      if (s === 0 && category !== 3) return category * 16384
      if (category === 3 ? form !== 2 && random() < 0.5 : form !== 2 && random() > share) return undefined
      if (category === 3) return random() < 0.3 ? undefined : pick(32769)
      const near = random() < 0.3 ? 0 : pick(16385) - 8192
      return Math.max(0, Math.min(32768, category * 16384 + near))
    })
    if (form === 1 && !fits(own.filter((dosage) => dosage !== undefined).length)) form = 3
    // Left minus right: no haplotype has less than none, or more than one copy.
    const phase = (dosage: number | undefined) => {
      if (dosage === undefined || random() < 0.5) return undefined
      const most = Math.min(dosage, 32768 - dosage)
      return pick(2 * most + 1) - most
    }
    const phases = !sparse && random() < 0.4 ? own.map(phase) : undefined
    type |= form << 5
    if (phases !== undefined) type |= 128
    bytes = bytes.concat(dosageTracks(own, form, phases))
    const values = own.map((dosage, s) => dosage ?? (categories[s] === 3 ? 65535 : categories[s] * 16384))
    for (const [s, dosage] of own.entries()) if (dosage !== undefined) copies[0][s] = hardCall(dosage)
    dosages = values
  }
  return { record: { type, bytes }, alts, calls: copies, dosages, categories }
}
