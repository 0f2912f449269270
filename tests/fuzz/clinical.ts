import {
  detectDelimiter,
  openTable,
  openTableFile,
  readClinical,
  type TableEncoding,
} from '../../src/clinical/index.ts'
import { workbook } from '../../src/clinical/testing/workbook.ts'
import type { Host } from '../../src/host/host.ts'
import type { Subject } from './fuzz.ts'

const signal = new AbortController().signal
const bytesOf = (text: string) => new TextEncoder().encode(text)

interface Reading {
  header: string[]
  rows: { line: number; cells: string[] }[]
}

/** The plain twin of the reader of delimited text: one character at a time. Null where the text is refused. */
function tableTwin(text: string): Reading | null {
  const records: { line: number; cells: string[] }[] = []
  let delimiter = ','
  let line = 1
  let at = 0
  const first = () => {
    let quoted = false
    for (let k = at; k < text.length; k++) {
      if (text[k] === '"') quoted = !quoted
      else if (text[k] === '\n' && !quoted && text.slice(at, k).trim() !== '') return text.slice(at, k)
    }
    return text.slice(at)
  }
  delimiter = detectDelimiter(first())
  while (at < text.length) {
    const record = { line, cells: [] as string[] }
    const begin = at
    for (;;) {
      let cell = ''
      if (text[at] === '"') {
        at++
        for (;;) {
          if (at >= text.length) return null
          if (text[at] === '"' && text[at + 1] === '"') at++
          else if (text[at] === '"') break
          if (text[at] === '\n') line++
          cell += text[at++]
        }
        at++
        if (text[at] === '\r' && (at + 1 === text.length || text[at + 1] === '\n')) at++
        if (at < text.length && text[at] !== delimiter && text[at] !== '\n') return null
      } else {
        while (at < text.length && text[at] !== delimiter && text[at] !== '\n') cell += text[at++]
        if ((at === text.length || text[at] === '\n') && cell.endsWith('\r')) cell = cell.slice(0, -1)
      }
      record.cells.push(cell)
      if (text[at] !== delimiter) break
      at++
    }
    if (text[at] === '\n') {
      at++
      line++
    }
    if (record.cells.length > 1 || record.cells[0] !== '' || text[begin] === '"') records.push(record)
  }
  const [header, ...rows] = records
  return header === undefined ? null : { header: header.cells.map((name) => name.trim()), rows }
}

const decoded = (bytes: Uint8Array, encoding: string) => new TextDecoder(encoding).decode(bytes)

function textSubject(
  name: string,
  bytes: Uint8Array,
  encoding: TableEncoding,
  decode: (bytes: Uint8Array) => string,
): Subject {
  return {
    name: `clinical: ${name}`,
    files: new Map([['t.csv', bytes]]),
    truth: (files) => tableTwin(decode(files.get('t.csv') ?? bytes)),
    async read(host) {
      const table = await openTable(await host.open('t.csv'), signal, { encoding })
      const rows: Reading['rows'] = []
      for await (const batch of table.rows) rows.push(...batch)
      return { header: table.header, rows }
    },
  }
}

const table = `id,"n ""o"" te",x\r\n1,"a ""b"", c\r\nsecond",4\r\n\r\n2,é,\r\n"3",=1+1,5\r\n`
const inWords = (text: string) => {
  const bytes = new Uint8Array(2 + 2 * text.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0xfeff, true)
  for (let i = 0; i < text.length; i++) view.setUint16(2 + 2 * i, text.charCodeAt(i), true)
  return bytes
}
const utf16 = (bytes: Uint8Array) =>
  bytes[0] === 0xff && bytes[1] === 0xfe
    ? decoded(bytes, 'utf-16le')
    : bytes[0] === 0xfe && bytes[1] === 0xff
      ? decoded(bytes, 'utf-16be')
      : decoded(bytes, 'utf-8')

const header =
  'subject_id,Q1_Speech,Q2_Salivation,Q5a_Cutting_without_Gastrostomy,Q5b_Cutting_with_Gastrostomy,Q10_Respiratory,ALSFRS_Delta,ALSFRS_Total,ALSFRS_R_Total,R_1_Dyspnea'
