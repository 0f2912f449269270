import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AlsfrsItem, alsfrsItems } from '../../results/clinical.ts'
import { readFiles } from '../testing/examples.ts'
import type { TableMapping } from './table.ts'

/** Items of the ALSFRS-R; of 5a and 5b a visit has one. */
const items = alsfrsItems.filter((item) => item !== 'q10')
type Scores = Partial<Record<AlsfrsItem, number>>

interface Person {
  id: number
  female: boolean
  onset: number
  visits: { day: number; scores: Scores }[]
}

const score = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined, freq: 8 })
const scoresArbitrary = fc
  .record({ gastrostomy: fc.boolean(), list: fc.array(score, { minLength: items.length, maxLength: items.length }) })
  .map(({ gastrostomy, list }): Scores => {
    const scores: Scores = {}
    items.forEach((item, k) => {
      if (list[k] !== undefined && item !== (gastrostomy ? 'q5a' : 'q5b')) scores[item] = list[k]
    })
    // A visit without any respiratory item would not say its scale.
    scores.r1 ??= 3
    return scores
  })
const people = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 99_999 }),
      female: fc.boolean(),
      onset: fc.integer({ min: -2000, max: -1 }),
      visits: fc.uniqueArray(fc.record({ day: fc.integer({ min: 1, max: 3000 }), scores: scoresArbitrary }), {
        selector: ({ day }) => day,
        maxLength: 4,
      }),
    }),
    { selector: ({ id }) => id, minLength: 1, maxLength: 4 },
  )
  // Day 0 is the first visit.
  .map((list) => list.map((one): Person => ({ ...one, visits: [{ day: 0, scores: { q1: 4, r1: 4 } }, ...one.visits] })))

const totalOf = (scores: Scores): number | null =>
  items.filter((item) => scores[item] !== undefined).length === items.length - 1
    ? items.reduce((sum, item) => sum + (scores[item] ?? 0), 0)
    : null

const date = (day: number): string => new Date(Date.UTC(2019, 5, 15 + day)).toISOString().slice(0, 10)
const table = (rows: readonly (readonly (string | number)[])[]): string => rows.map((row) => row.join(',')).join('\n')
const each = (
  list: readonly Person[],
  row: (person: Person, visit: Person['visits'][number], k: number) => (string | number)[],
) => list.flatMap((person) => person.visits.map((visit, k) => row(person, visit, k)))

const allAlsNames: Partial<Record<AlsfrsItem, string>> = {
  q1: 'speech',
  q2: 'saliva',
  q3: 'swallow',
  q4: 'hndwrit',
  q5a: 'utenwog',
  q5b: 'utenwg',
  q6: 'hygiene',
  q7: 'bedcloth',
  q8: 'walking',
  q9: 'stairs',
  r1: 'dyspnea',
  r2: 'ortho',
  r3: 'respins',
}
const omopNames = (item: AlsfrsItem) => `alsfrs${item.replace('q', '')}`

/** Writes people in a layout: files, mapping, and the id that each has there. */
type Writer = (list: readonly Person[]) => {
  files: Record<string, string>
  mapping: TableMapping
  id: (n: number) => string
}

