import type { Segment } from './chromosomes.ts'
import type { Derived, GenomeLayout } from './layout.ts'
import { drawGamete, type Gamete } from './meiosis.ts'

interface ChildPlan {
  father: Gamete
  mother: Gamete
}

/**
 * Returns a function that fills in, site after site in ascending order, the haplotypes of children and copies from those
 * of their sources.
 */
export function deriver(
  seed: number,
  layout: GenomeLayout,
  segment: Segment,
  segments: readonly Segment[],
  morgansOf: (segment: Segment) => number,
): (record: Uint8Array, morgans: number) => void {
  const plans: (ChildPlan | null)[] = layout.derived.map((one, i) =>
    one.kind === 'copy'
      ? null
      : {
          father: drawGamete(seed, 2 * i, segment, segments, morgansOf),
          mother: drawGamete(seed, 2 * i + 1, segment, segments, morgansOf),
        },
  )
  const second = 64 * layout.words
  const get = (record: Uint8Array, bit: number) => (record[bit >> 3] >> (bit & 7)) & 1
  const put = (record: Uint8Array, bit: number, value: number) => {
    record[bit >> 3] |= value << (bit & 7)
  }
  const transmitted = (record: Uint8Array, column: number, { crossovers, start }: Gamete, morgans: number) => {
    let phase = start
    for (let c = 0; c < crossovers.length && crossovers[c] < morgans; c++) phase ^= 1
    return get(record, column + phase * second)
  }
  const child = (record: Uint8Array, one: Extract<Derived, { kind: 'child' }>, plan: ChildPlan, morgans: number) => {
    const { column, father, mother } = one
    const fromMother = transmitted(record, mother, plan.mother, morgans)
    if (segment.kind === 'X') {
      put(record, column, fromMother)
      if (!layout.male[column]) put(record, column + second, get(record, father))
    } else {
      put(record, column, transmitted(record, father, plan.father, morgans))
      put(record, column + second, fromMother)
    }
  }
  return (record, morgans) => {
    layout.derived.forEach((one, i) => {
      const plan = plans[i]
      if (one.kind === 'child') {
        if (plan !== null) child(record, one, plan, morgans)
      } else {
        put(record, one.column, get(record, one.of))
        put(record, one.column + second, get(record, one.of + second))
      }
    })
  }
}
