import { RandomStream } from '../../numerics/random.ts'
import type { Derived, Founder, GenomeLayout } from '../genome/layout.ts'
import type { SimulationOptions } from '../options.ts'
import type { Person } from './traits.ts'

export type TrueClass = 'reversal' | 'typical' | 'slow' | 'rapid' | 'plateau' | 'pseudo-reversal' | 'mimic'

/** Someone with a clinical record. */
export interface Member {
  readonly person: Person
  readonly trueClass: TrueClass
  readonly patient: string
  /** Column of the person's own genome, and name of that sample. */
  readonly column: number
  readonly ownSample: string
  /** The sample that the record names: another than the own one after a swap. */
  readonly sample: string
}

export interface Roster {
  /** In the order of their columns. */
  readonly members: readonly Member[]
  /** Samples of the second control set. */
  readonly controls2: readonly string[]
  readonly layout: GenomeLayout
  /** People of the pool by column; null for genomes made of others. */
  readonly sources: readonly (number | null)[]
  readonly relatives: readonly { patients: [string, string]; relation: 'parent-child' | 'full sibs' }[]
  readonly duplicates: readonly { patients: [string, string] }[]
  readonly swaps: readonly { patients: [string, string] }[]
}

interface Draft {
  person: Person
  trueClass: TrueClass
  source: number | null
  /** Filled for genomes that are made of others. */
  made: { kind: 'child'; father: Draft | number; mother: Draft | number } | { kind: 'copy'; of: Draft } | null
  column: number
}

const pad = (value: number, digits: number) => String(value).padStart(digits, '0')

/** How many people of the pool, reversals aside, a cohort needs: those with records, second controls, and unseen parents. */
export function peopleNeeded(options: SimulationOptions): number {
  return (
    options.people +
    options.slow +
    options.rapid +
    options.plateaus +
    options.pseudoReversals +
    options.mimics +
    options.controls2 +
    4 * options.relatives
  )
}

/**
 * Chooses who is in the study and gives everyone a genome, a sample and a number that say nothing about their class.
 * @param pool people of the pool
 * @param reverses whether each of them reverses
 * @param extra draws a person beyond the pool, for relatives
 * @returns null when the pool holds too few reversals or too few others
 */