const writers: Record<string, Writer> = {
  'all-als': (list) => ({
    files: {
      'frs.csv': table([
        ['SubjectUID', 'ftdat', ...items.map((item) => `${allAlsNames[item]}_ftorres`), 'fttotal'],
        ...each(list, ({ id }, { day, scores }) => [
          `S${id}`,
          date(day),
          ...items.map((item) => scores[item] ?? ''),
          totalOf(scores) ?? '',
        ]),
      ]),
      'demographics.csv': table([
        ['SubjectUID', 'brthdat', 'sex'],
        ...list.map(({ id, female }) => [`S${id}`, '1960', female ? 1 : 2]),
      ]),
      'history.csv': table([['SubjectUID', 'mhstdat'], ...list.map(({ id, onset }) => [`S${id}`, date(onset)])]),
    },
    mapping: {},
    id: (n) => `S${n}`,
  }),
  omop: (list) => ({
    files: {
      'person.csv': table([
        ['person_id', 'gender_concept_id', 'year_of_birth'],
        ...list.map(({ id, female }) => [id, female ? 8532 : 8507, 1960]),
      ]),
      'condition_occurrence.csv': table([
        ['person_id', 'condition_concept_id', 'condition_start_date'],
        ...list.map(({ id, onset }) => [id, 2000000397, date(onset)]),
      ]),
      'observation.csv': table([
        ['person_id', 'observation_concept_id', 'observation_date', 'value_as_number', 'observation_source_value'],
        // Concept 0, so that only the source's name tells the item; totals by concept.
        ...list.flatMap(({ id, visits }) =>
          visits.flatMap(({ day, scores }) => [
            ...items.flatMap((item) =>
              scores[item] === undefined ? [] : [[id, 0, date(day), `${scores[item]}.0`, `frs+${omopNames(item)} (x)`]],
            ),
            ...(totalOf(scores) === null ? [] : [[id, 42529084, date(day), totalOf(scores) as number, '']]),
          ]),
        ),
      ]),
    },
    mapping: {},
    id: String,
  }),
  redcap: (list) => ({
    files: {
      'dictionary.csv': `${table([
        [
          'field_name',
          'form_name',
          'field_type',
          'field_label',
          'select_choices_or_calculations',
          'text_validation_type_or_show_slider_number',
          'identifier',
        ],
        ['study_id', 'base', 'text', 'Id', '', '', ''],
        ['sex', 'base', 'radio', 'Sex', '"7, Female | 9, Male"', '', ''],
        ['onset_date', 'base', 'text', 'Onset', '', 'date_mdy', ''],
        ['seen', 'frs', 'text', 'Seen', '', 'date_mdy', ''],
        // Coded 10 to 50 from worst to best, with the score in the label.
        ...items.map((item) => [
          item,
          'frs',
          'radio',
          item,
          `"${[0, 1, 2, 3, 4].map((n) => `${10 * (n + 1)}, ${n} - text`).join(' | ')}"`,
          '',
          '',
        ]),
      ])}\n`,
      'records.csv': table([
        [
          'study_id',
          'redcap_event_name',
          'redcap_repeat_instrument',
          'redcap_repeat_instance',
          'sex',
          'onset_date',
          'seen',
          ...items,
        ],
        ...list.map(({ id, female, onset }) => [
          id,
          'a',
          '',
          '',
          female ? 7 : 9,
          date(onset),
          '',
          ...items.map(() => ''),
        ]),
        ...each(list, ({ id }, { day, scores }, k) => [
          id,
          'a',
          'frs',
          k + 1,
          '',
          '',
          date(day),
          ...items.map((item) => (scores[item] === undefined ? '' : 10 * ((scores[item] as number) + 1))),
        ]),
      ]),
    },
    mapping: {},
    id: String,
  }),
  'target-als': (list) => ({
    files: {
      'clinical.csv': table([
        [
          'subject_id',
          'visit_number',
          'clinical_group',
          'sex_reported',
          'seen',
          ...items.map((item) => `alsfrs_r_subscore_${item.replace('q', '')}`),
          'alsfrs_r_score_total',
        ],
        ...each(list, ({ id, female }, { day, scores }, k) => [
          `T${id}`,
          k + 1,
          'ALS',
          female ? 'Female' : 'Male',
          date(day),
          ...items.map((item) => scores[item] ?? -5555),
          totalOf(scores) ?? '-9999.0',
        ]),
      ]),
    },
    mapping: { visits: { date: 'seen' } },
    id: (n) => `T${n}`,
  }),
}

it.each(Object.keys(writers))('people written as %s read back as they are', async (layout) => {
  await fc.assert(
    fc.asyncProperty(people, async (list) => {
      const { files, mapping, id } = writers[layout](list)
      const { source, visits, patients, counts } = await readFiles(files, { mapping })
      expect(source).toBe(layout)
      const byId = [...list].sort((a, b) => (id(a.id) < id(b.id) ? -1 : 1))
      expect(visits).toEqual(
        byId.flatMap((person) =>
          [...person.visits]
            .sort((a, b) => a.day - b.day)
            .map(({ day, scores }) => ({
              patient: id(person.id),
              day,
              scale: 'ALSFRS-R',
              total: totalOf(scores),
              ...Object.fromEntries(alsfrsItems.map((item) => [item, scores[item] ?? null])),
            })),
        ),
      )
      expect(patients.map(({ patient, sex }) => [patient, sex])).toEqual(
        byId.map((one) => [id(one.id), one.female ? 'female' : 'male']),
      )
      if (layout !== 'target-als')
        expect(patients.map(({ onset_day }) => onset_day)).toEqual(byId.map(({ onset }) => onset))
      expect(counts.value_invalid).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})
