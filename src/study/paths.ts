import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { withPath } from '../host/node/files.ts'
import type { LoadedStudy } from './load.ts'
import { type Cohort, genotypeFormats, type StudyGenotypeFormat } from './schema.ts'

/** The one cohort of a study and its name. */
export function cohortOf(loaded: LoadedStudy): { name: string; cohort: Cohort } {
  const [name, cohort] = Object.entries(loaded.study.cohorts)[0]
  return { name, cohort }
}

/** Format and absolute paths of the genotype files of a cohort, in the order given. */
export function genotypeFiles(
  loaded: LoadedStudy,
  genotypes: Cohort['genotypes'],
): { format: StudyGenotypeFormat; paths: string[] } {
  const format = genotypeFormats.find((name) => genotypes[name] !== undefined) ?? 'vcf'
  const given = genotypes[format] ?? []
  return { format, paths: (typeof given === 'string' ? [given] : given).map((path) => resolve(loaded.folder, path)) }
}

/** Every file that a genotype path stands for: a BED comes with its BIM and FAM. */
export function genotypeInputs(format: StudyGenotypeFormat, paths: readonly string[]): string[] {
  return format !== 'bed'
    ? [...paths]
    : paths.flatMap((path) => ['.bed', '.bim', '.fam'].map((ending) => path.replace(/\.bed$/, '') + ending))
}

/** Absolute path of the study's FASTA file, undefined where it names none. */
export function referencePath(loaded: LoadedStudy): string | undefined {
  const { reference } = loaded.study
  return reference === undefined ? undefined : resolve(loaded.folder, reference)
}

/** Files of a clinical source: itself, or everything in its folder. */
export async function clinicalInputs(loaded: LoadedStudy, path: string): Promise<string[]> {
  const full = resolve(loaded.folder, path)
  const information = await withPath(full, () => stat(full))
  if (!information.isDirectory()) return [full]
  const names = await readdir(full, { withFileTypes: true })
  return names
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(full, entry.name))
    .sort()
}
