import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alsfrsItems, type Call, type GroupRow, type Patient, type Visit } from '../../results/clinical.ts'
import { exampleFiles, readFiles } from '../testing/examples.ts'
import { bundleOf, isFhirId } from './fhir.ts'
import { lostFunctions } from './functions.ts'
import { bundleLines, cohortText, exportedPeople } from './index.ts'
import { phenopacketOf } from './phenopackets.ts'
import { dayWriter } from './times.ts'

const options = {
  definition: 'large-sustained 1',
  created: '2024-05-01T00:00:00Z',
  createdBy: 'Upturn',
  study: 'a study',
}

const nobody: Patient = {
  patient: 'a',
  cohort: 'c',
  sample: null,
  sex: null,
  age_at_onset: null,
  onset_site: null,
  onset_day: null,
  onset_uncertainty_days: null,
  diagnosis_day: null,
  first_visit_day: null,
  last_visit_day: null,
  death_day: null,
  el_escorial: null,
  riluzole: null,
  dna_source: null,
  mimic: null,
  known_mutation: null,
}

function visit(day: number, scores: Partial<Visit>, patient = 'a'): Visit {
  const items = Object.fromEntries(alsfrsItems.map((item) => [item, null])) as Record<
    (typeof alsfrsItems)[number],
    null
  >
  return { patient, day, scale: 'ALSFRS-R', total: null, ...items, ...scores }
}

const call = (patient: string, verdict: Call['verdict'], start: number | null): Call => ({
  patient,
  definition: 'large-sustained',
  verdict,
  start_day: start,
  end_day: start,
  value: 6,
  reason: 'Rose from 34 to 48.',
})

const group = (patient: string, posterior: number): GroupRow => ({
  patient,
  group: 'reversal',
  case: 1,
  posterior,
  posterior_low: 0.5,
  posterior_high: 0.99,
  posterior_items: null,
  p_decline: null,
  p_plateau: null,
  p_transient_gain: null,
  p_small_gain: null,
  p_rating_shift: null,
  p_outlying_visit: null,
  certainty: 'uncertain',
  nadir_day: 119,
  nadir_score: 34,
  gain: 14,
  pre_nadir_slope: -2,
  visits: 5,
  observed_days: 1000,
  exclusion: null,
})

async function roundTrip(patients: Patient[], visits: Visit[], calls: Call[] = [], groups: GroupRow[] = []) {
  const people = exportedPeople({ patients, visits, calls, groups }, 'large-sustained', (id) => id)
  const text = [...cohortText(people, options)].join('')
  return { text, ...(await readFiles({ 'cohort.json': text })) }
}

