import type { LabValue } from '../../results/clinical.ts'
import type { Known } from './logic.ts'

/** Body regions of the diagnostic criteria, rostral first. */
export const bodyRegions = ['bulbar', 'cervical', 'thoracic', 'lumbosacral'] as const
export type BodyRegion = (typeof bodyRegions)[number]

export interface RegionFindings {
  /** Upper motor neuron signs on examination. */
  umn: Known
  /** Lower motor neuron signs on examination. */
  lmn: Known
  /** Lower motor neuron loss by electromyography. */
  emg: Known
}

/** What was ever found in a person; null where nothing is recorded. */
export interface DiagnosticFindings {
  regions: Readonly<Record<BodyRegion, RegionFindings>>
  /** Progressive motor impairment documented by history or repeated assessment, after normal function. */
  progression: Known
  /** Investigations exclude other disease. */
  otherDiseaseExcluded: Known
}

const signs = ['UMN', 'LMN', 'EMG'] as const

/**
 * The names of findings among laboratory values: `UMN_BULBAR`, `LMN_CERVICAL`, `EMG_LUMBOSACRAL` and so on (1 found, 0 looked for and not
 * found), `PROGRESSION_DOCUMENTED`, `OTHER_DISEASE_EXCLUDED`, and `GASTROSTOMY` (1 from that day on).
 */
export const findingTests: readonly string[] = [
  ...signs.flatMap((sign) => bodyRegions.map((region) => `${sign}_${region.toUpperCase()}`)),
  'PROGRESSION_DOCUMENTED',
  'OTHER_DISEASE_EXCLUDED',
  'GASTROSTOMY',
]

/** Found once is found; not found only where it was looked for every time without being seen. Values other than 0 and 1 say nothing. */
function ever(labs: readonly LabValue[], test: string): Known {
  let known: Known = null
  for (const lab of labs) {
    if (lab.test !== test || lab.qualifier !== '') continue
    if (lab.value === 1) return true
    if (lab.value === 0) known = false
  }
  return known
}

/**
 * Gathers one person's findings over all days: signs come and rarely go, so a sign seen once counts. Null when the person has none. That other
 * disease is excluded is taken from the last record, since a later test may find it.
 */
export function findingsOf(labs: readonly LabValue[]): DiagnosticFindings | null {
  const own = labs.filter(({ test }) => findingTests.includes(test) && test !== 'GASTROSTOMY')
  if (own.length === 0) return null
  const region = (name: BodyRegion): RegionFindings => {
    const at = name.toUpperCase()
    return { umn: ever(own, `UMN_${at}`), lmn: ever(own, `LMN_${at}`), emg: ever(own, `EMG_${at}`) }
  }
  const regions = {
    bulbar: region('bulbar'),
    cervical: region('cervical'),
    thoracic: region('thoracic'),
    lumbosacral: region('lumbosacral'),
  }
  const excluded = own
    .filter(
      ({ test, value, qualifier }) =>
        test === 'OTHER_DISEASE_EXCLUDED' && qualifier === '' && (value === 0 || value === 1),
    )
    .sort((a, b) => a.day - b.day || b.value - a.value)
    .at(-1)
  return {
    regions,
    progression: ever(own, 'PROGRESSION_DOCUMENTED'),
    otherDiseaseExcluded: excluded === undefined ? null : excluded.value === 1,
  }
}

/** First day with a recorded gastrostomy; null when none is recorded. */
export function gastrostomyDay(labs: readonly LabValue[]): number | null {
  const days = labs.filter(({ test, value }) => test === 'GASTROSTOMY' && value === 1).map(({ day }) => day)
  return days.length === 0 ? null : Math.min(...days)
}
