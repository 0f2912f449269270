import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { runInline } from '../../compute/task.ts'
import { RandomStream } from '../../numerics/index.ts'
import type { GroupRow, Patient, Visit } from '../../results/clinical.ts'
import type { Adjudication } from '../adjudication/index.ts'
import { parseDefinitions } from '../definitions/index.ts'
import { openTable } from '../tables/index.ts'
import { bytesSource, memoryHost } from '../testing/memory-host.ts'
import { type CallOptions, type CallsResult, callsTsv, countedCalls, makeCalls } from './index.ts'

const ids = [
  'large-sustained',
  'large-sustained-6-months',
  'positive-slope-180',
  'plateau-6',
  'plateau-12',
  'plateau-18',
  'slow',
  'typical',
  'rapid',
]
const definitions = parseDefinitions(
  ids.map((id) => {
    const file = `definitions/${id}.yaml`
    return { file, text: readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8') }
  }),
)
const signal = new AbortController().signal
const workshop = { run: runInline(memoryHost({}), signal), signal, progress: () => {} }
const options: CallOptions = {
  definitions,
  caseDefinition: 'large-sustained',
  cases: 'reversal',
  controls: ['slow', 'typical', 'rapid'],
  strictness: 'mimics-and-mutations',
}

/** 200 decliners and 14 true reversals; person R13 has a mimic, R12 a mutation, D001 a mimic. */
function cohort(): { patients: Patient[]; visits: Visit[] } {
  const patients: Patient[] = []
  const visits: Visit[] = []
  const add = (id: string, onset: number | null, change: Partial<Patient>, points: [number, number][]) => {
    patients.push({
      patient: id,
      cohort: 'c',
      sample: null,
      sex: 'male',
      age_at_onset: 55,
      onset_site: 'limb',
      onset_day: onset,
      onset_uncertainty_days: null,
      diagnosis_day: null,
      first_visit_day: points[0]?.[0] ?? null,
      last_visit_day: points.at(-1)?.[0] ?? null,
      death_day: null,
      el_escorial: null,
      riluzole: null,
      dna_source: null,
      mimic: null,
      known_mutation: null,
      ...change,
    })
    for (const [day, score] of points)
      visits.push({ patient: id, day, scale: 'ALSFRS-R', total: Math.max(0, Math.min(48, Math.round(score))) } as Visit)
  }
  for (let i = 0; i < 200; i++) {
    const draw = new RandomStream(1, 'test/cohort', i)
    const slope = Math.min(-0.2, -1 + 0.5 * draw.normal())
    const start = Math.min(46, 40 + 3 * draw.normal())
    const points = Array.from({ length: 8 }, (_, k): [number, number] => [
      k * 85,
      start + (slope * k * 85) / 30.4375 + 1.5 * draw.normal(),
    ])
    add(`D${String(i).padStart(3, '0')}`, -400, { mimic: i === 1 ? 'anti-GM1' : i === 2 ? 'none' : null }, points)
  }
  for (let i = 0; i < 14; i++) {
    const draw = new RandomStream(2, 'test/cohort', i)
    const points = [38, 33, 29, 27, 31, 35, 38, 39, 38, 39, 39].map((score, k): [number, number] => [
      k * 70,
      score + 1.2 * draw.normal(),
    ])
    const change: Partial<Patient> = i === 13 ? { mimic: 'AChR' } : i === 12 ? { known_mutation: 'SOD1' } : {}
    add(`R${String(i).padStart(2, '0')}`, i === 0 ? null : -300, change, points)
  }
  add('N00', -100, {}, [])
  add('U00', -300, {}, [
    [0, 38],
    [80, 33],
    [160, 28],
    [240, 33],
    [330, 38],
  ])
  return { patients, visits }
}

let result: CallsResult
beforeAll(async () => {
  const { patients, visits } = cohort()
  result = await makeCalls(patients, visits, options, workshop)
})

describe('makeCalls', () => {
  it('finds the reversals, confidently, and leaves decliners alone', () => {
    const rows = new Map(result.groups.map((row) => [row.patient, row]))
    const reversals = result.groups.filter((row) => row.patient.startsWith('R'))
    expect(reversals.every((row) => row.group === 'reversal')).toBe(true)
    expect(reversals.filter((row) => row.certainty === 'confident').length).toBeGreaterThanOrEqual(13)
    expect(reversals.every((row) => (row.gain ?? 0) >= 8 && (row.nadir_day ?? 0) > 100)).toBe(true)
    const decliners = result.groups.filter((row) => row.patient.startsWith('D'))
    expect(decliners.filter((row) => row.group === 'reversal').length).toBe(0)
    expect(Math.max(...decliners.map((row) => row.posterior ?? 1))).toBeLessThan(0.3)
    expect(rows.get('N00')).toMatchObject({
      group: 'unassigned',
      case: null,
      posterior: null,
      visits: 0,
      certainty: 'uncertain',
    })
    expect(rows.get('U00')).toMatchObject({ group: 'unassigned', case: null })
    expect(rows.get('D000')).toMatchObject({ case: 0, exclusion: null, observed_days: 995 })
    expect(rows.get('D000')?.pre_nadir_slope).toBeLessThan(0)
  })

  it('excludes mimics and mutations, and counts cases at each strictness', () => {
    const rows = new Map(result.groups.map((row) => [row.patient, row]))
    expect(rows.get('R13')).toMatchObject({ group: 'reversal', case: null, exclusion: 'mimic' })
    expect(rows.get('R12')).toMatchObject({ group: 'reversal', case: null, exclusion: 'known_mutation' })
    expect(rows.get('D001')).toMatchObject({ case: null, exclusion: 'mimic' })
    expect(rows.get('D002')?.exclusion).toBe(null)
    const { strictness, cases, controls } = result.summary
    expect(strictness?.map((level) => [level.level, level.excluded, level.cases, level.inForce])).toEqual([
      ['none', 0, 14, false],
      ['mimics', 2, 13, false],
      ['mimics-and-mutations', 3, 12, true],
    ])
    expect(cases).toBe(12)
    expect(controls).toBe(result.groups.filter((row) => row.case === 0).length)
  })

  it('tells the flow without losing anyone', () => {
    const { flow, cases, controls } = result.summary
    expect(flow[0].people).toBe(216)
    for (let i = 1; i < flow.length; i++) expect(flow[i - 1].people).toBe(flow[i].people + flow[i].lost)
    expect(flow.at(-1)?.people).toBe(cases + controls)
    expect(flow.map((step) => step.lost).slice(1, 3)).toEqual([1, 1])
  })

  it('reports definitions, agreement and rates beside the published ones', () => {
    const { definitions: counted, agreement, rates, mixedModel } = result.summary
    expect(counted.map(({ id }) => id)).toEqual(ids)
    counted.forEach(({ counts }, i) => {
      expect(counts.yes + counts.no + counts.unconfirmed + counts.ineligible).toBe(216)
      expect(agreement[i][i]).toBe(counts.yes)
    })
    expect(agreement[0][1]).toBe(14)
    expect(agreement[1][0]).toBe(14)
    expect(rates.map(({ published }) => published)).toEqual([0.01, 0.14, 0.25, 0.16, 0.07])
    // The model of those who decline: planted slope -1 (SD 0.5), noise 1.5 and rounding.
    expect(mixedModel?.slopePerMonth).toBeCloseTo(-1, 0)
    expect(Math.abs((mixedModel?.sdSlope ?? 0) - 0.48)).toBeLessThan(0.1)
    expect(Math.abs((mixedModel?.sdResidual ?? 0) - 1.53)).toBeLessThan(0.2)
  })

  it('counts what people judged, and says what rules alone would give', async () => {
    const { patients, visits } = cohort()
    const judged = (patient: string, who: string, verdict: Adjudication['verdict']): Adjudication => {
      const call = result.calls.find((one) => one.patient === patient && one.definition === 'large-sustained')
      if (call === undefined) throw new RangeError(patient)
      const { verdict: said, start_day, end_day, value } = call
      return {
        patient,
        who,
        verdict,
        definition: 'large-sustained',
        reason: 'r',
        when: '2026-11-26T12:00:00Z',
        evidence: { diagnosis: 'yes', progression: 'yes', recovery: 'yes', mimics: 'yes' },
        call: { verdict: said, start_day, end_day, value },
        previous: '',
        sha256: '',
      }
    }
    const adjudications = [
      judged('R00', 'A', 'confirm'),
      judged('R01', 'A', 'reject'),
      judged('R02', 'A', 'confirm'),
      judged('R02', 'B', 'reject'),
      judged('U00', 'A', 'confirm'),
      judged('D000', 'A', 'reject'),
    ]
    const again = await makeCalls(patients, visits, { ...options, adjudications }, workshop)
    const rows = new Map(again.groups.map((row) => [row.patient, row]))
    const shown = (patient: string) => {
      const { group, case: status, rule_group, rule_case, adjudication, raters } = rows.get(patient) ?? ({} as GroupRow)
      return [group, status, rule_group, rule_case, adjudication, raters]
    }
    expect(shown('R00')).toEqual(['reversal', 1, 'reversal', 1, 'confirmed', 1])
    expect(shown('R01')).toEqual(['unassigned', null, 'reversal', 1, 'rejected', 1])
    expect(shown('R02')).toEqual(['unassigned', null, 'reversal', 1, 'disagreed', 2])
    expect(shown('R03')).toEqual(['reversal', 1, 'reversal', 1, null, 0])
    expect(shown('U00')).toEqual(['reversal', 1, 'unassigned', null, 'confirmed', 1])
    expect(shown('D000')).toEqual([rows.get('D000')?.rule_group, 0, rows.get('D000')?.rule_group, 0, 'rejected', 1])
    const { cases, adjudication, flow, caseFlow } = again.summary
    expect(cases).toBe(12 - 2 + 1)
    expect(adjudication).toMatchObject({
      people: 5,
      confirmed: 2,
      rejected: 2,
      disagreed: 1,
      outdated: 0,
      without: { cases: 12, controls: result.summary.controls },
      notes: [],
    })
    for (let i = 1; i < flow.length; i++) expect(flow[i - 1].people).toBe(flow[i].people + flow[i].lost)
    expect(flow.at(-1)?.people).toBe(cases + again.summary.controls)
    // Of those called and not excluded, R00 alone is confirmed.
    expect(caseFlow?.at(-1)).toMatchObject({ step: 'Confirmed by those who judged', people: 1 })
    expect(again.calls).toEqual(result.calls)
    expect(
      countedCalls(again.calls, again.groups, 'large-sustained').find(({ patient }) => patient === 'U00')?.verdict,
    ).toBe('yes')
    expect(result.summary.adjudication).toBe(null)
  })

  it('says in a sentence why, with the probability', () => {
    const call = result.calls.find((one) => one.patient === 'R01' && one.definition === 'large-sustained')
    expect(call?.reason).toMatch(
      /^The score rose from \d+ \(day \d+\).*A true reversal has probability .* over the range of priors\); (otherwise it is .*|no other explanation reaches 1%)\.$/,
    )
  })

  it('does not depend on the order of patients or of definitions', async () => {
    const { patients, visits } = cohort()
    const again = await makeCalls(
      [...patients].reverse(),
      visits,
      { ...options, definitions: [...definitions].reverse() },
      workshop,
    )
    expect(again.groups).toEqual(result.groups)
    expect(again.calls).toEqual(result.calls)
  })

  it('refuses unknown definitions and groups on both sides', async () => {
    const failing = (change: Partial<CallOptions>) => makeCalls([], [], { ...options, ...change }, workshop)
    await expect(failing({ caseDefinition: 'magic' })).rejects.toThrow(/no definition has the id 'magic'/)
    await expect(failing({ controls: 'reversal' })).rejects.toThrow(/cannot be both/)
    await expect(failing({ controls: [] })).rejects.toThrow(/at least one group/)
    expect((await failing({ controls: 'others' })).summary.cases).toBe(0)
  })

  it('falls back on the published model where the cohort is too small for its own', async () => {
    const { patients, visits } = cohort()
    const few = patients.filter(({ patient }) => patient.startsWith('R'))
    const small = await makeCalls(few, visits, options, workshop)
    expect(small.summary.mixedModel).toBe(null)
    expect(small.summary.controls).toBe(0)
    expect(small.groups.every((row) => (row.posterior ?? 0) > 0.5)).toBe(true)
  })

  it('writes calls that read back', async () => {
    const text = callsTsv([{ ...result.calls[0], patient: 'a\t"b"', value: 0.1 + 0.2, end_day: null }])
    const table = await openTable(bytesSource('calls.tsv', new TextEncoder().encode(text)), signal)
    expect(table.delimiter).toBe('\t')
    for await (const [row] of table.rows) {
      expect(row.cells[0]).toBe('a\t"b"')
      expect(row.cells[4]).toBe('')
      expect(Number(row.cells[5])).toBe(0.1 + 0.2)
    }
  })
})
