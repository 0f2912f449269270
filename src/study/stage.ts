import type { Workshop } from '../compute/index.ts'
import type { Manifest } from '../results/manifest.ts'
import type { LoadedStudy } from './load.ts'
import type { Study } from './schema.ts'

export const stageNames = [
  'visits',
  'measures',
  'calls',
  'genotypes',
  'quality',
  'ancestry',
  'matching',
  'calibration',
  'association',
  'loci',
  'regions',
  'biomarkers',
  'survival',
  'replication',
  'planning',
  'report',
] as const
export type StageName = (typeof stageNames)[number]

/** What a stage is given: where to read, where to write, and how to say what it wrote. */
export interface StageContext {
  readonly study: Study
  readonly loaded: LoadedStudy
  readonly workshop: Workshop
  /** Path of a file in the folder that this stage fills. Files appear under their names only when the stage has ended. */
  file(name: string): string
  /** The folder being filled. */
  readonly folder: string
  /** Path of a file of an earlier stage. */
  from(stage: StageName, name: string): string
  /** Reads a JSON document of an earlier stage. */
  read<T>(stage: StageName, name: string): Promise<T>
  /** Writes a JSON document; members named in `notInDigest` (paths, formats, counters of work) do not enter the digest. */
  json(name: string, value: unknown, notInDigest?: readonly string[]): Promise<void>
  /** Adds to the stage's digest what is not a table or a JSON document. */
  digest(name: string, digest: string): void
  /** The manifest as it stands before this stage, and the results folder. */
  provenance(): { manifest: Manifest; out: string }
  /** A sentence for whoever watches. */
  note(text: string): void
}

/** The stages that a stage reads in a study. */
export const stageReads = (stage: Stage, study: Study): readonly StageName[] => stage.readsOf?.(study) ?? stage.reads

export interface Stage {
  readonly name: StageName
  /** Raised when the stage would write something else for the same input. */
  readonly version: number
  readonly reads: readonly StageName[]
  /** What it reads of this study, where that is less. */
  readsOf?(study: Study): readonly StageName[]
  /** What of the study decides the result, beside what is read. */
  parameters(study: Study): unknown
  /** Files outside the results that are read; absolute. */
  inputs(loaded: LoadedStudy): Promise<string[]>
  /** Names of files that also appear in the results folder. */
  readonly publish: readonly string[]
  run(context: StageContext): Promise<void>
}
