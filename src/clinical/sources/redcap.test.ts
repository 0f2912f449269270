import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { exampleFiles, readFiles } from '../testing/examples.ts'
import { parseChoices } from './redcap-dictionary.ts'
import type { TableMapping } from './table.ts'

const files = exampleFiles('redcap')
const dictionary = 'ALSClinic_DataDictionary_2024-05-01.csv'
const data = 'ALSClinic_DATA_2024-05-01.csv'
const items = {
  q1: 'frs_speech',
  q2: 'frs_saliva',
  q3: 'frs_swallow',
  q4: 'frs_write',
  q5a: 'frs_cut',
  q5b: 'frs_cut_peg',
  q6: 'frs_dress',
  q7: 'frs_bed',
  q8: 'frs_walk',
  q9: 'frs_stairs',
  r1: 'frs_dysp',
  r2: 'frs_orth',
  r3: 'frs_resp',
}
const mapping: TableMapping = {
  missing: ['UNK'],
  visits: { total: 'frs_total', items },
  patients: { onset_date: 'onset_dt', diagnosis_date: 'diagnosis_dt', birth_date: 'dob', onset_site: 'onset_where' },
}

const failure = async (changed: Record<string, string>, given: TableMapping = mapping) => {
  try {
    await readFiles({ ...files, ...changed }, { mapping: given })
  } catch (error) {
    if (isUpturnError(error)) return `${error.code} ${error.place.file}:${error.place.line ?? ''} ${error.message}`
    throw error
  }
  return 'read'
}

