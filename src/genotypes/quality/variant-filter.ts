import type { ChunkTask } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { countBits, countsAt, groupVariants } from './scan.ts'
import { type KindRun, kindsOf } from './variant-kinds.ts'

/** Calls that sex forbids outside the pseudoautosomal regions: they count as missing. */
export interface ForbiddenCalls {
  /** Heterozygous calls of men. */
  menHeterozygousX: number
  menHeterozygousY: number
  /** Calls of women. */
  womenY: number
}

export interface VariantFilterResult {
  /** Place in variantVerdicts of each variant of a group. */
  verdicts: Uint8Array
  forbidden: ForbiddenCalls
}

export interface VariantFilterSetup {
  folder: string
  runs: KindRun[]
  /** People kept, and the men and women among them; men carry one copy of X and Y, women no Y. */
  people: Uint8Array
  men: Uint8Array
  women: Uint8Array
  callRate: number
  maf: number
  mac: number
}

/** The filter that a variant met first, in this order. */
export const variantVerdicts = ['kept', 'variant call rate', 'minor-allele frequency', 'minor-allele count'] as const

/** Judges each variant of a group, and counts the calls that sex forbids. */
export const variantFilterTask: ChunkTask<VariantFilterSetup, BlockGroup, VariantFilterResult> = {
  name: 'genotypes/variant-filter',
  async prepare(setup, host) {
    const store = await openGroups(host, setup.folder)
    const { header } = store
    const words = header.wordsPerPlane
    const n = countBits(setup.people)
    const menCount = countBits(setup.men)
    return async (group, signal) => {
      const records = await store.records(group, signal)
      const { first, variants } = groupVariants(header, group)
      const kinds = kindsOf(setup.runs, first, variants)
      const k = kernels()
      return k.scope(() => {
        const at = k.put(records)
        const all = countsAt(at, variants, words, setup.people)
        const onSex = kinds.some((kind) => kind === 'X' || kind === 'Y')
        const men = onSex ? countsAt(at, variants, words, setup.men) : null
        const women = kinds.includes('Y') ? countsAt(at, variants, words, setup.women) : null
        const forbidden = noForbiddenCalls()
        const verdicts = new Uint8Array(variants)
        for (let v = 0; v < variants; v++) {
          let ref = all[4 * v]
          let het = all[4 * v + 1]
          let alt = all[4 * v + 2]
          let expected = n
          let altCopies = het + 2 * alt
          let alleles = 2 * (ref + het + alt)
          const kind = kinds[v]
          if (men !== null && (kind === 'X' || kind === 'Y')) {
            const [menRef, menHet, menAlt] = men.subarray(4 * v, 4 * v + 3)
            if (kind === 'X') forbidden.menHeterozygousX += menHet
            else forbidden.menHeterozygousY += menHet
            if (kind === 'Y' && women !== null) forbidden.womenY += women[4 * v] + women[4 * v + 1] + women[4 * v + 2]
            if (kind === 'Y' && menCount > 0) {
              // Women have no Y; their calls, if any, are errors, and so is a man's heterozygous one.
              ;[ref, het, alt] = [menRef, 0, menAlt]
              expected = menCount
              altCopies = alt
              alleles = ref + alt
            } else {
              // A man has one copy; his heterozygous call is no call.
              het -= menHet
              altCopies -= menAlt + menHet
              alleles -= menRef + menAlt + 2 * menHet
            }
          }
          const rarer = Math.min(altCopies, alleles - altCopies)
          if (ref + het + alt < setup.callRate * expected || alleles === 0) verdicts[v] = 1
          else if (rarer < setup.maf * alleles) verdicts[v] = 2
          else if (rarer < setup.mac) verdicts[v] = 3
        }
        return { verdicts, forbidden }
      })
    }
  },
}

export function noForbiddenCalls(): ForbiddenCalls {
  return { menHeterozygousX: 0, menHeterozygousY: 0, womenY: 0 }
}