describe('phenopackets that are read back', () => {
  it('give the same visits, people and deaths, from every example', async () => {
    for (const layout of ['all-als', 'omop', 'phenopackets']) {
      const { patients, visits } = await readFiles(exampleFiles(layout))
      const back = await roundTrip(patients, visits)
      expect(back.visits).toEqual(visits)
      expect(back.counts.value_invalid).toBeUndefined()
      for (const [k, patient] of patients.entries()) {
        expect(back.patients[k]).toMatchObject({
          patient: patient.patient,
          sex: patient.sex,
          onset_site: patient.onset_site,
          onset_day: patient.onset_day,
          onset_uncertainty_days: patient.onset_uncertainty_days,
          diagnosis_day: patient.diagnosis_day,
          death_day: patient.death_day,
          el_escorial: patient.el_escorial,
          riluzole: patient.riluzole,
        })
        // Ages leave in whole months.
        expect(Math.abs((back.patients[k].age_at_onset ?? 0) - (patient.age_at_onset ?? 0))).toBeLessThan(0.09)
      }
    }
  })

  it('give the same visits whatever they are', async () => {
    const score = fc.option(fc.integer({ min: 0, max: 4 }), { nil: null })
    const someone = fc.record({
      id: fc.string({ minLength: 1, maxLength: 8 }).filter((id) => id.trim() === id && id !== ''),
      age: fc.option(fc.double({ min: 0, max: 119, noNaN: true }), { nil: null }),
      onset: fc.option(fc.integer({ min: -6000, max: -1 }), { nil: null }),
      uncertain: fc.option(fc.integer({ min: 1, max: 183 }), { nil: null }),
      scale: fc.constantFrom('ALSFRS-R' as const, 'ALSFRS' as const),
      days: fc.uniqueArray(fc.integer({ min: 200, max: 9000 }), { minLength: 1, maxLength: 6 }),
      scores: fc.array(fc.array(score, { minLength: 14, maxLength: 14 }), { minLength: 6, maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(someone, { selector: ({ id }) => id, maxLength: 4 }), async (people) => {
        const patients: Patient[] = []
        const visits: Visit[] = []
        for (const { id, age, onset, uncertain, scale, days, scores } of people) {
          patients.push({
            ...nobody,
            patient: id,
            age_at_onset: age,
            onset_day: onset,
            onset_uncertainty_days: onset === null ? null : uncertain,
          })
          for (const [k, day] of [...days].sort((a, b) => a - b).entries()) {
            const items = Object.fromEntries(alsfrsItems.map((item, i) => [item, scores[k][i]])) as Partial<Visit>
            if (scale === 'ALSFRS-R') items.q10 = null
            else items.r1 = items.r2 = items.r3 = null
            if (items.q5a !== null) items.q5b = null
            // A visit keeps its scale by what only that scale has.
            if (scale === 'ALSFRS-R' && [items.r1, items.r2, items.r3].every((one) => one === null)) items.r1 = 2
            if (scale === 'ALSFRS' && items.q10 === null) items.q10 = 2
            const missing =
              [...'1234'].some((n) => items[`q${n}` as 'q1'] === null) ||
              (items.q5a ?? items.q5b) === null ||
              [...'6789'].some((n) => items[`q${n}` as 'q6'] === null) ||
              (scale === 'ALSFRS-R' && [items.r1, items.r2, items.r3].some((one) => one === null))
            const sum = alsfrsItems.reduce((total, item) => total + (items[item] ?? 0), 0)
            visits.push(visit(day, { ...items, scale, total: missing ? null : sum, patient: id }))
          }
        }
        const sorted = visits.sort((a, b) => (a.patient < b.patient ? -1 : a.patient > b.patient ? 1 : a.day - b.day))
        const back = await roundTrip(patients, sorted)
        expect(back.visits).toEqual(sorted)
        for (const patient of patients)
          expect(back.patients.find((one) => one.patient === patient.patient)).toMatchObject({
            onset_day: patient.onset_day,
            onset_uncertainty_days: patient.onset_uncertainty_days,
          })
      }),
      { numRuns: 100 },
    )
  })
})

describe('phenopackets', () => {
  it('tell a function that came back by its resolution, and the call', async () => {
    const { patients, visits } = await readFiles(exampleFiles('all-als'))
    const [person] = exportedPeople(
      { patients, visits, calls: [call('AA1001', 'yes', 119)], groups: [group('AA1001', 0.87)] },
      'large-sustained',
      () => 'UP-1',
    )
    const packet = phenopacketOf(person, options) as { phenotypicFeatures: object[] }
    // Born in 1961, onset at 57 years and 8 months, 330 days before day 0.
    const age = (day: number) => ({ age: { iso8601duration: `P57Y8M${day + 330}D` } })
    expect(packet.phenotypicFeatures).toEqual([
      { type: { id: 'UPTURN:diagnosis', label: 'Diagnosis of ALS made' }, onset: age(-19) },
      // Handwriting went 3, 2, 3, 4, 4 (days 0, 119, 308, 518, 735).
      { type: { id: 'UPTURN:loss-q4', label: 'Handwriting impaired' }, onset: age(119), resolution: age(518) },
      // Cutting went 2, 1, 2, 3, 4: normal at one visit only, which confirms nothing.
      { type: { id: 'UPTURN:loss-q5', label: 'Cutting food impaired' }, onset: age(0) },
      { type: { id: 'UPTURN:loss-q6', label: 'Dressing and hygiene impaired' }, onset: age(119), resolution: age(518) },
      { type: { id: 'UPTURN:loss-q7', label: 'Turning in bed impaired' }, onset: age(119), resolution: age(518) },
      { type: { id: 'HP:0001288', label: 'Gait disturbance' }, onset: age(119), resolution: age(518) },
      {
        type: { id: 'UPTURN:als-reversal', label: 'Reversal of ALS by the definition large-sustained 1' },
        onset: age(119),
        description:
          "Rose from 34 to 48. Posterior probability of a true reversal: 0.87, at a prior of 0.5%. Research use only; not a replacement for a doctor's advice.",
      },
    ])
    const text = JSON.stringify(packet)
    expect(text).not.toContain('AA1001')
    expect(text).not.toMatch(/dateOfBirth|timestamp|"19|"20(?!24-05-01)/)
  })

  it('let what raters come to stand before the rule, and say both', () => {
    const feature = (verdict: Call['verdict'], adjudication: GroupRow['adjudication']) => {
      const groups = [{ ...group('a', 0.5), adjudication }]
      const [person] = exportedPeople(
        { patients: [nobody], visits: [], calls: [call('a', verdict, 10)], groups },
        'large-sustained',
        (id) => id,
      )
      const [found] = (phenopacketOf(person, options) as { phenotypicFeatures: Record<string, unknown>[] })
        .phenotypicFeatures
      return found === undefined
        ? null
        : [found.excluded ?? false, 'onset' in found, String(found.description).includes('Adjudication')]
    }
    expect(feature('yes', null)).toEqual([false, true, false])
    expect(feature('yes', 'rejected')).toEqual([true, false, true])
    expect(feature('no', 'confirmed')).toEqual([false, true, true])
    expect(feature('unconfirmed', 'confirmed')).toEqual([false, true, true])
    expect(feature('yes', 'disagreed')).toEqual([false, true, true])
    expect(feature('unconfirmed', null)).toBe(null)
  })

  it('count a return only when it is confirmed', () => {
    const walking = (...scores: [day: number, q8: number][]) =>
      lostFunctions(scores.map(([day, q8]) => visit(day, { q8 })))
    expect(walking([0, 4], [90, 3], [180, 4])).toEqual([])
    expect(walking([0, 2], [90, 1], [400, 2], [600, 4])).toMatchObject([
      { term: { id: 'HP:0001288' }, onset_day: 0, resolution_day: null },
      { term: { id: 'HP:0002505' }, onset_day: 90, resolution_day: 400 },
    ])
    expect(walking([0, 2], [90, 4], [200, 4])[0].resolution_day).toBe(null)
    expect(walking([0, 2], [90, 4], [270, 4])[0].resolution_day).toBe(90)
    expect(walking([0, 2], [90, 4], [270, 4], [400, 3])[0].resolution_day).toBe(null)
    expect(lostFunctions([])).toEqual([])
  })

  it('write days as ages, or as dates that are made up', () => {
    expect(dayWriter(60, [-400, 90]).text(90)).toBe('P58Y10M490D')
    expect(dayWriter(null, [-1, 40]).text(40)).toBe('1900-02-10T00:00:00Z')
    expect(dayWriter(null, [-1, 40]).text(-1)).toBe('1899-12-31T00:00:00Z')
    // Nobody is told to be ninety.
    expect(dayWriter(88, [0, 800]).kind).toBe('made-up')
    expect(dayWriter(0.5, [-400]).kind).toBe('made-up')
  })
})

describe('FHIR bundles', () => {
  it('hold the visits and the call, without dates, one person a line', async () => {
    const { patients, visits } = await readFiles(exampleFiles('all-als'))
    const tables = { patients, visits, calls: [call('AA1001', 'unconfirmed', 119)], groups: [group('AA1001', 0.87)] }
    const lines = [
      ...bundleLines(
        exportedPeople(tables, 'large-sustained', (id) => `UP-${id.slice(2)}`),
        'large-sustained 1',
      ),
    ]
    expect(lines).toHaveLength(4)
    const bundle = JSON.parse(lines[0]) as { entry: { fullUrl: string; resource: Record<string, never> }[] }
    expect(bundle.entry.map(({ resource }) => [resource.resourceType, resource.id])).toEqual([
      ['Patient', 'UP-1001'],
      ...[1, 2, 3, 4, 5].map((k) => ['Observation', `UP-1001-visit-${k}`]),
      ['Observation', 'UP-1001-reversal'],
    ])
    expect(bundle.entry[2].resource).toMatchObject({
      status: 'final',
      code: { coding: [{ system: 'urn:upturn:terms', code: 'ALSFRS-R' }] },
      subject: { reference: 'Patient/UP-1001' },
      valueQuantity: { value: 34, code: '{score}' },
    })
    const components = bundle.entry[2].resource.component as {
      code: { coding: { code: string }[] }
      valueQuantity: { value: number }
    }[]
    expect(
      components.map(({ code, valueQuantity }) => `${code.coding[0].code} ${valueQuantity.value}`).join(', '),
    ).toBe('day 119, q1 4, q2 4, q3 3, q4 2, q5a 1, q6 2, q7 2, q8 2, q9 3, r1 3, r2 4, r3 4')
    expect(bundle.entry[6].resource).toMatchObject({ valueCodeableConcept: { text: 'unconfirmed' } })
    expect(lines[0]).not.toMatch(/birthDate|effectiveDateTime":"/)
    expect(lines[0]).toContain('HRESCH')
    expect(new Set(bundle.entry.map(({ fullUrl }) => fullUrl)).size).toBe(7)
  })

  it('say why a total is absent, and know which ids FHIR allows', () => {
    const [person] = exportedPeople(
      { patients: [nobody], visits: [visit(0, { q1: 2 })], calls: [], groups: [] },
      'd',
      (id) => id,
    )
    expect(JSON.stringify(bundleOf(person, 'd'))).toContain('"dataAbsentReason"')
    expect(['UP-1', 'a b', '', 'ä', 'x'.repeat(49)].map(isFhirId)).toEqual([true, false, false, false, false])
  })
})
