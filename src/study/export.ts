import { createHash, randomBytes } from 'node:crypto'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleLines, cohortText, exportedPeople, isFhirId, parseDefinitions, rowsTsv } from '../clinical/index.ts'
import { isUpturnError, UpturnError } from '../errors/index.ts'
import { createFile, fileExists, withPath, writeWhole } from '../host/node/files.ts'
import { nodeHost } from '../host/node/index.ts'
import {
  type Call,
  callsTable,
  type GroupRow,
  groupsTable,
  type Patient,
  patientsTable,
  type Visit,
  visitsTable,
} from '../results/clinical.ts'
import type { Manifest } from '../results/manifest.ts'
import { definitionFiles } from './clinical-files.ts'
import type { LoadedStudy } from './load.ts'
import { readRows } from './rows.ts'
import { notice } from './run.ts'
import type { StageName } from './stage.ts'
import { loadStages } from './stages/index.ts'
import { upturnVersion } from './version.ts'

export interface ExportedFiles {
  files: string[]
  people: number
  /** Where the ids of the study stand beside those that were written; null where they are the same. */
  ids: string | null
}

const keyFile = 'export-key'
const idsFile = 'export-ids.tsv'

/** The key from which pseudonyms of this results folder are made: drawn once, kept beside the results, never with what is exported. */
async function exportKey(out: string): Promise<string> {
  const path = join(out, keyFile)
  if (await fileExists(path)) {
    const key = (await withPath(path, () => readFile(path, 'utf8'))).trim()
    if (/^[0-9a-f]{64}$/.test(key)) return key
    throw new UpturnError('FileDamaged', 'the key of the exports is damaged; take it away to export under new ids', {
      place: { file: path },
    })
  }
  const key = randomBytes(32).toString('hex')
  await writeWhole(path, `${key}\n`)
  await chmod(path, 0o600)
  return key
}

/** A pseudonym of 64 bits: nobody finds the id behind it without the key. */
function pseudonym(key: string, patient: string): string {
  return `UP-${createHash('sha256').update(`${key}\0${patient}`).digest('hex').slice(0, 16)}`
}

/** What the current results of a study say of the stage; refuses where it was not run. */
async function currentRun(out: string): Promise<{ manifest: Manifest; folderOf(stage: StageName): string }> {
  const stages = await loadStages()
  const path = join(out, 'manifest.json')
  let manifest: Manifest
  try {
    manifest = JSON.parse(await withPath(path, () => readFile(path, 'utf8'))) as Manifest
  } catch (error) {
    if (!isUpturnError(error, 'FileNotFound') && !(error instanceof SyntaxError)) throw error
    throw new UpturnError(
      'FileNotFound',
      'there are no results to export; run the study first (upturn run, or upturn call)',
      {
        place: { file: out },
        cause: error,
      },
    )
  }
  return {
    manifest,
    folderOf(stage) {
      const record = manifest.stages.find((one) => one.stage === stage)
      if (record === undefined)
        throw new UpturnError(
          'FileNotFound',
          `the results hold no ${stage}; run the study first (upturn run, or upturn call)`,
          {
            place: { file: out },
          },
        )
      if (record.version !== stages.get(stage)?.version)
        throw new UpturnError(
          'FormatUnknown',
          `the results were written by another version of Upturn (${manifest.upturn}, ${stage} ${record.version}); run the study again`,
          { place: { file: path } },
        )
      return join(out, '.stages', record.folder)
    },
  }
}

/**
 * Writes what a study found about people in a form that others read, from its current results, into `exports/` of the results folder.
 * People leave under pseudonyms unless their ids are to be kept. Refuses (`BadArgument`) ids that FHIR does not allow.
 */