describe('REDCap', () => {
  it('is recognised; codes become scores, repeats become visits, ticked boxes the site', async () => {
    const { source, visits, patients, counts, places, intake } = await readFiles(files, { mapping })
    expect(source).toBe('redcap')
    // Speech is coded 1 to 5 with the score in its labels.
    expect(visits.map(({ patient, day, total, q1, q5a, q5b }) => [patient, day, total, q1, q5a, q5b])).toEqual([
      ['1', 0, 42, 4, 2, null],
      ['1', 119, 34, 4, 1, null],
      ['1', 308, 42, 4, 2, null],
      ['1', 518, 47, 4, 3, null],
      ['1', 735, 48, 4, 4, null],
      ['2', 0, 44, 3, 4, null],
      ['2', 98, 40, 2, 4, null],
      ['2', 210, 34, 1, null, 4],
      ['3', 0, 40, 4, 3, null],
      ['3', 119, 38, 4, 3, null],
      ['3', 245, 36, 4, 2, null],
      ['4', 0, 41, 4, 4, null],
      ['4', 189, 39, 4, 4, null],
    ])
    expect(patients.map((p) => [p.patient, p.sex, p.onset_site, p.onset_day, p.diagnosis_day, p.riluzole])).toEqual([
      ['1', 'female', 'limb', -330, -19, true],
      ['2', 'male', 'bulbar', -437, -85, true],
      ['3', 'male', 'limb', -299, -35, true],
      ['4', 'female', 'respiratory', -1014, -553, null],
    ])
    expect(counts).toEqual({
      age_from_birth: 4,
      identifier_date: 1,
      identifier_unread: 2,
      item_recoded: 1,
      sentinel: 1,
    })
    expect(places).toContain(`identifier_unread ${data}:1 mrn`)
    expect(intake.files?.[1].columnsNotRead).toEqual([
      'redcap_data_access_group',
      'full_name',
      'mrn',
      'comments',
      'demographics_complete',
      'alsfrsr_complete',
    ])
  })

  it('reads an export with labels as it reads one with codes', async () => {
    const labels: Record<string, string[]> = {
      sex: ['', 'Male', 'Female'],
      riluzole: ['No', 'Yes'],
      frs_speech: [
        '',
        '4 - Normal speech',
        '3 - Detectable disturbance',
        '2 - Intelligible with repeating',
        '1 - With nonvocal communication',
        '0 - No useful speech',
      ],
    }
    const frs = ['Not possible', 'Much help', 'Some help', 'Slight trouble', 'Normal']
    const [head, ...rest] = files[data].trimEnd().split('\n')
    const names = head.split(',')
    const text = rest.map((line) =>
      line
        .split(',')
        .map((cell, k) => {
          const name = names[k]
          if (cell === '' || !/^\d$/.test(cell)) return cell
          if (name.startsWith('onset_where___')) return cell === '1' ? 'Checked' : 'Unchecked'
          if (labels[name] !== undefined) return labels[name][Number(cell)]
          return /^frs_(?!total)/.test(name) ? frs[Number(cell)] : cell
        })
        .join(','),
    )
    const raw = await readFiles(files, { mapping })
    const labelled = await readFiles({ ...files, [data]: [head, ...text].join('\n') }, { mapping })
    expect(labelled.visits).toEqual(raw.visits)
    expect(labelled.patients).toEqual(raw.patients)
  })

  it('finds fields by their labels, where no two are equal', async () => {
    const names: Record<string, string> = {
      record_id: 'Record ID',
      redcap_event_name: 'Event Name',
      redcap_repeat_instrument: 'Repeat Instrument',
      redcap_repeat_instance: 'Repeat Instance',
      redcap_data_access_group: 'Data Access Group',
      full_name: 'Name',
      mrn: 'Hospital number',
      dob: 'Date of birth',
      sex: 'Sex',
      onset_dt: 'First weakness',
      diagnosis_dt: 'Diagnosis',
      onset_where___1: 'Site of onset (choice=Bulbar)',
      onset_where___2: 'Site of onset (choice=Limb)',
      onset_where___3: 'Site of onset (choice=Respiratory)',
      frs_date: 'Date of assessment',
      frs_speech: 'Speech',
      frs_total: 'Total',
      alsfrsr_complete: 'Complete?',
    }
    const header = files[data].split('\n')[0]
    const labels = header
      .split(',')
      .map((name) => names[name] ?? name)
      .join(',')
    const raw = await readFiles(files, { mapping })
    const labelled = await readFiles({ ...files, [data]: files[data].replace(header, labels) }, { mapping })
    expect(labelled.source).toBe('redcap')
    expect(labelled.visits).toEqual(raw.visits)
    expect(labelled.patients).toEqual(raw.patients)
    expect(labelled.counts).toEqual(raw.counts)
    const bare = ['Record ID,Event Name,Speech', '1,clinic,4 - Normal speech', ''].join('\n')
    const seen = await readFiles({ ...files, [data]: bare }, { mapping: { ...mapping, visit_days: { clinic: 0 } } })
    expect([seen.source, seen.visits[0]?.q1, seen.counts.scale_unknown]).toEqual(['redcap', undefined, 1])
    const twice = labels.replace('demographics_complete', 'Complete?')
    expect(await failure({ [data]: files[data].replace(header, twice) })).toMatch(
      /:1 the header names 'Complete\?' twice/,
    )
  })

  it('copies no identifier anywhere', async () => {
    // A date of birth that is none is refused without being repeated.
    const odd = { ...files, [data]: files[data].replace('1955-06-30', '1955-06-31') }
    const records = await readFiles(odd, { mapping })
    expect(records.places).toContain(`value_invalid ${data}:9 dob`)
    const all = JSON.stringify([records, [...records.findings.rows()]])
    for (const identifier of ['Invented Person', '00001001', '1961-06-30', '1961', '1955-06', 'north'])
      expect(all).not.toContain(identifier)
  })

  it('refuses an identifier that the mapping names, and records without a dictionary', async () => {
    expect(await failure({}, { ...mapping, patients: { sample: 'mrn' } })).toMatch(
      /^FormatInvalid ALSClinic_DataDictionary_2024-05-01.csv:4 .*'mrn' as an identifier/,
    )
    expect(
      await failure({
        [dictionary]: files[dictionary].replace(
          'record_id,demographics,,text,Record ID,,,,,,,',
          'record_id,demographics,,text,Record ID,,,,,,y,',
        ),
      }),
    ).toMatch(/:2 .*'record_id' as an identifier/)
    await expect(readFiles({ [data]: files[data] }, { kind: 'redcap' })).rejects.toMatchObject({ code: 'FileNotFound' })
    expect(await failure({ [dictionary]: files[dictionary].replace(',,y,,', ',,maybe,,') })).toMatch(
      /Identifier\? .*'maybe'/,
    )
  })

  it('refuses codes that tell no scores, or turn the scale round', async () => {
    const choices = '"4, Normal | 3, Slight trouble | 2, Some help | 1, Much help | 0, Not possible"'
    const saliva = (text: string) => ({ [dictionary]: files[dictionary].replace(choices, text) })
    expect(
      await failure(saliva('"1, Normal | 2, Slight trouble | 3, Some help | 4, Much help | 5, Not possible"')),
    ).toMatch(/:14 the choices of 'frs_saliva' tell no scores/)
    expect(
      await failure(saliva('"0, Normal | 1, Slight trouble | 2, Some help | 3, Much help | 4, Not possible"')),
    ).toMatch(/:14 'frs_saliva' scores normal function as 0/)
    expect(await failure(saliva('"4, 3 | 3, 4 | 2, 2 | 1, 1 | 0, 0"'))).toMatch(/is the code of another of its choices/)
    const sex = { [dictionary]: files[dictionary].replace('1, Male | 2, Female', '1, 2 | 2, 1') }
    expect(await failure(sex)).toMatch(/the label '2' of 'sex' is the code of another/)
    expect(await failure(saliva('"4, Normal | 4, Slight"'))).toMatch(/two choices with the code 4/)
  })

  it('asks for fields instead of guessing them', async () => {
    expect(await failure({}, {})).toMatch(
      /^ColumnMissing .*mapping: visits: items: \(fields whose labels speak of one: frs_speech, frs_saliva/,
    )
    expect(await failure({}, { visits: { items: { q1: 'frs_speach' } } })).toMatch(
      /the field 'frs_speach', which the data dictionary does not have/,
    )
    expect(await failure({}, { visits: { items, date: 'sex' } })).toMatch(/'sex' as date, which is no date field/)
    const two = files[dictionary].replace(
      'frs_speech,',
      'frs_second,alsfrsr,,text,Date of scoring,,,date_ymd,,,,,,,,,,\nfrs_speech,',
    )
    expect(await failure({ [dictionary]: two })).toMatch(
      /which field holds the date of a visit is not clear.*frs_date, frs_second/,
    )
  })

  it('takes days from events, and dates from another row of the event', async () => {
    const plain =
      'record_id,redcap_event_name,q1,total,seen\n1,visit_1_arm_1,4,40,\n1,visit_2_arm_1,3,38,\n1,visit_9_arm_1,3,37,\n'
    const own = (extra: string) =>
      `Variable / Field Name,Form Name,Field Type,Field Label,"Choices, Calculations, OR Slider Labels",Text Validation Type OR Show Slider Number,Identifier?\nrecord_id,a,text,Id,,,\nq1,frs,text,Speech,,integer,\ntotal,frs,text,Total,,integer,\n${extra}`
    const byEvent = await readFiles(
      { 'dd.csv': own(''), 'rec.csv': plain },
      { mapping: { visit_days: { visit_1_arm_1: 0, visit_2_arm_1: 91 }, visits: { scale: 'ALSFRS-R' } } },
    )
    expect(byEvent.visits.map(({ day, total }) => [day, total])).toEqual([
      [0, 40],
      [91, 38],
    ])
    expect(byEvent.counts).toMatchObject({ visit_undated: 1, total_unverified: 2 })
    const repeating =
      'record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,q1,total,seen\n1,v1,,,,,2020-01-01\n1,v1,frs,1,4,40,\n1,v2,frs,1,4,41,2020-03-01\n1,v3,frs,1,4,42,\n'
    const byDate = await readFiles(
      { 'dd.csv': own('seen,visit,text,Seen,,date_ymd,\n'), 'rec.csv': repeating },
      { mapping: { visits: { scale: 'ALSFRS-R', date: 'seen' } } },
    )
    expect(byDate.visits.map(({ day, total }) => [day, total])).toEqual([
      [0, 40],
      [60, 41],
    ])
    expect(byDate.places).toContain('day_missing rec.csv:5')
  })

  it('reads choices as REDCap writes them', () => {
    expect(parseChoices('1, Yes, often | 2,No|3')).toEqual([
      { code: '1', label: 'Yes, often' },
      { code: '2', label: 'No' },
      { code: '3', label: '3' },
    ])
  })
})
