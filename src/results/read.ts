import { UpturnError } from '../errors/index.ts'
import type { ByteSource, Cell, ColumnBatch, Host, TableSchema } from '../host/host.ts'
import { type AssociationSummary, associationsTable } from './association.ts'
import type { Biomarkers } from './biomarkers.ts'
import type { Calibration } from './calibration.ts'
import {
  type Call,
  type CallsSummary,
  callsTable,
  type GroupRow,
  groupsTable,
  type Intake,
  type Patient,
  patientsTable,
  type Visit,
  visitsTable,
} from './clinical.ts'
import {
  type AncestryRow,
  type AncestrySummary,
  ancestryTable,
  componentsStored,
  type GenotypesSummary,
  type Quality,
  type SampleQuality,
  samplesTable,
} from './genotypes.ts'
import type { Loci } from './loci.ts'
import type { Manifest } from './manifest.ts'
import { type MatchingSummary, type MatchRow, matchingTable } from './matching.ts'
import { type MeasuresSummary, measuresTable, type PersonMeasures } from './measures.ts'
import type { Plan, Replication } from './planning.ts'
import type { RegionsSummary } from './regions.ts'
import { readRows } from './rows.ts'
import type { SourcesSummary } from './sources.ts'
import type { SurvivalSummary } from './survival.ts'

/** A score on a day; what a trajectory needs of a visit. */
export type VisitScore = Pick<Visit, 'patient' | 'day' | 'scale' | 'total'>

/** Every variant that was tested, as columns: 13 bytes a variant. */
export interface Scan {
  /** Names in order of first appearance. */
  chromosomes: string[]
  /** Index into `chromosomes`. */
  chromosome: Uint8Array
  position: Int32Array
  /** Of the statistic that the primary test ranks by; NaN where no test was possible. */
  negLog10P: Float64Array
}

/** One of the strongest rows of the scan, complete. */
export type AssociationRow = Record<string, Cell>

/** Everything that a finished study wrote and a report shows. A stage that was not run is null (or an empty list). */
export interface StudyResults {
  manifest: Manifest
  intake: Intake | null
  patients: Patient[]
  visits: VisitScore[]
  measures: PersonMeasures[]
  measuresSummary: MeasuresSummary | null
  calls: Call[]
  groups: GroupRow[]
  callsSummary: CallsSummary | null
  genotypes: GenotypesSummary | null
  quality: Quality | null
  samples: SampleQuality[]
  ancestry: AncestryRow[]
  ancestrySummary: AncestrySummary | null
  matching: MatchingSummary | null
  matches: MatchRow[]
  calibration: Calibration | null
  association: AssociationSummary | null
  sources: SourcesSummary | null
  regions: RegionsSummary | null
  scan: Scan | null
  /** The smallest primary p first. */
  strongest: AssociationRow[]
  loci: Loci | null
  biomarkers: Biomarkers | null
  survival: SurvivalSummary | null
  plan: Plan | null
  replication: Replication | null
}

export const strongestKept = 30

async function readWhole(host: Host, path: string): Promise<string> {
  const source: ByteSource = await host.open(path)
  try {
    return new TextDecoder().decode(await source.read(0, source.size))
  } finally {
    await source.close()
  }
}

async function readJson<T>(host: Host, path: string): Promise<T> {
  const text = await readWhole(host, path)
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw new UpturnError('FormatInvalid', 'this result file is not JSON; run the study again to make it anew.', {
      place: { file: path },
      cause,
    })
  }
}

/** The folder of a table or a document: the stage that the manifest says is current. */
function locate(folder: string, manifest: Manifest): Map<string, string> {
  const where = new Map<string, string>()
  for (const stage of manifest.stages)
    for (const file of stage.files) where.set(file, `${folder}/.stages/${stage.folder}/${file}`)
  return where
}

const subset = (schema: TableSchema, names: readonly string[]): TableSchema => ({
  ...schema,
  columns: schema.columns.filter((column) => names.includes(column.name)),
})

async function readAncestry(host: Host, path: string | undefined): Promise<AncestryRow[]> {
  if (path === undefined) return []
  const rows = await readRows<Record<string, Cell>>(host, path, ancestryTable)
  return rows.map((row) => {
    const pc: number[] = []
    for (let k = 1; k <= componentsStored; k++) {
      const value = row[`pc${k}`]
      if (typeof value === 'number') pc.push(value)
    }
    return { sample: String(row.sample), pc, outlier: row.outlier === true }
  })
}

/** Columns that grow by doubling, so that the number of variants need not be known. */
class ScanBuilder {
  readonly chromosomes: string[] = []
  #codes = new Map<string, number>()
  #length = 0
  #chromosome = new Uint8Array(1024)
  #position = new Int32Array(1024)
  #negLog10P = new Float64Array(1024)