export function makeRoster(
  options: SimulationOptions,
  pool: readonly Person[],
  reverses: readonly boolean[],
  extra: (index: number) => Person,
): Roster | null {
  const found = [...pool.keys()].filter((i) => reverses[i]).slice(0, options.cases)
  const others = [...pool.keys()].filter((i) => !reverses[i])
  if (found.length < options.cases) return null
  let used = 0
  const next = (): Draft | null => {
    const source = others[used++]
    return source === undefined ? null : { person: pool[source], trueClass: 'typical', source, made: null, column: -1 }
  }
  const drafts: Draft[] = found.map((source) => ({
    person: pool[source],
    trueClass: 'reversal',
    source,
    made: null,
    column: -1,
  }))
  const groups: [TrueClass, number][] = [
    ['typical', options.people - options.cases],
    ['slow', options.slow],
    ['rapid', options.rapid],
    ['plateau', options.plateaus],
    ['pseudo-reversal', options.pseudoReversals],
    ['mimic', options.mimics],
  ]
  for (const [trueClass, count] of options.mixture === 'population' ? groups.slice(0, 1) : groups)
    for (let i = 0; i < count; i++) {
      const draft = next()
      if (draft === null) return null
      drafts.push({ ...draft, trueClass })
    }
  const typical = drafts.slice(options.cases, options.people)

  // unseen parents, by source in the pool
  const unseen: number[] = []
  const parent = (ancestry: number, male: boolean): number | null => {
    for (; used < others.length; used++) {
      const person = pool[others[used]]
      if (person.ancestry === ancestry && person.male === male) {
        unseen.push(others[used++])
        return unseen.length - 1
      }
    }
    return null
  }
  let beyond = pool.length
  const relatives: { drafts: [Draft, Draft]; relation: 'parent-child' | 'full sibs' }[] = []
  for (let r = 0; r < options.relatives; r++) {
    const known = typical[r]
    const { ancestry, male } = known.person
    const relative: Draft = {
      person: { ...extra(beyond++), ancestry },
      trueClass: 'typical',
      source: null,
      made: null,
      column: -1,
    }
    if (r % 2 === 0) {
      const spouse = parent(ancestry, !male)
      if (spouse === null) return null
      relative.made = { kind: 'child', father: male ? known : spouse, mother: male ? spouse : known }
    } else {
      const father = parent(ancestry, true)
      const mother = parent(ancestry, false)
      if (father === null || mother === null) return null
      relative.made = { kind: 'child', father, mother }
      known.made = { kind: 'child', father, mother }
      known.source = null
    }
    drafts.push(relative)
    relatives.push({ drafts: [known, relative], relation: r % 2 === 0 ? 'parent-child' : 'full sibs' })
  }
  const duplicates: [Draft, Draft][] = []
  for (let d = 0; d < options.duplicates; d++) {
    const known = typical[options.relatives + d]
    const { male, ancestry, ageAtOnset, igfbp7Noise, igf1Noise, luck } = known.person
    const person = { ...extra(beyond++), male, ancestry, ageAtOnset, igfbp7Noise, igf1Noise, luck }
    const copy: Draft = { person, trueClass: 'typical', source: null, made: { kind: 'copy', of: known }, column: -1 }
    drafts.push(copy)
    duplicates.push([known, copy])
  }
  const free = typical.slice(options.relatives + options.duplicates)
  const swaps: [Draft, Draft][] = []
  for (let s = 0; s < options.swaps; s++) {
    const one = free.splice(0, 1)[0]
    const other = free.findIndex(({ person }) => person.male !== one.person.male)
    swaps.push([one, free.splice(Math.max(0, other), 1)[0]])
  }

  new RandomStream(options.seed, 'simulation/sample-order').shuffle(drafts)
  drafts.forEach((draft, column) => {
    draft.column = column
  })
  const digits = Math.max(4, String(drafts.length).length)
  const numbers = new RandomStream(options.seed, 'simulation/patient-numbers').shuffle([...drafts.keys()])
  const patient = (draft: Draft) => String(100_000 + 7 * numbers[draft.column])
  const sampleOf = (draft: Draft) => `S${pad(draft.column + 1, digits)}`
  const partner = new Map(swaps.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]))

  const controls2: number[] = []
  for (let i = 0; i < options.controls2; i++) {
    const draft = next()
    if (draft?.source == null) return null
    controls2.push(draft.source)
  }
  const firstUnseen = drafts.length + controls2.length
  const sources = [...drafts.map(({ source }) => source), ...controls2, ...unseen]
  const columnOf = (one: Draft | number) => (typeof one === 'number' ? firstUnseen + one : one.column)
  const derived = drafts
    .filter(({ made }) => made !== null)
    .map(({ made, column }): Derived => {
      if (made?.kind === 'child')
        return { kind: 'child', column, father: columnOf(made.father), mother: columnOf(made.mother) }
      return { kind: 'copy', column, of: made?.kind === 'copy' ? made.of.column : column }
    })
  // originals of copies are never made of others, and parents are founders: any order will do
  const founders = sources
    .flatMap((source, column): Founder[] => (source === null ? [] : [{ column, ancestry: pool[source].ancestry }]))
    .sort((a, b) => a.ancestry - b.ancestry || a.column - b.column)
  const layout: GenomeLayout = {
    columns: sources.length,
    words: Math.ceil(sources.length / 64),
    founders,
    derived,
    male: [...drafts.map(({ person }) => person.male), ...[...controls2, ...unseen].map((i) => pool[i].male)],
    outputs: [
      { first: 0, samples: drafts.length },
      ...(controls2.length > 0 ? [{ first: drafts.length, samples: controls2.length }] : []),
    ],
  }
  const named = (pair: readonly [Draft, Draft]): [string, string] => [patient(pair[0]), patient(pair[1])]
  return {
    members: drafts.map((draft) => ({
      person: draft.person,
      trueClass: draft.trueClass,
      patient: patient(draft),
      column: draft.column,
      ownSample: sampleOf(draft),
      sample: sampleOf(partner.get(draft) ?? draft),
    })),
    controls2: controls2.map((_, i) => `C${pad(i + 1, Math.max(4, String(controls2.length).length))}`),
    layout,
    sources,
    relatives: relatives.map(({ drafts: pair, relation }) => ({ patients: named(pair), relation })),
    duplicates: duplicates.map((pair) => ({ patients: named(pair) })),
    swaps: swaps.map((pair) => ({ patients: named(pair) })),
  }
}
