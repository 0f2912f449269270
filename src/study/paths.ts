import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { samplePathBeside } from '../genotypes/bgen/people.ts'
import type { OpenOptions } from '../genotypes/import/file.ts'
import { pgenCandidates } from '../genotypes/pgen/files.ts'
import { withPath } from '../host/node/files.ts'
import type { LoadedStudy } from './load.ts'
import { type Cohort, genotypeFormats, type StudyGenotypeFormat } from './schema.ts'

/** One genotype file of a study and what it is opened with; paths are absolute. */
export interface StudyGenotypeFile extends OpenOptions {
  path: string
  format: StudyGenotypeFormat
}

/** The genotype files of a cohort, in the order given. */
export function genotypeFiles(
  loaded: LoadedStudy,
  genotypes: Cohort['genotypes'],
): { format: StudyGenotypeFormat; files: StudyGenotypeFile[] } {
  const format = genotypeFormats.find((name) => genotypes[name] !== undefined) ?? 'vcf'
  const full = (path: string) => resolve(loaded.folder, path)
  const { ref, sample } = genotypes
  const files = [genotypes[format] ?? []].flat().map((path, index) => {
    const people = Array.isArray(sample) ? sample[index] : sample
    return {
      path: full(path),
      format,
      ...(ref !== undefined && { ref }),
      ...(people !== undefined && { sample: full(people) }),
    }
  })
  return { format, files }
}

/** Every file that genotype files stand for: those of PLINK come in threes, a BGEN perhaps with its .sample file. */
export function genotypeInputs(files: readonly StudyGenotypeFile[]): string[] {
  const inputs = files.flatMap(({ path, format, sample }) => {
    if (format === 'bed') return ['.bed', '.bim', '.fam'].map((ending) => path.replace(/\.bed$/, '') + ending)
    if (format === 'pgen') {
      const { genotypes, index, variants, samples } = pgenCandidates(path, existsSync)
      const found = (names: readonly string[]) => names.find((name) => existsSync(name)) ?? names[0]
      return [genotypes, ...(existsSync(index) ? [index] : []), found(variants), found(samples)]
    }
    if (format !== 'bgen') return [path]
    const beside = samplePathBeside(path)
    return sample !== undefined ? [path, sample] : existsSync(beside) ? [path, beside] : [path]
  })
  return [...new Set(inputs)]
}

/** Of the inputs of a study's genotypes, those that say who is male and female. */
export function sexInputs(loaded: LoadedStudy): string[] {
  const files = Object.values(loaded.study.cohorts).flatMap(({ genotypes }) => genotypeFiles(loaded, genotypes).files)
  return genotypeInputs(files).filter((path) => /\.(fam|psam|sample)$/.test(path))
}

/** Absolute path of the study's FASTA file, undefined where it names none. */
export function referencePath(loaded: LoadedStudy): string | undefined {
  const { reference } = loaded.study
  return reference === undefined ? undefined : resolve(loaded.folder, reference)
}

/** Files of a clinical source: itself, or everything in its folder, and those that its mapping names elsewhere. */
export async function clinicalInputs(
  loaded: LoadedStudy,
  { path, mapping = {} }: NonNullable<Cohort['clinical']>,
): Promise<string[]> {
  const full = resolve(loaded.folder, path)
  const information = await withPath(full, () => stat(full))
  const isFolder = information.isDirectory()
  const own = isFolder
    ? (await readdir(full, { withFileTypes: true }))
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map((entry) => join(full, entry.name))
    : [full]
  const named = [mapping.visits?.file, mapping.patients?.file, mapping.labs?.file].filter((file) => file !== undefined)
  const folder = isFolder ? full : dirname(full)
  return [...new Set([...own, ...named.map((file) => resolve(folder, file))])].sort()
}