const proAct: Record<string, string> = {
  'PROACT_ALSFRS.csv': `${header}\n1,4,3,4,,,0,,40,4\n1,4,3,,2,,30,,39,4\n1,4,3,,2,,30,,39,4\n2,3,3,3,3,4,0,38,,\n3,4,4,4,,,-9,,-9999,PEN\n`,
  'PROACT_ALSHISTORY.csv':
    'subject_id,Site_of_Onset,Onset_Delta,Diagnosis_Delta\n1,Onset: Limb,-400,-300\n1,,,\n2,Onset: Bulbar,-100,-200\n',
  'PROACT_DEMOGRAPHICS.csv': 'subject_id,Age,Date_of_Birth,Sex\n1,60,,Male\n2,,-21000,Female\n3,61,,M\n',
  'PROACT_DEATHDATA.csv': 'subject_id,Subject_Died,Death_Days\n1,Yes,500\n2,No,\n',
  'PROACT_LABS.csv':
    'subject_id,Test_Name,Test_Result,Test_Unit,Laboratory_Delta\n1,IGF-1,<25,ng/mL,0\n1,IGF-1,101.5,ng/mL,7\n2,ALT,12,U/L,3\n',
  'PROACT_VITALSIGNS.csv':
    'subject_id,Weight,Weight_Units,Vital_Signs_Delta\n1,70,Kilograms,0\n1,152.1,Kilograms,30\n2,150,lbs,0\n',
}

async function records(host: Host, options: Parameters<typeof readClinical>[0]) {
  const { patients, visits, labs, findings } = await readClinical(options, host, signal)
  for (const { day, total } of visits)
    if (!Number.isInteger(day) || !(total === null || (total >= 0 && total <= 48)))
      throw new Error(`a visit on day ${day} with total ${total}`)
  return { patients, visits, labs: [...labs], findings: findings.size }
}

const cells = (row: number, ...values: string[]) => `<row r="${row}">${values.join('')}</row>`
const words = (...values: string[]) => values.map((value) => `<c t="inlineStr"><is><t>${value}</t></is></c>`).join('')
const book = workbook({
  strings: ['p1', 'p2 &'],
  formats: [14, 'dd.mm.yyyy'],
  sheets: {
    Visits: `${cells(1, words('patient', 'seen', 'total'))}${cells(2, '<c t="s"><v>0</v></c><c s="1"><v>43831</v></c><c><v>40</v></c>')}${cells(4, '<c t="s"><v>1</v></c><c s="2"><v>43861.5</v></c><c><f>A1</f><v>39</v></c>')}`,
    Notes: '',
  },
})

/** Bytes 0x80 to 0x9f of Windows-1252 by code point; TextDecoder of some Node versions leaves them as they are. */
const upper = [
  0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
  0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
]
const windows1252 = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => String.fromCharCode(byte >= 0x80 && byte < 0xa0 ? upper[byte - 0x80] : byte)).join('')

/** Clinical tables, each with what else can say what its bytes mean. */
export function clinicalSubjects(): Subject[] {
  const latin = Uint8Array.from(table, (letter) => letter.charCodeAt(0))
  const european = `id;seen;total;age\na;01.02.2020;40;61,5\na;01.03.2020;39;61,5\nb;2020-01-05;38;70\n`
  return [
    textSubject('CSV', bytesOf(table), 'utf-8', utf16),
    textSubject('CSV in UTF-16', inWords(table), 'utf-8', utf16),
    textSubject('CSV in Windows-1252', latin, 'windows-1252', (bytes) => {
      try {
        if (bytes[0] + bytes[1] === 0x1fd) return utf16(bytes)
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      } catch {
        return windows1252(bytes)
      }
    }),
    {
      name: 'clinical: workbook',
      files: new Map([['b.xlsx', book]]),
      truth: 'unchanged',
      async read(host) {
        const opened = await openTableFile('b.xlsx', host, signal, {}, 'visits')
        const rows = []
        for await (const batch of opened.rows) rows.push(...batch)
        return { header: opened.header, rows: rows.map(({ line, cells, notes }) => [line, cells, [...(notes ?? [])]]) }
      },
    },
    {
      name: 'clinical: PRO-ACT folder',
      files: new Map(Object.entries(proAct).map(([name, text]) => [name, bytesOf(text)])),
      truth: null,
      read: (host) => records(host, { kind: 'pro-act', path: '', cohort: 'c' }),
    },
    {
      name: 'clinical: plain table, European',
      files: new Map([['visits.csv', bytesOf(european)]]),
      truth: null,
      read: (host) =>
        records(host, {
          kind: 'table',
          path: 'visits.csv',
          cohort: 'c',
          format: { decimals: 'comma', dates: 'DD.MM.YYYY' },
          mapping: {
            visits: { patient: 'id', date: 'seen', scale: 'ALSFRS-R' },
            patients: { file: 'visits.csv', patient: 'id', age_at_onset: 'age' },
          },
        }),
    },
  ]
}
