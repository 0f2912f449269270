import type { Host } from '../../host/host.ts'
import { type ClinicalRecord, igf1Limit, type SimulatedVisit } from '../clinic/record.ts'
import type { Member } from '../people/roster.ts'
import { commaSeparated, writeText } from './text-file.ts'

export interface PersonRecord {
  readonly member: Member
  readonly record: ClinicalRecord
}

type Cells = (string | number)[]

interface Table {
  readonly name: string
  readonly header: readonly string[]
  readonly rows: (person: PersonRecord) => Cells[]
}

function alsfrsRow(patient: string, { day, total, items, gastrostomy }: SimulatedVisit): Cells {
  const [speech, salivation, swallowing, handwriting, cutting, dressing, turning, walking, climbing, ...breathing] =
    items
  const [dyspnea, orthopnea, insufficiency] = breathing
  const without = gastrostomy ? '' : cutting
  const withTube = gastrostomy ? cutting : ''
  return [
    patient,
    speech,
    salivation,
    swallowing,
    handwriting,
    without,
    withTube,
    dressing,
    turning,
    walking,
    climbing,
    '',
    day,
    '',
    total,
    dyspnea,
    orthopnea,
    insufficiency,
    '',
    '',
  ]
}

/** Tables in the PRO-ACT layout (release of 2022), and GENOTYPED.csv, which joins people to samples. */
const tables: readonly Table[] = [
  {
    name: 'ALSFRS',
    header: [
      'subject_id',
      'Q1_Speech',
      'Q2_Salivation',
      'Q3_Swallowing',
      'Q4_Handwriting',
      'Q5a_Cutting_without_Gastrostomy',
      'Q5b_Cutting_with_Gastrostomy',
      'Q6_Dressing_and_Hygiene',
      'Q7_Turning_in_Bed',
      'Q8_Walking',
      'Q9_Climbing_Stairs',
      'Q10_Respiratory',
      'ALSFRS_Delta',
      'ALSFRS_Total',
      'ALSFRS_R_Total',
      'R_1_Dyspnea',
      'R_2_Orthopnea',
      'R_3_Respiratory_Insufficiency',
      'Mode_of_Administration',
      'ALSFRS_Responded_By',
    ],
    rows: ({ member, record }) => record.visits.map((visit) => alsfrsRow(member.patient, visit)),
  },
  {
    name: 'ALSHISTORY',
    header: [
      'subject_id',
      'Subject_ALS_History_Delta',
      'Site_of_Onset',
      'Site_of_Onset___Bulbar',
      'Site_of_Onset___Limb',
      'Onset_Delta',
      'Diagnosis_Delta',
    ],
    rows: ({ member, record: { site, onsetDay, diagnosisDay } }) => [
      [
        member.patient,
        0,
        site === 'bulbar' ? 'Onset: Bulbar' : 'Onset: Limb',
        site === 'bulbar' ? 1 : '',
        site === 'limb' ? 1 : '',
        onsetDay,
        diagnosisDay,
      ],
    ],
  },
  {
    name: 'DEMOGRAPHICS',
    header: ['subject_id', 'Demographics_Delta', 'Age', 'Date_of_Birth', 'Sex'],
    rows: ({ member, record }) => [[member.patient, 0, record.age, '', member.person.male ? 'Male' : 'Female']],
  },
  {
    name: 'DEATHDATA',
    header: ['subject_id', 'Subject_Died', 'Death_Days'],
    rows: ({ member, record: { deathDay } }) => [
      [member.patient, deathDay === null ? 'No' : 'Yes', deathDay === null ? '' : deathDay],
    ],
  },
  {
    name: 'RILUZOLE',
    header: ['subject_id', 'Subject_used_Riluzole', 'Riluzole_use_Delta'],
    rows: ({ member, record: { riluzole, riluzoleDay } }) => [
      [member.patient, riluzole ? 'Yes' : 'No', riluzole ? riluzoleDay : ''],
    ],
  },
  {
    name: 'ELESCORIAL',
    header: ['subject_id', 'el_escorial', 'delta_days'],
    rows: ({ member, record: { elEscorial } }) => [[member.patient, elEscorial, 0]],
  },
  {
    name: 'LABS',
    header: ['subject_id', 'Test_Name', 'Test_Result', 'Test_Unit', 'Laboratory_Delta'],
    rows: ({ member, record: { igf1 } }) =>
      igf1.map(({ day, value }) => [
        member.patient,
        'IGF-1',
        value < igf1Limit ? `<${igf1Limit}` : Math.round(value),
        'ng/mL',
        day,
      ]),
  },
  {
    name: 'GENOTYPED',
    header: ['subject_id', 'sample_id', 'DNA_Source', 'Mimic', 'Known_Mutation'],
    rows: ({ member, record: { dnaSource, mimic, mutation } }) => [
      [member.patient, member.sample, dnaSource, mimic, mutation],
    ],
  },
]

/** Writes the tables in a folder, rows by patient. GENOTYPED is left out where nobody is genotyped. */
export async function writeClinicalTables(
  host: Host,
  folder: string,
  people: readonly PersonRecord[],
  genotyped: boolean,
): Promise<void> {
  const sorted = [...people].sort((a, b) => Number(a.member.patient) - Number(b.member.patient))
  for (const { name, header, rows } of tables) {
    if (name === 'GENOTYPED' && !genotyped) continue
    await writeText(host, `${folder}/${name}.csv`, commaSeparated(header, sorted.flatMap(rows)))
  }
}