export async function exportStudy(
  loaded: LoadedStudy,
  options: { out: string; kind: 'phenopackets' | 'calls' | 'fhir'; file?: string; keepIds?: boolean; created?: string },
  signal: AbortSignal,
): Promise<ExportedFiles> {
  const { out, kind } = options
  const host = nodeHost()
  const { manifest, folderOf } = await currentRun(out)
  const read = <T>(stage: StageName, name: string, table: typeof patientsTable) =>
    readRows<T>(host, join(folderOf(stage), name), table)
  const patients = await read<Patient>('visits', 'patients.parquet', patientsTable)
  const visits = await read<Visit>('visits', 'visits.parquet', visitsTable)
  const calls = await read<Call>('calls', 'calls.parquet', callsTable)
  const groups = await read<GroupRow>('calls', 'groups.parquet', groupsTable)
  signal.throwIfAborted()

  const key = options.keepIds ? null : await exportKey(out)
  const ids = new Map(patients.map(({ patient }) => [patient, key === null ? patient : pseudonym(key, patient)]))
  if (new Set(ids.values()).size < ids.size)
    throw new UpturnError(
      'Internal',
      'two people have one pseudonym; take away the key of the exports and export again',
      {
        place: { file: join(out, keyFile) },
      },
    )
  const idOf = (patient: string) => ids.get(patient) ?? ''
  if (kind === 'fhir') {
    const odd = [...ids.values()].find((id) => !isFhirId(id))
    if (odd !== undefined)
      throw new UpturnError(
        'BadArgument',
        `'${odd}' is no id that FHIR allows (letters, digits, - and ., 48 at most); export without --keep-ids`,
      )
  }
  const definitions = parseDefinitions(await definitionFiles(loaded))
  const own = (manifest.parameters as LoadedStudy['study']).phenotype.definition
  const version = definitions.find(({ id }) => id === own)?.version
  const definition = version === undefined ? own : `${own} ${version}`
  const people = exportedPeople({ patients, visits, calls, groups }, own, idOf)
  const folder = join(out, 'exports')
  const created = options.created ?? new Date().toISOString()
  const text = { phenopackets: 'phenopackets.json', fhir: 'fhir.ndjson', calls: 'calls.tsv' }
  const path = options.file ?? join(folder, text[kind])
  const files = [path]
  if (kind === 'phenopackets')
    await writePieces(
      path,
      cohortText(people, { study: loaded.study.name, definition, created, createdBy: `Upturn ${upturnVersion()}` }),
      signal,
    )
  else if (kind === 'fhir') await writePieces(path, bundleLines(people, definition), signal)
  else {
    const renamed = <T extends { patient: string }>(rows: readonly T[]) =>
      rows
        .map((row) => ({ ...row, patient: idOf(row.patient) }))
        .sort((a, b) => (a.patient < b.patient ? -1 : a.patient > b.patient ? 1 : 0))
    await writeWhole(path, rowsTsv(callsTable, renamed(calls)))
    const beside = path.replace(/(\.[^./\\]*)?$/, '-people$1')
    await writeWhole(beside, rowsTsv(groupsTable, renamed(groups)))
    files.push(beside)
  }
  if (options.file === undefined) {
    const readme = join(folder, 'README.txt')
    await writeWhole(readme, readmeText(loaded.study.name, definition, manifest, key !== null))
    files.push(readme)
  }
  if (key !== null)
    await writeWhole(
      join(out, idsFile),
      `patient\tid\n${[...ids].map(([patient, id]) => `${/["\t\r\n]/.test(patient) ? `"${patient.replaceAll('"', '""')}"` : patient}\t${id}`).join('\n')}\n`,
    )
  return { files, people: patients.length, ids: key === null ? null : join(out, idsFile) }
}

async function writePieces(path: string, pieces: Iterable<string>, signal: AbortSignal): Promise<void> {
  const sink = await createFile(path)
  try {
    for (const piece of pieces) {
      signal.throwIfAborted()
      await sink.write(Buffer.from(piece))
    }
    await sink.commit()
  } catch (error) {
    await sink.discard()
    throw error
  }
}

function readmeText(study: string, definition: string, manifest: Manifest, pseudonyms: boolean): string {
  return `${study}
Calls by the definition ${definition}, Upturn ${manifest.upturn}, results ${manifest.resultDigest}.

CONTROLLED ACCESS. One row or record is one person. With so few people, scores over time can tell who somebody is, whatever the
id says: give these files only to those whom the participants' consent and your data access agreement allow.

${pseudonyms ? `Ids are pseudonyms. ${idsFile} and ${keyFile}, in the folder above, lead back to the people: they must not leave with the files.` : 'Ids are those of the study.'}
No dates of birth or of visits are told. Times are ages, or days since day 0 of the source; dates of the year 1900 or near it are made
up, and only the days between them mean something.

${notice}
`
}