  add(chromosome: string, position: number, negLog10P: number): void {
    let code = this.#codes.get(chromosome)
    if (code === undefined) {
      code = this.chromosomes.length
      if (code > 255)
        throw new UpturnError('ValueInvalid', 'more than 256 chromosome names; give chromosomes, not contigs.')
      this.#codes.set(chromosome, code)
      this.chromosomes.push(chromosome)
    }
    if (this.#length === this.#position.length) {
      const longer = this.#length * 2
      this.#chromosome = grown(this.#chromosome, new Uint8Array(longer))
      this.#position = grown(this.#position, new Int32Array(longer))
      this.#negLog10P = grown(this.#negLog10P, new Float64Array(longer))
    }
    this.#chromosome[this.#length] = code
    this.#position[this.#length] = position
    this.#negLog10P[this.#length] = negLog10P
    this.#length++
  }

  finish(): Scan {
    return {
      chromosomes: this.chromosomes,
      chromosome: this.#chromosome.slice(0, this.#length),
      position: this.#position.slice(0, this.#length),
      negLog10P: this.#negLog10P.slice(0, this.#length),
    }
  }
}

function grown<T extends Uint8Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}

/** Of the statistic that the primary test ranks by: the thresholds are on its scale. */
const strength = 'primary_neglog10p'

/** Two passes: thin columns of every row, then whole rows of the few strongest. */
async function readScan(
  host: Host,
  path: string | undefined,
): Promise<{ scan: Scan | null; strongest: AssociationRow[] }> {
  if (path === undefined) return { scan: null, strongest: [] }
  const builder = new ScanBuilder()
  const best: number[] = []
  for await (const batch of host.tables.read(path, subset(associationsTable, ['chromosome', 'position', strength]))) {
    for (const [i, chromosome] of batch.chromosome.entries()) {
      const value = batch[strength][i]
      const negLog10P = typeof value === 'number' ? value : Number.NaN
      builder.add(String(chromosome), Number(batch.position[i]), negLog10P)
      if (negLog10P > (best[strongestKept - 1] ?? Number.NEGATIVE_INFINITY)) {
        best.push(negLog10P)
        best.sort((a, b) => b - a)
        best.length = Math.min(best.length, strongestKept)
      }
    }
  }
  const least = best.at(-1) ?? Number.POSITIVE_INFINITY
  const rows: AssociationRow[] = []
  const names = associationsTable.columns.map((column) => column.name)
  for await (const batch of host.tables.read(path, associationsTable) as AsyncIterable<ColumnBatch>)
    for (const [i, value] of batch[strength].entries())
      if (typeof value === 'number' && value >= least)
        rows.push(Object.fromEntries(names.map((name) => [name, batch[name][i]])))
  // The sort is stable, so equal p keep the order of position.
  rows.sort((a, b) => Number(b[strength]) - Number(a[strength]))
  return { scan: builder.finish(), strongest: rows.slice(0, strongestKept) }
}

/**
 * Loads what a finished study wrote under `folder` (the one that holds `manifest.json`), following the manifest to each
 * stage's current folder. A stage that the manifest does not name is null or empty. `current` stands for the manifest of a
 * run that has not ended.
 */
export async function readResults(folder: string, host: Host, current?: Manifest): Promise<StudyResults> {
  const manifest = current ?? (await readJson<Manifest>(host, `${folder}/manifest.json`))
  const where = locate(folder, manifest)
  const document = async <T>(name: string): Promise<T | null> => {
    const path = where.get(name)
    return path === undefined ? null : readJson<T>(host, path)
  }
  const rows = async <T>(name: string, schema: TableSchema): Promise<T[]> => {
    const path = where.get(name)
    return path === undefined ? [] : readRows<T>(host, path, schema)
  }
  return {
    manifest,
    intake: await document<Intake>('intake.json'),
    patients: await rows<Patient>('patients.parquet', patientsTable),
    visits: await rows<VisitScore>('visits.parquet', subset(visitsTable, ['patient', 'day', 'scale', 'total'])),
    measures: await rows<PersonMeasures>('measures.parquet', measuresTable),
    measuresSummary: await document<MeasuresSummary>('measures.json'),
    calls: await rows<Call>('calls.parquet', callsTable),
    groups: await rows<GroupRow>('groups.parquet', groupsTable),
    callsSummary: await document<CallsSummary>('calls.json'),
    genotypes: await document<GenotypesSummary>('genotypes.json'),
    quality: await document<Quality>('quality.json'),
    samples: await rows<SampleQuality>('samples.parquet', samplesTable),
    ancestry: await readAncestry(host, where.get('ancestry.parquet')),
    ancestrySummary: await document<AncestrySummary>('ancestry.json'),
    matching: await document<MatchingSummary>('matching.json'),
    matches: await rows<MatchRow>('matching.parquet', matchingTable),
    calibration: await document<Calibration>('calibration.json'),
    association: await document<AssociationSummary>('association.json'),
    sources: await document<SourcesSummary>('sources.json'),
    regions: await document<RegionsSummary>('regions.json'),
    ...(await readScan(host, where.get('associations.parquet'))),
    loci: await document<Loci>('loci.json'),
    biomarkers: await document<Biomarkers>('biomarkers.json'),
    survival: await document<SurvivalSummary>('survival.json'),
    plan: await document<Plan>('plan.json'),
    replication: await document<Replication>('replication.json'),
  }
}
