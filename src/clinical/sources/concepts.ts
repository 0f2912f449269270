import { type AlsfrsItem, alsfrsItems } from '../../results/clinical.ts'
import type { FindingCode, FindingLog, Place } from './findings.ts'

/** What a code of a vocabulary means here. */
export type Meaning =
  | { kind: 'item'; item: AlsfrsItem }
  | { kind: 'total'; scale: 'ALSFRS-R' | 'ALSFRS' }
  | { kind: 'day'; field: 'onset_day' | 'diagnosis_day' }
  | { kind: 'onset_site' }
  | { kind: 'site'; site: string }
  | { kind: 'riluzole' }
  | { kind: 'ignore' }
  | { kind: 'test'; test: string }

const words = new Map<string, Meaning>([
  ...alsfrsItems.map((item) => [item, { kind: 'item', item }] as const),
  ['total', { kind: 'total', scale: 'ALSFRS-R' }],
  ['alsfrs_total', { kind: 'total', scale: 'ALSFRS' }],
  ['onset', { kind: 'day', field: 'onset_day' }],
  ['diagnosis', { kind: 'day', field: 'diagnosis_day' }],
  ['onset_site', { kind: 'onset_site' }],
  ...['bulbar', 'limb', 'respiratory', 'other'].map((site) => [site, { kind: 'site', site }] as const),
  ['riluzole', { kind: 'riluzole' }],
  ['ignore', { kind: 'ignore' }],
])

/** The meaning that a study file names; every other word is the name of a laboratory test. */
export function meaningOf(word: string): Meaning {
  return words.get(word.trim().toLowerCase()) ?? { kind: 'test', test: word.trim().toUpperCase() }
}

/** The table of a layout, by code in upper case, with what the study file says instead. */
export function conceptTable(
  known: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>> | undefined,
): ReadonlyMap<string, Meaning> {
  const table = new Map<string, Meaning>()
  for (const [code, word] of Object.entries(known)) table.set(code.toUpperCase(), meaningOf(word))
  for (const [code, word] of Object.entries(given ?? {})) table.set(code.trim().toUpperCase(), meaningOf(word))
  return table
}

/** Counts what a layout has no rule for, by what it is called: one finding each, with its first place and how often it was met. */
export class Unread {
  readonly #seen = new Map<string, { place: Place; count: number }>()
  readonly #code: FindingCode

  constructor(code: FindingCode) {
    this.#code = code
  }

  add(name: string, place: () => Place): void {
    const before = this.#seen.get(name)
    if (before === undefined) this.#seen.set(name, { place: place(), count: 1 })
    else before.count++
  }

  report(log: FindingLog): void {
    for (const [name, { place, count }] of this.#seen) {
      const column = place.column === undefined || place.column === name ? name : `${place.column}: ${name}`
      log.add(this.#code, { ...place, column: count === 1 ? column : `${column} (${count} times)` })
    }
  }
}
